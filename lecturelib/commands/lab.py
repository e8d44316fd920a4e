"""Open JupyterLab on the notebooks."""

import argparse
import subprocess
import sys

from lecturelib.commands.notebooks import sources
from lecturelib.commands.run import chosen
from lecturelib.paths import ROOT, require_clone


def command_line(number: str | None) -> list[str]:
    """JupyterLab's own command line: the clone is its root, one notebook or all are shown."""
    page = f"notebooks/{chosen([number], sources())[0].stem}.ipynb" if number else "notebooks"
    lab = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"]
    return [*lab, f"--LabApp.default_url=/lab/tree/{page}"]


def main(argv: list[str]) -> int:
    """python -m lecturelib lab [NN]; Ctrl-C ends it."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib lab", description=__doc__)
    parser.add_argument("number", nargs="?", help="the notebook to open: 01, 05b ...")
    args = parser.parse_args(argv)
    require_clone()
    try:
        line = command_line(args.number)
    except ValueError as error:
        parser.error(str(error))
    try:
        return subprocess.call(line)
    except KeyboardInterrupt:
        return 0
