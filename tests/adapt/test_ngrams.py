"""Counting, beside the same counted with plain loops; and both sides of a hole, enumerated."""

import numpy as np
import pytest
import torch

from lecturelib.adapt.fill_in import Holes
from lecturelib.adapt.ngrams import DISCOUNT, Ngrams, Trigrams, rivals

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


def any_order(texts: list[list[int]], classes: int, word: int, before: tuple[int, ...]) -> float:
    """The same formula for texts with class 0 around them, down to equal shares."""
    order = len(before) + 1
    rows = [[0] * 9 + text + [0] for text in texts]
    seen = [
        row[i]
        for row in rows
        for i in range(9, len(row))
        if tuple(row[i - order + 1 : i]) == before
    ]
    lower = any_order(texts, classes, word, before[1:]) if before else 1 / classes
    if not seen:
        return lower
    return (
        max(seen.count(word) - DISCOUNT, 0) / len(seen)
        + DISCOUNT * len(set(seen)) / len(seen) * lower
    )


@pytest.mark.parametrize("order", [1, 2, 4])
def test_ngrams_of_any_order_by_plain_loops(order: int) -> None:
    texts = [[1, 2, 1, 3], [2, 1, 2], [1, 2, 1, 2, 1]]
    lm = Ngrams(texts, classes=5, order=order)
    for written in [(), (1,), (4,), (1, 2), (3, 1, 2, 1), (2, 2, 2, 2)]:
        before = ((0,) * 9 + written)[10 - order + len(written) :]
        want = [any_order(texts, 5, word, before) for word in range(5)]
        assert np.exp(lm(written)) == pytest.approx(want, abs=1e-12)
        assert sum(np.exp(lm(written))) == pytest.approx(1, abs=1e-12)


def test_a_bigram_by_hand() -> None:
    """After 1: once 2, twice the end; 0.75 of a count goes away from each."""
    lm = Ngrams([[1, 2, 1], [1]], classes=3, order=2)
    unigram = [(2 - 0.75 + 2.25 / 3) / 6, (3 - 0.75 + 2.25 / 3) / 6, (1 - 0.75 + 2.25 / 3) / 6]
    want = [(1.25 + 1.5 * unigram[0]) / 3, 1.5 * unigram[1] / 3, (0.25 + 1.5 * unigram[2]) / 3]
    assert np.exp(lm([2, 1])) == pytest.approx(want, abs=1e-12)


def test_ngrams_of_nothing() -> None:
    with pytest.raises(ValueError, match="0 texts, order=2: give at least one of each"):
        Ngrams([], classes=3, order=2)
    with pytest.raises(ValueError, match="1 texts, order=0"):
        Ngrams([[1]], classes=3, order=0)
    for wrong in (0, 3):
        with pytest.raises(ValueError, match=rf"id {wrong} is no letter: use 1\.\.2"):
            Ngrams([[1, wrong]], classes=3, order=2)
