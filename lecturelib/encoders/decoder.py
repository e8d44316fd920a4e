"""The decoder: writes one token after another, looking back at itself and across at the source.

Keys and values of what was written are kept in a `Cache`. Teacher forcing is one long step from an
empty cache, so training and generating run the same lines.
"""

from typing import Any, NamedTuple, TypeAlias

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lecturelib.encoders.attention import (
    AttentionTrace,
    Bias,
    MultiHeadAttention,
    causal_bias,
    score_bias,
)
from lecturelib.encoders.transformer import AddNorm, FeedForward, Variant, check_tokens
from lecturelib.shapes import Heads, IsPad, Tokens

Memory: TypeAlias = Float[Tensor, "batch source dim"]
MemoryBias: TypeAlias = Float[Tensor, "#batch #heads #query #source"]


class LayerCache(NamedTuple):
    """What one layer need not compute again: its own past, and the source seen through its eyes."""

    k: Heads
    v: Heads
    memory_k: Heads
    memory_v: Heads

    def append(self, k: Heads, v: Heads) -> "LayerCache":
        """The past grows by the new tokens; the source stays."""
        return self._replace(k=torch.cat([self.k, k], dim=2), v=torch.cat([self.v, v], dim=2))


class Cache(NamedTuple):
    """All layers' past, and -inf where the source is padding."""

    layers: list[LayerCache]
    memory_bias: MemoryBias | None

    @property
    def length(self) -> int:
        """Tokens written so far."""
        return self.layers[0].k.shape[2]

    def select(self, rows: Int[Tensor, " rows"]) -> "Cache":
        """The cache of these examples in this order: beam search keeps, copies and drops them."""
        layers = [LayerCache(*(kept[rows] for kept in layer)) for layer in self.layers]
        bias = None if self.memory_bias is None else self.memory_bias[rows]
        return Cache(layers, bias)


class DecoderLayerTrace(NamedTuple):
    """One decoder layer, step by step. `cross.weights` is the alignment."""

    tokens: Tokens
    attention: AttentionTrace
    after_attention: Tokens
    cross: AttentionTrace
    after_cross: Tokens
    feed_forward: Tokens
    out: Tokens


class DecoderTrace(NamedTuple):
    """All that a decoder computes; `context` equals `decoder(...)`."""

    layers: list[DecoderLayerTrace]
    context: Tokens


class DecoderLayer(nn.Module):
    """Look back, look across, think: three sublayers, each in its AddNorm (Figure 1, right)."""

    def __init__(self, *, dim: int, heads: int, hidden: int, variant: Variant):
        super().__init__()
        self.attention, self.cross = (
            MultiHeadAttention(dim=dim, heads=heads, dropout=variant.attention_dropout)
            for _ in range(2)
        )
        self.feed_forward = FeedForward(dim=dim, hidden=hidden, variant=variant)
        self.add_attention = AddNorm(dim, variant)
        self.add_cross = AddNorm(dim, variant)
        self.add_feed_forward = AddNorm(dim, variant)

    def start(self, memory: Memory) -> LayerCache:
        """Nothing written yet; the source's keys and values, computed once."""
        return LayerCache(
            *self.attention.keys_values(memory[:, :0]), *self.cross.keys_values(memory)
        )

    def forward(
        self,
        x: Tokens,
        cache: LayerCache,
        bias: Bias | None = None,
        memory_bias: MemoryBias | None = None,
    ) -> tuple[Tokens, LayerCache]:
        """New tokens and what came before -> their context, and the longer past."""
        asking = self.add_attention.enter(x)
        cache = cache.append(*self.attention.keys_values(asking))
        back = self.attention.mix(self.attention.queries(asking), cache.k, cache.v, bias)
        x = self.add_attention.leave(x, back)
        asking = self.cross.queries(self.add_cross.enter(x))
        across = self.cross.mix(asking, cache.memory_k, cache.memory_v, memory_bias)
        x = self.add_cross.leave(x, across)
        x = self.add_feed_forward.leave(x, self.feed_forward(self.add_feed_forward.enter(x)))
        return x, cache

    def trace(
        self,
        x: Tokens,
        memory: Memory,
        bias: Bias | None = None,
        memory_bias: MemoryBias | None = None,
    ) -> DecoderLayerTrace:
        """The same from an empty cache, keeping every step."""
        back = self.attention.trace(self.add_attention.enter(x), bias=bias)
        looked = self.add_attention.leave(x, back.out)
        across = self.cross.trace(self.add_cross.enter(looked), memory, memory_bias)
        aligned = self.add_cross.leave(looked, across.out)
        thought = self.feed_forward(self.add_feed_forward.enter(aligned))
        out = self.add_feed_forward.leave(aligned, thought)
        return DecoderLayerTrace(x, back, looked, across, aligned, thought, out)


