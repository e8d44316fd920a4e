"""BERT paper, Table 7: which of the layers should be features? Seven options, three readers."""

from dataclasses import replace
from functools import cache

import torch
from torch import Tensor

from lecturelib.adapt.layers import TUNED, VIEWS, Guess, read_out
from lecturelib.adapt.reading import BertReader, first_pieces
from lecturelib.adapt.tagging import (
    draw,
    fine_tune,
    labels,
    most_frequent_tag,
    observe,
    untrained,
)
from lecturelib.claims import Card
from lecturelib.claims.word_tags import KNOWN, READERS, frozen, percent, seen_by, unseen
from lecturelib.data import text
from lecturelib.data.sentences import documents
from lecturelib.data.text import Sentence
from lecturelib.objectives.skipgram import Settings, word2vec
from lecturelib.training.loop import Plan
from lecturelib.training.schedule import linear

JUDGED = "concat of last 4"
PLANS = {  # lr: the best of 1e-4, 3e-4, 1e-3 for MiniLM on validation sentences, one draw
    "BERT": Plan(steps=150, lr=1e-3, schedule=linear),
    "MiniLM": Plan(steps=100, lr=1e-3, schedule=linear),
}


def tuned(name: str, seed: int) -> Guess:
    """The seventh option: the whole encoder is trained on the seed's sentences."""
    reader, _ = seen_by(name)
    assert isinstance(reader, BertReader)
    plan = replace(PLANS[name], seed=seed)
    return fine_tune(reader, draw("train", KNOWN, seed), unseen(), plan)


@cache
def static_vectors(reader: BertReader) -> Tensor:
    """word2vec on the articles that BERT was trained on, one vector a piece [vocab, dim]."""
    docs = documents(text.wikipedia("train"), reader.pieces)
    rng = torch.Generator().manual_seed(0)
    ids = [doc.ids for doc in docs]
    return word2vec(ids, Settings(), vocab=len(reader.pieces), rng=rng).inputs.weight.detach()


def looked_up(reader: BertReader, sentences: list[Sentence]) -> Tensor:
    """The static vector of each word's first piece [words, dim]."""
    encodings = reader.pieces.encode([s.words for s in sentences], length=reader.length)
    ids = [one.ids[place] for one in encodings for place in first_pieces(one.word_ids)]
    return static_vectors(reader)[ids]


def baselines(seed: int) -> dict[str, Guess]:
    """What is reached with no context or no training, on the same sentences."""
    known, (reader, _) = draw("train", KNOWN, seed), seen_by("BERT")
    assert isinstance(reader, BertReader)
    fresh = untrained(reader, seed)
    seen, new = (VIEWS[JUDGED](observe(fresh, s).states) for s in (known, unseen()))
    vectors, others = (looked_up(reader, s) for s in (known, unseen()))
    return {
        "most frequent tag": most_frequent_tag(known, unseen()),
        "word2vec": read_out(vectors, labels(known), others),
        "untrained BERT": read_out(seen, labels(known), new),
    }


def run(seed: int) -> dict[str, float]:
    """Every option of every reader and the baselines, for one draw of sentences."""
    numbers = percent("baseline", baselines(seed))
    for name in READERS:
        numbers |= percent(name, frozen(name, seed))
    for name in PLANS:
        numbers |= percent(name, {TUNED: tuned(name, seed)})
    return numbers | {"effect": numbers[f"BERT: {JUDGED}"] - numbers["BERT: last"]}


CARD = Card(
    name="feature_options",
    source="Devlin et al. 2019, arXiv 1810.04805v2, Table 7",
    statement="As features, BERT's last four layers side by side are better than the last alone",
    paper_number="named entities, CoNLL-2003 development F1: 96.1 against 94.9 (fine-tuned 96.4)",
    protocol="this course's BERT (4 layers, 86 Wikipedia articles), frozen; Brown's part-of-speech "
    "tags put together to 18; linear soft-max on each word's first piece (cost .01), 400 training "
    "sentences of 4-20 words a seed; 1,000 test sentences, the same for all seeds; concatenation "
    "of the last four minus last, all words. Beside it: all options of ELMo and MiniLM; "
    "fine-tuned (lr 1e-3, 16 sentences a step, 150 steps; MiniLM 100); baselines: most frequent "
    "tag, word2vec, the untrained BERT",
    run=run,
    unit="points of accuracy, concatenation of the last four minus last layer",
)
