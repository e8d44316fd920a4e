"""Perceiver: a few learned latents ask a long input, then the one encoder thinks about the answers.

Self-attention compares all with all, N^2; here M latents ask N inputs once, M N, and M^2 follow a
layer. So the input may stay raw: samples, pixels, bytes.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.encoders.attention import score_bias
from lecturelib.encoders.transformer import Encoder, EncoderLayer, Variant, check_tokens
from lecturelib.shapes import IsPad, Tokens


class Perceiver(nn.Module):
    """tokens [batch, time, dim] -> context [batch, latents, dim] (Jaegle et al. 2021, Section 3).

    ask      one encoder layer whose attention looks at the input instead of at itself
    encoder  the one encoder, on the latents

    It asks once, as its successor Perceiver IO does; the paper's own asks again between blocks of
    layers. is_pad [batch, time]: True where a token is filler, which nobody asks.
    """

    def __init__(
        self,
        *,
        latents: int,
        dim: int,
        heads: int,
        depth: int,
        hidden: int,
        variant: Variant,
    ):
        super().__init__()
        if not variant.norm_first:
            raise ValueError("norm_first=False: a Perceiver is pre-norm, use norm_first=True")
        self.latents = nn.Parameter(0.02 * torch.randn(latents, dim))
        self.norm_input = nn.LayerNorm(dim, eps=variant.eps)
        self.ask = EncoderLayer(dim=dim, heads=heads, hidden=hidden, variant=variant)
        self.encoder = Encoder(dim=dim, heads=heads, depth=depth, hidden=hidden, variant=variant)

    def forward(
        self, tokens: Tokens, is_pad: IsPad | None = None
    ) -> Float[Tensor, "batch latents dim"]:
        """ValueError as `Encoder`: a wrong width, NaN or infinity, a row that is all padding."""
        check_tokens(tokens, self.encoder.dim)
        latents = self.latents.expand(len(tokens), -1, -1)
        shape = (len(tokens), self.encoder.heads, len(self.latents), tokens.shape[1])
        bias, ask = score_bias(tokens, is_pad, None, shape), self.ask
        question = ask.add_attention.enter(latents)
        answer = ask.attention(question, self.norm_input(tokens), bias)
        return self.encoder(ask.think(latents, answer).out)


def attention_weights(*, time: int, depth: int, latents: int | None = None) -> int:
    """How many weights one head computes for one example: M N + depth M^2, or depth N^2.

    latents  M; None: self-attention on all of `time`

    >>> attention_weights(time=50_176, depth=48, latents=512)  # the paper's pictures, asked once
    38273024
    >>> attention_weights(time=50_176, depth=48)
    120846286848
    """
    if latents is None:
        return depth * time**2
    return latents * time + depth * latents**2
