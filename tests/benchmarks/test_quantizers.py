"""Fair rows: with the same noise both Gumbel quantisers give and learn the same; the same codes."""

import pytest
import torch
from torch import nn

from benchmarks import quantizers
from tests.oracle import error


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FRAMES": 40, "DIM": 12, "CODES": 7, "WIDTH": 8}.items():
        monkeypatch.setattr(quantizers, name, value)


def test_a_step_learns_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's softmax is float32 inside: 1e-5. Its noise is replaced by ours."""
    ours, theirs = quantizers.both(7)
    mine, other = quantizers.our_step(ours), quantizers.their_step(theirs)
    noise = ours.noise(40, torch.Generator().manual_seed(1)).flatten(0, 1)

    def choose(scores: torch.Tensor, tau: float, hard: bool) -> torch.Tensor:
        soft = ((scores + noise) / tau).softmax(-1)
        return nn.functional.one_hot(soft.argmax(-1), 7) - soft.detach() + soft

    assert theirs.temperature == quantizers.TEMPERATURE
    monkeypatch.setattr(nn.functional, "gumbel_softmax", choose)
    assert error(mine(), other()) < 1e-5
    assert error(ours.book.grad, theirs.codevectors.grad.view_as(ours.book)) < 1e-5
    assert error(ours.score.weight.grad, theirs.weight_proj.weight.grad) < 1e-5
    assert error(ours.score.bias.grad, theirs.weight_proj.bias.grad) < 1e-5


def test_both_take_the_same_entries_without_noise() -> None:
    ours, theirs = quantizers.both(7)
    x = quantizers.frames(ours)
    found, (want, _) = ours.eval()(x), theirs.eval()(x[None])
    assert error(found.vectors, want[0]) < 1e-6


def test_the_nearest_centres_are_the_same() -> None:
    case = quantizers.kmeans_distance()
    assert torch.equal(case.ours(), case.peer())  # type: ignore[misc, arg-type]
    assert torch.equal(case.ours(), quantizers.kmeans_nearest().peer())
    assert case.flops == 2 * 2 * 40 * 7 * 6


def test_rows_run_and_say_their_goals() -> None:
    rows = {"gumbel_v320": 8.0, "kmeans_distance": 20.0, "kmeans_nearest": 1.2}
    for row, goal in ((getattr(quantizers, name), goal) for name, goal in rows.items()):
        case = row()
        assert case.goal == goal
        case.ours()
        case.peer()  # type: ignore[misc]
