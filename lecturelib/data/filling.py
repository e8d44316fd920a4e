"""Clips of different lengths side by side: what may be filled up, and how short a clip may be."""

import torch
from torch import Tensor


def check_filling(x: Tensor, is_pad: Tensor | None, *, least: int, what: str) -> None:
    """ValueError where x [batch, time, ...] cannot be read up to its filling.

    That is NaN or infinity, filling before the end of a row, and rows that have fewer than `least`
    `what` (samples, frames of speech) before it.
    """
    if rows := (~torch.isfinite(x)).flatten(1).any(1).nonzero().flatten().tolist():
        raise ValueError(f"rows {rows} have NaN or infinity: drop or repair them first")
    lengths = torch.full((len(x),), x.shape[1])
    if is_pad is not None:
        if is_pad.shape != x.shape[:2]:
            raise ValueError(f"is_pad is {list(is_pad.shape)}, {what} are {list(x.shape[:2])}")
        if rows := (is_pad[:, :-1] & ~is_pad[:, 1:]).any(1).nonzero().flatten().tolist():
            raise ValueError(f"rows {rows} have filling before {what}: move it to the end")
        lengths = (~is_pad).sum(1)
    if rows := (lengths < least).nonzero().flatten().tolist():
        raise ValueError(
            f"rows {rows} have {lengths[rows].tolist()} {what}, at least {least} are needed: "
            "give longer clips"
        )
