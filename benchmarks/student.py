"""Notebook 01's student: a step of our loop beside the same step written out by hand."""

import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.case import Case
from lecturelib.data.batch import Batch
from lecturelib.encoders.vgg import ConvStack
from lecturelib.objectives.classification import Classification
from lecturelib.training.loop import Plan, Trainer, decay_groups
from lecturelib.training.schedule import constant


def student_step() -> Case:
    """Does the general loop (accelerate, schedules, history) cost anything? 64 digits of 28x28."""
    torch.manual_seed(0)
    signal, label = torch.rand(64, 1, 28, 28), torch.randint(10, (64,))

    def fresh() -> Classification:
        encoder = ConvStack()
        return Classification(encoder, dim=encoder.dim, classes=10)

    trainer = Trainer(
        fresh(), lambda rng: Batch(signal, None, label), Plan(10**6, lr=1e-3, schedule=constant)
    )
    by_hand = fresh()
    groups = decay_groups(list(by_hand.parameters()), 0.01)
    optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), fused=True)

    def peer() -> None:
        loss = F.cross_entropy(by_hand.logits(signal), label)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(by_hand.parameters(), 1.0)
        optimiser.step()

    with FlopCounterMode(display=False) as counter:
        peer()
    return Case(
        lambda: trainer.step(0),
        peer,
        "the same step by hand",
        goal=0.9,
        flops=counter.get_total_flops(),
    )
