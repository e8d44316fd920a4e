"""A small VGG on five classes of CIFAR-10: labels first, then on to five classes it never saw."""

import torch

from lecturelib.adapt.pictures import SOURCE, classes
from lecturelib.adapt.self_training import accuracy
from lecturelib.data.augment import crop_and_mirror
from lecturelib.data.batch import Batch
from lecturelib.data.images import DIGIT_NAMES
from lecturelib.objectives.classification import Classification
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, facts_of
from lecturelib.recipes import vgg
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Draw, Plan

DATA = ("cifar10",)
STEPS = {"quick": 40, "gpu": 4000, "full": 4000}


def build(data: str, pace: str, seed: int = 0) -> Job:
    """Encoder and head are shipped."""
    torch.manual_seed(seed)
    return by_labels(untrained(), plan(STEPS[pace], lr=2e-3, seed=seed))


def plan(steps: int, *, lr: float, seed: int) -> Plan:
    """AdamW with some weight decay; measured and kept every 500 steps."""
    return Plan(steps, lr=lr, weight_decay=0.05, seed=seed, measure_every=500, save_every=500)


def by_labels(objective: Classification, plan: Plan) -> Job:
    """Learn the source classes; validation pictures are watched, test is the notebook's."""
    splits, names = classes(SOURCE)
    return Job(
        objective=objective,
        draw=augmented(splits.train, 64),
        plan=plan,
        ship=objective,
        facts=facts_of(splits.train, splits.source, licence(names)),
        measure=lambda: {"validation_accuracy": accuracy(objective, splits.validation)},
        vocabulary=names,
    )


def licence(names: tuple[str, ...]) -> str:
    """Of the pictures with these classes: without CIFAR-10, digits stand in, and must say so."""
    if set(names) <= set(DIGIT_NAMES):
        return "MNIST, CC BY-SA 3.0"
    return "CIFAR-10, no licence given: for research and teaching"


def augmented(batch: Batch, size: int) -> Draw:
    """`size` random pictures at a time, moved and mirrored, with labels where there are any."""

    def draw(rng: torch.Generator) -> Batch:
        rows = torch.randint(len(batch), (size,), generator=rng)
        some = batch.rows(rows)
        return Batch(crop_and_mirror(some.signal, rng), None, some.label)

    return draw


def untrained() -> Classification:
    """The network before it has seen a picture."""
    encoder = vgg("mini")
    return Classification(encoder, dim=encoder.dim, classes=len(SOURCE))


def shipped() -> Classification:
    """The network that this recipe has made, in eval mode."""
    objective = untrained().eval()
    load_weights(CHECKPOINTS / "vgg_cifar10.safetensors", objective)
    return objective
