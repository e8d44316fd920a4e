"""Fill in the blanks: one sentence, some of its pieces hidden, what BERT says stood there."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from numpy import ndarray

from lecturelib.data.tokenizers import WordPieces
from lecturelib.masking import Mix, mask_words
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.published.bert import BertMaskedLM, BertPreTraining


@dataclass(frozen=True)
class MaskedWords:
    """A masked language model and its vocabulary, ours or a published one, for the mask painter.

    Pieces are strings without [CLS] and [SEP], which are added here. `shown` says for each of them
    what the model sees: None, the piece itself, and nobody asks; else the place is chosen, and it
    sees "[MASK]" there (masked), another piece (swapped), or the same one (kept).

    Raises ValueError for a vocabulary of another model, and for a model in training: dropout would
    give other numbers each time.
    """

    lm: MaskedLM | BertMaskedLM | BertPreTraining
    pieces: WordPieces

    def __post_init__(self) -> None:
        known = self.lm.model.frontend.word.num_embeddings
        if known != len(self.pieces):
            raise ValueError(
                f"the model knows {known} pieces, the vocabulary has {len(self.pieces)}: "
                "use the one that it was trained with"
            )
        if self.lm.training:
            raise ValueError("the model is in training mode: call eval() first")

    @property
    def vocabulary(self) -> list[str]:
        """All pieces, in the order of `fill`'s last axis."""
        return self.pieces.pieces

    def read(self, text: str) -> list[str]:
        """The pieces of a sentence, lower case; a word with a character that no piece has is [UNK].

        Raises ValueError for an empty text, one longer than the model's positions, and "[MASK]".
        """
        ids = self.pieces.ids(text)
        room = self.lm.model.frontend.position.num_embeddings - 2
        if not ids:
            raise ValueError("the text is empty: write a sentence")
        if len(ids) > room:
            raise ValueError(f"{len(ids)} pieces, the model reads at most {room}: shorten the text")
        if self.pieces.mask in ids:
            raise ValueError("the text has [MASK]: write the word itself, then hide it")
        return self.pieces.words(ids)

    def hide(self, pieces: Sequence[str], mix: Mix, seed: int) -> list[str | None]:
        """BERT's rule, 15 % of the sentence: `shown`, in which a seed chooses the same places for
        every mix. A swap may by chance bring the same piece back."""
        rng = torch.Generator().manual_seed(seed)
        changed, hidden = mask_words(self._framed(pieces), self.pieces, rng, mix=mix)
        seen = self.pieces.words(changed[0])
        row = zip(seen, hidden[0].tolist(), strict=True)
        return [piece if is_hidden else None for piece, is_hidden in row][1:-1]

    @torch.no_grad()
    def fill(
        self, pieces: Sequence[str], shown: Sequence[str | None]
    ) -> Float[ndarray, "chosen vocab"]:
        """The probability of every piece at each chosen place.

        Raises ValueError for a piece that is not in the vocabulary.
        """
        row = list(zip(pieces, shown, strict=True))
        ids = self._framed([piece if seen is None else seen for piece, seen in row])
        chosen = torch.tensor([[False, *(seen is not None for _, seen in row), False]])
        home = self.lm.words.decoder.weight.device
        context = self.lm.model(ids.to(home))[chosen.to(home)]
        return self.lm.words(context).softmax(-1).cpu().numpy()

    def _framed(self, pieces: Sequence[str]) -> torch.Tensor:
        ids = [self.pieces.tokenizer.token_to_id(piece) for piece in pieces]
        if None in ids:
            unknown = pieces[ids.index(None)]
            raise ValueError(f"{unknown!r} is not in the vocabulary: take its pieces from read()")
        return torch.tensor([[self.pieces.cls, *ids, self.pieces.sep]])
