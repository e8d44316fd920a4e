"""Four small BERTs a seed, alike but for one choice each: what three cards of this course compare.

The same articles, vocabulary, start (word2vec's vectors, one epoch), steps and batches.
"""

from functools import cache

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor

from lecturelib.adapt.layers import read_out
from lecturelib.adapt.reading import BertReader
from lecturelib.adapt.tagging import draw, observe, score
from lecturelib.adapt.transfer import linear
from lecturelib.data import text
from lecturelib.data.batch import Batch
from lecturelib.data.sentences import Document, documents, fit, framed, pairs
from lecturelib.data.tokenizers import WordPieces, train_wordpieces
from lecturelib.objectives import Objective
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.objectives.next_word import NextWord
from lecturelib.pretraining.bert import LENGTH, SHARE, VOCAB, Start, begin_with, word2vec_start
from lecturelib.recipes import bert
from lecturelib.training.loop import Plan, Trainer
from lecturelib.training.schedule import linear as linear_schedule

ARMS = ("BERT", "no next sentence", "only [MASK]", "left to right")
STEPS, LR = 1500, 2e-3


@cache
def vocabulary() -> WordPieces:
    """As the shipped BERT's."""
    articles = text.wikipedia("train")
    return train_wordpieces((line for a in articles for line in a.paragraphs), VOCAB)


@cache
def articles(split: str) -> list[Document]:
    """The Wikipedia articles of a split in pieces."""
    return documents(text.wikipedia(split), vocabulary())


@cache
def start(seed: int) -> Start:
    """What all arms of a seed begin with."""
    return word2vec_start(articles("train"), len(vocabulary()), epochs=1, seed=seed)


@cache
def trained(arm: str, seed: int) -> BertReader:
    """Pre-trained for 1,500 steps of 8 x 64 pieces, depth 2; read-only from then on."""
    torch.manual_seed(seed)
    pieces, model = vocabulary(), bert("tiny", vocab=len(vocabulary()))
    objective: Objective = NextWord(model, pieces)
    if arm != "left to right":
        objective = MaskedLM(
            model,
            pieces,
            next_sentence=arm != "no next sentence",
            share=SHARE,
            mix=(1.0, 0.0, 0.0) if arm == "only [MASK]" else (0.8, 0.1, 0.1),
        )
    begin_with(objective, start(seed))

    def batches(rng: Generator) -> Batch:
        return pairs(articles("train"), pieces, length=LENGTH, size=8, rng=rng)

    plan = Plan(STEPS, lr=LR, schedule=linear_schedule, seed=seed)
    Trainer(objective, batches, plan, label=arm).run()
    return BertReader(arm, pieces, objective.model.requires_grad_(False), LENGTH)


def side_by_side(states: Float[Tensor, "layers n dim"]) -> Float[Tensor, "n wide"]:
    """All layers of each thing in one vector."""
    return rearrange(states, "layers n dim -> n (layers dim)")


def tags(arm: str, seed: int) -> dict[str, float]:
    """Percent of Brown's words tagged right from all layers, frozen, after 400 sentences."""
    known, unseen = draw("train", 400, seed), draw("test", 1000, seed)
    seen, new = (observe(trained(arm, seed), sentences) for sentences in (known, unseen))
    guess = read_out(side_by_side(seen.states), seen.label, side_by_side(new.states))
    return score(guess, unseen)


def same_article(docs: list[Document], count: int, rng: Generator) -> Batch:
    """Two texts of about 28 pieces, of one article (label 0) but apart, or of two articles (1).

    The first is from the first half of its article, the second from the second half.
    """

    def text_of(doc: Document, half: int) -> list[int]:
        middle = len(doc.starts) // 2
        at = int(torch.randint(max(1, middle - 5), (), generator=rng))
        return doc.run(at + half * middle, 28)[0]

    texts, label = [], torch.arange(count) % 2
    for different in label.tolist():
        one, other = torch.randperm(len(docs), generator=rng)[:2].tolist()
        second = docs[other if different else one]
        texts.append(fit(text_of(docs[one], 0), text_of(second, 1), LENGTH - 3, rng))
    return framed(texts, label, vocabulary())


def tells_articles(arm: str, seed: int) -> float:
    """Percent right on test articles: a linear layer on [CLS], frozen, after 800 pairs."""
    rng = torch.Generator().manual_seed(seed)
    seen, unseen = (
        same_article(articles(split), count, rng)
        for split, count in (("validation", 800), ("test", 1000))
    )
    features = [trained(arm, seed).states(batch)[:, :, 0] for batch in (seen, unseen)]
    known, new = map(side_by_side, features)
    return 100 * float(
        linear(known, seen.labels, cost=0.01).score(new.numpy(), unseen.labels.numpy())
    )
