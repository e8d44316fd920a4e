"""What a cache of keys and values saves: writing 128 tokens with it and without it."""

import torch
from torch import Tensor

from benchmarks.case import Case
from lecturelib.encoders.decoder import Decoder
from lecturelib.encoders.transformer import Variant

BATCH, TIME, DIM, DEPTH = 8, 128, 256, 4


def writer() -> tuple[Decoder, Tensor, Tensor]:
    """A decoder, the tokens it is to write, and what it has read: a batch of 8."""
    torch.manual_seed(0)
    decoder = Decoder(dim=DIM, heads=4, depth=DEPTH, hidden=4 * DIM, variant=Variant(dropout=0.0))
    return decoder.eval(), torch.randn(BATCH, TIME, DIM), torch.randn(BATCH, 32, DIM)


@torch.no_grad()
def cached(decoder: Decoder, tokens: Tensor, memory: Tensor) -> Tensor:
    """Each new token looks at the kept keys and values."""
    past, last = decoder.start(memory), []
    for place in range(tokens.shape[1]):
        context, past = decoder.step(tokens[:, place : place + 1], past)
        last.append(context)
    return torch.cat(last, dim=1)


@torch.no_grad()
def uncached(decoder: Decoder, tokens: Tensor, memory: Tensor) -> Tensor:
    """Each new token has everything before it computed again."""
    ends = range(1, tokens.shape[1] + 1)
    return torch.cat([decoder(tokens[:, :end], memory)[:, -1:] for end in ends], dim=1)


def decode_cached() -> Case:
    """128 tokens, batch 8, dim 256, depth 4."""
    given = writer()
    return Case(
        lambda: cached(*given), lambda: uncached(*given), "ours without a cache, batch 8", goal=5
    )
