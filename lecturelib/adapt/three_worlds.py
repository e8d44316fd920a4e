"""One learning rule, three worlds, live: what the teacher answers and what the student guesses."""

import ast
import copy
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float
from numpy import ndarray
from torch import Generator, Tensor

from lecturelib.data.batch import Batch
from lecturelib.objectives.latent_regression import LatentRegression, agreement
from lecturelib.training.loop import Draw, Plan, Trainer
from lecturelib.training.schedule import constant

HIDING = 0  # the seed that hides the same places in every look
DEVIATIONS = 2.0  # from grey to full colour
JUDGED = 60  # steps, before which nobody says that a model has not learned
LEARNED = 0.1  # R2 on what is held out
ALIKE = 0.01  # of what the targets varied at the start

Vectors = Float[Tensor, "n dim"]
Colours = Float[ndarray, "places 3"]


@dataclass(frozen=True)
class World:
    """Something to learn from, and the held-out examples that show how it goes.

    kind       "speech", "images" or "text": how the first of the examples is drawn
    note       what runs, in one line, with what departs from the paper
    objective  where training begins; `looks` trains a copy
    shown      held-out examples: the numbers are of all of them, the colours of the first
    first      tokens before the signal's first place: 1 for images, whose first is [class]
    """

    kind: str
    note: str
    objective: LatentRegression
    draw: Draw
    shown: Batch
    rate: float = 1e-3
    first: int = 0

    @property
    def recipe(self) -> Any:
        """The few lines of `recipes.data2vec` in which the worlds differ."""
        view: Any = self.objective.view
        return view.func


class Look(NamedTuple):
    """What can be seen after `step` steps, on held-out examples.

    r2 and both variances: see `latent_regression.agreement`; at the hidden places of all examples
    hidden                 [places] of the first example
    target, prediction     [places, 3] its vectors as red, green, blue, 0-1
    """

    step: int
    r2: float
    target_variance: float
    prediction_variance: float
    hidden: Bool[ndarray, " places"]
    target: Colours
    prediction: Colours


def looks(world: World, steps: int, every: int, seed: int = 0) -> Iterator[Look]:
    """The first look before any training, then one after every so many steps."""
    objective = copy.deepcopy(world.objective)
    plan = Plan(steps, lr=world.rate, schedule=constant, clip=5.0, seed=seed)
    trainer, palette = Trainer(objective, world.draw, plan), Palette()
    yield looked(world, objective, palette, 0)
    for step in range(steps):
        objective.train()
        trainer.step(step)
        if (step + 1) % every == 0:
            yield looked(world, objective, palette, step + 1)


@torch.no_grad()
def looked(world: World, objective: LatentRegression, palette: "Palette", step: int) -> Look:
    """One look; the palette goes on from the last one."""
    objective.eval()
    view = objective.view(world.shown)
    target = objective.target(view)
    tokens, hidden = view.cover(Generator().manual_seed(HIDING))
    context = objective.model.encoder(tokens, view.is_pad, objective.model.bias())
    guess = objective.head(context)
    numbers = agreement(guess[hidden], target[hidden])
    there = places(world, view.is_pad, hidden)
    palette.follow(target[there])
    return Look(
        step,
        **{name: float(value) for name, value in numbers.items()},
        hidden=hidden[0][there[0]].numpy(),
        target=palette.colours(target[0][there[0]]),
        prediction=palette.colours(guess[0][there[0]]),
    )


def places(
    world: World, is_pad: Tensor | None, hidden: Bool[Tensor, "batch time"]
) -> Bool[Tensor, "batch time"]:
    """Which tokens stand for a place of the signal: neither padding nor [class]."""
    there = torch.ones_like(hidden) if is_pad is None else ~is_pad
    return there & (torch.arange(hidden.shape[1]) >= world.first)


