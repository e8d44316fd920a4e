"""Paired digits: the same digit three times, nothing else in common, and digits exchanged."""

import pytest
import torch
import torch.nn.functional as F

from lecturelib.adapt.paired_digits import (
    CARRIERS,
    PairedDigits,
    exchanged,
    paired_digits,
    sentence,
    some_of,
)
from lecturelib.adapt.similarity import similarities
from lecturelib.data.images import mnist5k
from lecturelib.data.synthetic import DIGITS

EACH = 20


@pytest.fixture(scope="module")
def drawn() -> PairedDigits:
    return paired_digits(EACH, seed=0)


def test_clip_picture_and_sentence_have_the_digit(drawn: PairedDigits) -> None:
    assert drawn.digit.bincount().tolist() == [EACH] * 10
    test = mnist5k("test")
    label_of = {
        picture.numpy().tobytes(): int(label)
        for picture, label in zip(test.pixels[:, 0], test.label, strict=True)
    }
    for digit, clip, picture, said in zip(
        drawn.digit.tolist(), drawn.clips, drawn.pictures, drawn.sentences, strict=True
    ):
        assert clip.text == DIGITS[digit] == said.words[said.at]
        middle = picture[:, 2:30, 2:30].contiguous()
        assert label_of[middle[0].numpy().tobytes()] == digit
        assert torch.equal(middle[0], middle[1])
        assert torch.equal(middle[0], middle[2])
        assert torch.equal(F.pad(middle, (2, 2, 2, 2)), picture)  # the frame is black


def test_nothing_comes_twice_and_sentences_vary_with_every_digit(drawn: PairedDigits) -> None:
    assert len({clip.wave.numpy().tobytes() for clip in drawn.clips}) == 10 * EACH
    assert len({picture.numpy().tobytes() for picture in drawn.pictures}) == 10 * EACH
    for digit in range(10):
        own = [s for s, d in zip(drawn.sentences, drawn.digit.tolist(), strict=True) if d == digit]
        assert len(set(own)) >= 6
        assert len({s.at for s in own}) >= 4


def test_a_seed_says_what_is_drawn(drawn: PairedDigits) -> None:
    again, other = paired_digits(EACH, seed=0), paired_digits(EACH, seed=1)
    assert torch.equal(again.pictures, drawn.pictures)
    assert not torch.equal(other.pictures, drawn.pictures)
    waves = [[clip.wave.tolist() for clip in one.clips] for one in (drawn, again, other)]
    assert waves[0] == waves[1] != waves[2]
    assert drawn.sentences == again.sentences != other.sentences


def test_without_network_the_machine_speaks_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path))
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    monkeypatch.delenv("LECTURELIB_MIRROR", raising=False)
    things = paired_digits(2, seed=0, split="validation")
    assert [clip.text for clip in things.clips] == 2 * list(DIGITS)
    assert all("synthetic speech" in clip.source for clip in things.clips)


def test_every_carrier_has_one_gap_and_keeps_its_words() -> None:
    for carrier in CARRIERS:
        words, at = sentence(carrier, "seven")
        assert carrier.count("_") == 1
        assert " ".join(words) == carrier.replace("_", "seven")
        assert words[at] == "seven"


def test_in_the_control_each_digit_meets_one_other(drawn: PairedDigits) -> None:
    orders = exchanged(drawn.digit, 30, torch.Generator().manual_seed(0))
    pairings = set()
    for order in orders:
        assert order.sort().values.tolist() == list(range(10 * EACH))
        met = [set(drawn.digit[order][drawn.digit == digit].tolist()) for digit in range(10)]
        assert all(len(one) == 1 for one in met)
        assert all(digit not in one for digit, one in enumerate(met))
        pairings.add(tuple(one.pop() for one in met))
    assert len(pairings) >= 29
    rows = [order[:: len(DIGITS)].sub(order[0]).tolist() for order in orders]
    assert any(row != sorted(row) for row in rows)  # whom a thing meets is luck, too


def test_the_control_keeps_groups_and_loses_which_is_which(drawn: PairedDigits) -> None:
    """Two models that tell digits apart and agree on nothing more: any digit will do. Two that
    agree on the digits' order: only the right one does."""
    rng = torch.Generator().manual_seed(0)
    orders = exchanged(drawn.digit, 40, rng)
    noise = [0.1 * torch.randn(10 * EACH, 10, generator=rng) for _ in range(2)]
    apart = torch.eye(10)[drawn.digit]
    groups = similarities({"a": [apart + noise[0]], "b": [apart + noise[1]]}, orders)
    assert abs(groups.control[:, 0, 1] - groups.matrix[0, 1]).max() < 0.02
    assert groups.matrix[0, 1] > 0.8
    order = drawn.digit[:, None].float()
    lined = similarities({"a": [order + noise[0]], "b": [order + noise[1]]}, orders)
    assert lined.matrix[0, 1] > 0.9
    assert lined.control[:, 0, 1].mean() < 0.3


def test_what_cannot_be_drawn_is_refused(drawn: PairedDigits) -> None:
    rng = torch.Generator().manual_seed(0)
    with pytest.raises(ValueError, match="seven is wanted 2 times, 1 are there"):
        some_of(torch.tensor([7, 1]), torch.tensor([7, 7]), rng)
    with pytest.raises(ValueError, match=r"\[2, 1, .*exchange needs as many of each"):
        exchanged(torch.tensor([0, *range(10)]), 1, rng)
    with pytest.raises(ValueError, match="is wanted 51 times, 50 are there"):
        paired_digits(51, seed=0, split="validation")
