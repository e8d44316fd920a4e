"""Mark submitted notebooks: exercises by machine, open questions listed for the tutor.

FILE.ipynb [FILE ...]: a report on each. FOLDER --csv FILE: a class, a row a notebook, also from the
folders in it. Each exercise is run in a process of its own with a clean copy of the library, on the
inputs of `check` and on fresh ones; what comes back is compared here, where no submitted code runs.

Limits: by the clock on all systems; memory by looking every 0.2 s, on Linux also by the kernel.
This is no security sandbox: a submission may read and write what you may. Mark strangers' notebooks
as a user without rights, or in a container. docs/marking.md says what each verdict means.

Exit status: 0 all passed, 1 something did not, 2 bad usage or nothing that could be marked.
"""

import argparse
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lecturelib.commands import editions
from lecturelib.grading import reports
from lecturelib.grading.marks import How, Report, report
from lecturelib.grading.watch import Limits


def main(argv: list[str]) -> int:
    """python -m lecturelib grade FILE|FOLDER ... [--json FILE] [--csv FILE]"""
    parser = options()
    args = parser.parse_args(argv)
    try:
        files = named(args.paths)
        for place in filter(None, (args.json, args.csv)):
            reports.can_be_written(place)  # before hours of marking
    except ValueError as error:
        parser.error(str(error))
    how = How(args.seed, Limits(args.seconds, args.memory), editions.rubric)
    found = []
    with ThreadPoolExecutor(args.jobs) as pool:
        for one in pool.map(lambda name: report(files[name], name, how), files):
            found.append(one)
            print(reports.as_text(one), flush=True)
    if args.json:
        reports.write(args.json, reports.as_json(found))
    if args.csv:
        reports.write(args.csv, reports.as_csv(found))
    return status(found)


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m lecturelib grade",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the report as JSON")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="a row a notebook")
    parser.add_argument(
        "--seconds", type=positive, default=20, help="for one exercise (default: 20)"
    )
    parser.add_argument(
        "--memory",
        type=positive,
        default=1000,
        metavar="MB",
        help="beyond what Python and torch take themselves (default: 1000)",
    )
    parser.add_argument("--jobs", type=positive, default=1, help="notebooks at a time (default: 1)")
    parser.add_argument(
        "--seed",
        type=positive,
        default=random.SystemRandom().randrange(1, 10**6),
        help="of the fresh inputs, to repeat a marking (default: drawn, and in the report)",
    )
    return parser


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def named(paths: list[Path]) -> dict[str, Path]:
    """The notebooks by the name to report; those of a folder by their place in it.

    Raises ValueError where a path is not there, or a folder holds none.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise ValueError(f"no such file or folder: {path}")
        inside = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        inside = [one for one in inside if ".ipynb_checkpoints" not in one.parts]
        if not inside:
            raise ValueError(f"no notebooks (*.ipynb) in {path}")
        found |= {str(one.relative_to(path) if one != path else one): one for one in inside}
    return found


def status(found: list[Report]) -> int:
    """0 all passed, 1 something did not, 2 nothing could be marked."""
    if all(one.problem for one in found):
        print("nothing could be marked", file=sys.stderr)
        return 2
    return 0 if all(one.passed for one in found) else 1
