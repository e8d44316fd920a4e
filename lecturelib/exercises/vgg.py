"""Exercises of notebook 02, with the typical slips."""

from functools import wraps

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lecturelib.adapt.layers import standardised
from lecturelib.adapt.looking import (
    Window,
    cut,
    of_label,
    receptive_field,
    stack_weights,
    weigh_maps,
)
from lecturelib.encoders.vgg import Plan
from lecturelib.exercises import Exercise


@wraps(receptive_field)  # so that solution("receptive_field") prints the library's own
def three_numbers(plan: Plan) -> Tensor:
    """Size, step and start of a window."""
    return torch.tensor(receptive_field(plan))


def plans(rng: Generator) -> list[tuple]:
    """One layer and two; a halving between them; another kernel, and deeper; then any."""
    drawn = torch.randint(5, (6,), generator=rng).tolist()
    any_plan = tuple((8, "M", (8, 5), (8, 7), 16)[kind] for kind in drawn)
    few = [((8,),), ((8, 8),), ((8, "M", 8),), ((8, 8, "M", (16, 5), "M", 16),)]
    return [*few, ((8, *any_plan),)]


def kernels(plan: Plan) -> Tensor:
    """How many places each layer reads along a side: 3, another number, or the two of a halving."""
    sides = [entry[1] if isinstance(entry, tuple) else 3 for entry in plan if entry != "M"]
    return torch.tensor(sides + [2] * plan.count("M"))


