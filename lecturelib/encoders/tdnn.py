"""The x-vector network: how a voice sounds, whatever it says and however long (Snyder et al. 2018).

Layers that look at a few frames around each, then mean and deviation over all of time, then layers
that see the whole clip at once. Table 1, up to segment6.
"""

from typing import NamedTuple, TypeAlias

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lecturelib.data.filling import check_filling
from lecturelib.shapes import Features, IsPad, Mels, Tokens


class Context(NamedTuple):
    """What a layer sees: so many frames, so far apart."""

    frames: int
    apart: int

    @property
    def edge(self) -> int:
        """Frames by which the layer's output is shorter: it looks at no frame that is not there."""
        return (self.frames - 1) * self.apart


CONTEXTS = (Context(5, 1), Context(3, 2), Context(3, 3), Context(1, 1), Context(1, 1))
"""Table 1: t-2 ... t+2; t-2, t, t+2; t-3, t, t+3; t; t. Together 15 frames."""
WIDTHS = (512, 512, 512, 512, 1500)

Heard: TypeAlias = tuple[Float[Tensor, "batch fewer width"], Bool[Tensor, "batch fewer"] | None]
"""Frames, fewer than went in, and which of them are filling; None: none."""
Statistics: TypeAlias = Float[Tensor, "batch both"]
"""The mean of each channel, then its standard deviation."""


class FrameNorm(nn.BatchNorm1d):
    """Batch norm over the frames that are there: filling has no say in mean and deviation."""

    def forward(self, input: Tokens, is_pad: IsPad | None = None) -> Tokens:
        flat = rearrange(input, "batch time dim -> (batch time) dim")
        if is_pad is None:
            return super().forward(flat).view_as(input)
        rows = (~is_pad).flatten().nonzero().flatten()
        there = super().forward(flat.index_select(0, rows))
        return torch.zeros_like(flat).index_copy(0, rows, there).view_as(input)


class TimeDelay(nn.Module):
    """One layer: affine over the frames in its context, ReLU, batch norm, in this order.

    A dilated convolution without filling at the edges: [batch, time, dim] -> [batch, time - edge,
    width]. Written in two dimensions, of which one is 1: with channels last this is the fastest.
    """

    def __init__(self, *, dim: int, width: int, context: Context):
        super().__init__()
        self.edge = context.edge
        kernel, dilation = (1, context.frames), (1, context.apart)
        self.affine = nn.Conv2d(dim, width, kernel, dilation=dilation).to(
            memory_format=torch.channels_last
        )
        self.norm = FrameNorm(width)

    def forward(self, x: Tokens, is_pad: IsPad | None = None) -> Heard:
        """The frames that come out, and which of them have filling in their context."""
        x = self.affine(rearrange(x, "batch time dim -> batch dim 1 time"))
        x = F.relu_(rearrange(x, "batch dim 1 time -> batch time dim"))
        is_pad = None if is_pad is None else is_pad[:, self.edge :]  # filling is at the end
        return self.norm(x, is_pad), is_pad


class TDNN(nn.Module):
    """Frames of any number -> one vector, segment6 before its nonlinearity: the x-vector.

    features [batch, time, mels], is_pad [batch, time] at the end -> [batch, embedding].
    widths     of the five layers; five, or ValueError
    deviation  False: only the mean goes on to segment6

    What an x-vector says does not depend on the filling beside its clip. Raises ValueError on
    another number of mels, on NaN or infinity, and for clips shorter than the context of 15 frames.
    """

    def __init__(
        self,
        *,
        mels: int = 24,
        widths: tuple[int, ...] = WIDTHS,
        embedding: int = 512,
        deviation: bool = True,
    ):
        super().__init__()
        self.mels, self.dim, self.deviation = mels, embedding, deviation
        self.layers = nn.ModuleList(
            TimeDelay(dim=dim, width=width, context=context)
            for dim, width, context in zip((mels, *widths[:-1]), widths, CONTEXTS, strict=True)
        )
        self.segment6 = nn.Linear((1 + deviation) * widths[-1], embedding)

    @property
    def context(self) -> int:
        """How many frames the last layer sees at once."""
        return 1 + sum(context.edge for context in CONTEXTS)

    def forward(self, features: Mels, is_pad: IsPad | None = None) -> Features:
        pooled = statistics(*self.frames(features, is_pad))
        return self.segment6(pooled if self.deviation else pooled.chunk(2, dim=1)[0])

    def frames(self, x: Mels, is_pad: IsPad | None = None) -> Heard:
        """What the five layers make of each frame, 14 frames fewer, and which of it is filling."""
        if x.shape[-1] != self.mels:
            raise ValueError(f"frames have {x.shape[-1]} mels, this network takes {self.mels}")
        check_filling(x, is_pad, least=self.context, what="frames of speech")
        for layer in self.layers:
            x, is_pad = layer(x, is_pad)
        return x, is_pad


def statistics(frames: Tokens, is_pad: IsPad | None = None) -> Statistics:
    """Statistics pooling: mean and standard deviation over time, [batch, 2 dim] (Section 2.3).

    The deviation is the biased one (divided by the number of frames); it is at least 1e-5, as in
    Kaldi, since a root has no slope at 0. As the length of a vector it takes fewest passes.
    """
    if is_pad is None:
        mean, count = frames.mean(1), frames.shape[1]
        away = frames - mean[:, None]
    else:
        off = is_pad[..., None]
        count = (~is_pad).sum(1, keepdim=True).to(frames)
        mean = frames.masked_fill(off, 0.0).sum(1) / count
        away = (frames - mean[:, None]).masked_fill(off, 0.0)
    deviation = torch.linalg.vector_norm(away, dim=1) / count**0.5
    return torch.cat([mean, deviation.clamp(min=1e-5)], dim=1)


class XVector(nn.Module):
    """Sound in, one vector out: a front end that hears the speech, and the network.

    waves [batch, samples], is_pad [batch, samples] True on the filling -> [batch, dim].
    """

    def __init__(self, *, frontend: nn.Module, encoder: TDNN):
        super().__init__()
        self.frontend, self.encoder, self.dim = frontend, encoder, encoder.dim

    def forward(
        self, waves: Float[Tensor, "batch samples"], is_pad: Tensor | None = None
    ) -> Features:
        return self.encoder(*self.frontend(waves, is_pad))
