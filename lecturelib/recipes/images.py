"""Pictures: VGG, and the one encoder on patches."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.encoders.vgg import CONFIGS, VGG, ConvStack
from lecturelib.frontends.patches import Patches, RelativePositions
from lecturelib.recipes.start import start_at

MINI_VGG = (32, 32, "M", 64, 64, "M", 128, 128, "M")


def vgg(size: str = "D", *, classes: int = 1000, batch_norm: bool = False) -> VGG | ConvStack:
    """Simonyan and Zisserman 2015, Table 1: A, B, C, D (VGG16) and E (VGG19).

    mini  ours, for 32x32 pictures: six convolutions with batch norm, one vector of 128 a picture
    """
    if size == "mini":
        return ConvStack(channels=3, plan=MINI_VGG)
    if size not in CONFIGS:
        raise ValueError(f"size={size!r}: choose from {', '.join(CONFIGS)}, mini")
    return VGG(plan=CONFIGS[size], classes=classes, batch_norm=batch_norm)


class ImageSize(NamedTuple):
    """What two Vision Transformers differ in. image, patch: pixels of a side."""

    image: int
    patch: int
    dim: int
    heads: int
    depth: int
    dropout: float = 0.0
    drop_path: float = 0.0
    layer_scale: float | None = None


VITS = {  # Dosovitskiy 2021, Table 1 and (dropout) Table 3, and ours
    "base": ImageSize(224, 16, 768, 12, 12, 0.1),
    "large": ImageSize(224, 16, 1024, 16, 24, 0.1),
    "huge": ImageSize(224, 14, 1280, 16, 32),
    "mini": ImageSize(32, 4, 128, 4, 4),
    "tiny": ImageSize(32, 4, 88, 4, 3),
}


def vit(size: str = "base") -> Model:
    """Dosovitskiy 2021: an image is a sequence of patches, and the encoder is pre-norm, GELU.

    base, large, huge  the paper's 86 M, 307 M and 632 M: 85.8, 303.3 and 630.8 without classes.
                       Dropout stands after every linear layer but query, key and value (B.1).
                       They start as in the published code: Xavier, biases 0
    mini, tiny         ours, for pixels in 0-1, where the published ones want them centred; tiny
                       has as many weights as vgg("mini")
    """
    sides, patches = image_patches(size, VITS)
    variant = Variant(
        norm_first=True,
        activation=F.gelu,
        eps=1e-6,
        dropout=sides.dropout,
        activation_dropout=sides.dropout,
    )
    model = Model(frontend=patches, encoder=image_encoder(sides, variant))
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    if size in ("mini", "tiny"):
        start_for_pixels(patches.embed)
    return model


@torch.no_grad()
def start_for_pixels(embed: nn.Conv2d) -> None:
    """As if pixels came with mean 0 and deviation 1: w(4x - 2) written as (4w)x - 2w."""
    embed.weight.mul_(4)
    embed.bias.sub_(embed.weight.sum((1, 2, 3)) / 2)  # pyright: ignore[reportOptionalMemberAccess]


BEITS = {  # Bao 2022, Section 2.5 and the published commands, and ours
    "base": ImageSize(224, 16, 768, 12, 12, drop_path=0.1, layer_scale=0.1),
    "large": ImageSize(224, 16, 1024, 16, 24, drop_path=0.1, layer_scale=1e-5),
    "mini": ImageSize(32, 4, 128, 4, 4, layer_scale=0.1),
}


def beit(size: str = "base") -> Model:
    """Bao 2022: ViT with relative positions that all layers share, layer scale, no key bias.

    base, large  the published pre-training: up to a tenth of the sublayers are left out while
                 training (stochastic depth), and dropout is 0
    mini         ours, without stochastic depth; it starts larger, as our small BERTs do
    """
    sides, patches = image_patches(size, BEITS)
    patches.position = None
    patches.relative = nn.ModuleList([RelativePositions(grid=patches.grid, heads=sides.heads)])
    variant = Variant(
        norm_first=True,
        activation=F.gelu,
        eps=1e-6,
        dropout=sides.dropout,
        drop_path=sides.drop_path,
        key_bias=False,
        layer_scale=sides.layer_scale,
    )
    model = Model(frontend=patches, encoder=image_encoder(sides, variant))
    start_at(model, linear=0.02 * math.sqrt(max(1, 768 / sides.dim)))
    for number, layer in enumerate(model.encoder.layers, start=1):
        for last in (layer.attention.out, layer.feed_forward.narrow):
            last.weight.data /= math.sqrt(2 * number)  # Section 2.5: deep layers start small
    return model


def image_patches(size: str, table: dict[str, ImageSize]) -> tuple[ImageSize, Patches]:
    """A row of a table, and its front end."""
    if size not in table:
        raise ValueError(f"size={size!r}: choose from {', '.join(table)}")
    sides = table[size]
    grid, patch = sides.image // sides.patch, sides.patch
    patches = Patches(
        grid=(grid, grid), patch=(patch, patch), channels=3, dim=sides.dim, dropout=sides.dropout
    )
    return sides, patches


def image_encoder(sides: ImageSize, variant: Variant) -> Encoder:
    """The one encoder, four times as wide inside."""
    return Encoder(
        dim=sides.dim, heads=sides.heads, depth=sides.depth, hidden=4 * sides.dim, variant=variant
    )
