"""Exercises of notebook 06, with the typical slips."""

from collections.abc import Sequence
from functools import wraps

import torch
from einops import rearrange
from torch import Generator, Tensor

from lecturelib.adapt.attention_maps import mean_distance, patch_distance, rollout
from lecturelib.exercises import Exercise
from lecturelib.masking import between
from lecturelib.objectives.masked_image import cut, put_back, take_apart


def pictures(rng: Generator) -> list[tuple]:
    """One grey picture of two patches; then coloured ones, and patches that are not square."""
    one = torch.arange(8.0).view(1, 1, 2, 4)
    return [(one, (2, 2)), (torch.rand(2, 3, 4, 9, generator=rng), (2, 3))]


def cut_as(images: Tensor, patch: tuple[int, int], order: str) -> Tensor:
    """Patches laid out in another order."""
    return rearrange(images, f"b c (h p) (w q) -> b {order}", p=patch[0], q=patch[1])


def in_a_row(images: Tensor, patch: tuple[int, int]) -> Tensor:
    """The numbers as they lie in memory, so many a patch."""
    return images.reshape(len(images), -1, images.shape[1] * patch[0] * patch[1])


def gaps(rng: Generator) -> list[tuple]:
    """One of two patches hidden; then two of four, and a row that keeps more than the other."""
    one = (torch.tensor([[[7.0], [1.0]]]), torch.tensor([[True, False]]), torch.tensor([9.0]))
    hidden = torch.tensor([[False, True, True, False], [False, False, True, False]])
    seen, missing = torch.randn(2, 4, 3, generator=rng), torch.randn(3, generator=rng)
    return [one, (seen[:1, :3], hidden[:1], missing), (seen, hidden, missing)]


def in_front(seen: Tensor, hidden: Tensor, missing: Tensor) -> Tensor:
    """What was seen, then as many `missing` as there is room for."""
    room = 1 + hidden.shape[1] - seen.shape[1]
    return torch.cat([seen, missing.expand(len(seen), room, -1)], dim=1)


@wraps(take_apart)  # so that solution("take_apart") prints the library's own
def detail(patches: Tensor) -> Tensor:
    """The detail; the tone is left out."""
    return take_apart(patches).detail


def contrasts(rng: Generator) -> list[tuple]:
    """A faint patch and a strong one; then more, one of a single colour."""
    flat = torch.full((1, 6), 0.5)
    return [
        (torch.tensor([[0.4, 0.5, 0.6], [0.0, 0.5, 1.0]]),),
        (torch.cat([torch.rand(3, 6, generator=rng), flat]),),
    ]


def less_mean(patches: Tensor) -> Tensor:
    """Each patch less its own mean."""
    return patches - patches.mean(1, keepdim=True)


def sides(rng: Generator) -> list[tuple]:
    """The first and the last place for two of three; then many."""
    luck, wide = torch.rand(2, 12, generator=rng)
    return [
        (torch.tensor([0.0, 0.99]), torch.tensor([2.0, 2.0]), 3),
        (luck, 1 + (5 * wide).floor(), 7),
    ]


def placed(start: Tensor, long: Tensor, room: int) -> Tensor:
    """A stretch from `start` on."""
    at = torch.arange(room)
    return (at >= start[:, None]) & (at < (start + long)[:, None])


def looks(rng: Generator) -> list[Sequence[Tensor]]:
    """Attention of two layers with one head, three tokens; then of three layers with two heads."""
    sizes = ((2, 1, 1, 3, 3), (3, 2, 2, 7, 7))
    return [tuple(torch.randn(size, generator=rng).softmax(-1)) for size in sizes]


def flows(rng: Generator) -> list[tuple]:
    """The layers, the first one first."""
    return [(weights,) for weights in looks(rng)]


def halves(weights: Sequence[Tensor]) -> list[Tensor]:
    """Each layer with its residual: W/2 + I/2."""
    return [(one.mean(1) + torch.eye(one.shape[-1])) / 2 for one in weights]


def chain(layers: Sequence[Tensor]) -> Tensor:
    """Their product, the last one first."""
    flow = layers[0]
    for one in layers[1:]:
        flow = one @ flow
    return flow


def distances(rng: Generator) -> list[tuple]:
    """Two patches side by side; then three across and two down, not square."""
    few, many = looks(rng)
    return [(few, (1, 2), (4, 4)), (many, (2, 3), (4, 8))]


def weighed(weights: Sequence[Tensor], far: Tensor, axis: int = -1) -> Tensor:
    """The mean of distances that may be wrong; the attention sums to 1 along an axis."""
    looks = torch.stack([one[:, :, 1:, 1:] for one in weights])
    return (looks / looks.sum(axis, keepdim=True) * far.to(looks)).sum(axis).mean((1, 3))


def with_class(weights: Sequence[Tensor], grid: tuple[int, int], patch: tuple[int, int]) -> Tensor:
    """What goes to [class] counts as distance 0."""
    looks = torch.stack([one[:, :, 1:, 1:] for one in weights])
    return (looks * patch_distance(grid, patch).to(looks)).sum(-1).mean((1, 3))


