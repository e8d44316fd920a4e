"""Paint what is hidden: one picture, some of its patches hidden, what the model puts there."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from numpy import ndarray

from lecturelib.frontends.patches import Grid
from lecturelib.masking import block_patches, patches_to_hide, random_patches
from lecturelib.objectives.masked_image import MaskedPixels

SMALLEST = 16 / 196  # BEiT's smallest rectangle, as a share of its grid


@dataclass(frozen=True)
class MaskedPictures:
    """A masked image model for the mask painter: pictures and masks as arrays, one at a time.

    Patches are counted row by row from the top left; pixels are 0-1. Raises ValueError for a model
    in training: dropout would paint another picture each time.
    """

    mae: MaskedPixels

    def __post_init__(self) -> None:
        if self.mae.training:
            raise ValueError("the model is in training mode: call eval() first")

    @property
    def grid(self) -> Grid:
        """Patches down and across."""
        return self.mae.grid

    @property
    def patch(self) -> Grid:
        """Pixels down and across, in one patch."""
        return self.mae.patch

    def restore(
        self, pixels: Float[ndarray, "channel height width"], hidden: Bool[ndarray, " some"]
    ) -> Float[ndarray, "channel height width"]:
        """The picture with its hidden patches painted; the visible ones stay as they are.

        Raises ValueError for a mask of another grid, and for one that hides nothing or all.
        """
        if len(hidden) != (count := self.grid[0] * self.grid[1]):
            raise ValueError(f"hidden has {len(hidden)} places, the grid {self.grid} has {count}")
        if hidden.all() or not hidden.any():
            raise ValueError(
                f"{hidden.sum()} of {count} patches are hidden: "
                "hide at least one and leave at least one to see"
            )
        home = next(self.mae.parameters())
        picture, mask = torch.as_tensor(pixels).to(home), torch.as_tensor(hidden).to(home.device)
        return self.mae.restore(picture[None], mask[None])[0].cpu().numpy()

    def random(self, share: float, seed: int) -> Bool[ndarray, " patches"]:
        """MAE's rule. One seed's patches for a larger share contain those for a smaller one."""
        rng = torch.Generator().manual_seed(seed)
        return random_patches(1, self.grid, rng, share=share)[0].numpy()

    def blocks(self, share: float, seed: int) -> Bool[ndarray, " patches"]:
        """BEiT's rule, the smallest rectangle in proportion to the grid."""
        rng = torch.Generator().manual_seed(seed)
        least = max(1, round(SMALLEST * self.grid[0] * self.grid[1]))
        smallest = min(least, patches_to_hide(share, self.grid))
        return block_patches(1, self.grid, rng, share=share, smallest=smallest)[0].numpy()
