"""Pre-trained -> useful: keep, fine-tune, or only read out; and what a label is worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from tqdm.auto import tqdm

from lecturelib.data.batch import Batch
from lecturelib.shapes import Labels
from lecturelib.training import runtime

Arm = Callable[[Batch, Batch, int], float]


def freeze(module: nn.Module) -> nn.Module:
    """No gradient reaches these weights any more, and their statistics stand still."""
    return module.requires_grad_(False).eval()


@torch.no_grad()
def features(encoder: nn.Module, signal: Tensor) -> Tensor:
    """What a frozen encoder says of each example [n, dim], in pieces of 500."""
    encoder.eval()
    device = next(encoder.parameters()).device
    return torch.cat([encoder(piece.to(device)).cpu() for piece in signal.split(500)])


def linear(train: Tensor, label: Labels, *, cost: float = 1.0) -> Pipeline:
    """A linear classifier fitted on frozen features [n, dim], standardised on these rows.

    `cost` is scikit-learn's C.
    """
    check_classes(label)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=cost, max_iter=1000))
    return model.fit(train.numpy(), label.numpy())


def probe(
    train: Tensor,
    label: Labels,
    test: Tensor,
    answer: Int[Tensor, " unseen"],
    *,
    cost: float = 1.0,
) -> float:
    """Accuracy of a linear classifier on frozen features [n, dim]: what is easy to read out?"""
    return float(linear(train, label, cost=cost).score(test.numpy(), answer.numpy()))


def check_classes(label: Labels) -> None:
    """ValueError where there is one class only: nothing can be told apart."""
    if len(found := label.unique()) < 2:
        raise ValueError(f"all {len(label)} labels are {found.tolist()}: give two classes or more")


def read_out(encoder: nn.Module, known: Batch, unseen: Batch) -> float:
    """How much of the label a linear layer reads from a frozen encoder: accuracy on `unseen`."""
    return probe(
        features(encoder, known.signal),
        known.labels,
        features(encoder, unseen.signal),
        unseen.labels,
    )


def few_labels(label: Labels, per_class: int, *, seed: int) -> Tensor:
    """Row numbers of `per_class` random examples of every class."""
    rng = torch.Generator().manual_seed(seed)
    rows = []
    for value in label.unique():
        found = (label == value).nonzero().flatten()
        if len(found) < per_class:
            raise ValueError(
                f"class {int(value)} has {len(found)} examples, {per_class} were asked"
            )
        rows.append(found[torch.randperm(len(found), generator=rng)[:per_class]])
    return torch.cat(rows)


def linear_on(seen: Callable[[Tensor], Tensor], test: Batch) -> Arm:
    """An arm of the label curve: a linear layer on what `seen` makes of the signal, in percent."""

    def arm(labelled: Batch, unlabelled: Batch, seed: int) -> float:
        return 100 * probe(seen(labelled.signal), labelled.labels, seen(test.signal), test.labels)

    return arm


@dataclass(frozen=True)
class LabelCurve:
    """Accuracy [arm][labels per class, seed], ready for `viz.figures.label_curve`."""

    per_class: tuple[int, ...]
    accuracy: dict[str, np.ndarray]


def label_curve(
    arms: dict[str, Arm], pool: Batch, *, per_class: Sequence[int], seeds: Sequence[int]
) -> LabelCurve:
    """Labels against accuracy: what does pre-training save?

    arms  name -> arm(labelled, unlabelled, seed) -> test accuracy. Every arm gets the same labels
          for the same seed; the unlabelled rows are the rest of the pool, labels removed.
    """
    curve = {name: np.zeros((len(per_class), len(seeds))) for name in arms}
    cells = [(i, j) for i in range(len(per_class)) for j in range(len(seeds))]
    for i, j in tqdm(cells, desc="label curve", disable=runtime.quiet(), leave=False):
        rows = few_labels(pool.labels, per_class[i], seed=seeds[j])
        rest = torch.ones(len(pool), dtype=torch.bool).index_fill(0, rows, False)
        labelled, unlabelled = pool.rows(rows), Batch(pool.signal[rest], None, None)
        for name, arm in arms.items():
            curve[name][i, j] = arm(labelled, unlabelled, seeds[j])
    return LabelCurve(tuple(per_class), curve)


def stored_curve(runs: Sequence[dict[str, float | int]], arms: Sequence[str]) -> LabelCurve:
    """A claim's runs as a curve to draw: keys "arm n=labels", where all these arms have one."""
    counts = {int(key.rpartition("=")[2]) for key in runs[0] if " n=" in key}
    shared = sorted(n for n in counts if all(f"{arm} n={n}" in runs[0] for arm in arms))
    found = {arm: np.array([[run[f"{arm} n={n}"] for run in runs] for n in shared]) for arm in arms}
    return LabelCurve(tuple(shared), found)
