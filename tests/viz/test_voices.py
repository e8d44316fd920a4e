"""The figures of voices show the numbers they were given: read back from the axes."""

import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from scipy.stats import norm

from lecturelib.viz import voices
from lecturelib.viz.figures import RIGHT, WRONG


def test_gaussian_scores_give_a_straight_line_and_the_dot_lies_on_it() -> None:
    """Means 2 apart, deviation 1: probit(miss) + probit(alarm) = -2; both 15.9 % in the middle."""
    line = torch.linspace(-0.4, 2.4, 29).double()
    miss, alarm = (torch.from_numpy(norm.cdf(x)) for x in ((line - 2).numpy(), (-line).numpy()))
    (axis,) = voices.det_curves({"cosine": (miss, alarm)}, {"cosine": norm.cdf(-1)}).axes
    curve, dot = axis.lines[:2]
    assert curve.get_xdata() + curve.get_ydata() == pytest.approx(np.full(29, -2.0))
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((-1, -1))
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["cosine: 15.9 %"]


def test_the_trade_offs_ticks_are_percent_and_no_error_stands_at_the_edge() -> None:
    errors = {name: (torch.tensor([0.0, 0.5]), torch.tensor([0.4, 0.0])) for name in ("a", "b")}
    (axis,) = voices.det_curves(errors, {"a": 0.0, "b": 0.2}).axes
    names = [float(text.get_text()) for text in axis.get_xticklabels()]
    assert norm.cdf(axis.get_xticks()) * 100 == pytest.approx(names)
    assert axis.lines[0].get_ydata()[0] == pytest.approx(axis.get_ylim()[0])
    assert axis.lines[0].get_xdata()[1] == pytest.approx(axis.get_xlim()[0])
    assert axis.lines[0].get_linestyle() != axis.lines[2].get_linestyle()  # not by colour alone


def test_both_groups_of_scores_sum_to_one_hundred_and_errors_are_counted() -> None:
    score = torch.tensor([-0.9, 0.1, 0.4, 0.5, 0.6, 0.95])
    same = torch.tensor([False, False, True, False, True, True])
    (axis,) = voices.score_histograms(score, same, 0.5, "cosine").axes
    for colour in (RIGHT, WRONG):
        bars = [p for p in axis.patches if same_color(p.get_facecolor()[:3], colour)]
        assert sum(bar.get_height() for bar in bars) == pytest.approx(100)
    assert axis.get_title() == "1 of 3 missed, 1 of 3 false alarms"
    assert (axis.lines[0].get_xdata()[0], axis.get_xlabel()) == (0.5, "cosine")


def test_the_error_over_duration_has_its_means_and_bands() -> None:
    values = np.array([[20.0, 30.0], [8.0, 10.0]])
    (axis,) = voices.duration_curve((0.5, 2), {"x-vector": values, "MFCC": 2 * values}).axes
    assert axis.lines[0].get_xydata().tolist() == [[0.5, 25], [2, 9]]
    assert axis.lines[1].get_ydata().tolist() == [50, 18]
    band = axis.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (8, 30)
    assert [text.get_text() for text in axis.get_xticklabels()] == ["0.5", "2"]


def test_every_question_has_its_bars_its_chance_or_a_reason() -> None:
    accuracy = {"x-vector": {"sex": [98.0, 96.0], "digit": [20.0]}, "MFCC": {"sex": [90.0]}}
    chance = {"sex": 50, "age": 0, "digit": 10}
    fig = voices.probe_bars(accuracy, chance)
    (axis,) = fig.axes
    bars = [(bar.get_width(), round(bar.get_y() + bar.get_height() / 2)) for bar in axis.patches]
    assert bars == [(97, 0), (20, 2), (90, 0)]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["sex", "age", "digit"]
    lines = [line.get_xdata()[0] for line in axis.lines if line.get_linewidth() == 2.5]
    assert lines == [50, 10]
    assert [(t.get_text(), t.get_position()[1]) for t in axis.texts] == [("no open data here", 1)]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["x-vector", "MFCC"]


def test_bands_lie_over_time_the_lowest_below() -> None:
    features = torch.zeros(50, 24)
    features[10, 3] = 1
    axis = voices.bands(features).axes[0]
    shown = axis.images[0]
    assert shown.get_array()[3, 10] == 1
    assert shown.origin == "lower"
    assert tuple(shown.get_extent()) == (0, 0.5, 0, 24)
