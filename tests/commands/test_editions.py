"""The student edition has no answer, the solved one runs and passes: for every exercise."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lecturelib.commands import editions, notebooks
from lecturelib.exercises import exercises, questions
from lecturelib.paths import ROOT

SOURCES = notebooks.sources()
EXAM = """**1.** Why?
<details><summary>Answer</summary>Because. And so.</details>

**2.** (open) How?
<details><summary>What a full answer has</summary>One; two (at (2), too).</details>

## Recap"""


@pytest.fixture(scope="module")
def converted() -> dict[str, nbformat.NotebookNode]:
    return {source.stem: notebooks.convert(source) for source in SOURCES}


def sample() -> nbformat.NotebookNode:
    stub = new_code_cell("def ema(): ...", metadata={"tags": ["exercise:ema"]}, execution_count=3)
    stub.outputs = [nbformat.v4.new_output("stream", text="not yet")]
    cells = [new_markdown_cell("# 05b · A title"), stub]
    cells += [new_code_cell(tag, metadata={"tags": [tag]}) for tag in ("solution", "stub")]
    return new_notebook(cells=[*cells, new_markdown_cell(EXAM)])


def test_the_student_edition_drops_answers_and_gives_room_for_them():
    cells = editions.student(sample()).cells
    assert [cell.source for cell in cells] == [
        "# 05b · A title",
        "def ema(): ...",
        "stub",
        "**1.** Why?",
        "",
        "**2.** (open) How?",
        "",
        "## Recap",
    ]
    assert cells[1].outputs == []
    assert cells[1].execution_count is None
    tags = [cell.metadata.get("tags") for cell in cells if not cell.source]
    assert tags == [["question:05b-1"], ["question:05b-2"]]
    assert len({cell.id for cell in cells}) == len(cells)


def test_the_solved_edition_opens_answers_and_drops_stubs():
    notebook = sample()
    notebook.cells[1].source = "def ema(a, b, tau):\n    ...\n\n\ncheck('ema', ema)"
    cells = editions.solved(notebook).cells
    sources = "\n".join(cell.source for cell in cells)
    assert "return tau * teacher + (1 - tau) * student" in sources
    assert "<details open><summary>Answer</summary>Because." in sources
    assert [cell.source for cell in cells if cell.metadata.get("tags") == ["solution"]]
    assert not [cell for cell in cells if cell.metadata.get("tags") == ["stub"]]


def test_neither_edition_changes_the_notebook_that_it_is_made_from():
    notebook = sample()
    before = nbformat.writes(notebook)
    editions.student(notebook)
    editions.solved(new_notebook(cells=[notebook.cells[-1]]))
    assert nbformat.writes(notebook) == before


def test_a_question_has_the_sentences_of_its_answer_as_key_points():
    one, two, rest = questions.split(EXAM)
    assert one.question == questions.Question("**1.** Why?", ("Because.", "And so."))
    assert two.question == questions.Question("**2.** (open) How?", ("One;", "two (at (2), too)."))
    assert (rest.prose, rest.question) == ("## Recap", None)
    hint = "<details><summary>Hint</summary>Look left.</details>"
    assert questions.split(hint)[0].prose == hint


@pytest.mark.parametrize("stem", [source.stem for source in SOURCES])
def test_no_student_edition_tells_an_answer(converted, stem):
    whole = converted[stem]
    notebook = editions.student(whole)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "solution(" not in text
    assert "<details><summary>Answer" not in text
    folded = sum(cell.source.count("<details><summary>") for cell in whole.cells)
    asked = [cell for cell in notebook.cells if editions.tagged(cell, "question:")]
    assert len(asked) == folded
    stubs = [cell.source for cell in notebook.cells if editions.tagged(cell, "exercise:")]
    assert all("raise NotImplementedError" in stub for stub in stubs)


RUN_SOLVED = """
from lecturelib.commands import editions, notebooks
from lecturelib.exercises import check
from lecturelib.exercises.recognition import as_table  # 07b imports it before its exercises
for source in notebooks.sources():
    for cell in editions.solved(notebooks.convert(source)).cells:
        for name in editions.tagged(cell, "exercise:"):
            scope = {"check": check, "as_table": as_table}
            exec(compile(cell.source, name, "exec"), scope)
            print(name, eval(cell.source.splitlines()[-1], scope).kind)
"""


def test_every_solved_exercise_runs_alone_and_passes():
    """Each cell by itself; without the tests' shape checks, which replace every function."""
    line = [sys.executable, "-c", RUN_SOLVED]
    shown = subprocess.run(line, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    found = dict(row.split(" ", 1) for row in shown.splitlines())
    assert sorted(found) == sorted(exercises())
    assert set(found.values()) == {"passed"}


def test_the_command_writes_all_notebooks_and_names_the_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(editions, "sources", lambda: SOURCES[:2])
    assert editions.main(["student", "--out", str(tmp_path / "new")]) == 0
    assert "2 notebooks of the student edition" in capsys.readouterr().out
    written = {path.name for path in (tmp_path / "new").glob("*.ipynb")}
    assert written == {f"{source.stem}.ipynb" for source in SOURCES[:2]}


def test_a_folder_that_cannot_be_written_is_bad_usage(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(editions, "sources", lambda: SOURCES[:1])
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as stopped:
        editions.main(["solutions", "--out", str(tmp_path / "file")])
    assert stopped.value.code == 2
    assert "name a folder that can be written" in capsys.readouterr().err
