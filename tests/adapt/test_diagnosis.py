"""The doctor's signs: against numbers that users' logs and our own runs printed."""

import math

import pytest
import torch

from lecturelib.adapt.diagnosis import FINGERPRINTS, NEEDED, diagnose
from lecturelib.quantizers import perplexity

MINI = {"groups": 2, "codes": 32, "negatives": 50}
BASE = {"groups": 2, "codes": 320, "negatives": 100}


def row(*values: float) -> dict[str, float]:
    """loss, accuracy, tie accuracy, hard and soft perplexity."""
    return dict(zip(NEEDED, values, strict=True))


@pytest.mark.parametrize(
    ("found", "size", "numbers"),
    [
        ("dead", BASE, row(0.0, 1.0, 1 / 101, 2.0, 2.0)),  # perplexity 2.000, div_loss .9969
        ("dead", MINI, row(0.0, 1.0, 0.020, 2.0, 2.0)),  # raw waveform, LayerNorm, rate 3e-3
        ("guessing", BASE, row(6.657 * math.log(2), 0.01, 0.01, 90.0, 300.0)),  # logged in bits
        ("few codes", MINI, row(2.5, 0.3, 0.1, 14.0, 30.0)),
        ("undecided", MINI, row(2.5, 0.3, 0.1, 5.0, 63.0)),
        ("too early", MINI, row(4.4, 0.062, 0.025, 21.0, 40.0)),  # untrained, on log-mel
        ("alive", MINI, row(3.0, 0.27, 0.111, 31.0, 40.0)),  # 15 s later
        ("alive", MINI, row(1.9, 0.55, 0.366, 56.0, 54.5)),  # after 480 s
        ("all blank", MINI, {"loss": 2.9, "blank_share": 1.0}),
        ("alive", MINI, {"loss": 0.4, "blank_share": 0.7}),
    ],
)
def test_what_was_measured_is_named(found: str, size: dict, numbers: dict) -> None:
    assert diagnose(numbers, **size) == found
    assert found in FINGERPRINTS


def test_the_numbers_in_the_signs_are_right() -> None:
    assert math.log2(101) == pytest.approx(6.658, abs=5e-4)
    assert [round(math.log(k), 2) for k in (51, 101)] == [3.93, 4.62]
    assert all(number in FINGERPRINTS["guessing"].sign for number in ("3.93", "4.62", "6.658"))
    dead = torch.zeros(2, 320, dtype=torch.float64)
    dead[:, 7] = 1
    assert float(perplexity(dead)) == 2.0
    assert (640 - float(perplexity(dead))) / 640 == pytest.approx(0.9969, abs=5e-5)


def test_chance_counts_the_true_frame_too() -> None:
    few = MINI | {"negatives": 4}
    assert diagnose(row(math.log(5), 0.2, 0.2, 50.0, 50.0), **few) == "guessing"
    assert diagnose(row(math.log(4), 0.2, 0.2, 50.0, 50.0), **few) == "too early"


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_one_code_a_group_is_dead_whatever_accuracy_says(groups: int) -> None:
    size = {"groups": groups, "codes": 32, "negatives": 50}
    assert diagnose(row(0.0, 1.0, 1 / 51, groups, groups), **size) == "dead"
    assert diagnose(row(0.0, 1.0, 1 / 51, 1.2 * groups, groups), **size) != "dead"


def test_a_row_without_its_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="the row has no tie_accuracy, hard_perplexity, soft_"):
        diagnose({"loss": 1.0, "accuracy": 0.5}, **MINI)
