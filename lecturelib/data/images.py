"""Pictures -> one typed, checked table of them: pixels in 0-1, labels, names of the classes."""

import gzip
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torchvision import datasets
from torchvision.transforms.v2.functional import pil_to_tensor

from lecturelib.data import cifar, registry
from lecturelib.data.batch import Batch
from lecturelib.data.splits import check_split, per_class

DIGIT_NAMES = tuple("0123456789")


@dataclass(frozen=True)
class Images:
    """Pictures side by side.

    pixels   float32 [n, channel, height, width] in 0-1; channel 1 (grey) or 3 (colour)
    label    int64 [n], each at least 0 and below len(classes)
    classes  what label 0, 1, 2 ... is called; each occurs at least once where a set is loaded
    source   where they came from

    Raises ValueError on 0-255 pixels, other shapes, NaN, and labels out of range.
    """

    pixels: Float[Tensor, "n channel height width"]
    label: Int[Tensor, " n"]
    classes: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        check(self.pixels, self.label, self.classes)

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, index: Tensor | slice) -> "Images":
        """Some of the pictures: by a slice, a tensor of indices, or a boolean mask."""
        return replace(self, pixels=self.pixels[index], label=self.label[index])

    def batch(self) -> Batch:
        """All of them as one Batch: nothing is padded."""
        return Batch(self.pixels, None, self.label)


def check(pixels: Tensor, label: Tensor, classes: tuple[str, ...]) -> None:
    """Raise ValueError, naming value and remedy, unless the three make a table of pictures."""
    if pixels.ndim != 4 or pixels.shape[1] not in (1, 3):
        raise ValueError(
            f"pixels of shape {tuple(pixels.shape)}: [n, channel, height, width] with 1 or 3 "
            "channels is wanted; permute them first"
        )
    if pixels.dtype != torch.float32:
        raise ValueError(
            f"pixels are {pixels.dtype}: float32 in 0-1 is wanted; divide uint8 by 255"
        )
    if pixels.numel() and not (pixels.min() >= 0 and pixels.max() <= 1):
        low, high = float(pixels.min()), float(pixels.max())
        raise ValueError(f"pixels run from {low:g} to {high:g}, 0-1 is wanted: divide by 255 first")
    if len(label) != len(pixels):
        raise ValueError(f"{len(pixels)} pictures but {len(label)} labels: one for each")
    if len(label) and not (label.min() >= 0 and label.max() < len(classes)):
        low, high = int(label.min()), int(label.max())
        raise ValueError(f"labels run from {low} to {high}, classes allow 0 to {len(classes) - 1}")


def check_classes(images: Images) -> Images:
    """The same images; ValueError naming the classes that have no example."""
    counts = torch.bincount(images.label, minlength=len(images.classes))
    if empty := [name for name, n in zip(images.classes, counts, strict=True) if n == 0]:
        raise ValueError(f"classes without an example: {', '.join(empty)}: add some or drop them")
    return images


def mnist5k(split: str) -> Images:
    """5,000 MNIST digits, 28x28 grey; per class 300 train, 50 validation, 150 test. Offline.

    Dealt out by seed 0 within each class. No picture occurs twice; writers are not known.
    """
    found = _mnist5k(split)
    registry.report(f"mnist5k {split}: {len(found):,} images", found.source)
    return found


def _mnist5k(split: str) -> Images:
    check_split(split)
    path = registry.fetch("mnist5k")
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    rows = per_class(table[:, -1], 300, 50, np.random.default_rng(0))[split]
    pixels = table[rows, :-1].reshape(-1, 1, 28, 28)
    return _images(pixels, table[rows, -1], DIGIT_NAMES, registry.origin(path))


def digits(split: str) -> Images:
    """1,797 digits, 8x8 grey: the fastest image demo. Offline.

    The file is in the order of its 13 writers, whose names are not given; so each class is cut in
    this order (104 train, 18 validation, the rest test), which keeps most writers on one side.
    """
    check_split(split)
    path = registry.fetch("digits")
    table = np.loadtxt(path, delimiter=",")
    label = table[:, -1].astype(np.int64)
    rows = per_class(label, 104, 18)[split]
    pixels = (table[rows, :-1] / 16 * 255).round().astype(np.uint8).reshape(-1, 1, 8, 8)
    found = _images(pixels, label[rows], DIGIT_NAMES, registry.origin(path))
    registry.report(f"digits {split}: {len(found):,} images", found.source)
    return found


