"""InfoNCE by a plain loop, and the collapse meter at its ends."""

import math

import pytest
import torch
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives.contrastive import Contrastive, info_nce, spread


def test_info_nce_is_the_slide_written_out():
    rng = torch.Generator().manual_seed(0)
    c, q = (torch.randn(5, 3, generator=rng, dtype=torch.float64) for _ in range(2))
    kappa, total = 0.1, 0.0
    sim = lambda a, b: float(a @ b / (a.norm() * b.norm()))  # noqa: E731
    for t in range(5):
        among = sum(math.exp(sim(c[t], q[j]) / kappa) for j in range(5))
        total -= math.log(math.exp(sim(c[t], q[t]) / kappa) / among)
    assert float(info_nce(c, q, kappa)) == pytest.approx(total, rel=1e-12)


def test_one_vector_for_all_is_chance():
    same = torch.ones(8, 4)
    assert float(info_nce(same, same)) == pytest.approx(8 * math.log(8), rel=1e-6)


def test_a_single_row_has_no_negatives():
    with pytest.raises(ValueError, match="batch of 1 has no negatives"):
        info_nce(torch.ones(1, 4), torch.ones(1, 4))


def test_the_loss_is_symmetric_in_the_two_views():
    """Views that differ by a fixed shift: the mean of both directions of info_nce."""
    encoder = nn.Identity()
    shifts = iter((0.0, 1.0))
    model = Contrastive(encoder, dim=3, view=lambda x, rng: x + next(shifts))
    signal = torch.randn(6, 3)
    total, parts, count = model(Batch(signal, None, None), torch.Generator())
    one, two = model.project(signal), model.project(signal + 1)
    assert float(total.detach()) == pytest.approx(
        float((info_nce(one, two) + info_nce(two, one)).detach()) / 2, rel=1e-6
    )
    assert count == 6
    assert 0 <= float(parts["partner_found"]) <= 1


def test_the_collapse_meter_is_zero_for_a_point_and_one_for_a_cloud():
    assert float(spread(torch.ones(50, 8))) == pytest.approx(0, abs=1e-6)
    cloud = torch.randn(4000, 32, generator=torch.Generator().manual_seed(0))
    assert float(spread(cloud)) == pytest.approx(1, abs=0.02)
