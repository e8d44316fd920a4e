"""One vector a word, whatever the sentence: what word2vec gives, and what can be asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from torch import Tensor
from torch.nn.functional import cosine_similarity, normalize

from lecturelib.adapt.reading import Sentence, WordStates
from lecturelib.data.text import Pair


class Agreement(NamedTuple):
    """How far vectors and people agree on which words are alike.

    spearman  rank correlation of cosines with people's scores, over the `known` of all `pairs`
    """

    spearman: float
    known: int
    pairs: int


@dataclass(frozen=True)
class WordVectors:
    """A table [words, dim] and its words, looked up in lower case. It is also a `Reader`.

    A word outside the table raises ValueError, but for a sentence's: there its vector is zero.
    """

    words: Sequence[str]
    table: Float[Tensor, "words dim"]
    name: str = "word2vec"

    @cached_property
    def rows(self) -> dict[str, int]:
        """Word -> row of the table."""
        return {word: row for row, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word.lower() in self.rows

    def vectors(self, words: Sequence[str]) -> Float[Tensor, "some dim"]:
        """The vectors of some words."""
        for word in words:
            if word not in self:
                near = ", ".join(get_close_matches(word.lower(), self.words, 3)) or "none"
                raise ValueError(f"{word!r} is not among the {len(self.words)} words; near: {near}")
        return self.table[[self.rows[word.lower()] for word in words]]

    def neighbours(self, word: str, k: int = 8) -> list[tuple[str, float]]:
        """The k words whose vectors point most nearly the same way, with their cosines."""
        return self.nearest(self.vectors([word])[0], k, without=[word])

    def analogy(self, a: str, b: str, c: str, k: int = 5) -> list[tuple[str, float]]:
        """a is to b as c is to ...: near b - a + c, of unit vectors (Mikolov 2013a, Section 4).

        The three given words are left out, as usual; without that the answer is mostly c or b.
        """
        one, two, three = normalize(self.vectors([a, b, c]), dim=1)
        return self.nearest(two - one + three, k, without=[a, b, c])

    def nearest(
        self, vector: Float[Tensor, " dim"], k: int, without: Sequence[str] = ()
    ) -> list[tuple[str, float]]:
        """The k words nearest to any vector, by cosine."""
        cosine = cosine_similarity(self.table, vector[None])
        cosine[[self.rows[word.lower()] for word in without]] = -torch.inf
        best = cosine.topk(min(k, len(self.words) - len(without)))
        return [(self.words[int(row)], cosine[row].item()) for row in best.indices]

    def similarity(self, pairs: Sequence[Pair]) -> Agreement:
        """Do the vectors rank word pairs as people do? Pairs with an unknown word are left out.

        Raises ValueError where fewer than two pairs are known.
        """
        known = [pair for pair in pairs if pair.first in self and pair.second in self]
        if len(known) < 2:
            raise ValueError(f"{len(known)} of {len(pairs)} pairs are known: nothing can be ranked")
        cosine = cosine_similarity(
            self.vectors([pair.first for pair in known]),
            self.vectors([pair.second for pair in known]),
        )
        scores = [pair.score for pair in known]
        found: Any = spearmanr(cosine, scores)
        return Agreement(float(found.statistic), len(known), len(pairs))

    def plane(self, words: Sequence[str]) -> Float[Tensor, "some 2"]:
        """Words as points: the two directions in which their unit vectors differ most (PCA)."""
        unit = normalize(self.vectors(words), dim=1)
        return torch.from_numpy(PCA(2, svd_solver="full").fit_transform(unit.numpy()))

    def word_states(self, sentences: Sequence[Sentence]) -> list[WordStates]:
        """One layer, the table's; a word that is not in it gets zeros."""
        padded = torch.cat([self.table, torch.zeros_like(self.table[:1])])
        rows = [[self.rows.get(word.lower(), -1) for word in words] for words in sentences]
        return [padded[some][None] for some in rows]
