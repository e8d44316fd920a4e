"""Does a weak teacher stall or hurt, and a strong one help? Labels by threshold, with switches."""

from itertools import product
from statistics import mean

import numpy as np

from lecturelib.adapt.self_training import (
    accept,
    accuracy,
    believe,
    predict,
    same_steps_teacher,
    train,
    with_pseudo_labels,
)
from lecturelib.adapt.worlds import world, written
from lecturelib.claims import Card

PER_CLASS = (1, 2, 5, 20)
THRESHOLDS = (0.0, 0.5, 0.8, 0.95)
SWITCHES = tuple(product((True, False), repeat=2))  # (augmented, balanced)


def key(kind: str, per_class: int, threshold: float, augmented: bool, balanced: bool) -> str:
    """Name of a number in the ledger's runs."""
    return f"{kind} n={per_class} t={threshold} a={int(augmented)} b={int(balanced)}"


def cells(seed: int, per_class: int, augmented: bool, balanced: bool) -> dict[str, float]:
    """Student minus same-steps teacher at every threshold, for one teacher; percent."""
    train_split, _, test, _ = written()
    start = world(train_split, per_class, seed=seed, augmented=augmented, balanced=balanced)
    teacher = train(start.method, start.labelled)
    control = 100 * accuracy(same_steps_teacher(start.method, start.labelled), test)
    belief = believe(predict(teacher, start.pool.signal))
    found = {}
    for threshold in THRESHOLDS:
        passed = accept(belief, threshold)
        student = with_pseudo_labels(start.method, start.labelled, start.pool, belief, passed)
        at = (per_class, threshold, augmented, balanced)
        found[key("gain", *at)] = 100 * accuracy(student, test) - control
        found[key("teacher", *at)] = 100 * accuracy(teacher, test)
    return found


def run(seed: int) -> dict[str, float]:
    """The whole diagram for one label draw; the effect is strong minus weak (20 against 1)."""
    numbers: dict[str, float] = {}
    for per_class, (augmented, balanced) in product(PER_CLASS, SWITCHES):
        numbers |= cells(seed, per_class, augmented, balanced)
    strong, weak = (numbers[key("gain", n, 0.8, True, True)] for n in (20, 1))
    return numbers | {"effect": strong - weak}


def maps(runs: list[dict[str, float]]) -> dict[str, np.ndarray]:
    """Mean gain over seeds [labels, thresholds] for each setting of the switches, to draw."""
    found = {}
    for augmented, balanced in SWITCHES:
        name = f"{'' if augmented else 'not '}augmented,\n{'' if balanced else 'not '}balanced"
        grid = [
            [mean(run[key("gain", n, t, augmented, balanced)] for run in runs) for t in THRESHOLDS]
            for n in PER_CLASS
        ]
        found[name] = np.array(grid)
    return found


CARD = Card(
    name="weak_teacher",
    source="folklore of self-training: confirmation bias (Arazo et al. 2020, arXiv 1908.02983)",
    statement="Self-training helps a strong teacher and stalls or hurts with a weak one",
    paper_number="no single number: naive pseudo-labels overfit to their own mistakes",
    protocol="MNIST-5k, 1, 2, 5, 20 labels a class x thresholds 0, .5, .8, .95 x augmentation x "
    "class balancing; 150 + 150 steps, control 300; judged: gain at 20 labels minus gain at 1 "
    "(threshold .8, both switches on), 1,500 test digits",
    run=run,
    unit="points: gain of a strong teacher minus gain of a weak one",
)
