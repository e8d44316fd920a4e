"""Augmentation: identity at zero, known moves, a plain loop, and the same for the same seed."""

import itertools

import pytest
import torch

from lecturelib.data import augment


def test_no_change_asked_is_no_change(monkeypatch):
    monkeypatch.setattr(augment, "uniform", lambda count, reach, rng: torch.zeros(count))
    images = torch.rand(3, 1, 9, 9)
    torch.testing.assert_close(augment.jitter(images, torch.Generator()), images)


def test_a_move_by_two_pixels_is_that_move(monkeypatch):
    """The fourth draw is the move across, in half sides: 4/9 of 4.5 pixels are 2."""
    draws = iter([0.0, 0.0, 0.0, 4 / 9, 0.0])
    monkeypatch.setattr(augment, "uniform", lambda n, reach, rng: torch.full((n,), next(draws)))
    images = torch.rand(2, 1, 9, 9)
    moved = augment.jitter(images, torch.Generator())
    torch.testing.assert_close(moved[..., :7], images[..., 2:], atol=1e-5, rtol=0)


@pytest.mark.parametrize("change", [augment.jitter, augment.crop_and_mirror, augment.jitter_mels])
def test_the_seed_decides_and_every_example_moves_on_its_own(change):
    images = torch.rand(1, 1, 20, 20).expand(4, 1, 20, 20)
    one, two = (change(images, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one[0], one[1])


def test_hidden_bands_and_stretches_are_at_most_a_fifth():
    mels = torch.rand(200, 1, 40, 50) + 1
    changed = augment.jitter_mels(mels, torch.Generator().manual_seed(0))
    hidden = changed[:, 0] == 0
    assert hidden.all(2).sum(1).max() <= 8
    assert hidden.all(1).sum(1).max() <= 10
    assert hidden.any()


def folded(place: int, side: int) -> int:
    """A place outside the picture, mirrored at the edge without repeating it."""
    return -place if place < 0 else min(place, 2 * (side - 1) - place)


@pytest.mark.parametrize("reach", [0, 1, 4])
def test_crop_and_mirror_beside_a_plain_loop(reach):
    images = torch.rand(6, 2, 7, 9)
    changed = augment.crop_and_mirror(images, torch.Generator().manual_seed(1), reach=reach)
    rng = torch.Generator().manual_seed(1)
    moves = torch.randint(2 * reach + 1, (2, 6, 1), generator=rng) - reach
    mirrored = torch.rand(6, 1, generator=rng) < 0.5
    assert 0 < mirrored.sum() < 6
    for n, row, column in itertools.product(range(6), range(7), range(9)):
        down, across = moves[:, n, 0].tolist()
        seen = 8 - column if mirrored[n] else column
        want = images[n, :, folded(row + down, 7), folded(seen + across, 9)]
        assert torch.equal(changed[n, :, row, column], want)


def test_pictures_move_in_all_directions_and_every_second_one_is_mirrored():
    """A pixel's value is its place: the middle of a changed picture tells where it was."""
    places = torch.arange(256).view(1, 1, 16, 16).expand(1000, 1, 16, 16)
    images = places.float() / 256
    changed = augment.crop_and_mirror(images, torch.Generator().manual_seed(0)) * 256
    assert set(changed.flatten().tolist()) <= set(range(256))
    middle = changed[:, 0, 8, 8]
    mirrored = changed[:, 0, 8, 9] < middle
    assert 0.45 < mirrored.float().mean() < 0.55
    across = middle % 16 - torch.where(mirrored, 7, 8)
    for move in (middle // 16 - 8, across):
        assert move.unique().tolist() == list(range(-4, 5))
        assert torch.bincount(move.long() + 4).min() > 80  # of 111
