"""Crops: joined by a loop of our own, of one voice each, level, and every voice as often."""

from collections import Counter
from itertools import pairwise

import pytest
import torch

from lecturelib.data.speech import Utterance
from lecturelib.data.speech_crops import by_voice, crops, joined, level
from tests.oracle import error


def clip(value: float, samples: int, who: str = "ann", tongue: str = "en") -> Utterance:
    """A ramp: every place can be recognised."""
    wave = value + torch.arange(samples) / 1000
    return Utterance(wave, 100, None, who, tongue, None, "made for a test")


def test_a_row_is_one_voice_in_one_language_and_every_voice_is_as_likely() -> None:
    said = [clip(1, 50)] * 9 + [clip(2, 90, "bob")] + [clip(3, 70, "bob", "de")]
    draw, rng = crops(said, 10, seconds=2.0), torch.Generator().manual_seed(0)
    seen: Counter = Counter()
    for _ in range(60):
        batch = draw(rng)
        assert batch.signal.shape == (10, 200)
        seen.update(zip(batch.meta["speaker"], batch.meta["language"], strict=True))
    assert set(seen) == {("ann", "en"), ("bob", "en"), ("bob", "de")}
    assert all(abs(count - 200) < 45 for count in seen.values())


def test_clips_are_joined_whole_but_the_first_with_short_gaps_between() -> None:
    """Clips are +1 ... +2 or -1 ... -2 everywhere, gaps 0: so that both can be told apart."""
    voice = [torch.linspace(1, 2, 40), -torch.linspace(1, 2, 30)]
    begun = set()
    for seed in range(20):
        wave = joined(voice, 300, 15, torch.Generator().manual_seed(seed))
        assert len(wave) == 300
        edges = [0, *(torch.diff(wave).abs() > 0.5).nonzero().flatten().add(1).tolist(), 300]
        parts = [wave[a:b] for a, b in pairwise(edges)]
        sounds = [part for part in parts if part[0] != 0]
        assert all(len(part) <= 15 for part in parts if part[0] == 0)
        first, *whole, last = sounds
        assert all(any(torch.equal(one, own) for own in voice) for one in whole)
        assert any(torch.equal(first, own[-len(first) :]) for own in voice)
        assert any(torch.equal(last, own[: len(last)]) for own in voice)
        begun.add(len(first))
    assert len(begun) > 10  # from anywhere within


def test_rows_have_mean_0_and_deviation_1_and_a_seed_repeats() -> None:
    draw = crops([clip(5, 80), clip(1, 60)], 3, seconds=1.5)
    one, two = (draw(torch.Generator().manual_seed(4)).signal for _ in range(2))
    assert torch.equal(one, two)
    assert one.mean(1).abs().max() < 1e-5
    assert (one.std(1) - 1).abs().max() < 1e-3
    assert not torch.equal(one, draw(torch.Generator().manual_seed(5)).signal)


def test_level_by_hand() -> None:
    wave = torch.tensor([[1.0, 2.0, 6.0]], dtype=torch.double)
    want = torch.tensor([[-2.0, -1.0, 3.0]], dtype=torch.double) / (7**0.5 + 1e-5)
    assert error(level(wave), want) < 1e-12


def test_bad_input() -> None:
    silent = clip(0, 10)
    silent.wave.zero_()
    with pytest.raises(ValueError, match="a clip of ann is silent: drop it first"):
        by_voice([silent])
    slow = Utterance(torch.rand(20), 50, None, "ann", "en", None, "made for a test")
    with pytest.raises(ValueError, match=r"recordings at \[50, 100\] Hz"):
        crops([clip(1, 30), slow], 2)
    with pytest.raises(ValueError, match=r"recordings at \[\] Hz"):
        crops([], 2)
