"""A real JupyterLab in a real browser, cut off from the network: what every explorer test needs.

`explorer_page(code)` runs `code` in a notebook of one cell and gives the page, the explorer drawn
and audited. After each test `no_complaints` fails on what the audit found (family.py), on a console
error and on a request to another machine.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.browser.pages import KERNEL, SETTLED, notebook
from tests.requirements import require

HOST = "127.0.0.1"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}",
]
PATIENCE = 120_000  # ms, until an explorer is drawn, also on a busy machine
SOON = 30_000  # ms, for whatever a test waits for then
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and the address of the JupyterLab that serves it, with settings of its own."""
    folder = tmp_path_factory.mktemp("lab")
    settings = tmp_path_factory.mktemp("home")
    (settings / "labconfig").mkdir()
    (settings / "labconfig" / "page_config.json").write_text(json.dumps(NO_NEWS))
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ip={HOST}", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", "--allow-root"]
    command += [f"--ServerApp.root_dir={folder}", "--expose-app-in-browser"]
    env = os.environ | {"HOME": str(settings), "JUPYTER_CONFIG_DIR": str(settings)}
    with (settings / "log.txt").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            _wait_for(f"http://{HOST}:{port}/api", server, settings / "log.txt")
            yield folder, f"http://{HOST}:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str, server: subprocess.Popen, log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def complaints() -> list[str]:
    """Findings, console errors and requests to other machines that no test has reported yet."""
    return []


@pytest.fixture(autouse=True)
def no_complaints(complaints: list[str]) -> Iterator[None]:
    yield
    heard = "\n".join(complaints)
    complaints.clear()
    assert not heard, heard


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    found = CHROMIUM is not None and find_spec("playwright") is not None
    require("browser", found, "install Chromium and the Python package playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def new_page(browser: Any, complaints: list[str]) -> Iterator[Callable]:
    """Opens an empty page of 1920x1080, a projector's, that reports what goes wrong.

    A module's pages are closed behind it: they would go on drawing, and slow down what follows.
    """
    opened = []

    def new_page():
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        opened.append(page)
        page.set_default_timeout(SOON)
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _note_outside(request.url, complaints))
        return page

    yield new_page
    for page in opened:
        page.close()


def _note_outside(url: str, complaints: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.hostname != HOST:
        complaints.append(f"request to {url}")


@pytest.fixture(scope="module")
def explorer_page(lab: tuple[Path, str], new_page: Callable, complaints: list[str]) -> Callable:
    """explorer_page(code) -> page: the code has run, and the explorer that it ends in is drawn."""
    from tests.browser.family import audit  # needs what `new_page` asked for

    folder, address = lab

    def explorer_page(code: str):
        name = f"explorer{len(list(folder.glob('*.ipynb')))}.ipynb"
        (folder / name).write_text(json.dumps(notebook(code)))
        page = new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(f"{KERNEL}?.connectionStatus === 'connected'")
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_selector(".ll-stage canvas")
        page.wait_for_function(f"{KERNEL}.status === 'idle'")
        page.evaluate(SETTLED)
        complaints.extend(audit(page))
        page.set_default_timeout(SOON)
        return page

    return explorer_page
