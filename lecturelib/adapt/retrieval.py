"""The lecture's search page: which paragraph answers the question, and does word order matter?

Question and paragraphs become one vector each; the paragraph with the largest cosine comes first.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import Tensor

from lecturelib.data.queries import Swapped
from lecturelib.data.text import Question
from lecturelib.data.tokenizers import WordPieces

Vectors = Callable[[Sequence[str]], Float[Tensor, "texts dim"]]
"""Texts -> one vector each: `BertReader.text_vectors`, `tfidf(...)`, `word_average(...)`."""


def paragraphs(questions: Sequence[Question]) -> list[str]:
    """The paragraphs that the questions are about, each once."""
    return list(dict.fromkeys(question.context for question in questions))


def tfidf(texts: Sequence[str]) -> Vectors:
    """Word counts, damped, rare words up: 1 + log(count) times log(texts / texts with the word).

    The vocabulary and the weights come from `texts`; other words of a question count nothing.
    """
    counts = TfidfVectorizer(sublinear_tf=True).fit(texts)

    def vectors(asked: Sequence[str]) -> Tensor:
        return torch.from_numpy(counts.transform(asked).toarray())

    return vectors


def word_average(table: Float[Tensor, "vocab dim"], pieces: WordPieces) -> Vectors:
    """The mean of static vectors, word2vec's way to read a text: no order is left in it."""

    def vectors(asked: Sequence[str]) -> Tensor:
        return torch.stack([table[pieces.ids(text)].mean(0) for text in checked(asked)])

    return vectors


def remembered(vectors: Vectors) -> Vectors:
    """The same vectors; a text that was read before is not read again."""
    known: dict[str, Tensor] = {}

    def look(texts: Sequence[str]) -> Tensor:
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            known.update(zip(new, vectors(new), strict=True))
        return torch.stack([known[text] for text in texts])

    return look


def closeness(
    vectors: Vectors, questions: Sequence[str], texts: Sequence[str]
) -> Float[Tensor, "questions texts"]:
    """Cosine of every question with every text. Raises ValueError for one that holds nothing."""
    asked, held = vectors(checked(questions)), vectors(checked(texts))
    return F.normalize(asked, dim=1) @ F.normalize(held, dim=1).T


def ranks(close: Float[Tensor, "questions texts"], right: Sequence[int]) -> Float[Tensor, " asked"]:
    """Where the right text stands, 1 is best; among equals, in their middle."""
    own = close[torch.arange(len(close)), list(right)][:, None]
    before, equal = (close > own).sum(1), (close == own).sum(1) - 1
    return 1 + before + equal / 2


def retrieve(
    vectors: Vectors, questions: Sequence[Question], texts: Sequence[str]
) -> Float[Tensor, " asked"]:
    """The rank of each question's own paragraph among `texts`."""
    close = closeness(vectors, [q.question for q in questions], texts)
    return ranks(close, [texts.index(q.context) for q in questions])


def summary(found: Float[Tensor, " asked"]) -> dict[str, float]:
    """Share of questions whose paragraph comes first, is among five, and the mean of 1 / rank."""
    return {
        "recall@1": (found <= 1).double().mean().item(),
        "recall@5": (found <= 5).double().mean().item(),
        "MRR": (1 / found.double()).mean().item(),
    }


def shared_words(question: str, text: str) -> set[str]:
    """Content words in both: what is left without scikit-learn's list of English stop words."""
    read = TfidfVectorizer(stop_words="english").build_analyzer()
    return set(read(question)) & set(read(text))


def tells_order(
    vectors: Vectors, pairs: Sequence[Swapped]
) -> tuple[Tensor, Bool[Tensor, " asked"]]:
    """(cosine of the two orders [pairs], is a paraphrase closer to the order it means [2 pairs]?).

    Chance is one half; a tie is no answer, and counts as wrong.
    """
    first, second, like_first, like_second = (
        F.normalize(vectors([pair[side] for pair in pairs]), dim=1) for side in range(4)
    )
    gain = [
        (like * (own - other)).sum(1)
        for like, own, other in ((like_first, first, second), (like_second, second, first))
    ]
    return (first * second).sum(1), torch.cat(gain) > 1e-6


def checked(texts: Sequence[str]) -> Sequence[str]:
    """ValueError for an empty text: it has no direction to compare."""
    if empty := [row for row, text in enumerate(texts) if not text.strip()]:
        raise ValueError(f"texts {empty} are empty: ask something")
    return texts
