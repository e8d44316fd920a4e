"""Open JupyterLab on the notebooks; with --lecture, ready for a hall."""

import argparse
import os
import subprocess
import sys

from lecturelib.commands.notebooks import sources
from lecturelib.commands.run import chosen
from lecturelib.lecture import hall, route
from lecturelib.paths import ROOT, require_clone

LAB = (sys.executable, "-m", "jupyterlab")


def command_line(number: str | None) -> list[str]:
    """JupyterLab's own command line: the clone is its root, one notebook or all are shown."""
    page = f"notebooks/{chosen([number], sources())[0].stem}.ipynb" if number else "notebooks"
    lab = [*LAB, f"--ServerApp.root_dir={ROOT}"]
    return [*lab, f"--LabApp.default_url=/lab/tree/{page}"]


def lecture(short: bool, live: bool) -> dict[str, str]:
    """Write what the lecture needs, and say what comes; the settings that JupyterLab reads."""
    stops = route.cut(route.read()) if short else route.read()
    settings = hall.set_up(stops, live)
    minutes = sum(stop.minutes for stop in stops)
    print(f"{len(stops)} stops, {minutes} minutes. Their kernels start once JupyterLab is up:")
    print("a mark at the bottom turns green when its stop is ready. Ctrl-C here ends it.")
    return settings


def main(argv: list[str]) -> int:
    """python -m lecturelib lab [NN | --lecture [--short] [--live]]; Ctrl-C ends it."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib lab", description=__doc__)
    parser.add_argument("number", nargs="?", help="the notebook to open: 01, 05b ...")
    parser.add_argument("--lecture", action="store_true", help="the route of data/route.json")
    parser.add_argument("--short", action="store_true", help="its cut of 20 minutes")
    parser.add_argument("--live", action="store_true", help="stop before the cells: run them live")
    args = parser.parse_args(argv)
    require_clone()
    if (args.number and args.lecture) or ((args.short or args.live) and not args.lecture):
        parser.error("--short and --live go with --lecture, and a notebook's number does not")
    try:
        line = [*LAB] if args.lecture else command_line(args.number)
        settings = lecture(args.short, args.live) if args.lecture else {}
    except ValueError as error:
        parser.error(str(error))
    try:
        return subprocess.call(line, env=os.environ | settings)
    except KeyboardInterrupt:
        return 0
