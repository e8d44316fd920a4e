"""Which layer should we use? All of them, each as loud as the task wants it."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class ScalarMix(nn.Module):
    """ELMo, Eq. 1: gamma * sum_j softmax(s)_j h_j. Starts as the mean of the layers.

    states [layers, ..., dim] -> [..., dim]; ELMo's layers or BERT's. Raises ValueError for another
    number of layers. The paper's optional layer norm of each h_j is left out.
    """

    def __init__(self, layers: int):
        super().__init__()
        self.s = nn.Parameter(torch.zeros(layers))
        self.gamma = nn.Parameter(torch.ones(()))

    @property
    def shares(self) -> Float[Tensor, " layers"]:
        """What each layer contributes; they sum to 1."""
        return self.s.softmax(0)

    def forward(self, states: Float[Tensor, "layers ..."]) -> Float[Tensor, "..."]:
        if len(states) != len(self.s):
            raise ValueError(
                f"{len(states)} layers of states, this mix was built for {len(self.s)}"
            )
        return self.gamma * torch.tensordot(self.shares, states, dims=1)
