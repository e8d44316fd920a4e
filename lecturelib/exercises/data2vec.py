"""Exercises of notebook 08, with the typical slips: the teacher's half, then the student's."""

import math
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.exercises import Exercise
from lecturelib.exercises.data2vec_teacher import EXERCISES as TEACHER
from lecturelib.objectives.latent_regression import (
    Covered,
    LatentRegression,
    Settings,
    View,
    agreement,
    smooth_l1,
)


def gaps(rng: Generator) -> list[tuple]:
    """Gaps on both sides of beta, and on it; then others."""
    one = torch.tensor([-6.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    guess, answer = torch.randn(2, 4, 5, generator=rng)
    return [(one, torch.zeros(7), 2.0), (guess, answer, 0.5)]


def bent(gap: Tensor, beta: float, line: Tensor) -> Tensor:
    """The slide's parabola with another line."""
    return torch.where(gap.abs() <= beta, gap.square() / (2 * beta), line)


def covered(rng: Generator) -> list[tuple]:
    """Two places hidden in one example, one in the other; then more."""
    answer = torch.arange(24.0).view(2, 3, 4) / 4
    hidden = torch.tensor([[True, True, False], [False, False, True]])
    guess, other = torch.randn(2, 3, 8, 5, generator=rng)
    some = torch.rand(3, 8, generator=rng) < torch.tensor([[0.2], [0.5], [0.8]])
    return [(torch.zeros(2, 3, 4), answer, hidden), (guess, other, some)]


@wraps(LatentRegression.forward)
def hidden_loss(guess: Tensor, answer: Tensor, hidden: Tensor) -> Tensor:
    """What the loop minimises where the student says `guess` and the teacher `answer`; beta 0."""
    echo = SimpleNamespace(encoder=lambda tokens, *_: tokens, bias=lambda: None)
    view = View(None, lambda: answer, lambda rng: Covered(guess, hidden))
    student: Any = SimpleNamespace(model=echo, head=nn.Identity(), settings=Settings(top=1))
    student.view, student.target = (lambda batch: view), (lambda view: answer)
    student.guess = partial(LatentRegression.guess, student)
    losses = LatentRegression.forward(student, Batch(guess, None, None), Generator())
    return losses.total / losses.count


def places(guess: Tensor, answer: Tensor) -> Tensor:
    """The loss of each place, hidden or not."""
    return (guess - answer).square().sum(-1) / math.sqrt(guess.shape[-1])


def answers(rng: Generator) -> list[tuple]:
    """Three vectors; then many, channels unlike; then a prediction that is the mean everywhere."""
    small = torch.tensor([[0.0, 5.0], [1.0, 5.0], [2.0, 8.0]])
    near = torch.tensor([[0.5, 5.0], [1.0, 6.0], [1.5, 7.0]])
    many = torch.randn(20, 4, generator=rng) * torch.arange(1, 5) + torch.arange(4)
    guess = many / 2 + torch.randn(20, 4, generator=rng)
    return [(near, small), (guess, many), (many.mean(0).expand_as(many), many)]


@wraps(agreement)
def numbers(guess: Tensor, answer: Tensor) -> Tensor:
    """R2, the target's variance, the prediction's variance."""
    return torch.stack(list(agreement(guess, answer).values()))


def instead(r2: Tensor, guess: Tensor, answer: Tensor) -> Tensor:
    """The numbers with another R2."""
    return torch.stack([r2, *numbers(guess, answer)[1:]])


def variances(found: Tensor, guess: Tensor, answer: Tensor) -> Tensor:
    """The numbers with other variances, those of (target, prediction)."""
    return torch.cat([numbers(guess, answer)[:1], found])


def left(guess: Tensor, answer: Tensor) -> Tensor:
    """The sum of squares that is not predicted."""
    return (guess - answer).square().sum()


EXERCISES = TEACHER | {
    "smooth_l1": Exercise(
        smooth_l1,
        gaps,
        {
            "It jumps where the gap is beta: the line is |gap| - beta / 2": lambda x, y, beta: bent(
                x - y, beta, (x - y).abs()
            ),
            "The line is |gap| - beta / 2; 1/2 is right for beta = 1 only": lambda x, y, beta: bent(
                x - y, beta, (x - y).abs() - 0.5
            ),
            "Divide by beta: this is Huber's, beta times the slide's": lambda x, y, beta: (
                F.huber_loss(x, y, delta=beta, reduction="none")
            ),
            "The parabola lacks its 1 / beta": lambda x, y, beta: torch.where(
                (x - y).abs() <= beta, (x - y).square() / 2, (x - y).abs() - beta / 2
            ),
            "The parabola lacks its 1/2: it jumps where the gap is beta": lambda x, y, beta: (
                torch.where((x - y).abs() <= beta, 2.0, 1.0) * smooth_l1(x, y, beta)
            ),
            "A gap below -beta is large, too: |gap| <= beta": lambda x, y, beta: torch.where(
                x - y <= beta, (x - y).square() / (2 * beta), (x - y).abs() - beta / 2
            ),
            "Small gaps get the parabola, large ones the line": lambda x, y, beta: torch.where(
                (x - y).abs() > beta, (x - y).square() / (2 * beta), (x - y).abs() - beta / 2
            ),
            "beta was given: F.smooth_l1_loss takes 1 where it is not told": lambda x, y, beta: (
                F.smooth_l1_loss(x, y, reduction="none")
            ),
            "Element by element: nothing is averaged yet": lambda x, y, beta: smooth_l1(
                x, y, beta
            ).mean(),
        },
    ),
    "hidden_loss": Exercise(
        hidden_loss,
        covered,
        {
            "Only hidden places count: what was seen could be copied": lambda x, y, hidden: places(
                x, y
            ).mean(),
            "Divide by the number of HIDDEN places, not of all": lambda x, y, hidden: (
                places(x, y) * hidden
            ).mean(),
            "Upside down: `hidden` is True where the student saw nothing": lambda x, y, hidden: (
                places(x, y)[~hidden].mean()
            ),
            "Each hidden place counts the same, in whichever example": lambda x, y, hidden: (
                (places(x, y) * hidden).sum(1) / hidden.sum(1)
            ).mean(),
            "The root of dim, not dim": lambda x, y, hidden: (x - y)[hidden].square().mean(),
            "Divide by the root of dim, too": lambda x, y, hidden: (
                (x - y)[hidden].square().sum(-1).mean()
            ),
            "Divide by the number of hidden places": lambda x, y, hidden: places(x, y)[
                hidden
            ].sum(),
        },
    ),
    "agreement": Exercise(
        numbers,
        answers,
        {
            "That is the share that is NOT predicted: 1 minus it": lambda x, y: instead(
                1 - numbers(x, y)[0], x, y
            ),
            "Each channel has its own mean: answer.mean(0)": lambda x, y: instead(
                1 - left(x, y) / (y - y.mean()).square().sum(), x, y
            ),
            "The TARGET's variance stands below the line": lambda x, y: instead(
                1 - left(x, y) / (x - x.mean(0)).square().sum(), x, y
            ),
            "1 - MSE depends on the unit: divide by what varies": lambda x, y: instead(
                1 - F.mse_loss(x, y), x, y
            ),
            "All channels in one fraction, not the mean of a fraction each": lambda x, y: instead(
                (1 - (x - y).square().sum(0) / (y - y.mean(0)).square().sum(0)).mean(), x, y
            ),
            "n under the variance, not n - 1 as torch has it: correction=0": lambda x, y: variances(
                torch.stack([y.var(0).mean(), x.var(0).mean()]), x, y
            ),
            "Variance, not deviation": lambda x, y: variances(
                torch.stack([one.std(0, correction=0).mean() for one in (y, x)]), x, y
            ),
            "Down the places, axis 0: one and the same vector everywhere must give 0": (
                lambda x, y: variances(torch.stack([one.var(correction=0) for one in (y, x)]), x, y)
            ),
            "Not along channels: compare places, axis 0": lambda x, y: variances(
                torch.stack([one.var(1, correction=0).mean() for one in (y, x)]), x, y
            ),
            "The target's variance first": lambda x, y: numbers(x, y)[[0, 2, 1]],
        },
    ),
}
