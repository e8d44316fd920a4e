"""A small wav2vec 2.0 on spoken digits and telephone prompts, without a label."""

from dataclasses import replace
from functools import partial

import torch

from lecturelib.data.batch import Batch
from lecturelib.masking import span_mask
from lecturelib.objectives.masked_contrast import MaskedContrast, Settings
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, sounds, whole
from lecturelib.quantizers import GumbelQuantizer, use
from lecturelib.recipes import wav2vec2
from lecturelib.training import checkpoint
from lecturelib.training.loop import Plan, Row
from lecturelib.training.schedule import tri_stage
from lecturelib.training.watch import Watch, dead

DATA, STREAMS, LICENCE = sounds.DATA, sounds.STREAMS, sounds.LICENCE
STEPS = {"quick": 60, "gpu": 7000, "full": 7000}
BATCH = 8
HIDE = partial(span_mask, start_prob=0.13, span=5)
SETTINGS = Settings(negatives=50)


def build(data: str, pace: str, seed: int = 0) -> Job:
    """The whole objective is shipped, quantiser and all, so that pre-training can go on."""
    torch.manual_seed(seed)
    heard = sounds.sounds(data, BATCH, watched=64)
    steps = STEPS[pace]
    objective = untrained(cooling(SETTINGS, steps))
    plan = Plan(
        steps,
        lr=2e-3,
        schedule=tri_stage,
        clip=5.0,
        seed=seed,
        measure_every=250,
        save_every=250,
    )
    return whole(objective, heard, plan, held_out_row, dead_codes(objective.quantizer.groups))


def dead_codes(groups: int) -> Watch:
    """The known collapse (07a): one entry a group, loss 0, accuracy 100 %."""
    return dead(
        "hard_perplexity", 1.1 * groups, "the codebook is dead, one entry a group is in use"
    )


def untrained(settings: Settings = SETTINGS, size: str = "mini") -> MaskedContrast:
    """The network before it has heard anything. 2 x 32 codes."""
    quantizer = GumbelQuantizer(dim=64, groups=2, codes=32, width=64)
    return MaskedContrast(
        wav2vec2(size), quantizer=quantizer, hide=HIDE, width=64, settings=settings
    )


def cooling(settings: Settings, steps: int) -> Settings:
    """From temperature 2 to 0.5 within the first 60 % of the steps."""
    return replace(settings, gumbel=(2.0, 0.5, 0.25 ** (1 / (0.6 * steps))))


@torch.no_grad()
def held_out_row(objective: MaskedContrast, batch: Batch) -> Row:
    """Accuracy and perplexity on speech that was never trained on, the same masks every time; and
    what share of the choices each entry gets ("use 0 17": entry 17 of group 0)."""
    parts = objective.eval()(batch, torch.Generator().manual_seed(1)).parts
    names = ("contrastive", "accuracy", "tie_accuracy", "soft_perplexity", "hard_perplexity")
    row = {f"held_out_{name}": float(parts[name]) for name in names}
    latents = objective.model.frontend.latents(batch.signal).flatten(0, 1)
    shares = use(objective.quantizer(latents).codes, objective.quantizer.codes).tolist()
    return row | {f"use {g} {v}": x for g, group in enumerate(shares) for v, x in enumerate(group)}


def shipped() -> MaskedContrast:
    """The network that this recipe has made, in eval mode."""
    objective = untrained().eval()
    checkpoint.load_weights(CHECKPOINTS / "wav2vec2_speech.safetensors", objective)
    return objective
