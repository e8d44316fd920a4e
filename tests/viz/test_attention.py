"""Notebook 04's figures show the numbers they were given."""

import numpy as np
import torch

from lecturelib.viz import attention


def test_the_matrix_prints_every_weight_with_words_on_both_axes():
    weights = torch.tensor([[0.25, 0.75], [0.9, 0.1], [0.5, 0.5]])
    (axis,) = attention.attention_matrix(weights, ["a", "b", "c"], ["x", "y"]).axes
    assert [t.get_text() for t in axis.texts] == ["0.25", "0.75", "0.90", "0.10", "0.50", "0.50"]
    assert np.allclose(axis.images[0].get_array(), weights)
    assert axis.images[0].get_clim() == (0, 1)
    assert [t.get_text() for t in axis.get_xticklabels()] == ["x", "y"]
    assert [t.get_text() for t in axis.get_yticklabels()] == ["a", "b", "c"]


def test_the_alignment_marks_the_letter_looked_at_most():
    weights = torch.tensor([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])
    (axis,) = attention.alignment({"de": ("abc", "21", weights)}).axes
    assert axis.lines[0].get_xydata().tolist() == [[2, 0], [0, 1]]
    assert [t.get_text() for t in axis.get_xticklabels()] == ["a", "b", "c"]
    assert axis.get_title() == "de"


def test_lines_go_through_the_measurements_on_the_asked_scales():
    figure = attention.against([2, 8], {"n": [1, 4], "n^2": [1, 16]}, ("length", "ms"), log="xy")
    (axis,) = figure.axes
    assert [line.get_ydata().tolist() for line in axis.lines] == [[1, 4], [1, 16]]
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("length", "ms")
    (plain,) = attention.against([1, 2], {"a": [1, 2]}, ("", "")).axes
    assert (plain.get_xscale(), plain.get_yscale()) == ("linear", "linear")


def test_positions_are_drawn_as_they_are():
    table = torch.rand(3, 4)
    assert np.allclose(attention.positions(table).axes[0].images[0].get_array(), table)
