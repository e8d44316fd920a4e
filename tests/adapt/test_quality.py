"""Strangeness beside a loop over all pairs."""

import pytest
import torch

from lecturelib.adapt.quality import familiar, strangeness


def test_strangeness_is_the_plain_double_loop():
    rng = torch.Generator().manual_seed(0)
    pool, trusted = torch.randn(7, 4, generator=rng), torch.randn(9, 4, generator=rng)
    scale = trusted.std(0) + 1e-6
    distance = lambda a, b: float(((a - b) / scale).pow(2).sum().sqrt())  # noqa: E731
    among = [
        min(distance(a, b) for j, b in enumerate(trusted) if i != j) for i, a in enumerate(trusted)
    ]
    usual = sorted(among)[4]
    expected = [min(distance(a, b) for b in trusted) / usual for a in pool]
    assert strangeness(pool, trusted).tolist() == pytest.approx(expected, rel=1e-4)


def test_a_copy_is_familiar_and_a_far_point_is_not():
    trusted = torch.randn(20, 3, generator=torch.Generator().manual_seed(1))
    pool = torch.cat([trusted[:1], trusted[:1] + 100])
    assert familiar(pool, trusted).tolist() == [True, False]
