"""PyTorch's layers against ours, weights copied, in float64: outputs 1e-10, gradients 1e-8."""

import pytest
import torch
from torch import nn

from lecturelib.published import from_reference
from lecturelib.published.torch_layers import ATTENTION, DECODER, ENCODER
from lecturelib.published.weights import renamed, split_projections
from tests.oracle import error, gradients, padded, randomise, same_gradients, unchecked

IS_PAD, IS_MEMORY_PAD = padded([6, 4]), padded([7, 3])
FUTURE = torch.ones(6, 6).triu(1).bool()


def x(time: int = 6, dim: int = 12, batch_first: bool = True) -> torch.Tensor:
    rng = torch.Generator().manual_seed(time)
    made = torch.randn(2, time, dim, dtype=torch.double, generator=rng)
    return made if batch_first else made.transpose(0, 1)


def layer(kind: type[nn.Module], **options) -> nn.Module:
    return randomise(kind(12, 3, 20, **{"dropout": 0.0, "batch_first": True} | options))


def compare(reference: nn.Module, names: dict, call, seen=None) -> None:
    """Outputs (at positions `seen`) and all gradients of a random sum of them."""
    ours = from_reference(reference)
    have, want = call(ours), call(reference)
    if seen is not None:
        have, want = have[seen], want[seen]
    assert error(have, want) < 1e-10
    probe = torch.randn(want.shape, dtype=torch.double, generator=torch.Generator().manual_seed(9))
    for out in (have, want):
        (probe * out).sum().backward()
    theirs = renamed(split_projections(gradients(reference)), names)
    same_gradients(ours.model, theirs)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("is_pad", [IS_MEMORY_PAD, None])
def test_multihead_attention(training, batch_first, is_pad):
    reference = randomise(nn.MultiheadAttention(12, 3, batch_first=batch_first)).train(training)
    query, key, value = (
        x(6, batch_first=batch_first),
        *(x(7, batch_first=batch_first) for _ in "kv"),
    )
    value = value.flip(-1)
    compare(reference, ATTENTION, lambda m: m(query, key, value, is_pad)[0])
    ours, theirs = (m(query, key, value, is_pad)[1] for m in (from_reference(reference), reference))
    assert error(ours, theirs) < 1e-10
    by_head = {"need_weights": True, "average_attn_weights": False, "key_padding_mask": is_pad}
    ours, theirs = (
        m(query, key, value, **by_head)[1] for m in (from_reference(reference), reference)
    )
    assert error(ours, theirs) < 1e-10
    assert from_reference(reference)(query, key, value, need_weights=False)[1] is None


@pytest.mark.parametrize("options", [{"bias": False}, {"kdim": 5, "vdim": 9}])
def test_multihead_attention_options(options):
    reference = randomise(nn.MultiheadAttention(12, 3, batch_first=True, **options))
    key, value = x(7, options.get("kdim", 12)), x(7, options.get("vdim", 12))
    compare(reference, ATTENTION, lambda m: m(x(), key, value)[0])


@pytest.mark.parametrize("form", ["bool", "float", "by head"])
def test_multihead_attention_masks(form):
    reference = randomise(nn.MultiheadAttention(12, 3, batch_first=True))
    mask = {
        "bool": FUTURE,
        "float": torch.randn(6, 6, dtype=torch.double),
        "by head": torch.randn(6, 6, 6, dtype=torch.double),
    }[form]
    compare(reference, ATTENTION, lambda m: m(x(), x(), x(), attn_mask=mask)[0])


@pytest.mark.parametrize("options", [{}, {"norm_first": True}, {"activation": "gelu"}])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("is_pad", [IS_PAD, None])
def test_encoder_layer(options, training, is_pad):
    reference = layer(nn.TransformerEncoderLayer, **options).train(training)
    seen = slice(None) if is_pad is None else ~is_pad
    compare(reference, ENCODER, lambda m: m(x(), src_key_padding_mask=is_pad), seen)


@pytest.mark.parametrize(
    "options", [{"batch_first": False}, {"bias": False}, {"layer_norm_eps": 0.1}]
)
def test_encoder_layer_options(options):
    reference = layer(nn.TransformerEncoderLayer, **options)
    src = x(batch_first=options.get("batch_first", True))
    compare(reference, ENCODER, lambda m: m(src, FUTURE, is_causal=True))


