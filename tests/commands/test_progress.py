"""What pretrain says while it trains: measured numbers at once, in a log also the time left."""

import pytest

from lecturelib.commands import progress
from lecturelib.objectives.skipgram import Settings
from lecturelib.training.loop import Plan


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def row(step: int, **measured: float) -> dict:
    return {"step": step, "loss": 2.5, "lr": 0.1, "seconds": 1.0} | measured


def test_a_log_gets_a_line_a_minute_with_the_time_left(clock, capsys) -> None:
    told = progress.Told(Plan(100, lr=0.1), every=60)
    for step in range(20, 30):  # resumed at step 20; ten steps in 100 seconds
        clock[0] += 10
        told(row(step))
    said = capsys.readouterr().out.splitlines()
    assert said == ["step 26 of 100, 12 min left: loss 2.5"]  # 74 steps of 10 s


def test_what_was_measured_is_told_at_once_without_single_codes(clock, capsys) -> None:
    told = progress.Told(Plan(100, lr=0.1), every=0)
    told(row(0))
    clock[0] += 1000
    told(row(1))
    told(row(2, **{"unseen_nll": 4.25, "use 0 1": 0.5}))
    assert [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()] == [
        "loss 2.5, unseen_nll 4.25"
    ]


def test_word2vec_does_not_know_its_steps(clock, capsys) -> None:
    told = progress.Told(Settings(), every=60)
    clock[0] += 61
    told({"step": 50, "loss": 0.5, "lr": 0.1})
    assert capsys.readouterr().out == "step 51: loss 0.5\n"
