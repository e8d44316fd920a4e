"""Small x-vector networks, trained for minutes on synthetic voices: what four cards compare.

Voices of one engine differ by formants, pitch and speed: nothing here is a claim about people.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import torch
from sklearn.decomposition import PCA

from lecturelib.adapt.plda import Plda
from lecturelib.adapt.speakers import chunks, mfcc_statistics, numbered
from lecturelib.adapt.verification import cosine, eer, trials
from lecturelib.adapt.voice_probes import told
from lecturelib.data.augment_speech import augmented, noise
from lecturelib.data.speech import Utterance
from lecturelib.data.voices import CAST, voices
from lecturelib.encoders.tdnn import XVector
from lecturelib.pretraining.xvector import with_softmax
from lecturelib.recipes import xvector
from lecturelib.shapes import Features, Labels
from lecturelib.training.loop import Plan, Trainer

STEPS, BATCH = 400, 32
See = Callable[[list[Utterance]], Features]
PROTOCOL = (
    "synthetic voices (eSpeak NG: formant settings, not people): 60 to train, 400 steps of 32 "
    "chunks of 1 to 1.8 s; equal error rate of 21 other voices, other sentences, all pairs of one "
    "sex, cosine; a seed draws weights, chunks and noise"
)


@cache
def said(split: str) -> list[Utterance]:
    """All sentences of a split."""
    return voices(split)


@cache
def trained(kind: str, seed: int) -> XVector:
    """The network with augmentation; "clean": without; "mean only": without the deviation."""
    torch.manual_seed(seed)
    encoder = xvector("mini", deviation=kind != "mean only")
    objective = with_softmax(encoder, len(numbered(said("train"))[1]))
    draw = chunks(said("train"), BATCH, change=None if kind == "clean" else augmented)
    Trainer(objective, draw, Plan(STEPS, lr=2e-3, seed=seed)).run()
    return encoder


def noisy(clips: list[Utterance], seed: int) -> list[Utterance]:
    """Each clip with noise behind it, 5 dB softer."""
    rng = torch.Generator().manual_seed(seed)
    return [replace(u, wave=noise(u.wave[None], rng, snr=(5.0, 5.0))[0]) for u in clips]


def error(vectors: Features, clips: list[Utterance]) -> float:
    """Equal error rate in percent: cosine, pairs of one sex."""
    pair, same = trials(numbered(clips)[0], within=sexes(clips))
    return 100 * eer(cosine(*vectors[pair].unbind(1)), same).rate


def plda_error(see: See, clips: list[Utterance], *, dims: int | None = None) -> float:
    """The same with the paper's scoring, fitted on what `see` makes of the training voices."""
    vectors = see(clips)
    scoring = Plda(dims=dims).fit(see(said("train")), numbered(said("train"))[0])
    pair, same = trials(numbered(clips)[0], within=sexes(clips))
    return 100 * eer(scoring.score(*vectors[pair].unbind(1)), same).rate


def sexes(clips: list[Utterance]) -> Labels:
    """1 for a woman's clip, 0 for a man's."""
    return told(clips, lambda u: CAST[u.speaker].sex == "female")


def baseline(clips: list[Utterance]) -> Features:
    """Mean and deviation of cepstra, 20 whitened directions of them (5 to 40: best on validation).

    For the cosine; PLDA does better with all of `mfcc_statistics`.
    """
    whitening = PCA(20, whiten=True).fit(mfcc_statistics(said("train")).numpy())
    return torch.from_numpy(whitening.transform(mfcc_statistics(clips).numpy()))
