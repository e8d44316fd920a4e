"""claims: the ledger is printed as committed; a verdict that changes is a finding."""

import json

import pytest

from lecturelib import claims
from lecturelib.commands import claims as command


def test_the_list_is_the_committed_ledger(tmp_path, capsys):
    assert command.main(["--list", "--json", str(tmp_path / "c.json")]) == 0
    assert json.loads((tmp_path / "c.json").read_text()) == claims.ledger()
    printed = capsys.readouterr().out
    assert all(row["statement"] in printed for row in claims.ledger())


def test_a_rerun_with_another_verdict_is_a_finding(monkeypatch, capsys):
    row = claims.entry("student_beats_teacher")
    monkeypatch.setattr(claims, "measure", lambda name, seeds: row | {"verdict": "inconclusive"})
    assert command.main(["student_beats_teacher"]) == 1
    assert "verdict differs" in capsys.readouterr().err
    monkeypatch.setattr(claims, "measure", lambda name, seeds: row)
    assert command.main(["student_beats_teacher"]) == 0


@pytest.mark.parametrize("argv", [["nonsense"], ["collapse", "--seeds", "1"]])
def test_bad_usage_is_two(argv, capsys):
    assert command.main(argv) == 2
    assert capsys.readouterr().err
