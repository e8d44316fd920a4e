"""A small Vision Transformer on CIFAR-10 without a label: three of four patches are hidden."""

from functools import partial

import torch
from torch import nn

from lecturelib.adapt.pictures import EVERY, classes
from lecturelib.adapt.transfer import few_labels, read_out
from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.masking import random_patches
from lecturelib.objectives.masked_image import MaskedPixels, MaskedTokens
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, facts_of, held_out_row, pixels, whole
from lecturelib.pretraining.vgg import augmented, licence
from lecturelib.recipes import vit
from lecturelib.shapes import Features, Images
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Plan

DATA, STREAMS = ("cifar10",), (pixels.STREAM,)
STEPS = {"quick": 40, "gpu": 3000, "full": 3000}
SHARE = 0.75


class Mean(nn.Module):
    """A picture as one vector: the mean of its patches' context; [class] has learned nothing."""

    def __init__(self, model: Model):
        super().__init__()
        self.model, self.dim = model, model.encoder.dim

    def forward(self, images: Images) -> Features:
        return self.model(images)[:, 1:].mean(1)


def build(data: str, pace: str, seed: int = 0) -> Job:
    """Encoder and decoder are shipped."""
    torch.manual_seed(seed)
    return unlabelled(untrained(), data, plan(STEPS[pace], seed), size=128)


def plan(steps: int, seed: int) -> Plan:
    """AdamW as in both papers; measured and kept every 500 steps."""
    return Plan(
        steps,
        lr=1.5e-3,
        betas=(0.9, 0.95),
        weight_decay=0.05,
        seed=seed,
        measure_every=500,
        save_every=500,
    )


def unlabelled(objective: MaskedPixels | MaskedTokens, data: str, plan: Plan, size: int) -> Job:
    """`size` pictures a step. Labels only measure, where there are any: a linear layer on 50 a
    class."""
    if data != "cifar10":
        seen = pixels.streamed(data, size, watched=256)
        return whole(objective, seen, plan, held_out_row)
    splits, names = classes(EVERY)
    encoder = Mean(objective.model)
    known = splits.train.rows(few_labels(splits.train.labels, 50, seed=0))
    unseen = splits.validation.rows(few_labels(splits.validation.labels, 100, seed=0))
    return Job(
        objective=objective,
        draw=augmented(Batch(splits.train.signal, None, None), size),
        plan=plan,
        ship=objective,
        facts=facts_of(splits.train, splits.source, licence(names)),
        measure=lambda: {"probe_50_labels": read_out(encoder, known, unseen)},
    )


def untrained(share: float = SHARE) -> MaskedPixels:
    """The network before it has seen a picture."""
    return MaskedPixels(vit("mini"), hide=partial(random_patches, share=share))


def shipped() -> MaskedPixels:
    """The network that this recipe has made, in eval mode."""
    objective = untrained().eval()
    load_weights(CHECKPOINTS / "mae_cifar10.safetensors", objective)
    return objective
