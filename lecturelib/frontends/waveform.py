"""Raw sound -> tokens: convolutions make a frame every 20 ms, another convolution places it.

wav2vec 2.0 (Baevski 2020, Section 2). Hiding happens here, on latent frames, after the convolutions
and before positions: whole words of sound can be hidden without touching the samples. Two feature
encoders, called alike: `Convolutions`, the paper's, and `MelFrames`, which starts from what the ear
is known to do, for whoever has minutes and not weeks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torchaudio.transforms import MelSpectrogram

from lecturelib.shapes import IsHidden, IsPad, Tokens, Waves


class Conv(NamedTuple):
    """One layer of the plan: channels out, samples seen, samples moved."""

    width: int
    kernel: int
    stride: int


PLAN = (Conv(512, 10, 5), *[Conv(512, 3, 2)] * 4, *[Conv(512, 2, 2)] * 2)
"""wav2vec 2.0: 400 samples seen and 320 moved a frame; at 16 kHz that is 25 ms every 20 ms."""


def frames_of(plan: Sequence[Conv], samples: Int[Tensor, "..."]) -> Int[Tensor, "..."]:
    """How many frames a plan makes of so many samples, element by element."""
    for _, kernel, stride in plan:
        samples = (samples - kernel).div(stride, rounding_mode="floor") + 1
    return samples


def samples_of(plan: Sequence[Conv], frames: int) -> int:
    """The fewest samples of which a plan makes so many frames."""
    for _, kernel, stride in reversed(plan):
        frames = (frames - 1) * stride + kernel
    return frames


def check_length(waves: Waves, plan: Sequence[Conv]) -> None:
    """ValueError for waves that give no frame."""
    if waves.shape[1] < (least := samples_of(plan, 1)):
        raise ValueError(f"{waves.shape[1]} samples make no frame: give at least {least}")


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of [batch, channel, time]."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.transpose(1, 2)).transpose(1, 2)


class Convolutions(nn.Module):
    """[batch, samples] -> latent frames [batch, time, width].

    norm_each  True (large models): LayerNorm after every convolution; False (base): GroupNorm after
               the first only, over ALL of time. There padding does change the frames, as in the
               published base model.
    """

    def __init__(self, *, plan: Sequence[Conv] = PLAN, bias: bool = False, norm_each: bool = False):
        super().__init__()
        self.plan = tuple(plan)
        inputs = [1, *(conv.width for conv in plan)]
        self.layers, self.norms = nn.ModuleList(), nn.ModuleList()
        for channels, (width, kernel, stride) in zip(inputs, plan, strict=False):
            first = not self.layers
            self.layers.append(nn.Conv1d(channels, width, kernel, stride, bias=bias))
            rest = nn.GroupNorm(width, width) if first else nn.Identity()
            self.norms.append(ChannelNorm(width) if norm_each else rest)

    def forward(self, waves: Waves) -> Tokens:
        check_length(waves, self.plan)
        x = waves[:, None]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.gelu(norm(layer(x)))
        return rearrange(x, "batch width time -> batch time width")


class MelFrames(nn.Module):
    """The same from a log-mel spectrogram and ONE convolution: not the paper's, and said so.

    40 bands of 25 ms every 10 ms, log(power + 1e-3), then a convolution over three of them: 52 ms
    are seen and 20 moved a frame at 8 kHz. Give waves of mean 0 and deviation 1: the logarithms are
    shifted and scaled by constants, so that a clip gives the same frames alone and in a batch.
    """

    SHIFT, SCALE = 1.0, 4.0

    def __init__(self, *, width: int = 64, mels: int = 40, rate: int = 8000):
        super().__init__()
        self.mel = MelSpectrogram(
            sample_rate=rate,
            n_fft=256,
            win_length=rate // 40,
            hop_length=rate // 100,
            f_min=60,
            n_mels=mels,
            center=False,
        )
        self.plan = (Conv(mels, 256, rate // 100), Conv(width, 3, 2))
        self.layer = nn.Conv1d(mels, width, 3, 2, bias=False)

    def forward(self, waves: Waves) -> Tokens:
        check_length(waves, self.plan)
        log = (torch.log(self.mel(waves) + 1e-3) - self.SHIFT) / self.SCALE
        return rearrange(F.gelu(self.layer(log)), "batch width time -> batch time width")


class ConvPositions(nn.Module):
    """Where a frame is, told by its neighbourhood: a wide convolution, weight-normalised."""

    def __init__(self, *, dim: int, kernel: int = 128, groups: int = 16):
        super().__init__()
        conv = nn.Conv1d(dim, dim, kernel, padding=kernel // 2, groups=groups)
        self.conv = nn.utils.parametrizations.weight_norm(conv, dim=2)

    def forward(self, x: Tokens) -> Tokens:
        time = x.shape[1]  # an even kernel gives one position too many: the last is dropped
        return F.gelu(self.conv(x.transpose(1, 2))[:, :, :time].transpose(1, 2))


class StackedConvPositions(nn.Module):
    """data2vec: five narrower convolutions tell it one after another, not one wide one at once.

    Each is normalised over the channels, without a weight of its own, and bent; together a frame
    sees depth * (kernel // 2) frames to each side (45: fairseq's conv_pos 95 at pos_conv_depth 5).

    As in the published model, padded frames are 0 only where they enter. After the first
    convolution they hold something, and the last (depth - 1) * (kernel // 2) frames before the
    padding see it: a clip in a padded batch is not quite what it is alone.
    """

    def __init__(self, *, dim: int, kernel: int = 19, groups: int = 16, depth: int = 5):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(dim, dim, kernel, padding=kernel // 2, groups=groups) for _ in range(depth)
        )
        self.norm = ChannelNorm(dim, elementwise_affine=False)

    def forward(self, x: Tokens) -> Tokens:
        time, x = x.shape[1], x.transpose(1, 2)
        for layer in self.layers:
            x = F.gelu(self.norm(layer(x)[:, :, :time]))
        return x.transpose(1, 2)


class Waveform(nn.Module):
    """Sound [batch, samples] -> tokens [batch, time, dim].

    `is_pad` and `hidden` are [batch, time], in FRAMES (`frame_pad` turns samples into frames).
    A hidden frame is replaced by one learned vector (`mask`). `norm_last`: LayerNorm after the
    positions (post-norm base models; pre-norm large models leave it out).
    """

    def __init__(
        self,
        *,
        convolutions: Convolutions | MelFrames,
        positions: ConvPositions | StackedConvPositions,
        dim: int,
        norm_last: bool,
    ):
        super().__init__()
        width = convolutions.plan[-1].width
        self.convolutions, self.positions = convolutions, positions
        self.norm_latents = nn.LayerNorm(width)
        self.project = nn.Linear(width, dim)
        self.drop_latents = nn.Dropout(0.0)
        self.mask: nn.Parameter | None = nn.Parameter(torch.rand(dim))
        self.norm = nn.LayerNorm(dim) if norm_last else nn.Identity()
        self.drop = nn.Dropout(0.1)

    def forward(
        self, waves: Waves, is_pad: IsPad | None = None, hidden: IsHidden | None = None
    ) -> Tokens:
        return self.tokens(self.latents(waves), is_pad, hidden)

    def latents(self, waves: Waves) -> Tokens:
        """z: what the quantiser later turns into targets, never hidden [batch, time, width]."""
        return self.norm_latents(self.convolutions(waves))

    def tokens(
        self,
        latents: Float[Tensor, "batch time width"],
        is_pad: IsPad | None = None,
        hidden: IsHidden | None = None,
    ) -> Tokens:
        """Project, hide, add positions. Padded frames are set to 0: no neighbour can see them."""
        x = self.drop_latents(self.project(latents))
        for name, flags in (("is_pad", is_pad), ("hidden", hidden)):
            if flags is not None and flags.shape != x.shape[:2]:
                raise ValueError(f"{name} is {list(flags.shape)}, frames are {list(x.shape[:2])}")
        if hidden is not None:
            if self.mask is None:
                raise ValueError("hidden was given, but this front end has no mask vector")
            x = torch.where(hidden[:, :, None], self.mask, x)
        if is_pad is not None:
            x = x.masked_fill(is_pad[:, :, None], 0.0)
        return self.drop(self.norm(x + self.positions(x)))

    def frames(self, samples: Int[Tensor, "..."]) -> Int[Tensor, "..."]:
        """How many frames so many samples give."""
        return frames_of(self.convolutions.plan, samples)

    def samples(self, frames: int) -> int:
        """The fewest samples that give so many frames."""
        return samples_of(self.convolutions.plan, frames)

    def frame_pad(self, is_sample_pad: Bool[Tensor, "batch samples"]) -> IsPad:
        """[batch, samples] -> [batch, time]: a frame is data if it fits into the data before it."""
        count = self.frames((~is_sample_pad).sum(1))
        total = int(self.frames(torch.tensor(is_sample_pad.shape[1])))
        return torch.arange(total, device=count.device) >= count[:, None]
