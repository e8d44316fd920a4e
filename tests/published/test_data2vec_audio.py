"""Hugging Face's data2vec for sound against ours, weights copied, in float64."""

import copy

import pytest
import torch
from torch import nn
from transformers import Data2VecAudioConfig, Data2VecAudioModel

from lecturelib.frontends.waveform import StackedConvPositions
from lecturelib.published import from_reference
from lecturelib.published.data2vec import audio_name
from tests.oracle import error, gradients, padded, randomise, same_gradients

SIZE = {"hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3}
SIZE |= {"intermediate_size": 20, "conv_dim": [8, 8, 6], "conv_kernel": [5, 3, 2]}
SIZE |= {"conv_stride": [4, 2, 2], "conv_pos_kernel_size": 3, "num_conv_pos_embedding_groups": 2}
SIZE |= {"num_conv_pos_embeddings": 3}
RATES = ["hidden_dropout", "activation_dropout", "attention_dropout", "feat_proj_dropout"]
RATES += ["layerdrop", "mask_feature_prob"]
WAVES = torch.randn(2, 203, dtype=torch.double, generator=torch.Generator().manual_seed(0))
KEEP = (~padded([203, 120])).long()


def audio(**options) -> Data2VecAudioModel:
    config = Data2VecAudioConfig(**SIZE | dict.fromkeys(RATES, 0.0) | options)
    return randomise(Data2VecAudioModel(config))  # type: ignore[return-value]


def compare(reference, keep=None, hidden=None) -> None:
    """Outputs at frames that are data, and the gradients of every parameter."""
    ours = from_reference(reference)
    assert ours.training == reference.training
    is_pad = torch.zeros(2, 12).bool()
    if keep is not None:
        is_pad = ours.model.frontend.frame_pad(keep == 0)
        assert (~is_pad).sum(1).tolist() == [12, 7]
    results = []
    for m in (ours, reference):
        torch.manual_seed(7)
        results.append(m(WAVES, keep, hidden))
    have, want = results
    assert have._fields == ("last_hidden_state", "extract_features")
    assert error(have.last_hidden_state[~is_pad], want.last_hidden_state[~is_pad]) < 1e-10
    assert error(have.extract_features, want.extract_features) < 1e-10
    for out in (have, want):
        rng = torch.Generator().manual_seed(2)
        context = torch.randn(2, 12, 12, generator=rng).double() * out.last_hidden_state
        latents = torch.randn(2, 12, 6, generator=rng).double() * out.extract_features
        (context[~is_pad].sum() + latents.sum()).backward()
    unused = set() if hidden is not None else {"masked_spec_embed"}
    named = dict(reference.named_parameters()).keys()
    assert gradients(reference).keys() == named - unused
    same_gradients(ours, {audio_name(k): v for k, v in gradients(reference).items()})


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"conv_pos_kernel_size": 4, "num_conv_pos_embeddings": 1},
        {"conv_bias": True, "layer_norm_eps": 0.1, "hidden_act": "relu"},
        {"conv_pos_kernel_size": 19, "num_conv_pos_embeddings": 5},
    ],
)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("keep", [KEEP, None])
@pytest.mark.parametrize("hiding", [True, False])
def test_outputs_and_gradients(options, training, keep, hiding):
    """mask_time_prob > 0 makes the reference own a mask vector; given a mask, it draws none."""
    reference = audio(**options, mask_time_prob=0.05 if hiding else 0.0).train(training)
    hidden = torch.rand(2, 12, generator=torch.Generator().manual_seed(1)) < 0.4 if hiding else None
    compare(reference, keep, hidden)


@pytest.mark.parametrize("rate", RATES[:4])
def test_the_same_seed_drops_the_same(rate):
    compare(audio(**{rate: 0.3}, mask_time_prob=0.0).train(), KEEP)


def test_layer_drop_draws_as_the_reference():
    """The same seed skips the same layers."""
    reference = audio(layerdrop=0.5, mask_time_prob=0.0).train()
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
    reference = audio(apply_spec_augment=False)
    hidden = torch.ones(2, 12).bool()
    have, want = (m(WAVES, None, hidden) for m in (from_reference(reference), reference))
    assert error(have.last_hidden_state, want.last_hidden_state) < 1e-10


def test_the_positions_are_the_papers():
    """Five convolutions of 19 frames in 16 groups: the original's defaults."""
    config = Data2VecAudioConfig(
        hidden_size=32, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8
    )
    positions = from_reference(Data2VecAudioModel(config)).model.frontend.positions
    assert isinstance(positions, StackedConvPositions)
    plain = StackedConvPositions(dim=32)
    assert [str(layer) for layer in positions.layers] == [str(layer) for layer in plain.layers]
    assert len(plain.layers) == 5
    assert {(layer.kernel_size, layer.groups) for layer in plain.layers} == {((19,), 16)}


def test_dropout_rates_are_copied():
    rates = {name: 0.1 * (place + 1) for place, name in enumerate(RATES[:5])}
    model = from_reference(audio(**rates)).model
    layer = model.encoder.layers[2]
    assert model.frontend.drop.p == layer.add_attention.drop.p == rates["hidden_dropout"]
    assert layer.add_feed_forward.drop.p == rates["hidden_dropout"]
    assert layer.feed_forward.drop.p == rates["activation_dropout"]
    assert layer.attention.dropout == rates["attention_dropout"]
    assert model.frontend.drop_latents.p == rates["feat_proj_dropout"]
    assert model.encoder.layer_drop == rates["layerdrop"]


def test_the_reference_is_not_touched():
    reference = audio()
    before = copy.deepcopy(reference.state_dict())
    ours = from_reference(reference)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.add_(1.0)
    assert all(torch.equal(before[key], value) for key, value in reference.state_dict().items())


@pytest.mark.parametrize("option", [{"add_adapter": True}, {"feat_extract_activation": "relu"}])
def test_options_that_ours_does_not_have(option):
    with pytest.raises(ValueError, match="is not supported, only"):
        from_reference(audio(**option))


def test_keys_that_do_not_fit_are_named():
    reference = audio()
    reference.encoder.pos_conv_embed.layers[1].layer_norm = nn.LayerNorm(12)
    with pytest.raises(ValueError, match=r"left over \['model.frontend.positions.layers.1"):
        from_reference(reference)
    reference = audio()
    reference.encoder.pos_conv_embed.layers[1].conv.bias = None
    missing = r"missing in the reference \['model.frontend.positions.layers.1.bias'\]"
    with pytest.raises(ValueError, match=missing):
        from_reference(reference)
