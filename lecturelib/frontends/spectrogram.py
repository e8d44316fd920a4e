"""Waveform -> log-mel spectrogram: sound as a picture."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchaudio.transforms import MelSpectrogram

from lecturelib.shapes import Mels, Waves


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


def fit_length(waves: Waves, samples: int) -> Float[Tensor, "batch cut"]:
    """Cut or fill with silence to exactly `samples`."""
    if waves.shape[1] >= samples:
        return waves[:, :samples]
    return nn.functional.pad(waves, (0, samples - waves.shape[1]))
