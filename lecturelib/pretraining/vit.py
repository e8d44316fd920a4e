"""A small Vision Transformer on five classes of CIFAR-10, by their labels, as the small VGG."""

import torch
from torch import nn

from lecturelib.adapt.pictures import SOURCE
from lecturelib.encoders.model import Model
from lecturelib.objectives.classification import Classification
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job
from lecturelib.pretraining.vgg import by_labels, plan
from lecturelib.recipes import vit
from lecturelib.shapes import Features, Images
from lecturelib.training.checkpoint import load_weights

DATA = ("cifar10",)
STEPS = {"quick": 40, "gpu": 5000, "full": 5000}


class First(nn.Module):
    """A picture as one vector: the context of [class], which learns to gather what it needs."""

    def __init__(self, model: Model):
        super().__init__()
        self.model, self.dim = model, model.encoder.dim

    def forward(self, images: Images) -> Features:
        return self.model(images)[:, 0]


def build(data: str, pace: str, seed: int = 0) -> Job:
    """Encoder and head are shipped."""
    torch.manual_seed(seed)
    return by_labels(untrained(), plan(STEPS[pace], lr=1e-3, seed=seed))


def untrained() -> Classification:
    """The network before it has seen a picture."""
    encoder = First(vit("mini"))
    return Classification(encoder, dim=encoder.dim, classes=len(SOURCE))


def shipped() -> Classification:
    """The network that this recipe has made, in eval mode."""
    objective = untrained().eval()
    load_weights(CHECKPOINTS / "vit_cifar10.safetensors", objective)
    return objective
