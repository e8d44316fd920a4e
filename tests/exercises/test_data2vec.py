"""Notebook 08: right answers that are written otherwise pass, a slip gets its own hint."""

import math
from itertools import combinations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import r2_score

from lecturelib.exercises import alike, check, difference, solution, tried
from lecturelib.exercises.data2vec import EXERCISES


def closed_form(teacher, students, tau):
    n = len(students)
    shares = torch.tensor([(1 - tau) * tau ** (n - 1 - at) for at in range(n)])
    return tau**n * teacher + shares @ students.detach()


def interpolated(tau, step):
    first, last, steps = tau
    return torch.tensor(np.interp(step.numpy(), [0, steps], [first, last]))


def channel_by_channel(x, is_pad):
    out = x.clone()
    for row in range(len(x)):
        for channel in range(x.shape[2]):
            real = x[row, ~is_pad[row], channel]
            deviation = (real.var(correction=0) + 1e-5).sqrt()
            out[row, :, channel] = (x[row, :, channel] - real.mean()) / deviation
    return out


def token_by_token(layers, top):
    depth, batch, time, _ = layers.shape
    out = torch.zeros(layers.shape[1:])
    with torch.no_grad():
        for layer in range(depth - top, depth):
            for row in range(batch):
                for at in range(time):
                    one = layers[layer, row, at]
                    deviation = (one.var(correction=0) + 1e-5).sqrt()
                    out[row, at] += (one - one.mean()) / deviation / top
    return out


def place_by_place(guess, answer, hidden):
    found = [
        sum((guess[row, at] - answer[row, at]) ** 2) / math.sqrt(guess.shape[2])
        for row, at in hidden.nonzero().tolist()
    ]
    return sum(found) / len(found)


def by_others(guess, answer):
    r2 = r2_score(answer, guess, multioutput="variance_weighted")
    spread = [np.var(one.numpy(), axis=0).mean() for one in (answer, guess)]
    return torch.tensor([r2, *spread])


