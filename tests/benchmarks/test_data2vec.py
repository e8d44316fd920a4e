"""A fair row: one encoder, one batch, and a step of ours that holds all that a teacher needs."""

import copy
from functools import partial

import pytest
import torch

from benchmarks import ROWS, data2vec
from lecturelib.objectives.latent_regression import LatentRegression


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data2vec, "PICTURES", 2)
    monkeypatch.setattr(data2vec, "CLIPS", 2)
    monkeypatch.setattr(data2vec, "SAMPLES", 8000)


SIGNALS = {"patches": (2, 3, 32, 32), "waveform": (2, 8000)}


@pytest.mark.parametrize("frontend", SIGNALS)
def test_both_have_the_same_encoder_and_the_same_batch(frontend: str) -> None:
    ours, peer, batch = data2vec.pair(frontend, torch.rand(SIGNALS[frontend]))
    assert isinstance(ours, LatentRegression)
    shapes = [
        {n: p.shape for n, p in m.named_parameters()} for m in (ours.model, peer.encoder.model)
    ]
    assert shapes[0] == shapes[1]
    assert peer.encoder(batch.signal).shape == (2, ours.model.encoder.dim)
    assert len(batch.labels) == len(batch) == 2


@pytest.mark.parametrize("frontend", SIGNALS)
def test_the_step_is_adamws_and_the_teacher_follows(frontend: str) -> None:
    """Three steps beside the same written out: one mask drawn in each, one teacher moved."""
    torch.manual_seed(0)
    ours, _, batch = data2vec.pair(frontend, torch.rand(SIGNALS[frontend]))
    twin = copy.deepcopy(ours).train()
    # the view looks through the front end of the model that it was made with
    twin.view = partial(ours.view.func, twin.model.frontend, **ours.view.keywords)
    step, rng = data2vec.stepper(ours, batch), torch.Generator().manual_seed(0)
    trained = [*twin.model.parameters(), *twin.head.parameters()]
    optimiser = torch.optim.AdamW(trained, fused=True)
    losses = []
    for _ in range(3):
        total, _, count = twin(batch, rng)
        losses.append((step(), (total / count).detach()))
        optimiser.zero_grad()
        (total / count).backward()
        optimiser.step()
        twin.after_step(0)
    torch.testing.assert_close(*(torch.stack(side) for side in zip(*losses, strict=True)))
    for name, value in twin.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value)
    assert not torch.equal(
        ours.teacher.network.layers[0].feed_forward.widen.weight,
        ours.model.encoder.layers[0].feed_forward.widen.weight,
    )


@pytest.mark.parametrize("row", ["data2vec_over_supervised", "data2vec_over_supervised_speech"])
def test_the_rows_run(row: str) -> None:
    case = ROWS[row]()
    losses = [case.ours(), case.peer(), case.peer(), case.peer()]
    assert torch.isfinite(torch.stack(losses)).all()
    assert losses[3] < losses[1]  # the supervised side does learn its labels
    assert case.goal == 1 / 1.6