def close_together(plan: Plan) -> Tensor:
    """The window where every layer's places lie one pixel apart."""
    size = kernels(plan) - 1
    before = -(kernels(plan) % 2 * size // 2).sum()
    return torch.stack([1 + size.sum(), three_numbers(plan)[1], before])


@wraps(stack_weights)
def total_weights(kernel: int, layers: int, channels: int) -> Tensor:
    """The number, as a tensor."""
    return torch.tensor(stack_weights(kernel=kernel, layers=layers, channels=channels))


def stacks(rng: Generator) -> list[tuple]:
    """One small layer; then the paper's two, which see equally much; then any."""
    half, layers, channels = torch.randint(1, 5, (3,), generator=rng).tolist()
    return [(3, 1, 2), (3, 3, 64), (7, 1, 64), (2 * half + 1, 1 + layers, 7 * channels)]


def windows(rng: Generator) -> list[tuple]:
    """The corner of a 3x3 picture; then places of deeper maps, inside and at the edges."""
    small = torch.arange(1.0, 10.0).view(1, 3, 3)
    large = torch.rand(2, 8, 10, generator=rng)
    deep = Window(4, 2, -1)
    return [(small, Window(3, 1, -1), 0, 0), (large, deep, 1, 2), (large, deep, 3, 0)]


def seen(framed: Tensor, window: Window, top: int, left: int) -> Tensor:
    """A square of the window's size."""
    return framed[:, top : top + window.size, left : left + window.size]


def repeated(image: Tensor, window: Window, row: int, column: int) -> Tensor:
    """The edge goes on where the picture ends."""
    framed = F.pad(image, (window.size,) * 4, mode="replicate")
    return seen(framed, window, *(window.size + window.at(place) for place in (row, column)))


def verdicts(rng: Generator) -> list[tuple]:
    """One picture, asked for a class that does not win; then five."""
    one = (torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([2]))
    return [one, (torch.randn(5, 4, generator=rng), torch.tensor([3, 0, 0, 2, 1]))]


def slopes(rng: Generator) -> list[tuple]:
    """One channel for the label and one against it; then two pictures of three channels."""
    slope = torch.tensor([[[[2.0, 0.0]], [[-1.0, -1.0]]]])
    maps = torch.tensor([[[[1.0, 3.0]], [[2.0, 1.0]]]])
    many, large = torch.randn(2, 2, 3, 4, 5, generator=rng)
    return [(slope, maps), (many, large.relu())]


def weighted(alpha: Tensor, maps: Tensor) -> Tensor:
    """Each channel's map times its alpha."""
    return alpha[:, :, None, None] * maps


@wraps(standardised)
def unseen_scaled(known: Tensor, unseen: Tensor) -> Tensor:
    """The unseen vectors; the known ones are left out."""
    return standardised(known, unseen)[1]


def vectors(rng: Generator) -> list[tuple]:
    """Two known vectors and two new ones; then more, whose last number never changes."""
    one = (torch.tensor([[0.0, 10.0], [2.0, 30.0]]), torch.tensor([[1.0, 20.0], [4.0, 0.0]]))
    known, unseen = torch.randn(2, 6, 3, generator=rng)
    dead = torch.full((6, 1), 0.5)
    return [one, (torch.cat([known, dead], 1), torch.cat([2 + 3 * unseen, dead], 1))]


def scaled(by: Tensor, unseen: Tensor, correction: int = 0) -> Tensor:
    """In the scale of `by`."""
    return (unseen - by.mean(0)) / by.std(0, correction=correction).clamp(min=1e-6)


EXERCISES = {
    "receptive_field": Exercise(
        three_numbers,
        plans,
        {
            "After a halving a kernel's places lie further apart: count in steps": close_together,
            "Windows overlap: two 3x3 see 5x5, three 7x7; add, do not multiply": lambda plan: (
                torch.cat([kernels(plan).prod()[None], three_numbers(plan)[1:]])
            ),
            "A halving reads two places: it widens the window by one step": lambda plan: (
                three_numbers(plan) - F.pad(three_numbers(plan)[1:2] - 1, (0, 2))
            ),
            "Padding: half of what a kernel adds lies before, so start is below 0": lambda plan: (
                three_numbers(plan) * torch.tensor([1, 1, 0])
            ),
            "(width, kernel) brings a kernel of its own: not all are 3x3": lambda plan: (
                three_numbers(tuple(entry if entry == "M" else 1 for entry in plan))
            ),
        },
    ),
    "stack_weights": Exercise(
        total_weights,
        stacks,
        {
            "That is one layer": lambda k, n, c: torch.tensor(k**2 * c**2),
            "Each of the C filters reads all C maps below it: C^2": lambda k, n, c: torch.tensor(
                n * k**2 * c
            ),
            "A kernel has two sides: k^2": lambda k, n, c: torch.tensor(n * k * c**2),
            "Layers stand on top of one another: their weights add up": lambda k, n, c: (
                torch.tensor((k**2 * c**2) ** n)
            ),
            "Without biases, as the paper counts here": lambda k, n, c: torch.tensor(
                n * (k**2 * c**2 + c)
            ),
        },
    ),
    "cut_window": Exercise(
        cut,
        windows,
        {
            "A negative index counts from the end: put a frame of zeros around it": (
                lambda image, w, r, c: seen(image, w, w.at(r), w.at(c))
            ),
            "Past the edge the network sees 0, not the edge again": repeated,
            "The first window hangs over the edge: begin at window.start": lambda image, w, r, c: (
                cut(image, w._replace(start=0), r, c)
            ),
            "Neighbours' windows lie window.step pixels apart, not 1": lambda image, w, r, c: cut(
                image, w._replace(step=1), r, c
            ),
            "Rows count down (axis 1), columns across (axis 2)": lambda image, w, r, c: cut(
                image, w, c, r
            ),
        },
    ),
    "of_label": Exercise(
        of_label,
        verdicts,
        {
            "Before the softmax: afterwards the other classes are in it too": lambda x, y: of_label(
                x.softmax(1), y
            ),
            "The label's score was asked for, not the winner's": lambda x, y: x.amax(1),
            "That is every row's score of every label: row i needs label i only": lambda x, y: x[
                :, y
            ],
            "One score a picture; the sum comes later": lambda x, y: of_label(x, y).sum(),
        },
    ),
    "weigh_maps": Exercise(
        weigh_maps,
        slopes,
        {
            "ReLU is missing: only what speaks FOR the label is shown": lambda s, a: weighted(
                s.mean((2, 3)), a
            ).sum(1),
            "ReLU comes last: a channel against the label takes from the sum": lambda s, a: (
                weighted(s.mean((2, 3)), a).relu().sum(1)
            ),
            "alpha is the MEAN slope over the places: 1/Z is missing": lambda s, a: (
                weighted(s.sum((2, 3)), a).sum(1).relu()
            ),
            "One alpha a channel: average its slope over the places first": lambda s, a: (
                (s * a).sum(1).relu()
            ),
            "The other way round: slopes weigh, maps are what is shown": lambda s, a: weigh_maps(
                a, s
            ),
            "Without slopes the map is the same for every label": lambda s, a: a.sum(1).relu(),
        },
    ),
    "standardised": Exercise(
        unseen_scaled,
        vectors,
        {
            "The new vectors' own mean and deviation: use those of the known": lambda k, u: scaled(
                u, u
            ),
            "Looking at the new ones too is a leak: mean and deviation of the known": lambda k, u: (
                scaled(torch.cat([k, u]), u)
            ),
            "Each number has its own mean and deviation: along axis 0 only": lambda k, u: (
                (u - k.mean()) / k.std(correction=0)
            ),
            "Divide by the deviation, the root of the variance": lambda k, u: (
                (u - k.mean(0)) / k.var(0, correction=0).clamp(min=1e-6)
            ),
            "Divide by n, not by n - 1: correction=0": lambda k, u: scaled(k, u, correction=1),
            "A number that never changes is 0 / 0: clamp the deviation": lambda k, u: (
                (u - k.mean(0)) / k.std(0, correction=0)
            ),
        },
    ),
}
