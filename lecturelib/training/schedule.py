"""The lecture's learning-rate schedules: what share of the peak rate does step s of n get?"""

import math
from typing import Protocol, runtime_checkable


@runtime_checkable
class Schedule(Protocol):
    """(step, steps) -> factor in 0-1; step counts from 0."""

    __name__: str

    def __call__(self, step: int, steps: int) -> float: ...


def constant(step: int, steps: int) -> float:
    """The peak rate throughout."""
    return 1.0


def linear(step: int, steps: int, warmup: float = 0.05) -> float:
    """BERT (Devlin et al. 2019, A.2): up over the first `warmup` share, then straight down to 0."""
    start = max(1, round(warmup * steps))
    if step < start:
        return (step + 1) / start
    return max(0.0, (steps - step) / max(1, steps - start))


def cosine(step: int, steps: int, warmup: float = 0.05) -> float:
    """data2vec's images (slides' last table): warm-up, then half a cosine down to 0."""
    start = max(1, round(warmup * steps))
    if step < start:
        return (step + 1) / start
    return 0.5 * (1 + math.cos(math.pi * (step - start) / max(1, steps - start)))


def tri_stage(step: int, steps: int, shares: tuple = (0.1, 0.4, 0.5), final: float = 0.05) -> float:
    """wav2vec 2.0 and data2vec's speech: up, hold, then exponentially down to `final`."""
    up, hold = round(shares[0] * steps), round((shares[0] + shares[1]) * steps)
    if step < up:
        return (step + 1) / up
    if step < hold:
        return 1.0
    return final ** ((step - hold) / max(1, steps - hold))
