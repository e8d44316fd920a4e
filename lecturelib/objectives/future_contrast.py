"""wav2vec: which frame of this clip comes k steps later? (Schneider 2019, Section 2.2)."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import torch
import torch.nn.functional as F
from einops import einsum, rearrange
from jaxtyping import Bool, Float
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.masked_contrast import distractors
from lecturelib.shapes import Tokens, Waves

Scores: TypeAlias = Float[Tensor, "... candidates"]
"""Of each candidate; the first is the true one."""


class Heard(NamedTuple):
    """latents [batch, time, dim]: z, what is predicted; context [batch, time, dim]: c, what of the
    past is known; units: what the quantiser said of z, None without one."""

    latents: Tokens
    context: Tokens
    units: Any = None


class Guessed(NamedTuple):
    """scores of a frame by each step's guess about it, the true one first, then the others; same:
    others that are equal to it; is_there: the clip is old enough for that guess."""

    scores: Float[Tensor, "batch time steps candidates"]
    same: Bool[Tensor, "batch time negatives"]
    is_there: Bool[Tensor, "batch time steps"]


class Wav2Vec(nn.Module):
    """Sound -> z -> c. With a quantiser between it is vq-wav2vec (Baevski 2020a, Section 3).

    frontend    waves [batch, samples] -> z [batch, time, dim]; its `plan` says what a frame sees
    aggregator  z -> c: frame t of c has seen nothing after frame t of z
    quantizer   z, rng -> units with `vectors` like z and a `penalty`; these vectors are then z
    """

    def __init__(
        self, *, frontend: nn.Module, aggregator: nn.Module, quantizer: nn.Module | None = None
    ):
        super().__init__()
        self.frontend: Any = frontend
        self.aggregator: Any = aggregator
        self.quantizer: Any = quantizer

    def forward(self, waves: Waves, rng: Generator | None = None) -> Heard:
        """rng: of the quantiser's noise while training; a model that does not train has none."""
        latents, units = self.frontend(waves), None
        if self.quantizer is not None:
            units = self.quantizer(latents, rng)
            latents = units.vectors
        return Heard(latents, self.aggregator(latents), units)


class FutureContrast(Objective):
    """wav2vec's loss: tell the frame k = 1 ... `steps` later from others of the clip (Eq. 2).

    negatives  of each frame, drawn once for all steps; their losses are summed: lambda is their
               number
    weight     of the quantiser's penalty: 1 in the published k-means, 0 in its Gumbel commands

    h_k, an affine map a step, says from c_t what z is k steps later. k = 1 is the first frame that
    shares no sample with frame t, the published code's offset; the paper leaves this out. Parts:
    the loss, and the tie accuracy (chance 1 / (1 + negatives)), in all and at each step.
    """

    def __init__(
        self, model: Wav2Vec, *, steps: int = 12, negatives: int = 10, weight: float = 1.0
    ):
        super().__init__()
        self.model, self.steps, self.negatives, self.weight = model, steps, negatives, weight
        self.first = first_apart(model.frontend.plan)
        self.ahead = nn.Linear(model.aggregator.dim, steps * model.aggregator.dim)

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        if batch.is_pad is not None and batch.is_pad.any():
            raise ValueError("clips are padded, which wav2vec would hear: cut them to one length")
        heard = self.model(batch.signal, rng)
        found = self.compare(heard, rng)
        loss, count = step_loss(found.scores[found.is_there]), int(found.is_there.sum())
        right = tie_accuracy(found.scores.detach(), found.same[:, :, None])
        parts = {"contrastive": loss.detach() / count, "tie_accuracy": right[found.is_there].mean()}
        steps = zip(right.unbind(2), found.is_there.unbind(2), strict=True)
        for k, (hits, there) in enumerate(steps, 1):
            parts[f"tie_accuracy_{k}"] = hits[there].mean()
        if heard.units is not None:
            loss = loss + self.weight * count * heard.units.penalty
            parts["penalty"] = heard.units.penalty.detach()
        return Losses(loss, parts, count)

    def compare(self, heard: Heard, rng: Generator) -> Guessed:
        """h_k(c)' z for each frame, for all that guessed it and for the others of its clip."""
        z, (batch, time, _) = heard.latents, heard.latents.shape
        if time < (least := self.first + self.steps):
            raise ValueError(f"{time} frames, none {self.steps} steps on: give at least {least}")
        guesses = rearrange(self.ahead(heard.context), "b t (k d) -> k b t d", k=self.steps)
        lags = range(self.first, self.first + self.steps)
        about = torch.stack([later(h, lag) for h, lag in zip(guesses, lags, strict=True)], dim=2)
        others = distractors([time] * batch, self.negatives, rng).to(z.device)
        others = rearrange(others, "(b t) n -> b t n", b=batch)
        rows = torch.arange(batch, device=z.device)[:, None, None]
        candidates = torch.cat([z[:, :, None], z[rows, others]], dim=2)
        frame = torch.arange(time, device=z.device)[:, None]
        is_there = frame >= torch.tensor(lags, device=z.device)
        return Guessed(
            einsum(about, candidates, "b t k d, b t n d -> b t k n"),
            (candidates[:, :, 1:] == candidates[:, :, :1]).all(-1),
            is_there.expand(batch, -1, -1),
        )

    def after_step(self, step: int) -> None:
        """A Gumbel quantiser's temperature falls."""
        if hasattr(self.model.quantizer, "cool"):
            self.model.quantizer.cool(step)


def later(x: Tokens, lag: int) -> Tokens:
    """Moved to `lag` frames later, zeros before."""
    return F.pad(x[:, : x.shape[1] - lag], (0, 0, lag, 0))


def first_apart(plan: Sequence[tuple[int, int, int]]) -> int:
    """How many frames later no sample is shared: ceil(samples seen / samples moved a frame).

    plan  (width, kernel, stride) of each convolution. wav2vec: ceil(465 / 160) = 3
    """
    seen, moved = 1, 1
    for _, kernel, stride in plan:
        seen, moved = seen + (kernel - 1) * moved, moved * stride
    return math.ceil(seen / moved)


def step_loss(scores: Scores) -> Float[Tensor, ""]:
    """Eq. 2: -log s(true) - sum log s(-false), s the sigmoid; summed over frames."""
    return -F.logsigmoid(scores[..., 0]).sum() - F.logsigmoid(-scores[..., 1:]).sum()


def tie_accuracy(scores: Scores, same: Bool[Tensor, "... negatives"]) -> Float[Tensor, "..."]:
    """1 where the true one is the best, 1 / (1 + n) where n others are as good, else 0.

    A model that says the same of all candidates has 1 / candidates, not 1. Those that are the
    `same` vector are as good, whatever rounding did.
    """
    true = scores[..., :1]
    false = torch.where(same, true, scores[..., 1:])
    return (true >= false).all(-1) / (1 + (true == false).sum(-1))
