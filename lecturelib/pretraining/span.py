"""MiniLM learns to mark answers on XQuAD: one linear layer, and low-rank changes below it."""

from dataclasses import replace

import torch
from torch import Generator

from lecturelib.adapt.low_rank import learned, train_in_low_rank
from lecturelib.adapt.reading import minilm
from lecturelib.adapt.span import Spans, answerable, ask, labelled, score
from lecturelib.data import text
from lecturelib.data.batch import Batch
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, facts_of
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Plan
from lecturelib.training.schedule import linear

DATA = ("xquad",)
STEPS = {"quick": 20, "gpu": 500, "full": 500}  # 100 steps: an epoch
LENGTH, SIZE = 320, 8  # pieces, questions


def build(data: str, pace: str, seed: int = 0) -> Job:
    """0.7 M trained numbers of MiniLM's 22.7 M are shipped; they mean something on top of it only.

    Validation and test are measured once, at the end; the way was chosen on validation.
    """
    torch.manual_seed(seed)
    model = untrained()
    known = answerable(text.xquad("en", "train"), model.reader)
    pieces = torch.tensor([len(one.ids) for one in ask(known, model.reader)])

    def draw(rng: Generator) -> Batch:
        """Eight of similar length out of 64: little padding, and everybody's turn is equal."""
        some = torch.randperm(len(known), generator=rng)[: 8 * SIZE]
        groups = some[pieces[some].argsort()].split(SIZE)
        group = groups[int(torch.randint(len(groups), (), generator=rng))]
        return labelled([known[row] for row in group.tolist()], model.reader)

    def measure() -> dict[str, float]:
        numbers = {}
        for split in ("validation", "test"):
            asked = text.xquad("en", split)
            points = score(model.answers(asked), asked)
            numbers |= {f"{split}_{name}": value for name, value in points.items()}
        return numbers

    licence = "XQuAD, CC BY-SA 4.0; MiniLM, Apache 2.0"
    return Job(
        objective=model,
        draw=draw,
        plan=Plan(STEPS[pace], lr=1e-3, schedule=linear, seed=seed, save_every=100),
        ship=learned(model),
        facts=facts_of(labelled(known, model.reader), known[0].source, licence),
        measure=measure,
    )


def untrained() -> Spans:
    """MiniLM as published, ready for low-rank changes, and a new head."""
    model = Spans(replace(minilm(), length=LENGTH))
    train_in_low_rank(model.model)
    return model


def shipped() -> Spans:
    """MiniLM with the changes and the head that this recipe has made, in eval mode."""
    model = untrained().eval()
    load_weights(CHECKPOINTS / "span_xquad.safetensors", learned(model))
    return model
