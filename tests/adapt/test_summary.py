"""Maximal marginal relevance against a plain loop; ROUGE-1 by hand."""

import math

import pytest
import torch

from lecturelib.adapt.retrieval import tfidf
from lecturelib.adapt.summary import at_random, choose, opening_and_body, overlap, summarise
from lecturelib.data.text import Article

RNG = torch.Generator()


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)


def by_hand(said: list[list[float]], count: int, balance: float) -> list[int]:
    """Carbonell and Goldstein 1998, the formula in Section 2, one sentence after another."""
    centre = [sum(column) / len(said) for column in zip(*said, strict=True)]
    taken: list[int] = []
    while len(taken) < min(count, len(said)):
        points = {}
        for n in set(range(len(said))) - set(taken):
            again = max((cosine(said[n], said[m]) for m in taken), default=0.0)
            points[n] = balance * cosine(said[n], centre) - (1 - balance) * again
        taken.append(max(points, key=points.__getitem__))
    return taken


@pytest.mark.parametrize("balance", [0.1, 0.3, 0.7, 1.0])
def test_the_choice_is_the_plain_loops(balance: float) -> None:
    said = torch.randn(12, 5, generator=RNG.manual_seed(0)).double()
    assert choose(said, 6, balance=balance) == by_hand(said.tolist(), 6, balance)


def test_nothing_is_said_twice_when_the_balance_asks_for_it() -> None:
    said = torch.tensor([[1.0, 0.1], [1.0, 0.1], [0.0, 1.0]])
    assert choose(said, 2, balance=1.0) == [0, 1]
    assert choose(said, 2, balance=0.5) == [0, 2]
    assert sorted(choose(said, 9)) == [0, 1, 2]


def test_a_summary_stands_in_the_order_of_the_text() -> None:
    lines = ["rivers flow", "trees grow", "rivers flow and trees grow in the rain", "rain falls"]
    assert summarise(tfidf(lines), lines, 2, balance=1.0) == sorted(
        summarise(tfidf(lines), lines, 2, balance=1.0), key=lines.index
    )
    assert lines[2] in summarise(tfidf(lines), lines, 1)
    drawn = at_random(lines, 3, RNG.manual_seed(0))
    assert len(set(drawn)) == 3
    assert drawn == sorted(drawn, key=lines.index)


def test_overlap_by_hand() -> None:
    """Six words against four; "the" twice in one and once in the other, cat once: 2 * 2 / 10."""
    assert overlap(["The cat saw", "the dog run"], "the cat sat down") == pytest.approx(0.4)
    assert overlap(["a b"], "A, b!") == 1.0
    assert overlap(["x"], "y") == overlap([], "") == 0.0


def test_the_opening_is_kept_apart() -> None:
    article = Article("T", ("The opening.", "One. Two.", "Three."), "here")
    assert opening_and_body(article) == ("The opening.", ["One.", "Two.", "Three."])
    assert opening_and_body(article, most=2)[1] == ["One.", "Two."]


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="'T' has a single paragraph"):
        opening_and_body(Article("T", ("Alone.",), "here"))
    with pytest.raises(ValueError, match=r"balance=1\.5, count=2"):
        choose(torch.ones(3, 2), 2, balance=1.5)
    with pytest.raises(ValueError, match=r"texts \[1\] are empty"):
        summarise(tfidf(["one two"]), ["one two", ""])
