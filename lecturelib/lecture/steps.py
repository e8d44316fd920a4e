"""One kernel, one copy: run the cells that lead to a stop and have not been run yet."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode


async def reach(kernel: Any, copy: Path, at: str, *, inclusive: bool) -> None:
    """Run up to the cell with the id `at`, with or without itself; outputs go into the copy.

    What the kernel's history has is not run again, whoever ran it. Raises CellExecutionError for
    the first cell that fails and DeadKernelError; the copy then has the outputs up to there.
    """
    notebook = nbformat.read(copy, as_version=4)
    client = NotebookClient(notebook, km=kernel, timeout=None, coalesce_streams=True)
    client.reset_execution_trackers()
    talk: Any = await client.async_start_new_kernel_client()
    try:
        for index in missing(notebook, at, inclusive, await history(talk)):
            await client.async_execute_cell(notebook.cells[index], index)
    finally:
        talk.stop_channels()
        nbformat.write(notebook, copy)


async def history(talk: Any) -> list[str]:
    """Every input of the kernel's present process, in order."""
    asked = {"raw": True, "output": False, "hist_access_type": "range", "session": 0, "start": 1}
    answer = await talk.history(reply=True, timeout=None, **asked)
    return [text for _, _, text in answer["content"]["history"]]


def missing(notebook: NotebookNode, at: str, inclusive: bool, ran: list[str]) -> list[int]:
    """Which code cells up to `at` are still to be run."""
    ids = [cell.id for cell in notebook.cells]
    left = [text.strip() for text in ran]
    wanted = []
    for index, cell in enumerate(notebook.cells[: ids.index(at) + inclusive]):
        source = cell.source.strip()
        if cell.cell_type != "code" or not source:
            continue
        if source in left:
            left.remove(source)
        else:
            wanted.append(index)
    return wanted
