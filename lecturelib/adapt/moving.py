"""A network that knows some classes moves to others: from scratch, frozen, fine-tuned, and between.

VGG's Section 5 (Simonyan and Zisserman 2015) freezes all of it; Yosinski et al. 2014 ask how much.
"""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from lecturelib.adapt.self_training import Augment, Method, accuracy, train
from lecturelib.adapt.transfer import Arm, features, freeze, read_out
from lecturelib.data.augment import crop_and_mirror
from lecturelib.data.batch import Batch
from lecturelib.encoders.vgg import ConvStack
from lecturelib.objectives.classification import Classification
from lecturelib.recipes.images import MINI_VGG
from lecturelib.training.loop import Plan

BATCH = 32
HALF = 13  # layers of the small VGG up to its second halving: four of its six convolutions


class Standing(nn.Sequential):
    """Layers that neither learn nor move their statistics, also while the rest trains."""

    def train(self, mode: bool = True) -> "Standing":
        super().train(False)
        return self


def hold_lower(encoder: nn.Module, layers: int = HALF) -> nn.Module:
    """A copy of a ConvStack whose first `layers` layers stand still from now on."""
    held: Any = copy.deepcopy(encoder)
    if not 0 <= layers <= len(held.layers):
        raise ValueError(f"layers={layers}: the encoder has {len(held.layers)}")
    lower = freeze(Standing(*held.layers[:layers]))
    held.layers = nn.Sequential(lower, *held.layers[layers:])
    return held


class How(NamedTuple):
    """How the new classes are learned. `lr` is the new head's and that of all that may learn."""

    steps: int = 100
    lr: float = 2e-3
    augment: Augment = crop_and_mirror


HOW = How()


def learn(encoder: nn.Module, labelled: Batch, *, how: How = HOW, seed: int) -> Classification:
    """A new head on a copy of the encoder, both trained on these labels."""
    method = Method(
        make=lambda: copy.deepcopy(encoder),
        dim=features(encoder, labelled.signal[:1]).shape[1],
        classes=len(labelled.labels.unique()),
        plan=Plan(how.steps, lr=how.lr, weight_decay=0.05, seed=seed),
        augment=how.augment,
        batch=BATCH,
    )
    return train(method, labelled)


def arms(encoder: nn.Module, test: Batch, *, how: How = HOW) -> dict[str, Arm]:
    """Ways to the new classes, for `transfer.label_curve`; each gives percent right on `test`.

    frozen: a linear layer on the encoder's vectors. random, frozen: the same on a network that has
    learned nothing, the control that surprises.
    """

    def fresh(seed: int) -> ConvStack:
        torch.manual_seed(seed)
        return ConvStack(channels=3, plan=MINI_VGG)

    def tuned(begin: Callable[[int], nn.Module]) -> Arm:
        return lambda labelled, _, seed: (
            100 * accuracy(learn(begin(seed), labelled, how=how, seed=seed), test)
        )

    return {
        "from scratch": tuned(fresh),
        "random, frozen": lambda labelled, _, seed: 100 * read_out(fresh(seed), labelled, test),
        "frozen": lambda labelled, _, seed: 100 * read_out(encoder, labelled, test),
        "fine-tuned": tuned(lambda seed: encoder),
        "lower half frozen": tuned(lambda seed: hold_lower(encoder)),
    }
