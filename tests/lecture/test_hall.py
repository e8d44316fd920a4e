"""The copies and the settings of a lecture."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from lecturelib.lecture import hall, room, route
from tests.lecture.halls import write_route


@pytest.fixture
def stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[route.Stop, str]:
    file, notebooks = write_route(tmp_path)
    monkeypatch.setattr(hall, "NOTEBOOKS", notebooks)
    return route.read(file, notebooks)


def test_only_what_is_taught_is_unfolded(stops: dict, tmp_path: Path) -> None:
    hall.set_up(stops, live=False, folder=tmp_path / "lecture")
    copy = nbformat.read(tmp_path / "lecture" / "01_one.ipynb", as_version=4)
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    folds = [cell.metadata.get("jupyter", {}).get("source_hidden", False) for cell in code]
    assert folds == [True, False, False]
    original = nbformat.read(tmp_path / "notebooks" / "01_one.ipynb", as_version=4)
    assert [cell.source for cell in copy.cells] == [cell.source for cell in original.cells]
    assert not any(cell.metadata for cell in original.cells)


@pytest.mark.parametrize(("live", "kept"), [(False, [1, 1]), (True, [1, 0])])
def test_live_the_answer_is_not_there_yet(live: bool, kept: list[int]) -> None:
    shown = v4.new_output("stream", text="2")
    cells = [v4.new_code_cell("x", id=name, outputs=[shown]) for name in ("before", "taught")]
    folded = hall.folded(v4.new_notebook(cells=cells), {"taught"}, live)
    assert [len(cell.outputs) for cell in folded.cells] == kept


def test_everything_is_in_the_lectures_own_folder(stops: dict, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    variables = hall.set_up(stops, live=True, folder=tmp_path / "lecture")
    assert variables["JUPYTER_CONFIG_DIR"] == str(tmp_path / "lecture" / "settings")
    assert int(variables["OMP_NUM_THREADS"]) * room.AT_ONCE <= max(2, os.cpu_count() or 1)
    new = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(tmp_path / "lecture") for path in new)


def test_the_server_is_told_where_and_what(stops: dict, tmp_path: Path) -> None:
    hall.set_up(stops, live=True, folder=tmp_path / "lecture")
    file = tmp_path / "lecture" / "settings" / "jupyter_server_config.json"
    settings = json.loads(file.read_text())
    assert settings["ServerApp"]["root_dir"] == str(tmp_path)
    assert settings["LabApp"]["extra_labextensions_path"] == [str(hall.FRONT)]
    assert settings["KernelManager"] == {"autorestart": False}
    plan = settings["Lecture"]
    assert plan["live"] is True
    assert [(stop["path"], stop["at"]) for stop in plan["stops"]] == [
        ("lecture/01_one.ipynb", "cell-007"),
        ("lecture/02_two.ipynb", "cell-003"),
        ("lecture/01_one.ipynb", "cell-009"),
    ]


def test_in_the_clone_links_keep_working(stops: dict) -> None:
    settings = hall.server_settings(stops, live=False, folder=hall.FOLDER)
    assert settings["ServerApp"]["root_dir"] == str(hall.ROOT)
    assert settings["Lecture"]["stops"][0]["path"] == "build/lecture/01_one.ipynb"


def test_the_bar_is_an_extension_that_needs_no_build() -> None:
    package = json.loads((hall.FRONT / "lecture" / "package.json").read_text())
    built = package["jupyterlab"]["_build"]
    script = (hall.FRONT / "lecture" / built["load"]).read_text(encoding="utf8")
    assert f"_JUPYTERLAB.{package['name']} =" in script
    assert (hall.FRONT / "lecture" / "static" / "lecture.css").is_file()
    assert len(script.splitlines()) <= 300
