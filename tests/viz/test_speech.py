"""The figures of speech show the numbers they were given: read back from the axes."""

import numpy as np
import pytest
import torch

from lecturelib.viz import speech


def test_the_table_has_every_number_and_marks_the_best_of_a_row() -> None:
    chance = {"word": 10, "letters wrong": 100}
    score = {
        "log-mel": {"word": 50.0, "letters wrong": 84.04},
        "pre-trained": {"word": 70.0, "letters wrong": 90.0},
    }
    (axis,) = speech.probe_table(score, chance).axes
    (table,) = axis.tables
    shown = [[table[row, column].get_text().get_text() for column in range(3)] for row in range(3)]
    assert shown == [
        ["chance", "log-mel", "pre-trained"],
        ["10.0", "50.0", "70.0"],
        ["100.0", "84.0", "90.0"],
    ]
    bold = [
        (r, c)
        for r in (1, 2)
        for c in range(3)
        if table[r, c].get_text().get_fontproperties().get_weight() == "bold"
    ]
    assert bold == [(1, 2), (2, 1)]
    assert table[2, -1].get_text().get_text() == "letters wrong (lower is better)"


def test_spans_lie_over_their_seconds_and_kinds_differ_by_more_than_colour() -> None:
    true = [("block", 0.5, 1.0), ("repetition", 1.5, 1.75)]
    fig = speech.event_timeline(torch.zeros(16000), 8000, true, [("block", 0.25, 1.25)])
    top, below = fig.axes
    assert top.get_xlim() == (0, 2)
    boxes = [path.get_extents() for spans in below.collections for path in spans.get_paths()]
    rows = [(box.x0, box.x1, round((box.y0 + box.y1) / 2)) for box in boxes]
    assert rows == [(0.5, 1, 0), (0.25, 1.25, 1), (1.5, 1.75, 0)]
    assert [spans.get_hatch() for spans in below.collections][::2] == ["", "//"]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["block", "repetition"]
    shades = [patch.get_extents().transformed(top.transData.inverted()) for patch in top.patches]
    assert [(box.x0, box.x1) for box in shades] == [pytest.approx(s[1:]) for s in true]
    assert np.asarray(top.lines[0].get_xdata())[-1] == pytest.approx(2, abs=1e-3)
    assert [label.get_text() for label in below.get_yticklabels()] == ["labelled", "heard"]
