"""Whose voice is it? Softmax over the speakers (x-vectors), and a contrastive loss (GE2E)."""

from typing import TypeAlias

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.classification import Classification
from lecturelib.shapes import Features, Labels

Similarity: TypeAlias = Float[Tensor, "batch speakers"]


class Segment7(nn.Module):
    """Snyder et al. 2018, Table 1: what lies between the x-vector and the softmax.

    The nonlinearity and batch norm of segment6, then segment7 with its own. It is thrown away
    after training: the x-vector is what the encoder gives.
    """

    def __init__(self, encoder: nn.Module, *, dim: int, width: int = 512):
        super().__init__()
        self.encoder = encoder
        self.layers = nn.Sequential(
            nn.ReLU(), nn.BatchNorm1d(dim), nn.Linear(dim, width), nn.ReLU(), nn.BatchNorm1d(width)
        )

    def forward(self, *inputs: Tensor | None) -> Features:
        return self.layers(self.encoder(*inputs))


def speaker_softmax(
    encoder: nn.Module, *, dim: int, speakers: int, width: int = 512
) -> Classification:
    """The paper's objective: cross-entropy over the training speakers, through segment7.

    encoder   waves or frames, and is_pad -> x-vectors [batch, dim]
    speakers  labels are 0 ... speakers - 1
    """
    return Classification(Segment7(encoder, dim=dim, width=width), dim=width, classes=speakers)


class GE2E(Objective):
    """Generalised end-to-end loss (Wan et al. 2018), softmax variant, Eqs. 5, 6, 8 and 9.

    Each clip's vector is pulled to the mean of its speaker's OTHER clips in the batch, and pushed
    away from the other speakers' means; no speaker has a weight of its own, so that new ones need
    none. scale and shift (the paper's w and b) start at 10 and -5 and are learned; the paper slows
    their gradients a hundredfold, which Adam would undo, so that we do not.
    """

    def __init__(self, encoder: nn.Module, *, scale: float = 10.0, shift: float = -5.0):
        super().__init__()
        self.encoder = encoder
        self.scale, self.shift = (
            nn.Parameter(torch.tensor(scale)),
            nn.Parameter(torch.tensor(shift)),
        )

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        who = batch.labels.unique(return_inverse=True)[1]
        cosine = to_centroids(self.encoder(*batch.inputs), who)
        scores = self.scale.clamp(min=1e-6) * cosine + self.shift
        found = (scores.argmax(1) == who).float().mean()
        total = F.cross_entropy(scores, who, reduction="sum")
        return Losses(total, {"accuracy": found.detach()}, len(batch))


def to_centroids(vectors: Features, who: Labels) -> Similarity:
    """The cosine of each clip's vector with each speaker's mean, its own speaker's without itself.

    who  [batch] numbers 0 ... speakers - 1. Raises ValueError for one speaker only, and where a
    speaker has one clip only.
    """
    unit = F.normalize(vectors, dim=1)
    member = F.one_hot(who).to(unit)
    count = member.sum(0)
    if len(count) < 2:
        raise ValueError("a batch of 1 speaker has nobody to tell apart: draw at least 2")
    if alone := (count < 2).nonzero().flatten().tolist():
        raise ValueError(f"speakers {alone} have fewer than 2 clips in the batch: draw at least 2")
    sums = member.T @ unit
    cosine = unit @ F.normalize(sums, dim=1).T  # the mean's direction is the sum's
    others = F.normalize(sums[who] - unit, dim=1)
    return torch.where(member.bool(), (unit * others).sum(1, keepdim=True), cosine)
