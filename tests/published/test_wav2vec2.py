"""Hugging Face's wav2vec 2.0, base and large, against ours, weights copied, in float64."""

import pytest
import torch
from transformers import Wav2Vec2Config, Wav2Vec2Model

from lecturelib.published import from_reference
from lecturelib.published.wav2vec2 import ours as our_name
from tests.oracle import error, gradients, padded, randomise, same_gradients

SIZE = {"hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3}
SIZE |= {"intermediate_size": 20, "conv_dim": [8, 8, 6], "conv_kernel": [5, 3, 2]}
SIZE |= {"conv_stride": [4, 2, 2], "num_conv_pos_embeddings": 6, "num_conv_pos_embedding_groups": 2}
RATES = ["hidden_dropout", "activation_dropout", "attention_dropout", "feat_proj_dropout"]
RATES += ["layerdrop", "mask_feature_prob"]
BASE = {"do_stable_layer_norm": False, "feat_extract_norm": "group", "conv_bias": False}
LARGE = {"do_stable_layer_norm": True, "feat_extract_norm": "layer", "conv_bias": True}
WAVES = torch.randn(2, 203, dtype=torch.double, generator=torch.Generator().manual_seed(0))
KEEP = (~padded([203, 120])).long()


def wav2vec2(**options) -> Wav2Vec2Model:
    config = Wav2Vec2Config(**SIZE | dict.fromkeys(RATES, 0.0) | options)
    return randomise(Wav2Vec2Model(config))  # type: ignore[return-value]


@pytest.mark.parametrize(
    "kind", [BASE, LARGE, BASE | {"num_conv_pos_embeddings": 5, "layer_norm_eps": 0.1}]
)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("keep", [KEEP, None])
@pytest.mark.parametrize("hiding", [True, False])
def test_outputs_and_gradients(kind, training, keep, hiding):
    """mask_time_prob > 0 makes the reference own a mask vector; given a mask, it draws none."""
    reference = wav2vec2(**kind, mask_time_prob=0.05 if hiding else 0.0).train(training)
    ours = from_reference(reference)
    assert ours.training == training
    hidden = torch.rand(2, 12, generator=torch.Generator().manual_seed(1)) < 0.4 if hiding else None
    front = ours.model.frontend
    is_pad = torch.zeros(2, 12).bool() if keep is None else front.frame_pad(keep == 0)
    have, want = (m(WAVES, keep, hidden) for m in (ours, reference))
    assert error(have.last_hidden_state[~is_pad], want.last_hidden_state[~is_pad]) < 1e-10
    assert error(have.extract_features, want.extract_features) < 1e-10
    for out in (have, want):
        probe = torch.randn(2, 12, 12, generator=torch.Generator().manual_seed(2)).double()
        (probe * out.last_hidden_state)[~is_pad].sum().backward()
    norm_first = kind["do_stable_layer_norm"]
    same_gradients(ours, {our_name(k, norm_first): v for k, v in gradients(reference).items()})


@pytest.mark.parametrize("kind", [BASE, LARGE])
def test_layer_drop_draws_as_the_reference(kind):
    """The same seed skips the same layers."""
    reference = wav2vec2(**kind, layerdrop=0.5, mask_time_prob=0.0).train()
    ours, found = from_reference(reference), set()
    for seed in range(8):
        outputs = []
        for m in (ours, reference):
            torch.manual_seed(seed)
            outputs.append(m(WAVES).last_hidden_state)
        assert error(*outputs) < 1e-10
        found.add(round(outputs[0].sum().item(), 6))
    assert len(found) > 2


def test_no_hiding_where_spec_augment_is_off():
    reference = wav2vec2(**BASE, apply_spec_augment=False)
    hidden = torch.ones(2, 12).bool()
    have, want = (m(WAVES, None, hidden) for m in (from_reference(reference), reference))
    assert error(have.last_hidden_state, want.last_hidden_state) < 1e-10


def test_dropout_rates_are_copied():
    rates = {name: 0.1 * (place + 1) for place, name in enumerate(RATES[:5])}
    model = from_reference(wav2vec2(**BASE, **rates)).model
    layer = model.encoder.layers[2]
    assert model.frontend.drop.p == layer.add_attention.drop.p == rates["hidden_dropout"]
    assert layer.add_feed_forward.drop.p == rates["hidden_dropout"]
    assert layer.feed_forward.drop.p == rates["activation_dropout"]
    assert layer.attention.dropout == rates["attention_dropout"]
    assert model.frontend.drop_latents.p == rates["feat_proj_dropout"]
    assert model.encoder.layer_drop == rates["layerdrop"]


def test_a_padded_batch_equals_one_by_one_where_the_norm_is_per_frame():
    ours = from_reference(wav2vec2(**LARGE)).eval()
    together = ours(WAVES, KEEP).last_hidden_state
    alone = ours(WAVES[1:, :120]).last_hidden_state
    assert error(together[1:, : alone.shape[1]], alone) < 1e-12


@pytest.mark.parametrize("option", [{"add_adapter": True}, {"feat_extract_activation": "relu"}])
def test_options_that_ours_does_not_have(option):
    with pytest.raises(ValueError, match="is not supported, only"):
        from_reference(wav2vec2(**BASE, **option))
