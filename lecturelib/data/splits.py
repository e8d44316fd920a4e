"""Fixed splits: what is in train, validation and test is the same on every machine, for ever."""

import re
import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "validation", "test")
Thing = TypeVar("Thing")


def check_split(split: str) -> None:
    """Raise ValueError unless `split` is one of the three."""
    if split not in SPLITS:
        raise ValueError(f"split={split!r}: choose train, validation or test")


def plain(text: str) -> str:
    """Text without case, punctuation and double spaces; digits all alike: near-equals agree."""
    return " ".join(re.sub(r"\W", " ", re.sub(r"\d", "0", text.casefold())).split())


def by_text(text: str) -> str:
    """The split that a sentence belongs to, from a checksum of its words: about 80/10/10.

    Equal words land together whoever says them, and adding data moves nothing.
    """
    return {0: "test", 1: "validation"}.get(zlib.crc32(plain(text).encode()) % 10, "train")


def shuffled(things: Sequence[Thing], train: int, validation: int) -> dict[str, list[Thing]]:
    """Deal things (articles, files ...) to the splits in a random order, seed 0; test: the rest."""
    order = np.random.default_rng(0).permutation(len(things))
    parts = np.split(order, [train, train + validation])
    return {s: [things[i] for i in part] for s, part in zip(SPLITS, parts, strict=True)}


def per_class(
    label: NDArray[np.integer], train: int, validation: int, rng: np.random.Generator | None = None
) -> dict[str, NDArray[np.intp]]:
    """Rows of each split, the same number from every class; what is over is test.

    In the order of the rows, or in an order drawn with `rng`. Rows come back sorted.
    """
    parts: dict[str, list[NDArray[np.intp]]] = {split: [] for split in SPLITS}
    for kind in np.unique(label):
        rows = np.flatnonzero(label == kind)
        rows = rows if rng is None else rng.permutation(rows)
        for split, part in zip(SPLITS, np.split(rows, [train, train + validation]), strict=True):
            parts[split].append(part)
    return {split: np.sort(np.concatenate(rows)) for split, rows in parts.items()}
