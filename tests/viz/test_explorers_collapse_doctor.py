"""The collapse doctor: what is shown in which act, a run trained live, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from lecturelib.viz.explorers.collapse_doctor import (
    SWITCHES,
    CollapseDoctor,
    Run,
    collapse_doctor,
    doctor_figure,
    run_of,
)


def row(step: int, *values: float) -> dict[str, float | int]:
    """loss, accuracy, tie accuracy, hard and soft perplexity."""
    names = ("loss", "accuracy", "tie_accuracy", "hard_perplexity", "soft_perplexity")
    return {"step": step, **dict(zip(names, values, strict=True))}


EVEN = np.full((2, 32), 10.0)
ONE = np.zeros((2, 32))
ONE[[0, 1], [5, 20]] = 320
SICK = Run(
    "raw", [row(0, 4.4, 0.03, 0.03, 64.0, 64.0), row(142, 0.0, 1.0, 1 / 51, 2.0, 2.0)],
    np.stack([EVEN, ONE]),
)  # fmt: skip
WELL = Run(
    "mel", [row(0, 4.4, 0.06, 0.02, 64.0, 64.0), row(3126, 1.9, 0.55, 0.37, 64.0, 64.0)],
    np.stack([EVEN, EVEN]),
)  # fmt: skip


def test_a_run_is_made_of_what_a_training_tells() -> None:
    made = run_of("raw", zip(SICK.rows, [torch.from_numpy(EVEN), ONE], strict=True))
    assert (made.name, made.rows) == ("raw", tuple(SICK.rows))
    assert np.array_equal(made.use, SICK.use)


def test_the_doctor_finds_the_dead_and_the_living() -> None:
    assert SICK.found() == ["too early", "dead"]
    assert WELL.found() == ["too early", "alive"]


def test_a_fair_share_is_half_dark_and_a_dead_codebook_is_one_stripe_a_group() -> None:
    even, one = SICK.shade()
    np.testing.assert_allclose(even, 0.5)
    np.testing.assert_array_equal(one, ONE / 320)
    np.testing.assert_array_equal(replace(SICK, use=7 * SICK.use).shade(), SICK.shade())


def test_the_browser_gets_every_number_and_starts_with_the_race() -> None:
    doctor = collapse_doctor([SICK, WELL])
    assert (doctor.act, doctor.at, doctor.about["trains"]) == ("race", 0, False)
    sick, well = doctor.runs
    assert (sick["step"], sick["loss"], sick["accuracy"]) == ([0, 142], [4.4, 0.0], [0.03, 1.0])
    assert (well["hard_perplexity"], well["found"]) == ([64.0, 64.0], ["too early", "alive"])
    assert sick["chance"] == 1 / 51
    shade = np.frombuffer(sick["shade"], np.uint8).reshape(sick["size"])
    assert set(np.unique(shade[1])) == {0, 255}
    assert sorted(doctor.about["fingerprints"]) == sorted(
        ["dead", "guessing", "undecided", "few codes", "all blank", "too early", "alive"]
    )


def test_a_run_trained_live_appears_row_by_row_beside_the_recorded_ones() -> None:
    seen, asked = [], []

    def train(settings: dict[str, bool]) -> Iterator:
        asked.append(settings)
        for one, use in zip(SICK.rows, SICK.use, strict=True):
            assert doctor.busy
            yield one, use
            seen.append([len(run["step"]) for run in doctor.runs])

    doctor = collapse_doctor([SICK, WELL], train)
    doctor._handle_custom_msg({"train": {"diversity": False, "noise": True, "schedule": False}}, [])
    assert asked == [{"diversity": False, "noise": True, "schedule": False}]
    assert seen == [[2, 2, 1], [2, 2, 2]]
    assert (doctor.busy, doctor.act) == (False, "curtain")
    assert doctor.runs[-1]["name"] == "Live, without diversity penalty and temperature schedule"
    assert doctor.runs[-1]["found"] == ["too early", "dead"]
    doctor.settings = dict.fromkeys(SWITCHES, True)
    doctor.learn()
    assert [run["name"] for run in doctor.runs] == ["raw", "mel", "Live, as in the paper"]


def test_a_training_that_breaks_off_says_why() -> None:
    def train(_: dict[str, bool]) -> Iterator:
        yield SICK.rows[0], EVEN
        raise ValueError("the loss is NaN: lower the rate")

    doctor = collapse_doctor([SICK], train)
    doctor.learn()
    assert (doctor.trouble, doctor.busy) == ("the loss is NaN: lower the rate", False)
    assert len(doctor.runs) == 2


def test_it_says_in_one_line_how_each_run_ended() -> None:
    doctor = collapse_doctor([SICK, WELL])
    assert repr(doctor) == (
        "CollapseDoctor(raw: loss 0.00, accuracy 100.0 %, tie-split 2.0 %, perplexity 2.0 of 64: "
        "dead; mel: loss 1.90, accuracy 55.0 %, tie-split 37.0 %, perplexity 64.0 of 64: alive)"
    )
    data, metadata = doctor._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(doctor)


def test_the_fallback_shows_both_accuracies_and_the_codes_of_each_run() -> None:
    above, _, below, _ = doctor_figure([SICK, WELL]).axes
    assert [list(line.get_ydata()) for line in above.lines[:2]] == [
        [3.0, 100.0],
        [3.0, pytest.approx(100 / 51)],
    ]
    picture = np.asarray(below.images[0].get_array())
    np.testing.assert_array_equal(np.flatnonzero(picture[:, 1]), [5, 32 + 20])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"use": EVEN}, r"use of raw is \[2, 32\]: it must be \[2, groups, codes\], one snapshot"),
        ({"use": EVEN[None]}, r"use of raw is \[1, 2, 32\]: it must be \[2, groups"),
        ({"use": 0 * SICK.use}, "use of raw must count at least one frame in each group"),
        ({"use": -SICK.use}, "use of raw must count"),
        ({"use": np.nan * SICK.use}, "use of raw must count"),
        ({"rows": [{"step": 0, "loss": 1.0}] * 2}, "a row of raw has no accuracy, tie_accuracy"),
        ({"rows": [row(0, np.nan, 0, 0, 2, 2)] * 2}, "loss of raw is not finite: end it there"),
    ],
)
def test_runs_that_cannot_be_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SICK, **change)


def test_moves_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="no runs: give a sick one first"):
        collapse_doctor([])
    doctor = collapse_doctor([SICK])
    with pytest.raises(ValueError, match="nothing to train: give collapse_doctor a train"):
        doctor.learn()
    with pytest.raises(ValueError, match=r"settings=.*: set each of diversity, noise, schedule"):
        doctor.settings = {"noise": True}


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(CollapseDoctor._esm) + str(CollapseDoctor._css)
    assert ".doctor-chart" in text
    assert not any(sign in text for sign in ("http:", "https:", "//cdn", "@import", "import("))
