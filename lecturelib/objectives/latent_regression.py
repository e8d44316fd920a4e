"""data2vec: say what a slow copy of yourself, which sees everything, makes of the hidden part."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Steps
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.teacher import Teacher, check_tau
from lecturelib.shapes import IsHidden, IsPad, Tokens

Vectors = Float[Tensor, "n dim"]
TARGETS = ("attention", "feed_forward", "residual", "out")
NORMS = ("instance", "layer", "average", "none")
EPS = 1e-5


@dataclass(frozen=True)
class Settings:
    """What may be chosen, alike in all modalities (Baevski et al. 2022).

    top      K: so many of the last layers are averaged
    target   a layer's step: what attention gives, what the feed-forward part gives (both before
             they are added), the latter added, layer scale left out ("residual"), the whole
             layer ("out")
    norm     before averaging, each layer over time, channel by channel ("instance"; padding left
             out), or each token over channels ("layer"); or each token of the average ("average");
             or "none"
    beta     where smooth L1 turns from a parabola into a line; 0: mean square
    tau      of the teacher: first value, last value, steps from one to the other
    head     linear layers from context to prediction: 1, or 2 with GELU between and twice as wide;
             thrown away after pre-training
    masks    times that an example is hidden for one look of the teacher (data2vec 2.0)
    cover    False: the student sees the hidden places all the same (an ablation)
    window   tokens to each side that the teacher sees; None: all (an ablation)
    """

    top: int
    target: str = "feed_forward"
    norm: str = "layer"
    beta: float = 0.0
    tau: tuple[float, float, int] = (0.999, 0.9999, 30_000)
    head: int = 1
    masks: int = 1
    cover: bool = True
    window: int | None = None

    def __post_init__(self) -> None:
        if self.target not in TARGETS or self.norm not in NORMS:
            raise ValueError(
                f"target={self.target!r}, norm={self.norm!r}: choose from {', '.join(TARGETS)}, "
                f"and from {', '.join(NORMS)}"
            )
        for tau in self.tau[:2]:
            check_tau(tau)
        if self.tau[2] < 1:
            raise ValueError(f"tau={self.tau}: it needs 1 step or more from first to last")
        if self.head not in (1, 2):
            raise ValueError(f"head={self.head}: 1 or 2 layers")
        if self.masks < 1 or self.beta < 0:
            raise ValueError(f"masks={self.masks}, beta={self.beta}: 1 or more, 0 or more")


class Covered(NamedTuple):
    """What the student gets: tokens with something hidden, and where."""

    tokens: Tokens
    hidden: IsHidden


class View(NamedTuple):
    """A batch as a front end shows it: `whole()` to the teacher, `cover(rng)` to the student."""

    is_pad: IsPad | None
    whole: Callable[[], Tokens]
    cover: Callable[[Generator], Covered]


class LatentRegression(Objective):
    """data2vec (Baevski et al. 2022, Section 3), one class for sound, pictures and words.

    model   a front end and the encoder: the student
    view    batch -> View; all that knows the modality. See `recipes.data2vec`

    The teacher is a slow copy of the ENCODER; it looks through the student's own front end, as in
    the published code (keys that it copies instead of averaging). It never drops anything out. The
    loss of a place is summed over its channels and divided by sqrt(dim); the published code does
    not divide for words.
    """

    def __init__(self, model: Model, *, view: Callable[[Batch], View], settings: Settings):
        super().__init__()
        depth, dim = len(model.encoder.layers), model.encoder.dim
        if not 1 <= settings.top <= depth:
            raise ValueError(f"top={settings.top} of {depth} layers: choose 1 to {depth}")
        self.model, self.view, self.settings = model, view, settings
        self.head = predictor(dim, settings.head)
        self.teacher = Teacher(model.encoder, tau=settings.tau[0]).eval()

    def train(self, mode: bool = True) -> "LatentRegression":
        """The teacher stays in eval mode."""
        super().train(mode)
        self.teacher.eval()
        return self

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        view = self.view(batch)
        target = self.target(view)
        pairs = [self.guess(view, target, rng) for _ in range(self.settings.masks)]
        guess, answer = (torch.cat(side) for side in zip(*pairs, strict=True))
        loss = smooth_l1(guess, answer, self.settings.beta).sum() / math.sqrt(guess.shape[1])
        return Losses(loss, agreement(guess.detach(), answer), len(guess))

    @torch.no_grad()
    def target(self, view: View) -> Tokens:
        """What the teacher, who sees everything, makes of every place."""
        front, encoder = self.model.frontend, self.teacher.network
        was = front.training
        try:
            tokens = front.eval() and view.whole()
        finally:
            front.train(was)
        bias = self.model.bias()
        if self.settings.window is not None:
            near = nearby(tokens, self.settings.window)
            own = bias if isinstance(bias, list) else [bias] * len(encoder.layers)
            bias = [near if one is None else one + near for one in own]
        return targets(encoder.steps(tokens, view.is_pad, bias), self.settings, view.is_pad)

    def guess(self, view: View, target: Tokens, rng: Generator) -> tuple[Vectors, Vectors]:
        """Prediction and target at the hidden places."""
        tokens, hidden = view.cover(rng)
        if not self.settings.cover:
            tokens = view.whole()
        context = self.model.encoder(tokens, view.is_pad, self.model.bias())
        return self.head(context[hidden]).to(target.dtype), target[hidden]

    def after_step(self, step: int) -> None:
        """The teacher follows, ever more slowly."""
        self.teacher.tau = annealed(self.settings.tau, step + 1)
        self.teacher.follow(self.model.encoder)


def predictor(dim: int, layers: int) -> nn.Module:
    """Context -> prediction."""
    if layers == 1:
        return nn.Linear(dim, dim)
    return nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))


def targets(layers: Sequence[Steps], settings: Settings, is_pad: IsPad | None = None) -> Tokens:
    """Average of the last K layers' steps, normalised (Section 3.3); float32 at least."""
    steps = [step_of(layer, settings.target) for layer in layers[-settings.top :]]
    chosen = [one.to(torch.promote_types(one.dtype, torch.float32)) for one in steps]
    if settings.norm == "instance":
        chosen = [over_time(one, is_pad) for one in chosen]
    if settings.norm == "layer":
        chosen = [F.layer_norm(one, one.shape[-1:], eps=EPS) for one in chosen]
    mean = torch.stack(chosen).mean(0)
    return F.layer_norm(mean, mean.shape[-1:], eps=EPS) if settings.norm == "average" else mean


