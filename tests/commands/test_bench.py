"""bench: the rows' fields, and that both sides of a row do the same work."""

import json

import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import benchmarks
from benchmarks import plot
from benchmarks.case import Case
from benchmarks.growth import Growth
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


def test_the_committed_table_has_every_row():
    found = json.loads(bench.RESULTS.read_text(encoding="utf8"))
    assert [row["name"] for row in found] == list(benchmarks.ROWS)
    for row in found:
        assert row.keys() >= FIELDS
        assert row["ratio"], f"{row['name']} was measured without its peer: {row['why']}"
    assert {row["name"] for row in found if "growth" in row} == set(benchmarks.GROWTH)
    assert bench.PICTURE.exists()


def test_a_row_below_its_goal_is_a_finding(rows):
    assert bench.main(["slow", "--pairs", "5"]) == 1


def test_a_missing_peer_gives_nulls_and_says_why(rows, tmp_path):
    assert bench.main(["alone", "--pairs", "1", "--json", str(tmp_path / "b.json")]) == 0
    (row,) = json.loads((tmp_path / "b.json").read_text())
    assert row["ratio"] is row["peer_ms"] is row["peer_mib"] is None
    assert row["why"] == "not installed"


def test_the_power_of_a_growing_cost_is_its_exponent():
    sizes = (2, 4, 8, 32)
    assert bench.power(sizes, [3 * n**1.5 for n in sizes]) == pytest.approx(1.5)


def test_a_growing_row_tells_both_powers(rows, monkeypatch, capsys):
    """Our work grows with the size, the peer's with its square."""
    series = Growth("turns", (20, 40, 80), lambda n: Case(busy(n), busy(n * n // 20), "p", goal=0))
    monkeypatch.setitem(benchmarks.ROWS, "grow", lambda: series.at(80))
    monkeypatch.setattr(benchmarks, "GROWTH", {"grow": series})
    row = bench.measure("grow", 5)
    assert row["growth"]["ours_power"] == pytest.approx(1, abs=0.5)
    assert row["growth"]["peer_power"] == pytest.approx(2, abs=0.5)
    assert row["growth"]["ours_ms"][-1] == row["ours_ms"]
    assert "turns 20 to 80: power" in capsys.readouterr().out


def test_every_row_that_grows_ends_with_its_largest_size():
    assert set(benchmarks.GROWTH) <= set(benchmarks.ROWS)
    assert benchmarks.ROWS["grow_codes"]().goal == 8.0


def test_committing_writes_the_table_and_its_picture(rows, monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(bench, "PICTURE", tmp_path / "results.png")
    bench.main(["--pairs", "1", "--commit"])
    found = json.loads((tmp_path / "results.json").read_text())
    assert [row["name"] for row in found] == ["fast", "slow", "alone"]
    assert (tmp_path / "results.png").read_bytes().startswith(b"\x89PNG")


def test_only_the_whole_table_can_be_committed(rows, capsys):
    with pytest.raises(SystemExit):
        bench.main(["fast", "--commit"])
    assert "name no rows" in capsys.readouterr().err


def test_the_picture_has_a_bar_for_each_row_with_a_peer_and_marks_those_below_their_goal():
    row = {"name": "a", "peer": "p", "goal": 2.0}
    axis = Figure().subplots()
    plot.ratios(axis, [row | {"ratio": 3.0}, row | {"ratio": 1.5}])
    bars = [(bar.get_width(), to_hex(bar.get_facecolor()).upper()) for bar in axis.patches]
    assert bars == [(2.0, plot.OURS), (0.5, plot.BELOW)]


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
