"""Extractive summarisation: the sentences that say most of the article, and not the same twice.

Every sentence is a vector; the article is their mean. Maximal marginal relevance (Carbonell and
Goldstein 1998) takes sentences close to the article and far from what was already taken.
"""

import re
from collections import Counter
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from lecturelib.adapt.retrieval import Vectors, checked
from lecturelib.data.text import Article, sentences


def opening_and_body(article: Article, most: int = 40) -> tuple[str, list[str]]:
    """(the first paragraph, up to `most` sentences of the rest).

    Wikipedia's first paragraph is a summary by people; the rest is what we may choose from.
    Raises ValueError for an article of a single paragraph.
    """
    opening, *rest = article.paragraphs
    if not rest:
        raise ValueError(
            f"{article.title!r} has a single paragraph: there is no body to choose from"
        )
    return opening, [line for paragraph in rest for line in sentences(paragraph)][:most]


def choose(said: Float[Tensor, "sentences dim"], count: int, *, balance: float = 0.7) -> list[int]:
    """Maximal marginal relevance: `count` sentence numbers, in the order in which they are taken.

    Each time the largest balance * cos(sentence, mean of all) - (1 - balance) * (largest cosine
    with a taken one). balance 1: closeness alone. Fewer where there are fewer sentences.
    Raises ValueError for a balance outside 0-1 and for a count below 1.
    """
    if not 0 <= balance <= 1 or count < 1:
        raise ValueError(f"balance={balance}, count={count}: balance is 0-1, count at least 1")
    unit = F.normalize(said, dim=1)
    gain = balance * unit @ F.normalize(said.mean(0), dim=0)
    alike, taken = unit @ unit.T, []
    for _ in range(min(count, len(said))):
        again = alike[:, taken].amax(1) if taken else torch.zeros_like(gain)
        points = gain - (1 - balance) * again
        points[taken] = -torch.inf
        taken.append(int(points.argmax()))
    return taken


def summarise(
    vectors: Vectors, lines: Sequence[str], count: int = 3, *, balance: float = 0.7
) -> list[str]:
    """The chosen sentences, in the order of the text."""
    taken = choose(vectors(checked(lines)), count, balance=balance)
    return [lines[number] for number in sorted(taken)]


def at_random(lines: Sequence[str], count: int, rng: Generator) -> list[str]:
    """What any method has to beat."""
    taken = torch.randperm(len(lines), generator=rng)[:count].sort().values
    return [lines[int(number)] for number in taken]


def overlap(ours: Sequence[str], theirs: str) -> float:
    """ROUGE-1 F1 (Lin 2004): words in common, repeated ones as often as both have them, 0-1."""
    said, wanted = (Counter(re.findall(r"\w+", part.lower())) for part in (" ".join(ours), theirs))
    words = said.total() + wanted.total()
    return 2 * (said & wanted).total() / words if words else 0.0
