"""Numbers in words -> digits: a small translation whose answer anybody can check.

English says 21 as it is written, "twenty-one"; German says "einundzwanzig", one-and-twenty. So a
model that reads German has to cross its arms. Both are spelled by num2words, letter by letter.
"""

import re
from collections.abc import Sequence
from functools import cache

import torch
from jaxtyping import Bool, Int
from num2words import num2words
from torch import Tensor

from lecturelib.data.batch import Batch
from lecturelib.data.splits import SPLITS, shuffled

LANGUAGES = ("en", "de")
LETTERS = " -abcdefghijklmnopqrstuvwxyzäöüß"
SIGNS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "begin", "end")
BEGIN, END = SIGNS.index("begin"), SIGNS.index("end")
BELOW = 10_000  # what is learned has at most four digits
SHOWN = [321]  # the lecture's example: kept out of training


@cache
def numbers(split: str = "train") -> Batch:
    """Each number of a split twice: first all in English, then all in German.

    signal  [batch, time] ids of letters        label  [batch, digits + 1] ids of digits, then END
    meta    text, number, language

    0-9999 are dealt to train (8,000 numbers), validation and test (1,000 each) by the NUMBER: no
    answer of one split is ever seen in another, in either language. 0-9 are always trained: they
    are the words that the others are made of. `longer`: 1,000 numbers of five digits, more than
    was ever trained. Raises ValueError for another split.
    """
    if split not in (*SPLITS, "longer"):
        raise ValueError(f"split={split!r}: choose train, validation, test or longer")
    return spell_out(longer() if split == "longer" else deal()[split])


def deal() -> dict[str, list[int]]:
    """The numbers of each split, the same for ever."""
    words = list(range(10))
    rest = [number for number in range(10, BELOW) if number not in SHOWN]
    parts = shuffled(rest, train=8000 - len(words), validation=1000)
    return parts | {"train": words + parts["train"], "test": parts["test"] + SHOWN}


def longer() -> list[int]:
    """A thousand numbers of five digits."""
    rng = torch.Generator().manual_seed(0)
    return torch.randint(BELOW, 10 * BELOW, (1000,), generator=rng).tolist()


def spell_out(chosen: Sequence[int], languages: Sequence[str] = LANGUAGES) -> Batch:
    """These numbers in these languages, as a batch."""
    pairs = [(number, language) for language in languages for number in chosen]
    texts = [spelled(number, language) for number, language in pairs]
    signal, is_pad = encode(texts)
    label, is_label_pad = stack([[*map(int, str(number)), END] for number, _ in pairs], END)
    about = {
        "text": texts,
        "number": [number for number, _ in pairs],
        "language": [language for _, language in pairs],
    }
    return Batch(signal, is_pad, label, is_label_pad, meta=about)


def spelled(number: int, language: str) -> str:
    """What people say. Raises ValueError for an unknown language.

    >>> spelled(321, "en"), spelled(321, "de")
    ('three hundred twenty-one', 'dreihunderteinundzwanzig')
    """
    if language not in LANGUAGES:
        raise ValueError(f"language={language!r}: choose from {', '.join(LANGUAGES)}")
    return tidy(num2words(number, lang=language))


def tidy(text: str) -> str:
    """Lower case, no commas, no lone "and": as an American says it."""
    return " ".join(re.sub(r",|\band\b", " ", text.lower()).split())


def encode(
    texts: Sequence[str],
) -> tuple[Int[Tensor, "batch time"], Bool[Tensor, "batch time"]]:
    """Words -> (ids of letters, is_pad). Raises ValueError for a letter that no number has."""
    rows = []
    for text in map(tidy, texts):
        if strange := sorted(set(text) - set(LETTERS)):
            raise ValueError(f"{text!r} has {''.join(strange)!r}: write a number in words")
        if not text:
            raise ValueError("an empty text: write a number in words")
        rows.append([LETTERS.index(letter) for letter in text])
    return stack(rows, 0)


def stack(rows: list[list[int]], filler: int) -> tuple[Tensor, Tensor]:
    """Rows of different length side by side, and where the filler is."""
    width = max(map(len, rows))
    ids = torch.tensor([row + [filler] * (width - len(row)) for row in rows])
    return ids, torch.arange(width) >= torch.tensor([len(row) for row in rows])[:, None]


def written(ids: Sequence[int]) -> str:
    """Ids of digits -> "321"; what stands before the first END."""
    signs = [SIGNS[i] for i in ids]
    return "".join(signs[: signs.index("end")] if "end" in signs else signs)
