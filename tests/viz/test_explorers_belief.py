"""Watch belief spread: what is counted, what is refused, what stands where nothing runs."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lecturelib.viz.explorers.belief import (
    BOX,
    Belief,
    Spread,
    belief,
    belief_figure,
    mark_radius,
    nudge_apart,
)

# Four items, two thresholds, two rounds, small enough to count by hand. Item 0 is labelled; item 3
# is a 1 that every teacher takes for a 0, because item 0 is near.
SPREAD = Spread(
    position=np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
    truth=np.array([0, 1, 2, 1]),
    labelled=np.array([True, False, False, False]),
    thresholds=np.array([0.5, 0.9]),
    confidence=np.array(
        [
            [[1.0, 0.5, 0.4, 0.6], [1.0, 0.7, 0.5, 0.9]],
            [[1.0, 0.5, 0.4, 0.6], [1.0, 0.9, 0.5, 0.95]],
        ]
    ),
    guess=np.array([[[0, 1, 2, 0], [0, 1, 1, 0]], [[0, 1, 2, 0], [0, 1, 2, 0]]]),
    misled_by=np.array([[[-1, -1, -1, 0], [-1, -1, 1, 0]], [[-1, -1, -1, 0], [-1, -1, -1, 0]]]),
    accuracy=np.array([[[0.5, 0.5, 0.6], [0.6, 0.5, 0.7]], [[0.5, 0.5, 0.5], [0.5, 0.5, 0.8]]]),
)


def test_sure_is_at_or_above_the_threshold_and_never_a_true_label() -> None:
    by_hand = [[[0, 1, 0, 1], [0, 1, 1, 1]], [[0, 0, 0, 0], [0, 1, 0, 1]]]
    np.testing.assert_array_equal(SPREAD.sure(), np.array(by_hand, bool))


def test_wrong_is_sure_and_not_true() -> None:
    by_hand = [[[0, 0, 0, 1], [0, 0, 1, 1]], [[0, 0, 0, 0], [0, 0, 0, 1]]]
    np.testing.assert_array_equal(SPREAD.wrong(), np.array(by_hand, bool))


def sent(widget: Belief, name: str, kind: str = "u1") -> np.ndarray:
    return np.frombuffer(widget.data[name], kind)


def test_what_the_browser_gets_is_what_was_measured() -> None:
    widget = belief(SPREAD)
    for name in ("truth", "labelled", "guess"):
        np.testing.assert_array_equal(sent(widget, name), getattr(SPREAD, name).ravel())
    np.testing.assert_array_equal(sent(widget, "sure"), SPREAD.sure().ravel())
    np.testing.assert_array_equal(sent(widget, "misledBy", "<i4"), SPREAD.misled_by.ravel())
    np.testing.assert_allclose(sent(widget, "accuracy", "<f4"), SPREAD.accuracy.ravel(), atol=1e-6)
    percent = [100, 50, 40, 60, 100, 70, 50, 90, 100, 50, 40, 60, 100, 90, 50, 95]
    assert sent(widget, "percent").tolist() == percent


def test_a_confidence_just_below_the_threshold_neither_counts_nor_reads_as_if_it_did() -> None:
    confidence = SPREAD.confidence.copy()
    confidence[1, 1, 1] = np.nextafter(0.9, 0) - 1e-6
    widget = belief(replace(SPREAD, confidence=confidence))
    assert sent(widget, "sure").reshape(2, 2, 4)[1, 1].tolist() == [0, 0, 0, 1]
    assert sent(widget, "percent").reshape(2, 2, 4)[1, 1, 1] == 89


def test_pictures_and_sounds_travel_unchanged() -> None:
    pictures = np.arange(4 * 2 * 3, dtype=np.uint8).reshape(4, 2, 3)
    widget = belief(SPREAD, pictures=pictures, sounds=[b"a", b"b", b"c", b"d"])
    np.testing.assert_array_equal(sent(widget, "pictures"), pictures.ravel())
    assert tuple(widget.about["picture"]) == (2, 3)
    assert widget.data["sounds"] == [b"a", b"b", b"c", b"d"]


def test_one_line_says_what_is_shown() -> None:
    widget = belief(SPREAD)
    expected = "threshold 0.9, round 2: 2 more labels, 1 of them wrong)"
    assert repr(widget) == f"Belief(4 items, 1 labelled; {expected}"
    widget.at = 0
    assert "threshold 0.5, round 2: 3 more labels, 2 of them wrong" in repr(widget)


def test_the_fallback_shows_the_last_round_at_the_current_threshold() -> None:
    data, metadata = belief(SPREAD)._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == data["text/plain"] == repr(belief(SPREAD))
    figure = belief_figure(SPREAD, at=0)
    assert "adds 3 (discs):\n1 right, 2 wrong" in figure.get_suptitle()
    heights = [bar.get_height() for bar in figure.axes[1].patches]  # ty: ignore
    np.testing.assert_allclose(heights, [60, 50, 70])


def test_the_figure_rings_the_wrong_ones_where_they_stand() -> None:
    *_, rings, crosses = belief_figure(SPREAD, at=0).axes[0].collections
    place = nudge_apart(SPREAD.position) * [1, -1]
    for marks in (rings, crosses):
        np.testing.assert_allclose(marks.get_offsets(), place[[2, 3]])


def test_marks_fill_their_part_of_the_map() -> None:
    assert 500 * np.pi * mark_radius(500) ** 2 == pytest.approx(0.42 * 4 * 3)


def test_marks_that_lie_on_one_another_are_pushed_apart() -> None:
    rng = np.random.default_rng(0)
    heap = np.concatenate([rng.normal(0, 0.01, (40, 2)), rng.uniform(-3, 3, (160, 2))])
    heap[0] = heap[1]
    place = nudge_apart(heap)
    distance = np.linalg.norm(place[:, None] - place[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert distance.min() > 1.2 * mark_radius(200)
    assert (place >= 0).all()
    assert (place <= BOX).all()
    np.testing.assert_array_equal(place, nudge_apart(heap))


def test_a_map_with_room_is_only_fitted_into_the_box() -> None:
    corners = np.array([[-1.0, 10.0], [1.0, 10.0], [-1.0, 30.0], [1.0, 30.0]])
    expected = [[0, 0], [4, 0], [0, 3], [4, 3]]
    np.testing.assert_allclose(nudge_apart(corners), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"confidence": np.zeros((2, 4))}, r"confidence has shape \(2, 4\), not \(t, rounds, n\)"),
        ({"confidence": np.zeros((2, 0, 4))}, r"confidence has shape \(2, 0, 4\)"),
        ({"truth": np.array([0, 1, 2])}, r"truth has shape \(3,\), .* asks for \(4,\)"),
        ({"position": np.zeros((4, 3))}, r"position has shape \(4, 3\), .* asks for \(4, 2\)"),
        ({"thresholds": np.array([0.5])}, r"thresholds has shape \(1,\), .* asks for \(2,\)"),
        ({"guess": np.zeros((2, 1, 4), int)}, r"guess has shape .* asks for \(2, 2, 4\)"),
        ({"accuracy": np.zeros((2, 2, 2))}, r"accuracy has shape .* asks for \(2, 2, 3\)"),
        ({"thresholds": np.array([0.5, 1.2])}, "thresholds holds 1.2: .* from 0 to 1"),
        ({"thresholds": np.array([0.9, 0.5])}, r"thresholds \[0.9, 0.5\] do not rise"),
        ({"accuracy": np.full((2, 2, 3), np.nan)}, "accuracy holds nan: it must be finite"),
        ({"position": np.full((4, 2), np.inf)}, "position holds inf: it must be finite"),
        ({"confidence": np.full((2, 2, 4), -0.1)}, "confidence holds -0.1: .* from 0 to 1"),
        ({"misled_by": np.full((2, 2, 4), 4)}, "misled_by holds 4: .* from -1 to 3"),
        ({"misled_by": np.full((2, 2, 4), 2)}, "misled_by names the item itself"),
    ],
)
def test_a_spread_that_cannot_be_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SPREAD, **change)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: belief(SPREAD, pictures=np.zeros((3, 8, 8), np.uint8)), "3 pictures for 4 items"),
        (
            lambda: belief(SPREAD, sounds=[b"wav"]),
            "1 sounds for 4 items: give one an item, or None",
        ),
        (
            lambda: belief(SPREAD, pictures=np.zeros((4, 8, 8))),
            r"are float64 \[4, 8, 8\]: .* uint8",
        ),
        (lambda: belief(SPREAD, pictures=np.zeros((4, 64), np.uint8)), r"are uint8 \[4, 64\]"),
        (lambda: belief(SPREAD, classes=("a", "b")), "truth holds 2: .* from 0 to 1"),
        (lambda: setattr(belief(SPREAD), "round", 3), "round=3 is none of 0 to 2"),
        (lambda: setattr(belief(SPREAD), "at", -1), "at=-1 is none of 0 to 1"),
    ],
)
def test_an_explorer_that_cannot_be_is_refused(build: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
