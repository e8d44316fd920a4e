"""Word vectors: neighbours by brute force, analogies by hand, rank correlation by scipy."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr, rankdata

from lecturelib.adapt.vectors import WordVectors
from lecturelib.data.text import Pair, similarity

WORDS = ("cat", "dog", "king", "queen", "man", "woman", "tea")


@pytest.fixture
def vectors() -> WordVectors:
    table = torch.randn(len(WORDS), 5, generator=torch.Generator().manual_seed(0))
    return WordVectors(WORDS, table)


def cosine(a: torch.Tensor, b: torch.Tensor) -> float:
    dot = sum(float(x * y) for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(float(x) ** 2 for x in a)) / math.sqrt(sum(float(y) ** 2 for y in b))


def test_neighbours_are_the_largest_cosines_of_a_plain_loop(vectors) -> None:
    rest = [word for word in WORDS if word != "dog"]
    by_hand = {word: cosine(vectors.table[1], vectors.table[WORDS.index(word)]) for word in rest}
    expected = sorted(by_hand.items(), key=lambda pair: -pair[1])
    found = vectors.neighbours("Dog", 3)
    assert [word for word, _ in found] == [word for word, _ in expected[:3]]
    assert [value for _, value in found] == pytest.approx([v for _, v in expected[:3]], abs=1e-6)
    assert len(vectors.neighbours("dog", 100)) == len(WORDS) - 1


def test_an_analogy_is_b_minus_a_plus_c_of_unit_vectors() -> None:
    """Axes: royal, female, animal. Lengths differ, so directions must be what is added."""
    table = torch.tensor(
        [[0, 0, 1], [0, 0.1, 1], [3, 0, 0], [2, 2, 0], [0.5, 0, 0.5], [0.5, 1, 0.5], [0, 0, -1.0]]
    )
    vectors = WordVectors(WORDS, table)
    unit = table / table.norm(dim=1, keepdim=True)
    target = unit[2] - unit[4] + unit[5]
    by_hand = {word: cosine(target, row) for word, row in zip(WORDS, unit, strict=True)}
    for given in ("man", "king", "woman"):
        del by_hand[given]
    found = dict(vectors.analogy("man", "king", "woman", k=4))
    assert found == pytest.approx(by_hand, abs=1e-6)
    assert next(iter(found)) == "queen"


def test_similarity_is_the_correlation_of_ranks_over_known_pairs(vectors) -> None:
    asked = [
        Pair("cat", "dog", 9.0, ""),
        Pair("King", "queen", 8.0, ""),
        Pair("man", "tea", 1.0, ""),
        Pair("woman", "cat", 1.0, ""),
        Pair("cat", "unicorn", 5.0, ""),
    ]
    rows = [(0, 1), (2, 3), (4, 6), (5, 0)]
    ours = [cosine(vectors.table[a], vectors.table[b]) for a, b in rows]
    expected = pearsonr(rankdata(ours), rankdata([9, 8, 1, 1])).statistic
    found = vectors.similarity(asked)
    assert found.spearman == pytest.approx(expected, abs=1e-12)
    assert found[1:] == (4, 5)


def test_people_agree_with_themselves() -> None:
    """A table whose cosines are the people's own scores: 1; turned around: -1."""
    pairs = similarity("wordsim353")[:40]
    words = [f"{side}{k}" for k in range(40) for side in "ab"]
    angle = [math.acos(pair.score / 10) for pair in pairs]
    table = torch.tensor([row for a in angle for row in ([1.0, 0.0], [math.cos(a), math.sin(a)])])
    asked = [Pair(f"a{k}", f"b{k}", pair.score, "") for k, pair in enumerate(pairs)]
    turned = [pair._replace(score=-pair.score) for pair in asked]
    assert WordVectors(words, table).similarity(asked).spearman == pytest.approx(1)
    assert WordVectors(words, table).similarity(turned).spearman == pytest.approx(-1)


def test_the_plane_shows_as_much_of_the_differences_as_two_numbers_can(vectors) -> None:
    """PCA: the points' spread is the two largest eigenvalues of the unit vectors' covariance."""
    unit = vectors.table / vectors.table.norm(dim=1, keepdim=True)
    largest = np.linalg.eigvalsh(np.cov(unit.T.numpy()))[::-1][:2]
    points = vectors.plane(WORDS)
    assert torch.cov(points.T).numpy() == pytest.approx(np.diag(largest), abs=1e-6)


def test_as_a_reader_it_says_the_same_in_every_sentence_and_nothing_of_unknown_words(vectors):
    first, second = vectors.word_states([["The", "CAT", "dog"], ["dog"]])
    assert first.shape == (1, 3, 5)
    assert not first[0, 0].any()
    assert torch.equal(first[0, 1:], vectors.table[:2])
    assert torch.equal(second[0, 0], vectors.table[1])


def test_unknown_words_are_named_with_what_is_spelled_like_them(vectors) -> None:
    with pytest.raises(ValueError, match="'quene' is not among the 7 words; near: queen"):
        vectors.neighbours("quene")
    with pytest.raises(ValueError, match="'xylophone' is not among the 7 words; near: none"):
        vectors.analogy("man", "king", "xylophone")
    with pytest.raises(ValueError, match="1 of 2 pairs are known: nothing can be ranked"):
        vectors.similarity([Pair("cat", "dog", 1.0, ""), Pair("cat", "unicorn", 2.0, "")])
