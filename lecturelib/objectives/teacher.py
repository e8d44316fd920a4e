"""The slide's non-trainable target side: a slow copy of the student."""

import copy
from typing import Any

import torch
from torch import Tensor, nn


def ema(teacher: Tensor, student: Tensor, tau: float) -> Tensor:
    """Exponential moving average: tau of the old value, 1 - tau of the new one."""
    return tau * teacher + (1 - tau) * student


class Teacher(nn.Module):
    """Exponential moving average of a student: theta <- tau theta + (1 - tau) student.

    BYOL's target network (Grill et al. 2020, Eq. 1) and data2vec's teacher (Baevski et al. 2022,
    3.2). Never trained by gradients. Buffers (batch-norm statistics) are copied. Raises ValueError
    for tau outside 0-1.
    """

    def __init__(self, student: nn.Module, *, tau: float):
        super().__init__()
        check_tau(tau)
        self.network: Any = copy.deepcopy(student).requires_grad_(False)
        self.tau = tau

    @torch.no_grad()
    def follow(self, student: nn.Module) -> None:
        """One step towards the student.

        Raises ValueError where it is built otherwise, and for half-precision weights: bfloat16 has
        8 bits, so that a thousandth of the way to the student would be rounded away.
        """
        check_alike(self.network, student)
        for mine, theirs in zip(self.network.parameters(), student.parameters(), strict=True):
            mine.copy_(ema(mine, theirs, self.tau))
        for mine, theirs in zip(self.network.buffers(), student.buffers(), strict=True):
            mine.copy_(theirs)

    def forward(self, *inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return self.network(*inputs)


def check_tau(tau: float) -> None:
    """ValueError outside 0-1."""
    if not 0 <= tau <= 1:
        raise ValueError(f"tau={tau} is outside 0-1: 0 copies the student, 1 never moves")


def check_alike(teacher: nn.Module, student: nn.Module) -> None:
    """ValueError for weights of another shape or name, and for weights of half precision."""
    mine, theirs = dict(teacher.named_parameters()), dict(student.named_parameters())
    wrong = mine.keys() ^ theirs.keys()
    wrong |= {name for name in mine.keys() & theirs if mine[name].shape != theirs[name].shape}
    if wrong:
        raise ValueError(f"teacher and student differ in {sorted(wrong)}: copy the student again")
    for name, weight in mine.items():
        if weight.dtype in (torch.bfloat16, torch.float16):
            raise ValueError(
                f"{name} is {weight.dtype}: so slow a teacher would stand still. Keep the weights "
                "in float32, and use Plan(bf16=True) for the matrix products"
            )
