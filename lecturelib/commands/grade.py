"""grade NOTEBOOK...: run the exercise cells of submitted notebooks and check every answer."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import nbformat

TAG = "exercise:"

RUNNER = """
import json, sys, torch
from lecturelib.exercises import check
scope, marks = {"torch": torch, "check": check}, {}
for name, source in json.load(sys.stdin):
    try:
        exec(source, scope)
        marks[name] = repr(check(name, scope[name]))
    except Exception as error:
        marks[name] = f"not yet: {type(error).__name__}: {error}"
print("\\n" + json.dumps(marks))
"""


def main(argv: list[str]) -> int:
    """Exit status 0 where everything passed, 1 where something did not, 2 bad usage."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib grade", description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--seconds", type=int, default=120, help="limit for one notebook")
    args = parser.parse_args(argv)
    missing = [str(path) for path in args.notebooks if not path.exists()]
    if missing:
        print(f"no such notebook: {', '.join(missing)}", file=sys.stderr)
        return 2
    whole = True
    for path in args.notebooks:
        marks = grade(path, args.seconds)
        passed = sum(mark.startswith("passed") for mark in marks.values())
        print(f"{path.name}: {passed} of {len(marks)} passed")
        for name, mark in marks.items():
            print(f"  {name}: {mark.splitlines()[0]}")
        whole &= passed == len(marks) > 0
    return 0 if whole else 1


def answers(path: Path) -> list[tuple[str, str]]:
    """(exercise, source) of the cells tagged exercise:NAME."""
    cells = nbformat.read(path, as_version=4).cells
    return [
        (tag.removeprefix(TAG), cell.source)
        for cell in cells
        for tag in cell.metadata.get("tags", [])
        if tag.startswith(TAG)
    ]


def grade(path: Path, seconds: int) -> dict[str, str]:
    """Marks by exercise; the student's code runs in a process of its own, for so long at most."""
    found = answers(path)
    try:
        done = subprocess.run(
            [sys.executable, "-c", RUNNER],
            input=json.dumps(found),
            text=True,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {name: f"not yet: ran longer than {seconds} s" for name, _ in found}
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return {name: f"not yet: stopped Python: {done.stderr[-200:]}" for name, _ in found}
