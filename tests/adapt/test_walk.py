"""A Transformer, slowed down: every array follows from the ones before it, and ends in forward."""

import numpy as np
import pytest
import torch

from lecturelib.adapt.walk import aligned_head, walk
from lecturelib.frontends.words import sinusoids
from lecturelib.recipes import numbers_model
from lecturelib.viz.explorers.stepper import Walk

DIM, HEADS, DEPTH = 8, 2, 2
SOURCE, READ = torch.tensor([[3, 1, 4, 1, 5]]), torch.tensor([[10, 3, 2]])


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return numbers_model(dim=DIM, heads=HEADS, depth=DEPTH).eval()


@pytest.fixture(scope="module")
def arrays(model) -> dict[str, np.ndarray]:
    return walk(model, SOURCE, READ)


def near(ours: np.ndarray, expected: torch.Tensor | np.ndarray) -> None:
    np.testing.assert_allclose(ours, torch.as_tensor(expected).detach().numpy(), atol=1e-5)


def norm(layer: torch.nn.LayerNorm, x: np.ndarray) -> torch.Tensor:
    return layer(torch.from_numpy(x))


def test_the_walk_ends_where_forward_ends(model, arrays) -> None:
    near(arrays["predict"], model(SOURCE, READ)[0].softmax(-1))


def test_words_and_positions_add_up_to_the_first_input(model, arrays) -> None:
    for side, part, ids in (("source", "encoder", SOURCE), ("read", "decoder", READ)):
        near(arrays[f"{side}.positions"], sinusoids(torch.arange(ids.shape[1]), DIM).float())
        total = arrays[f"{side}.words"] + arrays[f"{side}.positions"]
        near(total, arrays[f"{part}.before"][0])


@pytest.mark.parametrize("part", ["encoder", "decoder", "cross"])
def test_each_head_is_its_weights_times_its_values(arrays, part: str) -> None:
    near(arrays[f"{part}.weights"] @ arrays[f"{part}.v"], arrays[f"{part}.heads"])


@pytest.mark.parametrize("layer", range(DEPTH))
def test_every_sum_is_normed_into_the_next_array(model, arrays, layer: int) -> None:
    reads, writes = model.encoder.layers[layer], model.decoder.layers[layer]
    for part, add in (
        ("encoder", reads.add_attention),
        ("decoder", writes.add_attention),
        ("cross", writes.add_cross),
    ):
        total = arrays[f"{part}.before"][layer] + arrays[f"{part}.out"][layer]
        near(arrays[f"{part}.after"][layer], norm(add.norm, total))
    for part, after, add in (
        ("encoder", "encoder.after", reads.add_feed_forward),
        ("decoder", "cross.after", writes.add_feed_forward),
    ):
        total = arrays[after][layer] + arrays[f"{part}.thought"][layer]
        near(arrays[f"{part}.end"][layer], norm(add.norm, total))
    near(arrays["cross.before"][layer], arrays["decoder.after"][layer])


def test_a_layer_reads_what_the_one_before_it_left(arrays) -> None:
    for part in ("encoder", "decoder"):
        near(arrays[f"{part}.before"][1:], arrays[f"{part}.end"][:-1])


def test_cross_attention_asks_the_encoders_last_layer(model, arrays) -> None:
    memory = torch.from_numpy(arrays["encoder.end"][-1])[None]
    k, v = model.decoder.layers[1].cross.keys_values(memory)
    near(arrays["cross.k"][1], k[0])
    near(arrays["cross.v"][1], v[0])


def test_the_stepper_takes_it(arrays) -> None:
    """Its own check recomputes the weights from q and k."""
    Walk("abcde", ["<", "3", "2"], ["3", "2", ">"], [str(i) for i in range(12)], arrays)


def test_the_aligned_head_looks_where_the_token_is_said() -> None:
    weights = np.full((2, 3, 3, 4), 0.25)
    weights[0, 1, 0] = [1, 0, 0, 0]  # the first token alone: at its word
    weights[1, 2, :2] = [[0.9, 0.1, 0, 0], [0, 0, 0.4, 0.6]]  # both at their words
    weights[1, 1, 2] = [0, 1, 0, 0]  # the end sign: nobody asks where it looks
    assert aligned_head(weights, [slice(0, 2), slice(2, 4)]) == (1, 2)
    assert aligned_head(weights, [slice(0, 1)]) == (0, 1)


def test_a_pre_norm_model_is_refused() -> None:
    pre = numbers_model(dim=DIM, heads=HEADS, depth=1).eval()
    pre.encoder.layers[0].add_attention.norm_first = True
    with pytest.raises(ValueError, match="norm_first=True: the stepper shows Vaswani's order"):
        walk(pre, SOURCE, READ)
