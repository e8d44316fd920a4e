"""The layer map: what the browser is sent, where it starts, what is refused, the fallback."""

import json
import math

import numpy as np
import pytest
import torch

from lecturelib.adapt.similarity import similarities
from lecturelib.viz.explorers.layer_map import LayerMap, layer_map, map_figure, short

NAMES = [("speech", 0), ("speech", 1), ("images", 0), ("images", 1), ("text", 0)]
RNG = np.random.default_rng(0)


def symmetric(*size: int) -> np.ndarray:
    values = RNG.uniform(-0.1, 0.9, (*size, 5, 5))
    return (values + values.swapaxes(-1, -2)) / 2


MATRIX = symmetric()
MATRIX[1, 4] = MATRIX[4, 1] = 0.95
np.fill_diagonal(MATRIX, 1)
MATRIX[2, 3] = MATRIX[3, 2] = 0.99  # more, but of one model
CONTROL = symmetric(21)


def made() -> LayerMap:
    return layer_map(NAMES, MATRIX, CONTROL)


def test_the_browser_gets_value_mean_and_nine_of_ten_draws() -> None:
    sent = np.frombuffer(made().values, "<f4").reshape(4, 5, 5)
    for row in range(5):
        for column in range(5):
            drawn = sorted(CONTROL[:, row, column])  # of 21 draws the second and the last but one
            want = [MATRIX[row, column], math.fsum(drawn) / 21, drawn[1], drawn[-2]]
            np.testing.assert_allclose(sent[:, row, column], want, atol=1e-6)
    about = made().about
    assert about["names"] == [list(name) for name in NAMES]
    assert about["draws"] == 21
    json.dumps(about)


def test_it_starts_at_the_two_models_that_are_most_alike() -> None:
    assert made().at == [1, 4]
    alone = layer_map(NAMES[2:4], MATRIX[2:4, 2:4], CONTROL[:, 2:4, 2:4])
    assert alone.at == [0, 1]


def test_one_line_says_what_is_shown() -> None:
    widget = made()
    matched, mean, low, high = (short(one) for one in widget.levels[:, 1, 4])
    want = f"CKA {matched}, digits exchanged {mean} ({low} to {high})"
    assert repr(widget) == f"LayerMap(5 layers; speech layer 1 and text layer 0: {want})"
    assert matched == ".95"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.416, ".42"),
        (0.05, ".05"),
        (-0.004, ".00"),
        (-0.12, "-.12"),
        (0.996, "1.00"),
        (0.0, ".00"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


def test_what_similarities_gives_fits_as_it_is() -> None:
    rng = torch.Generator().manual_seed(0)
    states = {model: [torch.randn(9, 3, generator=rng) for _ in range(2)] for model in "ab"}
    found = similarities(states, torch.randperm(9, generator=rng)[None])
    widget = layer_map(*found)
    np.testing.assert_allclose(widget.levels[0], found.matrix.numpy())
    np.testing.assert_allclose(widget.levels[1], found.control[0].numpy())


def test_the_fallback_shows_both_maps_and_names_the_blocks() -> None:
    data, metadata = made()._repr_mimebundle_()
    assert metadata["image/png"]["alt"] == repr(made())
    assert len(data["image/png"]) < 200_000
    left, right, _ = map_figure(NAMES, made().levels).axes
    np.testing.assert_allclose(left.images[0].get_array(), np.maximum(MATRIX, 0))
    np.testing.assert_allclose(right.images[0].get_array(), np.maximum(CONTROL.mean(0), 0))
    rows = [label.get_text() for label in left.get_yticklabels()]
    assert rows == ["0", "speech  1", "0", "images  1", "text  0"]
    assert [line.get_ydata()[0] for line in left.lines[::2]] == [1.5, 3.5]


@pytest.mark.parametrize(
    ("names", "matrix", "control", "message"),
    [
        (NAMES[:1], MATRIX[:1, :1], CONTROL, "1 layers: 2 to 24 can be read"),
        (NAMES, MATRIX[:4], CONTROL, r"matrix is \[4, 5\]: 5 names need \[5, 5\]"),
        (NAMES, MATRIX, CONTROL[0], r"control is \[5, 5\]: it must be \[draws, 5, 5\]"),
        (NAMES, MATRIX, CONTROL[:0], r"control is \[0, 5, 5\]"),
        (NAMES, MATRIX * np.nan, CONTROL, "matrix has NaN"),
        (NAMES, MATRIX, CONTROL * np.inf, "control has NaN or infinity"),
        (NAMES, MATRIX + np.eye(5)[::-1] * range(5), CONTROL, "matrix is not symmetric"),
        ([*NAMES[1:], NAMES[0]], MATRIX, CONTROL, "stand apart: sort the names by model"),
    ],
)
def test_what_cannot_be_shown_is_refused(names, matrix, control, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer_map(names, matrix, control)


@pytest.mark.parametrize("at", [[0], [0, 5], [-1, 0]])
def test_a_cell_beyond_the_map_is_refused(at: list[int]) -> None:
    with pytest.raises(ValueError, match="give a row and a column, 0 to 4"):
        made().at = at


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(LayerMap._esm) + str(LayerMap._css)
    assert "function drawReading(" in text
    assert "function paintHeat(" in text
    assert not any(sign in text for sign in ("http", "//cdn", "@import", "import("))
