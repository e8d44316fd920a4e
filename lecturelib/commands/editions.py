"""editions student|solutions: the notebooks without answers, or with all of them.

Both are made from notebooks/src, and changed nowhere else. The student edition has stubs, and an
empty cell under each exam-style question; the solved one has the library's own functions, and the
answers open. The library itself is on every student's disk: this hides nothing that is searched.
"""

import argparse
import re
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from lecturelib.commands import notebooks
from lecturelib.exercises import questions
from lecturelib.grading.solved import solved_cell
from lecturelib.grading.submission import EXERCISE, QUESTION, tagged
from lecturelib.paths import BUILD, ROOT, require_clone

OFFER = re.compile(r"[;.]? `solution(?:\(\"name\"\))?` prints the library's own[^.:]*[.:]")
SHOWS = re.compile(r"^solution\(", re.MULTILINE)
TITLE = re.compile(r"^# (\w+) ·", re.MULTILINE)
ASSIGNMENTS = Path("notebooks", "assignments")


def student(notebook: NotebookNode) -> NotebookNode:
    """A copy without solutions: no cell tagged `solution` or that shows one, no folded answer.

    Each exam-style question gets an empty cell tagged question:NN-k for the answer.
    """
    cells = []
    for cell in without(notebook, "solution"):
        if cell.cell_type == "code" and SHOWS.search(cell.source):
            continue
        if tagged(cell, EXERCISE):
            cell.outputs, cell.execution_count = [], None
        cells += asked(cell) if cell.cell_type == "markdown" else [cell]
    return numbered(notebook, cells)


def solved(notebook: NotebookNode) -> NotebookNode:
    """A copy with the library's own functions for stubs, and every answer open.

    No cell tagged `stub`; exercises run where the library is installed.
    """
    cells = without(notebook, "stub")
    for cell in cells:
        for name in tagged(cell, EXERCISE):
            cell.source, cell.outputs, cell.execution_count = (
                solved_cell(name, cell.source),
                [],
                None,
            )
        if cell.cell_type == "markdown" and questions.FOLDED.search(cell.source):
            cell.source = cell.source.replace("<details>", "<details open>")
    return numbered(notebook, cells)


def without(notebook: NotebookNode, tag: str) -> list[NotebookNode]:
    """Copies of the cells that do not carry a tag."""
    cells = [cell for cell in notebook.cells if tag not in cell.metadata.get("tags", [])]
    return [deepcopy(cell) for cell in cells]


def asked(cell: NotebookNode) -> list[NotebookNode]:
    """A markdown cell cut behind each question, with an empty cell to answer in."""
    pieces = questions.split(OFFER.sub(".", cell.source))
    if len(pieces) == 1 and not pieces[0].question:
        cell.source = pieces[0].prose
        return [cell]
    cells = []
    for piece in pieces:
        cells.append(new_markdown_cell(piece.prose, metadata=cell.metadata))
        if piece.question:
            cells.append(new_markdown_cell("", metadata={"tags": [QUESTION]}))
    return cells


def numbered(notebook: NotebookNode, cells: list[NotebookNode]) -> NotebookNode:
    """The notebook with these cells; questions and ids are numbered from start to end."""
    number, question = number_of(notebook), 0
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place:03}"
        if cell.metadata.get("tags") == [QUESTION]:
            question += 1
            cell.metadata["tags"] = [f"{QUESTION}{number}-{question}"]
    return NotebookNode({**notebook, "cells": cells})


def number_of(notebook: NotebookNode) -> str:
    """05b of `# 05b · What BERT is good for`; else "x"."""
    first = TITLE.search("\n".join(cell.source for cell in notebook.cells[:2]))
    return first.group(1) if first else "x"


def rubric(names: set[str], clone: Path = ROOT) -> dict[str, questions.Question]:
    """NN-k -> what is asked and the key points, of the notebooks of these questions."""
    found, numbers = {}, {name.rpartition("-")[0] for name in names}
    for source in sources(clone) if numbers else []:
        notebook = notebooks.convert(source)
        if (number := number_of(notebook)) in numbers:
            texts = [text for cell in notebook.cells for text in questions.split(cell.source)]
            known = [text.question for text in texts if text.question]
            found |= {f"{number}-{k}": question for k, question in enumerate(known, 1)}
    return found


def sources(clone: Path = ROOT) -> list[Path]:
    """The notebooks, then the assignments."""
    return [*notebooks.sources(clone), *sorted((clone / ASSIGNMENTS / "src").glob("[!_]*.py"))]


def write(make: str, out: Path) -> list[Path]:
    """All notebooks of an edition into a folder; assignments into a folder of their own in it."""
    written = []
    for source in sources():
        notebook = {"student": student, "solutions": solved}[make](notebooks.convert(source))
        path = out / source.parents[1].relative_to(ROOT / "notebooks") / f"{source.stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        written.append(path)
    return written


def main(argv: list[str]) -> int:
    """python -m lecturelib editions student|solutions [--out DIR]"""
    parser = argparse.ArgumentParser(
        prog="python -m lecturelib editions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("edition", choices=("student", "solutions"))
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: build/EDITION")
    args = parser.parse_args(argv)
    require_clone()
    out = args.out or BUILD / args.edition
    try:
        written = write(args.edition, out)
    except OSError as error:
        parser.error(f"--out {out}: {error.strerror}: name a folder that can be written")
    print(f"{len(written)} notebooks of the {args.edition} edition: {out}")
    return 0
