"""A hall for tests: three small stops in two notebooks, and the JupyterLab of the lecture mode."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from nbformat import v4, write

from lecturelib.lecture import hall, route

HOST, TOKEN = "127.0.0.1", "hall"
EXPLORER = """\
import torch
from lecturelib.viz.explorers.attention import attention_explorer
attention_explorer(torch.eye(5).repeat(2, 2, 1, 1), "abcde")"""
NOTEBOOKS = {
    "01_one": [
        "# One",
        "import os\nprint('process', os.getpid())",
        *["# A long way down\n\n" + "words " * 300] * 4,
        "## Attention",
        EXPLORER,
        "## It fails",
        "left = 7\nleft / 0",
    ],
    "02_two": ["# Two", "answer = 40", "## Answer", "answer += 2\nprint('answer', answer)"],
}


def stop(title: str, notebook: str, section: str, cell: str, **others) -> dict:
    """A stop of the route file."""
    entry = {"title": title, "slide": "A slide", "occurrence": 1, "notebook": notebook}
    entry |= {"section": section, "cell": cell, "minutes": 30, "short": 10, "fullscreen": False}
    return entry | others


STOPS = [
    stop("Who looks?", "01_one", "Attention", "import torch", fullscreen=True),
    stop("What is it?", "02_two", "Answer", "answer += 2"),
    stop("What goes wrong?", "01_one", "It fails", "left / 0", short=0),
]


def write_route(folder: Path, stops: list[dict] = STOPS) -> tuple[Path, Path]:
    """The route's file and the folder of its notebooks, as `route.read` takes them."""
    notebooks = folder / "notebooks"
    notebooks.mkdir(exist_ok=True)
    for name, texts in NOTEBOOKS.items():
        cells = [
            (v4.new_markdown_cell if text.startswith("#") else v4.new_code_cell)(
                text, id=f"cell-{number:03}"
            )
            for number, text in enumerate(texts)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        write(
            v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}),
            notebooks / f"{name}.ipynb",
        )
    file = folder / "route.json"
    file.write_text(json.dumps({"stops": stops}))
    return file, notebooks


@dataclass
class Hall:
    """Its address, and its bar as JSON."""

    address: str
    token: str = TOKEN

    def ask(self, wish: dict | None = None) -> dict:
        header = {"Authorization": f"token {self.token}"}
        body = None if wish is None else json.dumps(wish).encode()
        request = Request(f"{self.address}/lecturelib/lecture", data=body, headers=header)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def states(self) -> list[str]:
        return [stop["state"] for stop in self.ask()["stops"]]

    def wait(self, *states: str, seconds: float = 300) -> dict:
        """Until the stops stand like this."""
        return until(lambda: self.states() == list(states) and self.ask(), seconds, self.ask)


def until(met: Callable, seconds: float, show: Callable = str):
    """What `met` gives once it is not false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := met():
            return found
        time.sleep(0.2)
    pytest.fail(f"not within {seconds} s: {show()}")


@contextmanager
def open_hall(folder: Path, *, live: bool) -> Iterator[Hall]:
    """JupyterLab in lecture mode. The port that it asks for is taken, so it takes another."""
    hall.NOTEBOOKS, real = write_route(folder)[1], hall.NOTEBOOKS
    settings = hall.set_up(
        route.read(folder / "route.json", hall.NOTEBOOKS), live, folder / "lecture"
    )
    hall.NOTEBOOKS = real
    env = os.environ | settings | {"JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_TOKEN": TOKEN}
    with socket.socket() as taken, (folder / "log.txt").open("w") as log:
        taken.bind((HOST, 0))
        taken.listen()
        line = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ip={HOST}"]
        line += [f"--port={taken.getsockname()[1]}", "--allow-root", "--expose-app-in-browser"]
        server = subprocess.Popen(line, env=env | {"HOME": str(folder)}, stdout=log, stderr=log)
        try:
            yield Hall(until(lambda: _address(folder), 90, (folder / "log.txt").read_text))
        finally:
            server.terminate()
            server.wait(60)


def _address(folder: Path) -> str:
    """Where the server answers, once it does."""
    try:
        url = json.loads(next(folder.glob("jpserver-*.json")).read_text())["url"].rstrip("/")
        urlopen(f"{url}/api", timeout=5).close()
    except (StopIteration, OSError, ValueError):
        return ""
    return url
