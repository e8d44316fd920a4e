"""CIFAR-10 as JPEG files -> arrays, without the near-duplicates that its splits share.

About 3 % of CIFAR-10's test pictures have a near-twin in train (Barz and Denzler 2020, ciFAIR).
Two pictures count as near-duplicates here if, as they are or mirrored, their 8x8 colour thumbnails
and then all their pixels correlate above 0.90. It misses strong crops, and drops some plain blue
skies that are no twins: train can spare them.
"""

import io
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d, normalize

from lecturelib.data.download import cache_folder, put

CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
ALIKE = 0.90
VALIDATION = 500  # pictures a class
IN_TRAIN, IN_VALIDATION, IN_TEST, DROPPED = range(4)

Bytes = NDArray[np.uint8]
Arrays = tuple[Bytes, NDArray[np.int64], Bytes]  # pixels, label, which split


def split(archive: Path, name: str) -> tuple[Bytes, NDArray[np.int64]]:
    """Pixels uint8 [n, 3, 32, 32] and labels of one split ("train", "validation", "test").

    The first call decodes 60,000 files and looks for twins (about half a minute on one core); the
    result is kept in the cache folder as three .npy files, or not kept where it is read-only.
    """
    folder = cache_folder() / f"cifar10-v1-{archive.name.split('.')[0][-8:]}"
    arrays = _kept(folder)
    if arrays is None:
        pixels, label, is_test = _decode(archive)
        arrays = (pixels, label, assign(pixels, label, is_test))
        _keep(folder, arrays)
    pixels, label, part = arrays
    rows = np.flatnonzero(part == ("train", "validation", "test").index(name))
    return pixels[rows], label[rows]


def assign(pixels: Bytes, label: NDArray[np.int64], is_test: NDArray[np.bool_]) -> Bytes:
    """The split of each picture; twins of test leave first, then 500 a class are validation."""
    part = np.where(is_test, IN_TEST, IN_TRAIN).astype(np.uint8)
    _drop_twins(pixels, part, IN_TEST)
    rng = np.random.default_rng(0)
    for kind in range(len(CLASSES)):
        candidates = np.flatnonzero((label == kind) & (part == IN_TRAIN))
        part[rng.permutation(candidates)[:VALIDATION]] = IN_VALIDATION
    _drop_twins(pixels, part, IN_VALIDATION)
    return part


def _drop_twins(pixels: Bytes, part: Bytes, held_out: int) -> None:
    train, held = np.flatnonzero(part == IN_TRAIN), np.flatnonzero(part == held_out)
    has_twin = twins(torch.from_numpy(pixels[train]), torch.from_numpy(pixels[held]))
    part[train[has_twin.numpy()]] = DROPPED


def twins(pictures: Tensor, held_out: Tensor) -> Tensor:
    """Which of `pictures` [n, 3, 32, 32] are near-duplicates of any of `held_out`: bool [n]."""
    found = torch.zeros(len(pictures), dtype=torch.bool)
    small = _unit(avg_pool2d(pictures.float(), 4))
    for some in held_out.split(500):
        for view in (some, some.flip(3)):
            likeness = _unit(avg_pool2d(view.float(), 4)) @ small.T
            theirs, ours = (likeness > ALIKE).nonzero(as_tuple=True)
            closeness = (_unit(view[theirs]) * _unit(pictures[ours])).sum(1)
            found[ours[closeness > ALIKE]] = True
    return found


def _unit(pictures: Tensor) -> Float[Tensor, "n values"]:
    """Each picture as a vector of mean 0 and length 1: dot products are correlations."""
    flat = pictures.float().flatten(1)
    return normalize(flat - flat.mean(1, keepdim=True))


def _decode(archive: Path) -> tuple[Bytes, NDArray[np.int64], NDArray[np.bool_]]:
    rows = []
    with tarfile.open(archive) as files:
        for member in files:
            if member.name.endswith(".jpg") and (file := files.extractfile(member)):
                _, part, name, _ = member.name.split("/")
                picture = np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB"))
                rows.append((picture.transpose(2, 0, 1), CLASSES.index(name), part == "test"))
    pixels, label, is_test = zip(*rows, strict=True)
    return np.stack(pixels), np.array(label), np.array(is_test)


def _kept(folder: Path) -> Arrays | None:
    if not folder.is_dir():
        return None
    pixels = np.load(folder / "pixels.npy", mmap_mode="r", allow_pickle=False)
    label, part = (np.load(folder / f"{n}.npy", allow_pickle=False) for n in ("label", "part"))
    return pixels, label, part


def _keep(folder: Path, arrays: Arrays) -> None:
    """All three or none; none where the disk is full or read-only."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            new = Path(temporary) / folder.name
            new.mkdir()
            for name, array in zip(("pixels", "label", "part"), arrays, strict=True):
                np.save(new / f"{name}.npy", array)
            put(new, folder)
    except OSError:
        return  # it only costs the time to decode again
