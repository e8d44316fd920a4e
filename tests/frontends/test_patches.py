"""Patches by hand. The published front end is the oracle in tests/published/test_vit.py."""

import pytest
import torch

from lecturelib.frontends.patches import Patches
from tests.oracle import error, randomise, unchecked


def patches() -> Patches:
    built = Patches(grid=(2, 3), patch=(4, 2), channels=3, dim=5)
    return randomise(built)  # type: ignore[return-value]


def test_patches_by_hand():
    """Patch 0 is top left, the next one to its right; [class] stands before them."""
    front, images = patches(), torch.randn(2, 3, 8, 6, dtype=torch.double)
    hidden = torch.zeros(2, 6, dtype=torch.bool)
    hidden[1, 4] = True
    tokens = front(images, hidden)
    assert front.mask is not None
    assert error(tokens[:, 0], (front.cls + front.position[:, :1])[:, 0].expand(2, -1)) < 1e-12
    for down in range(2):
        for across in range(3):
            number = 3 * down + across
            cut = images[:, :, 4 * down : 4 * down + 4, 2 * across : 2 * across + 2]
            want = cut.flatten(1) @ front.embed.weight.flatten(1).T + front.embed.bias
            if number == 4:
                want[1] = front.mask[0, 0]
            assert error(tokens[:, 1 + number], want + front.position[0, 1 + number]) < 1e-12


def test_bad_input():
    front, images = patches(), torch.randn(2, 3, 8, 6, dtype=torch.double)
    with pytest.raises(ValueError, match=r"images are \[3, 8, 8\].* are for \[3, 8, 6\]"):
        front(torch.randn(2, 3, 8, 8, dtype=torch.double))
    with unchecked(), pytest.raises(ValueError, match=r"hidden is \[2, 5\], patches are \[2, 6\]"):
        front(images, torch.zeros(2, 5, dtype=torch.bool))
    front.mask = None
    with pytest.raises(ValueError, match="no mask token"):
        front(images, torch.zeros(2, 6, dtype=torch.bool))
