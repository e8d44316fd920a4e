"""PyTorch's own attention and Transformer layers.

PyTorch's masks say True = blocked (bool) or are added to the scores (float); both become one bias.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.encoders.attention import MultiHeadAttention, attend, score_bias
from lecturelib.encoders.decoder import DecoderLayer
from lecturelib.encoders.transformer import Encoder, EncoderLayer, Variant, check_tokens
from lecturelib.published.weights import copy_into, refuse, renamed, split_projections, without_bias

ATTENTION = {"q_proj_weight": "query.weight", "k_proj_weight": "key.weight"} | {
    "v_proj_weight": "value.weight",
    "out_proj": "out",
}
ENCODER = ATTENTION | {
    "self_attn": "attention",
    "linear1": "feed_forward.widen",
    "linear2": "feed_forward.narrow",
    "norm1": "add_attention.norm",
    "norm2": "add_feed_forward.norm",
}
DECODER = ATTENTION | {
    "self_attn": "attention",
    "multihead_attn": "cross",
    "linear1": "feed_forward.widen",
    "linear2": "feed_forward.narrow",
    "norm1": "add_attention.norm",
    "norm2": "add_cross.norm",
    "norm3": "add_feed_forward.norm",
}


def variant(layer: Any) -> Variant:
    """The choices of an nn.TransformerEncoderLayer or nn.TransformerDecoderLayer."""
    return Variant(
        norm_first=layer.norm_first,
        final_norm=False,
        activation=copy.deepcopy(layer.activation),
        eps=layer.norm1.eps,
        dropout=layer.dropout1.p,
        attention_dropout=layer.self_attn.dropout,
        activation_dropout=layer.dropout.p,
    )


def sizes(layer: Any) -> dict[str, int]:
    """dim, heads and hidden of a layer."""
    attention, hidden = layer.self_attn, layer.linear1.out_features
    return {"dim": attention.embed_dim, "heads": attention.num_heads, "hidden": hidden}


def blocked(mask: Tensor | None, like: Tensor) -> Tensor | None:
    """A PyTorch mask as something to add: -inf where a bool mask is True."""
    if mask is None or mask.is_floating_point():
        return mask
    return torch.zeros(mask.shape, dtype=like.dtype, device=like.device).masked_fill(
        mask, -torch.inf
    )


def one_bias(
    mask: Tensor | None, padding: Tensor | None, keys: Tensor, shape: tuple
) -> Tensor | None:
    """attn_mask [query, key] or [batch * heads, query, key] and key_padding_mask [batch, key]."""
    mask, padding = blocked(mask, keys), blocked(padding, keys)
    if mask is not None and mask.ndim == 3:
        if len(mask) != shape[0] * shape[1]:
            raise ValueError(f"mask is {list(mask.shape)}, scores are {list(shape)}")
        mask = mask.unflatten(0, shape[:2])
    if padding is not None:
        if padding.shape != keys.shape[:2]:
            have, want = list(padding.shape), list(keys.shape[:2])
            raise ValueError(f"key_padding_mask is {have}, keys are {want} (batch, key)")
        padding = padding[:, None, None, :]
        mask = padding if mask is None else mask + padding
    return score_bias(keys, None, mask, shape)


class Attention(nn.Module):
    """nn.MultiheadAttention, with keys and values of any width (`kdim`, `vdim`)."""

    def __init__(self, m: Any):
        super().__init__()
        refuse(m, bias_k=None, bias_v=None, add_zero_attn=False)
        self.batch_first = m.batch_first
        self.model = MultiHeadAttention(dim=m.embed_dim, heads=m.num_heads, dropout=m.dropout)
        self.model.key = nn.Linear(m.kdim, m.embed_dim)
        self.model.value = nn.Linear(m.vdim, m.embed_dim)
        if m.in_proj_bias is None:
            without_bias(self.model)
        copy_into(self.model, renamed(split_projections(m.state_dict()), ATTENTION))

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """(output, attention weights or None), as PyTorch's. `is_causal` is only a hint there."""
        check_causal(attn_mask, is_causal)
        if not self.batch_first:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        for x, layer in zip((query, key, value), self.projections(), strict=True):
            check_tokens(x, layer.in_features)
        shape = (len(query), self.model.heads, query.shape[1], key.shape[1])
        if not len(query) == len(key) == len(value) or key.shape[1] != value.shape[1]:
            have = [list(x.shape) for x in (query, key, value)]
            raise ValueError(f"query, key and value are {have}: batches or lengths disagree")
        bias = one_bias(attn_mask, key_padding_mask, key, shape)
        q, k, v = (
            self.model.split(layer(x))
            for x, layer in zip((query, key, value), self.projections(), strict=True)
        )
        out = self.model.mix(q, k, v, bias)
        out = out if self.batch_first else out.transpose(0, 1)
        if not need_weights:
            return out, None
        weights = attend(q, k, v, bias=bias)[1]
        return out, weights.mean(1) if average_attn_weights else weights

    def projections(self) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
        return self.model.query, self.model.key, self.model.value


