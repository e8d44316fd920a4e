"""Small wav2vec 2.0 models on real speech: what the cards of notebooks 07a and 07b compare."""

from dataclasses import replace
from functools import cache, partial

import torch
from torch import Generator

from lecturelib.adapt import speech_exam
from lecturelib.adapt.hearing import Hear, Pooled, layers_of, pooled
from lecturelib.adapt.speech_probes import answer, choose
from lecturelib.adapt.transfer import few_labels
from lecturelib.data.batch import Batch
from lecturelib.data.speech import Utterance
from lecturelib.data.speech_crops import crops, everybody
from lecturelib.masking import span_mask
from lecturelib.objectives.masked_contrast import MaskedContrast
from lecturelib.paths import BUILD
from lecturelib.pretraining import build
from lecturelib.pretraining.wav2vec2 import (
    BATCH,
    SETTINGS,
    cooling,
    held_out_row,
    untrained,
)
from lecturelib.shapes import IsHidden, IsPad
from lecturelib.training.loop import Plan, Trainer
from lecturelib.training.schedule import tri_stage

STEPS, DRAWS = 300, 5
PROTOCOL = (
    "log-mel front end, 0.68 M weights; spoken digits of 3 people and telephone prompts; 300 "
    "steps of 8 crops of 3 s; then frozen, mean and deviation over frames, logistic regression on "
    "5 clips a digit of the 3 people, mean of 5 draws; layer and C by a fourth person, accuracy on "
    "two more; a seed draws weights, crops, masks and labels"
)
KINDS = {  # what differs from the shipped recipe
    "targets quantised": {},
    "both quantised": {"inputs": True},
    "inputs quantised": {"inputs": True, "targets": False},
    "nothing quantised": {"targets": False},
    "no code penalty": {"diversity": 0.0},
    "ten times the penalty": {"diversity": 1.0},
    "no Gumbel noise": {"noise": False},
    "negatives of other clips": {"across": True},
}
SPANS = {"20 ms": (0.5, 1), "100 ms": (0.13, 5), "200 ms": (0.067, 10)}
"""Start probability and frames of a span: each hides half of a long clip."""


@cache
def speech(split: str) -> list[Utterance]:
    """Digits and prompts."""
    return everybody(split)


@cache
def held_out() -> Batch:
    """64 crops of a digit speaker and of prompts that were never trained on."""
    return crops(speech("validation"), 64)(torch.Generator().manual_seed(0))


@cache
def trained(kind: str, seed: int, span: str = "100 ms") -> MaskedContrast:
    """300 steps of the recipe, one thing changed."""
    torch.manual_seed(seed)
    start_prob, frames = SPANS[span]
    objective = untrained(replace(cooling(SETTINGS, STEPS), **KINDS[kind]))
    objective.hide = partial(hide, start_prob=start_prob, span=frames)
    plan = Plan(STEPS, lr=2e-3, schedule=tri_stage, clip=5.0, seed=seed)
    Trainer(objective, crops(speech("train"), BATCH), plan, label=f"{kind}, {seed}").run()
    return objective.eval()


def hide(is_pad: IsPad, *, start_prob: float, span: int, rng: Generator) -> IsHidden:
    """Spans, drawn again for a row in which chance hid fewer than two frames."""
    hidden = span_mask(is_pad, start_prob=start_prob, span=span, rng=rng)
    while (few := hidden.sum(1) < 2).any():
        again = span_mask(is_pad, start_prob=start_prob, span=span, rng=rng)
        hidden = torch.where(few[:, None], again, hidden)
    return hidden


@cache
def full(seed: int) -> MaskedContrast:
    """The shipped recipe at full size; it goes on where it was stopped."""
    job = build("wav2vec2", "speech", "full", seed)
    job.trainer(BUILD / "claims" / f"wav2vec2-{seed}.safetensors", f"wav2vec 2.0, {seed}").run()
    assert isinstance(job.ship, MaskedContrast)
    return job.ship.eval()


def watched(objective: MaskedContrast) -> dict[str, float]:
    """Accuracy and perplexity on held-out speech."""
    row = held_out_row(objective, held_out())
    return {
        name: float(row[f"held_out_{name}"])
        for name in ("accuracy", "tie_accuracy", "hard_perplexity", "soft_perplexity")
    }


@cache
def digits() -> dict[str, list[Utterance]]:
    """What the probes are asked about."""
    return speech_exam.digits()


def word_right(hear: Hear, seed: int, each: int = 5) -> float:
    """Percent of strangers' digits named right, from `each` labelled clips a digit."""
    return right(pooled(hear, speech_exam.flat(digits())), seed, each)


def right(vectors: Pooled, seed: int, each: int = 5) -> float:
    """The same of vectors, one a clip in every layer: the mean of 5 draws of labels."""
    asked = speech_exam.which_word(digits())
    label = asked.label[asked.known]
    draws = [
        asked.known[few_labels(label, each, seed=DRAWS * seed + draw)] for draw in range(DRAWS)
    ]
    choice = choose(vectors, asked, draws)
    return sum(answer(vectors, asked, choice, rows) for rows in draws) / DRAWS


def heard(objective: MaskedContrast) -> Hear:
    """Its layers, to be probed."""
    return layers_of(objective.model)
