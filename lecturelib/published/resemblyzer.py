"""A published speaker encoder: GE2E's LSTM (Wan et al. 2018) with the weights of Resemblyzer.

Resemblyzer 0.1.4 (Resemble AI, Apache 2.0) was trained on 16 kHz speech. Here it hears telephone
speech brought to 16 kHz: above 4 kHz there is silence, which it never met in training.
"""

import io
import math
import zipfile

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torchaudio.transforms import MelSpectrogram, Resample

from lecturelib.data.registry import fetch
from lecturelib.published.weights import copy_into
from lecturelib.shapes import Features, Mels, Waves

RATE, OWN_RATE = 8000, 16000  # Hz: the course's waves, and what the weights were trained on
HOP = 160  # samples of a frame: 10 ms
PART, STEP = 160, 77  # frames of a partial utterance (1.6 s), and from one to the next
COVERED = 0.75  # a last part with less speech than this share of it is left out
QUIET = 10 ** (-30 / 20)  # clips below -30 dB of full scale are made that loud


class SpeakerEncoder(nn.Module):
    """Waves at 8 kHz -> a unit vector a clip: the mean over partial utterances of 1.6 s.

    Departure from Resemblyzer: silence is not cut out of the clips (there: webrtcvad).
    """

    dim = 256

    def __init__(self) -> None:
        super().__init__()
        self.resample = Resample(RATE, OWN_RATE)
        self.mel = MelSpectrogram(
            sample_rate=OWN_RATE,
            n_fft=400,
            hop_length=HOP,
            n_mels=40,
            norm="slaney",
            mel_scale="slaney",
            pad_mode="constant",
        )
        self.lstm = nn.LSTM(40, self.dim, num_layers=3, batch_first=True)
        self.linear = nn.Linear(self.dim, self.dim)

    def forward(
        self, waves: Waves, is_pad: Bool[Tensor, "batch samples"] | None = None
    ) -> Features:
        """[batch, samples] at 8 kHz -> [batch, 256]; what is_pad marks is cut off before.

        Raises ValueError for NaN and for a clip of silence.
        """
        if not waves.isfinite().all():
            raise ValueError("waves hold NaN or infinity: repair the recording first")
        keep = torch.ones_like(waves, dtype=torch.bool) if is_pad is None else ~is_pad
        return torch.stack([self.clip(wave[at]) for wave, at in zip(waves, keep, strict=True)])

    def clip(self, wave: Float[Tensor, " samples"]) -> Float[Tensor, " dim"]:
        """One clip of any length, shorter ones than 1.6 s filled with silence."""
        if not wave.any():
            raise ValueError(f"{len(wave)} samples of silence: there is no voice to encode")
        loud = as_loud(self.resample(wave))
        first = starts(len(loud))
        filled = nn.functional.pad(loud, (0, max(0, (first[-1] + PART) * HOP - len(loud))))
        mels = self.mel(filled).T
        parts = self.parts(torch.stack([mels[at : at + PART] for at in first]))
        return nn.functional.normalize(parts.mean(0), dim=0)

    def parts(self, mels: Mels) -> Features:
        """Mel power (no logarithm) of partial utterances -> unit vectors, none of it negative."""
        _, (hidden, _) = self.lstm(mels)
        return nn.functional.normalize(self.linear(hidden[-1]).relu(), dim=1)


def as_loud(wave: Float[Tensor, " samples"]) -> Float[Tensor, " samples"]:
    """Made louder where it is below -30 dB of full scale; never softer."""
    return wave * (QUIET / wave.square().mean().sqrt()).clamp(min=1)


def starts(samples: int) -> list[int]:
    """The first frame of each partial utterance of a clip; at least one."""
    frames = math.ceil((samples + 1) / HOP)
    first = list(range(0, max(1, frames - PART + STEP + 1), STEP))
    covered = (samples / HOP - first[-1]) / PART
    return first[:-1] if covered < COVERED and len(first) > 1 else first


def speaker_encoder() -> SpeakerEncoder:
    """The encoder with its published weights, ready to use.

    The wheel is fetched by pip, hashed, and never installed; the pickle inside is opened with
    `weights_only=True`, which builds tensors and runs nothing. Raises `Unavailable` where the
    wheel cannot be had now.
    """
    with zipfile.ZipFile(fetch("resemblyzer")) as wheel:
        file = io.BytesIO(wheel.read("resemblyzer/pretrained.pt"))
    state = torch.load(file, map_location="cpu", weights_only=True)["model_state"]
    encoder = SpeakerEncoder()
    layers = nn.ModuleDict({"lstm": encoder.lstm, "linear": encoder.linear})
    copy_into(layers, {key: value for key, value in state.items() if key in layers.state_dict()})
    return encoder.eval()
