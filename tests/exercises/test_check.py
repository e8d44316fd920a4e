"""Every exercise: the library passes, each typical slip is caught and explained, a stub is kind."""

import pytest
import torch

from lecturelib import exercises
from lecturelib.exercises import check, exercise, solution

NAMES = sorted(exercises.exercises())
SLIPS = [(name, text) for name in NAMES for text in exercise(name).slips]


@pytest.mark.parametrize("name", NAMES)
def test_the_library_passes(name):
    verdict = check(name, exercise(name).solution)
    assert verdict.passed, verdict.message


@pytest.mark.parametrize(("name", "text"), SLIPS)
def test_each_slip_is_recognised(name, text):
    verdict = check(name, exercise(name).slips[text])
    assert not verdict.passed
    assert text in verdict.message
    assert "expected" in verdict.message
    assert "yours" in verdict.message


def test_a_stub_and_a_crash_say_what_they_are():
    def stub(teacher, student, tau):
        raise NotImplementedError

    def crash(teacher, student, tau):
        raise KeyError("tau")

    assert "not written yet" in check("ema", stub).message
    assert "raised KeyError" in check("ema", crash).message


def test_a_number_and_a_wrong_shape_are_named():
    assert "expected a tensor, got float" in check("ema", lambda *_: 0.5).message
    assert "shape (2,), expected (1,)" in check("ema", lambda *_: torch.zeros(2)).message


def test_an_answer_that_changes_its_input_does_not_change_the_question():
    def spoil(teacher, student, tau):
        result = tau * teacher + (1 - tau) * student
        teacher.zero_()
        return result

    assert check("ema", spoil).passed
    assert check("ema", exercise("ema").solution).passed


def test_an_unknown_exercise_lists_the_known_ones():
    with pytest.raises(ValueError, match="no exercise 'nonsense': choose from accept"):
        check("nonsense", lambda: None)


def test_the_solution_is_the_librarys_own_source(capsys):
    solution("ema")
    assert "return tau * teacher + (1 - tau) * student" in capsys.readouterr().out


def test_an_answer_that_fails_in_a_later_case_is_not_a_slip(monkeypatch):
    """check says what differs in the first case, and does not raise what the second would."""
    chosen = exercises.Exercise(
        solution=lambda x: x + 1,
        cases=lambda rng: [(torch.zeros(1),), (torch.zeros(2),)],
        slips={"forgot to add": lambda x: x},
    )
    monkeypatch.setattr(exercises, "exercise", lambda name: chosen)
    verdict = check("any", lambda x: x if len(x) == 1 else x[5])
    assert not verdict.passed
    assert "forgot" not in verdict.message


def test_a_name_stands_in_one_notebook_only(monkeypatch):
    monkeypatch.setattr(exercises, "NOTEBOOKS", ("vgg", "vgg"))
    with pytest.raises(ValueError, match="are in two notebooks"):
        exercises.exercises()
