"""The builder, on a notebook of five cells; each way of being stale, made by hand."""

import copy
import json
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from lecturelib.commands import notebooks

SOURCE = """\
# %% [markdown]
# # Tiny
# [badge]({{colab}}) takes {{minutes}} minutes

# %%
# {{first cell}}

# %%
import os, ipywidgets
print(os.environ["LECTURE_PACE"], os.environ["OMP_NUM_THREADS"], os.environ["CI"])

# %%
ipywidgets.IntSlider(3)

# %% [markdown]
# The end of {{repository}}
"""


def small_clone(folder: Path) -> Path:
    """A clone with one source; its path."""
    source = folder / "notebooks" / "src" / "99_tiny.py"
    source.parent.mkdir(parents=True)
    (folder / "data").mkdir()
    source.write_text(SOURCE, encoding="utf8")
    return source


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NotebookNode]:
    """The source, and the notebook that was made of it."""
    source = small_clone(tmp_path_factory.mktemp("clone"))
    notebooks.rebuild(source)
    return source, nbformat.read(notebooks.committed(source), as_version=4)


def problems(source: Path, notebook: NotebookNode) -> list[str]:
    """What is found where `notebook` is committed beside the source."""
    nbformat.write(notebook, notebooks.committed(source))
    return notebooks.problems(source)


def test_a_notebook_just_built_has_no_problem(built: tuple[Path, NotebookNode]) -> None:
    source, notebook = built
    assert problems(source, notebook) == []


def test_it_ran_at_quick_pace_on_one_thread(built: tuple[Path, NotebookNode]) -> None:
    code = [cell for cell in built[1].cells if cell.cell_type == "code"]
    assert code[0].outputs[0].text.rstrip().endswith("pace quick")
    assert code[1].outputs[0].text == "quick 1 1\n"
    assert [cell.execution_count for cell in code] == [1, 2, 3]


def test_placeholders_are_filled_in(built: tuple[Path, NotebookNode]) -> None:
    source, notebook = built
    minutes = json.loads((source.parents[2] / "data" / "minutes.json").read_text())["99_tiny"]
    head = (
        "# Tiny\n[badge](https://colab.research.google.com/github/lecturelib/lecturelib/"
        f"blob/main/notebooks/99_tiny.ipynb) takes {minutes} minutes"
    )
    assert notebook.cells[0].source == head
    assert notebook.cells[1].source == notebooks.first_cell()
    assert notebook.cells[4].source == f"The end of {notebooks.repository()}"


def test_the_first_cell_has_at_most_six_lines() -> None:
    assert len(notebooks.first_cell().splitlines()) <= 6
    assert notebooks.repository() in notebooks.first_cell()


def test_no_widget_state_and_no_dead_view_is_kept(built: tuple[Path, NotebookNode]) -> None:
    notebook = built[1]
    assert "widgets" not in notebook.metadata
    assert notebook.cells[3].outputs[0].data == {"text/plain": "IntSlider(value=3)"}


def test_building_again_changes_outputs_at_most(built: tuple[Path, NotebookNode]) -> None:
    source, notebook = built
    again = notebooks.convert(source)
    assert [cell.id for cell in again.cells] == [cell.id for cell in notebook.cells]
    assert [cell.source for cell in again.cells] == [cell.source for cell in notebook.cells]


def edit_text(notebook: NotebookNode) -> None:
    notebook.cells[0].source += " (edited)"


def edit_code(notebook: NotebookNode) -> None:
    notebook.cells[2].source += "  # edited"


def edit_first_cell(notebook: NotebookNode) -> None:
    notebook.cells[1].source = "import lecturelib"


def run_out_of_order(notebook: NotebookNode) -> None:
    notebook.cells[2].execution_count = 7


def show_an_error(notebook: NotebookNode) -> None:
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])
    notebook.cells[2].outputs.append(error)


def keep_widgets(notebook: NotebookNode) -> None:
    notebook.metadata["widgets"] = {"state": {}}


def show_a_path(notebook: NotebookNode) -> None:
    notebook.cells[2].outputs[0].text += str(Path(notebooks.__file__))


def grow(notebook: NotebookNode) -> None:
    notebook.cells[2].outputs[0].text += "x" * notebooks.MAX_BYTES


def lengthen(notebook: NotebookNode) -> None:
    notebook.cells[2].source = "\n".join(["x = 1"] * (notebooks.MAX_LINES + 1))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edit_text, "differs from its source"),
        (edit_text, "cell 0: edited after it was run"),
        (edit_code, "differs from its source"),
        (edit_code, "cell 2: edited after it was run"),
        (edit_first_cell, "the first code cell must be"),
        (run_out_of_order, "execution counts are not 1..n"),
        (show_an_error, "cell 2: its output is an error"),
        (keep_widgets, "holds widget state"),
        (show_a_path, "cell 2: shows a path of this machine"),
        (grow, "at most 1500000"),
        (lengthen, "cell 2: 16 lines, at most 15"),
    ],
)
def test_what_is_wrong_is_found(built: tuple[Path, NotebookNode], change, expected: str) -> None:
    source, notebook = built[0], copy.deepcopy(built[1])
    change(notebook)
    assert any(expected in problem for problem in problems(source, notebook))


def test_a_source_edited_after_building_is_found(
    built: tuple[Path, NotebookNode], tmp_path
) -> None:
    source = small_clone(tmp_path)
    assert notebooks.problems(source) == ["never built"]
    source.write_text(SOURCE.replace("IntSlider(3)", "IntSlider(4)"), encoding="utf8")
    (tmp_path / "data" / "minutes.json").write_text(
        json.dumps(notebooks.minutes(built[0].parents[2]))
    )
    expected = ["differs from its source: edit notebooks/src, then make notebooks"]
    assert problems(source, built[1]) == expected


def test_a_path_inside_a_picture_is_no_path() -> None:
    picture = {"image/png": "iVBOR/home/AAAA", "text/html": "<img src='data:;base64,AA/tmp/AA=='>"}
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", picture)])
    cell.metadata["lecturelib"] = {"source": notebooks.fingerprint("1")}
    assert notebooks.cell_problems(cell) == []


def test_a_failing_cell_leaves_the_committed_notebook_alone(tmp_path: Path) -> None:
    source = small_clone(tmp_path)
    source.write_text("# %%\nraise ValueError('no such digit')\n", encoding="utf8")
    with pytest.raises(CellExecutionError, match="no such digit"):
        notebooks.rebuild(source)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [source]
