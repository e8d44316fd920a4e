"""Marks: right, wrong, broken and endless answers, each in a notebook of its own."""

import nbformat
import pytest

from lecturelib.commands import grade

RIGHT = "def ema(teacher, student, tau):\n    return tau * teacher + (1 - tau) * student"
WRONG = "def ema(teacher, student, tau):\n    return (1 - tau) * teacher + tau * student"


def submit(folder, *sources: str):
    cells = [nbformat.v4.new_code_cell(s, metadata={"tags": ["exercise:ema"]}) for s in sources]
    book = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell("raise SystemExit")])
    path = folder / "submitted.ipynb"
    nbformat.write(book, path)
    return path


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        (RIGHT, 0, "1 of 1 passed"),
        (WRONG, 1, "not yet: case 1: differs"),
        ("def ema(:", 1, "SyntaxError"),
        ("import os; os._exit(3)", 1, "stopped Python"),
        ("other = 1", 1, "KeyError"),
    ],
)
def test_marks(tmp_path, capsys, source, status, said):
    assert grade.main([str(submit(tmp_path, source))]) == status
    assert said in capsys.readouterr().out


def test_an_endless_answer_is_stopped(tmp_path, capsys):
    path = submit(tmp_path, "while True: pass")
    assert grade.main([str(path), "--seconds", "5"]) == 1
    assert "ran longer than 5 s" in capsys.readouterr().out


def test_a_notebook_that_is_not_there_is_bad_usage(tmp_path, capsys):
    assert grade.main([str(tmp_path / "none.ipynb")]) == 2
    assert "no such notebook" in capsys.readouterr().err
