"""INSTRUCTORS.md's table of the route: `python -m lecturelib.course.route_table` writes it anew."""

from collections.abc import Iterable

from lecturelib.commands import readme
from lecturelib.lecture.route import Stop, read
from lecturelib.paths import ROOT

INSTRUCTORS = ROOT / "INSTRUCTORS.md"
HEAD = """\
| stop | the hall sees | slide | notebook and section | minutes | in 20 |
|--:|:--|:--|:--|--:|--:|"""
ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def route_table(stops: Iterable[Stop]) -> str:
    """One row a stop, in the order of the route."""
    return "\n".join([HEAD, *(_row(number, stop) for number, stop in enumerate(stops, start=1))])


def _row(number: int, stop: Stop) -> str:
    slide = f"{stop.slide} ({stop.occurrence}{ENDINGS.get(stop.occurrence, 'th')})"
    place = f"{stop.notebook.split('_')[0]} [{stop.section}](notebooks/{stop.notebook}.ipynb)"
    return f"| {number} | {stop.title} | {slide} | {place} | {stop.minutes} | {stop.short or ''} |"


if __name__ == "__main__":
    readme.write("route", route_table(read()), INSTRUCTORS)
    print(f"{INSTRUCTORS.name}: the route's table is written")
