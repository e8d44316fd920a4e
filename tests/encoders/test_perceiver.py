"""Perceiver beside Hugging Face's with the same weights; how much it computes is counted."""

import pytest
import torch
import torch.nn.functional as F
from transformers import PerceiverConfig, PerceiverModel

from lecturelib.encoders import attention
from lecturelib.encoders.perceiver import Perceiver, attention_weights
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.published.weights import renamed
from tests.oracle import error, gradients, padded, push_back, randomise, same_gradients, unchecked

SIZES = {"dim": 12, "heads": 3, "depth": 2, "hidden": 24}
VARIANT = Variant(norm_first=True, final_norm=False, activation=F.gelu, dropout=0.0)
NAMES = {
    "embeddings.latents": "latents",
    "encoder.cross_attention.": "ask.",
    "encoder.self_attends.": "encoder.layers.",
    "attention.self.layernorm1": "add_attention.norm",
    "ask.attention.self.layernorm2": "norm_input",
    "attention.self.": "attention.",
    "attention.output.dense": "attention.out",
    ".layernorm.": ".add_feed_forward.norm.",
    "mlp.dense1": "feed_forward.widen",
    "mlp.dense2": "feed_forward.narrow",
}


def perceiver(variant: Variant = VARIANT) -> Perceiver:
    return randomise(Perceiver(latents=4, variant=variant, **SIZES))  # type: ignore[return-value]


def tokens(time: int = 9) -> torch.Tensor:
    rng = torch.Generator().manual_seed(1)
    return torch.randn(2, time, 12, dtype=torch.double, generator=rng)


@pytest.mark.parametrize("padding", [False, True])
def test_equals_hugging_face(padding):
    config = PerceiverConfig(
        num_latents=4,
        d_latents=12,
        d_model=12,
        num_blocks=1,
        num_self_attends_per_block=2,
        num_self_attention_heads=3,
        num_cross_attention_heads=3,
        cross_attention_widening_factor=2,
        self_attention_widening_factor=2,
        attention_probs_dropout_prob=0.0,
    )
    reference = randomise(PerceiverModel(config))
    ours, is_pad = perceiver(), padded([9, 6]) if padding else None
    ours.load_state_dict(renamed(reference.state_dict(), NAMES))
    keep = None if is_pad is None else (~is_pad).long()
    want = reference(inputs=tokens(), attention_mask=keep).last_hidden_state
    have = ours(tokens(), is_pad)
    assert error(have, want) < 1e-10
    push_back([want])
    push_back([have])
    same_gradients(ours, renamed(gradients(reference), NAMES))


def test_the_order_of_the_input_does_not_matter():
    """The latents ask a set: positions come from the front end."""
    ours, order = perceiver(), torch.randperm(9, generator=torch.Generator().manual_seed(0))
    assert error(ours(tokens()[:, order]), ours(tokens())) < 1e-12


def test_padding_is_not_asked():
    ours = perceiver()
    alone = ours(tokens()[1:, :6])
    assert error(ours(tokens(), padded([9, 6]))[1:], alone) < 1e-12


def test_the_weights_are_counted(monkeypatch):
    """Every softmax that is computed, against the formula."""
    sizes, real = [], attention.F.scaled_dot_product_attention

    def counted(q, k, v, **rest):
        sizes.append(q.shape[2] * k.shape[2])
        return real(q, k, v, **rest)

    monkeypatch.setattr(attention.F, "scaled_dot_product_attention", counted)
    perceiver()(tokens())
    assert sum(sizes) == attention_weights(time=9, depth=2, latents=4) == 4 * 9 + 2 * 4 * 4
    sizes.clear()
    Encoder(variant=VARIANT, **SIZES).double()(tokens())
    assert sum(sizes) == attention_weights(time=9, depth=2) == 2 * 9 * 9


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="norm_first=False: a Perceiver is pre-norm"):
        perceiver(Variant())
    with unchecked(), pytest.raises(ValueError, match="tokens have dim=11, this model"):
        perceiver()(tokens()[:, :, 1:])
    with pytest.raises(ValueError, match="may look at none of 9 keys"):
        perceiver()(tokens(), torch.tensor([[False] * 9, [True] * 9]))
