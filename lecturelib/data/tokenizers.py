"""Text -> word pieces: frequent words stay whole, rare ones are spelled from parts ("play ##ing").

WordPiece (Wu et al. 2016; Devlin 2019, Section 3), trained by the `tokenizers` library.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import torch
from jaxtyping import Bool, Int
from tokenizers import Encoding, Tokenizer, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import BertProcessing
from torch import Tensor

from lecturelib.data.batch import Batch

Texts: TypeAlias = Sequence[str] | Sequence[Sequence[str]]
"""Each a string, or in words."""

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class WordPieces:
    """A trained vocabulary: texts in, ids out. len() is its size.

    `pieces` stand in the order of their ids; `pad`, `unk`, `cls`, `sep`, `mask` are the ids of the
    special ones. A character that no piece has turns its word into [UNK].
    """

    def __init__(self, tokenizer: Tokenizer):
        vocab = tokenizer.get_vocab()
        if missing := [piece for piece in SPECIAL if piece not in vocab]:
            raise ValueError(f"the vocabulary has no {', '.join(missing)}: is it a WordPiece one?")
        self.pad, self.unk, self.cls, self.sep, self.mask = (vocab[piece] for piece in SPECIAL)
        self.pieces = sorted(vocab, key=vocab.__getitem__)
        self.tokenizer = tokenizer
        self.tokenizer.no_padding()

    def __len__(self) -> int:
        return len(self.pieces)

    def ids(self, text: str) -> list[int]:
        """The pieces of a text, nothing added and nothing cut."""
        self.tokenizer.no_truncation()
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def words(self, ids: Sequence[int] | Tensor) -> list[str]:
        """Each id as its piece."""
        return [self.pieces[int(number)] for number in ids]

    def is_special(self, ids: Int[Tensor, "..."]) -> Bool[Tensor, "..."]:
        """True for [PAD], [CLS], [SEP] and [MASK]; [UNK] stands for a word of the text."""
        special = torch.tensor([self.pad, self.cls, self.sep, self.mask])
        return torch.isin(ids, special.to(ids.device))

    def encode(
        self,
        texts: Texts,
        second: Texts | None = None,
        *,
        length: int,
    ) -> list[Encoding]:
        """[CLS] text [SEP], or [CLS] text [SEP] second [SEP]: pieces, with their words and places.

        Texts in words keep them: `word_ids`. What does not fit into `length` pieces is cut from the
        end of the longer part. Raises ValueError for a text that holds nothing, and for a length
        that leaves no room for a piece of each text.
        """
        least = 3 if second is None else 5
        if length < least:
            raise ValueError(f"length={length} leaves no room: {least} pieces are the least here")
        if second is not None and len(second) != len(texts):
            raise ValueError(f"{len(texts)} texts, but {len(second)} second ones: one each")
        self.tokenizer.enable_truncation(length)
        given = list(texts if second is None else zip(texts, second, strict=True))
        in_words = bool(texts) and not isinstance(texts[0], str)
        found = self.tokenizer.encode_batch(given, is_pretokenized=in_words)
        for part, name in enumerate(("texts", "second texts")[: 1 if second is None else 2]):
            if empty := [row for row, one in enumerate(found) if part not in one.sequence_ids]:
                raise ValueError(f"{name} {empty} are empty: drop them first")
        return found

    def batch(self, encodings: Sequence[Encoding]) -> Batch:
        """Encodings side by side: ids, is_pad, and segment 0 or 1."""
        longest = max(len(one.ids) for one in encodings)
        ids = torch.full((len(encodings), longest), self.pad)
        segment = torch.zeros_like(ids)
        for row, one in enumerate(encodings):
            ids[row, : len(one.ids)] = torch.tensor(one.ids)
            segment[row, : len(one.ids)] = torch.tensor(one.type_ids)
        lengths = torch.tensor([len(one.ids) for one in encodings])
        return Batch(ids, torch.arange(longest) >= lengths[:, None], None, segment=segment)


def train_wordpieces(texts: Iterable[str], vocab: int = 4096) -> WordPieces:
    """A lower-case vocabulary of at most `vocab` pieces: the special ones, then all by alphabet.

    Raises ValueError for texts that hold no word.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    clean(tokenizer)
    texts = list(texts)
    first = [*SPECIAL, *continuations(tokenizer, texts)]
    trainer = trainers.WordPieceTrainer(vocab_size=vocab, special_tokens=first, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    found = tokenizer.get_vocab().keys() - set(SPECIAL)
    if not found:
        raise ValueError("the texts hold no word: give at least one that is not empty")
    return from_vocabulary([*SPECIAL, *sorted(found)])  # the trainer's order changes by the run


def continuations(tokenizer: Tokenizer, texts: Iterable[str]) -> list[str]:
    """##a, ##b ... for all characters within words, by alphabet.

    Left to itself the trainer numbers them by chance, and then breaks ties by these numbers: other
    pieces each time, so that a run that was killed could not go on.
    """
    plain, split = tokenizer.normalizer.normalize_str, tokenizer.pre_tokenizer.pre_tokenize_str
    words = {word for text in texts for word, _ in split(plain(text))}
    return sorted({f"##{letter}" for word in words for letter in word[1:]})


def from_vocabulary(pieces: Sequence[str]) -> WordPieces:
    """The tokenizer with exactly these pieces in this order: a checkpoint's own."""
    ids = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    clean(tokenizer)
    tokenizer.add_special_tokens([piece for piece in SPECIAL if piece in ids])
    found = WordPieces(tokenizer)
    tokenizer.post_processor = BertProcessing(("[SEP]", found.sep), ("[CLS]", found.cls))
    return found


def clean(tokenizer: Tokenizer) -> None:
    """BERT's way to read: lower case, no accents, each punctuation mark alone."""
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
