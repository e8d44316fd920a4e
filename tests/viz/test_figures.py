"""Figures show the numbers they were given: read back from the axes."""

import numpy as np
import pytest
import torch
from matplotlib.colors import same_color

from lecturelib.viz import figures


def test_curves_draw_each_quantity_where_it_was_measured():
    rows = [{"step": 0, "loss": 3.0}, {"step": 1, "loss": 2.0, "validation": 0.5}]
    loss, validation = figures.curves(rows).axes
    assert loss.lines[0].get_xydata().tolist() == [[0, 3], [1, 2]]
    assert validation.lines[0].get_xydata().tolist() == [[1, 0.5]]


def test_the_gallery_shows_the_pictures_and_marks_wrong_ones_not_by_colour_alone():
    pictures = torch.rand(3, 1, 4, 4)
    axes = figures.gallery(pictures, ["7", "1", "9"], [False, True, False]).axes
    for axis, picture in zip(axes, pictures, strict=True):
        assert np.allclose(axis.images[0].get_array(), picture[0].numpy())
    assert [axis.get_title() for axis in axes] == ["7", "x 1", "9"]


def test_no_picture_gives_an_empty_gallery():
    assert figures.gallery(torch.zeros(0, 1, 4, 4)).axes == []


def test_the_label_curve_draws_means_and_bands_over_seeds():
    values = np.array([[50.0, 70.0], [80.0, 90.0]])
    (axis,) = figures.label_curve((1, 5), {"scratch": values}).axes
    assert axis.lines[0].get_ydata().tolist() == [60, 85]
    band = axis.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (50, 90)


def test_the_phase_diagram_prints_every_gain():
    gain = np.array([[1.25, -3.0], [0.0, 2.0]])
    (axis,) = figures.phase_diagram({"both on": gain}, ["1", "5"], ["0", "0.8"]).axes
    assert [t.get_text() for t in axis.texts] == ["+1.2", "-3.0", "+0.0", "+2.0"]
    assert axis.images[0].get_clim() == (-3.0, 3.0)


def test_the_histogram_counts_what_passes_and_what_is_wrong():
    confidence = torch.tensor([0.2, 0.8, 0.9, 0.95])
    right = torch.tensor([True, True, False, True])
    (axis,) = figures.belief_histogram(confidence, right, 0.8).axes
    assert axis.get_title() == "3 of 4 pass, 1 wrong"
    blue = sum(p.get_height() for p in axis.patches if same_color(p.get_facecolor(), figures.RIGHT))
    assert blue == 3


def test_claim_bars_are_means_with_a_dot_a_seed():
    runs = [{"a": 1.0, "b": 4.0}, {"a": 3.0, "b": 4.0}]
    (axis,) = figures.claim_bars(runs, ["a", "b"]).axes
    assert [bar.get_width() for bar in axis.patches] == [2.0, 4.0]
    assert axis.lines[0].get_xdata() == pytest.approx([1.0, 3.0])


def test_two_runs_stand_in_one_panel():
    """At their own steps, and only where they were measured."""
    on = [{"step": 9, "loss": 1.0}, {"step": 10}, {"step": 19, "loss": 0.5}]
    axes = figures.compare({"on": on, "off": [{"step": 0, "loss": 2.0}]}, ["loss"]).axes
    assert [list(line.get_ydata()) for line in axes[0].lines] == [[1.0, 0.5], [2.0]]
    assert [list(line.get_xdata()) for line in axes[0].lines] == [[9, 19], [0]]


def test_two_groups_are_counted_on_one_scale():
    values = {"own": torch.tensor([1.0, 1.1]), "strange": torch.tensor([4.0])}
    (axis,) = figures.two_histograms(values, "strangeness", 2.5).axes
    assert sum(p.get_height() for p in axis.patches) == 3
    assert axis.lines[0].get_xdata() == [2.5, 2.5]


def test_the_term_map_names_every_term():
    (axis,) = figures.term_map().axes
    said = {text.get_text() for text in axis.texts}
    assert {"supervised", "semi-supervised", "self-supervised", "self-training"} <= said
