"""Non-contrastive learning: only positive pairs. What keeps everything from becoming one point?"""

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.contrastive import View, spread
from lecturelib.objectives.teacher import Teacher
from lecturelib.shapes import Features


class NonContrastive(Objective):
    """Predict one view's vector from the other view's: BYOL (2020) and SimSiam (2021), by switches.

    predictor      a small trainable network on the online side
    stop_gradient  the target side is a constant for the gradient
    tau            EMA teacher as the target side; None: the student itself (SimSiam)

    With tau the target is a constant anyway. All three off: the trivial answer, one vector for
    every input, has loss 0.
    """

    def __init__(
        self,
        encoder: nn.Module,
        *,
        dim: int,
        view: View,
        predictor: bool = True,
        stop_gradient: bool = True,
        tau: float | None = 0.99,
    ):
        super().__init__()
        self.view, self.stop_gradient = view, stop_gradient
        self.encoder = encoder
        self.project = nn.Sequential(
            nn.Linear(dim, dim), nn.BatchNorm1d(dim), nn.ReLU(), nn.Linear(dim, dim)
        )
        self.predict = (
            nn.Sequential(nn.Linear(dim, dim), nn.BatchNorm1d(dim), nn.ReLU(), nn.Linear(dim, dim))
            if predictor
            else nn.Identity()
        )
        online = nn.Sequential(encoder, self.project)
        self.teacher = None if tau is None else Teacher(online, tau=tau)

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        views = [self.view(batch.signal, rng) for _ in range(2)]
        online = [self.project(self.encoder(view)) for view in views]
        targets = online if self.teacher is None else [self.teacher(view) for view in views]
        if self.stop_gradient:
            targets = [target.detach() for target in targets]
        guesses = [self.predict(vector) for vector in online]
        total = distance(guesses[0], targets[1]) / 2 + distance(guesses[1], targets[0]) / 2
        return Losses(total, {"spread": spread(online[0].detach())}, len(batch))

    def after_step(self, step: int) -> None:
        """The teacher follows the student."""
        if self.teacher is not None:
            self.teacher.follow(nn.Sequential(self.encoder, self.project))


def distance(guess: Features, target: Features) -> torch.Tensor:
    """2 - 2 cos, summed over rows (Grill et al. 2020, Eq. 2)."""
    return (2 - 2 * F.cosine_similarity(guess, target, dim=1)).sum()
