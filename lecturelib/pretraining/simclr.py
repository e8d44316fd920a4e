"""Contrastive pre-training without labels on 3,000 digits: two views of a picture are a pair."""

import torch

from lecturelib.adapt.transfer import few_labels, read_out
from lecturelib.adapt.worlds import spoken, written
from lecturelib.data.augment import jitter, jitter_mels
from lecturelib.data.batch import at_random
from lecturelib.encoders.vgg import ConvStack
from lecturelib.objectives.contrastive import Contrastive
from lecturelib.pretraining import Job, facts_of
from lecturelib.training.loop import Plan
from lecturelib.training.watch import dead

DATA = ("mnist5k", "fsdd")
STEPS = {"quick": 300, "gpu": 3000, "full": 3000}
LICENCE = {"mnist5k": "MNIST, CC BY-SA 3.0", "fsdd": "FSDD, CC BY-SA 4.0"}


def build(data: str, pace: str, seed: int = 0) -> Job:
    """The encoder is shipped; the projection is thrown away."""
    splits, view = (written(), jitter) if data == "mnist5k" else (spoken(), jitter_mels)
    torch.manual_seed(seed)
    encoder = ConvStack()
    objective = Contrastive(encoder, dim=encoder.dim, view=view)

    def measure() -> dict[str, float]:
        rows = few_labels(splits.train.labels, 10, seed=0)
        known = splits.train.rows(rows)
        return {"probe_10_labels": read_out(encoder, known, splits.validation)}

    return Job(
        objective=objective,
        draw=at_random(splits.train.signal, 128),
        plan=Plan(STEPS[pace], lr=2e-3, seed=seed, measure_every=300),
        ship=encoder,
        facts=facts_of(splits.train, splits.source, LICENCE[data]),
        measure=measure,
        watch=dead("spread", 0.1, "all pictures have become one vector"),
    )
