"""A trained Transformer, slowed down: every array between one input and what is written."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from lecturelib.encoders.attention import AttentionTrace
from lecturelib.encoders.encoder_decoder import EncoderDecoder


@torch.no_grad()
def walk(
    model: EncoderDecoder, source: Int[Tensor, "one time"], read: Int[Tensor, "one written"]
) -> dict[str, np.ndarray]:
    """What a model computes between one source and each next token: the arrays of a `viz` Walk.

    source  [1, time] ids           read  [1, written] ids the decoder reads, the begin sign first

    Both front ends are `SinusoidalWords`; call the model's eval() first. Returns float32 arrays,
    layers stacked in front, no batch axis: names and shapes as in `explorers.stepper.Walk`. Nothing
    is computed twice: all comes from `trace`, which equals `forward`. ValueError for pre-norm.
    """
    if model.encoder.layers[0].add_attention.norm_first:
        raise ValueError("norm_first=True: the stepper shows Vaswani's order, add, then norm")
    tokens, asked = model.source(source), model.target(read)
    reading = model.encoder.trace(tokens)
    writing = model.decoder.trace(asked, reading.context)
    parts = {
        "source": split_positions(model.source, source, tokens),
        "read": split_positions(model.target, read, asked),
        "encoder": stack([attention_steps(one.attention) for one in reading.layers])
        | stack([sublayer_ends(one) for one in reading.layers]),
        "decoder": stack([attention_steps(one.attention) for one in writing.layers])
        | stack([sublayer_ends(one) for one in writing.layers]),
        "cross": stack([attention_steps(one.cross) for one in writing.layers])
        | stack(
            [{"before": one.after_attention, "after": one.after_cross} for one in writing.layers]
        ),
    }
    named = {f"{part}.{name}": value for part, own in parts.items() for name, value in own.items()}
    named["predict"] = model.predict(writing.context)[0].softmax(-1)
    return {name: value.float().cpu().numpy() for name, value in named.items()}


def aligned_head(
    weights: Float[np.ndarray, "layers heads written source"], words: Sequence[slice]
) -> tuple[int, int]:
    """The cross-attention head that looks most at the word which each token stands for.

    words  for the first tokens written, which part of the source says them ("zwanzig" for the 2)
    """
    there = [weights[:, :, row, part].sum(-1) for row, part in enumerate(words)]
    layer, head = np.unravel_index(np.argmax(sum(there)), weights.shape[:2])
    return int(layer), int(head)


def split_positions(
    front_end: Any, ids: Int[Tensor, "one time"], tokens: Float[Tensor, "one time dim"]
) -> dict[str, Tensor]:
    """What a front end adds up: the word (times sqrt(dim), Section 3.4) and its position."""
    words = math.sqrt(tokens.shape[-1]) * front_end.word(ids)
    return {"words": words[0], "positions": (tokens - words)[0]}


def attention_steps(trace: AttentionTrace) -> dict[str, Tensor]:
    """q, k, v, weights, heads and out, as the trace names them."""
    return trace._asdict()


def sublayer_ends(layer: Any) -> dict[str, Tensor]:
    """What a layer of either stack is given, and what stands after each of its sublayers."""
    return {
        "before": layer.tokens,
        "after": layer.after_attention,
        "thought": layer.feed_forward,
        "end": layer.out,
    }


def stack(layers: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """[1, ...] a layer -> [layers, ...]."""
    return {name: torch.cat([layer[name] for layer in layers]) for name in layers[0]}
