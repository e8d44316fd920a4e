"""BERT's pairs: made-up documents whose every piece is unique, so that each can be traced back."""

import itertools
from collections import Counter

import pytest
import torch
from torch import Generator

from lecturelib.data.sentences import (
    FOLLOWS,
    RANDOM,
    Document,
    documents,
    draw_pair,
    fit,
    pairs,
)
from lecturelib.data.text import Article
from lecturelib.data.tokenizers import SPECIAL, WordPieces, from_vocabulary


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def made_up(*counts: int, longest: int = 1) -> list[Document]:
    """Documents of so many sentences of 1 to `longest` pieces; document n holds n0000, n0001 ..."""
    found = []
    for number, count in enumerate(counts, 1):
        sizes = torch.randint(1, longest + 1, (count,), generator=seeded(number)).tolist()
        starts = [0, *itertools.accumulate(sizes)]
        found.append(Document([10_000 * number + n for n in range(starts[-1])], starts[:-1]))
    return found


def owner(text: list[int]) -> int:
    """The document of a text, and a check that it lies in one piece there."""
    assert text == list(range(text[0], text[0] + len(text)))
    return text[0] // 10_000


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    return from_vocabulary([*SPECIAL, "one", "two", "three", "four", "five", ".", "!"])


def test_a_document_is_its_sentences_one_after_another(pieces: WordPieces) -> None:
    said = ["One two.", "Three!", "Four five one."]
    article = Article("A", (" ".join(said[:2]), "", said[2]), "here")
    (found,) = documents([article, Article("B", ("",), "here")], pieces)
    ids = [pieces.ids(sentence) for sentence in said]
    assert found.ids == [*ids[0], *ids[1], *ids[2]]
    assert found.starts == [0, len(ids[0]), len(ids[0]) + len(ids[1])]
    assert found.run(0, 1) == (ids[0], 1)
    assert found.run(0, len(ids[0]) + 1) == (ids[0] + ids[1], 2)
    assert found.run(1, 99) == (ids[1] + ids[2], 3)


def test_half_of_the_second_texts_follow() -> None:
    docs = made_up(400, 300, 500)
    drawn = [draw_pair(docs, 24, seeded(seed)) for seed in range(4000)]
    labels = Counter(label for *_, label in drawn)
    assert labels[RANDOM] / 4000 == pytest.approx(0.5, abs=0.04)  # some are forced, about 1 %
    assert set(labels) == {FOLLOWS, RANDOM} == {0, 1}


def test_what_follows_stands_right_behind_and_what_is_random_elsewhere() -> None:
    """Sentences of one piece: nothing has to be cut, so that first + second is one run."""
    docs, rng = made_up(40, 30, 50), seeded()
    for first, second, label in (draw_pair(docs, 24, rng) for _ in range(500)):
        if label == FOLLOWS:
            assert (
                first + second
                == docs[owner(first) - 1].ids[first[0] % 10_000 :][: len(first + second)]
            )
        else:
            assert owner(first) != owner(second)


def test_long_sentences_are_cut_and_stay_in_order() -> None:
    docs, rng = made_up(40, 30, 50, longest=30), seeded()
    lost = 0
    for first, second, label in (draw_pair(docs, 24, rng) for _ in range(500)):
        assert 2 <= len(first) + len(second) <= 21
        assert (owner(first) == owner(second)) == (label == FOLLOWS)
        if label == FOLLOWS:
            assert 0 < second[0] - first[-1] < 2 * 30
            lost += second[0] - first[-1] > 1
    assert lost > 100


def test_nothing_follows_a_single_sentence_or_the_last_one() -> None:
    rng = seeded()
    alone = made_up(1, 1, 1, longest=9)
    assert {draw_pair(alone, 24, rng)[2] for _ in range(50)} == {RANDOM}
    docs = made_up(6, 5)
    at_the_end = [
        label
        for first, _, label in (draw_pair(docs, 24, rng) for _ in range(300))
        if first[-1] == docs[owner(first) - 1].ids[-1]
    ]
    assert len(at_the_end) > 100
    assert set(at_the_end) == {RANDOM}


