"""BERT in small on 86 Wikipedia articles: hidden words, next sentence, a start from word2vec."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lecturelib.adapt.fill_in import Holes, fill_in_scores, one_hole
from lecturelib.adapt.reading import BertReader
from lecturelib.data import streaming, text
from lecturelib.data.batch import Batch
from lecturelib.data.sentences import Document, documents, pairs
from lecturelib.data.tokenizers import WordPieces, from_vocabulary, train_wordpieces
from lecturelib.data.unread import unread
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.objectives.next_word import NextWord
from lecturelib.objectives.skipgram import Settings, word2vec
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, facts_of, held_out_row, vocabulary
from lecturelib.recipes.words import BERTS, bert
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Draw, Plan, Row
from lecturelib.training.schedule import linear

DATA, STREAMS = ("wikipedia",), ("text:FILE_OR_HUB_NAME",)
STEPS = {"quick": 300, "gpu": 30_000, "full": 30_000}
VOCAB, LENGTH = 4096, 64
SHARE = (
    0.3  # twice BERT's 15 %: twice the work a step, and we have minutes (Wettig 2023 finds 40 %)
)


class Corpus(NamedTuple):
    """docs: some that fit into memory; draw: batches of pairs; measure: makes of an objective what
    watches it on texts that it never reads."""

    pieces: WordPieces
    docs: list[Document]
    draw: Draw
    measure: Callable[[MaskedLM], Callable[[], Row]]
    facts: dict[str, str]


def build(data: str, pace: str, seed: int = 0) -> Job:
    """Encoder and heads are shipped. Validation articles are watched; test is the notebook's."""
    torch.manual_seed(seed)
    said = wikipedia() if data == "wikipedia" else streamed(data, 8, length=LENGTH, vocab=VOCAB)
    pieces = said.pieces
    objective = MaskedLM(bert("mini", vocab=len(pieces)), pieces, share=SHARE)
    epochs = 1 if pace == "quick" else 5
    begin_with(objective, word2vec_start(said.docs, len(pieces), epochs=epochs, seed=seed))
    return Job(
        objective=objective,
        draw=said.draw,
        plan=Plan(
            STEPS[pace], lr=1.5e-3, schedule=linear, seed=seed, measure_every=1000, save_every=1000
        ),
        ship=objective,
        facts=said.facts,
        measure=said.measure(objective),
        vocabulary=pieces.pieces,
    )


def wikipedia() -> Corpus:
    """86 articles for training; single hidden words of those of validation are watched."""
    articles = text.wikipedia("train")
    pieces = train_wordpieces((line for a in articles for line in a.paragraphs), VOCAB)
    docs, unseen = documents(articles, pieces), documents(text.wikipedia("validation"), pieces)
    everything = Batch(torch.tensor([[n for doc in docs for n in doc.ids]]), None, None)
    holes = one_hole(unseen, pieces, length=LENGTH, seed=0)

    def draw(rng: Generator) -> Batch:
        return pairs(docs, pieces, length=LENGTH, size=8, rng=rng)

    facts = facts_of(everything, "English Wikipedia, 86 articles in gensim", "CC BY-SA")
    return Corpus(pieces, docs, draw, lambda objective: partial(filled_in, objective, holes), facts)


def filled_in(objective: MaskedLM, holes: Holes) -> Row:
    """How well the hidden words are told."""
    scores = fill_in_scores(objective, holes)
    return {
        "unseen_nll": scores.nll.mean().item(),
        "unseen_right": scores.right.float().mean().item(),
    }


def streamed(data: str, size: int, *, length: int, vocab: int) -> Corpus:
    """A text on disk, read while training; the vocabulary is made of 20,000 of its texts."""
    found = streaming.texts(data.partition(":")[2])
    some = found.sample(20_000)
    pieces = train_wordpieces((line for a in some for line in a.paragraphs), vocab)
    learn, watch = (
        streaming.text_pairs(found, rows, pieces, length)
        for rows in (found.train, found.validation)
    )
    held_out = unread(watch, 64)(Generator().manual_seed(0)).rows(slice(None))
    return Corpus(
        pieces,
        documents(some[:500], pieces),
        unread(learn, size),
        lambda objective: partial(held_out_row, objective, held_out),
        {"data_sha256": found.digest, "data_source": data, "data_licence": "its own"},
    )


class Start(NamedTuple):
    """vectors [vocab, dim] of word2vec, centred, deviation 0.15; log_share [vocab] of the text."""

    vectors: Float[Tensor, "vocab dim"]
    log_share: Float[Tensor, " vocab"]


def word2vec_start(docs: Sequence[Document], vocab: int, *, epochs: int, seed: int) -> Start:
    """The lecture's history as a warm start: what word2vec and counting know of each piece."""
    settings = Settings(dim=BERTS["mini"].dim, window=3, epochs=epochs)
    rng = torch.Generator().manual_seed(seed)
    model = word2vec([doc.ids for doc in docs], settings, vocab=vocab, rng=rng)
    vectors = model.inputs.weight.detach() - model.inputs.weight.detach().mean(0)
    ids = torch.tensor([n for doc in docs for n in doc.ids])
    counts = torch.bincount(ids, minlength=vocab).double() + 0.1
    return Start(0.15 * vectors / vectors.std(), (counts / counts.sum()).log().float())


@torch.no_grad()
def begin_with(objective: MaskedLM | NextWord, start: Start) -> None:
    """word2vec's vectors as embeddings, the pieces' shares as the word head's bias.

    Not in the paper, which starts at random and has a thousand times our steps.
    """
    objective.model.frontend.word.weight.copy_(start.vectors)
    objective.words.decoder.bias.copy_(start.log_share)


def shipped() -> MaskedLM:
    """The BERT that this recipe has made, in eval mode; its vocabulary is `.pieces`."""
    path = CHECKPOINTS / "bert_wikipedia.safetensors"
    pieces = from_vocabulary(vocabulary(path))
    objective = MaskedLM(bert("mini", vocab=len(pieces)), pieces, share=SHARE).eval()
    load_weights(path, objective)
    return objective


def reader(objective: MaskedLM | None = None) -> BertReader:
    """Our BERT as a reader: every layer's vectors of every word. None: the shipped one."""
    objective = shipped() if objective is None else objective
    return BertReader("our BERT", objective.pieces, objective.model, length=LENGTH)
