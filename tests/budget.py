"""make test: all the tests, part by part, and what each part took beside its budget.

The notebooks are a pytest call of their own: what they print and warn is theirs, so neither
`filterwarnings = error` nor the shape checks of the unit tests hold there. Files are dealt to two
processes, one thread each; only the browser's tests have the machine to themselves: they time it.
"""

import os
import subprocess
import sys
import time
from typing import NamedTuple
from xml.etree import ElementTree

from lecturelib.commands.notebooks import REBUILD
from lecturelib.paths import BUILD, ROOT

TWO = "-n 2 --dist loadfile"
NBVAL = "--nbval-lax --nbval-current-env --nbval-cell-timeout 300 -o addopts= -o filterwarnings="
# With outputs: the assignments' stubs have none and would fail, their solutions are run.
FOLDERS = ("notebooks", "notebooks/assignments/solutions")
WHOLE = sorted(str(file.relative_to(ROOT)) for f in FOLDERS for file in (ROOT / f).glob("*.ipynb"))
PARTS = {  # name: (minutes that it may take on 2 cores, pytest's arguments)
    "unit and oracle": (6, f"{TWO} tests --ignore=tests/browser --ignore=tests/slow"),
    "notebooks": (15, f"{TWO} {NBVAL} {' '.join(WHOLE)}"),
    "browser": (7, "tests/browser"),
}
# glibc keeps what is freed: taking memory anew is slow on virtual machines (up to 2.4 us a page).
KEPT = {"MALLOC_MMAP_THRESHOLD_": "2000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000"}
SETUP_MINUTES = 4
REPORTS = BUILD / "tests"


class Outcome(NamedTuple):
    """What one part of the tests gave."""

    name: str
    budget: float
    minutes: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def counts(report: str) -> dict[str, int]:
    """passed, failed, skipped out of pytest's JUnit report; an error counts as failed."""
    suites = list(ElementTree.fromstring(report).iter("testsuite"))
    tests, skipped, failures, errors = (
        sum(int(suite.get(kind, 0)) for suite in suites)
        for kind in ("tests", "skipped", "failures", "errors")
    )
    failed = failures + errors
    return {"passed": max(tests - failed - skipped, 0), "failed": failed, "skipped": skipped}


def run(name: str) -> Outcome:
    """One pytest call; where it breaks off without a failed test, that is one failure."""
    budget, arguments = PARTS[name]
    report = REPORTS / f"{name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    line = [sys.executable, "-m", "pytest", "-q", *arguments.split(), f"--junitxml={report}"]
    start = time.perf_counter()
    print(f"\n== {name}", flush=True)
    status = subprocess.call(line, cwd=ROOT, env=os.environ | REBUILD | KEPT)
    found = counts(report.read_text(encoding="utf8")) if report.exists() else {}
    if status and not found.get("failed"):
        found["failed"] = 1
    return Outcome(name, budget, (time.perf_counter() - start) / 60, **found)


def setup() -> Outcome:
    """How long the last installation took, as the Makefile wrote it down."""
    files = [ROOT / ".venv" / name for name in ("ready", "ready-for-tests")]
    seconds = sum(float(file.read_text()) for file in files if file.exists())
    return Outcome("set-up (the last one)", SETUP_MINUTES, seconds / 60)


def main() -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    outcomes = [setup(), *map(run, PARTS)]
    print(
        f"\n{'time budget':<24}{'minutes':>8}{'budget':>8}{'passed':>8}{'failed':>8}{'skipped':>8}"
    )
    for name, budget, minutes, *numbers in outcomes:
        print(f"{name:<24}{minutes:>8.1f}{budget:>8}" + "".join(f"{n:>8}" for n in numbers))
    passed, failed = (sum(getattr(one, kind) for one in outcomes) for kind in ("passed", "failed"))
    summary = f"{passed} passed, {failed} failed"
    (REPORTS / "summary.txt").write_text(summary + "\n", encoding="utf8")
    print(summary)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
