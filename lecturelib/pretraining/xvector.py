"""A small x-vector network: whose voice is it, of sixty synthetic ones and four real ones?"""

import torch
from torch import nn

from lecturelib.adapt.speakers import chunks, embed, numbered
from lecturelib.adapt.verification import cosine, eer, trials
from lecturelib.data.augment_speech import augmented
from lecturelib.data.registry import Unavailable
from lecturelib.data.speech import Utterance
from lecturelib.data.voices import people, voices
from lecturelib.encoders.tdnn import XVector
from lecturelib.objectives.classification import Classification
from lecturelib.objectives.speakers import speaker_softmax
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job
from lecturelib.recipes import xvector
from lecturelib.training import checkpoint
from lecturelib.training.loop import Plan

DATA = ("voices",)
STEPS = {"quick": 30, "gpu": 2000, "full": 2000}
BATCH = 32


def everybody(split: str) -> list[Utterance]:
    """Synthetic voices, and real ones where they can be had."""
    said = voices(split)
    try:
        return said + people(split)
    except Unavailable:
        return said


def build(data: str, pace: str, seed: int = 0) -> Job:
    """The encoder is shipped, without segment7; validation voices are watched."""
    torch.manual_seed(seed)
    said, watched = everybody("train"), voices("validation")
    _, names = numbered(said)
    encoder = xvector("mini")
    objective = with_softmax(encoder, len(names))
    return Job(
        objective=objective,
        draw=chunks(said, BATCH, change=augmented),
        plan=Plan(STEPS[pace], lr=2e-3, seed=seed, measure_every=500, save_every=500),
        ship=encoder,
        facts={
            "data_sha256": checkpoint.digest(torch.cat([u.wave for u in said])),
            "data_source": "; ".join(sorted({u.source for u in said})),
            "data_licence": "synthetic speech, and what data/README.md says of prompts and fsdd",
        },
        measure=lambda: {"validation_eer": equal_error(encoder, watched)},
        vocabulary=names,
    )


def with_softmax(encoder: XVector, speakers: int) -> Classification:
    """The network as it is trained: segment7 and a softmax over these speakers on top."""
    return speaker_softmax(encoder, dim=encoder.dim, speakers=speakers, width=encoder.dim)


def equal_error(encoder: nn.Module, said: list[Utterance]) -> float:
    """Cosine's equal error rate over all pairs of these recordings."""
    pair, same = trials(numbered(said)[0])
    return eer(cosine(*embed(encoder, said)[pair].unbind(1)), same).rate


def shipped() -> XVector:
    """The network that this recipe has made, in eval mode."""
    encoder = xvector("mini").eval()
    checkpoint.load_weights(CHECKPOINTS / "xvector_voices.safetensors", encoder)
    return encoder
