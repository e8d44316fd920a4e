"""data/route.json, the lecture's route: which cell stands on the wall, and for how long."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import get_type_hints

import nbformat
from nbformat import NotebookNode

from lecturelib.paths import DATA, NOTEBOOKS

ROUTE = DATA / "route.json"
MINUTES, SHORT_MINUTES, MOST_STOPS = 90, 20, 12


@dataclass(frozen=True)
class Stop:
    """One stop of the route.

    title       what the lecturer reads in the bar
    slide       title of its slide; `occurrence` counts slides of the same title, from 1
    notebook    "04_transformer"
    section     a heading of that notebook, without its signs
    minutes     in the lecture of 90 minutes; `short` in the cut of 20, 0: left out
    cell        a line that only one code cell of the section has: the cell that is shown
    fullscreen  whether that cell's explorer fills the screen
    """

    title: str
    slide: str
    occurrence: int
    notebook: str
    section: str
    minutes: int
    short: int
    cell: str
    fullscreen: bool


def read(route: Path = ROUTE, notebooks: Path = NOTEBOOKS) -> dict[Stop, str]:
    """The stops in order, each with the id of its cell.

    Raises ValueError, naming the stop and the remedy, for what cannot be shown: a field that is
    missing or of another type, minutes that do not add up, a notebook, section or line that is
    not there.
    """
    entries = json.loads(route.read_text(encoding="utf8"))["stops"]
    stops = [_stop(number, entry) for number, entry in enumerate(entries, start=1)]
    if not 1 <= len(stops) <= MOST_STOPS:
        raise ValueError(f"{route.name} has {len(stops)} stops: give 1 to {MOST_STOPS}")
    for name, want in (("minutes", MINUTES), ("short", SHORT_MINUTES)):
        if (total := sum(getattr(stop, name) for stop in stops)) != want:
            raise ValueError(f"{route.name}: {name} add up to {total}: change them to make {want}")
    opened = cache(lambda name: _notebook(name, notebooks))
    return {stop: _cell(stop, opened).id for stop in stops}


def cut(stops: dict[Stop, str]) -> dict[Stop, str]:
    """The route of 20 minutes: the stops that are in it, with their shorter minutes."""
    return {replace(stop, minutes=stop.short): at for stop, at in stops.items() if stop.short}


def _stop(number: int, entry: dict) -> Stop:
    kinds = get_type_hints(Stop)
    wrong = [name for name, kind in kinds.items() if not _fits(entry.get(name), kind)]
    wrong += sorted(set(entry) - set(kinds))
    if wrong:
        has = ", ".join(f"{name} ({kind.__name__})" for name, kind in kinds.items())
        raise ValueError(
            f"stop {number} ({entry.get('title')}): correct {', '.join(wrong)}; a stop has {has}"
        )
    return Stop(**entry)


def _fits(value: object, kind: type) -> bool:
    return type(value) is kind and value != "" and not (isinstance(value, int) and value < 0)


def _notebook(name: str, folder: Path) -> NotebookNode:
    path = folder / f"{name}.ipynb"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.ipynb")))
        raise ValueError(f"there is no notebook {name}: choose of {known}")
    return nbformat.read(path, as_version=4)


def _cell(stop: Stop, opened: Callable[[str], NotebookNode]) -> NotebookNode:
    try:
        cells = section(opened(stop.notebook), stop.section)
    except ValueError as error:
        raise ValueError(f"stop {stop.title!r}: {error}") from error
    has = [cell for cell in cells if stop.cell.strip() in map(str.strip, cell.source.splitlines())]
    if len(has) != 1:
        raise ValueError(
            f"stop {stop.title!r}: {len(has)} code cells of {stop.section!r} have the line "
            f"{stop.cell!r}: copy a line that exactly one has"
        )
    return has[0]


def section(notebook: NotebookNode, heading: str) -> list[NotebookNode]:
    """The code cells under a heading, those of its subsections too."""
    cells, level, headings = [], 0, []
    for cell in notebook.cells:
        if cell.cell_type == "code" and level:
            cells.append(cell)
        for signs, text in _headings(cell):
            headings.append(text)
            if level and len(signs) <= level:
                return cells
            level = level or (len(signs) if text == heading else 0)
    if not level:
        raise ValueError(f"there is no section {heading!r}: choose of {'; '.join(headings)}")
    return cells


def _headings(cell: NotebookNode) -> list[tuple[str, str]]:
    found = re.findall(r"^(#+) (.+?)\s*$", cell.source, re.MULTILINE)
    return found if cell.cell_type == "markdown" else []
