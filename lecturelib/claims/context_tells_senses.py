"""One spelling, two meanings: a static vector cannot tell them apart, context can."""

from functools import cache

import torch
from torch import Tensor

from lecturelib.adapt.homographs import (
    LEAST,
    draw,
    homographs,
    senses_of,
    told_apart,
    use_vectors,
)
from lecturelib.adapt.reading import minilm
from lecturelib.claims import Card
from lecturelib.data import text
from lecturelib.data.splits import SPLITS

LAYER = 3  # the middle of MiniLM's six, fixed beforehand


@cache
def everything() -> list[tuple[Tensor, Tensor]]:
    """MiniLM's vectors and the sense of every use of every homograph, read once for all seeds."""
    reader = minilm()
    found = homographs([one for split in SPLITS for one in text.brown(split)])
    return [(use_vectors(reader, uses), senses_of(uses)) for uses in found.values()]


def run(seed: int) -> dict[str, float]:
    """Accuracy of every layer, in percent, for one draw of 25 noun and 25 verb uses a word."""
    rng = torch.Generator().manual_seed(seed)
    words = []
    for vectors, sense in everything():
        rows = draw(sense, LEAST, rng)
        words.append(told_apart(vectors[:, rows], sense[rows]))
    score = 100 * torch.stack(words).mean(0)
    numbers = {f"layer {layer}": value for layer, value in enumerate(score.tolist())}
    return numbers | {"words": len(words), "effect": float(score[LAYER] - score[0])}


CARD = Card(
    name="context_tells_senses",
    source="Peters et al. 2018 (ELMo), arXiv 1802.05365v2, section 5.3 and table 4",
    statement="Vectors in context tell a homograph's senses apart where a static vector cannot",
    paper_number='table 4: the static neighbours of "play" mix sports and theatre, the biLM\'s '
    "have one sense; word sense disambiguation: 69.0 F1 from its second layer",
    protocol="published MiniLM, frozen; every word of Brown (all splits: nothing is trained) with "
    "at least 25 noun and 25 verb uses in sentences of 6-36 words; 25 + 25 drawn a word and seed; "
    "leave one out, majority of the 5 nearest by cosine of centred vectors, mean over words; "
    "layer 3 (fixed beforehand) minus layer 0 (the word and its place, no context)",
    run=run,
    unit="points of accuracy, layer 3 minus layer 0 (chance 50 %)",
)
