"""What cannot be read is named, with its row and its length."""

import pytest
import torch

from lecturelib.data.filling import check_filling
from tests.oracle import padded


def test_clips_filled_at_the_end_are_fine():
    check_filling(torch.zeros(3, 5, 2), padded([5, 2, 4]), least=2, what="frames")
    check_filling(torch.zeros(3, 5), None, least=5, what="samples")


@pytest.mark.parametrize(
    ("is_pad", "said"),
    [
        (padded([5, 1, 2]), r"rows \[1, 2\] have \[1, 2\] samples, at least 3 are needed: give"),
        (padded([5, 3, 3])[:, :4], r"is_pad is \[3, 4\], samples are \[3, 5\]"),
        (padded([5, 3, 3]).flip(1), r"rows \[1, 2\] have filling before samples: move it"),
    ],
)
def test_bad_filling(is_pad, said):
    with pytest.raises(ValueError, match=said):
        check_filling(torch.zeros(3, 5), is_pad, least=3, what="samples")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_is_found_even_in_the_filling(value):
    x = torch.zeros(3, 5)
    x[2, 4] = value
    with pytest.raises(ValueError, match=r"rows \[2\] have NaN or infinity: drop or repair"):
        check_filling(x, padded([5, 3, 3]), least=3, what="samples")
