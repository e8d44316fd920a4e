"""Exercises of notebook 08, the teacher's half: how slowly it follows, and what it answers."""

import math
from functools import wraps

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from lecturelib.encoders.transformer import Steps
from lecturelib.exercises import Exercise
from lecturelib.objectives.latent_regression import EPS, Settings, annealed, over_time, targets
from lecturelib.objectives.teacher import Teacher, ema


def weights(rng: Generator) -> list[tuple]:
    """One weight that follows 1, then 2; then three over four steps. Students are in training."""
    few, many = torch.tensor([[1.0], [2.0]]), torch.randn(4, 3, generator=rng)
    return [
        (torch.zeros(1), few.requires_grad_(), 0.9),
        (torch.randn(3, generator=rng), many.requires_grad_(), 0.75),
    ]


@wraps(Teacher.follow)
def follow(teacher: Tensor, students: Tensor, tau: float) -> Tensor:
    """The teacher's weights after it has followed each student in turn."""
    behind = Teacher(nn.ParameterList([teacher]), tau=tau)
    for student in students.detach():
        behind.follow(nn.ParameterList([student]))
    return next(behind.parameters()).detach()


def in_turn(teacher: Tensor, students: Tensor, tau: float) -> Tensor:
    """`follow` with a gradient."""
    for student in students:
        teacher = ema(teacher, student, tau)
    return teacher


def times(rng: Generator) -> list[tuple]:
    """A coarse schedule, step by step and past its end; then speech's in the paper."""
    far = torch.randint(60_000, (5,), generator=rng)
    return [((0.5, 0.9, 4), torch.arange(7)), ((0.999, 0.9999, 30_000), far)]


@wraps(annealed)
def schedule(tau: tuple[float, float, int], step: Tensor) -> Tensor:
    """tau at each of the steps."""
    return torch.tensor([annealed(tau, int(one)) for one in step])


def risen(tau: tuple[float, float, int], share: Tensor) -> Tensor:
    """A share of the way from the first value to the last one."""
    return tau[0] + (tau[1] - tau[0]) * share


def sounds(rng: Generator) -> list[tuple]:
    """Two places and filling; then three lengths; then a channel that never changes."""
    one = (
        torch.tensor([[[1.0, 0.0], [3.0, 10.0], [9.0, 9.0]]]),
        torch.tensor([[False, False, True]]),
    )
    x = torch.randn(3, 6, 4, generator=rng) * torch.arange(1, 5) + 2
    is_pad = torch.arange(6) >= torch.tensor([[6], [4], [2]])
    return [one, (x, is_pad), (torch.cat([x, torch.ones(3, 6, 1)], 2), is_pad)]


def scaled(x: Tensor, is_pad: Tensor, axes: tuple[int, ...], lost: int = 0) -> Tensor:
    """Mean 0, deviation 1 of what is no pad, along these axes; `lost`: n - 1 under the variance."""
    keep = (~is_pad[:, :, None]).expand_as(x).to(x)
    count = keep.sum(axes, keepdim=True)
    centred = x - (x * keep).sum(axes, keepdim=True) / count
    square = (centred.square() * keep).sum(axes, keepdim=True) / (count - lost)
    return centred / (square + EPS).sqrt()


def thoughts(rng: Generator) -> list[tuple]:
    """Two of three layers, the last one louder; then three of five, each louder than before."""
    loud = torch.tensor([[[[0.0, 1, 2], [1, 0, 5]]], [[[1, 0, 5], [2, 1, 0]]]])
    one = torch.cat([loud, torch.tensor([[[[0.0, 30, 0], [10, 0, 0]]]])])
    many = torch.randn(5, 2, 4, 6, generator=rng) * 3 ** torch.arange(5.0).view(5, 1, 1, 1)
    return [(one.requires_grad_(), 2), (many.requires_grad_(), 3)]


@wraps(targets)
def target(layers: Tensor, top: int) -> Tensor:
    """Of the feed-forward outputs, each token of each layer normalised, as for text."""
    return with_gradient(layers.detach(), top)


def with_gradient(layers: Tensor, top: int) -> Tensor:
    """`targets` as they come."""
    return targets([Steps(one, one, one, one) for one in layers], Settings(top=top))


def each(layers: Tensor) -> Tensor:
    """Each token of each layer normalised over its channels."""
    return F.layer_norm(layers, layers.shape[-1:], eps=EPS)


