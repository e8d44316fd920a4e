"""Waveform -> spectrogram: sound as a picture; and filterbanks and cepstra of the speech in it."""

from typing import NamedTuple, TypeAlias

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torchaudio.functional import create_dct
from torchaudio.transforms import MelSpectrogram

from lecturelib.data.filling import check_filling
from lecturelib.shapes import IsPad, Mels, Waves

IsSamplePad: TypeAlias = Bool[Tensor, "batch samples"]
Energy: TypeAlias = Float[Tensor, "batch time"]


class LogMel(nn.Module):
    """log(mel power + 1e-3): 40 bands, windows of 25 ms, one frame every 20 ms.

    [batch, samples] -> [batch, time, mels]. Scaled to mean 0 and standard deviation 1 over each
    clip, so that loudness of the recording does not matter.
    """

    def __init__(self, *, rate: int = 8000, mels: int = 40, frame_ms: float = 20.0):
        super().__init__()
        self.mel = MelSpectrogram(
            sample_rate=rate,
            n_fft=256,
            win_length=round(0.025 * rate),
            hop_length=round(frame_ms * rate / 1000),
            f_min=60,
            n_mels=mels,
        )

    def forward(self, waves: Waves) -> Mels:
        if waves.shape[1] < self.mel.n_fft:
            raise ValueError(
                f"{waves.shape[1]} samples are shorter than a window of {self.mel.n_fft}"
            )
        log = torch.log(self.mel(waves) + 1e-3)
        log = (log - log.mean((1, 2), keepdim=True)) / (log.std((1, 2), keepdim=True) + 1e-5)
        return log.transpose(1, 2)


class Frames(NamedTuple):
    """What is heard of each clip, one vector every 10 ms; is_pad True on the filling at the end."""

    features: Float[Tensor, "batch time dim"]
    is_pad: IsPad


class Filterbanks(nn.Module):
    """Snyder et al. 2018, Section 2.3: 24 filterbanks of 25 ms, centred, and the speech only.

    waves [batch, samples] in -1 ... 1, is_pad [batch, samples] True on the filling at the end ->
    Frames, one every 10 ms. From each band its mean over up to 3 s around a frame is taken off,
    which takes a microphone's colour off; then frames without speech are left out, so that a clip
    comes out shorter. Bands lie in 20 ... rate/2 - 300 Hz, as in the published recipe. No filling
    is heard: a clip gives the same frames alone and in a batch.
    """

    def __init__(self, *, rate: int = 8000, mels: int = 24):
        super().__init__()
        self.window, self.step, self.around = rate // 40, rate // 100, 300
        self.mel = MelSpectrogram(
            sample_rate=rate,
            n_fft=self.window,
            hop_length=self.step,
            f_min=20,
            f_max=rate / 2 - 300,
            n_mels=mels,
            center=False,
        )

    def forward(self, waves: Waves, is_pad: IsSamplePad | None = None) -> Frames:
        check_waves(waves, is_pad, self.window)
        frames = waves.unfold(1, self.window, self.step)
        if is_pad is None:
            is_pad = torch.zeros_like(waves, dtype=torch.bool)
        is_filling = is_pad[:, self.window - 1 :: self.step]  # of a frame: its last sample is
        is_speech = has_speech(log_energy(frames), is_filling)
        log = torch.log(self.mel(waves) + 1e-6).transpose(1, 2)
        return keep(centred(log, is_filling, self.around), is_speech)


class Mfcc(nn.Module):
    """Cepstra: the cosine transform of the filterbanks, what speaker recognition used before.

    The same call and the same frames as `Filterbanks`; 20 cepstra, as the paper's i-vectors have.
    """

    def __init__(self, *, rate: int = 8000, mels: int = 24, cepstra: int = 20):
        super().__init__()
        self.banks = Filterbanks(rate=rate, mels=mels)
        self.cosines: Tensor
        self.register_buffer("cosines", create_dct(cepstra, mels, norm="ortho"), persistent=False)

    def forward(self, waves: Waves, is_pad: IsSamplePad | None = None) -> Frames:
        features, is_filling = self.banks(waves, is_pad)
        return Frames(features @ self.cosines, is_filling)


def check_waves(waves: Tensor, is_pad: Tensor | None, window: int) -> None:
    """ValueError for what is not sound in -1 ... 1, one channel, at least a window long."""
    if waves.ndim != 2:
        raise ValueError(
            f"waves are {list(waves.shape)}, this takes [batch, samples]: average the channels"
        )
    check_filling(waves, is_pad, least=window, what="samples")
    if (loudest := float(waves.abs().max())) > 100:
        raise ValueError(f"waves reach {loudest:.0f}, not about 1: divide 16-bit samples by 32768")


def log_energy(frames: Float[Tensor, "batch time window"]) -> Energy:
    """log of the summed squares of 16-bit samples; one step of them is the least."""
    return torch.log((32768 * frames).square().sum(-1).clamp(min=1.0))


def has_speech(energy: Energy, is_pad: IsPad) -> Bool[Tensor, "batch time"]:
    """Energy voice activity: near a frame with log energy above 5.5 + half of the clip's mean.

    Near: at most two frames away. The paper says "energy SAD"; the numbers are its recipe's.
    Raises ValueError for clips in which there is none.
    """
    mean = energy.masked_fill(is_pad, 0.0).sum(1) / (~is_pad).sum(1)
    is_loud = (energy > 5.5 + 0.5 * mean[:, None]) & ~is_pad
    is_near = F.max_pool1d(is_loud[:, None].float(), 5, stride=1, padding=2)[:, 0].bool() & ~is_pad
    if silent := (~is_near).all(1).nonzero().flatten().tolist():
        means = [round(value, 1) for value in mean[silent].tolist()]
        raise ValueError(
            f"rows {silent} are silent, mean log energy {means}: drop them, or make them louder"
        )
    return is_near


def centred(features: Mels, is_pad: IsPad, around: int) -> Mels:
    """Minus the mean over the `around` frames about each, moved inwards at the ends of a clip."""
    length = (~is_pad).sum(1, keepdim=True)
    place = torch.arange(features.shape[1], device=features.device) - around // 2
    begin = torch.minimum(place.clamp(min=0), (length - around).clamp(min=0))
    end = torch.minimum(begin + around, length)
    sums = F.pad(features.cumsum(1), (0, 0, 1, 0))
    total = sums.take_along_dim(end[..., None], 1) - sums.take_along_dim(begin[..., None], 1)
    return features - total / (end - begin)[..., None]


def keep(features: Mels, is_kept: Bool[Tensor, "batch time"]) -> Frames:
    """The chosen frames moved together, in their order; zeros fill up to the longest clip."""
    order = (~is_kept).to(torch.uint8).argsort(dim=1, stable=True)
    order = order[:, : int(is_kept.sum(1).max())]
    is_pad = ~is_kept.take_along_dim(order, 1)
    chosen = features.take_along_dim(order[..., None], 1)
    return Frames(chosen.masked_fill(is_pad[..., None], 0.0), is_pad)


def fit_length(waves: Waves, samples: int) -> Float[Tensor, "batch cut"]:
    """Cut or fill with silence to exactly `samples`."""
    if waves.shape[1] >= samples:
        return waves[:, :samples]
    return nn.functional.pad(waves, (0, samples - waves.shape[1]))
