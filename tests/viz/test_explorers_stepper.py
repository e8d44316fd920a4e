"""The Transformer, animated: what a walk must be, what the browser gets, what a new text does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lecturelib.adapt.walk import walk
from lecturelib.recipes import numbers_model
from lecturelib.viz.explorers.stepper import Stepper, Walk, stepper, walk_figure

CHOICES = [*"0123456789", "begin", "end"]


def run(text: str) -> Walk:
    """A tiny untrained model "writes" 3, 2 and end, whatever it reads; "?" cannot be read."""
    if "?" in text:
        raise ValueError(f"{text!r} has '?'")
    torch.manual_seed(0)
    model = numbers_model(dim=8, heads=2, depth=2).eval()
    source = torch.tensor([[ord(letter) % 26 for letter in text]])
    arrays = walk(model, source, torch.tensor([[10, 3, 2]]))
    return Walk(list(text), ["begin", "3", "2"], ["3", "2", "end"], CHOICES, arrays)


WALK = run("zwei")


def changed(name: str, value: np.ndarray) -> dict[str, np.ndarray]:
    return {**WALK.arrays, name: value}


def test_the_browser_gets_every_array_unchanged() -> None:
    (sent,) = stepper(run, "zwei").walks
    assert set(sent["arrays"]) == set(WALK.arrays)
    for name, value in WALK.arrays.items():
        received = np.frombuffer(sent["arrays"][name], "<f4").reshape(value.shape)
        np.testing.assert_array_equal(received, value)
    assert sent["sizes"] == {"encoder": 2, "decoder": 2, "heads": 2, "d": 4}


def test_the_alignment_is_the_mean_over_heads_of_the_sharpest_layer() -> None:
    weights = WALK.arrays["cross.weights"]
    peaks = []
    for layer in range(2):
        mean = [[sum(weights[layer, :, t, s]) / 2 for s in range(4)] for t in range(3)]
        peaks.append(sum(map(max, mean)) / 3)
    assert WALK.sharpest() == peaks.index(max(peaks))
    np.testing.assert_allclose(WALK.alignment(), weights[WALK.sharpest()].sum(0) / 2, rtol=1e-6)


def test_one_head_can_be_drawn_instead() -> None:
    np.testing.assert_array_equal(WALK.alignment((1, 0)), WALK.arrays["cross.weights"][1, 0])
    widget = stepper(run, "zwei", head=(1, 0))
    assert widget.head == [1, 0]
    widths = [line.get_linewidth() for line in walk_figure([WALK], (1, 0)).axes[0].lines]
    np.testing.assert_allclose(widths, 10 * WALK.arrays["cross.weights"][1, 0].ravel(), rtol=1e-5)
    with pytest.raises(ValueError, match=r"head=\(2, 0\): this decoder has 2 layers of 2 heads"):
        stepper(run, "zwei", head=(2, 0))


def test_the_figure_draws_each_line_as_thick_as_its_weight() -> None:
    axis = walk_figure([WALK]).axes[0]
    widths = np.array([line.get_linewidth() for line in axis.lines]).reshape(3, 4)
    np.testing.assert_allclose(widths, 10 * WALK.alignment(), rtol=1e-5)
    starts = [line.get_xdata()[0] for line in axis.lines]  # ty: ignore
    assert starts == [0, 1, 2, 3] * 3
    assert [text.get_text() for text in axis.texts] == ["3", "2", "end", *"zwei"]


def test_a_new_text_is_walked_from_the_start() -> None:
    widget = stepper(run, "zwei", beside="two")
    widget.step = 9
    widget.texts = ["drei", "three"]
    assert widget.step == 0
    assert [sent["source"] for sent in widget.walks] == [list("drei"), list("three")]
    assert repr(widget) == "Stepper('drei' -> 3 2 end, 'three' -> 3 2 end)"


def test_a_text_that_cannot_be_read_leaves_all_as_it_is_and_says_why() -> None:
    widget = stepper(run, "zwei")
    widget.step = 9
    before = widget.walks
    widget.texts = ["zw?"]
    assert widget.walks is before
    assert (widget.trouble, widget.step) == ("'zw?' has '?'", 9)
    assert repr(widget) == "Stepper('zwei' -> 3 2 end)"
    widget.texts = ["drei"]
    assert widget.trouble == ""
    with pytest.raises(ValueError, match=r"'zw\?' has '\?'"):
        stepper(run, "zw?")


def test_the_fallback_says_what_was_written() -> None:
    data, metadata = stepper(run, "zwei")._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == "Stepper('zwei' -> 3 2 end)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"read": ["begin"]}, "4 source, 1 read, 3 written words: .* as many written as read"),
        ({"source": []}, "0 source, 3 read"),
        ({"source": list("drei!")}, r"'source.words'\] is \(4, 8\), .* ask for \(5, 8\)"),
        ({"choices": ["a"]}, r"'predict'\] is \(3, 12\), .* ask for \(3, 1\)"),
        ({"arrays": {}}, "arrays lack cross.q, encoder.q, source.words"),
        ({"arrays": changed("cross.v", np.zeros((2, 2, 3, 4)))}, r"'cross.v'\] is \(2, 2, 3, 4\)"),
        ({"arrays": changed("predict", np.full((3, 12), np.nan))}, "'predict'] has NaN or inf"),
        (
            {"arrays": changed("decoder.q", WALK.arrays["decoder.q"] + 1)},
            r"decoder.weights differ by .* from softmax\(q k / sqrt\(d\)\)",
        ),
        (
            {"arrays": changed("decoder.weights", np.full((2, 2, 3, 3), 1 / 3))},
            "decoder.weights differ by",  # somebody looks ahead
        ),
    ],
)
def test_a_walk_that_cannot_be_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(WALK, **change)


def test_a_missing_array_is_named() -> None:
    arrays = {name: value for name, value in WALK.arrays.items() if name != "cross.out"}
    with pytest.raises(ValueError, match=r"'cross.out'\] is missing, .* ask for \(2, 3, 8\)"):
        replace(WALK, arrays=arrays)


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(Stepper._esm) + str(Stepper._css)
    assert "function write(" in text
    assert not any(sign in text for sign in ("http", "//cdn", "@import", "import("))
