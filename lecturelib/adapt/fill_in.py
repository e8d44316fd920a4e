"""One hole in a text that nobody trained on: how well does a model guess what stood there?

The same holes for everybody: a BERT that reads both sides, and trigram models that see their two
neighbours on one side or on both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lecturelib.data.sentences import Document
from lecturelib.data.tokenizers import WordPieces
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.shapes import Ids


class Holes(NamedTuple):
    """ids [rows, length] with [CLS] and [SEP]; place: the hidden position of each row.

    whole  True where the hidden piece is a word, not a part of one or a punctuation mark
    """

    ids: Ids
    place: Int[Tensor, " rows"]
    whole: Bool[Tensor, " rows"]

    @property
    def answer(self) -> Int[Tensor, " rows"]:
        """What stood in the holes."""
        return self.ids[torch.arange(len(self.ids)), self.place]


class Scores(NamedTuple):
    """nll: -log p of the true piece, in nats; right: it had the highest probability."""

    nll: Float[Tensor, " rows"]
    right: Bool[Tensor, " rows"]


def one_hole(
    docs: Sequence[Document], pieces: WordPieces, *, length: int, seed: int, each: int = 1
) -> Holes:
    """Articles cut into runs of `length` - 2 pieces, one hole in each, `each` times over.

    A hole has two neighbours on either side, and is never [UNK].
    """
    rng = torch.Generator().manual_seed(seed)
    room = length - 2
    runs = [doc.ids[at : at + room] for doc in docs for at in range(0, len(doc.ids) - room, room)]
    ids = torch.tensor([[pieces.cls, *run, pieces.sep] for run in runs]).repeat(each, 1)
    allowed = ~pieces.is_special(ids) & (ids != pieces.unk)
    allowed[:, :3] = allowed[:, -3:] = False
    place = torch.multinomial(allowed.float(), 1, generator=rng)[:, 0]
    is_word = torch.tensor([piece.isalpha() for piece in pieces.pieces])
    follows = torch.tensor([piece.startswith("##") for piece in pieces.pieces])
    row = torch.arange(len(ids))
    whole = is_word[ids[row, place]] & ~follows[ids[row, place + 1]]
    return Holes(ids, place, whole)


@torch.no_grad()
def fill_in_scores(objective: MaskedLM, holes: Holes) -> Scores:
    """A BERT's guesses, the hole shown as [MASK]."""
    hidden = torch.zeros_like(holes.ids, dtype=torch.bool)
    hidden[torch.arange(len(hidden)), holes.place] = True
    parts = zip(holes.ids.split(64), hidden.split(64), strict=True)
    share = torch.cat([objective.fill_in(ids, where) for ids, where in parts])
    return scores(share, holes.answer)


def scores(share: Float[Tensor, "rows vocab"], answer: Int[Tensor, " rows"]) -> Scores:
    """From probabilities of all pieces."""
    return Scores(-share[torch.arange(len(share)), answer].log(), share.argmax(1) == answer)
