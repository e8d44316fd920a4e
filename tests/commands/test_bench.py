"""bench: the rows' fields, and that both sides of a row do the same work."""

import json

import pytest
import torch

import benchmarks
from benchmarks.case import Case
from lecturelib.commands import bench

FIELDS = {"name", "ours_ms", "peer", "peer_ms", "ratio", "goal", "ours_mib", "peer_mib",
          "peak_fraction"}  # fmt: skip


def busy(turns: int):
    """A known amount of work."""
    matrix = torch.randn(200, 200)

    def run() -> None:
        for _ in range(turns):
            matrix @ matrix

    return run


@pytest.fixture
def rows(monkeypatch):
    monkeypatch.setattr(bench, "memory", lambda name, side: 1.0)
    made = {
        "fast": lambda: Case(busy(40), busy(160), "four times the work", goal=2.0, flops=10),
        "slow": lambda: Case(busy(160), busy(40), "a quarter of the work", goal=0.9),
        "alone": lambda: Case(busy(1), None, "a missing package", goal=1.0, why="not installed"),
    }
    monkeypatch.setattr(benchmarks, "ROWS", made)


def test_a_row_that_is_four_times_faster_says_about_four(rows, tmp_path):
    assert bench.main(["fast", "--pairs", "5", "--json", str(tmp_path / "b.json")]) == 0
    (row,) = json.loads((tmp_path / "b.json").read_text())
    assert row.keys() >= FIELDS
    assert 2 < row["ratio"] < 8


def test_a_row_below_its_goal_is_a_finding(rows):
    assert bench.main(["slow", "--pairs", "5"]) == 1


def test_a_missing_peer_gives_nulls_and_says_why(rows, tmp_path):
    assert bench.main(["alone", "--pairs", "1", "--json", str(tmp_path / "b.json")]) == 0
    (row,) = json.loads((tmp_path / "b.json").read_text())
    assert row["ratio"] is row["peer_ms"] is row["peer_mib"] is None
    assert row["why"] == "not installed"


def test_an_unknown_row_is_bad_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        bench.main(["nonsense"])
    assert stop.value.code == 2
    assert "no row nonsense: choose from student_step" in capsys.readouterr().err


def test_the_students_step_and_its_peer_are_the_same_step(monkeypatch):
    """Both networks start alike, so the same work leaves the same weights."""
    made = []
    real = benchmarks.student.Classification

    def remember(*inputs, **options):
        torch.manual_seed(5)
        made.append(real(benchmarks.student.ConvStack(), dim=64, classes=10))
        return made[-1]

    monkeypatch.setattr(benchmarks.student, "Classification", remember)
    case = benchmarks.ROWS["student_step"]()
    case.ours()
    case.ours()
    case.peer()  # it ran once before, to be counted
    for mine, theirs in zip(made[0].parameters(), made[1].parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)
