"""Exercises of notebook 03, with the typical slips."""

from functools import wraps

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lecturelib.adapt.plda import TwoCovariance, log_normal, log_ratio
from lecturelib.adapt.verification import (
    appearances,
    cosine,
    det,
    eer,
    identify,
    unit_length,
)
from lecturelib.encoders.tdnn import statistics
from lecturelib.exercises import Exercise
from lecturelib.objectives.speakers import to_centroids


def pools(rng: Generator) -> list[tuple]:
    """Three frames of one number, the last one filling; then wider ones of several lengths."""
    one = (torch.tensor([[[1.0], [3.0], [99.0]]]), torch.tensor([[False, False, True]]))
    is_pad = torch.arange(6) >= torch.tensor([[6], [4], [2]])
    return [one, (torch.randn(3, 6, 2, generator=rng) + 1, is_pad)]


def pooled(frames: Tensor, is_pad: Tensor, power: float = 0.5, fewer: int = 0) -> Tensor:
    """Mean and another power of the variance, with fewer frames under it."""
    count, keep = (~is_pad).sum(1, keepdim=True), ~is_pad[..., None]
    mean = (frames * keep).sum(1) / count
    variance = ((frames - mean[:, None]).square() * keep).sum(1) / (count - fewer)
    return torch.cat([mean, variance**power], 1)


def vectors(rng: Generator) -> list[tuple]:
    """One vector by Pythagoras; then more."""
    return [(torch.tensor([[3.0, 4.0]]),), (torch.randn(3, 5, generator=rng),)]


def sides(rng: Generator) -> list[tuple]:
    """One pair; then more, no two of one length."""
    one = (torch.tensor([[3.0, 4.0]]), torch.tensor([[4.0, 3.0]]))
    return [one, tuple(torch.randn(2, 4, 3, generator=rng))]


def tried(rng: Generator) -> list[tuple]:
    """Four trials, one of two people with a high score; then many, with equal scores."""
    same = torch.rand(40, generator=rng) < 0.4
    score = (torch.rand(40, generator=rng) + 0.3 * same).mul(10).round() / 10
    few = (torch.tensor([0.9, 0.4, 0.6, 0.1, 0.3]), torch.tensor([1, 1, 0, 0, 0]).bool())
    return [few, (score, same)]


@wraps(eer)
def rate(score: Tensor, same: Tensor) -> Tensor:
    """The equal error rate; its threshold is left out."""
    return torch.tensor(eer(score, same).rate)


def beside(score: Tensor, same: Tensor) -> Tensor:
    """The gap of both errors on one side of the crossing."""
    miss, alarm, _ = det(score, same)
    return alarm[int((miss >= alarm).nonzero()[0, 0])]


def halfway(score: Tensor, same: Tensor) -> Tensor:
    """The mean of both errors where half of the trials are accepted."""
    accepted = score >= score.median()
    return ((~accepted)[same].double().mean() + accepted[~same].double().mean()) / 2


def casts(rng: Generator) -> list[tuple]:
    """One speaker drawn twice, one once, one never; then more."""
    one = (
        torch.tensor([True, False, False, True]),
        torch.tensor([[0, 0], [0, 1], [1, 2], [2, 2]]),
        torch.tensor([2, 1, 0]),
    )
    who = torch.randint(4, (12, 2), generator=rng)
    who[:4, 1] = who[:4, 0]
    return [one, (who[:, 0] == who[:, 1], who, torch.tensor([3, 0, 2, 1]))]


def heard(rng: Generator) -> list[tuple]:
    """Clips in one dimension: alike and far from the mean, unlike; then another model."""
    one = TwoCovariance(torch.zeros(1), torch.ones(1, 1), torch.ones(1, 1))
    other = TwoCovariance(torch.tensor([2.0]), torch.tensor([[3.0]]), torch.tensor([[0.5]]))
    a, b = torch.randn(2, 5, 1, generator=rng)
    return [
        (torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [-1.0]]), one),
        (2 + a, 2 + b, other),
    ]


