"""The rival without a network: count which piece follows which, and read from both sides."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from lecturelib.adapt.fill_in import Holes, Scores, scores

DISCOUNT = 0.75
Shares = Float[np.ndarray, " vocab"]


class Trigrams:
    """p(w | u v) by absolute discounting, interpolated with bigrams and unigrams (Ney et al. 1994).

    p(w | u v) = max(c(u v w) - d, 0) / c(u v) + d n(u v) / c(u v) * p(w | v), where n(u v) is how
    many different pieces were seen after u v; likewise p(w | v); unigrams are counts plus 0.1.
    """

    def __init__(self, documents: Sequence[Sequence[int]], vocab: int):
        self.vocab = vocab
        rows = [np.asarray(ids) for ids in documents]
        counts = np.bincount(np.concatenate(rows), minlength=vocab) + 0.1
        self.unigram: Shares = counts / counts.sum()
        two = np.concatenate([np.stack([ids[:-1], ids[1:]]) for ids in rows], axis=1)
        three = np.concatenate([np.stack([ids[:-2], ids[1:-1], ids[2:]]) for ids in rows], axis=1)
        self.two = counted(two[0], two[1], (vocab, vocab))
        self.three = counted(vocab * three[0] + three[1], three[2], (vocab**2, vocab))

    @cached_property
    def bigram(self) -> Float[np.ndarray, "vocab vocab"]:
        """p(w | v) in row v."""
        total = np.maximum(self.two.sum(1), 1)[:, None]
        different = np.diff(self.two.indptr)[:, None]
        seen = np.maximum(self.two.toarray() - DISCOUNT, 0) / total
        rest = np.where(different > 0, DISCOUNT * different / total, 1)
        return (seen + rest * self.unigram).astype(np.float32)

    def after(self, u: int, v: int) -> Shares:
        """p(. | u v)."""
        return self.shares(np.array([u * self.vocab + v]), self.bigram[[v]])[0]

    def shares(
        self,
        rows: Int[np.ndarray, " n"],
        lower: Float[np.ndarray, "#n words"],
        words: slice | list[int] = slice(None),
    ) -> Float[np.ndarray, "n words"]:
        """p(words | pair) for pairs given as u * vocab + v, from the same for v alone."""
        start, end = self.three.indptr[rows], self.three.indptr[rows + 1]
        different = (end - start)[:, None]
        some = self.three[rows]
        total = np.maximum(some.sum(1), 1)[:, None]
        seen = np.maximum(some[:, words].toarray() - DISCOUNT, 0) / total
        rest = np.where(different > 0, DISCOUNT * different / total, 1)
        return seen + rest * lower

    def between(self, u: int, v: int, x: int, y: int) -> Shares:
        """p(w | u v _ x y): all w that fit both sides, p(w|uv) p(x|vw) p(y|wx) over their sum."""
        every = np.arange(self.vocab)
        first = self.shares(v * self.vocab + every, self.bigram[:, [x]], [x])[:, 0]
        second = self.shares(every * self.vocab + x, self.bigram[[x], [y]][:, None], [y])[:, 0]
        joint = self.after(u, v) * first * second
        return joint / joint.sum()


class Ngrams:
    """The same of any order for a few classes, in dictionaries: a language model of letters.

    texts  ids from 1; class 0 stands before and after each, as the blank of CTC means the end
    order  letters in a gram: with 4, three say what comes next

    Called with what was written, it gives log p of what comes next: see `decoding.ctc`.
    Raises ValueError for no text, an order below 1, and ids outside 1..classes - 1.
    """

    def __init__(self, texts: Sequence[Sequence[int]], *, classes: int, order: int):
        if not texts or order < 1:
            raise ValueError(f"{len(texts)} texts, order={order}: give at least one of each")
        self.order, self.uniform = order, torch.full((classes,), 1 / classes, dtype=torch.double)
        self.counts = defaultdict(lambda: torch.zeros(classes, dtype=torch.double))
        for text in texts:
            if wrong := [one for one in text if not 0 < one < classes]:
                raise ValueError(f"id {wrong[0]} is no letter: use 1..{classes - 1}")
            ids = [0] * (order - 1) + [*text, 0]
            for place in range(order - 1, len(ids)):
                for length in range(order):
                    self.counts[tuple(ids[place - length : place])][ids[place]] += 1

    def __call__(self, written: Sequence[int]) -> list[float]:
        """log p of each class coming next."""
        before = [0] * self.order + [*written]
        return self.shares(tuple(before[len(before) - self.order + 1 :])).log().tolist()

    def shares(self, before: tuple[int, ...]) -> Float[Tensor, " classes"]:
        """p(. | before): discounted counts, and the rest from one letter less."""
        lower = self.shares(before[1:]) if before else self.uniform
        return discounted(self.counts[before], lower) if before in self.counts else lower


def discounted(
    counts: Float[Tensor, " classes"], lower: Float[Tensor, " classes"]
) -> Float[Tensor, " classes"]:
    """Absolute discounting: each seen class gives 0.75 of a count to what `lower` expects."""
    seen = (counts - DISCOUNT).clamp(min=0)
    return (seen + DISCOUNT * (counts > 0).sum() * lower) / counts.sum()


def counted(row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> csr_array:
    """How often each (row, column) occurs."""
    table = csr_array((np.ones(len(row), np.float32), (row, column)), shape=shape)
    table.sum_duplicates()
    return table


def rivals(model: Trigrams, holes: Holes) -> dict[str, Scores]:
    """Unigram, trigram from the left, and trigram fill-in with true neighbours on both sides."""
    found: dict[str, list[Shares]] = {"left": [], "both": []}
    for ids, place in zip(holes.ids.tolist(), holes.place.tolist(), strict=True):
        u, v, _, x, y = ids[place - 2 : place + 3]
        found["left"].append(model.after(u, v))
        found["both"].append(model.between(u, v, x, y))
    unigram = np.broadcast_to(model.unigram, (len(holes.ids), model.vocab))
    every = {"unigram": unigram} | {name: np.stack(rows) for name, rows in found.items()}
    return {name: scores(torch.tensor(np.array(p)), holes.answer) for name, p in every.items()}
