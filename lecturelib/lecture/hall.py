"""What a lecture needs on the disk: copies of the notebooks, and JupyterLab's own settings.

Everything lies in build/lecture and is written anew by each start; neither the notebooks nor the
lecturer's own JupyterLab settings are touched.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lecturelib.lecture.room import AT_ONCE
from lecturelib.lecture.route import Stop
from lecturelib.paths import BUILD, NOTEBOOKS, ROOT

FOLDER = BUILD / "lecture"
FRONT = Path(__file__).parent / "front"  # the extension of JupyterLab that draws the bar
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
# The bar stands where JupyterLab has its own line of text; cells out of sight keep their height.
CHOICES = {
    "@jupyterlab/statusbar-extension/plugin": {"visible": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}


def set_up(stops: dict[Stop, str], live: bool, folder: Path = FOLDER) -> dict[str, str]:
    """Write all of it; gives the environment variables that JupyterLab is started with."""
    settings = folder / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    for name in {stop.notebook: None for stop in stops}:
        taught = {at for stop, at in stops.items() if stop.notebook == name}
        original = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        nbformat.write(folded(original, taught, live), folder / f"{name}.ipynb")
    write(settings / "jupyter_server_config.json", server_settings(stops, live, folder))
    write(settings / "labconfig" / "page_config.json", NO_NEWS)
    for name, choice in CHOICES.items():
        write(settings / "lab" / "user-settings" / f"{name}.jupyterlab-settings", choice)
    threads = max(1, (os.cpu_count() or 1) // AT_ONCE)  # more would wait for one another
    return {"JUPYTER_CONFIG_DIR": str(settings), "OMP_NUM_THREADS": str(threads)}


def folded(notebook: NotebookNode, taught: set[str], live: bool) -> NotebookNode:
    """The same notebook with the code hidden that is not taught, and with all outputs; live,
    without those of the cells that the lecturer will run.
    """
    for cell in [cell for cell in notebook.cells if cell.cell_type == "code"]:
        if cell.id not in taught:
            cell.metadata["jupyter"] = {"source_hidden": True}
        elif live:
            cell.update(outputs=[], execution_count=None)
    return notebook


def server_settings(stops: dict[Stop, str], live: bool, folder: Path) -> dict:
    """The server's settings; `Lecture` is what lecturelib.lecture.server reads.

    A dead kernel is not started again on its own: it would come back empty, behind a dialog box.
    """
    plan = [asdict(stop) | {"path": place(stop, folder), "at": at} for stop, at in stops.items()]
    return {
        "ServerApp": {
            "root_dir": str(ROOT if folder.is_relative_to(ROOT) else folder.parent),
            "jpserver_extensions": {"lecturelib.lecture.server": True},
        },
        "LabApp": {
            "default_url": "/doc",  # the bar opens the first notebook, once its kernel is there
            "extra_labextensions_path": [str(FRONT)],
        },
        "KernelManager": {"autorestart": False},
        "NotebookNotary": {"data_dir": str(folder / "settings")},
        "Lecture": {"live": live, "stops": plan},
    }


def place(stop: Stop, folder: Path) -> str:
    """The path of a stop's copy as JupyterLab names it."""
    root = ROOT if folder.is_relative_to(ROOT) else folder.parent
    return (folder / f"{stop.notebook}.ipynb").relative_to(root).as_posix()


def write(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf8")
