"""Hugging Face's ViT (its default sdpa attention) against ours, weights copied, in float64."""

import pytest
import torch
from transformers import ViTConfig, ViTForImageClassification, ViTModel

from lecturelib.published import from_reference
from lecturelib.published.vit import NAMES
from lecturelib.published.weights import renamed
from tests.oracle import error, gradients, push_back, randomise, same_gradients

SIZE = {"hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3, "num_labels": 5}
SIZE |= {"intermediate_size": 20, "image_size": [8, 12], "patch_size": 4}
IMAGES = torch.randn(2, 3, 8, 12, dtype=torch.double, generator=torch.Generator().manual_seed(0))
HIDDEN = torch.tensor([[1, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 1]]).bool()


def compare(reference, *given, **named) -> None:
    ours = from_reference(reference)
    assert ours.training == reference.training
    have, theirs = ours(*given, **named), reference(*given, **named)
    want = [getattr(theirs, name) for name in have._fields]
    for out in (have, want):
        push_back(out)
    for a, b in zip(have, want, strict=True):
        assert (a is None) == (b is None)
        assert b is None or error(a, b) < 1e-10
    same_gradients(ours, renamed(gradients(reference), NAMES))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "options", [{}, {"qkv_bias": False}, {"layer_norm_eps": 1e-2}, {"pooler_output_size": 7}]
)
def test_model(training, options):
    reference = ViTModel(ViTConfig(**SIZE | options))
    compare(randomise(reference).train(training), IMAGES)


def test_hidden_patches():
    reference = randomise(ViTModel(ViTConfig(**SIZE), use_mask_token=True))
    compare(reference, IMAGES, HIDDEN)
    compare(randomise(ViTModel(ViTConfig(**SIZE), use_mask_token=True)), pixel_values=IMAGES)


def test_square_images_and_no_pooler():
    config = ViTConfig(**SIZE | {"image_size": 12})
    reference = randomise(ViTModel(config, add_pooling_layer=False))
    compare(reference, torch.randn(2, 3, 12, 12, dtype=torch.double))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("labels", [None, torch.tensor([4, 0])])
def test_classifier(training, labels):
    reference = randomise(ViTForImageClassification(ViTConfig(**SIZE))).train(training)
    compare(reference, IMAGES, labels)


def test_dropout_rates_are_copied():
    rates = {"hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.3}
    model = from_reference(ViTModel(ViTConfig(**SIZE, **rates))).model
    layer = model.encoder.layers[2]
    assert (
        model.frontend.drop.p == layer.add_attention.drop.p == layer.add_feed_forward.drop.p == 0.2
    )
    assert layer.attention.dropout == 0.3


def test_images_follow_the_weights_dtype():
    """As in the original: float32 pictures into a float64 model."""
    reference = randomise(ViTModel(ViTConfig(**SIZE)))
    have, want = (m(IMAGES.float()) for m in (from_reference(reference), reference))
    assert error(have.last_hidden_state, want.last_hidden_state) < 1e-10


def test_bad_input():
    single = ViTForImageClassification(ViTConfig(**SIZE | {"num_labels": 1})).double()
    with pytest.raises(ValueError, match="num_labels=1 is a regression"):
        from_reference(single)(IMAGES, torch.tensor([0, 0]))
    ours = from_reference(ViTModel(ViTConfig(**SIZE)).double())
    with pytest.raises(
        ValueError, match=r"images are \[3, 8, 8\] .* positions are for \[3, 8, 12\]"
    ):
        ours(IMAGES[..., :8])
    with pytest.raises(ValueError, match="no mask token"):
        ours(IMAGES, HIDDEN)
    with pytest.raises(ValueError, match="pooler_act='relu' is not supported, only"):
        from_reference(ViTModel(ViTConfig(**SIZE, pooler_act="relu")))