def test_encoder_layer_against_the_fast_path():
    """eval() without gradients runs another PyTorch kernel."""
    reference = layer(nn.TransformerEncoderLayer).eval()
    with torch.no_grad():
        have, want = (m(x(), None, IS_PAD) for m in (from_reference(reference), reference))
    assert error(have[~IS_PAD], want[~IS_PAD]) < 1e-10


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_encoder_stack(norm_first, norm, training):
    block = layer(nn.TransformerEncoderLayer, norm_first=norm_first)
    last = nn.LayerNorm(12, eps=1e-3) if norm else None
    stack = nn.TransformerEncoder(block, 3, last, enable_nested_tensor=False)
    reference = randomise(stack).train(training)
    compare(reference, ENCODER, lambda m: m(x(), src_key_padding_mask=IS_PAD), ~IS_PAD)


def test_encoder_stack_masks():
    block = layer(nn.TransformerEncoderLayer, batch_first=False)
    reference = randomise(nn.TransformerEncoder(block, 2, enable_nested_tensor=False))
    mask = torch.randn(6, 6, dtype=torch.double)
    compare(reference, ENCODER, lambda m: m(x(batch_first=False), mask))


@pytest.mark.parametrize("options", [{}, {"norm_first": True}, {"bias": False}])
@pytest.mark.parametrize("training", [True, False])
def test_decoder_layer(options, training):
    reference = layer(nn.TransformerDecoderLayer, **options).train(training)
    pads = {"tgt_key_padding_mask": IS_PAD, "memory_key_padding_mask": IS_MEMORY_PAD}
    call = lambda m: m(x(), x(7), FUTURE, tgt_is_causal=True, **pads)  # noqa: E731
    compare(reference, DECODER, call, ~IS_PAD)


def test_decoder_layer_is_causal_only_when_told():
    reference = layer(nn.TransformerDecoderLayer, batch_first=False)
    across = torch.randn(6, 7, dtype=torch.double)
    tgt, memory = x(batch_first=False), x(7, batch_first=False)
    compare(reference, DECODER, lambda m: m(tgt, memory, memory_mask=across))


def test_dropout_rates_are_copied():
    reference = layer(nn.TransformerDecoderLayer, dropout=0.25)
    model = from_reference(reference).model
    assert model.attention.dropout == model.cross.dropout == 0.25
    rates = [model.add_attention, model.add_cross, model.add_feed_forward, model.feed_forward]
    assert [part.drop.p for part in rates] == [0.25] * 4
    assert from_reference(nn.MultiheadAttention(12, 3, 0.4)).model.dropout == 0.4


def test_bad_input():
    attention = from_reference(nn.MultiheadAttention(12, 3, batch_first=True).double())
    encoder = from_reference(layer(nn.TransformerEncoderLayer))
    decoder = from_reference(layer(nn.TransformerDecoderLayer))
    for call, message in [
        (lambda: attention(x(), x(7), x(6)), r"are \[\[2, 6, 12\], \[2, 7, 12\], \[2, 6, 12\]\]"),
        (lambda: attention(x(), x(7)[:1], x(7)[:1]), "batches or lengths disagree"),
        (
            lambda: attention(x(), x(7), x(7), IS_PAD),
            r"key_padding_mask is \[2, 6\], keys are \[2, 7\]",
        ),
        (lambda: attention(x(), x(), x(), padded([6, 0])), "query 0 of example 1 may look at none"),
        (lambda: attention(x(), x(), x(), is_causal=True), "pass the causal mask as well"),
        (lambda: encoder(x(dim=8)), "tokens have dim=8, this model was built with dim=12"),
        (lambda: encoder(x() / 0), r"NaN or infinity in examples \[0, 1\]"),
        (
            lambda: encoder(x(), FUTURE[:5, :5]),
            r"bias is \[1, 1, 5, 5\], scores are \[2, 3, 6, 6\]",
        ),
        (
            lambda: encoder(x(), torch.zeros(4, 6, 6)),
            r"mask is \[4, 6, 6\], scores are \[2, 3, 6, 6\]",
        ),
        (lambda: decoder(x(), x(7)[:1]), "tgt has 2 examples, memory has 1"),
    ]:
        with unchecked(), pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize("option", ["add_bias_kv", "add_zero_attn"])
def test_options_that_ours_does_not_have(option):
    with pytest.raises(ValueError, match="is not supported, only"):
        from_reference(nn.MultiheadAttention(12, 3, **{option: True}))


def test_a_stack_of_other_layers():
    block = nn.TransformerEncoder(layer(nn.TransformerEncoderLayer), 1, enable_nested_tensor=False)
    block.layers[0] = nn.Linear(12, 12)
    with pytest.raises(TypeError, match=r"a stack of Linear: only nn\.TransformerEncoderLayer"):
        from_reference(block)


def test_another_norm_at_the_end():
    block = layer(nn.TransformerEncoderLayer)
    with pytest.raises(ValueError, match=r"norm=RMSNorm.* is not supported"):
        from_reference(nn.TransformerEncoder(block, 1, nn.RMSNorm(12), enable_nested_tensor=False))
