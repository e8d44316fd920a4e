"""Facts and questions made from templates: a toy, on which a decoder learns to answer in seconds.

"anna carried the lamp to the hall . where did anna go ?" -> "she went to the hall"

Some words of the answers stand in no fact ("she", "went"): they cannot be marked in the text, they
have to be written.
"""

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from jaxtyping import Bool, Int
from torch import Tensor

from lecturelib.data.batch import Batch
from lecturelib.data.numbers import stack
from lecturelib.data.splits import check_split, shuffled

PEOPLE = {
    **dict.fromkeys(("anna", "emma", "lea", "mia", "nora"), "she"),
    **dict.fromkeys(("ben", "finn", "jonas", "paul", "tom"), "he"),
}
THINGS = ("apple", "ball", "book", "cup", "key", "lamp", "letter", "pen", "shoe", "umbrella")
PLACES = ("attic", "cellar", "garage", "garden", "hall", "kitchen", "office", "school")
FRAME = "{person} carried the {thing} to the {place} ."
TEMPLATES = (  # question, answer
    ("where is the {thing} ?", "it is in the {place}"),
    ("who carried the {thing} ?", "{person} did"),
    ("what did {person} carry ?", "{who} carried the {thing}"),
    ("where did {person} go ?", "{who} went to the {place}"),
)


def spoken() -> list[str]:
    """All words of the toy."""
    frames = " ".join((FRAME, *itertools.chain(*TEMPLATES)))
    return sorted({*re.sub(r"{\w+}", " ", frames).split(), *PEOPLE, "he", "she", *THINGS, *PLACES})


WORDS = ("[BEGIN]", "[END]", *spoken())
BEGIN, END = 0, 1


Fact = tuple[str, str, str]
"""Person, thing, place."""


class Asked(NamedTuple):
    """A fact and a question on it, and the sentence that answers."""

    text: str
    answer: str


def facts(split: str) -> list[Fact]:
    """Everybody with everything everywhere, 800; 80/10/10. Raises ValueError for another split."""
    check_split(split)
    every: list[Fact] = list(itertools.product(PEOPLE, THINGS, PLACES))
    tenth = len(every) // 10
    return shuffled(every, len(every) - 2 * tenth, tenth)[split]


def asked(known: Sequence[Fact]) -> list[Asked]:
    """Every fact with its four questions."""
    found = []
    for fact in known:
        words = named(*fact)
        for question, answer in TEMPLATES:
            found.append(Asked(f"{FRAME} {question}".format(**words), answer.format(**words)))
    return found


def named(person: str, thing: str, place: str) -> dict[str, str]:
    """A fact as what the templates ask for."""
    return {"person": person, "who": PEOPLE[person], "thing": thing, "place": place}


def encode(texts: Sequence[str]) -> tuple[Int[Tensor, "texts time"], Bool[Tensor, "texts time"]]:
    """Words -> (ids, is_pad). Raises ValueError for an empty text and for an unknown word."""
    rows = [re.findall(r"\w+|[.?]", text.lower()) for text in texts]
    if not all(rows):
        raise ValueError("an empty text: ask something")
    if strange := sorted({word for row in rows for word in row} - set(WORDS)):
        raise ValueError(f"the toy has no word {', '.join(strange)}: see data.facts.WORDS")
    return stack([[WORDS.index(word) for word in row] for row in rows], END)


def as_batch(chosen: Sequence[Asked]) -> Batch:
    """signal: the texts; label: the answers, each with an END."""
    signal, is_pad = encode([one.text for one in chosen])
    ends = [[*map(WORDS.index, one.answer.split()), END] for one in chosen]
    return Batch(signal, is_pad, *stack(ends, END), meta={"answer": [one.answer for one in chosen]})


def sentence(ids: Sequence[int]) -> str:
    """Ids -> words."""
    return " ".join(WORDS[number] for number in ids)
