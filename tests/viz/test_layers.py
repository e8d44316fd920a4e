"""The picture of options shows the means and deviations that it was given."""

import pytest

from lecturelib.viz.layers import layer_options

ACCURACY = {
    "BERT": {"embeddings": [70.0, 72.0], "last": [80.0, 84.0]},
    "ELMo": {"last": [79.0, 79.0]},
}


def test_points_bars_and_lines_are_the_numbers():
    fig = layer_options(ACCURACY, {"most frequent tag": [74.0, 76.0]})
    axis = fig.axes[0]
    bert, elmo = axis.containers
    assert bert.lines[0].get_xdata().tolist() == [71, 82]
    assert elmo.lines[0].get_xdata().tolist() == [79]
    assert [round(y) for y in bert.lines[0].get_ydata()] == [0, 1]
    assert [round(y) for y in elmo.lines[0].get_ydata()] == [1]  # in the row of its option
    bars = [segment[:, 0].tolist() for segment in bert.lines[2][0].get_segments()]
    assert bars == [pytest.approx([70, 72]), pytest.approx([80, 84])]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["embeddings", "last"]
    assert axis.lines[-1].get_xdata() == [75.0, 75.0]
    names = [text.get_text() for text in fig.legends[0].get_texts()]
    assert sorted(names) == ["BERT", "ELMo", "most frequent tag"]


def test_models_are_told_apart_not_by_colour_alone():
    bert, elmo = layer_options(ACCURACY, {}).axes[0].containers
    assert bert.lines[0].get_marker() != elmo.lines[0].get_marker()
