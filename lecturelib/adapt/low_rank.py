"""Fine-tuning with few numbers: each weight matrix learns a change of low rank (LoRA)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from lecturelib.adapt.transfer import freeze

Matrix = Float[Tensor, "outputs inputs"]


class LowRank(nn.Module):
    """W + 2 B A, with A [rank, inputs] and B [outputs, rank]: Hu et al. 2021, Section 4.1.

    B starts at 0, so that training starts from the pre-trained model. 2 is the paper's alpha / r.
    """

    def __init__(self, weight: Matrix, rank: int):
        super().__init__()
        outputs, inputs = weight.shape
        self.a = nn.Parameter(torch.randn(rank, inputs) / inputs**0.5)
        self.b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, weight: Matrix) -> Matrix:
        return weight + 2 * self.b @ self.a


def train_in_low_rank(model: nn.Module, rank: int = 16) -> nn.Module:
    """Freeze the matrices; their low-rank changes, the biases and the norms learn. In place.

    Raises ValueError for a rank that would be no saving in some layer.
    """
    freeze(model)
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    if rank < 1 or any(rank >= min(layer.weight.shape) for layer in layers):
        raise ValueError(f"rank={rank}: choose 1 up to the smaller side of every matrix")
    for layer in layers:
        parametrize.register_parametrization(layer, "weight", LowRank(layer.weight, rank))
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(parameter.ndim == 1 or name.endswith((".a", ".b")))
    return model


def learned(model: nn.Module) -> nn.ParameterDict:
    """The weights that were trained, the very same ones: what has to be shipped."""
    every = model.named_parameters()
    return nn.ParameterDict({n.replace(".", "/"): p for n, p in every if p.requires_grad})
