"""The map shows each word where its vector lies, in its group's colour."""

import pytest
import torch
from matplotlib.colors import same_color

from lecturelib.viz.figures import LINES
from lecturelib.viz.words import word_map

POINTS = torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, -1.0]])


def test_every_word_stands_at_its_point_in_its_groups_colour() -> None:
    (axis,) = word_map(POINTS, ["one", "paris", "two"], ["number", "city", "number"]).axes
    said = {text.get_text(): text for text in axis.texts}
    assert {word: tuple(text.xy) for word, text in said.items()} == {
        "one": (0, 1),
        "paris": (2, 3),
        "two": (4, -1),
    }
    assert [axis.collections[k].get_offsets().tolist() for k in (0, 1)] == [
        [[0, 1], [4, -1]],
        [[2, 3]],
    ]
    for word, colour in (("one", LINES[0]), ("two", LINES[0]), ("paris", LINES[1])):
        assert same_color(said[word].get_color(), colour)
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["number", "city"]


def test_more_groups_than_colours_are_refused() -> None:
    with pytest.raises(ValueError, match="8 groups: at most 7 colours"):
        word_map(torch.zeros(8, 2), list("abcdefgh"), list("abcdefgh"))