def with_spread(a: Tensor, b: Tensor, model: TwoCovariance, speaker: Tensor) -> Tensor:
    """The ratio where one speaker's two clips share another covariance than `between`."""
    total = model.between + model.within
    both, apart = (a + b - 2 * model.mean) / 2**0.5, (a - b) / 2**0.5
    one = log_normal(both, total + speaker) + log_normal(apart, total - speaker)
    return one - log_normal(both, total) - log_normal(apart, total)


def shifted(a: Tensor, b: Tensor, model: TwoCovariance) -> Tensor:
    """log p(a, b | one speaker) alone."""
    total = model.between + model.within
    alone = log_normal(a - model.mean, total) + log_normal(b - model.mean, total)
    return log_ratio(a, b, model) + alone


def groups(rng: Generator) -> list[tuple]:
    """Two speakers with two clips each; then three, not sorted, one with more clips."""
    one = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [-1.0, -1.0]])
    who = torch.tensor([2, 0, 1, 0, 2, 1, 0])
    return [(one, torch.tensor([0, 0, 1, 1])), (torch.randn(7, 4, generator=rng), who)]


def centroids(vectors: Tensor, who: Tensor) -> Tensor:
    """The sum of each speaker's vectors."""
    return F.one_hot(who).to(vectors).T @ vectors


def to_loud(vectors: Tensor, who: Tensor) -> Tensor:
    """The means of vectors as long as they are, each clip left out of its own."""
    own = F.one_hot(who).bool()
    sums = centroids(vectors, who)[None] - own[..., None] * vectors[:, None]
    return (unit_length(vectors)[:, None] * F.normalize(sums, dim=2)).sum(2)


def all_others(vectors: Tensor, who: Tensor) -> Tensor:
    """The clip is taken out of every speaker's sum, its own or not."""
    unit = unit_length(vectors)
    left = centroids(unit, who) - unit[:, None]
    return (unit[:, None] * F.normalize(left, dim=2)).sum(2)


def enrolments(rng: Generator) -> list[tuple]:
    """Two people, one loud; then four with odd numbers for names."""
    one = torch.tensor([[1.0, 0.0], [1.0, 0.2], [5.0, 5.0]])
    name = torch.tensor([7, 3, 9, 4])[torch.arange(12) % 4]
    people = torch.randn(4, 3, generator=rng)
    clips = people[torch.arange(12) % 4] + 0.8 * torch.randn(12, 3, generator=rng)
    clips *= torch.rand(12, 1, generator=rng) * 8 + 0.2
    return [
        (one, torch.tensor([5, 5, 2]), torch.tensor([[1.0, 0.9]])),
        (clips, name, torch.randn(40, 3, generator=rng)),
    ]


def row_of(enrolled: Tensor, speaker: Tensor, unknown: Tensor) -> Tensor:
    """The row of the name in the sorted list of names."""
    return torch.searchsorted(speaker.unique(), identify(enrolled, speaker, unknown))


def nearest_clip(enrolled: Tensor, speaker: Tensor, unknown: Tensor) -> Tensor:
    """The speaker of the one clip that is nearest."""
    return speaker[(unit_length(unknown) @ unit_length(enrolled).T).argmax(1)]


def by_product(enrolled: Tensor, speaker: Tensor, unknown: Tensor) -> Tensor:
    """The mean with the largest dot product, whatever its length."""
    name, row = speaker.unique(return_inverse=True)
    return name[(unknown @ centroids(enrolled, row).T / row.bincount()).argmax(1)]


