"""Is it alive? What a data2vec model predicts on examples that it was never trained on."""

import torch
from jaxtyping import Float
from torch import Tensor

from lecturelib.data.batch import Batch
from lecturelib.objectives.latent_regression import LatentRegression, agreement


@torch.no_grad()
def health(objective: LatentRegression, batch: Batch, seed: int = 1) -> dict[str, float]:
    """R2, variances and ranks on a held-out batch, the same places hidden every time.

    The mode of the objective is left as it was.
    """
    was = objective.training
    objective.eval()
    view = objective.view(batch)
    target = objective.target(view)
    guess, answer = objective.guess(view, target, torch.Generator().manual_seed(seed))
    objective.train(was)
    row = {name: float(value) for name, value in agreement(guess, answer).items()}
    row |= {"target_rank": effective_rank(answer), "prediction_rank": effective_rank(guess)}
    return {f"held_out_{name}": value for name, value in row.items()}


def effective_rank(vectors: Float[Tensor, "n dim"]) -> float:
    """exp of the entropy of the singular values' shares (Roy and Vetterli 2007, Section 2).

    1: all vectors lie on a line through their mean; dim: they fill the space evenly. 0 where all
    are the same.
    """
    strength = torch.linalg.svdvals((vectors - vectors.mean(0)).double())
    if float(strength.sum()) == 0:
        return 0.0
    share = strength / strength.sum()
    return float(torch.special.entr(share).sum().exp())
