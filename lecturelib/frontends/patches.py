"""Image -> tokens: cut into patches, one linear layer a patch, [class] in front, positions added.

Dosovitskiy 2021, Equation 1. Hiding happens here, after the patches are embedded and before their
positions are added: the encoder is told where something is missing, not what.
"""

import torch
from einops import rearrange
from jaxtyping import Bool
from torch import Tensor, nn

from lecturelib.shapes import Images, Tokens


class Patches(nn.Module):
    """[batch, channel, height, width] -> [batch, 1 + patches, dim]; token 0 is [class].

    grid     patches down and across             patch    pixels down and across, in one patch
    hidden   [batch, patches] True: the patch is replaced by one learned token (`mask`)

    Raises ValueError for an image of another size, and for `hidden` where `mask` is None.
    """

    def __init__(
        self,
        *,
        grid: tuple[int, int],
        patch: tuple[int, int],
        channels: int,
        dim: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.image = (channels, grid[0] * patch[0], grid[1] * patch[1])
        self.embed = nn.Conv2d(channels, dim, kernel_size=patch, stride=patch)
        self.cls = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.mask: nn.Parameter | None = nn.Parameter(torch.zeros(1, 1, dim))
        self.position = nn.Parameter(0.02 * torch.randn(1, 1 + grid[0] * grid[1], dim))
        self.drop = nn.Dropout(dropout)

    def forward(
        self, images: Images, hidden: Bool[Tensor, "batch patches"] | None = None
    ) -> Tokens:
        if images.shape[1:] != self.image:
            have, want = list(images.shape[1:]), list(self.image)
            raise ValueError(
                f"images are {have} (channel, height, width), positions are for {want}"
            )
        tokens = rearrange(self.embed(images), "batch dim down across -> batch (down across) dim")
        if hidden is not None:
            tokens = self.hide(tokens, hidden)
        cls = self.cls.expand(len(tokens), -1, -1)
        return self.drop(torch.cat([cls, tokens], dim=1) + self.position)

    def hide(self, tokens: Tokens, hidden: Bool[Tensor, "batch patches"]) -> Tokens:
        """Put the learned mask token in the place of every hidden patch."""
        if self.mask is None:
            raise ValueError("hidden was given, but this front end has no mask token")
        if hidden.shape != tokens.shape[:2]:
            raise ValueError(
                f"hidden is {list(hidden.shape)}, patches are {list(tokens.shape[:2])}"
            )
        return torch.where(hidden[:, :, None], self.mask, tokens)
