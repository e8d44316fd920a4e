"""The lecture's first idea: does an encoder that learned from words help to hear, or to see?

The target's front end and head are new; only the encoder's layers come from elsewhere. Layers
normalise last here, as those for words and sound do; those of our Vision Transformers do not and
cannot be exchanged with them.
"""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from lecturelib.adapt import speech_exam
from lecturelib.adapt.self_training import Method, accuracy, train
from lecturelib.adapt.transfer import few_labels
from lecturelib.data.batch import Batch
from lecturelib.data.speech import Utterance
from lecturelib.data.speech_crops import dithered, level
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder
from lecturelib.recipes import vit, wav2vec2
from lecturelib.shapes import Features
from lecturelib.training.loop import Plan

SAMPLES = 6400  # 0.8 s at 8 kHz: longer digits are cut


class MeanOfTokens(nn.Module):
    """A signal as one vector: the mean of its context."""

    def __init__(self, model: Model):
        super().__init__()
        self.model, self.dim = model, model.encoder.dim

    def forward(self, signal: Tensor) -> Features:
        return self.model(signal).mean(1)


def listener(start: Encoder | None) -> MeanOfTokens:
    """A new log-mel front end, and an encoder of 3 layers: new, or these of `start`."""
    model = wav2vec2("mini")
    model.encoder = begin(model.encoder, start)
    return MeanOfTokens(model)


def viewer(start: Encoder | None) -> MeanOfTokens:
    """New patches of 4x4 pixels, and the same."""
    encoder = begin(wav2vec2("mini").encoder, start)
    return MeanOfTokens(Model(frontend=vit("mini").frontend, encoder=encoder))


def begin(fresh: Encoder, start: Encoder | None) -> Encoder:
    """As many layers of `start` as the fresh encoder has, from the bottom.

    Raises ValueError where `start` is too shallow or built otherwise.
    """
    if start is None:
        return fresh
    if len(start.layers) < len(fresh.layers):
        raise ValueError(f"start has {len(start.layers)} layers, {len(fresh.layers)} are wanted")
    if start.layers[0].add_attention.norm_first != fresh.layers[0].add_attention.norm_first:
        raise ValueError("one encoder normalises first, the other last: they cannot be exchanged")
    for mine, theirs in zip(fresh.layers, start.layers, strict=False):
        mine.load_state_dict(theirs.state_dict())
    return fresh


def clips(said: Sequence[Utterance]) -> Batch:
    """Digits as waves of one length, level, with what was said for a label."""
    waves = pad_sequence([one.wave[:SAMPLES] for one in said], batch_first=True)
    waves = torch.nn.functional.pad(waves, (0, SAMPLES - waves.shape[1]))
    label = torch.tensor([speech_exam.DIGITS.index(one.text or "") for one in said])
    return Batch(level(dithered(waves, torch.Generator().manual_seed(0))), None, label)


def tuned(
    encoder: MeanOfTokens, known: Batch, unseen: Batch, *, steps: int, lr: float, seed: int
) -> float:
    """Percent right on `unseen` after the whole network has learned from `known`."""
    method = Method(
        make=lambda: copy.deepcopy(encoder),
        dim=encoder.dim,
        classes=int(known.labels.max()) + 1,
        plan=Plan(steps, lr=lr, weight_decay=0.05, seed=seed, clip=5.0),
        batch=32,
    )
    return 100 * accuracy(train(method, known), unseen)


def some_labels(batch: Batch, each: int, seed: int) -> Batch:
    """`each` random examples of every class."""
    return batch.rows(few_labels(batch.labels, each, seed=seed))
