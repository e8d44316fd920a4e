"""Turned pictures: NumPy's rot90, one by one. Hidden words: the published rule, row by row."""

import numpy as np
import pytest
import torch

from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
from lecturelib.masking import mask_words, quarter_turns, turn


def test_every_picture_is_turned_as_numpy_turns_it():
    images = torch.rand(8, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    quarters = torch.tensor([0, 1, 2, 3, 3, 2, 1, 0])
    for image, quarter, turned in zip(images, quarters, turn(images, quarters), strict=True):
        assert np.array_equal(np.rot90(image.numpy(), int(quarter), (1, 2)), turned.numpy())


def test_all_four_turns_come_equally_often_and_are_the_label():
    images = torch.arange(4.0).view(1, 1, 2, 2).expand(4000, 1, 2, 2)
    turned, quarters = quarter_turns(images, torch.Generator().manual_seed(0))
    assert torch.bincount(quarters).tolist() == pytest.approx([1000] * 4, abs=100)
    corner = torch.tensor([0.0, 1.0, 3.0, 2.0])  # what stands top left after k quarters
    assert torch.equal(turned[:, 0, 0, 0], corner[quarters])


def test_a_picture_that_is_not_square_cannot_turn():
    with pytest.raises(ValueError, match="2x3 pictures cannot turn"):
        turn(torch.zeros(1, 1, 2, 3), torch.tensor([1]))


PIECES = from_vocabulary([*SPECIAL, *"abcdefghijklmno"])
WORD = PIECES.ids("a")[0]


def framed(lengths: list[int]) -> torch.Tensor:
    """[CLS] a ... a [SEP] in all so long, then [PAD]."""
    ids = torch.full((len(lengths), max(lengths)), PIECES.pad)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.tensor([PIECES.cls, *[WORD] * (length - 2), PIECES.sep])
    return ids


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("share", [0.15, 0.3, 0.5, 1.0])
def test_exactly_15_percent_of_a_row_are_hidden(share: float) -> None:
    """The published code, row by row: [CLS] and [SEP] count, but are never chosen."""
    lengths = list(range(3, 260))
    hidden = mask_words(framed(lengths), PIECES, seeded(), share=share).hidden
    for row, length in zip(hidden, lengths, strict=True):
        assert int(row.sum()) == min(max(1, round(length * share)), length - 2)
        assert not row[0]
        assert not row[length - 1 :].any()


def test_every_word_is_hidden_equally_often() -> None:
    hidden = mask_words(framed([22] * 8000), PIECES, seeded()).hidden
    assert hidden.sum(0)[1:-1].tolist() == pytest.approx([8000 * 3 / 20] * 20, abs=140)  # 4.4 sigma


def test_an_unknown_word_can_be_hidden_a_special_piece_cannot() -> None:
    """As in the published code, which leaves out [CLS] and [SEP] only."""
    row = [PIECES.cls, PIECES.unk, PIECES.mask, PIECES.sep, PIECES.unk, PIECES.sep, PIECES.pad]
    hidden = mask_words(torch.tensor([row]), PIECES, seeded(), share=1.0).hidden
    assert hidden[0].nonzero().flatten().tolist() == [1, 4]


def test_of_the_hidden_80_percent_are_masked_10_swapped_10_kept() -> None:
    """124,000 draws; a swapped piece is any of the 20, [MASK], [PAD] and itself too."""
    ids = framed([64] * 2000)
    changed, hidden = mask_words(ids, PIECES, seeded(), share=1.0)
    count = int(hidden.sum())
    assert count == 2000 * 62
    found = torch.bincount(changed[hidden], minlength=20) / count
    expected = torch.full((20,), 0.1 / 20)
    expected[PIECES.mask] += 0.8
    expected[WORD] += 0.1
    sigma = (expected * (1 - expected) / count).sqrt()
    assert ((found - expected).abs() < 4.5 * sigma).all()
    assert torch.equal(changed[~hidden], ids[~hidden])


@pytest.mark.parametrize(
    ("mix", "kept"), [((1.0, 0.0, 0.0), 0), ((0.0, 0.0, 1.0), 1), ((0.0, 1.0, 0.0), 1 / 20)]
)
def test_other_mixes(mix: tuple, kept: float) -> None:
    changed, hidden = mask_words(framed([64] * 200), PIECES, seeded(), share=1.0, mix=mix)
    assert (changed[hidden] == WORD).float().mean().item() == pytest.approx(kept, abs=0.01)
    assert (changed[hidden] == PIECES.mask).all() == (mix[0] == 1)


def test_the_same_seed_hides_the_same_and_the_callers_ids_stay() -> None:
    ids = framed([20, 9, 3])
    before = ids.clone()
    first, second, other = (mask_words(ids, PIECES, seeded(n)) for n in (7, 7, 8))
    assert torch.equal(ids, before)
    assert torch.equal(first.ids, second.ids)
    assert torch.equal(first.hidden, second.hidden)
    assert not torch.equal(first.hidden, other.hidden)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_share_that_hides_nothing_or_too_much(share: float) -> None:
    with pytest.raises(ValueError, match=f"share={share}: hide more than 0 and at most 1"):
        mask_words(framed([9]), PIECES, seeded(), share=share)


@pytest.mark.parametrize("mix", [(0.8, 0.1, 0.2), (1.1, -0.1, 0.0)])
def test_a_mix_that_is_none(mix: tuple) -> None:
    with pytest.raises(ValueError, match="must be three shares that sum to 1"):
        mask_words(framed([9]), PIECES, seeded(), mix=mix)
