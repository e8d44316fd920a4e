"""The three switches: gradients flow where they should, and the trivial answer has loss 0."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives.non_contrastive import NonContrastive, distance
from lecturelib.objectives.teacher import Teacher, ema

SIGNAL = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))


def model(**switches) -> NonContrastive:
    torch.manual_seed(0)
    return NonContrastive(nn.Linear(4, 4), dim=4, view=shake, **switches)


def shake(signal, rng):
    return signal + torch.randn(signal.shape, generator=rng)


def loss(chosen: NonContrastive) -> torch.Tensor:
    return chosen(Batch(SIGNAL, None, None), torch.Generator().manual_seed(1)).total


def test_the_loss_is_byols_written_out():
    chosen = model(tau=0.5)
    rng = torch.Generator().manual_seed(1)
    one, two = shake(SIGNAL, rng), shake(SIGNAL, rng)
    online = [chosen.predict(chosen.project(chosen.encoder(v))) for v in (one, two)]
    target = [chosen.teacher(v) for v in (one, two)]
    expected = sum(
        (F.normalize(online[a], dim=1) - F.normalize(target[b], dim=1)).pow(2).sum()
        for a, b in ((0, 1), (1, 0))
    )  # |p - z|^2 of unit vectors is 2 - 2 cos
    assert loss(chosen).item() == pytest.approx(expected.item() / 2, rel=1e-5)


def test_stop_gradient_changes_the_gradient_but_not_the_loss():
    with_stop, without = model(tau=None), model(tau=None, stop_gradient=False)
    assert loss(with_stop).item() == pytest.approx(loss(without).item())
    for chosen in (with_stop, without):
        loss(chosen).backward()
    assert not torch.allclose(with_stop.encoder.weight.grad, without.encoder.weight.grad)


def test_without_a_predictor_the_guess_is_the_vector_itself():
    assert isinstance(model(predictor=False).predict, nn.Identity)


def test_one_vector_for_everything_is_a_perfect_answer():
    """The trivial solution: that is why something must prevent it."""
    constant = torch.ones(6, 4)
    assert distance(constant, 3 * constant).item() == pytest.approx(0, abs=1e-6)


def test_the_teacher_gets_no_gradient_and_follows_after_each_step():
    chosen = model(tau=0.9)
    assert not any(p.requires_grad for p in chosen.teacher.parameters())
    old = chosen.teacher.network[0].weight.clone()
    with torch.no_grad():
        chosen.encoder.weight.add_(1)
    chosen.after_step(0)
    torch.testing.assert_close(chosen.teacher.network[0].weight, old + 0.1)


def test_ema_keeps_tau_of_the_old_value():
    assert ema(torch.tensor(1.0), torch.tensor(0.0), 0.99).item() == pytest.approx(0.99)


def test_the_teacher_copies_batch_norm_statistics():
    student = nn.BatchNorm1d(3)
    teacher = Teacher(student, tau=0.99)
    student(torch.randn(20, 3) + 7)
    teacher.follow(student)
    assert torch.equal(teacher.network.running_mean, student.running_mean)


def test_tau_outside_zero_to_one_is_refused():
    with pytest.raises(ValueError, match=r"tau=1\.2 is outside 0-1"):
        Teacher(nn.Linear(2, 2), tau=1.2)
