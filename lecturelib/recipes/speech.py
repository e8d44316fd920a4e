"""Speech: x-vectors, and the one encoder on frames of sound."""

import math
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.tdnn import TDNN, WIDTHS, XVector
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.spectrogram import Filterbanks
from lecturelib.frontends.waveform import (
    PLAN,
    Conv,
    Convolutions,
    ConvPositions,
    MelFrames,
    Waveform,
)
from lecturelib.recipes.start import start_at


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


class SpeechSize(NamedTuple):
    """What two wav2vec 2.0 models differ in. near: frames that a position's convolution sees."""

    dim: int
    heads: int
    depth: int
    near: int
    groups: int
    dropout: float = 0.0
    layer_drop: float = 0.0


SPEECH = {  # Baevski 2020, Section 4.2, and ours
    "base": SpeechSize(768, 12, 12, 128, 16, 0.1, 0.05),
    "large": SpeechSize(1024, 16, 24, 128, 16, 0.0, 0.2),
    "mini": SpeechSize(128, 4, 3, 32, 8),
    "raw": SpeechSize(128, 4, 3, 32, 8),
}
SMALL_PLAN = (Conv(64, 10, 5), *[Conv(64, 3, 2)] * 3, *[Conv(64, 2, 2)] * 2)


def wav2vec2(size: str = "base") -> Model:
    """Baevski 2020: convolutions, spans hidden among their frames, and the encoder.

    base, large  the paper's "95 M" and "317 M": 94.4 and 315.4 without quantiser; 16 kHz
    mini         ours, 0.68 M, for 8 kHz, from log-mel bands: it learns within minutes
    raw          the same from the waveform, as the paper has it, with narrow convolutions
    """
    if size not in SPEECH:
        raise ValueError(f"size={size!r}: choose from {', '.join(SPEECH)}")
    sides, large = SPEECH[size], size == "large"
    variant = Variant(
        norm_first=large,
        activation=F.gelu,
        dropout=sides.dropout,
        attention_dropout=sides.dropout,
        layer_drop=sides.layer_drop,
    )
    encoder = Encoder(
        dim=sides.dim,
        heads=sides.heads,
        depth=sides.depth,
        hidden=4 * sides.dim,
        variant=variant,
    )
    front = Waveform(
        convolutions=feature_encoder(size),
        positions=ConvPositions(dim=sides.dim, kernel=sides.near, groups=sides.groups),
        dim=sides.dim,
        norm_last=not large,
    )
    front.drop.p = sides.dropout
    model = Model(frontend=front, encoder=encoder)
    start_at(model, linear=0.02 * math.sqrt(max(1, 768 / sides.dim)))
    near: Any = front.positions.conv  # weight norm: set as a whole
    near.weight = torch.randn_like(near.weight) * math.sqrt(4 / (sides.near * sides.dim))
    return model


def feature_encoder(size: str) -> Convolutions | MelFrames:
    """Samples -> frames every 20 ms: seven convolutions, six at half the rate, or log-mel bands."""
    if size == "mini":
        return MelFrames()
    plan = SMALL_PLAN if size == "raw" else PLAN
    convolutions = Convolutions(plan=plan, bias=size == "large", norm_each=size == "large")
    layers: Any = convolutions.layers
    for layer in layers:
        nn.init.kaiming_normal_(layer.weight)
    return convolutions
