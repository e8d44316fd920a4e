"""Exercises of notebook 05, with the typical slips."""

import torch
from torch import Generator, Tensor

from lecturelib.encoders.bilstm import turn
from lecturelib.encoders.scalar_mix import ScalarMix
from lecturelib.exercises import Exercise
from lecturelib.masking import change_words
from lecturelib.objectives.skipgram import keep_probability, noise_share


def counted(rng: Generator) -> list[tuple]:
    """A frequent word and rare ones, and how rare is rare; then any."""
    some = torch.randint(1, 1000, (6,), generator=rng)
    few = [(torch.tensor([900, 90, 10]), 0.05), (torch.tensor([5000, 400, 30, 2, 1]), 0.001)]
    return [*few, (some, 0.02)]


def ratio(counts: Tensor, frequent: float) -> Tensor:
    """t / f of each word."""
    return frequent * counts.sum() / counts


def noisy(rng: Generator) -> list[tuple]:
    """A frequent word and a rare one; then any."""
    some = torch.randint(1, 1000, (6,), generator=rng)
    return [(torch.tensor([16, 1]), 0.75), (torch.tensor([81, 16, 1, 0]), 0.5), (some, 0.75)]


def chosen(rng: Generator) -> list[tuple]:
    """One word of each fate; then a page of them."""
    one = (
        torch.tensor([[0.3, 0.85, 0.95, 1.0]]),
        torch.tensor([[11, 12, 13, 14]]),
        torch.tensor([[21, 22, 23, 24]]),
        4,
    )
    fate = torch.rand(4, 30, generator=rng)
    ids, random = torch.randint(5, 90, (2, 4, 30), generator=rng)
    return [one, (fate, ids, random, 4)]


def corrupt(fate: Tensor, ids: Tensor, random: Tensor, mask: int, low: float = 0.8) -> Tensor:
    """The rule with another border between masked and swapped."""
    return torch.where(fate < low, mask, torch.where(fate < 0.9, random, ids))


def sentences(rng: Generator) -> list[tuple]:
    """Three words and two; then wider vectors."""
    is_pad = torch.tensor([[False, False, False], [False, False, True]])
    one = torch.tensor([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [0.0]]])
    many = torch.randn(2, 3, 4, generator=rng)
    return [(one, is_pad), (many, is_pad)]


def layers(rng: Generator) -> list[tuple]:
    """Two layers that count differently; then three, twice as loud."""
    cases = []
    for s, gamma, shape in (([0.0, 1.0], 1.0, (2, 1, 2)), ([1.0, 0.0, -1.0], 2.0, (3, 2, 4))):
        mix = ScalarMix(len(s))
        mix.load_state_dict({"s": torch.tensor(s), "gamma": torch.tensor(gamma)})
        cases.append((mix, torch.randn(shape, generator=rng)))
    return cases


EXERCISES = {
    "keep_probability": Exercise(
        keep_probability,
        counted,
        {
            "A probability is at most 1: clamp": lambda c, t: ratio(c, t).sqrt() + ratio(c, t),
            "That is the paper's Eq. 5; the C code adds t / f": lambda c, t: (
                ratio(c, t).sqrt().clamp(max=1)
            ),
            "f is the word's SHARE of the text: divide by the sum": lambda c, t: (
                (t / c).sqrt() + t / c
            ).clamp(max=1),
        },
    ),
    "noise_share": Exercise(
        noise_share,
        noisy,
        {
            "Shares sum to 1: divide by the sum": lambda c, p: c.double() ** p,
            "The power comes first, then the sum": lambda c, p: (c / c.sum()) ** p,
            "Without the power rare words are almost never drawn": lambda c, p: c / c.sum(),
        },
    ),
    "change_words": Exercise(
        change_words,
        chosen,
        {
            "Below 0.8 it is [MASK]: you have masked all that were chosen": lambda f, i, r, m: (
                torch.where(f < 1, m, i)
            ),
            "One in ten is swapped, one in ten kept: not all the rest is swapped": (
                lambda f, i, r, m: torch.where(f < 0.8, m, torch.where(f < 1, r, i))
            ),
            "You have nobody swapped for a random word": lambda f, i, r, m: torch.where(
                f < 0.8, m, i
            ),
            "80 % are masked, not 10 %": lambda f, i, r, m: corrupt(f, i, r, m, low=0.1),
        },
    ),
    "backward": Exercise(
        turn,
        sentences,
        {
            "Padding must stay at the end: a plain flip puts it in front": lambda x, p: x.flip(1),
            "The time axis is 1; you have turned the channels or nothing": lambda x, p: x.flip(2),
            "The axis of the examples is not time": lambda x, p: x.flip(0),
        },
    ),
    "mix": Exercise(
        ScalarMix.forward,
        layers,
        {
            "The weights are a softmax of s: they sum to 1": lambda m, h: (
                m.gamma * torch.tensordot(m.s, h, dims=1)
            ),
            "gamma is missing": lambda m, h: torch.tensordot(m.shares, h, dims=1),
            "A plain mean forgets s": lambda m, h: m.gamma * h.mean(0),
        },
    ),
}
