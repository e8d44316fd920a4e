"""The slide's non-trainable target side: a slow copy of the student."""

import copy

import torch
from torch import Tensor, nn


def ema(teacher: Tensor, student: Tensor, tau: float) -> Tensor:
    """Exponential moving average: tau of the old value, 1 - tau of the new one."""
    return tau * teacher + (1 - tau) * student


class Teacher(nn.Module):
    """Exponential moving average of a student: theta <- tau theta + (1 - tau) student.

    BYOL's target network (Grill et al. 2020, Eq. 1) and data2vec's teacher (Baevski et al. 2022,
    3.2). Never trained by gradients. Buffers (batch-norm statistics) are copied.
    """

    def __init__(self, student: nn.Module, *, tau: float):
        super().__init__()
        if not 0 <= tau <= 1:
            raise ValueError(f"tau={tau} is outside 0-1: 0 copies the student, 1 never moves")
        self.network = copy.deepcopy(student).requires_grad_(False)
        self.tau = tau

    @torch.no_grad()
    def follow(self, student: nn.Module) -> None:
        """One step towards the student."""
        for mine, theirs in zip(self.network.parameters(), student.parameters(), strict=True):
            mine.copy_(ema(mine, theirs, self.tau))
        for mine, theirs in zip(self.network.buffers(), student.buffers(), strict=True):
            mine.copy_(theirs)

    def forward(self, *inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return self.network(*inputs)
