"""Equation 1 three ways: by loops, by `attend`, by PyTorch."""

import doctest
import math

import pytest
import torch
import torch.nn.functional as F

from lecturelib.encoders import attention
from lecturelib.encoders.attention import MultiHeadAttention, attend, causal_bias, score_bias
from tests.oracle import error, padded, randomise, unchecked


def qkv(time: int = 5, source: int = 7):
    torch.manual_seed(0)
    q = torch.randn(2, 3, time, 4, dtype=torch.double)
    k, v = torch.randn(2, 2, 3, source, 4, dtype=torch.double)
    return q, k, v


def loops(q, k, v, is_pad, bias):
    """One example, head and query at a time, in plain Python floats."""
    out, weights = torch.zeros_like(q), torch.zeros(*q.shape[:3], k.shape[2], dtype=q.dtype)
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            for i in range(q.shape[2]):
                raised = {}
                for j in range(k.shape[2]):
                    if not is_pad[b, j]:
                        dot = sum((q[b, h, i] * k[b, h, j]).tolist()) / math.sqrt(q.shape[3])
                        raised[j] = math.exp(dot + bias[b, h, i, j].item())
                for j, e in raised.items():
                    weights[b, h, i, j] = e / sum(raised.values())
                    out[b, h, i] += weights[b, h, i, j] * v[b, h, j]
    return out, weights


def test_attend_is_equation_1_by_loops():
    q, k, v = qkv()
    is_pad, bias = padded([7, 4]), torch.randn(2, 3, 5, 7, dtype=torch.double)
    for ours, want in zip(attend(q, k, v, is_pad, bias), loops(q, k, v, is_pad, bias), strict=True):
        assert error(ours, want) < 1e-12


def test_attend_equals_the_fused_kernel():
    q, k, v = qkv()
    is_pad, bias = padded([7, 4]), torch.randn(2, 3, 5, 7, dtype=torch.double)
    mask = bias.masked_fill(is_pad[:, None, None], -math.inf)
    want = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    assert error(attend(q, k, v, is_pad, bias)[0], want) < 1e-12


def test_scale_keeps_the_spread_of_scores():
    """Why divide by sqrt(d): dot products of d random numbers have variance d, scores have 1."""
    torch.manual_seed(0)
    q, k = torch.randn(2, 1, 1, 400, 256)
    weights = attend(q, k, k)[1]
    spread = weights.log().var(-1).mean()  # log weights = scores - a constant a row
    assert 0.95 < spread < 1.05


@pytest.mark.parametrize("is_cross", [False, True])
def test_trace_of_attention_equals_forward(is_cross):
    layer = randomise(MultiHeadAttention(dim=12, heads=3))
    x = torch.randn(2, 5, 12, dtype=torch.double)
    memory = torch.randn(2, 7, 12, dtype=torch.double) if is_cross else None
    keys = x if memory is None else memory
    bias = score_bias(keys, padded([keys.shape[1], 3]), None, (2, 3, 5, keys.shape[1]))
    seen = layer.trace(x, memory, bias)
    assert error(seen.out, layer(x, memory, bias)) < 1e-12
    assert error(seen.weights.sum(-1), torch.ones(2, 3, 5, dtype=torch.double)) < 1e-12
    assert (seen.weights[1, :, :, 3:] == 0).all()
    assert error(seen.heads, seen.weights @ seen.v) < 1e-12


def test_dropout_forgets_weights_only_in_train_mode():
    layer = MultiHeadAttention(dim=8, heads=2, dropout=0.5)
    x = torch.randn(1, 6, 8)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))


def test_key_bias_never_reaches_the_output():
    """A key bias adds the same number to all scores of a query; that is why BEiT leaves it out."""
    layer = randomise(MultiHeadAttention(dim=8, heads=2))
    without = MultiHeadAttention(dim=8, heads=2, key_bias=False).double()
    assert without.key.bias is None
    without.load_state_dict({k: v for k, v in layer.state_dict().items() if k != "key.bias"})
    x = torch.randn(2, 5, 8, dtype=torch.double)
    assert error(without(x), layer(x)) < 1e-12


@pytest.mark.parametrize(("query", "key"), [(4, 4), (2, 5), (1, 3)])
def test_causal_bias_opens_the_past_only(query, key):
    bias = causal_bias(query, key, torch.zeros(1))[0, 0]
    for i in range(query):
        for j in range(key):
            assert bias[i, j].item() == (0.0 if j <= key - query + i else -math.inf)


def test_score_bias_joins_padding_and_bias():
    keys, bias = torch.zeros(2, 3, 4), torch.randn(2, 3, 3)
    joined = score_bias(keys, padded([3, 1]), bias, (2, 2, 3, 3))
    assert joined is not None
    assert torch.equal(joined[0], bias)
    assert torch.equal(joined[1, :, :, 0], bias[:, :, 0])
    assert (joined[1, :, :, 1:] == -math.inf).all()
    assert score_bias(keys, None, None, (2, 2, 3, 3)) is None


@pytest.mark.parametrize(
    ("is_pad", "bias", "message"),
    [
        (torch.zeros(2, 4, dtype=torch.bool), None, r"is_pad is \[2, 4\], tokens are \[2, 3\]"),
        (torch.zeros(1, 3, dtype=torch.bool), None, r"is_pad is \[1, 3\], tokens are \[2, 3\]"),
        (padded([3, 3]) | torch.tensor([[False], [True]]), None, "query 0 of example 1 .* 3 keys"),
        (None, torch.zeros(2, 3, 4), r"bias is \[1, 2, 3, 4\], scores are \[2, 2, 3, 3\]"),
        (None, torch.zeros(5, 3, 3), r"bias is \[1, 5, 3, 3\], scores are \[2, 2, 3, 3\]"),
        (None, torch.zeros(1, 2, 2, 3, 3), r"bias is \[1, 2, 2, 3, 3\], scores"),
        (None, torch.full((2, 3, 3), math.nan), "bias has NaN"),
        (None, torch.full((2, 3, 3), math.inf), r"or \+inf"),
    ],
)
def test_score_bias_refuses(is_pad, bias, message):
    with unchecked(), pytest.raises(ValueError, match=message):
        score_bias(torch.zeros(2, 3, 4), is_pad, bias, (2, 2, 3, 3))


def test_padding_and_bias_together_may_leave_nothing():
    """Neither alone blocks the last query, both do."""
    bias = torch.zeros(1, 3, 3)
    bias[0, 2, :2] = -math.inf
    keys = torch.zeros(1, 3, 4)
    assert score_bias(keys, None, bias, (1, 1, 3, 3)) is not None
    with pytest.raises(ValueError, match="query 2 of example 0 may look at none"):
        score_bias(keys, padded([2, 3])[:1], bias, (1, 1, 3, 3))


def test_the_example_in_the_docstring():
    results = doctest.testmod(attention)
    assert (results.attempted, results.failed) == (2, 0)


def test_heads_must_divide_dim():
    with pytest.raises(ValueError, match="dim=30 does not split into heads=4"):
        MultiHeadAttention(dim=30, heads=4)
