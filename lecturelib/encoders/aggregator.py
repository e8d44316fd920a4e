"""wav2vec's context network: convolutions that look back, never ahead (Schneider 2019)."""

from collections.abc import Sequence

import torch.nn.functional as F
from einops import rearrange
from torch import nn

from lecturelib.shapes import Tokens

KERNELS = tuple(range(2, 14))
"""Twelve layers, each sees one frame more than the one before: 79 frames together."""


class Aggregator(nn.Module):
    """c = g(z), Section 2.1 and the published code: tokens -> context, both [batch, time, dim].

    Each layer: a causal convolution (before the start the first frame is repeated), group norm with
    ONE group, ReLU, then half of the energy from the layer and half from what it was given.

    The convolutions are causal; the norm, over all of time as in the paper, is not: the future
    moves mean and deviation of the past. Padding would, too: give clips of one length.
    """

    def __init__(self, *, dim: int, kernels: Sequence[int] = KERNELS):
        super().__init__()
        self.dim, self.kernels = dim, tuple(kernels)
        self.layers = nn.ModuleList(nn.Conv1d(dim, dim, kernel) for kernel in kernels)
        self.norms = nn.ModuleList(nn.GroupNorm(1, dim) for _ in kernels)

    @property
    def context(self) -> int:
        """How many frames the last layer sees at once."""
        return 1 + sum(kernel - 1 for kernel in self.kernels)

    def forward(self, tokens: Tokens) -> Tokens:
        if tokens.shape[-1] != self.dim:
            raise ValueError(f"tokens have dim={tokens.shape[-1]}, this network has dim={self.dim}")
        x = rearrange(tokens, "batch time dim -> batch dim time")
        for kernel, layer, norm in zip(self.kernels, self.layers, self.norms, strict=True):
            before = F.pad(x, (kernel - 1, 0), mode="replicate")
            x = (x + F.relu(norm(layer(before)))) * 0.5**0.5
        return rearrange(x, "batch dim time -> batch time dim")
