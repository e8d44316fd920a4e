"""100 % accuracy, and it is dead: how a codebook collapses, and what keeps it alive."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch

from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import speech
from lecturelib.data.speech_crops import crops
from lecturelib.frontends.waveform import Convolutions
from lecturelib.objectives.masked_contrast import MaskedContrast
from lecturelib.pretraining.wav2vec2 import SETTINGS, cooling, untrained
from lecturelib.quantizers import Share, use
from lecturelib.recipes.speech import SMALL_PLAN
from lecturelib.training.loop import Plan, Row, Trainer
from lecturelib.training.schedule import constant

STEPS = 80  # at step 40 three of eight dead codebooks stirred, at 80 none; dips come until 75


@dataclass(frozen=True)
class Patient:
    """One training from the waveform; the defaults collapse.

    norm_each  LayerNorm after every convolution (large models) or GroupNorm after the first (base)
    cooling    False: the quantiser's temperature stays at 2
    """

    rate: float = 3e-3
    norm_each: bool = True
    diversity: float = 0.1
    noise: bool = True
    cooling: bool = True
    penalty: float = 10.0


def objective(patient: Patient) -> MaskedContrast:
    """The raw-waveform model of this patient."""
    settings = replace(SETTINGS, gumbel=(2.0, 2.0, 1.0))
    if patient.cooling:
        settings = cooling(SETTINGS, 5 * STEPS)
    settings = replace(
        settings, diversity=patient.diversity, noise=patient.noise, penalty=patient.penalty
    )
    built = untrained(settings, "raw")
    built.model.frontend.convolutions = Convolutions(plan=SMALL_PLAN, norm_each=patient.norm_each)
    return built


def trainer(patient: Patient, seed: int = 0, steps: int = STEPS) -> Trainer:
    """80 steps of four crops of two seconds: about eight seconds."""
    torch.manual_seed(seed)
    plan = Plan(steps, lr=patient.rate, schedule=constant, clip=5.0, seed=seed)
    return Trainer(
        objective(patient), crops(speech("train"), 4, seconds=2.0), plan, label="patient"
    )


def recorded(run: Trainer, *, every: int = 1) -> Iterator[tuple[Row, Share]]:
    """Train, and tell of every so many steps what its log says and how the entries were used."""
    objective: Any = run.objective
    draw: Any = run.draw
    heard = draw(torch.Generator().manual_seed(1)).signal
    for step in range(run.plan.steps):
        row = run.step(step)
        if (step + 1) % every == 0 or not step:
            with torch.no_grad():
                latents = objective.model.frontend.latents(heard).flatten(0, 1)
                codes = objective.quantizer(latents).codes
            yield row | {"loss": row["contrastive"]}, use(codes, objective.quantizer.codes)


WAYS = {
    "as it is": Patient(),
    "no code penalty": Patient(diversity=0.0),
    "code penalty x 10": Patient(diversity=1.0),
    "code penalty x 100": Patient(diversity=10.0),
    "no Gumbel noise": Patient(noise=False),
    "no cooling": Patient(cooling=False),
    "a tenth of the rate": Patient(rate=3e-4),
    "one GroupNorm": Patient(norm_each=False),
    "no feature penalty": Patient(penalty=0.0),
}


def run(seed: int) -> dict[str, float]:
    """Each way: entries in use at the end, of 64, and what the published accuracy says of it."""
    numbers = {}
    for way, patient in WAYS.items():
        last = trainer(patient, seed).run().rows[-1]
        numbers[way] = last["hard_perplexity"]
        numbers[f"{way}, accuracy"] = 100 * last["accuracy"]
        numbers[f"{way}, ties shared"] = 100 * last["tie_accuracy"]
    return numbers | {"effect": numbers["one GroupNorm"] - numbers["as it is"]}


CARD = Card(
    name="codebook_collapse",
    source="users' logs of wav2vec 2.0: transformers issue 14387, fairseq issue 3744",
    statement="A collapsed codebook scores 100 % and is dead: one entry a group is in use",
    paper_number='"ppl 2.000, div_loss .9969, contrastive 0" (of 640 entries)',
    protocol="raw waveform, LayerNorm after every convolution, rate 3e-3 from the start, 80 steps "
    "of 4 crops of 2 s; then one thing changed; entries in use of 64 (hard perplexity) in the last "
    "batch; judged by GroupNorm after the first convolution minus LayerNorm after each; a seed "
    "draws weights, crops and masks",
    run=run,
    unit="entries in use of 64, one GroupNorm minus LayerNorm everywhere",
)
