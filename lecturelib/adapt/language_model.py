"""A small Transformer that says how likely a text is: the second look at what was recognised."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.objectives.next_word import NextWord
from lecturelib.recipes import bert
from lecturelib.training.loop import Plan, Trainer

END = " ."  # a text may only end where it was told to
LENGTH = 64  # pieces that the small model can see


def train_language_model(texts: Sequence[str], plan: Plan, *, vocab: int = 500) -> NextWord:
    """The one encoder from left to right, from random weights, on these texts.

    Raises ValueError for no text.
    """
    if not texts:
        raise ValueError("0 texts: give at least one")
    torch.manual_seed(plan.seed)
    pieces = train_wordpieces([text + END for text in texts], vocab)
    model = NextWord(bert("tiny", vocab=len(pieces)), pieces)

    def draw(rng: Generator) -> Batch:
        rows = torch.randint(len(texts), (32,), generator=rng)
        return ended(model, [texts[int(row)] for row in rows])

    Trainer(model, draw, plan, label="language model").run()
    return model


def ended(model: NextWord, texts: Sequence[str]) -> Batch:
    """Texts in pieces, each with its end; what is longer than the model is cut."""
    return model.pieces.batch(model.pieces.encode([text + END for text in texts], length=LENGTH))


@torch.no_grad()
def log_probability(model: NextWord, texts: Sequence[str]) -> Float[Tensor, " texts"]:
    """log p of each text and its end, piece after piece; natural log."""
    batch = ended(model.eval(), texts)
    comes = batch.signal[:, 1:]
    context = model.model(batch.signal, batch.segment, is_pad=batch.is_pad)
    log_p = model.words(context[:, :-1]).log_softmax(-1).gather(2, comes[..., None])[..., 0]
    return log_p.masked_fill(model.pieces.is_special(comes), 0.0).sum(1)
