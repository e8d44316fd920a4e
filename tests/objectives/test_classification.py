"""Cross-entropy by hand, and labels that cannot be."""

import math

import pytest
import torch
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives.classification import Classification


def model() -> Classification:
    chosen = Classification(nn.Identity(), dim=2, classes=3)
    with torch.no_grad():
        chosen.head.weight.copy_(torch.tensor([[1.0, 0], [0, 1], [0, 0]]))
        chosen.head.bias.zero_()
    return chosen


def test_the_loss_is_summed_minus_log_softmax():
    batch = Batch(torch.tensor([[1.0, 2.0], [0.0, 3.0]]), None, torch.tensor([0, 1]))
    total, parts, count = model()(batch, torch.Generator())
    first = -math.log(math.e / (math.e + math.e**2 + 1))
    second = -math.log(math.e**3 / (1 + math.e**3 + 1))
    assert total.item() == pytest.approx(first + second, rel=1e-6)
    assert parts["accuracy"].item() == 0.5
    assert count == 2


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_out_of_range_is_named(label):
    batch = Batch(torch.zeros(2, 2), None, torch.tensor([0, label]))
    with pytest.raises(ValueError, match=rf"label {label} is outside 0\.\.2"):
        model()(batch, torch.Generator())


def test_unlabelled_input_is_refused():
    with pytest.raises(ValueError, match="no labels"):
        model()(Batch(torch.zeros(2, 2), None, None), torch.Generator())
