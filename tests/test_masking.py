"""Turned pictures: NumPy's rot90, one by one."""

import numpy as np
import pytest
import torch

from lecturelib.masking import quarter_turns, turn


def test_every_picture_is_turned_as_numpy_turns_it():
    images = torch.rand(8, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    quarters = torch.tensor([0, 1, 2, 3, 3, 2, 1, 0])
    for image, quarter, turned in zip(images, quarters, turn(images, quarters), strict=True):
        assert np.array_equal(np.rot90(image.numpy(), int(quarter), (1, 2)), turned.numpy())


def test_all_four_turns_come_equally_often_and_are_the_label():
    images = torch.arange(4.0).view(1, 1, 2, 2).expand(4000, 1, 2, 2)
    turned, quarters = quarter_turns(images, torch.Generator().manual_seed(0))
    assert torch.bincount(quarters).tolist() == pytest.approx([1000] * 4, abs=100)
    corner = torch.tensor([0.0, 1.0, 3.0, 2.0])  # what stands top left after k quarters
    assert torch.equal(turned[:, 0, 0, 0], corner[quarters])


def test_a_picture_that_is_not_square_cannot_turn():
    with pytest.raises(ValueError, match="2x3 pictures cannot turn"):
        turn(torch.zeros(1, 1, 2, 3), torch.tensor([1]))
