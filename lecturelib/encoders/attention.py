"""Attention: each position asks a question, and mixes what the others hold by how well they fit.

Two ways to the same numbers: `attend` is Equation 1, to be read; `MultiHeadAttention.mix` calls
PyTorch's fused kernel, to be fast. A test holds them equal.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lecturelib.shapes import Heads, IsPad, Tokens, Weights

Queries: TypeAlias = Float[Tensor, "batch heads query head_dim"]
Keys: TypeAlias = Float[Tensor, "batch heads key head_dim"]
Memory: TypeAlias = Float[Tensor, "batch key dim"]
Bias: TypeAlias = Float[Tensor, "#batch #heads #query #key"]
"""Added to the scores before the softmax: relative positions, or -inf where nobody may look."""


class AttentionTrace(NamedTuple):
    """Everything one attention computes. `heads`: what each gathered, before they are joined."""

    q: Queries
    k: Keys
    v: Keys
    weights: Weights
    heads: Queries
    out: Tokens


def attend(
    q: Queries,
    k: Keys,
    v: Keys,
    is_pad: Bool[Tensor, "batch key"] | None = None,
    bias: Bias | None = None,
) -> tuple[Queries, Weights]:
    """softmax(QK^T / sqrt(d)) V, Eq. 1 of Vaswani 2017. Nobody reads from a padded position.

    A query that may look nowhere gets NaN here, as the formula says; `score_bias` refuses it.

    >>> one = torch.ones(1, 1, 2, 4)
    >>> attend(one, one, one)[1]  # equal keys: attention is a plain average
    tensor([[[[0.5000, 0.5000],
              [0.5000, 0.5000]]]])
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if bias is not None:
        scores = scores + bias
    if is_pad is not None:
        scores = scores.masked_fill(is_pad[:, None, None, :], -math.inf)
    weights = scores.softmax(dim=-1)
    return weights @ v, weights


def causal_bias(query: int, key: int, like: Tensor) -> Bias:
    """A position may look at itself and back: -inf above the diagonal, [1, 1, query, key].

    The queries are the LAST positions among the keys, so it also serves a cache.
    """
    future = torch.full((query, key), -math.inf, dtype=like.dtype, device=like.device)
    return future.triu(1 + key - query)[None, None]


def score_bias(
    tokens: Tokens,
    is_pad: IsPad | None,
    bias: Float[Tensor, "..."] | None,
    shape: Sequence[int],
) -> Bias | None:
    """One thing to add to all scores: `bias`, and -inf where a key is padding; None for nothing.

    tokens   what is looked at; its dtype and device are used
    is_pad   [batch, time] True where a key is filler
    bias     [heads, query, key], with a batch axis before it if it differs by example
    shape    of the scores: batch, heads, query, key

    Raises ValueError where lengths disagree, on NaN or +inf in `bias`, and for a query that may
    look at no key at all (its softmax would be 0/0).
    """
    if is_pad is not None and is_pad.shape != tokens.shape[:2]:
        raise ValueError(
            f"is_pad is {list(is_pad.shape)}, tokens are {list(tokens.shape[:2])}: one flag a token"
        )
    if bias is not None:
        bias = checked_bias(bias, shape)
    if is_pad is not None:
        padding = torch.zeros(is_pad.shape, dtype=tokens.dtype, device=tokens.device)
        padding = padding.masked_fill(is_pad, -math.inf)[:, None, None, :]
        bias = padding if bias is None else bias + padding
    if bias is not None and (lost := (bias == -math.inf).all(-1)).any():
        row, _, query = lost.nonzero()[0].tolist()
        raise ValueError(
            f"query {query} of example {row} may look at none of {shape[3]} keys: "
            "leave it at least one (drop examples that are all padding)"
        )
    return bias


def checked_bias(bias: Float[Tensor, "..."], shape: Sequence[int]) -> Bias:
    """`bias` with four axes, or a ValueError that names both shapes."""
    bias = bias[(None,) * (4 - bias.ndim)]
    if bias.ndim != 4 or any(
        have not in (1, want) for have, want in zip(bias.shape, shape, strict=True)
    ):
        raise ValueError(f"bias is {list(bias.shape)}, scores are {list(shape)}: they do not fit")
    if not (bias < math.inf).all():
        raise ValueError("bias has NaN or +inf: finite numbers, or -inf where nobody may look")
    return bias


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each in its own small space (Section 3.2.2).

    `forward(x)` is self-attention; `forward(x, memory)` is cross-attention: x asks, memory answers.
    `dropout` forgets attention weights while training. `key_bias=False` leaves out the keys' bias
    (BEiT); it shifts all scores of a query alike, so the softmax never sees it.
    """

    def __init__(self, *, dim: int, heads: int, dropout: float = 0.0, key_bias: bool = True):
        super().__init__()
        if dim % heads:
            raise ValueError(
                f"dim={dim} does not split into heads={heads}: choose a divisor of dim"
            )
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim, bias=key_bias)
        self.value = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tokens, memory: Memory | None = None, bias: Bias | None = None) -> Tokens:
        """`bias` as `score_bias` gives it; padding and checks are done once, there."""
        memory = x if memory is None else memory
        return self.mix(self.queries(x), *self.keys_values(memory), bias)

    def trace(
        self, x: Tokens, memory: Memory | None = None, bias: Bias | None = None
    ) -> AttentionTrace:
        """What `forward` does, written out, every step kept. Attention dropout is left out."""
        memory = x if memory is None else memory
        q, (k, v) = self.queries(x), self.keys_values(memory)
        heads, weights = attend(q, k, v, bias=bias)
        return AttentionTrace(q, k, v, weights, heads, self.join(heads))

    def mix(self, q: Queries, k: Keys, v: Keys, bias: Bias | None = None) -> Tokens:
        """`attend` in PyTorch's fused kernel, then the heads joined."""
        heads = F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=None if bias is None else bias.to(q.dtype),
            dropout_p=self.dropout if self.training else 0.0,
        )
        return self.join(heads)

    def queries(self, x: Tokens) -> Heads:
        """What each position asks."""
        return self.split(self.query(x))

    def keys_values(self, memory: Tokens) -> tuple[Heads, Heads]:
        """What each position offers to be found by, and what it then gives."""
        return self.split(self.key(memory)), self.split(self.value(memory))

    def split(self, x: Tokens) -> Heads:
        """dim -> heads x head_dim."""
        return rearrange(x, "batch time (heads d) -> batch heads time d", heads=self.heads)

    def join(self, heads: Heads) -> Tokens:
        """All heads side by side again, and one linear layer over them."""
        return self.out(rearrange(heads, "batch heads time d -> batch time (heads d)"))
