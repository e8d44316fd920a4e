"""What a row consists of."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Two callables that do the same work once.

    goal   the least ratio peer / ours that we ask for
    flops  of one run of ours, for the fraction of the matmul peak
    why    where there is no peer: the reason
    """

    ours: Callable[[], object]
    peer: Callable[[], object] | None
    peer_name: str
    goal: float
    flops: int | None = None
    why: str | None = None
