"""The mix of layers, by hand."""

import math

import pytest
import torch

from lecturelib.encoders.scalar_mix import ScalarMix
from tests.oracle import error


def test_the_papers_formula_and_its_gradient():
    mix = ScalarMix(3).double()
    states = torch.randn(3, 2, 4, 5, dtype=torch.double)
    with torch.no_grad():
        mix.s.copy_(torch.tensor([0.5, -1.0, 2.0]))
        mix.gamma.fill_(1.7)
    loud = [math.exp(s) for s in (0.5, -1.0, 2.0)]
    share = [one / sum(loud) for one in loud]
    mixed = sum(part * state for part, state in zip(share, states, strict=True))
    assert error(mix(states), torch.as_tensor(1.7 * mixed)) < 1e-12
    mix(states).sum().backward()
    # d/dgamma: the mix itself; d/ds_j = gamma * share_j * (h_j - the mix)
    assert error(mix.gamma.grad, torch.as_tensor(mixed).sum()) < 1e-12  # type: ignore[arg-type]
    want = [
        1.7 * p * (h.sum() - torch.as_tensor(mixed).sum())
        for p, h in zip(share, states, strict=True)
    ]
    assert error(mix.s.grad, torch.stack(want)) < 1e-12  # type: ignore[arg-type]


def test_it_starts_as_the_mean():
    states = torch.randn(3, 4, 5)
    assert torch.allclose(ScalarMix(3)(states), states.mean(0), atol=1e-6)
    assert ScalarMix(4).shares.tolist() == [0.25] * 4


def test_another_number_of_layers():
    with pytest.raises(ValueError, match="2 layers of states, this mix was built for 3"):
        ScalarMix(3)(torch.zeros(2, 4, 5))
