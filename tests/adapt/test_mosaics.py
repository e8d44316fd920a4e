"""Mosaics of four pictures: a loop lays the patches, known maps score as by hand."""

import itertools

import pytest
import torch

from lecturelib.adapt.mosaics import Mosaics, agreement, mosaics, quarter_of, segment
from lecturelib.data.batch import Batch
from lecturelib.objectives.masked_image import cut

GRID, PATCH = (4, 8), (2, 3)


def pictures(n: int = 6) -> Batch:
    """Picture i is (i + place) / 1000 everywhere: each pixel says whence it comes."""
    tone = torch.arange(n * 3 * 8 * 24).view(n, 3, 8, 24) / 1e5
    return Batch(tone, None, torch.arange(n) % 3)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_every_patch_is_its_picture_s_own_at_its_own_place_and_labelled_so() -> None:
    batch = pictures()
    made = mosaics(batch, 20, rng(), grid=GRID, patch=PATCH)
    for pixels, label in zip(made.pixels, made.label, strict=True):
        owner = torch.zeros(GRID, dtype=torch.int64)
        for down, across in itertools.product(range(4), range(8)):
            seen, (own, *more) = pixels[at(down, across)], range(6)
            while not torch.equal(seen, batch.signal[own][at(down, across)]):
                own, *more = more
            owner[down, across] = own
        assert torch.equal(label, batch.labels[owner])
        for lines in (owner, owner.T):  # four rectangles: all lines change at the same places
            assert (lines[1:] != lines[:-1]).any(1).sum() <= 1


def at(down: int, across: int) -> tuple:
    """The pixels of a patch of 2 x 3."""
    return (..., slice(2 * down, 2 * down + 2), slice(3 * across, 3 * across + 3))


def test_the_point_where_they_meet_leaves_a_quarter_on_each_side_and_every_point_occurs() -> None:
    first = (quarter_of(8, 500, rng()) == 0).sum(1)
    assert first.unique().tolist() == [2, 3, 4, 5, 6]
    assert (quarter_of(8, 500, rng()).diff(dim=1) >= 0).all()


def test_patches_of_another_size_are_refused_with_both_sizes() -> None:
    with pytest.raises(ValueError, match=r"pictures are \(8, 24\), grid \(4, 4\).*\(8, 12\)"):
        mosaics(pictures(), 2, rng(), grid=(4, 4), patch=PATCH)


def test_a_linear_layer_finds_classes_that_are_a_tone_and_none_in_noise() -> None:
    label = torch.arange(30) % 3
    tone = label[:, None, None, None] / 3 + 0.1 * torch.rand(30, 3, 8, 24, generator=rng())
    batch = Batch(tone, None, label)
    known, unseen = (mosaics(batch, 20, rng(s), grid=GRID, patch=PATCH) for s in (1, 2))
    assert agreement(segment(lambda x: cut(x, PATCH), known, unseen), unseen.label).right > 0.99
    noise = [torch.rand(20, 32, 4, generator=rng(s)) for s in (3, 4)]
    looks = iter(noise)
    right = agreement(segment(lambda x: next(looks), known, unseen), unseen.label).right
    assert right < 0.6


def test_agreement_is_counted_patch_by_patch_and_class_by_class() -> None:
    truth = torch.tensor([[[0, 0, 1, 1]]])
    guess = torch.tensor([[[0, 1, 1, 1]]])
    right, iou = agreement(guess, truth)
    assert right == 3 / 4
    assert iou == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_a_single_class_is_refused() -> None:
    batch = Batch(pictures().signal, None, torch.zeros(6, dtype=torch.int64))
    made = mosaics(batch, 4, rng(), grid=GRID, patch=PATCH)
    assert isinstance(made, Mosaics)
    with pytest.raises(ValueError, match="give two classes"):
        segment(lambda x: cut(x, PATCH), made, made)
