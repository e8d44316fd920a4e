"""Words -> tokens through their letters: no word is unknown, and "plays" looks like "played".

ELMo's character CNN (Peters et al. 2018, Section 3.4; Kim et al. 2015). Letters are UTF-8 bytes, so
that any script and any sign can be spelled.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn

from lecturelib.frontends.words import check_ids
from lecturelib.shapes import IsPad, Tokens

Letters: TypeAlias = Int[Tensor, "batch time letters"]
WordVectors: TypeAlias = Float[Tensor, "words dim"]

FILLER, BEGIN_SENTENCE, END_SENTENCE, BEGIN_WORD, END_WORD = 0, 257, 258, 259, 260
ALPHABET = 261  # byte b is letter b + 1


class Spelled(NamedTuple):
    """Letters of words [batch, time, letters], and where there is no word."""

    ids: Letters
    is_pad: IsPad


def spell(sentences: Sequence[Sequence[str]], *, letters: int = 50) -> Spelled:
    """Each sentence as <S> words </S>, each word as <W> bytes </W> and filler up to `letters`.

    A word of more than letters - 2 bytes loses its end (letters is 50 in the published model).
    Raises ValueError where there is no sentence, for one without words, for an empty word, and for
    letters < 3.
    """
    if letters < 3:
        raise ValueError(f"letters={letters}: a word needs its two ends and one letter")
    if not sentences:
        raise ValueError("there is no sentence: give at least one")
    for row, words in enumerate(sentences):
        if not words or "" in words:
            raise ValueError(f"sentence {row} is {list(words)}: it needs words, none of them empty")

    def row_of(body: Sequence[int]) -> list[int]:
        word = [BEGIN_WORD, *body[: letters - 2], END_WORD]
        return word + [FILLER] * (letters - len(word))

    longest, nothing = max(map(len, sentences)), [FILLER] * letters
    begin, end = row_of([BEGIN_SENTENCE]), row_of([END_SENTENCE])
    rows = [
        [begin, *(row_of([1 + byte for byte in word.encode()]) for word in words), end]
        + [nothing] * (longest - len(words))
        for words in sentences
    ]
    ids = torch.tensor(rows)
    return Spelled(ids, (ids == FILLER).all(-1))


class Highway(nn.Module):
    """A gate decides how much of each channel is carried on unchanged (Srivastava et al. 2015).

    x -> gate * x + (1 - gate) * relu(W x + b). Starts by carrying most of it.
    """

    def __init__(self, dim: int):
        super().__init__()
        self.change, self.gate = nn.Linear(dim, dim), nn.Linear(dim, dim)
        nn.init.ones_(self.gate.bias)

    def forward(self, x: WordVectors) -> WordVectors:
        gate = self.gate(x).sigmoid()
        return gate * x + (1 - gate) * self.change(x).relu()


class Characters(nn.Module):
    """Letters [batch, time, letters] -> tokens [batch, time, dim]; a word alone decides its token.

    filters   (width, number): so many detectors for runs of so many letters, each reports the
              strongest place in the word, filler included, as in ELMo
    highways  layers after that
    letter    width of a letter's embedding

    Words that occur more than once are computed once. Raises ValueError for ids outside the
    alphabet, and for words shorter than the widest filter.
    """

    def __init__(
        self, *, dim: int, filters: Sequence[tuple[int, int]], highways: int, letter: int = 16
    ):
        super().__init__()
        self.widest, found = max(width for width, _ in filters), sum(n for _, n in filters)
        self.letter = nn.Embedding(ALPHABET, letter)
        self.detectors = nn.ModuleList(nn.Conv1d(letter, n, width) for width, n in filters)
        self.highways = nn.Sequential(*(Highway(found) for _ in range(highways)))
        self.project = nn.Linear(found, dim)

    def forward(self, ids: Letters) -> Tokens:
        check_ids(ids, ALPHABET)
        if ids.shape[-1] < self.widest:
            raise ValueError(
                f"words of {ids.shape[-1]} letters, the widest filter sees {self.widest}: "
                "spell them with more `letters`"
            )
        flat = rearrange(ids, "batch time letters -> (batch time) letters")
        words, which = flat.unique(dim=0, return_inverse=True)
        return self.words(words)[which].unflatten(0, ids.shape[:2])

    def words(self, ids: Int[Tensor, "words letters"]) -> WordVectors:
        """One vector a word."""
        x = rearrange(self.letter(ids), "words letters channel -> words channel letters")
        found = torch.cat([detect(x).amax(-1) for detect in self.detectors], dim=-1)
        return self.project(self.highways(found.relu()))