def step_of(layer: Steps, name: str) -> Tokens:
    """One of TARGETS."""
    if name == "residual":
        return layer.after_attention + layer.feed_forward
    return getattr(layer, name)


def over_time(x: Tokens, is_pad: IsPad | None) -> Tokens:
    """Instance norm: each channel of each example gets mean 0, deviation 1 over what is no pad."""
    keep = torch.ones_like(x[:, :, :1]) if is_pad is None else (~is_pad[:, :, None]).to(x.dtype)
    count = keep.sum(1, keepdim=True)
    centred = x - (x * keep).sum(1, keepdim=True) / count
    square = (centred.square() * keep).sum(1, keepdim=True) / count
    return centred * (square + EPS).rsqrt()


def smooth_l1(
    guess: Float[Tensor, "..."], answer: Float[Tensor, "..."], beta: float
) -> Float[Tensor, "..."]:
    """The slide's loss, element by element; beta=0: the square, as for speech in the paper."""
    gap = guess - answer
    if beta == 0:
        return gap.square()
    return torch.where(gap.abs() <= beta, gap.square() / (2 * beta), gap.abs() - beta / 2)


def annealed(tau: tuple[float, float, int], step: int) -> float:
    """The teacher's tau after so many steps: a straight line, then constant."""
    first, last, steps = tau
    return last - (last - first) * max(0.0, 1 - step / steps)


def nearby(tokens: Tokens, window: int) -> Float[Tensor, "1 time time"]:
    """0 for tokens at most `window` apart, -inf for others; added to attention scores."""
    at = torch.arange(tokens.shape[1], device=tokens.device)
    far = (at[:, None] - at).abs() > window
    return torch.zeros_like(far, dtype=tokens.dtype).masked_fill(far, -math.inf)[None]


def agreement(guess: Vectors, answer: Vectors) -> dict[str, Tensor]:
    """What to watch instead of the loss: R2, and whether anything still varies.

    r2   the share of the target's variance that is predicted: 1 all, 0 no more than its mean. Not
         defined, and then 0, where nothing varies
    """
    around = (answer - answer.mean(0)).square().sum()
    left = (guess - answer).square().sum()
    return {
        "r2": torch.where(around > 0, 1 - left / around, 0.0),
        "target_variance": answer.var(0, correction=0).mean(),
        "prediction_variance": guess.var(0, correction=0).mean(),
    }
