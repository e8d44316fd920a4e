"""Pictures that are none: each refused with the number and what to do."""

import pytest
import torch

from lecturelib.data.pixels import check_pixels


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(3, 8, 8), r"images are \[3, 8, 8\]: they need the axes batch, channel"),
        (torch.zeros(2, 1, 8, 8), "images have 1 channels, this model takes 3"),
        (torch.zeros(2, 3, 8, 8, dtype=torch.uint8), r"images are torch\.uint8, 0-255: divide"),
        (torch.full((2, 3, 8, 8), 255.0), "images reach 255, pixels are 0-1: divide by 255"),
    ],
)
def test_no_pictures(images, message):
    with pytest.raises(ValueError, match=message):
        check_pixels(images, 3)


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_pixels_from_0_to_1_and_normalised_ones_pass(spread):
    check_pixels(spread * torch.randn(4, 3, 8, 8), 3)
    check_pixels(torch.zeros(0, 3, 8, 8), 3)
