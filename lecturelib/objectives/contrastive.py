"""Contrastive learning: pull a pair together, push the others away."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Losses, Objective
from lecturelib.shapes import Features

View = Callable[[Tensor, torch.Generator], Tensor]


def info_nce(anchor: Features, positive: Features, temperature: float = 0.2) -> Tensor:
    """InfoNCE (van den Oord et al. 2018, Eq. 4): which of the batch is my partner? Sum over rows.

    The slide's loss of wav2vec 2.0 with the other rows as negatives: sim is the cosine, kappa the
    temperature. Chance is log(batch).
    """
    if len(anchor) < 2:
        raise ValueError(f"a batch of {len(anchor)} has no negatives: use at least 2 rows")
    scores = F.normalize(anchor, dim=1) @ F.normalize(positive, dim=1).T / temperature
    partner = torch.arange(len(anchor), device=anchor.device)
    return F.cross_entropy(scores, partner, reduction="sum")


class Contrastive(Objective):
    """Two views of each example are a pair; the rest of the batch are negatives (SimCLR 2020).

    encoder  [batch, ...] -> [batch, dim]
    view     view(signal, rng) -> signal: what may change without changing what it is
    The projection is thrown away after pre-training, as in the paper.
    """

    def __init__(self, encoder: nn.Module, *, dim: int, view: View, temperature: float = 0.2):
        super().__init__()
        self.encoder, self.view, self.temperature = encoder, view, temperature
        self.project = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim))

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        one, two = (self.project(self.encoder(self.view(batch.signal, rng))) for _ in range(2))
        total = info_nce(one, two, self.temperature) / 2 + info_nce(two, one, self.temperature) / 2
        scores = F.normalize(one, dim=1) @ F.normalize(two, dim=1).T
        found = (scores.argmax(1).cpu() == torch.arange(len(batch))).float().mean()
        return Losses(total, {"partner_found": found, "spread": spread(one.detach())}, len(batch))


def spread(vectors: Features) -> Tensor:
    """Collapse meter: 1 where directions fill the space, 0 where all inputs give one vector.

    Standard deviation of the unit vectors over the batch, times sqrt(dim) (Chen and He 2021, 4.1).
    """
    unit = F.normalize(vectors.float(), dim=1)
    return unit.std(0).mean() * unit.shape[1] ** 0.5