EXERCISES = {
    "statistics": Exercise(
        statistics,
        pools,
        {
            "Filling counts in your mean: leave the padded frames out": lambda x, is_pad: (
                statistics(x)
            ),
            "Padded frames are 0 in your sum, but still counted below it": lambda x, is_pad: (
                statistics(x.masked_fill(is_pad[..., None], 0.0))
            ),
            "Upside down: is_pad is True where there is nothing": lambda x, is_pad: statistics(
                x, ~is_pad
            ),
            "Mean first, then deviation": lambda x, is_pad: torch.cat(
                statistics(x, is_pad).chunk(2, 1)[::-1], 1
            ),
            "That is the variance: take its root": lambda x, is_pad: pooled(x, is_pad, power=1.0),
            "Divide by the number of frames, not by one fewer": lambda x, is_pad: pooled(
                x, is_pad, fewer=1
            ),
            "Only the mean: half of the statistics is missing": lambda x, is_pad: statistics(
                x, is_pad
            ).chunk(2, 1)[0],
        },
    ),
    "unit_length": Exercise(
        unit_length,
        vectors,
        {
            "The length is the root of the sum of squares": lambda x: (
                x / x.square().sum(1, keepdim=True)
            ),
            "Sum of absolute values? The length is Pythagoras'": lambda x: (
                x / x.abs().sum(1, keepdim=True)
            ),
            "Each row has its own length; you divide columns": lambda x: x / x.norm(dim=0),
            "One length for all: each row has its own": lambda x: x / x.norm(),
        },
    ),
    "cosine": Exercise(
        cosine,
        sides,
        {
            "That is the dot product: both lengths must go": lambda a, b: (a * b).sum(1),
            "The length of b is left in": lambda a, b: (unit_length(a) * b).sum(1),
            "That is the distance of the directions, not their cosine": lambda a, b: (
                unit_length(a) - unit_length(b)
            ).norm(dim=1),
            "Row with row: you compare each a with each b": lambda a, b: (
                unit_length(a) @ unit_length(b).T
            ),
        },
    ),
    "eer": Exercise(
        rate,
        tried,
        {
            "That is where misses stand at the crossing's far side: draw the line between": beside,
            "Half of the trials accepted is no rule: look for miss = alarm": halfway,
            "That is the threshold; the rate was asked for": lambda score, same: torch.tensor(
                eer(score, same).threshold
            ),
            "Upside down: a high score speaks for one person": lambda score, same: rate(
                score, ~same
            ),
        },
    ),
    "appearances": Exercise(
        appearances,
        casts,
        {
            "A copy of a speaker is no second clip of the first: m times, not m squared": (
                lambda same, who, times: times[who].prod(1)
            ),
            "Two speakers drawn m and n times meet m n times": lambda same, who, times: torch.where(
                same, times[who[:, 0]], times[who].sum(1)
            ),
            "Drawn or not is not enough: count how often": lambda same, who, times: appearances(
                same, who, times.clamp(max=1)
            ),
        },
    ),
    "log_ratio": Exercise(
        log_ratio,
        heard,
        {
            "Upside down: one speaker over two": lambda a, b, m: -log_ratio(a, b, m),
            "Subtract what two speakers would give": shifted,
            "What two clips share is `between`, not `within`": lambda a, b, m: with_spread(
                a, b, m, m.within
            ),
            "The mean of all speakers is not 0: subtract it": lambda a, b, m: log_ratio(
                a, b, m._replace(mean=torch.zeros_like(m.mean))
            ),
            "That is the ratio itself: take its logarithm": lambda a, b, m: log_ratio(
                a, b, m
            ).exp(),
        },
    ),
    "to_centroids": Exercise(
        to_centroids,
        groups,
        {
            "A clip's own speaker's mean must leave it out: else it is near to itself": (
                lambda x, who: unit_length(x) @ unit_length(centroids(unit_length(x), who)).T
            ),
            "Take the clip out of its OWN speaker's mean only": all_others,
            "The mean is of unit vectors: loud ones must not count more": to_loud,
            "A row a clip, a column a speaker": lambda x, who: to_centroids(x, who).T,
        },
    ),
    "identify": Exercise(
        identify,
        enrolments,
        {
            "The name was asked for, not its row in the list": row_of,
            "The mean of the speaker decides, not the nearest single clip": nearest_clip,
            "Compare directions: a long mean wins every dot product": by_product,
            "The nearest has the LARGEST cosine": lambda known, who, x: identify(known, who, -x),
        },
    ),
}
