"""One word edits a meaning: what a map must be, what the browser gets, what a new text does."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lecturelib.viz.explorers.meaning import Meaning, Meanings, meaning, meaning_figure

RNG = np.random.default_rng(0)


def place(text: str) -> dict[str, Any]:
    """ "the" is a noun's neighbour from layer 1 on; "?" cannot be placed."""
    if "play" not in text:
        raise ValueError(f"{text!r} has no play")
    before, _, after = text.partition("play")
    side = -1.0 if before.startswith("the ") else 1.0
    near = [0, 2, 4, 6, 1] if side < 0 else [1, 3, 5, 7, 9]
    nearest = np.array([[0, 1, 2, 3, 5], near, near])
    points = np.array([[0.0, 0.0], [side, 0.5], [2 * side, -0.5]])
    return {"parts": (before.strip(), "play", after.strip()), "points": points, "nearest": nearest}


MAP = Meanings(
    word="play",
    points=RNG.normal(size=(3, 12, 2)),
    sense=np.arange(12) % 2,
    senses=("noun", "verb"),
    sentences=[(f"before {i}", "play", f"after {i}") for i in range(12)],
    static=np.zeros(2),
    own=np.array([0.5, 1.0, 0.9]),
    note="",
    place=place,
    examples=("they play", "the play"),
)
SCORE = np.array([0.5, 0.97, 0.88])


def widget() -> Meaning:
    return meaning([MAP, replace(MAP, word="other", note="written")], SCORE, "mean of 53 words")


def test_the_browser_gets_every_point_unchanged() -> None:
    about = widget().about
    assert about["score"] == SCORE.tolist()
    first, second = about["words"]
    received = np.frombuffer(first["points"], "<f4").reshape(3, 12, 2)
    np.testing.assert_allclose(received, MAP.points, rtol=1e-6)
    assert first["sentences"][7] == ["before 7", "play", "after 7"]
    assert (first["note"], second["note"]) == ("", "written")


def test_it_starts_in_the_middle_layer_with_the_first_example() -> None:
    start = widget()
    assert (start.layer, start.text) == (1, "they play")
    assert repr(start) == "Meaning('play', 12 uses, layer 1: 'they play' -> verb, 5 of 5 nearest)"
    assert meaning([MAP], SCORE, "", layer=2).layer == 2


def test_a_new_text_moves_the_star_and_not_the_static_vector() -> None:
    moved = widget()
    moved.text = "the play was long"
    assert moved.star["parts"] == ["the", "play", "was long"]
    assert moved.star["points"] == [[0, 0], [-1, 0.5], [-2, -0.5]]
    assert moved.about["words"][0]["static"] == [0, 0]
    assert repr(moved).endswith("layer 1: 'the play was long' -> noun, 4 of 5 nearest)")
    moved.layer = 0
    assert repr(moved).endswith("layer 0: 'the play was long' -> verb, 3 of 5 nearest)")


def test_a_text_that_cannot_be_placed_leaves_the_star_and_says_why() -> None:
    stays = widget()
    before = stays.star
    stays.text = "they sing"
    assert (stays.star, stays.trouble) == (before, "'they sing' has no play")
    stays.text = "the play"
    assert stays.trouble == ""
    with pytest.raises(ValueError, match="'sing' has no play"):
        meaning([replace(MAP, examples=["sing"])], SCORE, "")


def test_another_word_starts_with_its_own_first_example() -> None:
    other = widget()
    other.text = "the play"
    other.word = 1
    assert (other.text, other.star["word"]) == ("they play", 1)


def test_the_fallback_shows_first_best_and_last_layer_with_the_star_in_each() -> None:
    shown = widget()
    axes = shown.figure().axes
    assert [axis.get_title() for axis in axes[:3]] == [
        "layer 0: 50 % told apart",
        "layer 1: 97 % told apart",
        "layer 2: 88 % told apart",
    ]
    for layer, axis in enumerate(axes[:3]):
        nouns, verbs, static, star = (np.asarray(c.get_offsets()) for c in axis.collections)
        np.testing.assert_allclose(nouns * [1, -1], MAP.points[layer, ::2])
        np.testing.assert_allclose(verbs * [1, -1], MAP.points[layer, 1::2])
        np.testing.assert_allclose(static, [[0, 0]])
        np.testing.assert_allclose(star * [1, -1], [shown.star["points"][layer]])
    np.testing.assert_allclose(axes[3].lines[0].get_ydata(), 100 * SCORE)
    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(shown)


def test_the_fallback_says_where_the_sentences_come_from() -> None:
    noted = replace(MAP, note="written for this")
    figure = meaning_figure(noted, widget().star, SCORE)
    assert figure.get_suptitle() == "★ they PLAY\nwritten for this"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": np.zeros((3, 12))}, r"points of 'play' are \(3, 12\), not \(layers, n, 2\)"),
        ({"points": np.zeros((3, 12, 3))}, r"points of 'play' is \(3, 12, 3\), .* \(3, 12, 2\)"),
        ({"points": np.full((3, 12, 2), np.nan)}, "points of 'play' have NaN"),
        ({"sense": np.zeros(11, int)}, r"sense of 'play' is \(11,\), the points ask for \(12,\)"),
        ({"sense": np.full(12, 2)}, "'play' needs two senses, 0 and 1"),
        ({"senses": ("noun",)}, "'play' needs two senses"),
        ({"sentences": []}, "0 sentences for 12 points"),
        ({"own": np.zeros(2)}, r"own of 'play' is \(2,\), the points ask for \(3,\)"),
        ({"static": np.zeros(3)}, r"static of 'play' is \(3,\)"),
        ({"examples": ()}, "no examples for 'play'"),
    ],
)
def test_a_map_that_cannot_be_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(MAP, **change)


def test_scores_and_moves_must_fit_the_layers() -> None:
    with pytest.raises(ValueError, match="2 scores for 3 layers of 'play'"):
        meaning([MAP], SCORE[:2], "")
    with pytest.raises(ValueError, match="layer=3 is none of 0 to 2"):
        widget().layer = 3
    with pytest.raises(ValueError, match="word=2 is none of 0 to 1"):
        widget().word = 2


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(Meaning._esm) + str(Meaning._css)
    assert "function drawMap(" in text
    assert not any(sign in text for sign in ("http", "//cdn", "@import", "import("))
