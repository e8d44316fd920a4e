"""Where something is run: a notebook's section, and the link that opens it."""

import csv
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from lecturelib.commands.notebooks import repository, sources
from lecturelib.paths import ROOT


class Place(NamedTuple):
    """A notebook without its ending, and one of its headings as it stands there."""

    notebook: str
    section: str


@cache
def headings(clone: Path = ROOT) -> dict[str, list[str]]:
    """The sections and subsections of every notebook, in lecture order."""
    return {
        source.stem: re.findall(r"^# ###? (.+)$", source.read_text("utf8"), re.MULTILINE)
        for source in sources(clone)
    }


def address(place: Place) -> str:
    """The link: to the file beside this notebook, in Colab to Colab, whose pages have no anchors.

    JupyterLab and nbconvert name a section by its heading with dashes.
    """
    if "google.colab" in sys.modules:
        colab = repository().replace(
            "https://github.com", "https://colab.research.google.com/github"
        )
        return f"{colab}/blob/main/notebooks/{place.notebook}.ipynb"
    return f"{place.notebook}.ipynb#{quote(place.section.replace(' ', '-'), safe=':,')}"


def read(path: Path, columns: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of a table in data/, after "file line N", which begins what is wrong with it.

    ValueError where columns are missing, or `notebook` and `section` lead nowhere.
    """
    with path.open(encoding="utf8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != columns:
            raise ValueError(f"{path.name}: its first line must be {','.join(columns)}")
        for row in rows:
            where = f"{path.name} line {rows.line_num}"
            if None in row or None in row.values():
                raise ValueError(
                    f"{where}: put {len(columns)} values, quoted where they hold commas"
                )
            require_place(where, Place(row["notebook"], row["section"]))
            yield where, row


def require_place(where: str, place: Place) -> None:
    """ValueError that lists what there is, if the place is not."""
    if place.notebook not in headings():
        raise ValueError(
            f"{where}: no notebook {place.notebook!r}, choose from {', '.join(headings())}"
        )
    if place.section not in headings()[place.notebook]:
        there = "; ".join(headings()[place.notebook])
        raise ValueError(
            f"{where}: {place.notebook} has no heading {place.section!r}, choose from: {there}"
        )
