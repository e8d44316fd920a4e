"""One file from the network: bounded waiting, checked by its hash, whole or not at all."""

import errno
import os
import queue
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pooch
import requests

OFFLINE = "mnist5k, digits, wikipedia, wordsim353, simlex999 and synthetic speech"
PATIENCE = 4.0  # seconds that one process waits, in total, for hosts that do not answer

_why_not: dict[str, str] = {}  # host -> why it cannot be reached; "" where it can
_waited = 0.0

pooch.get_logger().setLevel("WARNING")  # the loaders' one line is enough


class Unavailable(RuntimeError):
    """The data cannot be had now: `why` in a few words; the message adds the remedy."""

    def __init__(self, what: str, why: str) -> None:
        self.why = why
        super().__init__(
            f"{what} cannot be had now: {why}. Connect to the network and restart Python, or set "
            f"LECTURELIB_MIRROR to a folder that holds it. Without network: {OFFLINE}."
        )


def cache_folder() -> Path:
    """LECTURELIB_CACHE, else the system's cache folder. It may be read-only."""
    return Path(os.environ.get("LECTURELIB_CACHE") or pooch.os_cache("lecturelib"))


def mirror_folder() -> Path | None:
    """LECTURELIB_MIRROR: a folder looked into before the network, files named as in their card."""
    folder = os.environ.get("LECTURELIB_MIRROR")
    if folder and not Path(folder).is_dir():
        raise ValueError(f"LECTURELIB_MIRROR={folder} is not a folder: correct it or unset it")
    return Path(folder) if folder else None


def forbidden() -> str:
    """Why the network may not be used at all, or ""."""
    return "LECTURELIB_OFFLINE=1" if os.environ.get("LECTURELIB_OFFLINE") == "1" else ""


def reach(url: str) -> str:
    """Why the host of `url` cannot be reached, or "" if it can; remembered for the process.

    Name look-up can hang for minutes, so the question is asked in a thread of its own. All hosts
    together are waited for at most PATIENCE seconds. Proxies are honoured.
    """
    if forbidden():
        return forbidden()
    host = urlsplit(url).netloc
    if host not in _why_not:
        _why_not[host] = _knock(url)
    return _why_not[host]


def _knock(url: str) -> str:
    global _waited
    answer: queue.Queue[str] = queue.Queue()

    def ask() -> None:
        try:
            requests.head(url, timeout=PATIENCE)  # any answer shows that the host is there
            answer.put("")
        except OSError:  # what requests raises is one of them
            answer.put("no network")

    threading.Thread(target=ask, daemon=True).start()
    start = time.monotonic()
    try:
        why = answer.get(timeout=max(PATIENCE - _waited, 0.01))
    except queue.Empty:
        why = "no network"
    if why:
        _waited += time.monotonic() - start
    return why


def check(path: Path, known: str) -> None:
    """Raise ValueError unless the file's hash is `known` ("sha256:..." or "md5:...")."""
    kind, _, want = known.partition(":")
    got = pooch.file_hash(str(path), alg=kind)
    if got != want:
        raise ValueError(
            f"{path} has {kind} {got}, its card says {want}: delete the file and run again"
        )


def download(url: str, path: Path, known: str, size: int) -> None:
    """`url` -> `path`, under a temporary name until the hash `known` is right.

    Raises Unavailable without network or when the download breaks off, ValueError on a wrong hash,
    OSError on a full disk (`size` bytes are needed), PermissionError on a read-only folder.
    Two processes may fetch the same file at once: each has its own temporary file, the last wins.
    """
    if why := reach(url):
        raise Unavailable(path.name, why)
    downloader: Any = pooch.HTTPDownloader(
        chunk_size=1 << 16, timeout=(PATIENCE, 10), progressbar=size > 10_000_000
    )
    with plain_errors(path, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free < size:
            raise OSError(errno.ENOSPC, "full")
        try:
            pooch.retrieve(url, known or None, path.name, path.parent, downloader=downloader)
        except requests.RequestException as error:
            raise Unavailable(path.name, f"the download from {url} broke off ({error})") from error
        except ValueError as error:
            raise ValueError(
                f"{url} does not have the hash of its card, {known}: nothing was kept; run again, "
                "and if it persists the file has changed upstream"
            ) from error


def put(new: Path, place: Path) -> None:
    """Move a finished folder to its place, unless another process was quicker."""
    try:
        new.rename(place)
    except OSError:
        if not place.is_dir():
            raise


@contextmanager
def plain_errors(path: Path, size: int) -> Iterator[None]:
    """A full disk and a read-only folder, said with the folder, the bytes and the remedy."""
    try:
        yield
    except OSError as error:
        remedy = "set LECTURELIB_CACHE to another folder"
        if error.errno == errno.ENOSPC:
            text = f"no room for {path.name} in {path.parent}: {size:,} bytes needed; {remedy}"
            raise OSError(errno.ENOSPC, text) from error
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            text = f"{path.parent} is read-only, so {path.name} cannot be kept there; {remedy}"
            raise PermissionError(errno.EACCES, text) from error
        raise
