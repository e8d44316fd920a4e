"""A fair row: the closed form and autograd move both tables alike."""

import torch

from benchmarks import word2vec
from tests.oracle import error


def test_a_step_moves_both_models_alike(monkeypatch) -> None:
    """Several steps in float64: the second starts from what the first has changed."""
    made = []
    real = word2vec.start

    def doubled():
        model, given = real()
        made.append(model.double())
        return model, given

    monkeypatch.setattr(word2vec, "PAIRS", 64)
    monkeypatch.setattr(word2vec, "start", doubled)
    case = word2vec.word2vec_step()
    before = made[0].inputs.weight.clone()
    for _ in range(3):
        case.ours()
        case.peer()
    ours, theirs = made
    assert not torch.equal(before, ours.inputs.weight)
    assert error(ours.inputs.weight, theirs.inputs.weight) < 1e-12
    assert error(ours.outputs.weight, theirs.outputs.weight) < 1e-12
