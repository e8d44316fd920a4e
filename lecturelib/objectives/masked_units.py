"""BERT on vq-wav2vec's units: "VQ enables NLP-style models" (Baevski 2020a, Section 4)."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Int
from torch import Generator, Tensor

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.masked_lm import WordHead
from lecturelib.shapes import IsHidden


class Inventory(NamedTuple):
    """The units that speech made use of, as words of a vocabulary; used: their numbers, ascending.

    Of 320 x 320 pairs most are never heard: word 0 is the first that was. Two words more: `unknown`
    for a unit that was not in use, and `mask`.
    """

    used: Int[Tensor, " units"]

    @property
    def unknown(self) -> int:
        return len(self.used)

    @property
    def mask(self) -> int:
        return len(self.used) + 1

    @property
    def vocab(self) -> int:
        """How many words, `unknown` and `mask` counted."""
        return len(self.used) + 2

    def words(self, units: Int[Tensor, "..."]) -> Int[Tensor, "..."]:
        """Numbers as of `unit_ids` -> words 0 ... `unknown`."""
        place = torch.searchsorted(self.used, units).clamp(max=self.unknown - 1)
        return torch.where(self.used[place] == units, place, self.unknown)


def inventory(units: Int[Tensor, "..."]) -> Inventory:
    """All units that occur; ValueError for speech with none."""
    if not units.numel():
        raise ValueError("no units, so no words: give at least one clip")
    return Inventory(units.unique())


class MaskedUnits(Objective):
    """Masked language model on units: which unit stood at the hidden places?

    model  front end for words and the encoder: `recipes.bert("tiny", vocab=inventory.vocab)`
    mask   the word that stands where a unit is hidden
    hide   hide(is_pad, rng=...) -> hidden: `span_mask`, as 20 ms of speech are told by their
           neighbours. The paper starts a span at 5 % of the places and hides 10 units

    Every hidden unit is shown as [MASK], where the published code keeps or swaps a fifth of them.
    There is no next sentence.
    """

    def __init__(self, model: Model, *, mask: int, hide: Callable[..., IsHidden]):
        super().__init__()
        self.model, self.mask, self.hide = model, mask, hide
        self.words = WordHead(model.frontend.word)

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        ids, is_pad = batch.signal, batch.is_pad
        hidden = self.hide(torch.zeros_like(ids).bool() if is_pad is None else is_pad, rng=rng)
        if not hidden.any():
            raise ValueError(f"of {ids.numel()} units none is hidden: hide more, or more clips")
        context = self.model(ids.masked_fill(hidden, self.mask), is_pad=is_pad)
        logits, answer = self.words(context[hidden]), ids[hidden]
        loss, count = F.cross_entropy(logits, answer, reduction="sum"), len(answer)
        right = (logits.argmax(-1) == answer).float().mean()
        return Losses(loss, {"units_nll": loss.detach() / count, "units_right": right}, count)
