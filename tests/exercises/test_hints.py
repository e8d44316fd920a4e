"""No wrong answer is left alone: what is near is named, and each exercise has a hint and points."""

import pytest
import torch

from lecturelib.exercises import check, exercise, exercises
from lecturelib.exercises.marks import MARKS
from lecturelib.exercises.near import near

ALL = exercises()
RIGHT = torch.tensor([[1.0, 2.0, 4.0], [3.0, 6.0, 5.0]])
MASK = torch.tensor([True, False, False])


def test_points_and_hints_belong_to_the_exercises_that_there_are():
    assert {name for told in MARKS.values() for name in told} == set(ALL)
    assert all(one.points in (1, 2, 3) and len(one.hint) > 20 for one in ALL.values())


@pytest.mark.parametrize("name", sorted(ALL))
def test_any_wrong_answer_gets_a_hint(name):
    """Right in the first case's shape, but with nothing in it that is right."""
    right = exercise(name).solution

    def wrong(*case):
        given = right(*case)
        return ~given if given.dtype == torch.bool else (given.double() * 0 - 7.25).to(given)

    message = check(name, wrong).message
    hints = [ALL[name].hint, *ALL[name].slips]
    assert any(hint in message for hint in hints)


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_fresh_seed_asks_something_else(name):
    """So that an answer with `check`'s cases written into it fails."""
    one, two = (ALL[name].cases(torch.Generator().manual_seed(seed)) for seed in (0, 1))
    assert len(one) == len(two)
    given = [[ALL[name].solution(*case) for case in cases] for cases in (one, two)]
    same = [torch.equal(a, b) for a, b in zip(*given, strict=True) if a.shape == b.shape]
    assert len(same) < len(one) or not all(same)


@pytest.mark.parametrize(
    ("yours", "said"),
    [
        (None, "is there a `return`"),
        (-RIGHT, "for the sign"),
        (3 * RIGHT, "3 times as large"),
        (RIGHT + 0.5, "a constant: 0.5 too much"),
        (RIGHT.flip(0), "in another order"),
        (RIGHT.T, "last two axes are swapped"),
        (RIGHT.view(3, 2), "in another shape"),
        (torch.where(RIGHT > 4, 0.1, RIGHT), "4 of 6 numbers are right"),
        (torch.full((2, 3), torch.nan), ""),
        (RIGHT[:1], ""),
        (1.0, ""),
    ],
)
def test_what_is_near_is_named(yours, said):
    found = near(yours, RIGHT)
    assert said in found
    assert bool(found) == bool(said)


def test_masks_are_compared_as_masks():
    assert "Upside down" in near(~MASK, MASK)
    assert "1 of 3 places" in near(MASK & False, MASK)
    assert "The type is torch.float32" in near(MASK.float(), MASK)


def test_a_complex_answer_is_not_taken_for_its_real_part():
    right = exercise("unit_length").solution
    assert "complex" in check("unit_length", lambda x: torch.complex(right(x), right(x))).message
