"""Notebook 01's student: a teacher on 5 labels a class, then its sure guesses."""

import torch

from lecturelib.adapt.self_training import accept, accuracy, believe, learner, predict, train
from lecturelib.adapt.worlds import world, written
from lecturelib.data.batch import Batch
from lecturelib.pretraining import Job, facts_of

DATA = ("mnist5k",)
STEPS = {"quick": 150, "gpu": 600, "full": 600}


def build(data: str, pace: str, seed: int = 0) -> Job:
    """The teacher is trained here (seconds); the job is the student."""
    splits = written()
    start = world(splits.train, 5, seed=seed, steps=STEPS[pace])
    belief = believe(predict(train(start.method, start.labelled), start.pool.signal))
    passed = accept(belief, 0.8)
    both = Batch(
        torch.cat([start.labelled.signal, start.pool.signal[passed]]),
        None,
        torch.cat([start.labelled.labels, belief.guess[passed]]),
    )
    model, draw = learner(start.method, both)
    return Job(
        objective=model,
        draw=draw,
        plan=start.method.plan,
        ship=model,
        facts=facts_of(splits.train, splits.source, "MNIST, CC BY-SA 3.0"),
        measure=lambda: {"validation_accuracy": accuracy(model, splits.validation)},
    )
