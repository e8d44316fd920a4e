"""Prepared submissions (tests/submissions) get the verdicts that they say they deserve."""

import csv
import json
import re
from pathlib import Path

import jupytext
import nbformat
import pytest

from lecturelib.commands import grade
from lecturelib.encoders import attention

SOURCES = sorted((Path(__file__).parents[1] / "submissions").glob("*.py"))
EXPECT = re.compile(r"- expect (\w+): (.+)")
LIMITS = ["--seconds", "20", "--memory", "400", "--jobs", "2"]


def hand_in(source: Path, folder: Path) -> Path:
    """A script as the notebook that a student hands in; `!raw` stands for what is no Python."""
    notebook = jupytext.read(source, fmt="py:percent")
    for cell in notebook.cells:
        cell.source = cell.source.replace("!raw ", "")
    path = folder / f"{source.stem}.ipynb"
    nbformat.write(notebook, path)
    return path


def wanted(source: Path) -> dict[str, str]:
    """exercise -> "verdict" or "verdict: part of the message"."""
    return dict(EXPECT.findall(source.read_text(encoding="utf8")))


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """All prepared submissions, marked in one call as a class; the report by file."""
    folder, out = tmp_path_factory.mktemp("class"), tmp_path_factory.mktemp("reports")
    for source in SOURCES:
        hand_in(source, folder)
    (folder / "not_a_notebook.ipynb").write_text("PK: a zip by mistake")
    nbformat.write(nbformat.v4.new_notebook(), folder / "empty.ipynb")
    line = [str(folder), "--json", str(out / "r.json"), "--csv", str(out / "r.csv"), *LIMITS]
    assert grade.main(line) == 1
    assert sorted(path.name for path in out.iterdir()) == ["r.csv", "r.json"]
    reports = json.loads((out / "r.json").read_text(encoding="utf8"))
    with (out / "r.csv").open(encoding="utf8", newline="") as file:
        return {one["file"]: one for one in reports}, list(csv.DictReader(file))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_submission_gets_its_verdicts(marked, source):
    report = marked[0][f"{source.stem}.ipynb"]
    found = {one["name"]: f"{one['verdict']}: {one['message']}" for one in report["marks"]}
    expected = wanted(source)
    assert expected
    for name, text in expected.items():
        verdict, _, said = text.partition(": ")
        assert found[name].startswith(f"{verdict}: "), found[name]
        assert said in found[name]
    passed = {one["name"] for one in report["marks"] if one["verdict"] == "passed"}
    assert passed == {name for name, text in expected.items() if text == "passed"}


def test_points_are_summed_and_only_what_passed_has_some(marked):
    reports, rows = marked
    right, slips = reports["right.ipynb"], reports["known_slips.ipynb"]
    assert right["points"] == right["of"] == 8
    assert (slips["points"], slips["of"]) == (0, 8)
    row = next(row for row in rows if row["file"] == "right.ipynb")
    assert (row["points"], row["of"], row["attend"], row["attend verdict"]) == (
        *("8", "8", "2", "passed"),
    )


def test_what_cannot_be_read_is_named_and_the_rest_is_marked(marked):
    reports, rows = marked
    assert "no notebook" in reports["not_a_notebook.ipynb"]["problem"]
    assert "no exercise cells" in reports["empty.ipynb"]["problem"]
    assert len(rows) == len(reports) == len(SOURCES) + 2
    assert next(row for row in rows if row["file"] == "empty.ipynb")["points"] == ""


def test_a_submission_that_writes_into_the_library_has_written_into_a_copy(marked):
    assert "edits_library.ipynb" in marked[0]
    assert "spoiled" not in Path(attention.__file__).read_text(encoding="utf8")


def test_the_fresh_inputs_are_drawn_once_for_a_class(marked):
    assert len({one["seed"] for one in marked[0].values()}) == 1


def asked(folder: Path, answer: str) -> Path:
    cell = nbformat.v4.new_markdown_cell(answer, metadata={"tags": ["question:04-2"]})
    path = folder / "open.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_open_questions_are_listed_with_key_points_and_left_blank(tmp_path, capsys):
    files = ["--json", str(tmp_path / "r.json"), "--csv", str(tmp_path / "r.csv")]
    assert grade.main([str(asked(tmp_path, "The mean, I think.")), *files]) == 1
    (question,) = json.loads((tmp_path / "r.json").read_text())[0]["questions"]
    assert question["points"] is None
    assert question["asked"].endswith("All keys are equal. What does attention compute?")
    assert question["key_points"] == [
        "The mean of the values: all scores of a query are equal, so the softmax is uniform."
    ]
    shown = capsys.readouterr().out
    assert "__/__ 04-2" in shown
    assert "| The mean, I think." in shown
    head, row = (tmp_path / "r.csv").read_text(encoding="utf8").splitlines()
    row = dict(zip(head.split(","), row.split(","), strict=True))
    assert row["question 04-2"] == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["{}/none.ipynb"], "no such file or folder"),
        (["{}"], "no notebooks"),
        (["{}/a.ipynb", "--seconds", "0"], "0 is no whole number above 0"),
        (["{}/a.ipynb", "--csv", "{}/no/such/r.csv"], "cannot be written"),
        (["{}/a.ipynb", "--json", "{}"], "is a folder"),
    ],
)
def test_bad_usage_is_told_before_anything_is_marked(tmp_path, capsys, line, said, monkeypatch):
    monkeypatch.setattr(grade, "report", None)  # marking would fail
    if "a.ipynb" in line[0]:
        (tmp_path / "a.ipynb").touch()
    with pytest.raises(SystemExit) as stopped:
        grade.main([part.format(tmp_path) for part in line])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_no_notebook_is_named_and_nothing_is_marked(tmp_path, capsys):
    (tmp_path / "a.ipynb").write_text("{}")
    assert grade.main([str(tmp_path / "a.ipynb")]) == 2
    shown = capsys.readouterr()
    assert "a.ipynb: NOT MARKED, no notebook" in shown.out
    assert "nothing could be marked" in shown.err
