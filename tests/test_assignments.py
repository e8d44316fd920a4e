"""The lecturers' assignments: both editions are fresh, stubs are stubs, solutions fit them."""

import ast
import inspect
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from lecturelib.commands import assignments

SOURCES = assignments.sources()
each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


def tagged(source: Path, tag: str) -> list[NotebookNode]:
    """The cells of a source with a tag."""
    cells = jupytext.read(source, fmt="py:percent").cells
    return [cell for cell in cells if tag in cell.metadata.get("tags", [])]


def functions(cell: NotebookNode) -> list[tuple[str, str, str | None]]:
    """Name, arguments and docstring of every function in a cell."""
    found = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    return [(node.name, ast.unparse(node.args), ast.get_docstring(node)) for node in found]


def test_the_four_assignments_are_there() -> None:
    assert [source.stem for source in SOURCES] == [
        "a1_keywords",
        "a2_spam",
        "a3_titles",
        "a4_german_words",
    ]


@each
def test_both_editions_are_what_the_source_gives(source: Path) -> None:
    assert assignments.problems(source) == []


def test_an_edited_source_is_noticed(tmp_path: Path) -> None:
    source = tmp_path / "notebooks" / "assignments" / "src" / SOURCES[0].name
    for old in (SOURCES[0], *assignments.committed(SOURCES[0]).values()):
        new = source.parents[3] / old.relative_to(SOURCES[0].parents[3])
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(old.read_bytes())
    assert assignments.problems(source) == []
    source.write_text(source.read_text(encoding="utf8").replace("The task", "Your task"), "utf8")
    found = assignments.problems(source)
    assert found == ["student: differs from its source", "solved: differs from its source"]


@each
def test_a_stub_raises_not_implemented_and_needs_nothing_else(source: Path) -> None:
    for cell in tagged(source, "stub"):
        scope: dict = {}
        exec(cell.source, scope)
        for name, *_ in functions(cell):
            blanks = [None] * len(inspect.signature(scope[name]).parameters)
            with pytest.raises(NotImplementedError, match=r"part \d"):
                scope[name](*blanks)


@each
def test_every_stub_has_a_solution_that_is_called_alike(source: Path) -> None:
    stubs, solutions = tagged(source, "stub"), tagged(source, "solution")
    assert len(stubs) >= 3
    assert [functions(cell) for cell in stubs] == [functions(cell) for cell in solutions]


@each
def test_the_student_edition_shows_no_answer(source: Path) -> None:
    edition = nbformat.read(assignments.committed(source)["student"], as_version=4)
    shown = "\n".join(cell.source for cell in edition.cells)
    for cell in tagged(source, "solution"):
        assert cell.source not in shown
    assert shown.count("raise NotImplementedError") >= len(tagged(source, "stub"))
    assert not any(cell.get("outputs") for cell in edition.cells)


def test_only_known_assignments_are_built(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        assignments.main(["a9_nothing"])
    assert stopped.value.code == 2
    assert "no assignment a9_nothing: choose from a1_keywords" in capsys.readouterr().err
