"""Schedules at the places where the closed form is plain."""

import math

import pytest

from lecturelib.training import schedule


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_warmup_climbs_in_equal_steps_to_the_peak(name):
    factor = [getattr(schedule, name)(s, 100) for s in range(5)]
    assert factor == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_linear_is_half_way_down_in_the_middle_and_near_zero_at_the_end():
    assert schedule.linear(5, 105, warmup=5 / 105) == pytest.approx(1.0)
    assert schedule.linear(55, 105, warmup=5 / 105) == pytest.approx(0.5)
    assert schedule.linear(104, 105, warmup=5 / 105) == pytest.approx(0.01)


def test_cosine_equals_its_formula():
    assert schedule.cosine(30, 105, warmup=5 / 105) == pytest.approx(
        (1 + math.cos(math.pi / 4)) / 2
    )


def test_tri_stage_rises_holds_and_decays_exponentially_to_five_percent():
    at = [schedule.tri_stage(s, 1000) for s in (0, 49, 99, 100, 499, 750, 1000)]
    assert at == pytest.approx([0.01, 0.5, 1, 1, 1, math.sqrt(0.05), 0.05])


def test_constant_is_one():
    assert {schedule.constant(s, 10) for s in range(10)} == {1.0}
