"""Notebooks are quick because somebody trained at full pace: one file a recipe, `build -> Job`."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Objective
from lecturelib.objectives.skipgram import Settings
from lecturelib.training import checkpoint
from lecturelib.training.loop import Draw, History, Plan, Row, Trainer

NAMES = (
    "student",
    "simclr",
    "numbers",
    "bert",
    "elmo",
    "span",
    "word2vec",
    "vgg",
    "mae",
    "vit",
    "xvector",
    "wav2vec2",
    "recogniser",
    "data2vec",
)


@runtime_checkable
class Loop(Protocol):
    """The shared Trainer, or a recipe's own loop."""

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

    def trainer(self, state: Path, label: str) -> Loop:
        """What runs it; `state`: the file from which a stopped run goes on."""
        ...


@dataclass(frozen=True)
class Job:
    """Everything that `python -m lecturelib pretrain` needs to know of a recipe.

    ship      the part of the objective that is exported
    data      digest of what was trained on; licence and source stand beside it in the metadata
    vocabulary  what the ids stand for, in their order; it travels with the weights
    """

    objective: Objective
    draw: Draw
    plan: Plan
    ship: nn.Module
    facts: dict[str, str]
    measure: Callable[[], Row] | None = None
    vocabulary: Sequence[str] = ()

    def trainer(self, state: Path, label: str) -> Trainer:
        """The shared loop on this job."""
        return Trainer(self.objective, self.draw, self.plan, self.measure, state=state, label=label)


def data_of(name: str) -> str:
    """The data set that a recipe trains on when nothing else is asked."""
    return importlib.import_module(f"lecturelib.pretraining.{name}").DATA[0]


def build(name: str, data: str, pace: str, seed: int = 0) -> Trainable:
    """The job of `pretraining/<name>.py` on a data set at a pace (quick, gpu or full)."""
    if name not in NAMES:
        raise ValueError(f"no recipe {name!r}: choose from {', '.join(NAMES)}")
    recipe = importlib.import_module(f"lecturelib.pretraining.{name}")
    data = data or data_of(name)
    if data not in recipe.DATA:
        raise ValueError(f"{name} does not train on {data!r}: choose from {', '.join(recipe.DATA)}")
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
