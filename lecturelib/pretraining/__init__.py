"""Notebooks are quick because somebody trained at full pace: one file a recipe, `build -> Job`."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Objective
from lecturelib.training import checkpoint
from lecturelib.training.loop import Draw, Plan, Row

NAMES = ("student", "simclr", "numbers")


@dataclass(frozen=True)
class Job:
    """Everything that `python -m lecturelib pretrain` needs to know of a recipe.

    ship      the part of the objective that is exported
    data      digest of what was trained on; licence and source stand beside it in the metadata
    """

    objective: Objective
    draw: Draw
    plan: Plan
    ship: nn.Module
    facts: dict[str, str]
    measure: Callable[[], Row] | None = None


def data_of(name: str) -> str:
    """The data set that a recipe trains on when nothing else is asked."""
    return importlib.import_module(f"lecturelib.pretraining.{name}").DATA[0]


def build(name: str, data: str, pace: str, seed: int = 0) -> Job:
    """The job of `pretraining/<name>.py` on a data set at a pace (quick, gpu or full)."""
    if name not in NAMES:
        raise ValueError(f"no recipe {name!r}: choose from {', '.join(NAMES)}")
    recipe = importlib.import_module(f"lecturelib.pretraining.{name}")
    data = data or data_of(name)
    if data not in recipe.DATA:
        raise ValueError(f"{name} does not train on {data!r}: choose from {', '.join(recipe.DATA)}")
    return recipe.build(data, pace, seed)


def facts_of(batch: Batch, source: str, licence: str) -> dict[str, str]:
    """Which data this was: a digest of its tensors, where it came from, its licence."""
    return {
        "data_sha256": checkpoint.digest(batch.signal),
        "data_source": source,
        "data_licence": licence,
    }
