"""What the oracle tests share: the error they bound, random weights, padding."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import config
from torch import Tensor, nn


def error(ours: Tensor, reference: Tensor) -> float:
    """max |a - b| / max(1, max |b|)."""
    assert ours.shape == reference.shape, (ours.shape, reference.shape)
    ours, reference = ours.detach(), reference.detach()
    return ((ours - reference).abs().max() / max(1.0, float(reference.abs().max()))).item()


def randomise(m: nn.Module, seed: int = 0) -> nn.Module:
    """float64, random everywhere: libraries start biases at 0 and norms at 1, which hides slips."""
    rng = torch.Generator().manual_seed(seed)
    m = m.double()
    with torch.no_grad():
        for parameter in m.parameters():
            noise = torch.randn(parameter.shape, generator=rng, dtype=parameter.dtype)
            parameter.copy_(0.3 * noise)
    return m


def push_back(parts: Iterable[Tensor | None]) -> None:
    """Gradients of one random weighted sum of everything that a model gave."""
    rng = torch.Generator().manual_seed(4)
    given = [part for part in parts if part is not None]
    sum((torch.randn(p.shape, generator=rng).double() * p).sum() for p in given).backward()


def gradients(m: nn.Module) -> dict[str, Tensor]:
    """Name -> gradient, of the parameters that have one."""
    return {name: p.grad for name, p in m.named_parameters() if p.grad is not None}


def same_gradients(ours: nn.Module, want: dict[str, Tensor]) -> None:
    """Every gradient of ours within 1e-8 of the reference's, given under our names."""
    have = gradients(ours)
    assert have.keys() == want.keys()
    worst = {name: error(have[name], want[name]) for name in want}
    assert max(worst.values()) < 1e-8, worst


def padded(lengths: list[int]) -> Tensor:
    """is_pad for these lengths."""
    return torch.arange(max(lengths)) >= torch.tensor(lengths)[:, None]


@contextmanager
def unchecked() -> Iterator[None]:
    """As a student runs it: without jaxtyping's checks, so that our own errors speak."""
    config.update("jaxtyping_disable", True)
    try:
        yield
    finally:
        config.update("jaxtyping_disable", False)