def popped(first: int, second: int, room: int) -> tuple[int, int]:
    """The published loop: one piece at a time from the longer, from the second where equal."""
    while first + second > room:
        first, second = (first - 1, second) if first > second else (first, second - 1)
    return first, second


def test_the_longer_text_is_cut_as_in_the_published_loop() -> None:
    rng = seeded()
    for first, second, room in itertools.product(range(1, 12), range(1, 12), range(2, 23)):
        cut = fit(list(range(first)), list(range(second)), room, rng)
        assert tuple(map(len, cut)) == popped(first, second, room)


def test_a_text_loses_in_front_and_behind() -> None:
    """Every window of 3 out of 5 pieces comes equally often."""
    rng = seeded()
    found = Counter(fit(list(range(5)), [7, 8], 5, rng)[0][0] for _ in range(3000))
    assert [found[front] for front in range(3)] == pytest.approx([1000] * 3, abs=110)


def gap(values: list[float], labels: list[int]) -> float:
    """How many standard errors the means of the two labels lie apart."""
    a, b = (
        torch.tensor([float(v) for v, label in zip(values, labels, strict=True) if label == want])
        for want in (FOLLOWS, RANDOM)
    )
    return abs((a.mean() - b.mean()) / (a.var() / len(a) + b.var() / len(b)).sqrt()).item()


def test_what_can_be_seen_without_reading_does_not_give_the_label_away() -> None:
    """Neither a length nor how rare the second document is: one here is ten times the others."""
    docs, rng = made_up(1000, *[100] * 20, longest=9), seeded()
    drawn = [draw_pair(docs, 32, rng) for _ in range(4000)]
    labels = [label for *_, label in drawn]
    assert gap([len(first) for first, *_ in drawn], labels) < 4
    assert gap([len(second) for _, second, _ in drawn], labels) < 4
    long = [sum(owner(s) == 1 and label == want for _, s, label in drawn) for want in (0, 1)]
    share = [count / labels.count(want) for want, count in enumerate(long)]
    size = len(docs[0].ids) / sum(len(doc.ids) for doc in docs)
    other = (1 - size) * size / (1 - len(docs[1].ids) / sum(len(doc.ids) for doc in docs))
    assert share == pytest.approx(
        [size, other], abs=0.04
    )  # by length; not itself where it is first


def test_a_batch_is_both_texts_framed(pieces: WordPieces) -> None:
    docs = made_up(5, 3, 9, longest=5)
    batch = pairs(docs, pieces, length=20, size=40, rng=seeded(3))
    rng = seeded(3)
    drawn = [draw_pair(docs, 20, rng) for _ in range(40)]
    width = max(len(first) + len(second) + 3 for first, second, _ in drawn)
    assert batch.signal.shape == (40, width)
    assert batch.is_pad is not None
    assert batch.segment is not None
    for row, (first, second, label) in enumerate(drawn):
        line = [pieces.cls, *first, pieces.sep, *second, pieces.sep]
        filler = width - len(line)
        assert batch.signal[row].tolist() == line + filler * [pieces.pad]
        assert batch.is_pad[row].tolist() == len(line) * [False] + filler * [True]
        behind = len(second) + 1
        assert batch.segment[row].tolist() == (len(first) + 2) * [0] + behind * [1] + filler * [0]
        assert batch.labels[row] == label
    assert batch.is_pad.any()


def test_the_smallest_length_holds_one_piece_of_each(pieces: WordPieces) -> None:
    batch = pairs(made_up(9, 9, longest=5), pieces, length=5, size=20, rng=seeded())
    assert batch.signal.shape == (20, 5)
    assert (batch.signal[:, [1, 3]] >= 10_000).all()


def test_bad_input_is_named(pieces: WordPieces) -> None:
    docs = made_up(9, 9)
    with pytest.raises(ValueError, match=r"length=4: \[CLS\] a \[SEP\] b \[SEP\] needs at least 5"):
        pairs(docs, pieces, length=4, size=2, rng=seeded())
    with pytest.raises(ValueError, match="one document: random texts come from another"):
        pairs(docs[:1], pieces, length=20, size=2, rng=seeded())
    with pytest.raises(ValueError, match="no article has a sentence"):
        documents([Article("A", ("", " "), "here")], pieces)
