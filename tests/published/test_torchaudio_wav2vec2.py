"""torchaudio's wav2vec 2.0, base and large, against ours, weights copied, in float64."""

import pytest
import torch
from torch import nn
from torchaudio.models import wav2vec2_model, wavlm_model
from torchaudio.models.wav2vec2.utils import import_huggingface_model
from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

from lecturelib.published import from_reference
from lecturelib.published.torchaudio_wav2vec2 import our_name
from tests.oracle import error, gradients, randomise, same_gradients
from tests.published.test_wav2vec2 import BASE, LARGE, RATES, SIZE, WAVES

PLAN = [(8, 5, 4), (8, 3, 2), (6, 2, 2)]
RATE = ["encoder_projection_dropout", "encoder_attention_dropout", "encoder_ff_interm_dropout"]
RATE += ["encoder_dropout", "encoder_layer_drop"]
LENGTHS = torch.tensor([203, 130])


def wav2vec2(*, large: bool, aux: int | None = None, **rates: float) -> nn.Module:
    sizes = dict.fromkeys(RATE, 0.0) | rates
    model = wav2vec2_model(
        extractor_mode="layer_norm" if large else "group_norm",
        extractor_conv_layer_config=PLAN,
        extractor_conv_bias=large,
        encoder_embed_dim=12,
        encoder_pos_conv_kernel=6,
        encoder_pos_conv_groups=2,
        encoder_num_layers=3,
        encoder_num_heads=3,
        encoder_ff_interm_features=20,
        encoder_layer_norm_first=large,
        aux_num_out=aux,
        **sizes,
    )
    return randomise(model)


@pytest.mark.parametrize("large", [True, False])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("lengths", [LENGTHS, None])
@pytest.mark.parametrize("aux", [5, None])
def test_outputs_and_gradients(large, training, lengths, aux):
    reference = wav2vec2(large=large, aux=aux).train(training)
    ours = from_reference(reference)
    assert ours.training == training
    (have, frames), (want, wanted) = (m(WAVES, lengths) for m in (ours, reference))
    if lengths is None:
        assert frames is None
        assert wanted is None
        frames = torch.tensor([12, 12])
    else:
        assert torch.equal(frames, wanted)
        assert frames.dtype == wanted.dtype
    is_pad = torch.arange(12) >= frames[:, None]
    assert error(have[~is_pad], want[~is_pad]) < 1e-10
    for out in (have, want):
        probe = torch.randn(out.shape, generator=torch.Generator().manual_seed(2)).double()
        (probe * out)[~is_pad].sum().backward()
    same_gradients(ours, {our_name(k, large): v for k, v in gradients(reference).items()})


def test_a_clip_too_short_for_a_frame_is_refused():
    ours = from_reference(wav2vec2(large=True))
    with pytest.raises(ValueError, match="query 0 of example 1 may look at none of 12 keys"):
        ours(WAVES, torch.tensor([203, 3]))


def test_dropout_rates_are_copied():
    rates = {name: 0.1 * (place + 1) for place, name in enumerate(RATE)}
    model = from_reference(wav2vec2(large=False, **rates)).model
    layer = model.encoder.layers[2]
    assert model.frontend.drop_latents.p == rates["encoder_projection_dropout"]
    assert layer.attention.dropout == rates["encoder_attention_dropout"]
    assert layer.feed_forward.drop.p == rates["encoder_ff_interm_dropout"]
    assert model.frontend.drop.p == layer.add_attention.drop.p == rates["encoder_dropout"]
    assert layer.add_feed_forward.drop.p == rates["encoder_dropout"]
    assert model.encoder.layer_drop == rates["encoder_layer_drop"]


def test_layer_drop_draws_as_the_reference():
    reference = wav2vec2(large=False, encoder_layer_drop=0.5).train()
    ours, found = from_reference(reference), set()
    for seed in range(8):
        outputs = []
        for m in (ours, reference):
            torch.manual_seed(seed)
            outputs.append(m(WAVES)[0])
        assert error(*outputs) < 1e-10
        found.add(round(outputs[0].sum().item(), 6))
    assert len(found) > 2


@pytest.mark.parametrize("kind", [BASE, LARGE])
def test_both_libraries_become_the_same_model(kind):
    """Hugging Face's weights, directly and by way of torchaudio."""
    rates = dict.fromkeys(RATES, 0.0)
    config = Wav2Vec2Config(**SIZE | rates | kind | {"mask_time_prob": 0.0, "vocab_size": 6})
    reference = randomise(Wav2Vec2ForCTC(config)).float().eval()  # torchaudio copies in float32
    other = import_huggingface_model(reference).eval().double()
    one, two = from_reference(reference.double()), from_reference(other)
    assert error(one(WAVES).logits, two(WAVES)[0]) < 1e-10
    have, want = one.model.state_dict(), two.model.state_dict()
    assert have.keys() == want.keys()


def test_another_attention_is_refused():
    """WavLM is built as the same class, with relative positions."""
    sizes = (12, 0.0, 6, 2, 2, 3, 8, 16, 0.0, 20, 0.0, 0.0, False, 0.0, None)
    model = wavlm_model("group_norm", PLAN, False, *sizes)
    with pytest.raises(ValueError, match="weights do not fit"):
        from_reference(model)
