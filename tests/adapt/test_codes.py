"""What codes stand for: counted by hand, listened to by turns, and asked what they know."""

import math
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
import torch
from torch import Tensor

from lecturelib.adapt.codes import (
    Occurrence,
    by_turns,
    knows,
    middles,
    occurrences,
)

SIZE = 4


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_codes(clips: int, frames: int = 30, groups: int = 2) -> list[Tensor]:
    rng = seeded()
    return [torch.randint(SIZE, (frames, groups), generator=rng) for _ in range(clips)]


def test_a_code_that_stays_is_one_sound_at_its_middle() -> None:
    assert middles([7, 7, 7, 5, 5, 7, 1, 1, 1, 1]) == [(7, 1), (5, 3), (7, 5), (1, 7)]
    assert middles([]) == []


def test_every_place_that_is_given_has_its_code_and_none_comes_twice() -> None:
    codes = random_codes(6)
    found = occurrences(codes, list("aabbcc"), size=SIZE, rng=seeded())
    assert [len(group) for group in found] == [SIZE, SIZE]
    for group, code in np.ndindex(2, SIZE):
        places = found[group][code]
        assert len(places) == len(set(places)) == 8
        assert all(codes[clip][frame, group] == code for clip, frame in places)


def test_an_unused_code_is_heard_nowhere() -> None:
    found = occurrences([torch.zeros(5, 1, dtype=torch.int64)], ["a"], size=2, rng=seeded())
    assert found == [[[Occurrence(0, 2)], []]]


@pytest.mark.parametrize(
    ("each", "count", "given"),
    [
        ({"a": 9, "b": 9, "c": 9, "d": 9}, 8, {"a": 2, "b": 2, "c": 2, "d": 2}),
        ({"a": 30, "b": 1, "c": 2}, 8, {"a": 5, "b": 1, "c": 2}),
        ({"a": 3, "b": 1}, 8, {"a": 3, "b": 1}),
        ({"a": 5}, 4, {"a": 4}),
    ],
)
def test_speakers_take_turns_as_water_fills_glasses(each: dict, count: int, given: dict) -> None:
    """The plain twin: a round after the other, whoever still has something gives one."""
    speakers = list(each)
    places = [Occurrence(at, t) for at, who in enumerate(each) for t in range(each[who])]
    chosen = by_turns(places, speakers, count, seeded())
    assert Counter(speakers[place.clip] for place in chosen) == given
    first_round = [speakers[place.clip] for place in chosen[: min(len(each), count)]]
    assert sorted(first_round) == sorted(each)[: len(first_round)]


def test_every_place_of_a_speaker_is_equally_likely() -> None:
    """Sorted clips would let all of a code's examples come from the word zero."""
    places = [Occurrence(0, t) for t in range(10)]
    rng = seeded()
    seen = Counter(place.frame for _ in range(2000) for place in by_turns(places, ["a"], 3, rng))
    expected = 2000 * 3 / 10
    spread = math.sqrt(2000 * 0.3 * 0.7)
    assert all(abs(seen[t] - expected) < 4 * spread for t in range(10))


def test_the_seed_decides() -> None:
    codes = random_codes(6)
    one, same, other = (
        occurrences(codes, list("aabbcc"), size=SIZE, rng=seeded(seed)) for seed in (1, 1, 2)
    )
    assert one == same != other


def test_codes_that_name_the_word_know_it_and_nothing_else() -> None:
    """40 clips of 10 frames: word and speaker independent, so that knowing one says nothing."""
    words, speakers = ["ab"[i % 2] for i in range(40)], ["xy"[i // 20] for i in range(40)]
    named = [torch.full((10, 1), i % 2) for i in range(40)]
    found = knows(named, words, speakers)
    assert found["word"] == pytest.approx(1)
    assert found["speaker"] == pytest.approx(0, abs=0.01)
    placed = [2 * (torch.arange(10) // 2)[:, None] + i % 2 for i in range(40)]
    found = knows(placed, words, speakers)
    assert found["fifth of the word"] == pytest.approx(1)
    assert 0.1 < found["word"] < 0.6


def test_groups_are_one_code_together() -> None:
    """Neither bit of an exclusive or knows the word; the pair does."""
    words = [f"word {i // 2 % 2 ^ i % 2}" for i in range(40)]
    pairs = [torch.tensor([[i // 2 % 2, i % 2]]).expand(10, 2) for i in range(40)]
    assert knows([pair[:, :1] for pair in pairs], words, words)["word"] < 0.01
    assert knows(pairs, words, words)["word"] > 0.6


def test_adjusted_for_chance_as_by_hand() -> None:
    """Mutual information of a 2 x 2 table less its mean over all shuffles, over what is left."""
    code, word = [0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]

    def information(one: list, two: list) -> float:
        n, pairs = len(one), Counter(zip(one, two, strict=True))
        a, b = Counter(one), Counter(two)
        return sum(c / n * math.log(n * c / a[i] / b[j]) for (i, j), c in pairs.items())

    chance = np.mean([information(list(p), word) for p in permutations(code)])
    entropy = (information(code, code) + information(word, word)) / 2
    expected = (information(code, word) - chance) / (entropy - chance)
    clips = [torch.tensor([[c]]) for c in code]
    assert knows(clips, [str(w) for w in word], ["x"] * 6)["word"] == pytest.approx(expected)


def test_what_cannot_be_counted_is_refused() -> None:
    codes = random_codes(2)
    with pytest.raises(ValueError, match="codes from 0 to 3 are none of size=3, 0 to 2"):
        occurrences(codes, ["a"] * 2, size=3, rng=seeded())
    with pytest.raises(ValueError, match="no clips: codes are heard"):
        occurrences([], [], size=3, rng=seeded())
    with pytest.raises(ValueError, match="1 speakers for 2 clips: give one each"):
        occurrences(codes, ["a"], size=SIZE, rng=seeded())
    with pytest.raises(ValueError, match="3 words for 2 clips: give one each"):
        knows(codes, ["a"] * 3, ["x"] * 2)
