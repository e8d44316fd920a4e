"""Notebooks are quick because somebody trained at full pace: one file a recipe, `build -> Job`."""

import hashlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Objective
from lecturelib.objectives.skipgram import Settings
from lecturelib.training import checkpoint
from lecturelib.training.loop import Draw, History, Plan, Row, Trainer
from lecturelib.training.watch import Watch

Tell = Callable[[Row], None]
NAMES = (
    "student",
    "simclr",
    "numbers",
    "bert",
    "bert_base",
    "elmo",
    "span",
    "word2vec",
    "vgg",
    "mae",
    "beit",
    "vit",
    "xvector",
    "wav2vec",
    "vq_wav2vec",
    "wav2vec2",
    "wav2vec2_base",
    "recogniser",
    "data2vec",
)


@runtime_checkable
class Loop(Protocol):
    """The shared Trainer, or a recipe's own loop."""

    @property
    def history(self) -> History: ...

    def run(self) -> History:
        """Train to the end, or until somebody presses stop."""
        ...


@runtime_checkable
class Trainable(Protocol):
    """What `python -m lecturelib pretrain` asks of a job: a `Job`, or word2vec's own."""

    @property
    def plan(self) -> Plan | Settings: ...
    @property
    def ship(self) -> nn.Module: ...
    @property
    def facts(self) -> dict[str, str]: ...
    @property
    def vocabulary(self) -> Sequence[str]: ...

    def trainer(self, state: Path, label: str, on_step: Tell | None = None) -> Loop:
        """What runs it; `state`: the file from which a stopped run goes on; `on_step`: is told."""
        ...


@dataclass(frozen=True)
class Job:
    """Everything that `python -m lecturelib pretrain` needs to know of a recipe.

    ship      the part of the objective that is exported
    data      digest of what was trained on; licence and source stand beside it in the metadata
    vocabulary  what the ids stand for, in their order; it travels with the weights
    watch     rows so far -> why it is over (a collapse), or ""
    """

    objective: Objective
    draw: Draw
    plan: Plan
    ship: nn.Module
    facts: dict[str, str]
    measure: Callable[[], Row] | None = None
    vocabulary: Sequence[str] = ()
    watch: Watch | None = None

    def trainer(self, state: Path, label: str, on_step: Tell | None = None) -> Trainer:
        """The shared loop on this job; other data or another vocabulary do not go on."""
        seen = "\n".join([self.facts.get("data_sha256", ""), *self.vocabulary])
        return Trainer(
            self.objective,
            self.draw,
            self.plan,
            self.measure,
            on_step,
            state,
            label,
            self.watch,
            hashlib.sha256(seen.encode()).hexdigest(),
        )


@dataclass(frozen=True)
class Source:
    """draw: batches to learn from; held_out: examples that are only ever watched."""

    draw: Draw
    held_out: Batch
    facts: dict[str, str]


def whole(
    objective: Objective,
    source: Source,
    plan: Plan,
    measure: Callable[..., Row],
    watch: Watch | None = None,
) -> Job:
    """A job that ships the whole objective; `measure` is given it and what is held out."""
    look = partial(measure, objective, source.held_out)
    return Job(objective, source.draw, plan, objective, source.facts, look, watch=watch)


def data_of(name: str) -> str:
    """The data set that a recipe trains on when nothing else is asked.

    A recipe lists in `DATA` what fits into memory, in `STREAMS` what is read while training:
    names, and "sound:FOLDER" where any folder will do.
    """
    return importlib.import_module(f"lecturelib.pretraining.{name}").DATA[0]


def build(name: str, data: str, pace: str, seed: int = 0) -> Trainable:
    """The job of `pretraining/<name>.py` on a data set at a pace (quick, gpu or full)."""
    if name not in NAMES:
        raise ValueError(f"no recipe {name!r}: choose from {', '.join(NAMES)}")
    recipe = importlib.import_module(f"lecturelib.pretraining.{name}")
    data = data or data_of(name)
    known = (*recipe.DATA, *getattr(recipe, "STREAMS", ()))
    if not any(data == one or data.startswith(one.partition(":")[0] + ":") for one in known):
        raise ValueError(f"{name} does not train on {data!r}: choose from {', '.join(known)}")
    if ":" in data and data in known:
        raise ValueError(f"{name} has no data of its own: say --data {data}")
    return recipe.build(data, pace, seed)


def vocabulary(path: Path) -> list[str]:
    """The words or pieces that a checkpoint's ids stand for; ValueError where it has none."""
    _, metadata = checkpoint.read(path)
    if not metadata.get("vocabulary"):
        raise ValueError(f"{path} holds no vocabulary: train it again")
    return metadata["vocabulary"]


def facts_of(batch: Batch, source: str, licence: str) -> dict[str, str]:
    """Which data this was: a digest of its tensors, where it came from, its licence."""
    return {
        "data_sha256": checkpoint.digest(batch.signal),
        "data_source": source,
        "data_licence": licence,
    }


@torch.no_grad()
def held_out_row(objective: Objective, batch: Batch) -> Row:
    """What the objective says of examples that it never saw, the same hidden every time."""
    parts = objective.eval()(batch, torch.Generator().manual_seed(1)).parts
    return {f"held_out_{name}": float(value) for name, value in parts.items()}
