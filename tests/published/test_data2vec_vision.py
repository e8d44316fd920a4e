"""Hugging Face's data2vec for pictures (BEiT) against ours, weights copied, in float64."""

import copy

import pytest
import torch
from torch import nn
from transformers import Data2VecVisionConfig, Data2VecVisionModel

from lecturelib.published import from_reference
from lecturelib.published.data2vec import vision_name
from tests.oracle import error, gradients, push_back, randomise, same_gradients

SIZE = {"hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3}
SIZE |= {"intermediate_size": 20, "image_size": 12, "patch_size": 4, "use_mask_token": True}
SIZE |= {"drop_path_rate": 0.0}
IMAGES = torch.randn(2, 3, 12, 12, dtype=torch.double, generator=torch.Generator().manual_seed(0))
HIDDEN = torch.tensor([[1, 0, 0, 1, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 0, 0, 0]]).bool()
POSITIONS = [
    {},
    {"use_relative_position_bias": True},
    {"use_shared_relative_position_bias": True},
    {"use_absolute_position_embeddings": True},
    {"use_absolute_position_embeddings": True, "use_relative_position_bias": True},
]


def vision(pooler: bool = True, **options) -> Data2VecVisionModel:
    config = Data2VecVisionConfig(**SIZE | options)
    return randomise(Data2VecVisionModel(config, add_pooling_layer=pooler))


def compare(reference, *given, **named) -> None:
    """Outputs, and the gradients of every parameter."""
    assert reference.config._attn_implementation == "sdpa"
    ours = from_reference(reference)
    assert ours.training == reference.training
    results = []
    for model in (ours, reference):
        torch.manual_seed(7)  # stochastic depth and dropout draw alike
        results.append(model(*given, **named))
    assert results[0]._fields == ("last_hidden_state", "pooler_output")
    have, want = results[0], [getattr(results[1], name) for name in results[0]._fields]
    for out in (have, want):
        push_back(out)
    for a, b in zip(have, want, strict=True):
        assert (a is None) == (b is None)
        assert b is None or error(a, b) < 1e-10
    unused = set() if len(given) > 1 or named else {"embeddings.mask_token"}
    assert gradients(reference).keys() == dict(reference.named_parameters()).keys() - unused
    same_gradients(ours, {vision_name(key): value for key, value in gradients(reference).items()})


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("mean", [True, False])
def test_hidden_patches(training, positions, mean):
    compare(vision(**positions, use_mean_pooling=mean).train(training), IMAGES, HIDDEN)
    compare(vision(**positions, use_mean_pooling=mean), IMAGES, bool_masked_pos=HIDDEN)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"pooler": False},
        {"pooler": False, "use_mean_pooling": False},
        {"layer_scale_init_value": 0.0},
        {"layer_norm_eps": 1e-2},
        {"hidden_act": "relu"},
        {"use_mask_token": False},
    ],
)
def test_options(options):
    compare(vision(**options), IMAGES)


def test_images_that_are_not_square_have_no_positions():
    compare(vision(image_size=[8, 12], patch_size=[4, 2]), IMAGES[:, :, :8])


def test_pixels_are_cast_as_the_original_does():
    compare(vision(), IMAGES.float())


@pytest.mark.parametrize(
    "rate", ["drop_path_rate", "hidden_dropout_prob", "attention_probs_dropout_prob"]
)
def test_the_same_seed_drops_the_same(rate):
    """Stochastic depth skips the same sublayers of the same examples; dropout the same numbers."""
    compare(vision(**{rate: 0.7}, num_hidden_layers=6).train(), IMAGES.repeat(4, 1, 1, 1))


def test_rates_are_copied():
    rates = {"hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.3, "drop_path_rate": 0.4}
    model = from_reference(vision(**rates)).model
    layers = model.encoder.layers
    for number, layer in enumerate(layers):
        assert layer.add_attention.drop_path == pytest.approx(0.2 * number)
        assert layer.add_feed_forward.drop_path == layer.add_attention.drop_path
    assert {layer.add_attention.drop.p for layer in layers} == {model.frontend.drop.p} == {0.2}
    assert {layer.attention.dropout for layer in layers} == {0.3}


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_finer_grid(positions):
    """Positions between those that were learned: the original interpolates alike."""
    reference = vision(**positions, use_mean_pooling=False)
    ours = from_reference(reference)
    images = torch.randn(2, 3, 20, 20, dtype=torch.double)
    with pytest.raises(ValueError, match=r"resize the images, or .* resized\(\(5, 5\)\)"):
        ours(images)
    ours.model.frontend = ours.model.frontend.resized((5, 5))
    have, want = ours(images), reference(images)
    assert error(have.last_hidden_state, want.last_hidden_state) < 1e-10
    assert error(have.pooler_output, want.pooler_output) < 1e-10


def test_the_reference_is_not_touched():
    reference = vision(**POSITIONS[4])
    before = copy.deepcopy(reference.state_dict())
    ours = from_reference(reference)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.add_(1.0)
    assert all(torch.equal(before[key], value) for key, value in reference.state_dict().items())


def test_keys_that_do_not_fit_are_named():
    reference = vision()
    reference.encoder.layer[1].adapter = nn.Linear(2, 2, bias=False)
    with pytest.raises(ValueError, match=r"left over \['model.encoder.layers.1.adapter.weight'\]"):
        from_reference(reference)
    reference = vision()
    reference.encoder.layer[1].lambda_1 = None
    missing = r"missing in the reference \['model.encoder.layers.1.add_attention.scale'\]"
    with pytest.raises(ValueError, match=missing):
        from_reference(reference)


def test_bad_input():
    both = {"use_relative_position_bias": True, "use_shared_relative_position_bias": True}
    with pytest.raises(ValueError, match="shared or one table a layer, not both"):
        from_reference(vision(**both))
    with pytest.raises(ValueError, match=r"image_size=\(8, 12\), .*only squares are supported"):
        from_reference(vision(**POSITIONS[1], image_size=[8, 12]))
    with pytest.raises(ValueError, match="no mask token"):
        from_reference(vision(use_mask_token=False))(IMAGES, HIDDEN)
