"""Another task than recognition: say of every patch of a mosaic which class it shows."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Float, Int
from sklearn.metrics import jaccard_score
from torch import Generator, Tensor

from lecturelib.adapt.transfer import linear
from lecturelib.data.batch import Batch
from lecturelib.frontends.patches import Grid
from lecturelib.objectives.masked_image import cut, paste
from lecturelib.shapes import Images

Map = Int[Tensor, "n down across"]
Look = Callable[[Images], Float[Tensor, "n patches dim"]]
"""Pictures -> a vector a patch: an encoder's context without [class], or `cut` for raw pixels."""


class Mosaics(NamedTuple):
    """Four pictures meet at a point of the patch grid; label: the class that each patch shows."""

    pixels: Images
    label: Map


def mosaics(pictures: Batch, count: int, rng: Generator, *, grid: Grid, patch: Grid) -> Mosaics:
    """Each picture keeps a corner, at its own place and size; no patch shows two of them.

    The point where they meet is drawn, at least a quarter of the grid away from the edge. Raises
    ValueError where the grid's patches are not the pictures.
    """
    want = (grid[0] * patch[0], grid[1] * patch[1])
    if (size := tuple(pictures.signal.shape[2:])) != want:
        raise ValueError(f"pictures are {size}, grid {grid} of patches {patch} is {want}")
    four = torch.randint(len(pictures), (count, 4), generator=rng)
    down, across = (quarter_of(side, count, rng) for side in grid)
    quarter = (2 * down[:, :, None] + across[:, None, :]).flatten(1)
    label = pictures.labels[four].gather(1, quarter)
    patches = rearrange(cut(pictures.signal[four.flatten()], patch), "(n f) p v -> n f p v", f=4)
    chosen = patches[torch.arange(count)[:, None], quarter, torch.arange(quarter.shape[1])]
    return Mosaics(paste(chosen, grid, patch), label.view(count, *grid))


def quarter_of(side: int, count: int, rng: Generator) -> Int[Tensor, "count side"]:
    """0 before the point where the pictures meet, 1 from there on."""
    meet = torch.randint(side // 4, side - side // 4 + 1, (count, 1), generator=rng)
    return (torch.arange(side) >= meet).long()


def segment(look: Look, known: Mosaics, unseen: Mosaics) -> Map:
    """A linear layer on each patch's vector, fitted on the known mosaics: the unseen ones' map."""
    model = linear(look(known.pixels).flatten(0, 1), known.label.flatten(), cost=0.01)
    guess = model.predict(look(unseen.pixels).flatten(0, 1).numpy())
    return torch.from_numpy(guess).view(unseen.label.shape)


class Agreement(NamedTuple):
    """right: share of patches; iou: intersection over union, mean over classes."""

    right: float
    iou: float


def agreement(guess: Map, truth: Map) -> Agreement:
    """How well two maps agree."""
    ours, theirs = guess.flatten().numpy(), truth.flatten().numpy()
    return Agreement(float((ours == theirs).mean()), jaccard_score(theirs, ours, average="macro"))
