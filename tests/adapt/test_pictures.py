"""The image half's worlds: grey as colour, five classes and the other five, no picture in both."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from lecturelib.adapt import pictures
from lecturelib.adapt.pictures import (
    EVERY,
    SOURCE,
    TARGET,
    classes,
    colour,
    digits,
    only,
    own_photos,
)
from lecturelib.data.images import Images

NAMES = tuple("abcdefghij")
SPLITS = {"train": 30, "validation": 10, "test": 20}


def made(split: str, channels: int, side: int) -> Images:
    """Two or three random pictures a class, other ones in each split."""
    count = SPLITS[split]
    rng = torch.Generator().manual_seed(count)
    pixels = torch.rand(count, channels, side, side, generator=rng)
    return Images(pixels, torch.arange(count) % 10, NAMES, f"made for {split}")


def test_a_grey_digit_gets_a_frame_of_two_and_three_equal_channels() -> None:
    grey = made("test", 1, 28)
    framed = colour(grey)
    assert framed.pixels.shape == (20, 3, 32, 32)
    for channel in framed.pixels.unbind(1):
        assert torch.equal(channel[:, 2:30, 2:30], grey.pixels[:, 0])
        assert channel.count_nonzero() == grey.pixels.count_nonzero()  # the frame is black
    assert torch.equal(framed.label, grey.label)
    assert (framed.classes, framed.source) == (grey.classes, grey.source)


def test_an_odd_side_has_the_wider_frame_right_and_below() -> None:
    framed = colour(made("test", 1, 29)).pixels
    assert framed.shape[2:] == (32, 32)
    assert torch.equal(framed[:, 2, 1:30, 1:30], made("test", 1, 29).pixels[:, 0])


def test_a_colour_picture_of_32_stays_as_it_is() -> None:
    assert torch.equal(colour(made("test", 3, 32)).pixels, made("test", 3, 32).pixels)


@pytest.mark.parametrize("labels", [SOURCE, TARGET, EVERY, range(3, 4)])
def test_some_classes_count_from_zero_and_keep_their_pictures(labels: range) -> None:
    whole = made("train", 1, 4)
    some = only(whole, labels)
    rows = [row for row, label in enumerate(whole.label.tolist()) if label in labels]
    assert torch.equal(some.pixels, whole.pixels[rows])
    assert [some.classes[k] for k in some.label] == [whole.classes[whole.label[r]] for r in rows]
    assert some.label.unique().tolist() == list(range(len(labels)))
    assert some.classes == tuple(NAMES[k] for k in labels)


def test_what_is_learned_from_and_what_is_moved_to_share_no_class() -> None:
    assert not set(SOURCE) & set(TARGET)
    assert sorted([*SOURCE, *TARGET]) == list(EVERY)


@pytest.mark.parametrize(("channels", "side"), [(3, 32), (1, 28)])
def test_classes_are_those_rows_of_each_split_of_cifar_or_its_stand_in(
    monkeypatch, channels: int, side: int
) -> None:
    monkeypatch.setattr(pictures, "cifar10", lambda split: made(split, channels, side))
    for labels in (SOURCE, TARGET):
        splits, names = classes(labels)
        assert names == tuple(NAMES[k] for k in labels)
        assert splits.source == "made for train"
        for split, count in SPLITS.items():
            part, whole = getattr(splits, split), colour(made(split, channels, side))
            assert len(part) == count // 2
            kept = (whole.label >= labels[0]) & (whole.label <= labels[-1])
            assert torch.equal(part.signal, whole.pixels[kept])
            assert torch.equal(part.labels, whole.label[kept] - labels[0])


def test_digits_are_all_ten_in_colour(monkeypatch) -> None:
    monkeypatch.setattr(pictures, "mnist5k", lambda split: made(split, 1, 28))
    splits = digits()
    assert splits.source == "made for train"
    for split in SPLITS:
        part, whole = getattr(splits, split), colour(made(split, 1, 28))
        assert torch.equal(part.signal, whole.pixels)
        assert torch.equal(part.labels, whole.label)


def test_own_photos_are_dealt_out_within_each_class(tmp_path: Path) -> None:
    """Each photo is of one tone: which is where, and is none in both halves?"""
    for kind, name in enumerate(("cat", "dog")):
        (tmp_path / name).mkdir()
        for number in range(4 + kind):
            tone = 20 * number + 100 * kind
            Image.new("RGB", (40, 50), (tone, tone, tone)).save(tmp_path / name / f"{number}.png")
    known, unseen = own_photos(tmp_path, 16, known=3)
    assert known.signal.shape[1:] == (3, 16, 16)
    assert known.labels.tolist() == [0] * 3 + [1] * 3
    assert unseen.labels.tolist() == [0, 1, 1]
    tones = [round(255 * float(one.mean())) for part in (known, unseen) for one in part.signal]
    assert sorted(tones) == [0, 20, 40, 60, 100, 120, 140, 160, 180]
    labels = torch.cat([known.labels, unseen.labels])
    assert [tone >= 100 for tone in tones] == labels.bool().tolist()


def test_a_class_without_a_photo_left_over_is_named(tmp_path: Path) -> None:
    for name, count in (("cat", 2), ("dog", 3)):
        (tmp_path / name).mkdir()
        for number in range(count):
            Image.new("RGB", (8, 8)).save(tmp_path / name / f"{number}.png")
    with pytest.raises(ValueError, match="2 photos or fewer of cat: add some"):
        own_photos(tmp_path, 8, known=2)
