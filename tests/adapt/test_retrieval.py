"""Retrieval against plain loops and formulas; word order against what an average can see."""

import math

import pytest
import torch

from lecturelib.adapt.retrieval import (
    closeness,
    paragraphs,
    ranks,
    remembered,
    retrieve,
    shared_words,
    summary,
    tells_order,
    tfidf,
    word_average,
)
from lecturelib.data.queries import SWAPPED, Swapped
from lecturelib.data.text import Question
from lecturelib.data.tokenizers import train_wordpieces

TEXTS = ["the cat sat on the mat", "dogs chase the cat", "stocks fell on monday"]
RNG = torch.Generator()


def asking(question: str, context: str) -> Question:
    return Question(question, context, context[:3], 0, "title", "en", "here")


def test_closeness_is_the_cosine_of_a_plain_loop() -> None:
    table = torch.randn(5, 4, generator=RNG.manual_seed(0)).double()
    rows = {str(n): table[n] for n in range(5)}
    close = closeness(
        lambda texts: torch.stack([rows[t] for t in texts]), ["0", "1"], ["2", "3", "4"]
    )
    for i in range(2):
        for j in range(3):
            a, b = rows[str(i)].tolist(), rows[str(j + 2)].tolist()
            dot = sum(x * y for x, y in zip(a, b, strict=True))
            cosine = dot / math.hypot(*a) / math.hypot(*b)
            assert close[i, j].item() == pytest.approx(cosine, abs=1e-12)


def test_ranks_are_counted_as_a_person_counts_and_equals_share_their_places() -> None:
    close = torch.tensor([[0.9, 0.5, 0.1], [0.5, 0.5, 0.9], [0.3, 0.3, 0.3]])
    assert ranks(close, [0, 1, 2]).tolist() == [1.0, 2.5, 2.0]


def test_ranks_equal_a_plain_loop() -> None:
    close = torch.randint(0, 6, (40, 9), generator=RNG.manual_seed(1)).double()
    right = torch.randint(0, 9, (40,), generator=RNG).tolist()
    for row, at, rank in zip(close.tolist(), right, ranks(close, right).tolist(), strict=True):
        places = [n for n, value in enumerate(sorted(row, reverse=True), 1) if value == row[at]]
        assert rank == sum(places) / len(places)


def test_recall_and_reciprocal_rank_by_hand() -> None:
    points = summary(torch.tensor([1.0, 2.0, 6.0, 4.0]))
    assert points["recall@1"] == 0.25
    assert points["recall@5"] == 0.75
    assert points["MRR"] == pytest.approx((1 + 1 / 2 + 1 / 6 + 1 / 4) / 4)


def test_tfidf_is_the_formula() -> None:
    """(1 + ln count) * (1 + ln((1 + texts) / (1 + texts with it))), scikit-learn's form."""
    texts = ["cat cat dog", "dog bird"]
    row = tfidf(texts)(["cat cat dog", "elephant"])
    rare, common = 1 + math.log(3 / 2), 1 + math.log(3 / 3)
    weights = [0.0, (1 + math.log(2)) * rare, common]  # bird, cat, dog
    assert row[0].tolist() == pytest.approx([w / math.hypot(*weights) for w in weights])
    assert row[1].tolist() == [0.0, 0.0, 0.0]


def test_words_find_the_paragraph_that_holds_them() -> None:
    asked = [asking("who chases a cat? dogs", TEXTS[1]), asking("when did stocks fall?", TEXTS[2])]
    assert paragraphs([*asked, *asked]) == TEXTS[1:]
    assert retrieve(tfidf(TEXTS), asked, TEXTS).tolist() == [1.0, 1.0]


def test_what_was_read_is_not_read_again() -> None:
    read: list[str] = []

    def vectors(texts: list[str]) -> torch.Tensor:
        read.extend(texts)
        return torch.tensor([[float(len(text))] for text in texts])

    look = remembered(vectors)
    assert look(["a", "bb", "a"]).tolist() == [[1.0], [2.0], [1.0]]
    assert look(["ccc", "bb"]).tolist() == [[3.0], [2.0]]
    assert look(["bb"]).tolist() == [[2.0]]
    assert read == ["a", "bb", "ccc"]


def test_content_words_in_common() -> None:
    assert shared_words("Where is the cat?", "The CAT is there.") == {"cat"}
    assert shared_words("Where is it?", "It is there.") == set()


def test_an_average_of_static_vectors_cannot_tell_the_order() -> None:
    pieces = train_wordpieces([line for pair in SWAPPED for line in pair], 400)
    table = torch.randn(len(pieces), 16, generator=RNG.manual_seed(0)).double()
    cosine, right = tells_order(word_average(table, pieces), SWAPPED)
    assert torch.allclose(cosine, torch.ones(len(SWAPPED)).double(), atol=1e-12)
    assert not right.any()


def test_who_reads_the_order_is_told_right() -> None:
    """Vectors by hand: both paraphrases lean to the first order; one of them should not."""
    rows = {"ab": (1.0, 0.0), "ba": (0.0, 1.0), "p": (2.0, 1.0), "q": (3.0, 1.0)}
    cosine, right = tells_order(
        lambda texts: torch.tensor([rows[text] for text in texts]), [Swapped("ab", "ba", "p", "q")]
    )
    assert cosine.tolist() == [0.0]
    assert right.tolist() == [True, False]


def test_an_empty_question_is_refused() -> None:
    with pytest.raises(ValueError, match=r"texts \[1\] are empty: ask something"):
        closeness(tfidf(TEXTS), ["cat", " "], TEXTS)
