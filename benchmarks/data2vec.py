"""What a teacher costs: a training step of data2vec beside a supervised one of the same encoder.

The same batch and AdamW (PyTorch's fused one, as in our loop). Ours draws its mask, runs the
teacher and moves it, all within the step; the peer learns a label by cross-entropy. A teacher is
one more forward pass: of 4 passes' worth of work instead of 3 (a backward pass counts for two).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.case import Case
from lecturelib.adapt.other_modality import MeanOfTokens
from lecturelib.data.batch import Batch
from lecturelib.objectives import Objective
from lecturelib.objectives.classification import Classification
from lecturelib.recipes import data2vec

GOAL, CLASSES = 0.625, 10  # a step of data2vec takes at most 1.6 times as long
PICTURES, CLIPS, SAMPLES = 32, 8, 24_000


def stepper(objective: Objective, batch: Batch) -> Callable[[], Tensor]:
    """One training step on the same batch, again and again; it gives the mean loss before it."""
    trained = [p for p in objective.parameters() if p.requires_grad]
    optimiser, rng = torch.optim.AdamW(trained, fused=True), torch.Generator().manual_seed(0)
    objective.train()

    def step() -> Tensor:
        found = objective(batch, rng)
        loss = found.total / found.count
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        objective.after_step(0)
        return loss.detach()

    return step


def pair(frontend: str, signal: Tensor) -> tuple[Objective, Objective, Batch]:
    """Both objectives, and labels for the one that needs them."""
    ours, other = data2vec(frontend), data2vec(frontend)
    peer = Classification(MeanOfTokens(other.model), dim=other.model.encoder.dim, classes=CLASSES)
    label = torch.randint(CLASSES, (len(signal),))
    return ours, peer, Batch(signal, None, label)


def case(frontend: str, signal: Tensor) -> Case:
    ours, peer, batch = pair(frontend, signal)
    name = "a supervised step of the same encoder and batch"
    return Case(stepper(ours, batch), stepper(peer, batch), name, goal=GOAL)


def data2vec_over_supervised() -> Case:
    """32 pictures of 32x32 in 64 patches: the small ViT."""
    torch.manual_seed(0)
    return case("patches", torch.rand(PICTURES, 3, 32, 32))


def data2vec_over_supervised_speech() -> Case:
    """8 clips of 3 s at 8 kHz, from log-mel bands: the small wav2vec 2.0."""
    torch.manual_seed(0)
    return case("waveform", torch.randn(CLIPS, SAMPLES))
