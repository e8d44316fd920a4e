"""Hugging Face's BEiT (its default sdpa attention) against ours, weights copied, in float64."""

import pytest
import torch
from transformers import BeitConfig, BeitForMaskedImageModeling, BeitModel

from lecturelib.frontends.patches import Patches
from lecturelib.published import from_reference
from lecturelib.published.beit import ours as our_name
from tests.oracle import error, gradients, push_back, randomise, same_gradients

SIZE = {"hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3, "vocab_size": 9}
SIZE |= {"intermediate_size": 20, "image_size": 12, "patch_size": 4, "use_mask_token": True}
SIZE |= {"drop_path_rate": 0.0}
IMAGES = torch.randn(2, 3, 12, 12, dtype=torch.double, generator=torch.Generator().manual_seed(0))
HIDDEN = torch.tensor([[1, 0, 0, 1, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 0, 0, 0]]).bool()
LABELS = torch.tensor([3, 0, 8, 3, 5])
POSITIONS = [
    {},
    {"use_relative_position_bias": True},
    {"use_shared_relative_position_bias": True},
    {"use_absolute_position_embeddings": True},
    {"use_absolute_position_embeddings": True, "use_relative_position_bias": True},
]


def compare(reference, *given, **named) -> None:
    assert reference.config._attn_implementation == "sdpa"
    ours = from_reference(reference)
    assert ours.training == reference.training
    results = []
    for model in (ours, reference):
        torch.manual_seed(7)  # stochastic depth and dropout draw alike
        results.append(model(*given, **named))
    have, want = results[0], [getattr(results[1], name) for name in results[0]._fields]
    for out in (have, want):
        push_back(out)
    for a, b in zip(have, want, strict=True):
        assert (a is None) == (b is None)
        assert b is None or error(a, b) < 1e-10
    head = isinstance(reference, BeitForMaskedImageModeling)
    names = {key: our_name(key, head=head) for key in gradients(reference)}
    same_gradients(ours, {names[key]: value for key, value in gradients(reference).items()})


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("positions", POSITIONS)
def test_model(training, positions):
    compare(randomise(BeitModel(BeitConfig(**SIZE, **positions))).train(training), IMAGES)


@pytest.mark.parametrize(
    "options",
    [
        {"use_mean_pooling": False},
        {"layer_scale_init_value": 0.0},
        {"layer_norm_eps": 1e-2},
        {"hidden_act": "relu"},
        {"use_mask_token": False},
    ],
)
def test_options(options):
    compare(randomise(BeitModel(BeitConfig(**SIZE | options))), IMAGES)


def test_no_pooler():
    compare(randomise(BeitModel(BeitConfig(**SIZE), add_pooling_layer=False)), IMAGES)


def test_images_that_are_not_square_have_no_positions():
    config = BeitConfig(**SIZE | {"image_size": [8, 12], "patch_size": [4, 2]})
    compare(randomise(BeitModel(config)), IMAGES[:, :, :8])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("mean", [True, False])
def test_hidden_patches_and_their_visual_tokens(training, positions, mean):
    config = BeitConfig(**SIZE, **positions, use_mean_pooling=mean)
    reference = randomise(BeitForMaskedImageModeling(config)).train(training)
    compare(reference, IMAGES, HIDDEN, LABELS)
    compare(randomise(BeitForMaskedImageModeling(config)), pixel_values=IMAGES)
    compare(randomise(BeitModel(config)), IMAGES, bool_masked_pos=HIDDEN)


@pytest.mark.parametrize("rates", [{"drop_path_rate": 0.5}, {"hidden_dropout_prob": 0.3}])
def test_the_same_seed_drops_the_same(rates):
    """Stochastic depth skips the same sublayers of the same examples; dropout the same numbers."""
    config = BeitConfig(**SIZE | {"num_hidden_layers": 6} | rates)
    compare(randomise(BeitModel(config)).train(), IMAGES.repeat(4, 1, 1, 1))


def test_rates_are_copied():
    rates = {"hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.3, "drop_path_rate": 0.4}
    model = from_reference(BeitModel(BeitConfig(**SIZE | rates))).model
    layers = model.encoder.layers
    assert [layer.add_attention.drop_path for layer in layers] == [0.0, 0.2, 0.4]
    assert [layer.add_feed_forward.drop_path for layer in layers] == [0.0, 0.2, 0.4]
    assert {layer.add_attention.drop.p for layer in layers} == {model.frontend.drop.p} == {0.2}
    assert {layer.attention.dropout for layer in layers} == {0.3}


def test_the_layers_have_no_key_bias_and_a_scale():
    layer = from_reference(BeitModel(BeitConfig(**SIZE))).model.encoder.layers[0]
    assert layer.attention.key.bias is None
    assert layer.attention.query.bias is not None
    assert layer.add_attention.scale.tolist() == pytest.approx([0.1] * 12)


@pytest.mark.parametrize("positions", POSITIONS[1:3])
def test_a_finer_grid(positions):
    """Relative positions between those that were learned: the original interpolates alike."""
    reference = randomise(BeitModel(BeitConfig(**SIZE, **positions)))
    model = from_reference(reference).model
    model.frontend = model.frontend.resized((5, 5))
    images = torch.randn(2, 3, 20, 20, dtype=torch.double)
    assert isinstance(model.frontend, Patches)
    assert error(model.encoder.norm(model(images)), reference(images).last_hidden_state) < 1e-10


def test_bad_input():
    both = {"use_relative_position_bias": True, "use_shared_relative_position_bias": True}
    with pytest.raises(ValueError, match="shared or one table a layer, not both"):
        from_reference(BeitModel(BeitConfig(**SIZE, **both)))
    flat = SIZE | POSITIONS[1] | {"image_size": [8, 12]}
    with pytest.raises(ValueError, match=r"image_size=\(8, 12\), .*only squares are supported"):
        from_reference(BeitModel(BeitConfig(**flat)))
    ours = from_reference(BeitForMaskedImageModeling(BeitConfig(**SIZE)).double())
    with pytest.raises(ValueError, match="5 labels for 0 hidden patches"):
        ours(IMAGES, None, LABELS)
    with pytest.raises(ValueError, match="4 labels for 5 hidden patches"):
        ours(IMAGES, HIDDEN, LABELS[1:])
    without = from_reference(BeitModel(BeitConfig(**SIZE | {"use_mask_token": False})).double())
    with pytest.raises(ValueError, match="no mask token"):
        without(IMAGES, HIDDEN)
