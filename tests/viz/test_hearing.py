"""What a recogniser hears: the best path as letters, the rows of the picture, what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lecturelib.objectives.ctc import collapse
from lecturelib.viz.explorers.clips import RATE, Clip
from lecturelib.viz.hearing import Heard, hearing_figure

SIGNS = ["-", "|", "a", "b", "c"]


def heard(path: list[int], sure: float = 0.9) -> Heard:
    """Whoever is sure of a path: the rest is shared by the other classes."""
    p = np.full((len(path), len(SIGNS)), (1 - sure) / (len(SIGNS) - 1))
    p[np.arange(len(path)), path] = sure
    codes = np.arange(2 * len(path)).reshape(-1, 2) % 7
    return Heard(np.arange(len(path)) % 4 == 0, np.log(p), SIGNS, {"greedy": "ab"}, codes)


def test_letters_are_the_best_path_with_repeats_merged_and_blanks_left_out() -> None:
    assert heard([0, 3, 3, 0, 3, 2, 2, 2]).letters() == [(3, 1, 2), (3, 4, 4), (2, 5, 7)]
    assert heard([0, 0]).letters() == []


@pytest.mark.parametrize("seed", range(20))
def test_letters_are_those_of_ctcs_collapse(seed: int) -> None:
    rng = np.random.default_rng(seed)
    path = rng.integers(0, 5, 30).repeat(rng.integers(1, 4, 30)).tolist()
    letters = heard(path).letters()
    assert [sign for sign, _, _ in letters] == collapse(torch.tensor(path)).tolist()
    for sign, first, last in letters:
        assert path[first : last + 1] == [sign] * (last + 1 - first)


def test_rows_go_down_as_the_path_meets_them_then_the_likely_then_the_blank() -> None:
    one = heard([0, 3, 0, 2, 0])
    assert one.rows() == [3, 2, 0]
    p = one.p
    p[4] = [0.8, 0.0, 0.0, 0.0, 0.2]
    with np.errstate(divide="ignore"):
        assert replace(one, log_p=np.log(p)).rows() == [3, 2, 4, 0]


def test_at_most_twelve_characters_have_a_row() -> None:
    log_p = np.log(np.full((20, 20), 0.1 / 19) + np.eye(20) * (0.9 - 0.1 / 19))
    many = Heard(np.zeros(20, bool), log_p, [*"-abcdefghijklmnopqrs"], {"greedy": ""})
    assert many.rows() == [*range(1, 13), 0]


def test_the_space_and_the_blank_are_shown_by_signs_that_can_be_seen() -> None:
    assert heard([0]).signs == ["blank", "␣", "a", "b", "c"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"log_p": np.zeros(5)}, r"log_p is \[5\]: give \[frames, 5\]"),
        ({"log_p": np.zeros((0, 5))}, r"log_p is \[0, 5\]: give"),
        ({"alphabet": SIGNS[:4]}, r"log_p is \[3, 5\]: give \[frames, 4\], a class for each"),
        ({"hidden": np.zeros(4, bool)}, r"hidden is \[4\] for 3 frames, one row each"),
        ({"codes": np.zeros((4, 2), int)}, r"codes is \[4, 2\] for 3 frames, one row each"),
        ({"codes": np.zeros(3, int)}, r"codes is \[3\] for 3 frames"),
        ({"log_p": np.zeros((3, 5))}, "posteriors of frame 0 sum to 5, not to 1: .* log_softmax"),
        ({"log_p": np.full((3, 5), np.nan)}, "posteriors of frame 0 sum to nan, not to 1"),
        ({"texts": {}}, "no texts: give what was read at least one way"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(heard([0, 2, 0]), **change)


def test_the_picture_shows_mask_posteriors_and_path_of_each_listener() -> None:
    path = [0, 3, 3, 0, 2, 0] * 5
    one = heard(path)
    clip = Clip("me", np.sin(np.arange(30 * 160) * 0.3).astype(np.float32), text="ab")
    assert clip.seconds == 30 * 160 / RATE
    figure = hearing_figure(clip, {"ours": one, "theirs": replace(one, codes=None)})
    sound, other, codes, none, ctc, _ = figure.axes
    assert [sound.get_title(), other.get_title()] == ["ours", "theirs"]
    mask = sound.patches[0].get_data().values
    np.testing.assert_array_equal(mask > 0, one.hidden)
    assert codes.images[0].get_array().shape == (2, 30, 3)
    assert none.texts[0].get_text() == "no codes"
    shown = ctc.collections[0].get_array()
    np.testing.assert_allclose(shown, one.p.T[[3, 2, 0]])
    places = np.array([3, 2, 0])[ctc.lines[0].get_ydata().astype(int)]
    assert places.tolist() == path
    assert "greedy: ab" in ctc.get_xlabel()
    assert "“ab”" in figure.get_suptitle()
