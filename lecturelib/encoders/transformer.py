"""THE encoder: tokens in, context out. BERT, ViT, wav2vec 2.0 and data2vec all run this file.

It knows neither words nor pixels nor sound, and no positions: shuffle the tokens and the context is
shuffled alike. What differs between the published models is a `Variant`, eleven small choices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.encoders.attention import AttentionTrace, Bias, MultiHeadAttention, score_bias
from lecturelib.shapes import IsPad, Tokens, Weights

RawBias: TypeAlias = Float[Tensor, "... #time #time"]
"""[heads, time, time], with a batch axis before it where it differs by example."""
Biases: TypeAlias = RawBias | Sequence[RawBias]
"""One for all layers, or a list with one a layer."""


@dataclass(frozen=True)
class Variant:
    """The small choices in which published Transformers differ. Defaults: Vaswani 2017.

    norm_first          pre-norm (ViT, wav2vec 2.0 large): LayerNorm before a sublayer, not after it
    final_norm          one more LayerNorm at the end; None: exactly where norm_first is
    activation          of the feed-forward layer: F.relu, or F.gelu (the exact one, with erf)
    eps                 of LayerNorm: 1e-12 in BERT, 1e-5 in wav2vec 2.0, 1e-6 or 1e-12 in ViT
    dropout             on what a sublayer adds
    attention_dropout   on attention weights
    activation_dropout  inside the feed-forward layer
    layer_drop          chance to skip a whole layer while training (wav2vec 2.0)
    drop_path           chance that an example skips the last layer's sublayers while training; from
                        0 at the first layer it grows in equal steps (stochastic depth: BEiT)
    key_bias            False: keys have no bias (BEiT)
    layer_scale         start of a learned factor a channel on what is added (BEiT); None: none
    """

    norm_first: bool = False
    final_norm: bool | None = None
    activation: Callable[[Tensor], Tensor] = F.relu
    eps: float = 1e-5
    dropout: float = 0.1
    attention_dropout: float = 0.0
    activation_dropout: float = 0.0
    layer_drop: float = 0.0
    drop_path: float = 0.0
    key_bias: bool = True
    layer_scale: float | None = None


class Steps(NamedTuple):
    """What each step of a layer gives: data2vec's teacher answers with one of them."""

    attention: Tokens  # before it is added
    after_attention: Tokens
    feed_forward: Tokens  # before it is added
    out: Tokens


class LayerTrace(NamedTuple):
    """One encoder layer, step by step, in the order of the slide; attention opened up."""

    tokens: Tokens
    attention: AttentionTrace
    after_attention: Tokens
    feed_forward: Tokens
    out: Tokens


class Trace(NamedTuple):
    """All that an encoder computes; `context` equals `encoder(...)`."""

    layers: list[LayerTrace]
    context: Tokens

    @property
    def states(self) -> list[Tokens]:
        """depth + 1 states: the tokens, then each layer's output (before a final norm)."""
        return [self.layers[0].tokens, *(layer.out for layer in self.layers)]

    @property
    def weights(self) -> list[Weights]:
        """Each layer's attention, [batch, heads, query, key]."""
        return [layer.attention.weights for layer in self.layers]


class AddNorm(nn.Module):
    """Residual and LayerNorm around a sublayer: x + sublayer(x), normalised after or before.

    h = add.enter(x); x = add.leave(x, sublayer(h))
    """

    def __init__(self, dim: int, variant: Variant):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=variant.eps)
        self.norm_first = variant.norm_first
        self.drop = nn.Dropout(variant.dropout)
        self.drop_path = variant.drop_path
        start = variant.layer_scale
        self.scale = None if start is None else nn.Parameter(torch.full((dim,), start))

    def enter(self, x: Tokens) -> Tokens:
        """What the sublayer sees."""
        return self.norm(x) if self.norm_first else x

    def leave(self, x: Tokens, change: Tokens) -> Tokens:
        """What the next sublayer gets."""
        change = self.drop(change if self.scale is None else self.scale * change)
        if self.training and self.drop_path > 0:
            change = skip_path(change, self.drop_path)
        return x + change if self.norm_first else self.norm(x + change)


def skip_path(change: Tokens, rate: float) -> Tokens:
    """Stochastic depth: an example leaves out a sublayer with chance `rate`, others make up for it.

    Drawn as the published BEiT draws it, so that a seed gives the same examples.
    """
    luck = torch.rand(len(change), 1, 1, dtype=change.dtype, device=change.device)
    return change / (1 - rate) * (luck + 1 - rate).floor()


class FeedForward(nn.Module):
    """Two linear layers at each position alone: widen, bend, narrow (Eq. 2)."""

    def __init__(self, *, dim: int, hidden: int, variant: Variant):
        super().__init__()
        self.widen = nn.Linear(dim, hidden)
        self.narrow = nn.Linear(hidden, dim)
        self.activation = variant.activation
        self.drop = nn.Dropout(variant.activation_dropout)

    def forward(self, x: Tokens) -> Tokens:
        return self.narrow(self.drop(self.activation(self.widen(x))))


