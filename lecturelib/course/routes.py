"""What to run first: three ways through the notebooks, with measured minutes."""

from lecturelib.commands.notebooks import minutes
from lecturelib.course.page import Cell, Link, Page, table
from lecturelib.course.places import Place, headings

ROUTES = {  # the numbers of the notebooks
    "20 minutes": ("05", "06", "07a", "08"),
    "an evening": ("01", "04", "05", "06", "07a", "07b", "08"),
    "everything": ("01", "02", "03", "04", "05", "05b", "06", "07a", "07b", "08"),
}


def chosen(route: str) -> list[str]:
    """The notebooks of a route, in lecture order."""
    return [name for name in headings() if name.split("_")[0] in ROUTES[route]]


def computing(names: list[str]) -> str:
    """Their measured minutes together."""
    measured = minutes()
    if unknown := [name for name in names if name not in measured]:
        return f"not yet measured: {', '.join(unknown)}"
    return f"{sum(measured[name] for name in names):.1f} min"


def routes() -> Page:
    """A row for each notebook, a column for each route."""
    rows: list[list[Cell]] = [
        [
            Link(name, Place(name, sections[0])),
            computing([name]),
            *("run" if name in chosen(route) else "" for route in ROUTES),
        ]
        for name, sections in headings().items()
        if not name.startswith("00")
    ]
    rows.append(["together", "", *(computing(chosen(route)) for route in ROUTES)])
    return table(("notebook", "measured", *ROUTES), rows)
