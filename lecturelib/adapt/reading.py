"""A tokenizer and a model: text in, the vectors of every layer out, word by word.

The slide: the output of each encoder layer along a word's path can be used as its vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from einops import rearrange
from jaxtyping import Float
from tokenizers import Tokenizer
from torch import Tensor

from lecturelib import published
from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import WordPieces
from lecturelib.encoders.model import Model

Sentence = Sequence[str]
WordStates = Float[Tensor, "layers words dim"]


@runtime_checkable
class Reader(Protocol):
    """Whatever gives words vectors: a static table, ELMo, BERT. Layer 0 is before any context."""

    @property
    def name(self) -> str:
        """How it is called in a legend."""
        ...

    def word_states(self, sentences: Sequence[Sentence]) -> list[WordStates]:
        """Every layer's vector of every word, sentence by sentence."""
        ...


@dataclass(frozen=True)
class BertReader:
    """A BERT (ours or a published one) and its vocabulary, reading at most `length` pieces."""

    name: str
    pieces: WordPieces
    model: Model
    length: int

    @torch.no_grad()
    def states(self, batch: Batch) -> Float[Tensor, "layers batch time dim"]:
        """depth + 1 layers: what goes into the encoder, then what each layer gives."""
        tokens = self.model.frontend(batch.signal, batch.segment)
        return torch.stack(self.model.encoder.trace(tokens, batch.is_pad).states)

    def word_states(self, sentences: Sequence[Sentence]) -> list[WordStates]:
        """The vector of a word is that of its first piece, as in Devlin 2019, 5.3.

        Raises ValueError for a sentence with a word that holds nothing, or more than `length`
        pieces.
        """
        found = []
        for some in in_pieces(sentences, 32):
            encodings = self.pieces.encode(some, length=self.length)
            states = self.states(self.pieces.batch(encodings))
            for row, (encoding, words) in enumerate(zip(encodings, some, strict=True)):
                first = first_pieces(encoding.word_ids)
                if len(first) < len(words):
                    raise ValueError(
                        f"{len(words)} words do not fit into {self.length} pieces "
                        f"({' '.join(words[:5])} ...): cut the sentence, drop empty words"
                    )
                found.append(states[:, row, first])
        return found

    def text_vectors(self, texts: Sequence[str], layer: int = -1) -> Float[Tensor, "texts dim"]:
        """One vector a text: the mean over its pieces, [CLS] and [SEP] too (MiniLM's own rule)."""
        return self.text_states(texts)[layer]

    def text_states(self, texts: Sequence[str]) -> Float[Tensor, "layers texts dim"]:
        """Mean over the pieces of each text, in every layer; a text is cut at `length` pieces."""
        found = []
        for some in in_pieces(texts, 32):
            batch = self.pieces.batch(self.pieces.encode(some, length=self.length))
            is_piece = batch.signal != self.pieces.pad
            keep = rearrange(is_piece, "batch time -> batch time 1").float()
            found.append((self.states(batch) * keep).sum(2) / keep.sum(1))
        return torch.cat(found, dim=1)


def minilm() -> BertReader:
    """all-MiniLM-L6-v2: a real pre-trained BERT of 6 layers, tuned for sentence similarity."""
    name = "sentence-transformers/all-MiniLM-L6-v2"
    published_model: Any = published.load(name)
    tokenizer = Tokenizer.from_file(str(Path(published.packaged(name)) / "tokenizer.json"))
    return BertReader("MiniLM", WordPieces(tokenizer), published_model.model, length=256)


def first_pieces(word_ids: Sequence[int | None]) -> list[int]:
    """Where each word's first piece stands; special pieces belong to no word."""
    places: dict[int, int] = {}
    for place, word in enumerate(word_ids):
        if word is not None:
            places.setdefault(word, place)
    return list(places.values())


def in_pieces(things: Sequence, size: int) -> list[Sequence]:
    """At most `size` at a time."""
    return [things[start : start + size] for start in range(0, len(things), size)]
