"""Left to right: guess the next word from those before it (GPT; BERT's rival "LTR & No NSP")."""

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import WordPieces
from lecturelib.encoders.attention import causal_bias
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Trace
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.masked_lm import WordHead
from lecturelib.shapes import IsPad, Tokens


class LeftToRight(nn.Module):
    """The one encoder, but no position may look to its right."""

    def __init__(self, encoder: Encoder):
        super().__init__()
        self.encoder, self.dim = encoder, encoder.dim

    def forward(self, tokens: Tokens, is_pad: IsPad | None = None) -> Tokens:
        time = tokens.shape[1]
        return self.encoder(tokens, is_pad, causal_bias(time, time, tokens)[0])

    def trace(self, tokens: Tokens, is_pad: IsPad | None = None) -> Trace:
        """`forward` with everything kept."""
        time = tokens.shape[1]
        return self.encoder.trace(tokens, is_pad, causal_bias(time, time, tokens)[0])


class NextWord(Objective):
    """Guess at every place what comes next; special pieces are read, but not guessed.

    `model`'s encoder becomes a LeftToRight one. Radford 2018, Eq. 1; Devlin 2019, Section 5.1.
    """

    def __init__(self, model: Model, pieces: WordPieces):
        super().__init__()
        self.model = Model(frontend=model.frontend, encoder=LeftToRight(model.encoder))
        self.pieces, self.words = pieces, WordHead(model.frontend.word)

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        context = self.model(batch.signal, batch.segment, is_pad=batch.is_pad)
        comes = batch.signal[:, 1:]
        real = ~self.pieces.is_special(comes)
        logits, answer = self.words(context[:, :-1][real]), comes[real]
        loss = F.cross_entropy(logits, answer, reduction="sum")
        right = (logits.argmax(-1) == answer).float().mean()
        parts = {"words_nll": loss.detach() / len(answer), "words_right": right}
        return Losses(loss, parts, len(answer))
