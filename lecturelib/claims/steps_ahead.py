"""wav2vec in small: how far ahead can it tell what comes?"""

from functools import cache

import torch

from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import held_out, speech
from lecturelib.data.speech_crops import crops
from lecturelib.objectives.future_contrast import FutureContrast
from lecturelib.pretraining.wav2vec import untrained
from lecturelib.training.loop import Plan, Trainer

STEPS = 200


@cache
def trained(seed: int, steps: int = STEPS) -> FutureContrast:
    """On crops of three seconds, eight at a time."""
    torch.manual_seed(seed)
    objective, plan = untrained(), Plan(steps, lr=5e-3, clip=5.0, seed=seed)
    Trainer(objective, crops(speech("train"), 8), plan, label="wav2vec").run()
    return objective.eval()


@torch.no_grad()
def by_step(objective: FutureContrast) -> list[float]:
    """Percent of held-out frames of which step k's guess is right, k = 1 ... 12; chance 9.1."""
    parts = objective(held_out(), torch.Generator().manual_seed(2)).parts
    return [100 * float(parts[f"tie_accuracy_{k}"]) for k in range(1, objective.steps + 1)]


def run(seed: int) -> dict[str, float]:
    """One training, twelve accuracies."""
    right = by_step(trained(seed))
    numbers = {f"{20 * k} ms": value for k, value in enumerate(right, 3)}
    return numbers | {"effect": right[0] - right[-1]}


CARD = Card(
    name="steps_ahead",
    source="Schneider et al. 2019, arXiv 1904.05862, Section 2.2",
    statement="The further ahead, the harder to tell what comes",
    paper_number="not printed; twelve steps are used",
    protocol="log-mel frames and four causal convolutions, 64 wide; 200 steps of 8 crops of 3 s; "
    "on held-out speech, ten wrong frames of the same clip, ties shared; judged by the first step "
    "minus the twelfth; a seed draws weights, crops and wrong frames",
    run=run,
    unit="points of accuracy, first step minus twelfth",
)
