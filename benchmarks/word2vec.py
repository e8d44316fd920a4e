"""word2vec: a step whose gradient is written down, beside the step that autograd finds."""

import torch
from gensim.models import Word2Vec
from torch import Tensor

from benchmarks.case import Case
from lecturelib.objectives.skipgram import Settings, SkipGram, word2vec
from lecturelib.pretraining.word2vec import LEAST, frequent, numbers, sentences

VOCAB, DIM, PAIRS, NEGATIVES = 7000, 128, 4096, 5


def start() -> tuple[SkipGram, tuple[Tensor, Tensor, Tensor]]:
    """A model, and pairs with noise whose frequencies fall as those of words do (1 / rank)."""
    rng = torch.Generator().manual_seed(0)
    model = SkipGram(vocab=VOCAB, dim=DIM, rng=rng)
    torch.nn.init.uniform_(model.outputs.weight, -0.5 / DIM, 0.5 / DIM, generator=rng)
    share = 1 / torch.arange(1.0, VOCAB + 1)
    drawn = torch.multinomial(share, PAIRS * (2 + NEGATIVES), replacement=True, generator=rng)
    centre, context, noise = drawn.split([PAIRS, PAIRS, PAIRS * NEGATIVES])
    return model, (centre, context, noise.view(PAIRS, NEGATIVES))


def word2vec_step() -> Case:
    """4,096 pairs, 5 noise words each, 7,000 words of 128 numbers, plain gradient descent."""
    (ours, given), (theirs, _) = start(), start()
    optimiser = torch.optim.SGD(theirs.parameters(), lr=0.025)

    def peer() -> None:
        optimiser.zero_grad()
        theirs.loss(*given).backward()
        optimiser.step()

    return Case(
        lambda: ours.descend(*given, lr=0.025), peer, "autograd and torch.optim.SGD", goal=1.3
    )


def word2vec_epoch() -> Case:
    """Once through our Wikipedia text, beside gensim's compiled loop with the same settings."""
    said = sentences("train")
    words = frequent(said, LEAST)
    ids, settings = numbers(said, words), Settings(epochs=1)
    kept = [[words[number] for number in sentence] for sentence in ids]

    def ours() -> None:
        word2vec(ids, settings, vocab=len(words), rng=torch.Generator().manual_seed(0))

    def peer() -> None:
        Word2Vec(
            kept,
            vector_size=settings.dim,
            window=settings.window,
            negative=settings.negatives,
            sample=settings.frequent,
            ns_exponent=settings.power,
            alpha=settings.lr,
            min_alpha=0,
            sg=1,
            min_count=1,
            epochs=1,
            workers=1,
        )

    return Case(ours, peer, "gensim Word2Vec, one worker", goal=0.2)
