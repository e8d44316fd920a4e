"""notebooks/src/*.py (what people edit) -> notebooks/*.ipynb (what people read, with outputs).

A source's own place says where the rest goes: CLONE/notebooks/src/NN_name.py.

In a source, `# {{first cell}}`, `{{colab}}`, `{{repository}}` and `{{minutes}}` are filled in here.
"""

import hashlib
import json
import os
import re
import time
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from tqdm.auto import tqdm

from lecturelib.paths import ROOT

FIRST_CELL = """\
import importlib.util, sys
if importlib.util.find_spec("lecturelib") is None:  # Colab: clone, install, keep its torch
    ![ -d lecture ] || git clone -q --depth 1 {repository} lecture
    ![ -d lecture ] && "{{sys.executable}}" -m pip install -qe lecture
    assert not _exit_code, "not installed, see above; no network?"; sys.path.append("lecture")
from lecturelib.commands.doctor import greet; greet()"""

# The committed outputs: the same on every machine, whatever hardware it has.
REBUILD = {
    "LECTURE_PACE": "quick",
    "ACCELERATE_USE_CPU": "true",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CI": "1",  # progress bars are quiet
}

# One metadata for all: no widget state (GitHub shows a blank page for it), no interpreter version.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

MAX_BYTES = 1_500_000
MAX_LINES = 15
MACHINE_PATH = re.compile(r"/(?:home|root|tmp|Users)/|[A-Z]:\\\\|site-packages")


def sources(clone: Path = ROOT) -> list[Path]:
    """All notebooks' sources, in lecture order."""
    return sorted((clone / "notebooks" / "src").glob("[0-9]*.py"))


def committed(source: Path) -> Path:
    """The notebook that belongs to a source."""
    return source.parents[1] / f"{source.stem}.ipynb"


def repository() -> str:
    """The project's address: one constant, in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    return project["urls"]["Repository"]


def first_cell() -> str:
    """The first code cell of every notebook: it works in JupyterLab and in Colab."""
    return FIRST_CELL.format(repository=repository())


def minutes(clone: Path = ROOT) -> dict[str, float]:
    """Measured minutes of every notebook: quick pace, one thread."""
    path = clone / "data" / "minutes.json"
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else {}


def convert(source: Path) -> NotebookNode:
    """Percent script -> notebook with every placeholder filled in, without outputs."""
    measured = minutes(source.parents[2])
    address = repository()
    colab = address.replace("https://github.com", "https://colab.research.google.com/github")
    fill = {
        "# {{first cell}}": first_cell(),
        "{{repository}}": address,
        "{{colab}}": f"{colab}/blob/main/notebooks/{source.stem}.ipynb",
        "{{minutes}}": str(measured.get(source.stem, "not yet measured")),
    }
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    for index, cell in enumerate(notebook.cells):
        for name, text in fill.items():
            cell.source = cell.source.replace(name, text)
        cell.id = f"cell-{index:03}"  # jupytext's are random: every rebuild would change all
    return notebook


def execute(notebook: NotebookNode, folder: Path, settings: dict[str, str]) -> float:
    """Run all cells in a fresh kernel, in place; how many minutes it took.

    Raises what nbclient raises: CellExecutionError (its text shows the cell), CellTimeoutError,
    DeadKernelError. The notebook then holds the outputs up to there.
    """
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    start = time.perf_counter()
    with tqdm(total=cells, unit="cell", leave=False, disable=None) as bar:
        client = NotebookClient(
            notebook,
            timeout=1800,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["--IPKernelApp.log_level=40"],  # no warning about a local port
            resources={"metadata": {"path": str(folder)}},
            on_cell_executed=lambda cell, cell_index, execute_reply: bar.update(),
        )
        client.execute(env=os.environ | settings)
    return (time.perf_counter() - start) / 60


def rebuild(source: Path) -> float:
    """Source -> committed notebook with outputs, and its minutes in data/minutes.json.

    Nothing is written where a cell fails.
    """
    clone, path = source.parents[2], committed(source)
    notebook = convert(source)
    took = execute(notebook, path.parent, REBUILD)
    measured = dict(sorted((minutes(clone) | {source.stem: round(took, 1)}).items()))
    text = json.dumps(measured, indent=2) + "\n"
    (clone / "data" / "minutes.json").write_text(text, encoding="utf8")
    for cell, filled in zip(notebook.cells, convert(source).cells, strict=True):
        cell.source = filled.source
        cell.metadata["lecturelib"] = {"source": fingerprint(cell.source)}
        drop_views(cell)
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.write(notebook, path)
    return took


def fingerprint(text: str) -> str:
    """SHA-256 of a cell's source."""
    return hashlib.sha256(text.encode()).hexdigest()


def drop_views(cell: NotebookNode) -> None:
    """A widget's view without its state shows an error; without the view its PNG is shown."""
    for output in cell.get("outputs", []):
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def problems(source: Path) -> list[str]:
    """Why the committed notebook is not what its source would give; empty where all is well."""
    path = committed(source)
    if not path.exists():
        return ["never built"]
    notebook = nbformat.read(path, as_version=4)
    found = [f"{path.stat().st_size} bytes, at most {MAX_BYTES}"] * (
        path.stat().st_size > MAX_BYTES
    )
    if "widgets" in notebook.metadata:
        found.append("holds widget state: metadata.widgets")
    expected = [cell.source for cell in convert(source).cells]
    if [cell.source for cell in notebook.cells] != expected:
        found.append("differs from its source: edit notebooks/src, then make notebooks")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not code or code[0].source != first_cell():
        found.append("the first code cell must be: # {{first cell}}")
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("not run once from start to end: execution counts are not 1..n")
    for number, cell in enumerate(notebook.cells):
        found += [f"cell {number}: {what}" for what in cell_problems(cell)]
    return found


def cell_problems(cell: NotebookNode) -> list[str]:
    """What is wrong with one cell of a committed notebook."""
    found = []
    if cell.metadata.get("lecturelib", {}).get("source") != fingerprint(cell.source):
        found.append("edited after it was run")
    outputs = cell.get("outputs", [])
    if any(output.output_type == "error" for output in outputs):
        found.append("its output is an error")
    if cell.cell_type == "code" and (lines := len(cell.source.splitlines())) > MAX_LINES:
        found.append(f"{lines} lines, at most {MAX_LINES}")
    shown = re.sub(r"base64,[\w+/=]+", "", "\n".join(readable(output) for output in outputs))
    if path := MACHINE_PATH.search(shown.replace(str(ROOT), "/home/")):
        found.append(f"shows a path of this machine: ...{path.group()}...")
    return found


def readable(output: NotebookNode) -> str:
    """The text that a reader sees of an output; pictures and sound are left out."""
    data = {"stream": output.get("text", ""), **output.get("data", {})}
    return "\n".join(
        str(text) for kind, text in data.items() if kind.startswith(("stream", "text"))
    )


def table(clone: Path = ROOT) -> str:
    """README's list of notebooks, with measured minutes."""
    rows = ["| notebook | minutes |", "|---|---|"]
    for source in sources(clone):
        title = re.search(r"^# # (.+)$", source.read_text(encoding="utf8"), re.MULTILINE)
        name = f"[{title.group(1) if title else source.stem}](notebooks/{source.stem}.ipynb)"
        rows.append(f"| {name} | {minutes(clone).get(source.stem, 'not yet measured')} |")
    return "\n".join(rows)
