"""Run notebooks from start to end, on copies; --rebuild renews the committed ones."""

import argparse
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lecturelib.commands import notebooks, readme
from lecturelib.paths import require_clone

COPIES = Path("build", "notebooks")  # in the clone


def chosen(numbers: list[str], every: list[Path]) -> list[Path]:
    """The sources with these numbers (01, 05b ...) or names; all of them where none is named."""
    known = {source.stem.split("_")[0]: source for source in every}
    known |= {source.stem: source for source in every}
    if unknown := [number for number in numbers if number not in known]:
        names = ", ".join(source.stem for source in every)
        raise ValueError(f"no notebook {', '.join(unknown)}: there are {names or 'none yet'}")
    return [known[number] for number in numbers] or every


def on_a_copy(source: Path) -> float:
    """Run a copy of a notebook; what it showed is there to read, also after a failure."""
    folder = source.parents[2] / COPIES
    folder.mkdir(parents=True, exist_ok=True)
    notebook = notebooks.convert(source)
    try:
        return notebooks.execute(notebook, folder, {})
    finally:
        nbformat.write(notebook, folder / f"{source.stem}.ipynb")


def run(sources: list[Path], rebuild: bool) -> int:
    """One line a notebook; 1 where one fails, with the cell that failed."""
    failed = 0
    for number, source in enumerate(sources, start=1):
        head = f"[{number}/{len(sources)}] {source.stem}"
        print(f"{head} ...", flush=True)
        try:
            took = notebooks.rebuild(source) if rebuild else on_a_copy(source)
            print(f"{head}: {took:.1f} minutes")
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            failed += 1
            print(f"{error}\n{head}: FAILED, see the cell above")
    return min(failed, 1)


def main(argv: list[str]) -> int:
    """python -m lecturelib run [NN ...] [--rebuild]"""
    parser = argparse.ArgumentParser(prog="python -m lecturelib run", description=__doc__)
    parser.add_argument("number", nargs="*", help="01, 05b ...; none: all of them")
    parser.add_argument(
        "--rebuild", action="store_true", help="renew notebooks/*.ipynb (quick pace, one thread)"
    )
    args = parser.parse_args(argv)
    require_clone()
    try:
        picked = chosen(args.number, notebooks.sources())
    except ValueError as error:
        parser.error(str(error))
    failed = run(picked, args.rebuild)
    if args.rebuild:
        readme.write("notebooks", notebooks.table())
    else:
        print(f"The copies, with what they showed: {COPIES}")
    return failed
