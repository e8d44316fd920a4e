"""Exercises of notebook 01, with the typical slips."""

import torch
import torch.nn.functional as F
from torch import Generator

from lecturelib.adapt.self_training import Belief, accept, fair_share
from lecturelib.adapt.semi_supervised import name_clusters
from lecturelib.exercises import Exercise
from lecturelib.masking import turn
from lecturelib.objectives.contrastive import info_nce
from lecturelib.objectives.teacher import ema


def beliefs(rng: Generator) -> list[tuple]:
    """A hand-made one with a tie at the threshold, then random ones."""
    tie = Belief(torch.tensor([3, 1, 7]), torch.tensor([0.9, 0.5, 0.2]))
    many = Belief(torch.randint(10, (20,), generator=rng), torch.rand(20, generator=rng))
    return [(tie, 0.5), (tie, 0.0), (many, 0.8), (many, 1.0)]


def pairs(rng: Generator) -> list[tuple]:
    """Two rows, then more."""
    sizes = ((2, 2, 1.0), (3, 4, 0.2), (8, 5, 0.1))
    return [
        (torch.randn(n, d, generator=rng), torch.randn(n, d, generator=rng), t) for n, d, t in sizes
    ]


def averages(rng: Generator) -> list[tuple]:
    """Scalars first: 0.9 of 1 and 0.1 of 0."""
    return [
        (torch.tensor([1.0]), torch.tensor([0.0]), 0.9),
        (torch.randn(3, generator=rng), torch.randn(3, generator=rng), 0.99),
    ]


def pictures(rng: Generator) -> list[tuple]:
    """One picture of four numbers, then a batch."""
    one = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    many = torch.rand(6, 1, 3, 3, generator=rng)
    return [(one, torch.tensor([1])), (many, torch.randint(4, (6,), generator=rng))]


def memberships(rng: Generator) -> list[tuple]:
    """Two clusters and three points; then five clusters, one of them empty."""
    sure = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    soft = torch.randn(12, 4, generator=rng).softmax(1)
    soft = torch.cat([soft, torch.zeros(12, 1)], 1)
    return [(sure, torch.tensor([0, 0, 1]), 2), (soft, torch.randint(3, (12,), generator=rng), 3)]


def labels(rng: Generator) -> list[tuple]:
    """Three of one class and one of another; then many."""
    return [(torch.tensor([0, 0, 0, 1]),), (torch.randint(4, (30,), generator=rng),)]


def scores(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Cosines of all pairs."""
    return F.normalize(a, dim=1) @ F.normalize(b, dim=1).T


def partner(logits: torch.Tensor, reduction: str = "sum") -> torch.Tensor:
    """Cross-entropy with the diagonal as the answer."""
    return F.cross_entropy(logits, torch.arange(len(logits)), reduction=reduction)


def counts(cluster: torch.Tensor, label: torch.Tensor, classes: int) -> torch.Tensor:
    """Soft counts [clusters, classes] of labelled points."""
    return cluster.T @ F.one_hot(label, classes).to(cluster)


EXERCISES = {
    "accept": Exercise(
        accept,
        beliefs,
        {
            "A confidence equal to the threshold passes: >= and not >": lambda b, t: (
                b.confidence > t
            ),
            "You keep what the teacher is NOT sure of": lambda b, t: b.confidence < t,
            "The threshold is for the confidence, not for the class number": lambda b, t: (
                b.guess >= t
            ),
        },
    ),
    "info_nce": Exercise(
        info_nce,
        pairs,
        {
            "Cosine: both sides must have length 1 first (F.normalize)": lambda a, b, t: partner(
                a @ b.T / t
            ),
            "Divide by the temperature; a small one makes the softmax sharper": lambda a, b, t: (
                partner(scores(a, b) * t)
            ),
            "The temperature is missing": lambda a, b, t: partner(scores(a, b)),
            "A sum over rows was asked; the loop divides by the count": lambda a, b, t: partner(
                scores(a, b) / t, "mean"
            ),
            "You compare the anchors with themselves: always the diagonal": lambda a, b, t: partner(
                scores(a, a) / t
            ),
        },
    ),
    "ema": Exercise(
        ema,
        averages,
        {
            "The other way round: tau = 0.99 keeps 99 % of the OLD teacher": lambda old, new, tau: (
                (1 - tau) * old + tau * new
            ),
            "That copies the student; the teacher should only drift": lambda old, new, tau: new,
        },
    ),
    "turn": Exercise(
        turn,
        pictures,
        {
            "That is clockwise: one quarter must bring the right edge to the top": lambda x, q: (
                turn(x, -q % 4)
            ),
            "Every picture has its own number of quarters": lambda x, q: turn(
                x, q[:1].expand(len(q))
            ),
            "That mirrors; a turn keeps left and right apart": lambda x, q: x.flip(3),
        },
    ),
    "name_clusters": Exercise(
        name_clusters,
        memberships,
        {
            "Rows must sum to 1: P(class | cluster), not P(cluster | class)": lambda p, y, c: (
                (counts(p, y, c) + 1 / c) / (counts(p, y, c) + 1 / c).sum(0)
            ),
            "Add 1 / classes to every count, else an empty cluster is 0 / 0": lambda p, y, c: (
                counts(p, y, c) / counts(p, y, c).sum(1, keepdim=True)
            ),
            "These are counts; divide each row by its sum": lambda p, y, c: counts(p, y, c) + 1 / c,
        },
    ),
    "fair_share": Exercise(
        fair_share,
        labels,
        {
            "That makes frequent classes more frequent: divide by the count": lambda y: (
                torch.bincount(y)[y] / torch.bincount(y)[y].sum()
            ),
            "Right proportions; divide by the sum, so that they are probabilities": lambda y: (
                1 / torch.bincount(y)[y]
            ),
            "Every example equally often is what an unfair pool does already": lambda y: torch.full(
                (len(y),), 1 / len(y)
            ),
        },
    ),
}
