"""BERT base with the paper's numbers (Devlin 2019, Section 3 and A.2), for a GPU or several."""

import torch

from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.pretraining import Job
from lecturelib.pretraining.bert import streamed
from lecturelib.recipes.words import bert
from lecturelib.training.loop import Plan
from lecturelib.training.schedule import linear

DATA = ("text:FILE_OR_HUB_NAME",)
STEPS = {"quick": 3, "gpu": 2000, "full": 1_000_000}
BATCH = {"quick": 4, "gpu": 256, "full": 256}
VOCAB, LENGTH = 30_522, 128  # the paper: 128 for 90 % of the steps, then 512


def build(data: str, pace: str, seed: int = 0) -> Job:
    """From random weights, as the paper; `quick` shows that it runs, `gpu` that it learns."""
    torch.manual_seed(seed)
    said = streamed(data, BATCH[pace], length=LENGTH, vocab=VOCAB)
    objective = MaskedLM(bert("base", vocab=len(said.pieces)), said.pieces)
    plan = Plan(
        STEPS[pace],
        lr=1e-4,
        schedule=linear,
        betas=(0.9, 0.999),
        seed=seed,
        measure_every=1000,
        save_every=1000,
    )
    return Job(
        objective=objective,
        draw=said.draw,
        plan=plan,
        ship=objective,
        facts=said.facts,
        measure=said.measure(objective),
        vocabulary=said.pieces.pieces,
    )
