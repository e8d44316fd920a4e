"""The image half's worlds: five classes of CIFAR-10 to learn from, five others to move to."""

from dataclasses import replace

import torch.nn.functional as F

from lecturelib.adapt.worlds import Splits, split_up
from lecturelib.data.images import Images, cifar10, mnist5k

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
