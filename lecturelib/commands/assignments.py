"""Build the assignments: notebooks/assignments/src/NAME.py -> NAME.ipynb and solutions/NAME.ipynb.

    python -m lecturelib.commands.assignments [NAME ...]

The student edition has the guide and stubs and no outputs; the solution is run from start to end.
"""

import argparse
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lecturelib.commands import notebooks
from lecturelib.commands.editions import solved, student
from lecturelib.paths import ROOT

MAX_BYTES = 500_000


def sources(clone: Path = ROOT) -> list[Path]:
    """All assignments' sources; each is guide, stubs and solution in one."""
    return sorted((clone / "notebooks" / "assignments" / "src").glob("a[0-9]*.py"))


def committed(source: Path) -> dict[str, Path]:
    """Where the two editions of a source stand."""
    name = f"{source.stem}.ipynb"
    return {"student": source.parents[1] / name, "solved": source.parents[1] / "solutions" / name}


def convert(source: Path, edition: str) -> NotebookNode:
    """A source as one edition, without outputs; the badge opens the student's."""
    notebook = {"student": student, "solved": solved}[edition](notebooks.convert(source))
    here = f"notebooks/{source.stem}.ipynb"
    for cell in notebook.cells:
        cell.source = cell.source.replace(
            f"main/{here}", f"main/notebooks/assignments/{source.stem}.ipynb"
        )
    return notebook


def build(source: Path) -> float:
    """Write both editions, or nothing where a cell fails; minutes that the solution took."""
    editions = {edition: convert(source, edition) for edition in committed(source)}
    took = notebooks.execute(editions["solved"], source.parents[1], notebooks.REBUILD)
    for edition, notebook in editions.items():
        for cell, plain in zip(notebook.cells, convert(source, edition).cells, strict=True):
            cell.source = plain.source
            cell.metadata["lecturelib"] = {"source": notebooks.fingerprint(cell.source)}
            notebooks.drop_views(cell)
        notebook.metadata = nbformat.from_dict(notebooks.METADATA)
        path = committed(source)[edition]
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    return took


def problems(source: Path) -> list[str]:
    """Why the committed editions are not what the source would give; empty where all is well."""
    found = []
    for edition, path in committed(source).items():
        if not path.exists():
            return [f"{edition}: never built"]
        notebook = nbformat.read(path, as_version=4)
        fresh = [cell.source for cell in convert(source, edition).cells]
        if [cell.source for cell in notebook.cells] != fresh:
            found.append(f"{edition}: differs from its source")
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        counts = list(range(1, len(code) + 1)) if edition == "solved" else [None] * len(code)
        if [cell.execution_count for cell in code] != counts:
            found.append(f"{edition}: its cells were not run in order, or run where they must not")
        if path.stat().st_size > MAX_BYTES:
            found.append(f"{edition}: {path.stat().st_size} bytes, at most {MAX_BYTES}")
        for number, cell in enumerate(notebook.cells):
            what = notebooks.cell_problems(cell)
            found += [f"{edition}, cell {number}: {one}" for one in what]
    return found


def main(argv: list[str] | None = None) -> int:
    """One line an assignment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of them where none is named")
    names = parser.parse_args(argv).names
    known = {source.stem: source for source in sources()}
    if unknown := set(names) - set(known):
        parser.error(f"no assignment {', '.join(sorted(unknown))}: choose from {', '.join(known)}")
    for name in names or known:
        print(f"{name}: {build(known[name]):.1f} minutes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
