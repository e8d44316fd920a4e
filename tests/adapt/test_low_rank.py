"""Low-rank changes: W + 2 B A by hand, nothing changed at the start, only the small part learns."""

import pytest
import torch
from torch import nn

from lecturelib.adapt.low_rank import learned, train_in_low_rank
from tests.oracle import error


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 5), nn.LayerNorm(5), nn.Linear(5, 4)).double()


def test_it_starts_as_the_model_it_was() -> None:
    x, model = torch.randn(3, 6).double(), net()
    before = model(x)
    assert error(train_in_low_rank(model, 2)(x), before) < 1e-12


def test_the_changed_layer_is_the_formula() -> None:
    x, model = torch.randn(3, 6).double(), net()
    weight, bias = model[0].weight.detach().clone(), model[0].bias.detach().clone()
    train_in_low_rank(model, 2)
    change = model[0].parametrizations.weight[0]
    nn.init.normal_(change.b)
    assert error(model[0](x), x @ (weight + 2 * change.b @ change.a).T + bias) < 1e-12


def test_matrices_stand_still_and_what_is_shipped_is_what_moved() -> None:
    model = train_in_low_rank(net(), 2)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    kept = learned(model)
    step = torch.optim.SGD(kept.parameters(), lr=0.1)
    for _ in range(2):  # A has no gradient while B is 0
        step.zero_grad()
        model(torch.randn(3, 6).double()).square().sum().backward()
        step.step()
    moved = {n.replace(".", "/") for n, p in model.named_parameters() if (p != before[n]).any()}
    assert moved == set(kept.keys())
    assert sum(p.numel() for p in kept.values()) == 2 * (6 + 5) + 2 * (5 + 4) + 5 + 5 + 5 + 4


@pytest.mark.parametrize("rank", [0, 4])
def test_a_rank_that_saves_nothing_is_refused(rank: int) -> None:
    with pytest.raises(ValueError, match=f"rank={rank}: choose 1 up to"):
        train_in_low_rank(net(), rank)
