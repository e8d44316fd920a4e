"""Photographs: the packages' own pixels, as squares, with no network."""

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data
from sklearn.datasets import load_sample_images

from lecturelib.data.photos import NAMES, photos


def theirs() -> list[np.ndarray]:
    """The same photographs as their packages give them, in our order."""
    temple, flower = load_sample_images().images
    return [data.cat(), data.astronaut(), data.coffee(), data.rocket(), flower, temple]


def test_they_are_the_packages_photographs_cut_to_the_middle_square(offline: Path) -> None:
    for name, ours, whole in zip(NAMES, photos(300).pixels, theirs(), strict=True):
        height, width, _ = whole.shape
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        square = whole[top : top + side, left : left + side]
        blocks = torch.from_numpy(square.copy()).float().permute(2, 0, 1) / 255
        coarse = [torch.nn.functional.adaptive_avg_pool2d(one, 6) for one in (ours, blocks)]
        assert (coarse[0] - coarse[1]).abs().max() < 0.02, name


def test_a_square_photograph_at_its_own_size_is_left_as_it_is(offline: Path) -> None:
    astronaut = photos(512).pixels[NAMES.index("astronaut")]
    pixels = (astronaut * 255).round().byte().permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(pixels, data.astronaut())


def test_each_is_named_and_the_line_says_where_they_are_from(
    offline: Path, capsys: pytest.CaptureFixture
) -> None:
    found = photos(32)
    assert found.pixels.shape == (6, 3, 32, 32)
    assert [found.classes[k] for k in found.label] == list(NAMES)
    assert capsys.readouterr().out == "photos: 6 of 32x32, from an installed package\n"


def test_no_square_has_no_pixels() -> None:
    with pytest.raises(ValueError, match="size=0: a square of at least 1 pixel"):
        photos(0)
