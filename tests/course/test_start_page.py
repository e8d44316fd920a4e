"""The start page: routes that add up, a self-check that names nobody's folders, fresh numbers."""

import json
import sys
from pathlib import Path

import pytest

from lecturelib.commands.doctor import Finding
from lecturelib.commands.notebooks import minutes
from lecturelib.course import routes as plan
from lecturelib.course.lecture_map import lecture_map
from lecturelib.course.places import headings
from lecturelib.course.routes import ROUTES, chosen, routes
from lecturelib.course.self_check import self_check
from lecturelib.course.slides import slide_table
from lecturelib.paths import NOTEBOOKS, ROOT


def test_each_route_names_notebooks_that_exist() -> None:
    for route, numbers in ROUTES.items():
        assert [name.split("_")[0] for name in chosen(route)] == list(numbers)
    assert chosen("everything") == [name for name in headings() if not name.startswith("00")]


def test_the_minutes_add_up() -> None:
    together = routes().markdown.splitlines()[-1]
    for route in ROUTES:
        assert f"| {sum(minutes()[name] for name in chosen(route)):.1f} min |" in together


def test_a_notebook_without_minutes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {name: 1.0 for name in headings() if name != "08_data2vec"}
    monkeypatch.setattr(plan, "minutes", lambda: measured)
    assert routes().markdown.splitlines()[-1].count("not yet measured: 08_data2vec") == 3


def test_the_self_check_says_what_stops_first_and_hides_folders() -> None:
    found = [
        Finding("clone", str(ROOT)),
        Finding("GPU", "none", "fine"),
        Finding("Python", f"3.11 at {sys.executable}"),
        Finding("packages", "missing: torch", f"{sys.executable} -m pip install", stops=True),
        Finding("browser", str(Path.home() / "bin" / "firefox")),
    ]
    assert self_check(found).markdown.splitlines()[2:] == [
        "| STOP | packages | missing: torch | python -m pip install |",
        "| ok | clone | this clone |  |",
        "| note | GPU | none | fine |",
        "| ok | Python | 3.11 at python |  |",
        "| ok | browser | ~/bin/firefox |  |",
    ]


@pytest.mark.parametrize("page", [lecture_map, routes, slide_table])
def test_the_committed_start_page_shows_todays_numbers(page) -> None:
    cells = json.loads((NOTEBOOKS / "00_start_here.ipynb").read_text("utf8"))["cells"]
    shown = [
        "".join(output.get("data", {}).get("text/markdown", ""))
        for cell in cells
        for output in cell.get("outputs", [])
    ]
    assert page().markdown in shown, "minutes or slides have changed: make notebooks N=00"
