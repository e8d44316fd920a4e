"""Articles -> BERT's examples: two pieces of text, and whether the second follows the first.

Devlin 2019, Section 3.1 and A.2. A text is a run of whole sentences, cut to fit. Departures: drawn
anew each time instead of ten fixed copies, and no tenth of short examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator

from lecturelib.data.batch import Batch
from lecturelib.data.text import Article, sentences
from lecturelib.data.tokenizers import WordPieces
from lecturelib.shapes import Labels

FOLLOWS, RANDOM = 0, 1  # BERT's labels


@dataclass(frozen=True)
class Document:
    """An article in pieces. `starts`: where each of its sentences begins in `ids`."""

    ids: list[int]
    starts: list[int]

    def run(self, first: int, length: int) -> tuple[list[int], int]:
        """Whole sentences from number `first` until `length` pieces are there, at least one; also
        the number of the sentence after them."""
        ends = [*self.starts[first + 1 :], len(self.ids)]
        begin = self.starts[first]
        count = next((n for n, end in enumerate(ends, 1) if end - begin >= length), len(ends))
        return self.ids[begin : ends[count - 1]], first + count


def documents(articles: Sequence[Article], pieces: WordPieces) -> list[Document]:
    """Every article as its sentences' pieces, one after another.

    Raises ValueError where there is no sentence at all.
    """
    found = []
    for article in articles:
        said = [line for paragraph in article.paragraphs for line in sentences(paragraph)]
        rows = [ids for ids in map(pieces.ids, said) if ids]
        starts = torch.tensor([0, *map(len, rows)]).cumsum(0)[:-1].tolist()
        found += [Document([n for row in rows for n in row], starts)] if rows else []
    if not found:
        raise ValueError("no article has a sentence: give at least one with text")
    return found


def draw_pair(docs: Sequence[Document], length: int, rng: Generator) -> tuple[list, list, int]:
    """(first, second, label): half of the time the second text follows, else it is from elsewhere.

    The first text ends anywhere, so that its length tells nothing. The second is RANDOM, too, where
    nothing follows: after a document's last sentence, and in one of a single sentence, as in BERT.
    Both documents are drawn by their lengths: rarely read ones would give RANDOM away.
    """

    def number(below: int) -> int:
        return int(torch.randint(below, (), generator=rng))

    lengths = torch.tensor([float(len(doc.ids)) for doc in docs])
    here, elsewhere = (docs[n] for n in torch.multinomial(lengths, 2, generator=rng).tolist())
    room = length - 3
    first, after = here.run(number(len(here.starts)), 1 + number(room - 1))
    if after < len(here.starts) and number(2):
        second, _ = here.run(after, max(1, room - len(first)))
        return *fit(first, second, room, rng), FOLLOWS
    second, _ = elsewhere.run(number(len(elsewhere.starts)), max(1, room - len(first)))
    return *fit(first, second, room, rng), RANDOM


def fit(first: list, second: list, room: int, rng: Generator) -> tuple[list, list]:
    """The longer text loses pieces, in front and behind by chance, until both fit."""

    def window(text: list, size: int) -> list:
        front = int(torch.randint(max(0, len(text) - size) + 1, (), generator=rng))
        return text[front : front + size]

    half = room // 2
    return (
        window(first, max(room - len(second), room - half)),
        window(second, max(room - len(first), half)),
    )


def pairs(
    docs: Sequence[Document], pieces: WordPieces, *, length: int, size: int, rng: Generator
) -> Batch:
    """`size` examples [CLS] first [SEP] second [SEP] of at most `length` pieces.

    label [batch]: 0 where the second text follows the first, 1 where it is random. Raises
    ValueError for a length that leaves no room for two pieces, and for a single document.
    """
    if length < 5:
        raise ValueError(f"length={length}: [CLS] a [SEP] b [SEP] needs at least 5")
    if len(docs) < 2:
        raise ValueError("one document: random texts come from another, give at least two")
    drawn = [draw_pair(docs, length, rng) for _ in range(size)]
    label = torch.tensor([label for *_, label in drawn])
    return framed([(first, second) for first, second, _ in drawn], label, pieces)


def framed(texts: Sequence[tuple[list, list]], label: Labels, pieces: WordPieces) -> Batch:
    """[CLS] first [SEP] second [SEP], segment 1 from the second text on, [PAD] behind."""
    lengths = torch.tensor([3 + len(first) + len(second) for first, second in texts])
    ids = torch.full((len(texts), int(lengths.max())), pieces.pad)
    segment = torch.zeros_like(ids)
    for row, (first, second) in enumerate(texts):
        line = [pieces.cls, *first, pieces.sep, *second, pieces.sep]
        ids[row, : len(line)] = torch.tensor(line)
        segment[row, len(first) + 2 : len(line)] = 1
    is_pad = torch.arange(ids.shape[1]) >= lengths[:, None]
    return Batch(ids, is_pad, label, segment=segment)