RIGHT = {
    "follow": closed_form,
    "annealed": interpolated,
    "over_time": channel_by_channel,
    "targets": token_by_token,
    "smooth_l1": lambda x, y, beta: F.smooth_l1_loss(x, y, beta=beta, reduction="none"),
    "hidden_loss": place_by_place,
    "agreement": by_others,
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_that_is_written_otherwise_passes(name):
    verdict = check(name, RIGHT[name])
    assert verdict.passed, verdict.message


def test_these_are_all_seven_the_teachers_half_first():
    assert list(EXERCISES) == list(RIGHT)


def swapped(teacher, students, tau):
    for student in students:
        teacher = (1 - tau) * teacher + tau * student.detach()
    return teacher


def in_place(teacher, students, tau):
    for student in students:
        teacher.mul_(tau).add_((1 - tau) * student)
    return teacher


def of_real_places(x, is_pad, correction):
    rows = []
    for row, pad in zip(x, is_pad, strict=True):
        deviation = (row[~pad].var(0, correction=correction) + 1e-5).sqrt()
        rows.append((row - row[~pad].mean(0)) / deviation)
    return torch.stack(rows)


def normal(x, correction=0):
    spread = x.var(-1, keepdim=True, correction=correction)
    return (x - x.mean(-1, keepdim=True)) / (spread + 1e-5).sqrt()


def parted(gap, beta, line):
    return torch.where(gap.abs() <= beta, 0.5 * gap**2 / beta, line)


def three(guess, answer, correction=0):
    left, around = (guess - answer) ** 2, (answer - answer.mean(0)) ** 2
    spread = [one.var(0, correction=correction).mean() for one in (answer, guess)]
    return torch.stack([1 - left.sum() / around.sum(), *spread])


SLIPS = [
    ("follow", swapped, "tau keeps the OLD teacher"),
    ("follow", in_place, "gradient flows into the teacher"),
    ("annealed", lambda t, n: t[0] + (t[1] - t[0]) * n / t[2], "After the last step tau stays"),
    ("over_time", lambda x, pad: (x - x.mean(1, True)) / (x.var(1, correction=0, keepdim=True)
                                                         + 1e-5) ** 0.5, "Filling takes part"),
    ("over_time", lambda x, pad: of_real_places(x, pad, 1), "n under the variance, not n - 1"),
    ("over_time", lambda x, pad: normal(x), "That is LayerNorm"),
    ("targets", lambda layers, k: normal(layers[-k:].mean(0)), "Normalise each layer first"),
    ("targets", lambda layers, k: normal(layers[-k:].detach().mean(0)), "Normalise each layer"),
    ("targets", lambda layers, k: normal(layers[-k:]).mean(0), "flows into the teacher"),
    ("targets", lambda layers, k: normal(layers[-k:], 1).mean(0), "n under the variance"),
    ("targets", lambda layers, k: normal(layers[:k]).mean(0), "The LAST K layers"),
    ("smooth_l1", lambda x, y, b: parted(x - y, b, (x - y).abs()), "It jumps where the gap is"),
    ("smooth_l1", lambda x, y, b: b * F.smooth_l1_loss(x, y, beta=b, reduction="none"), "Huber"),
    ("hidden_loss", lambda x, y, h: ((x - y) ** 2).sum(2).mean() / x.shape[2] ** 0.5,
     "Only hidden places count"),
    ("hidden_loss", lambda x, y, h: (((x - y) ** 2).sum(2) * h).sum() / h.numel()
     / x.shape[2] ** 0.5, "number of HIDDEN places, not of all"),
    ("hidden_loss", lambda x, y, h: F.mse_loss(x[h], y[h]), "The root of dim, not dim"),
    ("agreement", lambda x, y: three(x, y, correction=1), "n under the variance, not n - 1"),
    ("agreement", lambda x, y: torch.stack([three(x, y)[0], y.var(correction=0),
                                            x.var(correction=0)]), "one and the same vector"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "hint"), SLIPS)
def test_a_students_slip_gets_its_own_hint(name, answer, hint):
    verdict = check(name, answer)
    assert not verdict.passed
    assert hint in verdict.message


@pytest.mark.parametrize("name", EXERCISES)
def test_no_hint_hides_another(name):
    """Two slips that give the same in all cases could not be told apart."""
    chosen = EXERCISES[name]
    cases = chosen.cases(torch.Generator().manual_seed(0))
    for (one, first), (other, second) in combinations(chosen.slips.items(), 2):
        assert not all(alike(tried(first, case), second, case) for case in cases), (one, other)


@pytest.mark.parametrize("name", ["follow", "targets"])
def test_a_gradient_into_the_teacher_is_named_even_where_the_numbers_are_right(name):
    leaking = next(wrong for hint, wrong in EXERCISES[name].slips.items() if "gradient" in hint)
    assert "it carries a gradient, and must not" in check(name, leaking).message
    assert check(name, torch.no_grad()(leaking)).passed


def test_a_gradient_is_fine_where_the_library_has_one():
    weight = torch.ones(2, requires_grad=True)
    assert difference(2 * weight, 2 * weight) == ""
    assert difference(2 * weight.detach(), 2 * weight) == ""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("follow", "mine.copy_(ema(mine, theirs, self.tau))"),
        ("annealed", "return last - (last - first)"),
        ("over_time", "return centred * (square + EPS).rsqrt()"),
        ("targets", "torch.stack(chosen).mean(0)"),
        ("smooth_l1", "gap.abs() - beta / 2"),
        ("hidden_loss", "math.sqrt(guess.shape[1])"),
        ("agreement", "1 - left / around"),
    ],
)
def test_the_solution_is_the_librarys_own_source(name, line, capsys):
    solution(name)
    assert line in capsys.readouterr().out


def test_the_parabola_and_the_line_meet_at_beta():
    """The first case has gaps of exactly beta on both sides, where a wrong line jumps."""
    guess, answer, beta = EXERCISES["smooth_l1"].cases(torch.Generator())[0]
    assert {-beta, beta} <= set((guess - answer).tolist())


def test_hidden_places_are_not_alike_in_number():
    """Else a mean of means would pass."""
    for _, _, hidden in EXERCISES["hidden_loss"].cases(torch.Generator().manual_seed(0)):
        counts = hidden.sum(1)
        assert len(counts.unique()) > 1
        assert counts.min() > 0
