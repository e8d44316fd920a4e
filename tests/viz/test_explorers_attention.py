"""The attention explorer: what is measured, what is sent, what is refused."""

import itertools

import numpy as np
import pytest
import torch

from lecturelib.viz.explorers.attention import (
    Attention,
    AttentionExplorer,
    attention_explorer,
    attention_figure,
    shrink,
)


def random_weights(*shape: int) -> np.ndarray:
    raw = np.random.default_rng(0).exponential(size=shape)
    return raw / raw.sum(-1, keepdims=True)


def words(count: int) -> list[str]:
    return [f"w{i}" for i in range(count)]


UNIFORM = np.full((1, 1, 8, 8), 1 / 8)
DIAGONAL = np.eye(8)[None, None]


def test_entropy_is_log2_n_where_all_are_alike_and_0_at_one_key() -> None:
    assert Attention(UNIFORM, words(8)).entropy() == pytest.approx(3)
    assert Attention(DIAGONAL, words(8)).entropy() == 0
    halves = np.array([[[[0.5, 0.5, 0], [0.25, 0.25, 0.5], [0, 0, 1]]]])
    assert Attention(halves, words(3)).entropy() == pytest.approx((1 + 1.5 + 0) / 3)


def test_distance_is_0_on_the_diagonal_and_a_third_of_n_everywhere() -> None:
    assert Attention(DIAGONAL, words(8)).distance() == 0
    closed_form = (8**2 - 1) / (3 * 8)  # the mean |i - j| of two places among 8
    assert Attention(UNIFORM, words(8)).distance() == pytest.approx(closed_form)
    next_one = np.roll(np.eye(4), 1, axis=1)  # looks one to the right; the last looks 3 back
    assert Attention(next_one[None, None], words(4)).distance() == pytest.approx(1.5)


def test_entropy_and_distance_belong_to_their_layer_and_head() -> None:
    weights = np.concatenate([UNIFORM, DIAGONAL], 1)  # one layer, two heads
    about = attention_explorer(weights, words(8)).about["inputs"][0]
    assert about["entropy"] == [[pytest.approx(3), 0]]
    assert about["distance"] == [[pytest.approx(63 / 24), 0]]


def test_across_two_sequences_there_is_no_distance() -> None:
    about = attention_explorer(random_weights(1, 1, 2, 3), words(2), list("abc")).about
    assert about["inputs"][0]["distance"] is None
    assert about["inputs"][0]["keys"] == ["a", "b", "c"]


def test_a_short_input_is_sent_whole_as_bytes() -> None:
    weights = random_weights(2, 3, 5, 5)
    widget = attention_explorer(torch.from_numpy(weights), words(5))
    (sent,) = widget.maps
    expected = [round(255 * w) for w in weights.ravel().tolist()]
    assert list(sent) == expected
    widget.layer = 1
    assert widget.maps == [sent]


def test_a_long_input_sends_the_layer_that_is_looked_at() -> None:
    weights = random_weights(3, 2, 65, 65)
    widget = attention_explorer(weights, words(65))
    for layer in (0, 2, 1):
        widget.layer = layer
        assert widget.sent == layer
        expected = np.rint(255 * weights[layer]).astype("u1").tobytes()
        assert widget.maps == [expected]


def test_two_inputs_travel_side_by_side() -> None:
    first, second = random_weights(1, 2, 4, 4), random_weights(1, 2, 6, 6)
    widget = attention_explorer(first, words(4), other=Attention(second, words(6)))
    assert [len(sent) for sent in widget.maps] == [2 * 4 * 4, 2 * 6 * 6]
    assert list(widget.maps[1]) == np.rint(255 * second).ravel().tolist()


def test_a_small_map_keeps_the_strongest_weight_of_each_cell() -> None:
    maps = random_weights(1, 2, 65, 40)
    small = shrink(maps)
    assert small.shape == (1, 2, 32, 32)
    rows = [
        [i for i in range(65) if cell * 65 // 32 <= i < (cell + 1) * 65 // 32] for cell in range(32)
    ]
    columns = [
        [j for j in range(40) if cell * 40 // 32 <= j < (cell + 1) * 40 // 32] for cell in range(32)
    ]
    for head, i, j in itertools.product(range(2), range(32), range(32)):
        assert small[0, head, i, j] == max(maps[0, head, a, b] for a in rows[i] for b in columns[j])


def test_a_map_that_fits_is_left_alone() -> None:
    maps = random_weights(1, 1, 32, 7)
    np.testing.assert_array_equal(shrink(maps), maps)


def test_one_line_says_what_is_shown() -> None:
    widget = attention_explorer(np.concatenate([UNIFORM, DIAGONAL], 1), words(8))
    assert repr(widget).endswith("8 x 8 positions; layer 1, head 1: entropy 3.00 bits)")
    widget.head = 1
    assert "head 2: entropy 0.00 bits" in repr(widget)


def test_the_fallback_shows_the_chosen_head_of_both_inputs() -> None:
    first, second = random_weights(2, 2, 4, 4), random_weights(2, 2, 6, 6)
    inputs = [Attention(first, words(4)), Attention(second, words(6))]
    figure = attention_figure(inputs, layer=1, head=0)
    *_, large, beside = figure.axes
    np.testing.assert_allclose(large.images[0].get_array(), first[1, 0])
    np.testing.assert_allclose(beside.images[0].get_array(), second[1, 0])
    assert [tick.get_text() for tick in beside.get_yticklabels()] == words(6)
    data, metadata = attention_explorer(first, words(4))._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"].startswith("Attention(2 layers x 2 heads")


@pytest.mark.parametrize(
    ("weights", "queries", "message"),
    [
        (np.ones((2, 2)), 2, r"weights are \[2, 2\]: they need layers, heads, query, key"),
        (np.ones((1, 0, 2, 2)), 2, r"weights are \[1, 0, 2, 2\]"),
        (UNIFORM, 7, "7 query_words for 8 query positions"),
        (2 * UNIFORM, 8, "layer 0, head 0, query 0 sums to 2: pass weights after the softmax"),
        (np.full((1, 1, 1, 1), np.nan), 1, "query 0 sums to nan"),
        (np.array([[[[1.5, -0.5], [1, 0]]]]), 2, "layer 0, head 0, query 0 sums to 1"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, queries: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        attention_explorer(weights, words(queries))


def test_an_explorer_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="7 key_words for 8 key positions"):
        attention_explorer(UNIFORM, words(8), words(7))
    other = Attention(random_weights(2, 1, 3, 3), words(3))
    with pytest.raises(
        ValueError, match=r"other has \(layers, heads\) \(2, 1\), weights .* \(1, 1\)"
    ):
        attention_explorer(UNIFORM, words(8), other=other)
    widget = attention_explorer(UNIFORM, words(8))
    for name, value, last in (("layer", 1, 0), ("head", -1, 0), ("token", 8, 7)):
        with pytest.raises(ValueError, match=f"{name}={value} is none of 0 to {last}"):
            setattr(widget, name, value)


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(AttentionExplorer._esm) + str(AttentionExplorer._css)
    assert "function write(" in text
    assert not any(sign in text for sign in ("http", "//cdn", "@import", "import("))
