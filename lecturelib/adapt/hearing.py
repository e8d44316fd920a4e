"""How a frozen encoder is listened to: sound in, every layer's frames out, whatever the model."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from lecturelib.adapt.recognition import levelled
from lecturelib.data.speech import Utterance
from lecturelib.encoders.model import Model
from lecturelib.encoders.tdnn import statistics
from lecturelib.frontends.spectrogram import LogMel
from lecturelib.shapes import IsPad, Waves

IsSamplePad: TypeAlias = Bool[Tensor, "batch samples"]
States: TypeAlias = Float[Tensor, "layers batch time dim"]
Hear: TypeAlias = Callable[[Waves, IsSamplePad], tuple[States, IsPad]]
"""Waves of mean 0, deviation 1 -> every layer's frames, one every 20 ms, and which are filling."""
Frames: TypeAlias = Float[Tensor, "layers _time dim"]
Pooled: TypeAlias = Float[Tensor, "layers clips width"]


def log_mel(waves: Waves, is_sample_pad: IsSamplePad) -> tuple[States, IsPad]:
    """The baseline, one layer: 40 log-mel bands; clip by clip, so that no filling is heard."""
    hear = LogMel()
    rows = [hear(wave[~is_pad][None])[0] for wave, is_pad in zip(waves, is_sample_pad, strict=True)]
    lengths = torch.tensor([len(row) for row in rows])
    states = pad_sequence(rows, batch_first=True)
    return states[None], torch.arange(states.shape[1]) >= lengths[:, None]


def layers_of(model: Model) -> Hear:
    """All layers of a wav2vec 2.0: projected latents, tokens with positions, then each block."""
    front, encoder = model.frontend, model.encoder

    def hear(waves: Waves, is_sample_pad: IsSamplePad) -> tuple[States, IsPad]:
        model.eval()
        latents = front.latents(waves)
        is_pad = front.frame_pad(is_sample_pad)
        states = [front.project(latents), front.tokens(latents, is_pad)]
        biases = encoder.checked(states[-1], is_pad, None)
        for layer, bias in zip(encoder.layers, biases, strict=True):
            states.append(layer(states[-1], bias))
        return torch.stack(states), is_pad

    return hear


@torch.no_grad()
def frames(hear: Hear, clips: Sequence[Utterance], size: int = 16) -> list[Frames]:
    """Each clip's frames without filling, levelled first; clips of like length go together.

    Raises what the encoder raises for clips that make no frame.
    """
    order = sorted(range(len(clips)), key=lambda row: len(clips[row].wave))
    heard: dict[int, Frames] = {}
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        waves = [levelled(clips[row]).wave for row in rows]
        lengths = torch.tensor([len(wave) for wave in waves])
        signal = pad_sequence(waves, batch_first=True)
        states, is_pad = hear(signal, torch.arange(signal.shape[1]) >= lengths[:, None])
        for row, one, filling in zip(rows, states.unbind(1), is_pad, strict=True):
            heard[row] = one[:, ~filling]
    return [heard[row] for row in range(len(clips))]


def pooled(hear: Hear, clips: Sequence[Utterance]) -> Pooled:
    """A vector a clip in every layer: mean and deviation over its frames."""
    return torch.stack([statistics(one) for one in frames(hear, clips)], dim=1)
