"""The decoder: never sees the future, and a cache changes nothing but the time."""

import pytest
import torch
from torch import nn

from lecturelib.encoders.decoder import Decoder
from lecturelib.encoders.transformer import Variant
from tests.oracle import error, padded, randomise, unchecked

PRE, POST = Variant(norm_first=True, dropout=0.0), Variant(dropout=0.0)
variants = pytest.mark.parametrize("variant", [PRE, POST])


def decoder(variant: Variant = POST) -> Decoder:
    built = Decoder(dim=12, heads=3, depth=2, hidden=20, variant=variant)
    return randomise(built)  # type: ignore[return-value]


def inputs():
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(2, 5, 12, dtype=torch.double, generator=rng)
    return x, torch.randn(2, 7, 12, dtype=torch.double, generator=rng), padded([7, 4])


@variants
def test_equals_nn_transformer_decoder(variant):
    ours, (x, memory, is_pad) = decoder(variant), inputs()
    layer = nn.TransformerDecoderLayer(
        12, 3, 20, dropout=0.0, batch_first=True, norm_first=variant.norm_first
    )
    norm = nn.LayerNorm(12) if variant.norm_first else None
    reference = nn.TransformerDecoder(layer, 2, norm).double()
    reference.load_state_dict({name: theirs(ours, name) for name in reference.state_dict()})
    future = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.double)
    blocked = torch.zeros(2, 7, dtype=torch.double).masked_fill(is_pad, -torch.inf)
    want = reference(x, memory, future, memory_key_padding_mask=blocked, tgt_is_causal=True)
    assert error(ours(x, memory, None, is_pad), want) < 1e-10


def theirs(ours: Decoder, name: str) -> torch.Tensor:
    """PyTorch's weight of that name, read out of our decoder."""
    if name.startswith("norm."):
        return ours.get_parameter(name)
    _, number, part, *rest = name.split(".")
    block = ours.layers[int(number)]
    module = {"self_attn": block.attention, "multihead_attn": block.cross}.get(part)
    if module is None:
        return {
            "linear1": block.feed_forward.widen,
            "linear2": block.feed_forward.narrow,
            "norm1": block.add_attention.norm,
            "norm2": block.add_cross.norm,
            "norm3": block.add_feed_forward.norm,
        }[part].get_parameter(rest[0])
    if rest[0] == "out_proj":
        return module.out.get_parameter(rest[1])
    kind = rest[0].removeprefix("in_proj_")
    return torch.cat([getattr(m, kind) for m in (module.query, module.key, module.value)])


@variants
def test_no_position_sees_a_later_one(variant):
    model, (x, memory, is_pad) = decoder(variant), inputs()
    before = model(x, memory, None, is_pad)
    x[:, 3:] = x[:, 3:].flip(-1)
    after = model(x, memory, None, is_pad)
    assert torch.equal(before[:, :3], after[:, :3])
    assert error(after[:, 3:], before[:, 3:]) > 1e-3


@variants
@pytest.mark.parametrize("pieces", [[1, 1, 1, 1, 1], [2, 1, 2], [3, 2]])
def test_cached_steps_equal_teacher_forcing(variant, pieces):
    model, (x, memory, is_pad) = decoder(variant), inputs()
    cache, found = model.start(memory, is_pad), []
    for piece in x.split(pieces, dim=1):
        context, cache = model.step(piece, cache)
        found.append(context)
    assert cache.length == 5
    assert error(torch.cat(found, 1), model(x, memory, None, is_pad)) < 1e-12


@variants
def test_trace_equals_forward(variant):
    model, (x, memory, is_pad) = decoder(variant), inputs()
    seen = model.trace(x, memory, padded([5, 3]), is_pad)
    assert error(seen.context, model(x, memory, padded([5, 3]), is_pad)) < 1e-12
    ones = torch.ones(2, 3, 5, dtype=torch.double)
    for layer in seen.layers:
        assert error(layer.cross.weights.sum(-1), ones) < 1e-12
        assert (layer.cross.weights[1, :, :, 4:] == 0).all()  # the source's padding
        assert (layer.attention.weights.triu(1) == 0).all()  # the future
        assert (layer.attention.weights[1, :, :, 3:] == 0).all()  # the target's padding


@variants
def test_a_padded_batch_equals_one_by_one(variant):
    model, (x, memory, is_memory_pad) = decoder(variant), inputs()
    together = model(x, memory, padded([5, 3]), is_memory_pad)
    alone = model(x[1:, :3], memory[1:, :4])
    assert error(together[1:, :3], alone) < 1e-12


def test_select_moves_whole_examples():
    model, (x, memory, is_pad) = decoder(), inputs()
    _, cache = model.step(x[:, :3], model.start(memory, is_pad))
    order = torch.tensor([1, 1, 0])
    moved, _ = model.step(x[order, 3:], cache.select(order))
    straight, _ = model.step(x[:, 3:], cache)
    assert error(moved, straight[order]) < 1e-12


def test_bad_input():
    model, (x, memory, _) = decoder(), inputs()
    nan = memory.clone()
    nan[0, 0, 0] = torch.nan
    for call, message in [
        (lambda: model(x[..., :8], memory), "tokens have dim=8, this model was built with dim=12"),
        (lambda: model(x, nan), r"NaN or infinity in examples \[0\]"),
        (lambda: model(x[:1], memory), "tokens have 1 examples, memory has 2"),
        (lambda: model.trace(x[:1], memory), "tokens have 1 examples, memory has 2"),
        (lambda: model(x, memory, None, padded([7, 0])), "query 0 of example 1 .* none of 7 keys"),
        (lambda: model(x, memory, padded([4, 4])), r"is_pad is \[2, 4\], tokens are \[2, 5\]"),
        (lambda: model(x, memory, ~padded([5, 2])), "query 0 of example 0 may look at none"),
    ]:
        with unchecked(), pytest.raises(ValueError, match=message):
            call()
    _, cache = model.step(x[:, :2], model.start(memory))
    with pytest.raises(ValueError, match="is_pad after 2 cached tokens"):
        model.step(x[:, 2:], cache, padded([3, 2]))


def test_heads_must_divide_dim():
    with pytest.raises(ValueError, match="dim=30 does not split into heads=4"):
        Decoder(dim=30, heads=4, depth=1, hidden=8, variant=POST)
