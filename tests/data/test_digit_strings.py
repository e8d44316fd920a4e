"""Strings of digits: sample by sample what was recorded, with silences between."""

from itertools import accumulate

import pytest
import torch

from lecturelib.data import digit_strings
from lecturelib.data.digit_strings import minutes
from lecturelib.data.speech import Utterance
from lecturelib.data.splits import SPLITS
from lecturelib.data.synthetic import DIGITS
from tests.data.leakage import disjoint


def recordings(split: str, rate: int = 8000) -> list[Utterance]:
    """Two people a split; no two recordings have one level, so that each can be found again."""
    names = [f"{split} {n}" for n in range(2)]
    return [
        Utterance(
            torch.full((400 + 10 * number,), 1.0 + number + 10 * speaker + 100 * take),
            rate,
            digit,
            name,
            "en",
            take,
            "made",
        )
        for speaker, name in enumerate(names)
        for number, digit in enumerate(DIGITS)
        for take in range(2)
    ]


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digit_strings, "fsdd", recordings)


def runs(one: Utterance) -> list[tuple[float, int]]:
    """(level, samples) of each stretch of equal samples."""
    values, counts = one.wave.unique_consecutive(return_counts=True)
    return list(zip(values.tolist(), counts.tolist(), strict=True))


def test_each_string_is_whole_recordings_of_one_person_and_silences() -> None:
    found = digit_strings.digit_strings("train", 60, seed=3)
    known = {float(u.wave[0]): u for u in recordings("train")}
    for one in found:
        said, gaps = runs(one)[::2], runs(one)[1::2]
        clips = [known[level] for level, _ in said]
        assert {clip.speaker for clip in clips} == {one.speaker}
        assert [count for _, count in said] == [len(clip.wave) for clip in clips]
        assert one.text == " ".join(clip.text or "" for clip in clips)
        assert 3 <= len(clips) <= 5
        assert len(gaps) == len(clips) - 1
        assert all(level == 0 and 400 <= count <= 1200 for level, count in gaps)
    assert {len((one.text or "").split()) for one in found} == {3, 4, 5}
    assert {level for one in found for level, _ in runs(one)[::2]} == known.keys()


def test_the_same_seed_gives_the_same_strings() -> None:
    one, same, other = (digit_strings.digit_strings("test", 20, seed=s) for s in (1, 1, 2))
    assert all(torch.equal(a.wave, b.wave) for a, b in zip(one, same, strict=True))
    assert [u.text for u in one] == [u.text for u in same]
    assert [u.text for u in one] != [u.text for u in other]
    assert [u.text for u in digit_strings.digit_strings("test", 5, seed=1)] == [
        u.text for u in one[:5]
    ]


def test_nobody_is_in_two_splits(capsys: pytest.CaptureFixture[str]) -> None:
    found = [digit_strings.digit_strings(split, 20) for split in SPLITS]
    assert disjoint([{u.speaker for u in part} for part in found])
    assert "digit strings train: 20 joined ones, " in capsys.readouterr().out


def test_minutes() -> None:
    some = recordings("train")[:4]
    assert minutes(some) == pytest.approx(list(accumulate(len(u.wave) for u in some))[-1] / 480_000)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="count=0: ask for at least one string"):
        digit_strings.digit_strings("train", 0)
