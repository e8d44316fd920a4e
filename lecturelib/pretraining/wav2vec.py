"""A small wav2vec: the present frames say which frame comes next."""

import torch
from torch import nn

from lecturelib.encoders.aggregator import Aggregator
from lecturelib.frontends.waveform import MelFrames
from lecturelib.objectives.future_contrast import FutureContrast, Wav2Vec
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, held_out_row, sounds, whole
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Plan
from lecturelib.training.watch import Watch, dead

DATA, STREAMS = sounds.DATA, sounds.STREAMS
STEPS = {"quick": 60, "gpu": 3000, "full": 3000}
BATCH = 8
KERNELS = (2, 3, 4, 5)


def build(data: str, pace: str, seed: int = 0) -> Job:
    """The whole objective is shipped."""
    torch.manual_seed(seed)
    objective, heard = untrained(), sounds.sounds(data, BATCH, watched=64)
    steps = plan(STEPS[pace], seed)
    return whole(objective, heard, steps, held_out_row, dead_frames(objective))


def untrained(quantizer: nn.Module | None = None) -> FutureContrast:
    """Log-mel frames, 64 wide, for the paper's convolutions of the waveform, and the first four of
    its twelve layers on top. From the waveform it stays at the base rate (07a shows it)."""
    aggregator = Aggregator(dim=64, kernels=KERNELS)
    model = Wav2Vec(frontend=MelFrames(), aggregator=aggregator, quantizer=quantizer)
    return FutureContrast(model, weight=0.1)


def shipped() -> FutureContrast:
    """The network that this recipe has made, in eval mode."""
    objective = untrained().eval()
    load_weights(CHECKPOINTS / "wav2vec_speech.safetensors", objective)
    return objective


def plan(steps: int, seed: int) -> Plan:
    """Measured and kept every 250 steps."""
    return Plan(steps, lr=5e-3, clip=5.0, seed=seed, measure_every=250, save_every=250)


def dead_frames(objective: FutureContrast) -> Watch:
    """Where all frames are one vector, all candidates tie: exactly chance."""
    chance = 1 / (1 + objective.negatives)
    return dead("tie_accuracy", 1.001 * chance, "all frames have become one vector")
