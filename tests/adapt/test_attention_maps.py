"""Attention as pictures: each quantity against a loop that says it step by step."""

import itertools
import math

import pytest
import torch

from lecturelib.adapt.attention_maps import (
    class_maps,
    mean_distance,
    patch_distance,
    position_similarity,
    rollout,
)
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.patches import Patches

GRID, PATCH = (2, 3), (4, 5)
PLACES = list(itertools.product(range(2), range(3)))


def some_weights(layers: int = 3) -> list[torch.Tensor]:
    """[batch 2, heads 2, 7 tokens, 7 tokens] a layer, float64."""
    rng = torch.Generator().manual_seed(0)
    raw = [torch.randn(2, 2, 7, 7, generator=rng, dtype=torch.float64) for _ in range(layers)]
    return [(2 * one).softmax(-1) for one in raw]


def test_the_class_token_s_row_is_laid_out_as_the_patches_lie() -> None:
    (weights,) = some_weights(1)
    maps = class_maps(weights, GRID)
    for picture, head in itertools.product(range(2), range(2)):
        for at, (down, across) in enumerate(PLACES):
            assert maps[picture, head, down, across] == weights[picture, head, 0, 1 + at]


def test_the_distance_is_the_loop_s_over_pictures_patches_and_patches() -> None:
    layers = some_weights()
    ours = mean_distance(layers, GRID, PATCH)
    for (layer, weights), head in itertools.product(enumerate(layers), range(2)):
        means = []
        for picture, query in itertools.product(range(2), range(6)):
            row = weights[picture, head, 1 + query, 1:].tolist()
            far = [
                math.dist((4 * PLACES[query][0], 5 * PLACES[query][1]), (4 * down, 5 * across))
                for down, across in PLACES
            ]
            means.append(sum(w * d for w, d in zip(row, far, strict=True)) / sum(row))
        assert ours[layer, head].item() == pytest.approx(sum(means) / len(means), abs=1e-10)


def test_looking_at_oneself_is_0_pixels_far_and_at_the_next_patch_a_patch_s_width() -> None:
    itself, right = torch.eye(5), torch.eye(5).roll(1, dims=1)
    right[4] = torch.tensor([1, 0, 0, 0, 1e-6])  # the last patch has no next: [class], and itself
    (far,) = mean_distance([torch.stack([itself, right])[None]], (1, 4), (8, 6))
    assert far.tolist() == pytest.approx([0, 6 * 3 / 4])


def test_patches_lie_as_far_apart_as_their_middles() -> None:
    far = patch_distance((2, 2), (3, 4))
    assert far.tolist() == [[0, 4, 3, 5], [4, 0, 5, 3], [3, 5, 0, 4], [5, 3, 4, 0]]


def test_the_rollout_sums_over_all_paths_through_the_layers() -> None:
    layers = some_weights()
    ours = rollout(layers)
    for picture, top, bottom in itertools.product(range(2), range(7), range(7)):
        total = 0.0
        for a, b in itertools.product(range(7), range(7)):  # every path of three steps
            step = 1.0
            for weights, query, key in zip(layers[::-1], (top, a, b), (a, b, bottom), strict=True):
                heads = weights[picture, :, query, key].tolist()
                step *= 0.5 * sum(heads) / 2 + 0.5 * (query == key)
            total += step
        assert ours[picture, top, bottom].item() == pytest.approx(total, abs=1e-10)
    assert torch.allclose(ours.sum(-1), torch.ones(2, 7).double())


def test_a_real_encoder_s_trace_can_be_drawn() -> None:
    torch.manual_seed(0)
    frontend = Patches(grid=GRID, patch=PATCH, channels=3, dim=8)
    encoder = Encoder(dim=8, heads=2, depth=3, hidden=16, variant=Variant()).eval()
    weights = encoder.trace(frontend(torch.rand(2, 3, 8, 15))).weights
    flow = class_maps(rollout(weights)[:, None], GRID)
    assert flow.shape == (2, 1, 2, 3)
    longest = math.dist((0, 0), (4, 10))
    assert ((mean_distance(weights, GRID, PATCH) > 0) & (flow < longest).all()).all()


def test_the_similarity_of_positions_is_their_cosine() -> None:
    position = torch.randn(7, 5, generator=torch.Generator().manual_seed(0)).double()
    ours = position_similarity(position, GRID)
    for (i, (a, b)), (j, (c, d)) in itertools.product(enumerate(PLACES), enumerate(PLACES)):
        x, y = position[1 + i].tolist(), position[1 + j].tolist()
        dot = sum(p * q for p, q in zip(x, y, strict=True))
        want = dot / (math.hypot(*x) * math.hypot(*y))
        assert ours[a, b, c, d].item() == pytest.approx(want, abs=1e-10)


@pytest.mark.parametrize(
    "call",
    [
        lambda: class_maps(some_weights()[0], (3, 3)),
        lambda: mean_distance(some_weights(), (3, 3), PATCH),
        lambda: position_similarity(torch.zeros(7, 4), (3, 3)),
    ],
)
def test_a_grid_of_another_model_is_refused(call) -> None:
    with pytest.raises(ValueError, match=r"7 tokens, but \[class\] and a grid of 3x3 are 10"):
        call()