EXERCISES = {
    "follow": Exercise(
        follow,
        weights,
        {
            "The student's gradient flows into the teacher: torch.no_grad() or detach": in_turn,
            "tau keeps the OLD teacher, 1 - tau takes the student: swap them": (
                lambda old, students, tau: in_turn(old, students, 1 - tau)
            ),
            "Each step starts from the teacher of the step before, not from the first": (
                lambda old, students, tau: ema(old, students[-1], tau)
            ),
            "The latest student counts most: that is a plain mean of them": (
                lambda old, students, tau: ema(old, students.mean(0), tau)
            ),
            "Both shares must sum to 1: (1 - tau) is missing": lambda old, students, tau: sum(
                (tau ** (len(students) - 1 - at) * one for at, one in enumerate(students)),
                tau ** len(students) * old,
            ),
            "That copies the last student": lambda old, students, tau: students[-1],
        },
    ),
    "annealed": Exercise(
        schedule,
        times,
        {
            "After the last step tau stays: it would pass its last value": lambda tau, step: risen(
                tau, step / tau[2]
            ),
            "It rises: the young student changes fast, so the teacher must follow fast": (
                lambda tau, step: risen(tau, (1 - step / tau[2]).clamp(min=0))
            ),
            "A straight line, not a jump at the end": lambda tau, step: risen(
                tau, (step >= tau[2]).float()
            ),
            "That is BYOL's cosine: here it is a straight line": lambda tau, step: risen(
                tau, (1 - (math.pi * (step / tau[2]).clamp(max=1)).cos()) / 2
            ),
            "Step 0 has the first value: you are one step ahead": lambda tau, step: schedule(
                tau, step + 1
            ),
            "That is the last value at every step": lambda tau, step: risen(
                tau, torch.ones(len(step))
            ),
        },
    ),
    "over_time": Exercise(
        over_time,
        sounds,
        {
            "Filling takes part: only real places make the mean and the deviation": (
                lambda x, is_pad: F.instance_norm(x.mT, eps=EPS).mT
            ),
            "Zeros are values too: divide by the number of real places": lambda x, is_pad: (
                F.instance_norm(x.masked_fill(is_pad[:, :, None], 0).mT, eps=EPS).mT
            ),
            "That is LayerNorm, over channels: here each channel over time": lambda x, is_pad: (
                F.layer_norm(x, x.shape[-1:], eps=EPS)
            ),
            "Each example alone: the neighbours in the batch must not matter": lambda x, is_pad: (
                scaled(x, is_pad, (0, 1))
            ),
            "Each channel alone: you take one mean for all channels": lambda x, is_pad: scaled(
                x, is_pad, (1, 2)
            ),
            "n under the variance, not n - 1": lambda x, is_pad: scaled(x, is_pad, (1,), lost=1),
            "Filling gets the same formula; nobody reads it": lambda x, is_pad: over_time(
                x, is_pad
            ).masked_fill(is_pad[:, :, None], 0),
            "A channel that never changes is 0 / 0: add 1e-5 to the variance": lambda x, is_pad: (
                torch.where(over_time(x, is_pad) == 0, math.nan, over_time(x, is_pad))
            ),
        },
    ),
    "targets": Exercise(
        target,
        thoughts,
        {
            "A gradient flows into the teacher: torch.no_grad() or detach": with_gradient,
            "Normalise each layer first, then average: else the loudest layer is the target": (
                lambda layers, top: each(layers[-top:].mean(0))
            ),
            "The LAST K layers": lambda layers, top: each(layers[:top]).mean(0),
            "Only the last K layers, not all": lambda layers, top: each(layers).mean(0),
            "That is the last layer alone": lambda layers, top: each(layers[-1]),
            "Averaged, not normalised": lambda layers, top: layers[-top:].mean(0),
            "Normalise once: the average stays as it is": lambda layers, top: each(
                each(layers[-top:]).mean(0)
            ),
            "An average, not a sum": lambda layers, top: each(layers[-top:]).sum(0),
            "Over the channels of each place; over time is for speech": lambda layers, top: (
                torch.stack([over_time(one, None) for one in layers[-top:]]).mean(0)
            ),
            "n under the variance, not n - 1, as torch's std has it": lambda layers, top: (
                each(layers[-top:]).mean(0) * math.sqrt(1 - 1 / layers.shape[-1])
            ),
        },
    ),
}
