"""The mask painter for pictures: what the browser is sent, what a click, a rule and a slider do."""

import math

import numpy as np
import pytest

from lecturelib.viz.explorers.patch_painter import (
    SHARES,
    PatchPainter,
    Restorer,
    cut,
    painted_figure,
    patch_painter,
)

GRID, PATCH = (2, 3), (2, 4)
PICTURES = np.random.default_rng(0).random((3, 3, 4, 12))


class Half:
    """A model without weights: paints every hidden pixel in half brightness."""

    grid, patch = GRID, PATCH

    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def restore(self, pixels: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        spread = hidden.reshape(2, 3).repeat(2, 0).repeat(4, 1)
        return np.where(spread, 0.5, pixels)

    def random(self, share: float, seed: int) -> np.ndarray:
        self.asked.append(("random", share, seed))
        if share == 0.9:
            raise ValueError("share=0.9 of 6 patches")
        return (np.arange(6) + seed) % 6 < round(6 * share)

    def blocks(self, share: float, seed: int) -> np.ndarray:
        self.asked.append(("blocks", share, seed))
        return np.arange(6) < 3


def shown(bytes_: bytes) -> np.ndarray:
    """What was sent, as [height, width, 3] in 0-1."""
    return np.frombuffer(bytes_, np.uint8).reshape(4, 12, 3) / 255


def patch_of(pixels: np.ndarray, place: int) -> np.ndarray:
    """One patch of [channel, height, width], by hand: row by row from the top left."""
    row, column = divmod(place, 3)
    return pixels[:, 2 * row : 2 * row + 2, 4 * column : 4 * column + 4]


def test_the_stand_in_is_a_restorer() -> None:
    assert isinstance(Half(), Restorer)


def test_the_browser_is_sent_the_truth_and_what_the_model_paints() -> None:
    widget = patch_painter(Half(), PICTURES, hidden=[1, 5])
    truth, filled = shown(widget.truth), shown(widget.filled)
    np.testing.assert_allclose(truth, PICTURES[0].transpose(1, 2, 0), atol=0.5 / 255 + 1e-9)
    for place in range(6):
        there = patch_of(filled.transpose(2, 0, 1), place)
        same = patch_of(truth.transpose(2, 0, 1), place)
        np.testing.assert_allclose(there, 0.5 if place in (1, 5) else same, atol=0.5 / 255 + 1e-9)


def test_the_error_is_the_root_mean_square_over_hidden_pixels_beside_the_mean_colours() -> None:
    """Pixel by pixel; the mean colour is that of the visible pixels, channel by channel."""
    widget = patch_painter(Half(), PICTURES, hidden=[1, 5])
    visible = [patch_of(PICTURES[0], place) for place in (0, 2, 3, 4)]
    colour = [sum(p[c].sum() for p in visible) / (4 * 8) for c in range(3)]
    model, flat = [], []
    for place in (1, 5):
        pixels = [(c, v) for c in range(3) for v in patch_of(PICTURES[0], place)[c].flatten()]
        model.append(sum((v - 0.5) ** 2 for _, v in pixels) / 24)
        flat.append(sum((v - colour[c]) ** 2 for c, v in pixels) / 24)
    assert widget.result["places"] == [1, 5]
    assert widget.result["model_each"] == pytest.approx([math.sqrt(one) for one in model])
    assert widget.result["flat_each"] == pytest.approx([math.sqrt(one) for one in flat])
    assert widget.result["model"] == pytest.approx(math.sqrt(sum(model) / 2))
    assert widget.result["flat"] == pytest.approx(math.sqrt(sum(flat) / 2))


def test_patches_are_cut_row_by_row() -> None:
    for place, patch in enumerate(cut(PICTURES[0], GRID)):
        np.testing.assert_array_equal(patch, patch_of(PICTURES[0], place).reshape(3, 8).T)


def test_a_click_hides_and_shows() -> None:
    widget = patch_painter(Half(), PICTURES)
    assert (widget.result, widget.filled) == ({}, widget.truth)
    widget.hidden = [False, True, False, False, False, False]
    assert widget.result["places"] == [1]
    assert widget.filled != widget.truth
    widget.hidden = [False] * 6
    assert (widget.result, widget.filled) == ({}, widget.truth)


def test_the_rules_the_seed_and_the_slider_draw_other_patches() -> None:
    widget = patch_painter(model := Half(), PICTURES)
    widget.draw = 1
    assert model.asked[-1] == ("random", 0.4, 1)
    assert widget.hidden == [True, False, False, False, False, True]
    widget.share = SHARES.index(0.75)
    assert model.asked[-1] == ("random", 0.75, 1)
    assert widget.result["places"] == [0, 1, 2, 5]
    widget.rule = "blocks"
    assert model.asked[-1] == ("blocks", 0.75, 1)
    assert widget.result["places"] == [0, 1, 2]


def test_the_next_picture_is_painted_under_the_same_mask() -> None:
    widget = patch_painter(Half(), PICTURES, ["cat", "dog", "cow"], hidden=[2])
    widget.number = 2
    expected = PICTURES[2].transpose(1, 2, 0)
    np.testing.assert_allclose(shown(widget.truth), expected, atol=0.5 / 255 + 1e-9)
    off = patch_of(PICTURES[2], 2) - 0.5
    assert widget.result["model"] == pytest.approx(math.sqrt((off**2).mean()))
    assert repr(widget).startswith("PatchPainter(cow: 1 of 6 patches hidden")
    with pytest.raises(ValueError, match="number=3 is none of 0 to 2"):
        widget.number = 3


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        ([True] * 6, "Every patch would be hidden: leave at least one for the model to see."),
        ([True] * 5, "hidden has 5 places for 2 x 3 patches"),
    ],
)
def test_a_mask_that_cannot_be_stays_away_and_says_why(hidden: list, message: str) -> None:
    widget = patch_painter(Half(), PICTURES, hidden=[4])
    before = widget.filled
    widget.hidden = hidden
    assert (widget.trouble, widget.filled) == (message, before)
    assert widget.hidden == [False, False, False, False, True, False]
    widget.hidden = [True, *[False] * 5]
    assert widget.trouble == ""


