"""Pre-training without labels, then fine-tuning with a few, against starting from scratch."""

import copy
from dataclasses import replace
from functools import cache

import torch
from torch import nn

from lecturelib.adapt.self_training import accuracy, rounds, same_steps_teacher, train
from lecturelib.adapt.worlds import world, written
from lecturelib.claims import Card
from lecturelib.pretraining import simclr
from lecturelib.training.loop import Trainer

PER_CLASS = (1, 2, 5, 10, 20, 50)


@cache
def pretrained(seed: int) -> nn.Module:
    """An encoder that has seen all 3,000 training digits and no label (SimCLR, quick pace)."""
    job = simclr.build("mnist5k", "quick", seed)
    Trainer(job.objective, job.draw, replace(job.plan, measure_every=0), label="SimCLR").run()
    return job.ship


def arms(seed: int, per_class: int) -> dict[str, float]:
    """Test accuracy in percent from scratch, self-trained, and pre-trained then fine-tuned."""
    train_split, _, test, _ = written()
    start = world(train_split, per_class, seed=seed)
    teacher = train(start.method, start.labelled)
    loop = rounds(start.method, teacher, start.labelled, start.pool, threshold=0.8)
    gentle = replace(
        start.method,
        plan=replace(start.method.plan, steps=300),
        make=lambda: copy.deepcopy(pretrained(seed)),
    )
    return {
        "scratch": 100 * accuracy(same_steps_teacher(start.method, start.labelled), test),
        "self-trained": 100 * accuracy(loop[0].student, test),
        "pre-trained": 100 * accuracy(train(gentle, start.labelled), test),
    }


def run(seed: int) -> dict[str, float]:
    """The whole label curve for one draw of labels and one pre-training."""
    torch.manual_seed(seed)
    numbers = {}
    for per_class in PER_CLASS:
        numbers |= {f"{arm} n={per_class}": v for arm, v in arms(seed, per_class).items()}
    return numbers | {"effect": numbers["pre-trained n=5"] - numbers["scratch n=5"]}


CARD = Card(
    name="few_labels",
    source="Chen et al. 2020 (SimCLR), arXiv 2002.05709v3, abstract",
    statement="Self-supervised pre-training, then fine-tuning, needs far fewer labels",
    paper_number="ImageNet, 1 % of labels: 85.8 % top-5, above AlexNet with 100 times as many",
    protocol="MNIST-5k; SimCLR for 300 steps on 3,000 unlabelled digits, then 300 steps of "
    "fine-tuning; scratch: 300 steps; judged at 5 labels a class, 1,500 test digits; one "
    "pre-training a seed",
    run=run,
    unit="points of accuracy, pre-trained minus scratch at 5 labels a class",
)
