"""A batch that is not in memory yet: whoever needs a row reads it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Generator, Tensor

from lecturelib.data.batch import Batch

Read = Callable[[list[Generator]], Batch]
"""Randomness for each row -> these rows, read from disk."""


@dataclass(frozen=True)
class Unread:
    """Which rows a batch has is decided, one seed a row; several processes read only their own."""

    seeds: Int[Tensor, " rows"]
    read: Read

    def __len__(self) -> int:
        return len(self.seeds)

    def rows(self, index: slice) -> Batch:
        """These rows, read now."""
        return self.read([Generator().manual_seed(seed) for seed in self.seeds[index].tolist()])


def unread(read: Read, size: int) -> Callable[[Generator], Unread]:
    """A stream of such batches; all chance is in their seeds, so that a run can be resumed."""
    return lambda rng: Unread(torch.randint(2**62, (size,), generator=rng), read)
