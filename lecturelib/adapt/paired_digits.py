"""What can a model of speech, one of pictures and one of text have in common? A digit.

Each thing is a person who says "seven", a picture of a 7 that somebody wrote, and a sentence with
the word "seven". Nothing else of the three belongs together: voice, hand and sentence are drawn
on their own.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from lecturelib.adapt.pictures import colour
from lecturelib.data.images import mnist5k
from lecturelib.data.speech import Utterance, fsdd
from lecturelib.data.synthetic import DIGITS
from lecturelib.shapes import Labels

CARRIERS = (  # sentences of our own; every digit fits into each, early, late or in the middle
    "the answer is _ .",
    "his telephone number ends with _ .",
    "_ is a number .",
    "she wrote the number _ on the wall .",
    "the train leaves from platform _ .",
    "chapter _ begins with a long letter .",
    "please press _ to hear the message again .",
    "they live in house number _ near the river .",
    "number _ won the race .",
    "add _ to the sum and divide by ten .",
    "the film is on channel _ tonight .",
    "on page _ there is a map of the town .",
)


class Sentence(NamedTuple):
    """Words, of which words[at] is the digit."""

    words: tuple[str, ...]
    at: int


class PairedDigits(NamedTuple):
    """n things, each heard, seen and read.

    digit      [n] 0 to 9          clips  spoken, 8,000 Hz
    pictures   [n, 3, 32, 32] in 0-1, written by hand, grey, in three channels
    sentences  with the digit in English
    """

    digit: Labels
    clips: list[Utterance]
    pictures: Float[Tensor, "n 3 32 32"]
    sentences: list[Sentence]


def paired_digits(each: int, *, seed: int, split: str = "test") -> PairedDigits:
    """Draw `each` things of every digit, 0, 1, ... 9 in turn; no clip and no picture comes twice.

    Clips are of FSDD (without network: synthetic speech), pictures of MNIST-5k. Raises ValueError
    where a split has too few.
    """
    rng = Generator().manual_seed(seed)
    said, drawn = fsdd(split), colour(mnist5k(split))
    digit = torch.arange(len(DIGITS)).repeat(each)
    clips = some_of(torch.tensor([DIGITS.index(u.text or "") for u in said]), digit, rng)
    pictures = some_of(drawn.label, digit, rng)
    carriers = torch.randint(len(CARRIERS), (len(digit),), generator=rng).tolist()
    sentences = [
        sentence(CARRIERS[which], DIGITS[number])
        for which, number in zip(carriers, digit.tolist(), strict=True)
    ]
    return PairedDigits(digit, [said[i] for i in clips.tolist()], drawn.pixels[pictures], sentences)


def some_of(
    label: Int[Tensor, " rows"], wanted: Int[Tensor, " n"], rng: Generator
) -> Int[Tensor, " n"]:
    """For everything wanted a row with this label, at random, each row at most once."""
    rows = torch.zeros(len(wanted), dtype=torch.long)
    for one in wanted.unique().tolist():
        own, places = (label == one).nonzero()[:, 0], (wanted == one).nonzero()[:, 0]
        if len(own) < len(places):
            raise ValueError(f"{DIGITS[one]} is wanted {len(places)} times, {len(own)} are there")
        rows[places] = own[torch.randperm(len(own), generator=rng)[: len(places)]]
    return rows


def sentence(carrier: str, word: str) -> Sentence:
    """A carrier with the word in its gap."""
    words = carrier.split()
    at = words.index("_")
    return Sentence((*words[:at], word, *words[at + 1 :]), at)


def exchanged(digit: Labels, draws: int, rng: Generator) -> Int[Tensor, "draws n"]:
    """The control: every thing meets one of another digit, all sevens one of the threes, say.

    An order of the things a draw. The digits still stand apart as groups; only which is which is
    wrong. Simply shuffled things would have no groups in common, and CKA 0: that any two models
    tell digits apart would then look like agreement on what a seven is.

    Raises ValueError where one digit is there more often than another.
    """
    counts = digit.bincount(minlength=len(DIGITS)).tolist()
    if len(set(counts)) > 1:
        raise ValueError(f"{counts} things of the ten digits: exchange needs as many of each")
    orders = []
    for _ in range(draws):
        other = torch.arange(len(DIGITS))
        while (other == torch.arange(len(DIGITS))).any():
            other = torch.randperm(len(DIGITS), generator=rng)
        orders.append(some_of(digit, other[digit], rng))
    return torch.stack(orders)
