"""Counting, beside the same counted with plain loops; and both sides of a hole, enumerated."""

import numpy as np
import pytest
import torch

from lecturelib.adapt.fill_in import Holes
from lecturelib.adapt.ngrams import DISCOUNT, Trigrams, rivals

RNG = np.random.default_rng(0)
DOCUMENTS = [RNG.integers(0, 5, 40).tolist(), RNG.integers(0, 4, 25).tolist()]
VOCAB = 6  # 5 never occurs


@pytest.fixture(scope="module")
def model() -> Trigrams:
    return Trigrams(DOCUMENTS, VOCAB)


def grams(n: int) -> list[tuple[int, ...]]:
    return [tuple(d[i : i + n]) for d in DOCUMENTS for i in range(len(d) - n + 1)]


def share(word: int, *before: int) -> float:
    """Interpolated absolute discounting, one formula for every order."""
    if not before:
        counts = [0.1 + sum(d.count(w) for d in DOCUMENTS) for w in range(VOCAB)]
        return counts[word] / sum(counts)
    seen = [g[-1] for g in grams(len(before) + 1) if g[:-1] == before]
    lower = share(word, *before[1:])
    if not seen:
        return lower
    rest = DISCOUNT * len(set(seen)) / len(seen)
    return max(seen.count(word) - DISCOUNT, 0) / len(seen) + rest * lower


def test_trigrams_by_plain_loops(model: Trigrams) -> None:
    for u in range(VOCAB):
        for v in range(VOCAB):
            want = [share(w, u, v) for w in range(VOCAB)]
            assert model.after(u, v) == pytest.approx(want, abs=1e-6)
            assert model.after(u, v).sum() == pytest.approx(1, abs=1e-6)


def test_between_is_the_posterior_over_every_word(model: Trigrams) -> None:
    for u, v, x, y in [(0, 1, 2, 3), (4, 4, 0, 1), (5, 5, 5, 5), (3, 2, 1, 0)]:
        joint = [share(w, u, v) * share(x, v, w) * share(y, w, x) for w in range(VOCAB)]
        want = np.array(joint) / sum(joint)
        assert model.between(u, v, x, y) == pytest.approx(want, abs=1e-5)


def test_rivals_score_what_stood_in_the_hole(model: Trigrams) -> None:
    ids = torch.tensor([[0, 1, 3, 2, 3, 1], [2, 2, 1, 4, 0, 0]])
    holes = Holes(ids, torch.tensor([2, 3]), torch.tensor([True, False]))
    found = rivals(model, holes)
    assert found["unigram"].nll[0] == pytest.approx(-np.log(share(3)), abs=1e-5)
    assert found["left"].nll[1] == pytest.approx(-np.log(share(4, 2, 1)), abs=1e-5)
    best = int(model.between(2, 1, 0, 0).argmax())
    assert found["both"].right[1] == (best == 4)
