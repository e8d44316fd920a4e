"""A small vq-wav2vec: wav2vec whose frames are named first, by k-means in two groups of 32."""

import torch

from lecturelib import pretraining
from lecturelib.data.batch import Batch
from lecturelib.objectives.future_contrast import FutureContrast
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, sounds, wav2vec, whole
from lecturelib.pretraining.wav2vec import BATCH, plan
from lecturelib.quantizers import KMeansQuantizer, perplexity, use
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Row
from lecturelib.training.watch import dead

DATA, STREAMS = sounds.DATA, sounds.STREAMS
STEPS = {"quick": 60, "gpu": 3000, "full": 3000}
GROUPS, CODES = 2, 32


def build(data: str, pace: str, seed: int = 0) -> Job:
    """The whole objective is shipped, quantiser and all."""
    torch.manual_seed(seed)
    objective, heard = untrained(), sounds.sounds(data, BATCH, watched=64)
    watch = dead(
        "held_out_hard_perplexity",
        1.1 * GROUPS,
        "the codebook is dead, one entry a group in use",
        patience=2,
    )
    return whole(objective, heard, plan(STEPS[pace], seed), held_out_row, watch)


def untrained() -> FutureContrast:
    """The network before it has heard anything. 2 x 32 codes; the paper has 2 x 320."""
    return wav2vec.untrained(KMeansQuantizer(dim=64, groups=GROUPS, codes=CODES))


def shipped() -> FutureContrast:
    """The network that this recipe has made, in eval mode."""
    objective = untrained().eval()
    load_weights(CHECKPOINTS / "vq_wav2vec_speech.safetensors", objective)
    return objective


@torch.no_grad()
def held_out_row(objective: FutureContrast, batch: Batch) -> Row:
    """As wav2vec's, and how many entries are in use: at most groups * codes."""
    row = pretraining.held_out_row(objective, batch)
    codes = objective.model(batch.signal).units.codes.flatten(0, 1)
    return row | {"held_out_hard_perplexity": float(perplexity(use(codes, CODES)))}
