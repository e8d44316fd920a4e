"""A small Vision Transformer on CIFAR-10 without a label: three of four patches are hidden."""

from functools import partial

import torch
from torch import nn

from lecturelib.adapt.pictures import EVERY, classes
from lecturelib.adapt.transfer import few_labels, read_out
from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.masking import random_patches
from lecturelib.objectives.masked_image import MaskedPixels
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, facts_of
from lecturelib.pretraining.vgg import augmented, licence
from lecturelib.recipes import vit
from lecturelib.shapes import Features, Images
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Plan

DATA = ("cifar10",)
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
    """Encoder and decoder are shipped. Labels only measure: a linear layer on 50 a class."""
    torch.manual_seed(seed)
    splits, names = classes(EVERY)
    objective = untrained()
    encoder = Mean(objective.model)
    known = splits.train.rows(few_labels(splits.train.labels, 50, seed=0))
    unseen = splits.validation.rows(few_labels(splits.validation.labels, 100, seed=0))
    plan = Plan(
        STEPS[pace],
        lr=1.5e-3,
        betas=(0.9, 0.95),
        weight_decay=0.05,
        seed=seed,
        measure_every=500,
        save_every=500,
    )
    return Job(
        objective=objective,
        draw=augmented(Batch(splits.train.signal, None, None), 128),
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
