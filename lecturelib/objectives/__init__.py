"""One idea a file: compare what the encoder says about the hidden part with a target.

`objective(batch, rng) -> Losses`; the training loop knows nothing else of a model.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from lecturelib.data.batch import Batch


class Losses(NamedTuple):
    """What a step gives back.

    total  scalar, the SUM over the things predicted (masked tokens, images ...); the loop divides
    parts  named scalars to plot, already averaged (accuracy, perplexity ...)
    count  how many things were predicted; summed over accumulation steps and processes
    """

    total: Tensor
    parts: dict[str, Tensor]
    count: int  # pyright: ignore[reportIncompatibleMethodOverride]


class Objective(nn.Module):
    """The seam between the lecture's ideas and the training loop."""

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        """Hide, encode, compare with the target."""
        raise NotImplementedError

    def after_step(self, step: int) -> None:
        """data2vec's teacher and the Gumbel temperature move here; else nothing does."""
