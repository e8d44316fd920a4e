"""python -m lecturelib COMMAND: exit status 0 fine, 1 findings, 2 bad usage."""

import argparse
import importlib
import sys

COMMANDS = {
    "doctor": "what this machine has, and what to do about each problem",
    "data": "list, fetch and verify the data sets",
    "run": "run notebooks from start to end, on copies",
    "lab": "open JupyterLab on the notebooks; --lecture: ready for a hall",
    "pretrain": "train a recipe; resumes exactly where it stopped",
    "claims": "what the papers claim and what we measured",
    "bench": "our speed beside the peers', in the same run",
    "editions": "notebooks without solutions for students, or with all of them",
    "grade": "mark the exercises of a submitted notebook, or of a class",
    "site": "the notebooks as pages, to read without running",
}


def main(argv: list[str] | None = None) -> int:
    """Hand the rest of the line to the command's own parser."""
    parser = argparse.ArgumentParser(
        prog="python -m lecturelib",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:<9} {text}" for name, text in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    command = importlib.import_module(f"lecturelib.commands.{args.command}")
    return command.main(args.rest)


if __name__ == "__main__":
    sys.exit(main())
