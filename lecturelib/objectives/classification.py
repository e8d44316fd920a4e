"""Supervised learning: one label an example, softmax and cross-entropy."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Losses, Objective
from lecturelib.shapes import Logits


class Classification(Objective):
    """An encoder that gives one vector an example, and one linear layer: W f(x) + b.

    encoder  called with what the batch holds (`Batch.inputs`): pictures, or ids with is_pad
             and segment; gives [batch, dim]
    classes  how many labels there are; a label outside 0..classes-1 is a ValueError
    """

    def __init__(self, encoder: nn.Module, *, dim: int, classes: int):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(dim, classes)

    def logits(self, *inputs: Tensor | None) -> Logits:
        """Scores before the softmax."""
        return self.head(self.encoder(*inputs))

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        label = batch.labels
        classes = self.head.out_features
        if len(wrong := label[(label < 0) | (label >= classes)]):
            raise ValueError(f"label {int(wrong[0])} is outside 0..{classes - 1}")
        logits = self.logits(*batch.inputs)
        right = (logits.argmax(1) == label).float().mean()
        return Losses(
            F.cross_entropy(logits, label, reduction="sum"),
            {"accuracy": right.detach()},
            len(batch),
        )