class Decoder(nn.Module):
    """A stack of decoder layers over the encoder's context, here called `memory`.

    All methods take tokens [batch, time, dim], memory [batch, source, dim]; is_pad [batch, time]
    and is_memory_pad [batch, source] are True for filler. ValueErrors as for `Encoder`.
    """

    def __init__(self, *, dim: int, heads: int, depth: int, hidden: int, variant: Variant):
        super().__init__()
        self.dim, self.heads = dim, heads
        self.layers: Any = nn.ModuleList(
            DecoderLayer(dim=dim, heads=heads, hidden=hidden, variant=variant) for _ in range(depth)
        )
        last = variant.norm_first if variant.final_norm is None else variant.final_norm
        self.norm = nn.LayerNorm(dim, eps=variant.eps) if last else nn.Identity()

    def forward(
        self,
        tokens: Tokens,
        memory: Memory,
        is_pad: IsPad | None = None,
        is_memory_pad: Bool[Tensor, "batch source"] | None = None,
    ) -> Tokens:
        """Teacher forcing: all positions at once, none sees a later one."""
        return self.step(tokens, self.start(memory, is_memory_pad), is_pad)[0]

    def start(
        self, memory: Memory, is_memory_pad: Bool[Tensor, "batch source"] | None = None
    ) -> Cache:
        """Before the first token is written."""
        check_tokens(memory, self.dim)
        batch, source, _ = memory.shape
        bias = score_bias(memory, is_memory_pad, None, (batch, self.heads, 1, source))
        return Cache([layer.start(memory) for layer in self.layers], bias)

    def step(
        self, tokens: Tokens, cache: Cache, is_pad: IsPad | None = None
    ) -> tuple[Tokens, Cache]:
        """Write more tokens: their context, and the longer cache. is_pad: in a first step only."""
        bias = self.look_back(tokens, cache, is_pad)
        longer = []
        for layer, past in zip(self.layers, cache.layers, strict=True):
            tokens, past = layer(tokens, past, bias, cache.memory_bias)
            longer.append(past)
        return self.norm(tokens), cache._replace(layers=longer)

    def trace(
        self,
        tokens: Tokens,
        memory: Memory,
        is_pad: IsPad | None = None,
        is_memory_pad: Bool[Tensor, "batch source"] | None = None,
    ) -> DecoderTrace:
        """`forward` with everything kept, made for eval mode."""
        across = self.start(memory, is_memory_pad)
        bias = self.look_back(tokens, across, is_pad)
        seen: list[DecoderLayerTrace] = []
        for layer in self.layers:
            seen.append(layer.trace(tokens, memory, bias, across.memory_bias))
            tokens = seen[-1].out
        return DecoderTrace(seen, self.norm(tokens))

    def look_back(self, tokens: Tokens, cache: Cache, is_pad: IsPad | None) -> Bias | None:
        """-inf on the future and on padding; None where one new token may see everything."""
        check_tokens(tokens, self.dim)
        (batch, new, _), past, rows = tokens.shape, cache.length, len(cache.layers[0].memory_k)
        if batch != rows:
            raise ValueError(f"tokens have {batch} examples, memory has {rows}")
        if new == 1 and is_pad is None:
            return None
        if past and is_pad is not None:
            raise ValueError(f"is_pad after {past} cached tokens: pass it with the first step only")
        causal = causal_bias(new, past + new, tokens)
        return score_bias(tokens, is_pad, causal, (batch, self.heads, new, past + new))
