"""Strings of spoken digits with their words: speech to transcribe, made of single recordings."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Generator

from lecturelib.data import registry
from lecturelib.data.speech import Utterance, fsdd
from lecturelib.data.speech_crops import pick, whole

LENGTHS = (3, 4, 5)
GAP = (0.05, 0.15)  # seconds


def digit_strings(split: str, count: int, *, seed: int = 0, rate: int = 8000) -> list[Utterance]:
    """`count` strings of 3 to 5 digits of ONE speaker, 50-150 ms apart: "three one four".

    Joined from real recordings (FSDD), so that nobody is in two splits; how people run digits
    together is not in them. The same seed gives the same strings. Raises ValueError for a count
    below 1.
    """
    if count < 1:
        raise ValueError(f"count={count}: ask for at least one string")
    voices = defaultdict(list)
    for one in fsdd(split, rate):
        voices[one.speaker].append(one)
    rng, speakers = Generator().manual_seed(seed), list(voices.values())
    found = [string(pick(speakers, rng), rng) for _ in range(count)]
    what = f"digit strings {split}: {count:,} joined ones, {minutes(found):.1f} minutes"
    registry.report(what, found[0].source)
    return found


def string(voice: Sequence[Utterance], rng: Generator) -> Utterance:
    """Random recordings of a voice, one after another, with a silence between two."""
    said = [pick(voice, rng) for _ in range(pick(LENGTHS, rng))]
    least, most = (round(seconds * said[0].rate) for seconds in GAP)
    parts = [said[0].wave]
    for one in said[1:]:
        parts += [torch.zeros(least + whole(most - least + 1, rng)), one.wave]
    words = " ".join(one.text or "" for one in said)
    return replace(said[0], wave=torch.cat(parts), text=words, take=None)


def minutes(utterances: Sequence[Utterance]) -> float:
    """How much speech that is."""
    return sum(len(one.wave) / one.rate for one in utterances) / 60
