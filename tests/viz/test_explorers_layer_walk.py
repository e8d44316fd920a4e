"""The layer walk: what the browser is sent, what a move does, what is refused."""

import itertools
import json

import numpy as np
import pytest
import torch

from lecturelib.adapt.looking import walk
from lecturelib.encoders.vgg import ConvStack
from lecturelib.viz.explorers.layer_walk import Layer, LayerWalk, layer_walk, walk_figure

RNG = np.random.default_rng(0)
PICTURES = RNG.random((2, 3, 6, 8))
NAMES = ["cat", "dog"]


def some_layer(name: str, channels: int, down: int, across: int, side: int) -> tuple:
    """Maps with zeros, patches and records, the record above the maps for every second channel."""
    maps = np.maximum(RNG.normal(size=(2, channels, down, across)), 0)
    record = maps.max((0, 2, 3)) * np.where(np.arange(channels) % 2, 2.0, 0.5)
    patches = RNG.random((channels, 3, 3, side, side))
    return (name, (side, 1, -(side // 2)), maps, patches, record)


LAYERS = [some_layer("conv1_1", 4, 6, 8, 3), some_layer("pool1", 70, 3, 4, 4)]


def made() -> LayerWalk:
    return layer_walk(PICTURES, NAMES, LAYERS)


def test_maps_are_sent_as_roots_of_shares_of_each_channel_s_record() -> None:
    widget = made()
    widget.picture, widget.layer = 1, 1
    _, _, maps, _, record = LAYERS[1]
    sent = np.frombuffer(widget.maps, np.uint8).reshape(70, 3, 4)
    for channel, row, column in itertools.product(range(70), range(3), range(4)):
        most = max(maps[0, channel].max(), maps[1, channel].max(), record[channel])
        share = maps[1, channel, row, column] / most
        assert sent[channel, row, column] == round(255 * share**0.5)


def test_the_chosen_channel_s_patches_are_sent_best_first() -> None:
    widget = made()
    widget.channel = 2
    sent = np.frombuffer(widget.patches, np.uint8).reshape(3, 3, 3, 3)
    want = np.rint(255 * LAYERS[0][3][2]).transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(sent, want)


def test_the_facts_say_what_was_sent_and_where_each_channel_is_largest() -> None:
    widget = made()
    widget.picture, widget.layer, widget.channel = 1, 1, 69
    assert {name: widget.facts[name] for name in ("picture", "layer", "channel")} == {
        **{"picture": 1, "layer": 1, "channel": 69}
    }
    _, _, maps, _, record = LAYERS[1]
    for channel, (row, column, share) in enumerate(widget.facts["peaks"]):
        one = maps[1, channel]
        assert one[row, column] == one.max()
        most = max(maps[:, channel].max(), record[channel])
        assert share == pytest.approx(one.max() / most)
    json.dumps(widget.facts)


def test_the_browser_is_told_every_size_before_a_map_comes() -> None:
    widget = made()
    assert widget.about["names"] == NAMES
    assert widget.about["size"] == [6, 8]
    assert widget.about["layers"][1] == {
        **{"name": "pool1", "size": 4, "step": 1, "start": -2, "count": 3, "side": 4},
        **{"channels": 70, "map": [3, 4]},
    }
    photos = np.frombuffer(widget.photos, np.uint8).reshape(2, 6, 8, 3)
    np.testing.assert_array_equal(photos, np.rint(255 * PICTURES.transpose(0, 2, 3, 1)))


def test_a_smaller_layer_keeps_the_channel_if_it_has_it_else_its_last() -> None:
    widget = made()
    widget.layer, widget.channel = 1, 69
    widget.layer = 0
    assert (widget.channel, widget.facts["channel"], widget.facts["layer"]) == (3, 3, 0)
    widget.set_state({"layer": 1, "channel": 3})  # as the browser moves: both at once
    assert (widget.facts["layer"], widget.facts["channel"]) == (1, 3)


def test_a_channel_s_move_sends_no_map_again(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = made()
    moved = []
    widget.observe(lambda change: moved.append(change["name"]), ["maps", "patches"])
    widget.channel = 1
    assert moved == ["patches"]


def test_a_silent_channel_is_dark_everywhere_and_has_no_share() -> None:
    name, window, maps, patches, record = some_layer("conv", 2, 2, 2, 3)
    one = Layer(name, window, 0 * maps, patches, 0 * record)
    assert (one.shares == 0).all()
    assert [share for *_, share in one.peaks[0]] == [0, 0]


def test_a_walk_through_a_real_network_fits_as_it_is() -> None:
    torch.manual_seed(0)
    model = ConvStack(channels=3, plan=(4, "M", 5)).eval()
    photos = torch.rand(2, 3, 8, 8)
    widget = layer_walk(photos, NAMES, walk(model, photos, torch.rand(4, 3, 8, 8), count=2))
    assert [one["name"] for one in widget.about["layers"]] == ["conv1_1", "pool1", "conv2_1"]
    widget.layer = 2
    assert len(widget.maps) == 5 * 4 * 4


def test_one_line_says_what_is_shown() -> None:
    widget = made()
    widget.layer, widget.channel = 1, 1
    share = widget.facts["peaks"][1][2]
    assert repr(widget) == (
        f"LayerWalk(2 pictures, 2 layers; cat, pool1, channel 2 of 70: {share:.0%} of its record)"
    )


def test_the_fallback_shows_picture_maps_window_and_patches() -> None:
    widget = made()
    widget.layer, widget.channel = 1, 66
    photo, *axes = walk_figure(widget).axes
    np.testing.assert_allclose(photo.images[0].get_array(), PICTURES[0].transpose(1, 2, 0))
    tiles, (over, *patches) = axes[:9], axes[9:]
    one = widget.layers[1]
    np.testing.assert_allclose(tiles[2].images[0].get_array() ** 2, one.shares[0, 66])
    assert [bool(axis.images) for axis in tiles] == [True] * 6 + [False] * 3
    row, column, _ = one.peaks[0][66]
    assert over.patches[0].get_xy() == (-2 + column - 0.5, -2 + row - 0.5)
    np.testing.assert_allclose(
        patches[2].images[0].get_array(), one.patches[66, 2].T.swapaxes(0, 1)
    )
    data, metadata = widget._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(widget)


NAME, WINDOW, MAPS, PATCHES, RECORD = LAYERS[0]


@pytest.mark.parametrize(
    ("pictures", "names", "layers", "message"),
    [
        (PICTURES[0], NAMES, LAYERS, r"pictures are \[3, 6, 8\]"),
        (PICTURES * 255, NAMES, LAYERS, r"\[pictures, 3, height, width\] in 0-1"),
        (PICTURES, ["cat"], LAYERS, "1 names for 2 pictures"),
        (PICTURES, NAMES, [], "walk has no layer"),
        (PICTURES[:1], NAMES[:1], LAYERS, "conv1_1: maps of 2 pictures, 1 given"),
        (PICTURES, NAMES, [(NAME, WINDOW, MAPS[0], PATCHES, RECORD)], r"maps \[4, 6, 8\] need 4"),
        (PICTURES, NAMES, [(NAME, WINDOW, -MAPS, PATCHES, RECORD)], "maps below 0 or NaN"),
        (PICTURES, NAMES, [(NAME, WINDOW, MAPS, 2 * PATCHES, RECORD)], "3 colours in 0-1"),
        (PICTURES, NAMES, [(NAME, WINDOW, MAPS, PATCHES[:, :, :1], RECORD)], "need 3 colours"),
        (PICTURES, NAMES, [(NAME, WINDOW, MAPS, PATCHES, RECORD[1:])], r"\[4, 4, 3\] channels"),
    ],
)
def test_what_cannot_be_walked_is_refused(pictures, names, layers, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer_walk(pictures, names, layers)


def test_a_move_beyond_the_end_is_refused() -> None:
    widget = made()
    for name, value, last in (("picture", 2, 1), ("layer", -1, 1), ("channel", 4, 3)):
        with pytest.raises(ValueError, match=f"{name}={value} is none of 0 to {last}"):
            setattr(widget, name, value)


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(LayerWalk._esm) + str(LayerWalk._css)
    assert "function sheetOf(" in text
    assert ".layer-walk" in text
    assert not any(sign in text for sign in ("http", "//cdn", "@import", "import("))
