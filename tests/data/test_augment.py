"""Augmentation: identity at zero, a known move, and the same for the same seed."""

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


@pytest.mark.parametrize("change", [augment.jitter, augment.jitter_mels])
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
