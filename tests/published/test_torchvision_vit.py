"""torchvision's Vision Transformer against ours, weights copied, in float64."""

import pytest
import torch
from torchvision.models import VisionTransformer
from torchvision.models.vision_transformer import ConvStemConfig

from lecturelib.published import from_reference
from lecturelib.published.torchvision_vit import NAMES
from lecturelib.published.weights import renamed, split_projections
from tests.oracle import error, gradients, randomise, same_gradients

SIZE = {"image_size": 12, "patch_size": 4, "num_layers": 3, "num_heads": 3, "hidden_dim": 12}
SIZE |= {"mlp_dim": 20, "num_classes": 5}
IMAGES = torch.randn(2, 3, 12, 12, dtype=torch.double, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("representation", [None, 7])
def test_model(training, representation):
    reference = VisionTransformer(**SIZE, representation_size=representation)
    reference = randomise(reference).train(training)
    ours = from_reference(reference)
    assert ours.training == training
    have, want = ours(IMAGES), reference(IMAGES)
    assert error(have, want) < 1e-10
    weight = torch.randn(want.shape, generator=torch.Generator().manual_seed(4)).double()
    for out in (have, want):
        (weight * out).sum().backward()
    same_gradients(ours, renamed(split_projections(gradients(reference)), NAMES))
    with torch.no_grad():  # PyTorch's fast path in eval mode
        assert error(ours(IMAGES), reference(IMAGES)) < 1e-10


def test_dropout_rates_are_copied():
    reference = VisionTransformer(**SIZE, dropout=0.2, attention_dropout=0.3)
    reference.encoder.layers[0].mlp[2].p = 0.4
    model = from_reference(reference).model
    layer = model.encoder.layers[1]
    assert (
        model.frontend.drop.p == layer.add_attention.drop.p == layer.add_feed_forward.drop.p == 0.2
    )
    assert layer.attention.dropout == 0.3
    assert layer.feed_forward.drop.p == 0.4


def test_eps_is_copied():
    from functools import partial

    norm = partial(torch.nn.LayerNorm, eps=1e-2)
    reference = randomise(VisionTransformer(**SIZE, norm_layer=norm))
    assert error(from_reference(reference)(IMAGES), reference(IMAGES)) < 1e-10


def test_bad_input():
    stem = [ConvStemConfig(4, 3, 2), ConvStemConfig(8, 3, 2)]
    with pytest.raises(ValueError, match="conv_stem_configs is not supported"):
        from_reference(VisionTransformer(**SIZE, conv_stem_configs=stem))
    ours = from_reference(VisionTransformer(**SIZE).double())
    with pytest.raises(ValueError, match=r"images are \[3, 12, 8\] .* are for \[3, 12, 12\]"):
        ours(IMAGES[..., :8])
