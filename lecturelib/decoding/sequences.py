"""Search: from a model that scores the next token to a whole sequence.

Greedy takes the best token each time; a beam keeps several sequences alive, because the best
sequence need not begin with the best token.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

import torch
from jaxtyping import Int
from torch import Tensor

INF = float("inf")
C = TypeVar("C", bound="Past")


@runtime_checkable
class Past(Protocol):
    """What search needs of a cache: pick its rows, in any order, any number of times."""

    def select(self: C, rows: Tensor) -> C: ...


Write: TypeAlias = Callable[[Tensor, C], tuple[Tensor, C]]
"""The seam: ids [rows, new] and the cache -> scores [rows, vocab] of what comes next, new cache."""


class Stop(NamedTuple):
    """When to stop writing: at the id `end`, or after `limit` ids without it."""

    end: int
    limit: int


class Hypothesis(NamedTuple):
    """What was written, without the end; score: log probability (natural log), the end included."""

    ids: list[int]
    score: float


@torch.no_grad()
def greedy(
    write: Write[C], cache: C, begin: Int[Tensor, "batch start"], stop: Stop
) -> list[Hypothesis]:
    """The best next token, again and again: one hypothesis an example.

    begin: what each sequence starts with, not part of the answer. Call the model's eval() first.
    """
    check_stop(stop)
    ids, written = begin, begin[:, :0]
    score = torch.zeros(len(begin), dtype=torch.float64, device=begin.device)
    done = torch.zeros(len(begin), dtype=torch.bool, device=begin.device)
    for _ in range(stop.limit):
        logits, cache = write(ids, cache)
        best = logits.double().log_softmax(-1).max(-1)
        score = score + best.values.where(~done, 0.0)
        ids = best.indices[:, None]  # a finished row writes on, but nobody reads past its end
        written = torch.cat([written, ids], dim=1)
        done = done | (ids[:, 0] == stop.end)
        if done.all():
            break
    return [hypothesis(row, points, stop.end) for row, points in zip(written, score, strict=True)]


@torch.no_grad()
def beam(
    write: Write[C], cache: C, begin: Int[Tensor, "batch start"], stop: Stop, width: int
) -> list[list[Hypothesis]]:
    """Keep the `width` best beginnings at every step: for each example its hypotheses, best first.

    A finished sequence stays in the beam and competes with the growing ones. Long sequences collect
    more minus signs: to favour them, re-rank, e.g. by score / length. width=1 is `greedy`.
    """
    check_stop(stop)
    if width < 1:
        raise ValueError(f"width={width}: keep at least one hypothesis")
    batch = torch.arange(len(begin), device=begin.device)
    cache, ids = cache.select(batch.repeat_interleave(width)), begin.repeat_interleave(width, dim=0)
    beams = empty_beams(begin, width)
    for _ in range(stop.limit):
        logits, cache = write(ids, cache)
        beams, parent = extend(beams, logits.double().log_softmax(-1), stop.end)
        cache = cache.select((batch[:, None] * width + parent).flatten())
        ids = beams.written[:, :, -1].reshape(-1, 1)
        if (beams.done | beams.score.isinf()).all():
            break
    rows = zip(beams.written, beams.score, strict=True)
    return [
        [hypothesis(ids, score, stop.end) for ids, score in zip(*row, strict=True) if score > -INF]
        for row in rows
    ]


class Beams(NamedTuple):
    """written [batch, width, time] ids; score [batch, width], best first; done [batch, width]."""

    written: Tensor
    score: Tensor
    done: Tensor


def empty_beams(begin: Tensor, width: int) -> Beams:
    """Nothing written. All rows of an example begin alike, so only the first one counts."""
    score = torch.full((len(begin), width), -INF, dtype=torch.float64, device=begin.device)
    score[:, 0] = 0.0
    written = begin.new_empty(len(begin), width, 0)
    return Beams(written, score, torch.zeros_like(score, dtype=torch.bool))


def extend(beams: Beams, log_p: Tensor, end: int) -> tuple[Beams, Tensor]:
    """Every beam by every token, the best kept; also which beam each of them comes from."""
    batch, width = beams.score.shape
    step = only_end(log_p, beams.done.flatten(), end)
    total = beams.score[:, :, None] + step.view(batch, width, -1)
    score, choice = total.flatten(1).topk(width)
    parent, token = choice // step.shape[1], choice % step.shape[1]
    kept = beams.written.gather(1, parent[:, :, None].expand_as(beams.written))
    written = torch.cat([kept, token[:, :, None]], dim=2)
    done = beams.done.gather(1, parent) | (token == end)
    return Beams(written, score, done), parent


def only_end(log_p: Tensor, done: Tensor, end: int) -> Tensor:
    """A finished row may only repeat its end, for free."""
    log_p = log_p.masked_fill(done[:, None], -INF)
    log_p[done, end] = 0.0
    return log_p


def hypothesis(ids: Tensor, score: Tensor, end: int) -> Hypothesis:
    """What stands before the first end."""
    row = ids.tolist()
    return Hypothesis(row[: row.index(end)] if end in row else row, score.item())


def check_stop(stop: Stop) -> None:
    """ValueError for a limit that lets nothing be written."""
    if stop.limit < 1:
        raise ValueError(f"limit={stop.limit}: let at least one token be written")
