"""Self-training: a teacher labels what it is sure of, a student learns from both.

The slides' loop. Pseudo-labels: Lee 2013. Noisy student, class balance: Xie et al. 2020, section 2.
Iterative pseudo-labelling for speech: Xu et al. 2020.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives.classification import Classification
from lecturelib.shapes import Labels, Logits
from lecturelib.training.loop import Draw, Plan, Trainer

Augment = Callable[[Tensor, Generator], Tensor]


class Belief(NamedTuple):
    """What a teacher thinks of each unlabelled example."""

    guess: Labels  # the likeliest class
    confidence: Tensor  # its probability


def believe(probability: Logits) -> Belief:
    """The likeliest class of each row, and how sure the teacher is."""
    confidence, guess = probability.max(dim=1)
    return Belief(guess, confidence)


def accept(belief: Belief, threshold: float) -> Tensor:
    """Which pseudo-labels may the student see? Those with confidence >= threshold."""
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold={threshold} is no probability: choose one in 0-1")
    return belief.confidence >= threshold


@torch.no_grad()
def predict(model: Classification, signal: Tensor) -> Logits:
    """Class probabilities [n, classes], in pieces of 500."""
    model.eval()
    device = next(model.parameters()).device
    pieces = [model.logits(piece.to(device)).softmax(1).cpu() for piece in signal.split(500)]
    return torch.cat(pieces)


def accuracy(model: Classification, test: Batch) -> float:
    """Share of right answers."""
    return float((predict(model, test.signal).argmax(1) == test.labels).float().mean())


def fair_share(label: Labels) -> Tensor:
    """How often to draw each example so that every class comes equally often; sums to 1."""
    weight = 1 / torch.bincount(label)[label].double()
    return weight / weight.sum()


def pick_rows(label: Labels, count: int, *, balanced: bool, rng: Generator) -> Tensor:
    """Which examples go into a batch: any, or (balanced) every class present equally often."""
    if not balanced:
        return torch.randint(len(label), (count,), generator=rng)
    return torch.multinomial(fair_share(label), count, replacement=True, generator=rng)


@dataclass(frozen=True)
class Method:
    """How a network is trained on labels, whoever gave them.

    make      () -> a fresh encoder, [batch, ...] -> [batch, dim]
    augment   the student's noise; None: none
    balanced  draw every class equally often
    """

    make: Callable[[], nn.Module]
    dim: int
    classes: int
    plan: Plan
    augment: Augment | None = None
    balanced: bool = True
    batch: int = 64


def learner(method: Method, labelled: Batch) -> tuple[Classification, Draw]:
    """A fresh network, and what it will be shown."""
    given = labelled.labels
    if len(given) == 0:
        raise ValueError("0 labelled examples: a teacher needs at least one")

    def draw(rng: Generator) -> Batch:
        rows = pick_rows(given, method.batch, balanced=method.balanced, rng=rng)
        signal = labelled.signal[rows]
        if method.augment is not None:
            signal = method.augment(signal, rng)
        return Batch(signal, None, given[rows])

    torch.manual_seed(method.plan.seed)
    return Classification(method.make(), dim=method.dim, classes=method.classes), draw


def train(method: Method, labelled: Batch, *, label: str = "training") -> Classification:
    """A fresh network on these labels: the teacher, the student and the control alike."""
    model, draw = learner(method, labelled)
    if Trainer(model, draw, method.plan, label=label).run().interrupted:
        raise KeyboardInterrupt  # half a teacher must not label anything
    return model


class Round(NamedTuple):
    """One turn of the loop."""

    teacher: Classification
    belief: Belief
    passed: Tensor  # [pool] bool
    student: Classification


def with_pseudo_labels(
    method: Method, labelled: Batch, pool: Batch, belief: Belief, passed: Tensor
) -> Classification:
    """A fresh student on the true labels and the accepted guesses, side by side."""
    both = Batch(
        torch.cat([labelled.signal, pool.signal[passed]]),
        None,
        torch.cat([labelled.labels, belief.guess[passed]]),
    )
    plan = replace(method.plan, seed=method.plan.seed + 1000)
    return train(replace(method, plan=plan), both, label="student")


def rounds(
    method: Method,
    teacher: Classification,
    labelled: Batch,
    pool: Batch,
    *,
    threshold: float,
    turns: int = 1,
) -> list[Round]:
    """Teacher -> pseudo-labels -> student; then the student is the next teacher.

    The pool's own labels are never looked at. Students' seeds follow on the teacher's.
    """
    done: list[Round] = []
    for _ in range(turns):
        belief = believe(predict(teacher, pool.signal))
        passed = accept(belief, threshold)
        student = with_pseudo_labels(method, labelled, pool, belief, passed)
        done.append(Round(teacher, belief, passed, student))
        teacher = student
        method = replace(method, plan=replace(method.plan, seed=method.plan.seed + 1000))
    return done


def same_steps_teacher(method: Method, labelled: Batch, *, turns: int = 1) -> Classification:
    """The fair control: no pseudo-labels, but as many steps as teacher and students together."""
    longer = replace(method.plan, steps=method.plan.steps * (1 + turns))
    return train(replace(method, plan=longer), labelled, label="same-steps teacher")