@dataclass
class Palette:
    """Vectors as colours: the targets' first three principal components are red, green and blue.

    From look to look the components are turned onto the last ones (orthogonal Procrustes), and full
    colour stays where the targets once varied most: colours do not jump, and what no longer varies
    turns grey.
    """

    mean: Float[Tensor, " dim"] | None = None
    basis: Float[Tensor, "3 dim"] | None = None
    scale: Float[Tensor, " 3"] | None = None

    def follow(self, targets: Vectors) -> None:
        """Take up new targets."""
        self.mean = targets.mean(0)
        around = (targets - self.mean).double()
        basis = torch.linalg.eigh(around.T @ around).eigenvectors[:, -3:].T.flip(0).to(targets)
        self.basis = turned(basis, self.basis)
        scale = ((targets - self.mean) @ self.basis.T).std(0, correction=0)
        self.scale = scale if self.scale is None else torch.maximum(scale, self.scale)

    def colours(self, vectors: Vectors) -> Colours:
        """0-1; grey is the targets' mean. Raises ValueError before `follow`."""
        if self.mean is None or self.basis is None or self.scale is None:
            raise ValueError("the palette has no targets yet: let it follow some")
        along = (vectors - self.mean) @ self.basis.T
        return (0.5 + along / (2 * DEVIATIONS * self.scale)).clamp(0, 1).numpy()


def turned(
    basis: Float[Tensor, "3 dim"], onto: Float[Tensor, "3 dim"] | None
) -> Float[Tensor, "3 dim"]:
    """The same three-dimensional space, its axes as near as can be to `onto`'s.

    None: each axis with its largest entry above 0, so that two machines agree.
    """
    if onto is None:
        largest = basis.abs().argmax(1, keepdim=True)
        return basis * basis.gather(1, largest).sign()
    left, _, right = torch.linalg.svd(onto @ basis.T)
    return left @ right @ basis


def unguarded(world: World) -> World:
    """The same weights and data, without data2vec's two safeguards against collapse.

    Targets are not normalised, and the teacher is the student itself (tau 0).
    """
    objective = copy.deepcopy(world.objective)
    settings = replace(objective.settings, norm="none", tau=(0.0, 0.0, 1))
    objective.settings, objective.teacher.tau = settings, 0.0
    return replace(world, objective=objective)


class Panel(NamedTuple):
    """What a world looks like before anything is learned, as plain data.

    signal   "speech": samples [samples]; "images": [channel, height, width] in 0-1; "text": pieces
    seen     of a text: what the student sees instead
    lines    its recipe; changed: which of its lines are not the same in every world
    """

    kind: str
    note: str
    signal: Any
    seen: Sequence[str]
    lines: Sequence[str]
    changed: Sequence[bool]


def panels(worlds: Sequence[World]) -> list[Panel]:
    """The worlds as plain data, each with its recipe beside the others'."""
    sources = [code(world.recipe) for world in worlds]
    return [
        Panel(world.kind, world.note, *signal_of(world), lines, changed)
        for world, lines, changed in zip(worlds, sources, differing(sources), strict=True)
    ]


def signal_of(world: World) -> tuple[Any, list[str]]:
    """The first held-out example as it is drawn, and what of a text is seen."""
    if world.kind != "text":
        return world.shown.signal[0].numpy(), []
    view: Any = world.objective.view
    hide, pieces = view.keywords["hide"], view.keywords["pieces"]
    ids = hide(world.shown.signal, pieces, Generator().manual_seed(HIDING)).ids
    there = world.shown.signal[0] != pieces.pad
    return pieces.words(world.shown.signal[0][there]), pieces.words(ids[0][there])


def code(recipe: Any) -> list[str]:
    """A function's lines without its docstring and without empty ones."""
    lines = inspect.getsource(recipe).splitlines()
    said = ast.parse("\n".join(lines)).body[0].body[0]  # pyright: ignore[reportAttributeAccessIssue]
    kept = lines[: said.lineno - 1] + lines[said.end_lineno :]
    return [line for line in kept if line.strip()]


def differing(sources: Sequence[Sequence[str]]) -> list[list[bool]]:
    """Of each source's lines: True where some other source has no such line."""
    return [[not all(line in other for other in sources) for line in lines] for lines in sources]


def verdict(look: Look, start: Look) -> str:
    """What is said of a world that predicts nothing; "" for one that does.

    not learned  R2 on what is held out is below .1 after 60 steps or more
    all alike    predictions vary less than 1 % of what targets varied at the start: at first every
                 student says the mean everywhere; one that has collapsed says it for ever
    """
    said = []
    if look.step >= JUDGED and look.r2 < LEARNED:
        said.append(f"R2 {signed(look.r2)} after {look.step} steps: not learned")
    if look.step and look.prediction_variance < ALIKE * start.target_variance:
        said.append("all predictions alike")
    return "; ".join(said)


def signed(number: float) -> str:
    """Two decimals, with a real minus."""
    return f"{number:.2f}".replace("-", "\N{MINUS SIGN}")