class EncoderLayer(nn.Module):
    """Look around, then think: self-attention and feed-forward, each in its AddNorm."""

    def __init__(self, *, dim: int, heads: int, hidden: int, variant: Variant):
        super().__init__()
        self.attention = MultiHeadAttention(
            dim=dim, heads=heads, dropout=variant.attention_dropout, key_bias=variant.key_bias
        )
        self.add_attention = AddNorm(dim, variant)
        self.feed_forward = FeedForward(dim=dim, hidden=hidden, variant=variant)
        self.add_feed_forward = AddNorm(dim, variant)

    def forward(self, x: Tokens, bias: Bias | None = None) -> Tokens:
        return self.steps(x, bias).out

    def steps(self, x: Tokens, bias: Bias | None = None) -> Steps:
        """The same, and what it consists of."""
        return self.think(x, self.attention(self.add_attention.enter(x), bias=bias))

    def trace(self, x: Tokens, bias: Bias | None = None) -> LayerTrace:
        """The same, with the attention opened up."""
        seen = self.attention.trace(self.add_attention.enter(x), bias=bias)
        return LayerTrace(x, seen, *self.think(x, seen.out)[1:])

    def think(self, x: Tokens, seen: Tokens) -> Steps:
        """What follows once attention has gathered `seen`."""
        middle = self.add_attention.leave(x, seen)
        thought = self.feed_forward(self.add_feed_forward.enter(middle))
        return Steps(seen, middle, thought, self.add_feed_forward.leave(middle, thought))


class Encoder(nn.Module):
    """A stack of encoder layers; every model of this course has exactly one.

    hidden: width inside the feed-forward layers, usually 4 * dim.
    """

    def __init__(self, *, dim: int, heads: int, depth: int, hidden: int, variant: Variant):
        super().__init__()
        self.dim, self.heads, self.layer_drop = dim, heads, variant.layer_drop
        rates = [variant.drop_path * number / max(depth - 1, 1) for number in range(depth)]
        self.layers: Any = nn.ModuleList(
            EncoderLayer(
                dim=dim, heads=heads, hidden=hidden, variant=replace(variant, drop_path=rate)
            )
            for rate in rates
        )
        last = variant.norm_first if variant.final_norm is None else variant.final_norm
        self.norm = nn.LayerNorm(dim, eps=variant.eps) if last else nn.Identity()

    def forward(
        self, tokens: Tokens, is_pad: IsPad | None = None, bias: Biases | None = None
    ) -> Tokens:
        """tokens [batch, time, dim] -> context of the same shape.

        is_pad  [batch, time] True where a token is filler; the context there means nothing
        bias    [heads, time, time] or [batch, heads, time, time], added to every layer's scores; or
                a list with one of them a layer: BEiT learns positions for each layer alone, and a
                list, unlike one more axis, cannot be mistaken for a batch

        Raises ValueError on a wrong width, on NaN or infinity, on lengths that disagree, and for a
        query that may look nowhere.
        """
        biases = self.checked(tokens, is_pad, bias)
        for layer, added in zip(self.layers, biases, strict=True):
            if self.training and self.layer_drop > 0 and torch.rand(()) < self.layer_drop:
                continue
            tokens = layer(tokens, added)
        return self.norm(tokens)

    def steps(
        self, tokens: Tokens, is_pad: IsPad | None = None, bias: Biases | None = None
    ) -> list[Steps]:
        """`forward`, as fast, with each layer's steps kept; no layer is skipped."""
        kept: list[Steps] = []
        for layer, added in zip(self.layers, self.checked(tokens, is_pad, bias), strict=True):
            kept.append(layer.steps(tokens, added))
            tokens = kept[-1].out
        return kept

    def trace(
        self, tokens: Tokens, is_pad: IsPad | None = None, bias: Biases | None = None
    ) -> Trace:
        """`forward` with everything kept: a look inside, made for eval mode.

        Attention is written out by `attend`; no layer is skipped and no weight is forgotten.
        """
        biases = self.checked(tokens, is_pad, bias)
        seen: list[LayerTrace] = []
        for layer, added in zip(self.layers, biases, strict=True):
            seen.append(layer.trace(tokens, added))
            tokens = seen[-1].out
        return Trace(seen, self.norm(tokens))

    def checked(
        self, tokens: Tokens, is_pad: IsPad | None, bias: Biases | None
    ) -> list[Bias | None]:
        """What to add to each layer's scores, once the input is known to be sound."""
        check_tokens(tokens, self.dim)
        batch, time, _ = tokens.shape
        shape, depth = (batch, self.heads, time, time), len(self.layers)
        if bias is None or isinstance(bias, Tensor):
            return [score_bias(tokens, is_pad, bias, shape)] * depth
        if len(bias) != depth:
            raise ValueError(
                f"{len(bias)} biases for {depth} layers: give one a layer, or one tensor"
            )
        return [score_bias(tokens, is_pad, one, shape) for one in bias]


def check_tokens(tokens: Tokens, dim: int) -> None:
    """ValueError for a missing axis, a wrong width, and NaN or infinity: they would spread."""
    if tokens.ndim != 3:
        raise ValueError(f"tokens are {list(tokens.shape)}: they need the axes batch, time, dim")
    if tokens.shape[-1] != dim:
        raise ValueError(f"tokens have dim={tokens.shape[-1]}, this model was built with dim={dim}")
    if not (finite := torch.isfinite(tokens)).all():
        rows = (~finite).flatten(1).any(1).nonzero().flatten().tolist()
        raise ValueError(f"tokens have NaN or infinity in examples {rows}: repair the input first")
