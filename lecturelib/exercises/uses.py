"""Exercises of notebook 05b, with the typical slips."""

import torch
from torch import Generator, Tensor

from lecturelib.adapt.heads import mean_over_pieces
from lecturelib.adapt.retrieval import ranks
from lecturelib.adapt.span import best_span
from lecturelib.exercises import Exercise

INF = float("inf")


def padded(rng: Generator) -> list[tuple]:
    """Two pieces and one; then more."""
    one = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [9.0, 9.0]]])
    few = torch.tensor([[False, False], [False, True]])
    many = torch.arange(6) >= torch.tensor([6, 2, 1])[:, None]
    return [(one, few), (torch.randn(3, 6, 4, generator=rng), many)]


def scored(rng: Generator) -> list[tuple]:
    """The best start stands after the best end; then long texts."""
    one = (torch.tensor([[0.0, 1.0, 3.0]]), torch.tensor([[5.0, 4.0, 0.0]]), 2)
    start, end = torch.randn(2, 8, 20, generator=rng)
    far = (torch.tensor([[5.0, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 1.0, 5.0]]), 3)
    return [one, far, (start, end, 4)]


def pair(start: Tensor, end: Tensor, allowed: Tensor) -> Tensor:
    """The best of the allowed pairs."""
    total = (start[:, :, None] + end[:, None, :]).masked_fill(~allowed, -INF)
    best = total.flatten(1).argmax(1)
    return torch.stack([best // start.shape[1], best % start.shape[1]], 1)


def everywhere(start: Tensor) -> Tensor:
    """All pairs of places."""
    return torch.ones(start.shape[1], start.shape[1], dtype=torch.bool)


def found(rng: Generator) -> list[tuple]:
    """Best, and second; then a tie, and many."""
    one = (torch.tensor([[0.9, 0.1, 0.2], [0.5, 0.4, 0.3]]), [0, 1])
    tie = (torch.tensor([[0.7, 0.7, 0.1]]), [0])
    return [one, tie, (torch.randn(5, 9, generator=rng), [0, 8, 3, 3, 5])]


def own(close: Tensor, right: list[int]) -> Tensor:
    """The cosine of each question's own text."""
    return close[torch.arange(len(close)), right][:, None]


EXERCISES = {
    "mean_over_pieces": Exercise(
        mean_over_pieces,
        padded,
        {
            "Padding is in your mean: leave it out of the sum and of the count": lambda x, p: (
                x.mean(1)
            ),
            "Left out of the sum, but still counted": lambda x, p: x.masked_fill(
                p[:, :, None], 0
            ).mean(1),
            "That is [CLS], the first piece; the mean was asked for": lambda x, p: x[:, 0],
        },
    ),
    "best_span": Exercise(
        best_span,
        scored,
        {
            "An answer cannot end before it starts": lambda s, e, n: pair(s, e, everywhere(s)),
            "It is too long: at most `longest` pieces": lambda s, e, n: pair(
                s, e, everywhere(s).triu()
            ),
            "One piece too many: last < first + longest": lambda s, e, n: pair(
                s, e, everywhere(s).triu().tril(n)
            ),
        },
    ),
    "ranks": Exercise(
        ranks,
        found,
        {
            "1 is the best rank, not 0": lambda c, r: (
                (c > own(c, r)).sum(1) + ((c == own(c, r)).sum(1) - 1) / 2
            ),
            "A tie is no win: equals share the middle of their places": lambda c, r: (
                1.0 + (c > own(c, r)).sum(1)
            ),
            "Upside down: count what is CLOSER than the right one": lambda c, r: (
                1.0 + (c < own(c, r)).sum(1)
            ),
        },
    ),
}
