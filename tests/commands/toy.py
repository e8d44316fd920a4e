"""`pretrain` on two models of a second or two: run alone, by several processes, or to be killed.

python -m tests.commands.toy clouds --out FOLDER   prints a line a step
"""

import sys
from dataclasses import replace

import torch

from lecturelib import pretraining
from lecturelib.commands import pretrain
from lecturelib.data.batch import Batch
from lecturelib.training.loop import Plan
from tests.training import clouds

TEXTS = ["The old cat sat. A dog ran. Rain fell on us.", "One two three. Four five. Six, seven."]


def cloud_job() -> pretraining.Job:
    """A network with dropout: its chance must come back, too."""
    objective = clouds.fresh(0.5, width=64)
    plan = Plan(200, lr=0.01, save_every=1)
    facts = {"data_sha256": "clouds"}
    return pretraining.Job(
        objective, clouds.draw, plan, objective, facts, lambda: {"validation": 1.0}
    )


def bert_job() -> pretraining.Job:
    """Eight pairs of two short texts. Imported late: who is to be killed should start fast."""
    from lecturelib.data.sentences import documents, pairs
    from lecturelib.data.text import Article
    from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
    from lecturelib.objectives.masked_lm import MaskedLM
    from lecturelib.recipes import bert

    letters = sorted(set("".join(TEXTS).lower()) - {" "})
    pieces = from_vocabulary([*SPECIAL, *letters, *(f"##{letter}" for letter in letters)])
    docs = documents([Article("", (text,), "") for text in TEXTS], pieces)
    torch.manual_seed(3)
    objective = MaskedLM(bert("tiny", vocab=len(pieces)), pieces)

    def draw(rng: torch.Generator) -> Batch:
        return pairs(docs, pieces, length=32, size=8, rng=rng)

    return pretraining.Job(objective, draw, Plan(4, lr=1e-3, save_every=2), objective, {})


def data2vec_job() -> pretraining.Job:
    """Six pictures of noise; student, teacher and head."""
    from lecturelib.pretraining import data2vec

    nothing = Batch(torch.zeros(1, 1), None, None)
    world = data2vec.World(lambda rng: nothing, nothing, {})
    objective = data2vec.begin("cifar10", world, seed=0, top=1)

    def draw(rng: torch.Generator) -> Batch:
        return Batch(torch.rand(6, 3, 32, 32, generator=rng), None, None)

    return pretraining.Job(objective, draw, Plan(4, lr=1e-3, save_every=2), objective, {})


JOBS = {"clouds": cloud_job, "bert": bert_job, "data2vec": data2vec_job}


def spoken(job: pretraining.Job) -> pretraining.Job:
    """The same, but it prints a line when it draws: somebody waits to kill it."""

    def draw(rng: torch.Generator) -> Batch:
        print("step", flush=True)
        return job.draw(rng)  # pyright: ignore[reportReturnType]

    return replace(job, draw=draw)


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    torch.set_num_threads(1)
    if name in JOBS:
        job, name = spoken(JOBS[name]()), "student"
        pretraining.build = lambda *_, **__: job  # type: ignore[assignment]
    sys.exit(pretrain.main([name, "--data", "made-up", *rest]))
