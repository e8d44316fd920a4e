"""Lecture mode in a real JupyterLab: the bar, the keys, full screen, a kernel that dies."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser.pages import KERNEL, LIVE
from tests.lecture.halls import TOKEN, open_hall

MARKS = "[...document.querySelectorAll('#lecture button')].map((mark) => mark.dataset.state).join()"
CELL = "jupyterapp.shell.currentWidget?.content?.activeCell"


@pytest.fixture
def at_stop(tmp_path: Path, new_page: Callable) -> Iterator[Callable]:
    """at_stop(live) -> the page at the first stop, kernels ready."""
    halls = ExitStack()

    def at_stop(live: bool):
        hall = halls.enter_context(open_hall(tmp_path, live=live))
        page = halls.enter_context(new_page())  # closed before the server ends
        page.set_default_timeout(120_000)  # two kernels start beside it
        page.goto(f"{hall.address}/doc?token={TOKEN}")
        wait_for_marks(page, "ready,ready,waiting" if live else "ready,ready,failed")
        return page

    with halls:
        yield at_stop


def wait_for_marks(page, states: str) -> None:
    page.wait_for_function(f"(states) => {MARKS} === states", arg=states, timeout=300_000)


def wait_for_stop(page, path: str, source: str) -> None:
    """Until the notebook is in front and its stop's cell is active, at the top of the window."""
    page.wait_for_function(
        f"""([path, source]) => {CELL}?.model.sharedModel.source.includes(source)
        && jupyterapp.shell.currentWidget.context.path === path
        && {KERNEL}?.connectionStatus === 'connected'""",
        arg=[path, source],
    )
    page.wait_for_function(
        f"""() => {{ const top = {CELL}.node.getBoundingClientRect().top;
        return top >= 0 && top < innerHeight - 100; }}"""
    )


def text(page) -> str:
    return page.inner_text("#lecture")


def test_keys_step_through_the_stops(at_stop: Callable) -> None:
    page = at_stop(live=False)
    wait_for_stop(page, "lecture/01_one.ipynb", "attention_explorer")
    page.wait_for_selector(".ll-stage canvas")
    assert "Who looks? · 30 min" in text(page)
    assert "route 90 min · clock 90 min left" in text(page)
    page.keyboard.press("PageDown")
    wait_for_stop(page, "lecture/02_two.ipynb", "answer += 2")
    page.wait_for_selector("text=answer 42")
    assert "route 60 min" in text(page)
    page.keyboard.press("Alt+ArrowLeft")
    page.wait_for_function("document.fullscreenElement?.matches('.ll-stage')")
    page.keyboard.press("PageUp")  # there is no stop before the first
    page.keyboard.press("Alt+ArrowRight")
    wait_for_stop(page, "lecture/02_two.ipynb", "answer += 2")
    page.wait_for_function("!document.fullscreenElement")
    page.keyboard.press("PageDown")
    wait_for_stop(page, "lecture/01_one.ipynb", "left / 0")
    assert "ZeroDivisionError: division by zero · Alt+R: return" in text(page)
    assert page.locator("#lecture button[aria-current=step]").inner_text() == "3 ✗"
    page.reload()
    wait_for_stop(page, "lecture/01_one.ipynb", "left / 0")


def test_one_key_returns_a_dead_kernel(at_stop: Callable, complaints: list[str]) -> None:
    page = at_stop(live=False)
    wait_for_stop(page, "lecture/01_one.ipynb", "attention_explorer")
    process = page.locator("text=/^process [0-9]+/").first.inner_text()
    os.kill(int(process.split()[1]), signal.SIGKILL)
    wait_for_marks(page, "failed,ready,failed")
    page.wait_for_function("!document.querySelector('dialog, .jp-Dialog')")
    page.keyboard.press("Alt+R")
    wait_for_marks(page, "ready,ready,failed")
    page.wait_for_selector("text=/^process [0-9]+/ >> visible=true")
    page.wait_for_function(f"() => !document.body.innerText.includes({process!r})")
    page.wait_for_selector(".ll-stage canvas")
    page.locator(".ll-stage canvas").focus()
    before = page.evaluate(LIVE)
    page.keyboard.press("ArrowDown")
    page.wait_for_function(f"(before) => {LIVE} !== before", arg=before)
    # JupyterLab's own word on the dead kernel's views, before the new outputs are loaded.
    complaints[:] = [one for one in complaints if "widget model not found" not in one]


def test_live_the_lecturer_runs_the_cell(at_stop: Callable) -> None:
    page = at_stop(live=True)
    wait_for_stop(page, "lecture/01_one.ipynb", "attention_explorer")
    assert page.locator(".ll-stage").count() == 0
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".ll-stage canvas")
    page.keyboard.press("PageDown")
    wait_for_stop(page, "lecture/02_two.ipynb", "answer += 2")
    page.keyboard.press("PageDown")
    wait_for_marks(page, "ready,ready,ready")
    wait_for_stop(page, "lecture/01_one.ipynb", "left / 0")
    assert page.locator(".ll-stage").count() == 1  # what the lecturer ran is kept
