"""ELMo: say the next word from those before it, and the word before from those after it."""

from typing import TypeAlias

import torch
import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.objectives import Losses, Objective
from lecturelib.shapes import IsPad

Scores: TypeAlias = Float[Tensor, "batch places vocab"]


class BidirectionalLM(Objective):
    """Two language models that share front end and output words (Peters et al. 2018, 3.1).

    model  context [batch, time, 2 dim]: a forward half and a backward half
    vocab  how many words can be said; batch.label [batch, time] holds each word's own number

    The loss is the mean of the two negative log-likelihoods. The softmax is over all words: at
    4,096 it is a third of a step, and needs no sampling. (The paper's vocabulary has 800,000.)
    Raises ValueError where no row has two words: then there is nothing to predict.
    """

    def __init__(self, model: Model, *, dim: int, vocab: int):
        super().__init__()
        self.model = model
        self.words = nn.Linear(dim, vocab)
        nn.init.zeros_(self.words.bias)

    def guesses(
        self, signal: Shaped[Tensor, "batch ..."], is_pad: IsPad | None = None
    ) -> tuple[Scores, Scores]:
        """Scores of words 1 to n-1, each from what is before it; of 0 to n-2, from what follows."""
        before, after = self.model(signal, is_pad=is_pad).chunk(2, dim=-1)
        return self.words(before[:, :-1]), self.words(after[:, 1:])

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        label = batch.labels
        real = torch.ones_like(label[:, 1:]) > 0 if batch.is_pad is None else ~batch.is_pad[:, 1:]
        if not (count := int(real.sum())):
            raise ValueError("no row has two words: there is nothing to predict")
        nexts, befores = self.guesses(batch.signal, batch.is_pad)
        ahead = F.cross_entropy(nexts[real], label[:, 1:][real], reduction="sum")
        back = F.cross_entropy(befores[real], label[:, :-1][real], reduction="sum")
        parts = {"forward_nll": ahead.detach() / count, "backward_nll": back.detach() / count}
        return Losses((ahead + back) / 2, parts, count)