def cifar10(split: str) -> Images:
    """CIFAR-10, 32x32 colour, 10 classes; without network mnist5k stands in (1 channel, 28x28!).

    Test is its own (10,000); validation is 500 a class of train. Near-duplicates of test pictures
    are in neither other split, and those of validation not in train: see `cifar.py`.
    """
    check_split(split)
    try:
        path = registry.fetch("cifar10")
    except registry.Unavailable as error:
        found = _mnist5k(split)
        what = f"cifar10 {split}: {len(found):,} images of mnist5k"
        registry.report(what, found.source, error.why)
        return found
    pixels, label = cifar.split(path, split)
    found = _images(pixels, label, cifar.CLASSES, registry.origin(path))
    registry.report(f"cifar10 {split}: {len(found):,} images", found.source)
    return found


def published(name: str, split: str) -> Images:
    """A data set of torchvision; "FashionMNIST": 60,000 + 10,000 clothes, 28x28 grey.

    Test is its own; validation is 500 a class of train by seed 0. torchvision opens the files; our
    registry fetches and checks them. Raises Unavailable without network: ask for mnist5k then.
    """
    check_split(split)
    if name != "FashionMNIST":
        raise ValueError(f"name={name!r}: FashionMNIST is the one that is known")
    paths = [registry.fetch(card) for card in registry.CARDS if card.startswith("fashionmnist.")]
    with tempfile.TemporaryDirectory() as root:
        raw = Path(root) / name / "raw"
        raw.mkdir(parents=True)
        for path in paths:
            place = raw / path.stem.removeprefix("fashionmnist-")
            place.write_bytes(gzip.decompress(path.read_bytes()))
        data = datasets.FashionMNIST(root, train=split != "test", download=False)
    label = data.targets.numpy()
    rows = np.arange(len(label))
    if split != "test":
        rows = per_class(label, 5_500, 500, np.random.default_rng(0))[split]
    pixels = data.data.numpy()[rows][:, None]
    found = _images(pixels, label[rows], tuple(data.classes), registry.origin(paths[0]))
    registry.report(f"{name} {split}: {len(found):,} images", found.source)
    return found


def folder(path: Path | str, size: int) -> Images:
    """Your own photos: path/cat/*.jpg, path/dog/*.jpg ... -> colour squares of size x size.

    The folders' names are the classes. The shorter side is scaled to `size`, the middle is kept.
    Raises ValueError naming a file that is no picture, and a class without any.
    """
    root = Path(path)
    classes = tuple(sorted(p.name for p in root.iterdir() if p.is_dir())) if root.is_dir() else ()
    if not classes:
        raise ValueError(f"{root} has no folders: put the pictures of each class into one")
    files = [(file, k) for k, name in enumerate(classes) for file in _files(root / name)]
    label = torch.tensor([k for _, k in files], dtype=torch.long)
    pixels = torch.stack([photo(file, size) for file, _ in files])
    return Images(pixels, label, classes, f"the folder {root}")


def _files(place: Path) -> list[Path]:
    files = sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith("."))
    if not files:
        raise ValueError(f"classes without an example: {place.name}: add pictures to {place}")
    return files


def photo(file: Path, size: int) -> Float[Tensor, "3 size size"]:
    try:
        with Image.open(file) as picture:
            colour = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{file} is not a readable picture: remove or replace it") from error
    square = ImageOps.fit(colour, (size, size), Image.Resampling.BILINEAR)
    return pil_to_tensor(square).float() / 255


def _images(pixels: np.ndarray, label: np.ndarray, classes: tuple[str, ...], source: str) -> Images:
    scaled = torch.from_numpy(pixels).float() / 255
    return check_classes(Images(scaled, torch.from_numpy(label).long(), classes, source))
