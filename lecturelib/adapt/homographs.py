"""One spelling, two meanings: do a word's vectors tell its noun uses from its verb uses?

The slide: word2vec gives "play" one vector, ELMo and BERT one for every sentence. Measured on
real sentences whose tags say which use it is; nothing is trained, so all splits may be used.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Generator, Tensor
from torch.nn.functional import normalize

from lecturelib.adapt.reading import Reader
from lecturelib.data import text
from lecturelib.data.splits import SPLITS

SENSES = ("noun", "verb")
TAGS = {"nn": 0, "vb": 1}  # Brown's singular noun and plain verb: spelled alike, never inflected
LENGTH = range(6, 37)  # words a sentence: enough context, little reading
LEAST = 25  # uses of either sense that a homograph must have
NEIGHBOURS = 5

Vectors = Float[Tensor, "layers uses dim"]
Senses = Int[Tensor, "uses"]


class Use(NamedTuple):
    """A word where it stands: words[at], and which of two senses it has there (0 or 1)."""

    words: tuple[str, ...]
    at: int
    sense: int

    def parts(self) -> tuple[str, str, str]:
        """What comes before the word, the word, and what follows, to be read by people."""
        before, after = self.words[: self.at], self.words[self.at + 1 :]
        return readable(before), self.words[self.at], readable(after)


def readable(words: Sequence[str]) -> str:
    """Words as a line of text: Brown's quotes made plain, its doubled ; ? ! single."""
    line = re.sub(r"``|''", '"', " ".join(words))
    line = re.sub(r"([;?!]) \1", r"\1", line)
    return re.sub(r" ([.,;:?!)]|n't\b|'s\b)", r"\1", line)


def homographs(sentences: Iterable[text.Sentence], least: int = LEAST) -> dict[str, list[Use]]:
    """Every word with at least `least` noun and verb uses in sentences of 6 to 36 words, by name.

    Brown marks titles and headlines behind a hyphen ("nn-tl"): they count as what they are.
    Raises ValueError where no word has that many, as in Brown's stand-in without network.
    """
    found, tags = defaultdict(list), set()
    for sentence in sentences:
        tags.update(sentence.tags)
        if len(sentence.words) not in LENGTH:
            continue
        for at, (word, tag) in enumerate(zip(sentence.words, sentence.tags, strict=True)):
            sense = TAGS.get(tag.split("-")[0])
            if sense is not None:
                found[word.lower()].append(Use(sentence.words, at, sense))
    kept = {word: found[word] for word in sorted(found) if fewest(found[word]) >= least}
    if not kept:
        raise ValueError(
            f"no word has {least} noun (nn) and {least} verb (vb) uses; the tags are "
            f"{', '.join(sorted(tags)[:4]) or 'missing'} ...: this needs the Brown corpus itself"
        )
    return kept


def fewest(uses: Sequence[Use]) -> int:
    """How many uses the rarer sense has."""
    verbs = sum(use.sense for use in uses)
    return min(verbs, len(uses) - verbs)


def in_brown() -> dict[str, list[Use]]:
    """The homographs of the whole Brown corpus, all three splits; none, said so, without it."""
    try:
        return homographs([one for split in SPLITS for one in text.brown(split)])
    except ValueError as error:
        print(error)
        return {}


def senses_of(uses: Sequence[Use]) -> Senses:
    """0 or 1 for every use."""
    return torch.tensor([use.sense for use in uses])


def draw(sense: Senses, per_sense: int, rng: Generator) -> Int[Tensor, "drawn"]:
    """`per_sense` uses of either sense, in random order: where vectors tie, order must not vote."""
    rows = []
    for one in (0, 1):
        own = (sense == one).nonzero()[:, 0]
        if len(own) < per_sense:
            raise ValueError(f"{len(own)} uses of sense {one}, {per_sense} asked for: draw fewer")
        rows.append(own[torch.randperm(len(own), generator=rng)[:per_sense]])
    drawn = torch.cat(rows)
    return drawn[torch.randperm(len(drawn), generator=rng)]


def use_vectors(reader: Reader, uses: Sequence[Use]) -> Vectors:
    """The word's vector in every layer, use by use; short sentences first, which pads less."""
    order = sorted(range(len(uses)), key=lambda i: len(uses[i].words))
    read = reader.word_states([uses[i].words for i in order])
    found = {i: states[:, uses[i].at] for i, states in zip(order, read, strict=True)}
    return torch.stack([found[i] for i in range(len(uses))], dim=1)


def alike(
    queries: Float[Tensor, "layers queries dim"], vectors: Vectors
) -> Float[Tensor, "layers queries uses"]:
    """Cosine after the mean use is taken away: what all uses share says nothing about the sense."""
    mean = vectors.mean(1, keepdim=True)
    queries, vectors = normalize(queries - mean, dim=2), normalize(vectors - mean, dim=2)
    return queries @ rearrange(vectors, "layers uses dim -> layers dim uses")


def told_apart(vectors: Vectors, sense: Senses) -> Float[Tensor, "layers"]:
    """The share of uses whose 5 nearest others, by majority, have the same sense; chance .5."""
    others = alike(vectors, vectors)
    others.diagonal(dim1=1, dim2=2).fill_(-torch.inf)  # leave one out: nobody votes on itself
    votes = sense[others.topk(NEIGHBOURS).indices].sum(2)
    return ((votes > NEIGHBOURS // 2) == sense.bool()).double().mean(1)


@dataclass(frozen=True)
class Apart:
    """How well each layer of a reader tells the senses of many words apart."""

    name: str
    words: tuple[str, ...]
    accuracy: Float[Tensor, "layers words"]

    def mean(self) -> Float[Tensor, "layers"]:
        """The score of a layer: the mean over words."""
        return self.accuracy.mean(1)

    def error(self) -> Float[Tensor, "layers"]:
        """Standard error of that mean, over words."""
        return self.accuracy.std(1) / len(self.words) ** 0.5


def senses(
    reader: Reader, words: Mapping[str, Sequence[Use]], rng: Generator, per_sense: int = LEAST
) -> Apart:
    """Balanced leave-one-out nearest neighbours, word by word: `per_sense` uses of either sense.

    words  as `homographs` gives them. About 33 CPU-seconds for MiniLM on Brown's 53 words.
    """
    rows = []
    for uses in words.values():
        chosen = [uses[i] for i in draw(senses_of(uses), per_sense, rng).tolist()]
        rows.append(told_apart(use_vectors(reader, chosen), senses_of(chosen)))
    return Apart(reader.name, tuple(words), torch.stack(rows, dim=1))