def test_a_share_that_hides_all_says_so_and_changes_nothing() -> None:
    widget = patch_painter(Half(), PICTURES, hidden=[4])
    widget.share = SHARES.index(0.9)
    assert widget.trouble == "share=0.9 of 6 patches"
    assert widget.result["places"] == [4]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (PICTURES[0], r"images are \[3, 4, 12\]: the model takes \[count, 1 or 3, 4, 12\]"),
        (PICTURES[:, :2], r"images are \[3, 2, 4, 12\]: the model takes"),
        (PICTURES[:, :, :3], r"images are \[3, 3, 3, 12\]: the model takes"),
        (PICTURES[:0], r"images are \[0, 3, 4, 12\]"),
        ((255 * PICTURES).astype(np.uint8), r"pixels are uint8 .* \(bytes: divide by 255\)"),
        (255 * PICTURES, "pixels are float64 from .* pass floats from 0 to 1"),
        (np.full((1, 3, 4, 12), np.nan), "pixels are float64 from nan to nan"),
    ],
)
def test_what_are_no_pictures_for_the_model_is_refused(images: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        patch_painter(Half(), images)


def test_bad_input_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"hidden=\[6, -1\]: the picture has 6 patches, from 0"):
        patch_painter(Half(), PICTURES, hidden=[6, 1, -1])
    with pytest.raises(ValueError, match="leave at least one for the model to see"):
        patch_painter(Half(), PICTURES, hidden=range(6))
    with pytest.raises(ValueError, match="2 names for 3 pictures"):
        patch_painter(Half(), PICTURES, ["cat", "dog"])


@pytest.mark.parametrize("wrong", [np.zeros((3, 4, 11)), np.full((3, 4, 12), np.inf)])
def test_what_the_model_gives_must_be_a_picture(wrong: np.ndarray) -> None:
    model = Half()
    model.restore = lambda pixels, hidden: wrong
    message = rf"restore gave {list(wrong.shape)}, finite pixels [3, 4, 12] are asked for"
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        patch_painter(model, PICTURES, hidden=[0])


def test_grey_pictures_are_sent_as_three_equal_colours() -> None:
    widget = patch_painter(Half(), PICTURES[:, :1], hidden=[0])
    assert (shown(widget.filled) == shown(widget.filled)[:, :, :1]).all()
    assert widget.result["flat"] > 0


def test_it_says_in_one_line_how_far_off_the_model_is() -> None:
    widget = patch_painter(Half(), PICTURES, hidden=[1, 5])
    said = (
        f"PatchPainter(picture 1: 2 of 6 patches hidden, error there {widget.result['model']:.3f}, "
        f"of the mean visible colour {widget.result['flat']:.3f})"
    )
    assert repr(widget) == said
    data, metadata = widget._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == said
    assert repr(patch_painter(Half(), PICTURES)) == "PatchPainter(picture 1: 0 of 6 patches hidden)"


def test_the_figure_shows_the_same_three_pictures() -> None:
    widget = patch_painter(Half(), PICTURES, hidden=[1, 5])
    axes = painted_figure(widget).axes
    seen, painted, truth = (np.asarray(axis.images[0].get_array()) for axis in axes)
    np.testing.assert_array_equal(painted / 255, shown(widget.filled))
    np.testing.assert_array_equal(truth / 255, shown(widget.truth))
    for place in range(6):
        there = patch_of(seen.transpose(2, 0, 1), place)
        same = patch_of(truth.transpose(2, 0, 1), place)
        np.testing.assert_array_equal(there, 117 if place in (1, 5) else same)


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(PatchPainter._esm) + str(PatchPainter._css)
    assert "function patchButtons(" in text
    assert ".patch-cover" in text
    assert not any(sign in text for sign in ("http", "//cdn", "@import", "import("))
