"""The slow copy: exact at the ends of tau, and loud where it could not follow."""

import copy
import math

import pytest
import torch
from torch import nn

from lecturelib.objectives.teacher import Teacher, check_alike, ema
from tests.oracle import error, randomise


def pair(tau: float) -> tuple[Teacher, nn.Module]:
    """A teacher, and the student after it has learned something."""
    student = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 2)).double()
    teacher = Teacher(student, tau=tau)
    return teacher, randomise(student, seed=1)


def test_ema_by_hand() -> None:
    assert ema(torch.tensor(8.0), torch.tensor(4.0), 0.75).item() == 7.0


@pytest.mark.parametrize("tau", [0.0, 0.3, 0.999, 1.0])
def test_after_n_steps_a_standing_student_is_left_by_tau_to_the_n(tau: float) -> None:
    """0 copies the student at once, 1 never moves."""
    teacher, student = pair(tau)
    first = copy.deepcopy(teacher.network)
    for _ in range(5):
        teacher.follow(student)
    parts = (teacher.network.parameters(), student.parameters(), first.parameters())
    for mine, theirs, old in zip(*parts, strict=True):
        assert error(mine, theirs + tau**5 * (old - theirs)) < 1e-12
        assert torch.equal(mine, theirs) or tau > 0
        assert torch.equal(mine, old) or tau < 1


def test_the_student_is_not_moved_and_shares_nothing() -> None:
    teacher, student = pair(0.5)
    before = copy.deepcopy(student.state_dict())
    teacher.follow(student)
    assert all(torch.equal(before[name], value) for name, value in student.state_dict().items())
    mine, theirs = ({p.data_ptr() for p in m.parameters()} for m in (teacher, student))
    assert not mine & theirs
    assert all(p.requires_grad for p in student.parameters())
    assert not any(p.requires_grad for p in teacher.parameters())


def test_no_gradient_goes_through_the_teacher() -> None:
    x = torch.ones(1, 3, dtype=torch.double, requires_grad=True)
    assert not pair(0.5)[0](x).requires_grad


@pytest.mark.parametrize("tau", [-0.1, 1.0001, math.nan, math.inf])
def test_tau_outside_zero_to_one(tau: float) -> None:
    with pytest.raises(ValueError, match=f"tau={tau} is outside 0-1: 0 copies the student"):
        Teacher(nn.Linear(2, 2), tau=tau)


@pytest.mark.parametrize(
    ("student", "names"),
    [
        (nn.Linear(3, 2), r"\['weight'\]"),
        (nn.Linear(2, 3), r"\['bias', 'weight'\]"),
        (nn.Linear(2, 2, bias=False), r"\['bias'\]"),
        (nn.Sequential(nn.Linear(2, 2)), r"\['0.bias', '0.weight', 'bias', 'weight'\]"),
    ],
)
def test_a_student_that_is_built_otherwise(student: nn.Module, names: str) -> None:
    """Nothing has moved when it is refused."""
    teacher = Teacher(nn.Linear(2, 2), tau=0.5)
    before = copy.deepcopy(teacher.state_dict())
    with pytest.raises(ValueError, match=f"teacher and student differ in {names}: copy the"):
        teacher.follow(student)
    assert all(torch.equal(before[name], value) for name, value in teacher.state_dict().items())


def after(steps: int, dtype: torch.dtype) -> float:
    """A teacher at 1 and a student that stays at 2, tau .9999."""
    teacher, student = torch.ones((), dtype=dtype), torch.full((), 2.0, dtype=dtype)
    for _ in range(steps):
        teacher = ema(teacher, student, 0.9999)
    return teacher.item()


def test_in_bfloat16_a_slow_teacher_would_stand_still() -> None:
    """1000 steps go 1 - .9999^1000 of the way in float32; 8 bits round each of them away."""
    assert after(1000, torch.float32) == pytest.approx(2 - 0.9999**1000, abs=1e-4)
    assert after(1000, torch.bfloat16) == 1.0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_refused(dtype: torch.dtype) -> None:
    student = nn.Linear(2, 2).to(dtype)
    with pytest.raises(ValueError, match=f"weight is {dtype}: so slow a teacher would stand still"):
        Teacher(student, tau=0.9999).follow(student)
    for kept in (torch.float32, torch.float64):
        check_alike(nn.Linear(2, 2).to(kept), student)
