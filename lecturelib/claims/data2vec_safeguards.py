"""What keeps data2vec from saying one and the same of every place? Three modalities, 120 steps."""

import math
from typing import Any

from lecturelib.adapt.latents import health
from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import untrained, world
from lecturelib.data.batch import Batch
from lecturelib.pretraining.data2vec import DATA, FRONTENDS
from lecturelib.recipes.data2vec import OURS
from lecturelib.training.loop import Plan, Trainer
from lecturelib.training.schedule import constant

STEPS, PICTURES = 120, 32
REMOVED: dict[str, Any] = {"norm": "none", "tau": (0.0, 0.0, 1)}


def vary(data: str, seed: int, **changes: Any) -> dict[str, float]:
    """Variances and R2 on held-out examples after 120 steps at the recipe's rate."""
    objective, draw = untrained(data, seed, **changes), world(data).draw

    def few(rng: Any) -> Batch:
        return draw(rng).rows(slice(PICTURES))

    plan = Plan(STEPS, lr=OURS[FRONTENDS[data]].rate, schedule=constant, clip=5.0, seed=seed)
    Trainer(objective, few, plan, label=f"{data} {seed} {changes}").run()
    return health(objective, world(data).held_out.rows(slice(32)))


def run(seed: int) -> dict[str, float]:
    """With both safeguards and with none, in each modality."""
    found, ratios = {}, []
    for data in DATA:
        both = {"with": vary(data, seed), "without": vary(data, seed, **REMOVED)}
        for way, row in both.items():
            for name in ("r2", "target_variance", "prediction_variance", "target_rank"):
                found[f"{data}, {name}, {way}"] = row[f"held_out_{name}"]
        kept, died = (row["held_out_prediction_variance"] for row in both.values())
        ratios.append(math.log10(kept / max(died, 1e-12)))
    return found | {"effect": min(ratios)}


CARD = Card(
    name="data2vec_safeguards",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="Normalised targets and a slow teacher keep the predictions from becoming one vector",
    paper_number="no number: both are said to prevent collapse",
    protocol="fresh models of sound (log-mel), pictures and words; 120 steps of 8 crops, 32 "
    "pictures, 8 texts at the recipe's rate; with both, and with targets as they are and a teacher "
    "that is the student (tau 0); variance of the predictions on held-out examples; judged by the "
    "modality in which it falls least: reproduced where it falls to less than a tenth; a seed "
    "draws weights, batches and masks",
    run=run,
    bound=1.0,
    unit="powers of ten between the predictions' variances, the least of three modalities",
)
