"""How belief spreads through a pool: the loop at several thresholds, every guess kept."""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.manifold import TSNE
from torch import Tensor, nn

from lecturelib.adapt.self_training import (
    Round,
    accuracy,
    rounds,
    same_steps_teacher,
    train,
)
from lecturelib.adapt.transfer import features
from lecturelib.adapt.worlds import World
from lecturelib.data.batch import Batch
from lecturelib.shapes import Features, Labels


def nearest_wearing(place: Features, guess: Labels, worn: Labels) -> Labels:
    """Who misled the teacher? For each item the nearest other one that wore the guessed label.

    place  [n, dim] the teacher's own features     guess  [n] what it says of each item
    worn   [n] the label each item had while the teacher was trained, -1: it was not there
    Returns [n] an item's number, or -1 where nobody wore that label.
    """
    distance = torch.cdist(place, place).fill_diagonal_(torch.inf)
    distance = distance.masked_fill(worn[None, :] != guess[:, None], torch.inf)
    nearest, item = distance.min(1)
    return torch.where(nearest.isinf(), -1, item)


def flat_map(encoder: nn.Module, signal: Tensor) -> np.ndarray:
    """Every item on a plane [n, 2], neighbours near one another: t-SNE of its features."""
    place = features(encoder, signal).numpy()
    return TSNE(perplexity=20, init="pca", random_state=0).fit_transform(place).astype(float)


def watch(start: World, test: Batch, *, thresholds: Sequence[float], turns: int) -> dict:
    """Run the loop once a threshold, all from one teacher; arrays as `viz` draws them.

    Items are the labelled ones, then the pool. The control is trained once for every length.
    """
    truth = torch.cat([start.labelled.labels, start.pool.labels])
    labelled = torch.arange(len(truth)) < len(start.labelled)
    teacher = train(start.method, start.labelled, label="teacher")
    control = [
        accuracy(same_steps_teacher(start.method, start.labelled, turns=turn), test)
        for turn in range(1, turns + 1)
    ]
    runs = []
    for threshold in thresholds:
        loop = rounds(
            start.method, teacher, start.labelled, start.pool, threshold=threshold, turns=turns
        )
        runs.append(kept(loop, start, test, control))
    found = {
        "truth": truth.numpy(),
        "labelled": labelled.numpy(),
        "thresholds": np.array(thresholds, dtype=float),
    }
    return found | {kind: np.stack([run[kind] for run in runs]) for kind in runs[0]}


def kept(loop: list[Round], start: World, test: Batch, control: list[float]) -> dict:
    """One threshold's run: confidence, guess, misled_by [rounds, n] and accuracy [rounds, 3]."""
    known = start.labelled.labels
    signal = torch.cat([start.labelled.signal, start.pool.signal])
    worn = torch.cat([known, torch.full((len(start.pool),), -1)])
    rows: dict[str, list] = {"confidence": [], "guess": [], "misled_by": [], "accuracy": []}
    for turn, same_steps in zip(loop, control, strict=True):
        guess = torch.cat([known, turn.belief.guess])
        place = features(turn.teacher.encoder, signal)
        scores = accuracy(turn.teacher, test), same_steps, accuracy(turn.student, test)
        rows["confidence"].append(torch.cat([torch.ones(len(known)), turn.belief.confidence]))
        rows["guess"].append(guess)
        rows["misled_by"].append(nearest_wearing(place, guess, worn))
        rows["accuracy"].append(scores)
        worn = torch.cat([known, torch.where(turn.passed, turn.belief.guess, -1)])
    return {
        kind: np.stack([np.asarray(value) for value in values]) for kind, values in rows.items()
    }