def blocks_walked(grid: tuple[int, int], patch: tuple[int, int]) -> Tensor:
    """Down, then across, as a taxi drives."""
    places = torch.cartesian_prod(*(torch.arange(size).double() for size in grid))
    middles = places * torch.tensor(patch)
    return (middles[:, None] - middles).abs().sum(-1)


EXERCISES = {
    "cut": Exercise(
        cut,
        pictures,
        {
            "A plain reshape takes whole rows of pixels: split both sides first": in_a_row,
            "Colour comes last in a patch: (down, across, channel)": lambda x, patch: cut_as(
                x, patch, "(h w) (c p q)"
            ),
            "Reading order: a row of patches after the other, not columns": lambda x, patch: cut_as(
                x, patch, "(w h) (p q c)"
            ),
            "Within a patch too rows come first: (down, across, channel)": lambda x, patch: cut_as(
                x, patch, "(h w) (q p c)"
            ),
            "Patches are rows, their values columns: swap the two": lambda x, patch: cut_as(
                x, patch, "(p q c) (h w)"
            ),
        },
    ),
    "put_back": Exercise(
        put_back,
        gaps,
        {
            "They keep their places: the gaps are between them, not behind": in_front,
            "Upside down: `missing` stands where hidden is True": lambda seen, hidden, missing: (
                put_back(seen, ~hidden, missing)
            ),
            "[class] is never hidden and comes back in front: 1 + patches": lambda s, hidden, m: (
                put_back(s, hidden, m)[:, 1:]
            ),
            "The learned token stands in the gaps, not zeros": lambda s, hidden, missing: put_back(
                s, hidden, torch.zeros_like(missing)
            ),
        },
    ),
    "take_apart": Exercise(
        detail,
        contrasts,
        {
            "Each patch has its own mean and deviation: along axis 1": lambda x: (
                (x - x.mean(0)) / (x.var(0) + 1e-6).sqrt()
            ),
            "One mean for all patches leaves their contrast in": lambda x: (
                (x - x.mean()) / (x.var() + 1e-6).sqrt()
            ),
            "Divide by the deviation too: faint patches count as much as strong ones": less_mean,
            "Divide by the root of the variance": lambda x: (
                less_mean(x) / (x.var(1, keepdim=True) + 1e-6)
            ),
            "n - 1 under the variance, as torch's own": lambda x: (
                less_mean(x) / (x.var(1, keepdim=True, correction=0) + 1e-6).sqrt()
            ),
            "A patch of one colour is 0 / 0: add 1e-6 to the variance": lambda x: (
                less_mean(x) / x.std(1, keepdim=True)
            ),
        },
    ),
    "between": Exercise(
        between,
        sides,
        {
            "The last place is never reached: there are room - long + 1 starts": (
                lambda luck, long, room: placed((luck * (room - long)).floor(), long, room)
            ),
            "It runs over the edge and is cut short there": lambda luck, long, room: placed(
                (luck * room).floor(), long, room
            ),
            "One too long: below start + long": lambda luck, long, room: placed(
                (luck * (room - long + 1)).floor(), long + 1, room
            ),
            "A start is a whole number: round down": lambda luck, long, room: placed(
                luck * (room - long + 1), long, room
            ),
            "Upside down: True is what the block covers": lambda luck, long, room: (
                ~between(luck, long, room)
            ),
        },
    ),
    "rollout": Exercise(
        rollout,
        flows,
        {
            "Half of each layer is the residual: add the identity": lambda weights: chain(
                [one.mean(1) for one in weights]
            ),
            "Heads are averaged; you take the strongest look": lambda weights: rollout(
                [one.amax(1, keepdim=True) for one in weights]
            ),
            "W + I sums to 2 along a row: halve it": lambda weights: (
                chain(halves(weights)) * 2 ** len(weights)
            ),
            "The last layer comes first: what it reads is what those below gave": lambda weights: (
                chain(halves(weights)[::-1])
            ),
            "Layers follow one another: multiply, do not average": lambda weights: torch.stack(
                halves(weights)
            ).mean(0),
            "That is the last layer alone": lambda weights: halves(weights)[-1],
        },
    ),
    "mean_distance": Exercise(
        mean_distance,
        distances,
        {
            "Pixels were asked for, not patches": lambda weights, grid, patch: weighed(
                weights, patch_distance(grid, (1, 1))
            ),
            "[class] has no place: the rest of a row must sum to 1 again": with_class,
            "As the crow flies: the root of the squares": lambda weights, grid, patch: weighed(
                weights, blocks_walked(grid, patch)
            ),
            "grid is (down, across), and so is patch": lambda weights, grid, patch: weighed(
                weights, patch_distance(grid[::-1], patch[::-1])
            ),
            "What one patch asks sums to 1: rows, not columns": lambda weights, grid, patch: (
                weighed(weights, patch_distance(grid, patch), axis=-2)
            ),
        },
    ),
}
