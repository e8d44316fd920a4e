"""The lecture's slides in order, each with the section that runs it: data/slides.csv.

A slide is known by its title and by how often this title has come up so far: no slide has a
number until the lecturer writes one into the column `number`. What shows numbers reads them here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from lecturelib.course.page import Link, Page, table
from lecturelib.course.places import Place, read
from lecturelib.paths import DATA

SLIDES = DATA / "slides.csv"
COLUMNS = ["title", "occurrence", "number", "notebook", "section", "about"]


@dataclass(frozen=True)
class Slide:
    """One slide. about: in our words, to recognise it; number: None until it is filled in."""

    title: str
    occurrence: int
    number: int | None
    place: Place
    about: str


def slides(path: Path = SLIDES) -> list[Slide]:
    """All slides. ValueError names the line and the remedy where the table is not in order."""
    found: list[Slide] = []
    seen: Counter[str] = Counter()
    last = 0
    for where, row in read(path, COLUMNS):
        title = row["title"]
        seen[title] += 1
        if row["occurrence"] != str(seen[title]):
            raise ValueError(
                f"{where}: occurrence {row['occurrence']!r} of {title!r} must be {seen[title]}: "
                "rows stand in the order of the slides, equal titles are counted 1, 2, 3 ..."
            )
        number = _number(where, row["number"], last)
        last = number or last
        place = Place(row["notebook"], row["section"])
        found.append(Slide(title, seen[title], number, place, row["about"]))
    return found


def _number(where: str, text: str, last: int) -> int | None:
    """Two rows may share a slide, so that a number may come twice, but never a smaller one."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError(f"{where}: number {text!r} must be 1, 2, 3 ... or left empty")
    if int(text) < last:
        raise ValueError(
            f"{where}: number {text} comes after {last}: rows stand in the order of the slides"
        )
    return int(text)


def named(chosen: Sequence[Slide]) -> str:
    """Their numbers where all are filled in ("slides 3-5, 8"), else titles and occurrences."""
    numbers = sorted({slide.number for slide in chosen if slide.number is not None})
    if chosen and all(slide.number is not None for slide in chosen):
        return f"slide{'s' * (len(numbers) > 1)} {_ranges(numbers)}"
    titles = dict.fromkeys(slide.title for slide in chosen)
    return ", ".join(
        f"{title} ({_ranges([s.occurrence for s in chosen if s.title == title])})"
        for title in titles
    )


def _ranges(numbers: Sequence[int]) -> str:
    """3, 4, 5, 8 -> "3-5, 8"."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def slide_table() -> Page:
    """Every slide, and where it is run."""
    rows = [
        [
            str(slide.number or ""),
            f"{slide.title} ({slide.occurrence})",
            slide.about,
            slide.place.notebook.split("_")[0],
            Link(slide.place.section, slide.place),
        ]
        for slide in slides()
    ]
    return table(
        ("number", "slide (which of that title)", "what is on it", "notebook", "section"), rows
    )
