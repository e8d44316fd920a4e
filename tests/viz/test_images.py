"""The image half's figures show the numbers they were given: read back from the axes."""

import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle

from lecturelib.viz import images
from lecturelib.viz.explorers.stage import CLASS_COLOURS


def drawn(axis, number: int = 0) -> np.ndarray:
    return np.asarray(axis.images[number].get_array())


def test_filters_are_grey_at_0_and_reach_full_contrast_each():
    weights = torch.zeros(3, 3, 2, 2)
    weights[0, 0, 0, 0], weights[1, 1, 1, 1] = 4.0, -0.1
    axes = images.filters(weights, columns=2).axes
    assert drawn(axes[0])[0, 0].tolist() == [1, 0.5, 0.5]
    assert drawn(axes[1])[1, 1].tolist() == [0.5, 0, 0.5]
    assert (drawn(axes[2]) == 0.5).all()
    assert not axes[3].images
    assert not axes[3].axison


def test_each_layer_shows_its_strongest_channels_with_their_numbers():
    maps = torch.rand(5, 4, 4) * torch.tensor([1.0, 5, 0.1, 9, 3])[:, None, None]
    few = torch.rand(1, 2, 2)
    picture = torch.rand(3, 4, 4)
    axes = images.activation_maps(picture, [("conv", maps), ("pool", few)], columns=3).axes
    assert np.allclose(drawn(axes[0]), picture.permute(1, 2, 0))
    assert [axis.get_title() for axis in axes[:4]] == ["", "4", "2", "5"]
    assert np.allclose(drawn(axes[1]), maps[3])
    assert (axes[4].get_ylabel(), axes[5].get_title()) == ("pool\n2x2", "1")
    assert not axes[6].axison


def test_exciting_patches_stand_in_their_channel_s_row():
    patches = torch.rand(2, 3, 3, 5, 5)
    axes = images.exciting_patches(patches, ["a", "b"]).axes
    assert np.allclose(drawn(axes[4]), patches[1, 1].permute(1, 2, 0))
    assert [axes[0].get_ylabel(), axes[3].get_ylabel()] == ["a", "b"]


def test_heat_lies_over_the_grey_picture_and_is_clear_where_it_is_0():
    pictures, heat = torch.rand(2, 3, 8, 6), torch.tensor([[[0.0, 2.0]], [[0.0, 0.0]]])
    axes = images.overlays(pictures, heat, ["cat", "dog"]).axes
    assert [axis.get_title() for axis in axes[:2]] == ["cat", "dog"]
    assert np.allclose(drawn(axes[2]), pictures[0].mean(0))
    assert drawn(axes[2], 1).tolist() == [[0, 1]]
    assert axes[2].images[1].get_alpha().tolist() == pytest.approx(np.array([[0, 0.85]]))
    assert axes[2].images[1].get_extent() == axes[2].images[0].get_extent()
    assert drawn(axes[3], 1).tolist() == [[0, 0]]


def test_three_small_layers_fan_out_to_the_window_of_one_large():
    three, one = images.receptive_fields({"three": (3, 5, 7), "one": (7,)}).axes
    assert [text.get_text() for text in three.texts] == [
        *("pixels: 7", "layer 1: 5", "layer 2: 3", "layer 3: 1")
    ]
    assert [text.get_text() for text in one.texts] == ["pixels: 7", "layer 1: 1"]
    assert sum(isinstance(patch, Rectangle) for patch in three.patches) == 7 + 5 + 3 + 1
    assert three.get_title() == "three: sees 7x7"


def test_every_second_position_has_its_map():
    similarity = torch.rand(4, 3, 4, 3)
    axes = images.position_maps(similarity, every=2).axes
    assert np.allclose(drawn(axes[3]), similarity[2, 2])
    assert [axes[0].get_ylabel(), axes[2].get_ylabel()] == ["1", "3"]
    assert [axis.get_xlabel() for axis in axes[2:4]] == ["1", "3"]
    assert axes[0].images[0].get_clim() == (-1, 1)


def test_each_head_s_distance_is_a_dot_and_the_line_is_their_mean():
    distance = torch.tensor([[2.0, 4.0], [8.0, 16.0]])
    (axis,) = images.attention_distance(distance, widest=32).axes
    heads = [line.get_xydata().tolist() for line in axis.lines]
    assert heads == [[[1, 2], [2, 8]], [[1, 4], [2, 16]], [[1, 3], [2, 12]]]
    assert axis.get_ylim() == (0, 32)


def test_rows_of_pictures_are_named():
    rows = {"truth": torch.rand(2, 3, 4, 4), "seen": torch.rand(2, 1, 4, 4)}
    axes = images.picture_rows(rows).axes
    assert [axes[0].get_ylabel(), axes[2].get_ylabel()] == ["truth", "seen"]
    assert np.allclose(drawn(axes[1]), rows["truth"][1].permute(1, 2, 0))
    assert np.allclose(drawn(axes[3]), rows["seen"][1, 0])


def test_segments_wear_their_class_s_colour_and_the_key_names_it():
    labels = torch.tensor([[[0, 1], [2, 2]]])
    figure = images.segmentation_rows(
        torch.rand(1, 3, 2, 2), {"truth": labels, "prediction": 2 - labels}, ["a", "b", "c"]
    )
    truth, prediction = figure.axes[1].images[0], figure.axes[2].images[0]
    assert truth.get_array().tolist() == labels[0].tolist()
    assert prediction.get_array().tolist() == (2 - labels[0]).tolist()
    assert list(truth.cmap.colors) == list(CLASS_COLOURS[:3])
    assert truth.get_clim() == (-0.5, 2.5)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b", "c"]


def test_more_classes_than_colours_are_refused():
    with pytest.raises(ValueError, match="11 classes: at most 10 colours are apart"):
        images.segmentation_rows(torch.rand(1, 3, 2, 2), {}, ["x"] * 11)
