"""Image -> tokens: cut into patches, one linear layer a patch, [class] in front, positions added.

Dosovitskiy 2021, Equation 1. Hiding happens here, after the patches are embedded and before their
positions are added: the encoder is told where something is missing, not what. BEiT's positions are
relative: a bias on the attention scores, which the front end owns and the encoder only adds.
"""

import copy
from typing import TypeAlias

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lecturelib.data.pixels import check_pixels
from lecturelib.shapes import Images, Tokens

Grid: TypeAlias = tuple[int, int]
"""Patches down and across."""
ScoreBias: TypeAlias = Float[Tensor, "heads time time"]
"""Added to what each token thinks of each other; time = 1 + patches."""


class Patches(nn.Module):
    """[batch, channel, height, width] -> [batch, 1 + patches, dim]; token 0 is [class].

    grid      patches down and across            patch    pixels down and across, in one patch
    hidden    [batch, patches] True: the patch is replaced by one learned token (`mask`)
    position  learned, added to the tokens; None: none (BEiT)
    relative  BEiT's positions: one table for all layers, or one a layer; None: none (ViT)

    Raises ValueError for pictures that it cannot cut, for pixels that are not 0-1, and for `hidden`
    of another grid or where `mask` is None.
    """

    def __init__(self, *, grid: Grid, patch: Grid, channels: int, dim: int, dropout: float = 0.0):
        super().__init__()
        self.grid, self.patch, self.channels = grid, patch, channels
        self.embed = nn.Conv2d(channels, dim, kernel_size=patch, stride=patch)
        self.cls = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.mask: nn.Parameter | None = nn.Parameter(torch.zeros(1, 1, dim))
        self.position: nn.Parameter | None = nn.Parameter(
            0.02 * torch.randn(1, 1 + grid[0] * grid[1], dim)
        )
        self.relative: nn.ModuleList | None = None
        self.drop = nn.Dropout(dropout)

    def forward(
        self, images: Images, hidden: Bool[Tensor, "batch patches"] | None = None
    ) -> Tokens:
        self.check(images)
        tokens = rearrange(self.embed(images), "batch dim down across -> batch (down across) dim")
        if hidden is not None:
            tokens = self.hide(tokens, hidden)
        tokens = torch.cat([self.cls.expand(len(tokens), -1, -1), tokens], dim=1)
        return self.drop(tokens if self.position is None else tokens + self.position)

    def check(self, images: Images) -> None:
        """ValueError for pictures of another kind or size, with both sizes."""
        check_pixels(images, self.channels)
        (height, width), (down, across) = images.shape[2:], self.patch
        for name, side, patch in (("height", height, down), ("width", width, across)):
            if side % patch:
                raise ValueError(
                    f"{name}={side} does not split into patches of {patch}: "
                    f"crop or resize to a multiple of {patch}"
                )
        if (grid := (height // down, width // across)) != self.grid:
            want = [self.channels, self.grid[0] * down, self.grid[1] * across]
            raise ValueError(
                f"images are {list(images.shape[1:])} (channel, height, width), positions are for "
                f"{want}: resize the images, or the front end with resized({grid})"
            )

    def hide(self, tokens: Tokens, hidden: Bool[Tensor, "batch patches"]) -> Tokens:
        """Put the learned mask token in the place of every hidden patch."""
        if self.mask is None:
            raise ValueError("hidden was given, but this front end has no mask token")
        if hidden.shape != tokens.shape[:2]:
            raise ValueError(
                f"hidden is {list(hidden.shape)}, patches are {list(tokens.shape[:2])}"
            )
        return torch.where(hidden[:, :, None], self.mask, tokens)

    def bias(self) -> ScoreBias | list[ScoreBias] | None:
        """What relative positions add to the scores: one bias for all layers, or one a layer."""
        if self.relative is None:
            return None
        biases = [table() for table in self.relative]
        return biases[0] if len(biases) == 1 else biases

    def resized(self, grid: Grid) -> "Patches":
        """A copy for pictures of another size: its positions are interpolated (Section 3.2).

        The patches stay as large as they are, so that a finer picture has more of them. Bicubic, as
        in the published code; [class] keeps its position.
        """
        if min(grid) < 1:
            raise ValueError(f"grid={grid}: at least one patch down and across")
        other = copy.deepcopy(self)
        other.grid = grid
        if self.position is not None:
            first, places = self.position.detach()[:, :1], self.position.detach()[0, 1:]
            places = stretch(places, self.grid, grid, mode="bicubic")
            other.position = nn.Parameter(torch.cat([first, places[None]], dim=1))
        if self.relative is not None:
            tables: list[RelativePositions] = list(self.relative)  # type: ignore[arg-type]
            other.relative = nn.ModuleList(table.resized(grid) for table in tables)
        return other


class RelativePositions(nn.Module):
    """One learned number a head for each (down, across) that two patches may lie apart (BEiT).

    table [(2h-1)(2w-1) + 3, heads]; the last three rows are for what has no place: [class] looks at
    a patch, a patch looks at [class], [class] looks at itself. Starts at 0: all alike.
    """

    def __init__(self, *, grid: Grid, heads: int):
        super().__init__()
        self.grid = grid
        rows = (2 * grid[0] - 1) * (2 * grid[1] - 1) + 3
        self.table = nn.Parameter(torch.zeros(rows, heads))
        self.row: Tensor
        self.register_buffer("row", offsets(grid), persistent=False)

    def forward(self) -> ScoreBias:
        """What to add to the scores."""
        return rearrange(self.table[self.row], "query key heads -> heads query key")

    def resized(self, grid: Grid) -> "RelativePositions":
        """A copy for another grid, the table interpolated between its offsets (bilinear)."""
        old = (2 * self.grid[0] - 1, 2 * self.grid[1] - 1)
        new = (2 * grid[0] - 1, 2 * grid[1] - 1)
        apart, special = self.table.detach()[:-3], self.table.detach()[-3:]
        other = RelativePositions(grid=grid, heads=self.table.shape[1]).to(self.table)
        apart = stretch(apart, old, new, mode="bilinear")
        other.table = nn.Parameter(torch.cat([apart, special]))
        return other


def offsets(grid: Grid) -> Int[Tensor, "time time"]:
    """Which row of the table each pair of tokens reads; token 0 is [class]."""
    height, width = grid
    down, across = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    down, across = down.flatten(), across.flatten()
    apart = (down[:, None] - down + height - 1) * (2 * width - 1)
    apart = apart + across[:, None] - across + width - 1
    last = (2 * height - 1) * (2 * width - 1) + 2
    row = torch.full((1 + len(down), 1 + len(down)), last - 1)  # a patch looks at [class]
    row[0], row[0, 0] = last - 2, last  # [class] looks at a patch, at itself
    row[1:, 1:] = apart
    return row


def stretch(
    table: Float[Tensor, "places dim"], old: Grid, new: Grid, *, mode: str
) -> Float[Tensor, "more dim"]:
    """The rows of a table lie on a grid `old`: what lies between them, on a grid `new`."""
    picture = rearrange(table, "(down across) dim -> 1 dim down across", down=old[0])
    picture = F.interpolate(picture, size=new, mode=mode, align_corners=False)
    return rearrange(picture, "1 dim down across -> (down across) dim")
