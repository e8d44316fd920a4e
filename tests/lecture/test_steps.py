"""Running up to a stop, against a real kernel."""

import asyncio
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError
from nbformat import v4

from lecturelib.lecture import steps


def notebook(*sources: str) -> nbformat.NotebookNode:
    """Code cells a, b, c ...; a source that begins with # is prose."""
    cells = [
        (v4.new_markdown_cell if text.startswith("#") else v4.new_code_cell)(text, id=name)
        for name, text in zip("abcdef", sources, strict=False)
    ]
    return v4.new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("at", "inclusive", "ran", "wanted"),
    [
        ("e", True, [], [0, 2, 4]),
        ("e", False, [], [0, 2]),
        ("a", False, [], []),
        ("e", True, ["x = 1\n"], [2, 4]),
        ("e", True, ["something else", "y"], [0, 4]),
        ("f", True, ["y"], [0, 4, 5]),  # the same text twice, run once
        ("f", True, ["y", "y"], [0, 4]),
    ],
)
def test_only_what_has_not_been_run_is_missing(at, inclusive, ran, wanted) -> None:
    cells = notebook("x = 1", "# prose", "y", " ", "z", "y")
    assert steps.missing(cells, at, inclusive, ran) == wanted


def test_a_kernel_comes_to_its_stop_and_nothing_is_run_twice(tmp_path: Path) -> None:
    copy = tmp_path / "copy.ipynb"
    nbformat.write(notebook("n = 1", "n += 1\nprint(n)", "n += 1\nprint('n', n)", "1 / 0"), copy)

    def shown() -> list[str]:
        cells = nbformat.read(copy, as_version=4).cells
        return ["".join(out.get("text", out.get("ename", "")) for out in c.outputs) for c in cells]

    async def walk() -> list[list[str]]:
        kernel, seen = AsyncKernelManager(), []
        await kernel.start_kernel()
        try:
            for at, inclusive in (("c", False), ("c", True), ("c", True)):
                await steps.reach(kernel, copy, at, inclusive=inclusive)
                seen.append(shown())
            with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
                await steps.reach(kernel, copy, "d", inclusive=True)
            return [*seen, shown()]
        finally:
            await kernel.shutdown_kernel(now=True)

    assert asyncio.run(walk()) == [
        ["", "2\n", "", ""],
        ["", "2\n", "n 3\n", ""],
        ["", "2\n", "n 3\n", ""],
        ["", "2\n", "n 3\n", "ZeroDivisionError"],
    ]
