"""The lecture's table as code: which front end, which encoder, which sizes."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.data.numbers import LETTERS, SIGNS
from lecturelib.encoders.bilstm import BiLSTM
from lecturelib.encoders.decoder import Decoder
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.encoders.model import Model
from lecturelib.encoders.tdnn import TDNN, WIDTHS, XVector
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.encoders.vgg import CONFIGS, VGG, ConvStack
from lecturelib.frontends.characters import Characters
from lecturelib.frontends.patches import Patches, RelativePositions
from lecturelib.frontends.spectrogram import Filterbanks
from lecturelib.frontends.words import SinusoidalWords, Words

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


class VoiceSize(NamedTuple):
    """What two x-vector networks differ in."""

    widths: tuple[int, ...]
    embedding: int


XVECTORS = {  # Snyder et al. 2018, Table 1, and ours
    "original": VoiceSize(WIDTHS, 512),
    "mini": VoiceSize((256, 256, 256, 256, 512), 128),
}


def xvector(size: str = "original", *, deviation: bool = True) -> XVector:
    """Snyder et al. 2018: filterbanks of the speech, and the network up to segment6.

    original   the paper's 4.2 M weights, without what the softmax needs
    mini       ours, 0.75 M
    deviation  False: the mean over time only
    """
    if size not in XVECTORS:
        raise ValueError(f"size={size!r}: choose from {', '.join(XVECTORS)}")
    widths, embedding = XVECTORS[size]
    network = TDNN(widths=widths, embedding=embedding, deviation=deviation)
    return XVector(frontend=Filterbanks(), encoder=network)


def numbers_model(*, dim: int = 128, heads: int = 4, depth: int = 2) -> EncoderDecoder:
    """Vaswani 2017 in small, for numbers in words -> digits: letters in, digits out.

    The paper's base model has dim 512, 8 heads, depth 6; dropout is 0.1 there, here 0: the
    task is exact, and there is no noise to overfit to.
    """
    sizes = {"dim": dim, "heads": heads, "depth": depth, "hidden": 2 * dim}
    variant = Variant(dropout=0.0)
    return EncoderDecoder(
        source=SinusoidalWords(vocab=len(LETTERS), dim=dim, dropout=0.0),
        encoder=Encoder(**sizes, variant=variant),
        target=SinusoidalWords(vocab=len(SIGNS), dim=dim, dropout=0.0),
        decoder=Decoder(**sizes, variant=variant),
        vocab=len(SIGNS),
    )


class BertSize(NamedTuple):
    """What two BERTs differ in."""

    dim: int
    heads: int
    depth: int
    length: int
    dropout: float


BERTS = {  # Devlin 2019, Section 3, and ours
    "base": BertSize(768, 12, 12, 512, 0.1),
    "large": BertSize(1024, 16, 24, 512, 0.1),
    "mini": BertSize(128, 4, 4, 64, 0.0),
    "tiny": BertSize(128, 4, 2, 64, 0.0),
}


def bert(size: str = "base", *, vocab: int = 30522) -> Model:
    """Devlin 2019: words with learned positions and segments, and the encoder, post-norm, GELU.

    base, large  the paper's "110 M" and "340 M": 110.1 and 336.2 with both heads, as
                 `torch.device("meta")` lets you count without memory
    mini, tiny   ours. They start larger: 0.02 is made for 768 channels, and a narrow model that
                 starts so does not learn more than word frequencies within minutes
    """
    if size not in BERTS:
        raise ValueError(f"size={size!r}: choose from {', '.join(BERTS)}")
    dim, heads, depth, length, dropout = BERTS[size]
    words = Words(vocab=vocab, dim=dim, length=length, dropout=dropout)
    variant = Variant(activation=F.gelu, eps=1e-12, dropout=dropout, attention_dropout=dropout)
    encoder = Encoder(dim=dim, heads=heads, depth=depth, hidden=4 * dim, variant=variant)
    model = Model(frontend=words, encoder=encoder)
    start_at(model, linear=0.02 * math.sqrt(max(1, 768 / dim)))
    if dim < 768:
        nn.init.normal_(words.word.weight, std=0.15)
        nn.init.normal_(words.position.weight, std=0.3)
    return model


def start_at(model: nn.Module, *, linear: float) -> None:
    """Weights of linear layers from N(0, linear^2), biases 0: BERT's start."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=linear)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


ELMOS = {  # dim, cell, highways, letter filters (width, number); Peters et al. 2018, and ours
    "original": (
        512,
        4096,
        2,
        ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024)),
    ),
    "mini": (128, 256, 1, ((1, 16), (2, 16), (3, 32), (4, 64), (5, 128))),
}


def elmo(size: str = "original") -> Model:
    """Peters et al. 2018: words from their letters, two layers of LSTMs in each direction.

    original  93.6 M weights, without the words that it can say. Try `torch.device("meta")`
    mini      ours
    """
    if size not in ELMOS:
        raise ValueError(f"size={size!r}: choose from {', '.join(ELMOS)}")
    dim, cell, highways, filters = ELMOS[size]
    letters = Characters(dim=dim, filters=filters, highways=highways)
    return Model(frontend=letters, encoder=BiLSTM(dim=dim, cell=cell))


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
