"""wav2vec 2.0 base with the paper's numbers (Baevski 2020, Section 4.2), for a GPU or several."""

from functools import partial

import torch

from lecturelib.masking import span_mask
from lecturelib.objectives.masked_contrast import MaskedContrast
from lecturelib.pretraining import Job, sounds, whole
from lecturelib.pretraining.wav2vec2 import dead_codes, held_out_row
from lecturelib.quantizers import GumbelQuantizer
from lecturelib.recipes import wav2vec2
from lecturelib.training.loop import Plan
from lecturelib.training.schedule import linear

DATA = sounds.STREAMS
STEPS = {"quick": 3, "gpu": 2000, "full": 400_000}
CROPS = {"quick": 4, "gpu": 64, "full": 368}  # 368 crops of 15.6 s: 1.6 hours
SECONDS = {"quick": 4.0, "gpu": 15.6, "full": 15.6}


def build(data: str, pace: str, seed: int = 0) -> Job:
    """16 kHz, crops of 250,000 samples; `quick` shows that it runs, `gpu` that it learns."""
    torch.manual_seed(seed)
    watched = min(32, CROPS[pace])
    heard = sounds.sounds(data, CROPS[pace], watched=watched, seconds=SECONDS[pace], rate=16_000)
    objective = untrained("base")
    plan = Plan(
        STEPS[pace],
        lr=5e-4,
        schedule=eight_percent,
        betas=(0.9, 0.98),
        clip=25.0,
        seed=seed,
        measure_every=1000,
        save_every=1000,
    )
    return whole(objective, heard, plan, held_out_row, dead_codes(objective.quantizer.groups))


def untrained(size: str) -> MaskedContrast:
    """2 x 320 codes of 128, compared in 256 channels; spans of 10 frames hide about half."""
    model = wav2vec2(size)
    width = model.frontend.norm_latents.weight.numel()
    return MaskedContrast(
        model,
        quantizer=GumbelQuantizer(dim=width, groups=2, codes=320, width=256),
        hide=partial(span_mask, start_prob=0.065, span=10),
        width=256,
    )


def eight_percent(step: int, steps: int) -> float:
    """Section 4.2: up for 8 % of the updates, then straight down."""
    return linear(step, steps, warmup=0.08)
