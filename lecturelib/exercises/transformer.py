"""Exercises of notebook 04, with the typical slips."""

import math
from functools import wraps

import torch
from torch import Generator, Tensor, nn

from lecturelib.decoding.sequences import only_end
from lecturelib.encoders.attention import MultiHeadAttention, attend, causal_bias
from lecturelib.encoders.transformer import AddNorm, Variant
from lecturelib.exercises import Exercise
from lecturelib.frontends.words import sinusoids

INF = math.inf


@wraps(attend)  # so that solution("attend") prints the library's own
def mixture(q: Tensor, k: Tensor, v: Tensor, is_pad: Tensor) -> Tensor:
    """What attention gives; the weights are left out."""
    return attend(q, k, v, is_pad)[0]


def questions(rng: Generator) -> list[tuple]:
    """Two words, none padded; then two heads, fewer queries than keys, and padding."""
    one = [torch.randn(1, 1, 2, 4, generator=rng) for _ in range(3)]
    q = torch.randn(2, 2, 3, 4, generator=rng)
    k, v = (torch.randn(2, 2, 5, 4, generator=rng) for _ in range(2))
    is_pad = torch.tensor([[False] * 5, [False, False, True, True, True]])
    return [(*one, torch.zeros(1, 2, dtype=torch.bool)), (q, k, v, is_pad)]


def mix(scores: Tensor, v: Tensor, is_pad: Tensor, axis: int = -1) -> Tensor:
    """Softmax and weighted sum of scores that may be wrong."""
    return scores.masked_fill(is_pad[:, None, None, :], -INF).softmax(axis) @ v


def products(q: Tensor, k: Tensor) -> Tensor:
    """QK^T."""
    return q @ k.transpose(-2, -1)


def lengths(rng: Generator) -> list[tuple]:
    """Two words, four words, then two new ones after three that are cached; then any."""
    like = torch.zeros(())
    new, cached = torch.randint(1, 9, (2,), generator=rng).tolist()
    return [(2, 2, like), (4, 4, like), (2, 5, like), (new, new + cached, like)]


def clocks(rng: Generator) -> list[tuple]:
    """Two positions and one clock; then more, and any."""
    some = torch.randint(1000, (6,), generator=rng)
    return [(torch.arange(2), 2), (torch.arange(3), 4), (torch.arange(7, 12), 8), (some, 12)]


def angles(positions: Tensor, dim: int, power: float = 1.0) -> Tensor:
    """pos / 10000^(2i/dim)."""
    channel = torch.arange(0, dim, 2, dtype=torch.float64)
    return positions.double()[:, None] / 10000 ** (power * channel / dim)


def wide(rng: Generator) -> list[tuple]:
    """One word of four channels, then a batch."""
    two = MultiHeadAttention(dim=4, heads=2)
    three = MultiHeadAttention(dim=6, heads=3)
    return [
        (two, torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])),
        (three, torch.randn(2, 5, 6, generator=rng)),
    ]


def additions(rng: Generator) -> list[tuple]:
    """Post-norm, then pre-norm; gains that are not 1."""
    cases = []
    for norm_first in (False, True):
        add = AddNorm(3, Variant(norm_first=norm_first, dropout=0.0))
        nn.init.constant_(add.norm.weight, 2.0)
        x, change = (torch.randn(1, 2, 3, generator=rng) for _ in range(2))
        cases.append((add, x, change))
    return cases


def beams(rng: Generator) -> list[tuple]:
    """A running row and a finished one, three tokens; then more."""
    log_p = torch.randn(2, 3, generator=rng).log_softmax(-1)
    many = torch.randn(4, 5, generator=rng).log_softmax(-1)
    return [
        (log_p, torch.tensor([False, True]), 2),
        (many, torch.tensor([True, False, False, True]), 0),
    ]


