"""Small x-vector networks, trained for minutes on synthetic voices: what four cards compare.

Voices of one engine differ by formants, pitch and speed: nothing here is a claim about people.
"""

from dataclasses import replace
from functools import cache

import torch
from sklearn.decomposition import PCA

from lecturelib.adapt.plda import Plda
from lecturelib.adapt.speakers import chunks, embed, mfcc_statistics, numbered
from lecturelib.adapt.verification import cosine, eer, trials
from lecturelib.data.augment_speech import augmented, noise
from lecturelib.data.speech import Utterance
from lecturelib.data.voices import CAST, voices
from lecturelib.encoders.tdnn import XVector
from lecturelib.pretraining.xvector import with_softmax
from lecturelib.recipes import xvector
from lecturelib.shapes import Features
from lecturelib.training.loop import Plan, Trainer

STEPS, BATCH = 400, 32
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


def plda_error(encoder: XVector, clips: list[Utterance]) -> float:
    """The same with the paper's scoring, fitted on the training voices."""
    known, vectors = said("train"), embed(encoder, clips)
    scoring = Plda(dims=30).fit(embed(encoder, known), numbered(known)[0])
    pair, same = trials(numbered(clips)[0], within=sexes(clips))
    return 100 * eer(scoring.score(*vectors[pair].unbind(1)), same).rate


def sexes(clips: list[Utterance]) -> torch.Tensor:
    """0 or 1 a clip."""
    return torch.tensor([CAST[u.speaker].sex == "female" for u in clips]).long()


def baseline(clips: list[Utterance]) -> Features:
    """Mean and deviation of cepstra, whitened as the training voices are."""
    whitening = PCA(whiten=True).fit(mfcc_statistics(said("train")).numpy())
    return torch.from_numpy(whitening.transform(mfcc_statistics(clips).numpy()))