class OneEncoderLayer(nn.Module):
    """nn.TransformerEncoderLayer."""

    def __init__(self, m: Any):
        super().__init__()
        self.batch_first, size = m.self_attn.batch_first, sizes(m)
        self.dim, self.heads = size["dim"], size["heads"]
        self.model = EncoderLayer(**size, variant=variant(m))
        if m.self_attn.in_proj_bias is None:
            without_bias(self.model)
        copy_into(self.model, renamed(split_projections(m.state_dict()), ENCODER))

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        check_causal(src_mask, is_causal)
        x = src if self.batch_first else src.transpose(0, 1)
        check_tokens(x, self.dim)
        bias = one_bias(
            src_mask, src_key_padding_mask, x, (len(x), self.heads, x.shape[1], x.shape[1])
        )
        out = self.model(x, bias)
        return out if self.batch_first else out.transpose(0, 1)


class EncoderStack(nn.Module):
    """nn.TransformerEncoder, with or without a norm at the end."""

    def __init__(self, m: Any):
        super().__init__()
        layer, norm = m.layers[0], m.norm
        if type(layer) is not nn.TransformerEncoderLayer:
            raise TypeError(f"a stack of {type(layer).__name__}: only nn.TransformerEncoderLayer")
        if norm is not None and not isinstance(norm, nn.LayerNorm):
            raise ValueError(f"norm={norm!r} is not supported: LayerNorm or None")
        self.batch_first = layer.self_attn.batch_first
        self.model = Encoder(**sizes(layer), depth=len(m.layers), variant=variant(layer))
        if layer.self_attn.in_proj_bias is None:
            without_bias(self.model)
        if norm is not None:
            self.model.norm = copy.deepcopy(norm)
        copy_into(self.model, renamed(split_projections(m.state_dict()), ENCODER))

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        check_causal(mask, is_causal)
        x = src if self.batch_first else src.transpose(0, 1)
        shape = (len(x), self.model.heads, x.shape[1], x.shape[1])
        out = self.model(x, bias=one_bias(mask, src_key_padding_mask, x, shape))
        return out if self.batch_first else out.transpose(0, 1)


class OneDecoderLayer(nn.Module):
    """nn.TransformerDecoderLayer; causal only if `tgt_mask` says so, as there."""

    def __init__(self, m: Any):
        super().__init__()
        self.batch_first, size = m.self_attn.batch_first, sizes(m)
        self.dim, self.heads = size["dim"], size["heads"]
        self.model = DecoderLayer(**size, variant=variant(m))
        self.model.cross.dropout = m.multihead_attn.dropout
        if m.self_attn.in_proj_bias is None:
            without_bias(self.model)
        copy_into(self.model, renamed(split_projections(m.state_dict()), DECODER))

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        check_causal(tgt_mask, tgt_is_causal)
        check_causal(memory_mask, memory_is_causal)
        x, memory = (t if self.batch_first else t.transpose(0, 1) for t in (tgt, memory))
        check_tokens(x, self.dim)
        check_tokens(memory, self.dim)
        if len(x) != len(memory):
            raise ValueError(f"tgt has {len(x)} examples, memory has {len(memory)}")
        batch, time, source = len(x), x.shape[1], memory.shape[1]
        bias = one_bias(tgt_mask, tgt_key_padding_mask, x, (batch, self.heads, time, time))
        shape = (batch, self.heads, time, source)
        across = one_bias(memory_mask, memory_key_padding_mask, memory, shape)
        out, _ = self.model(x, self.model.start(memory), bias, across)
        return out if self.batch_first else out.transpose(0, 1)


def check_causal(mask: Tensor | None, is_causal: bool | None) -> None:
    """PyTorch takes `is_causal` as a hint about the mask and needs the mask as well; so do we."""
    if is_causal and mask is None:
        raise ValueError("is_causal=True is only a hint: pass the causal mask as well")
