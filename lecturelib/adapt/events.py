"""Where does somebody stumble? From a kind a frame to events, and how many of them are right."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Int
from torch import Tensor

from lecturelib.data.disfluencies import KINDS, Event

Kinds = Int[Tensor, " frames"]
"""0 where a frame is fluent, else 1 + the number of its kind."""
NEAR = 11  # frames that vote on one
LEAST = 5  # frames of an event: 100 ms
OVERLAP = 0.3  # of two events' common time, to be the same


def smooth(kinds: Kinds, near: int = NEAR) -> Kinds:
    """Each frame's kind by the vote of the `near` frames around it; the first kind wins a tie."""
    votes = F.one_hot(kinds, 1 + len(KINDS)).T.float()
    return F.avg_pool1d(votes, near, 1, near // 2).argmax(0)


def events_of(kinds: Kinds, *, least: int = LEAST, frame_ms: float = 20.0) -> tuple[Event, ...]:
    """Runs of one kind, `least` frames or longer, as events in seconds."""
    values, lengths = torch.unique_consecutive(kinds, return_counts=True)
    ends = lengths.cumsum(0)
    return tuple(
        Event(KINDS[kind - 1], (end - length) * frame_ms / 1000, end * frame_ms / 1000)
        for kind, length, end in zip(values.tolist(), lengths.tolist(), ends.tolist(), strict=True)
        if kind and length >= least
    )


def overlap(a: Event, b: Event) -> float:
    """Common time over all time of two events: 1 where they agree, 0 where they do not meet."""
    common = min(a.end, b.end) - max(a.start, b.start)
    return max(0.0, common) / (max(a.end, b.end) - min(a.start, b.start))


def found(true: Sequence[Event], guess: Sequence[Event], least: float = OVERLAP) -> int:
    """How many events were located: same kind, enough overlap, each used once, best first."""
    pairs = [
        (overlap(a, b), i, j)
        for i, a in enumerate(true)
        for j, b in enumerate(guess)
        if a.kind == b.kind and overlap(a, b) >= least
    ]
    used: set[tuple[str, int]] = set()
    hits = 0
    for _, i, j in sorted(pairs, reverse=True):
        if not used & {("true", i), ("guess", j)}:
            used |= {("true", i), ("guess", j)}
            hits += 1
    return hits


def event_f1(
    true: Sequence[Sequence[Event]], guess: Sequence[Sequence[Event]], least: float = OVERLAP
) -> float:
    """2 hits / (true events + guessed events) over all clips; 1 where both have none."""
    hits = sum(found(a, b, least) for a, b in zip(true, guess, strict=True))
    count = sum(map(len, true)) + sum(map(len, guess))
    return 2 * hits / count if count else 1.0


def balanced_accuracy(true: Kinds, guess: Kinds) -> float:
    """The mean over kinds of the share of frames that are heard right; chance is 1 / kinds."""
    right = [(guess[true == kind] == kind).double().mean() for kind in true.unique()]
    return float(torch.stack(right).mean())
