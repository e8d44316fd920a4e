"""What a quantiser's codes stand for: how often each is used, where it is heard, what it knows.

A clip's codes are [frames, groups]: one number a group, the choice of that group's codebook.
k-means has one group.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from jaxtyping import Int
from sklearn.metrics import adjusted_mutual_info_score
from torch import Generator, Tensor

Coded: TypeAlias = Sequence[Int[Tensor, "frames groups"]]  # one tensor a clip
FIFTHS = 5  # parts of a word: a clip has no phone labels, but its beginning is not its end


class Occurrence(NamedTuple):
    """A frame of a clip, both by number."""

    clip: int
    frame: int


def occurrences(
    codes: Coded, speakers: Sequence[str], *, size: int, rng: Generator, count: int = 8
) -> list[list[list[Occurrence]]]:
    """Up to `count` places at random where each code is heard, [groups][codes], to listen to.

    As many speakers as there are: each gives a second place only after all gave a first. A code
    that stays for several frames is one sound: its middle frame stands for it.
    """
    if len(speakers) != len(codes):
        raise ValueError(f"{len(speakers)} speakers for {len(codes)} clips: give one each")
    if not codes:
        raise ValueError("no clips: codes are heard in at least one")
    every = torch.cat(list(codes))
    if not 0 <= int(every.min()) <= int(every.max()) < size:
        found = f"codes from {int(every.min())} to {int(every.max())}"
        raise ValueError(f"{found} are none of size={size}, 0 to {size - 1}")
    found = [[[] for _ in range(size)] for _ in range(every.shape[1])]
    for clip, frames in enumerate(codes):
        for group, column in enumerate(frames.T.tolist()):
            for code, middle in middles(column):
                found[group][code].append(Occurrence(clip, middle))
    return [[by_turns(places, speakers, count, rng) for places in group] for group in found]


def middles(column: Sequence[int]) -> list[tuple[int, int]]:
    """Every run of one code, as (code, its middle frame)."""
    runs, start = [], 0
    for code, run in groupby(column):
        length = len(list(run))
        runs.append((code, start + (length - 1) // 2))
        start += length
    return runs


def by_turns(
    places: Sequence[Occurrence], speakers: Sequence[str], count: int, rng: Generator
) -> list[Occurrence]:
    """Shuffle, then let the speakers take turns until `count` places are given or none is left."""
    shuffled = [places[int(at)] for at in torch.randperm(len(places), generator=rng)]
    given: dict[str, int] = {}
    turns = []
    for place in shuffled:
        who = speakers[place.clip]
        turns.append(given.get(who, 0))
        given[who] = turns[-1] + 1
    order = sorted(range(len(shuffled)), key=turns.__getitem__)  # stable: luck within a turn
    return [shuffled[at] for at in order[:count]]


def knows(codes: Coded, words: Sequence[str], speakers: Sequence[str]) -> dict[str, float]:
    """What a frame's code tells of the word, of the place in it and of the speaker, 0 to 1.

    Adjusted mutual information of the frames' codes (groups together) with each label: 0 is
    chance, 1 means that either tells the other. `words` and `speakers` are given a clip. No frame
    has a phone label here: which fifth of which word it is stands in for one.
    """
    for name, own in (("words", words), ("speakers", speakers)):
        if len(own) != len(codes):
            raise ValueError(f"{len(own)} {name} for {len(codes)} clips: give one each")
    lengths = [len(frames) for frames in codes]
    of_clip = np.repeat(np.arange(len(codes)), lengths)
    fifth = np.concatenate([FIFTHS * np.arange(length) // max(length, 1) for length in lengths])
    _, code = np.unique(torch.cat(list(codes)).numpy(), axis=0, return_inverse=True)
    _, word = np.unique(words, return_inverse=True)
    _, voice = np.unique(speakers, return_inverse=True)
    labels = {
        "word": word[of_clip],
        "fifth of the word": FIFTHS * word[of_clip] + fifth,
        "speaker": voice[of_clip],
    }
    return {
        name: float(adjusted_mutual_info_score(label, code.ravel()))
        for name, label in labels.items()
    }
