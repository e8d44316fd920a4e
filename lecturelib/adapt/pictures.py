"""The image half's worlds: five classes of CIFAR-10 to learn from, five others to move to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from lecturelib.adapt.worlds import Splits, split_up
from lecturelib.data.batch import Batch
from lecturelib.data.images import Images, cifar10, folder, mnist5k
from lecturelib.data.splits import per_class

SIDE = 32
SOURCE, TARGET, EVERY = range(5), range(5, 10), range(10)


def colour(images: Images) -> Images:
    """The same pictures as 32 x 32 in three channels: grey digits get a frame and equal colours."""
    missing = SIDE - images.pixels.shape[-1]
    pixels = F.pad(images.pixels, (missing // 2, missing - missing // 2) * 2)
    return replace(images, pixels=pixels.expand(-1, 3, -1, -1))


def only(images: Images, labels: range) -> Images:
    """The pictures with these labels, which then count from 0."""
    kept = images[(images.label >= labels[0]) & (images.label <= labels[-1])]
    names = images.classes[labels[0] : labels[-1] + 1]
    return replace(kept, label=kept.label - labels[0], classes=names)


def classes(labels: range) -> tuple[Splits, tuple[str, ...]]:
    """Train, validation and test of some CIFAR-10 classes, and their names.

    SOURCE is for pre-training, TARGET for moving to. Without CIFAR-10 they are MNIST-5k's digits.
    """
    parts = {name: only(cifar10(name), labels) for name in ("train", "validation", "test")}
    return split_up(lambda name: colour(parts[name])), parts["train"].classes


def digits() -> Splits:
    """MNIST-5k as 32 x 32 colour pictures: where a network for photos can move to offline."""
    return split_up(lambda name: colour(mnist5k(name)))


def own_photos(path: Path | str, size: int = SIDE, *, known: int = 5) -> tuple[Batch, Batch]:
    """A folder of photos, one sub-folder a class: `known` of each class to learn from, the rest.

    Dealt out by seed 0. Raises ValueError for what `images.folder` refuses, and for a class without
    a photo left over.
    """
    found = folder(path, size)
    counts = found.label.bincount().tolist()
    if few := [name for name, n in zip(found.classes, counts, strict=True) if n <= known]:
        raise ValueError(
            f"{known} photos or fewer of {', '.join(few)}: add some, or ask for a smaller known"
        )
    rows = per_class(found.label.numpy(), known, 0, np.random.default_rng(0))
    batch = found.batch()
    return batch.rows(torch.from_numpy(rows["train"])), batch.rows(torch.from_numpy(rows["test"]))