EXERCISES = {
    "attend": Exercise(
        mixture,
        questions,
        {
            "Divide by sqrt(d), else the softmax saturates": lambda q, k, v, p: mix(
                products(q, k), v, p
            ),
            "The square root is missing: sqrt(d), not d": lambda q, k, v, p: mix(
                products(q, k) / q.shape[-1], v, p
            ),
            "d is the width of a key, not the number of keys": lambda q, k, v, p: mix(
                products(q, k) / math.sqrt(k.shape[-2]), v, p
            ),
            "Softmax over the keys (last axis): each query's weights sum to 1": lambda q, k, v, p: (
                mix(products(q, k) / math.sqrt(q.shape[-1]), v, p, axis=-2)
            ),
            "Padded keys are read too: their scores must be -inf": lambda q, k, v, p: mix(
                products(q, k) / math.sqrt(q.shape[-1]), v, torch.zeros_like(p)
            ),
            "You mix the keys; the values are what is handed out": lambda q, k, v, p: mix(
                products(q, k) / math.sqrt(q.shape[-1]), k, p
            ),
        },
    ),
    "causal_bias": Exercise(
        causal_bias,
        lengths,
        {
            "A position may look at itself: start one above the diagonal": lambda q, k, like: (
                torch.full((q, k), -INF).triu(k - q)[None, None]
            ),
            "Upside down: that hides the past and shows the future": lambda q, k, like: torch.full(
                (q, k), -INF
            ).tril(k - q - 1)[None, None],
            "Scores are added to: 0 to allow, -inf to forbid, not 1": lambda q, k, like: torch.ones(
                q, k
            ).triu(1 + k - q)[None, None],
            "The queries are the LAST of the keys: shift by key - query": lambda q, k, like: (
                torch.full((q, k), -INF).triu(1)[None, None]
            ),
        },
    ),
    "sinusoids": Exercise(
        sinusoids,
        clocks,
        {
            "Sines and cosines take turns: channel 2i sine, 2i+1 cosine": lambda p, d: torch.cat(
                [angles(p, d).sin(), angles(p, d).cos()], 1
            ),
            "The exponent is 2i/dim: the channel number, not half of it": lambda p, d: torch.stack(
                [angles(p, d, 0.5).sin(), angles(p, d, 0.5).cos()], -1
            ).flatten(1),
            "Cosine first? Channel 0 is a sine: 0 at position 0": lambda p, d: torch.stack(
                [angles(p, d).cos(), angles(p, d).sin()], -1
            ).flatten(1),
        },
    ),
    "split": Exercise(
        MultiHeadAttention.split,
        wide,
        {
            "The channels of a head lie side by side: (heads d), not (d heads)": lambda a, x: (
                x.unflatten(-1, (-1, a.heads)).permute(0, 3, 1, 2)
            ),
            "Heads come before time: [batch, heads, time, d]": lambda a, x: x.unflatten(
                -1, (a.heads, -1)
            ),
            "A view mixes time into the heads: split the last axis, then move it": lambda a, x: (
                x.reshape(len(x), a.heads, x.shape[1], -1)
            ),
        },
    ),
    "leave": Exercise(
        AddNorm.leave,
        additions,
        {
            "The residual is missing: add x": lambda a, x, c: c if a.norm_first else a.norm(c),
            "Post-norm normalises the SUM, not only what is added": lambda a, x, c: (
                x + c if a.norm_first else x + a.norm(c)
            ),
            "With norm_first the norm stood at the entrance; here comes none": lambda a, x, c: (
                a.norm(x + c)
            ),
            "Post-norm: LayerNorm after the sum is missing": lambda a, x, c: x + c,
        },
    ),
    "only_end": Exercise(
        only_end,
        beams,
        {
            "A finished row repeats its end for free: log 1 = 0": lambda p, done, end: (
                p.masked_fill(done[:, None], -INF)
            ),
            "Everything but the end is impossible in a finished row": lambda p, done, end: (
                p.index_put((done.nonzero()[:, 0], torch.tensor(end)), torch.tensor(0.0))
            ),
            "Rows that still grow keep all their scores": lambda p, done, end: torch.full_like(
                p, -INF
            ).index_fill(1, torch.tensor([end]), 0.0),
        },
    ),
}
