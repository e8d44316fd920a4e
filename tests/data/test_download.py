"""Downloads that go wrong leave nothing behind; silent hosts are not waited for."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from lecturelib.data import download
from lecturelib.data.download import Unavailable
from tests.data.server import serve

BODY = bytes(range(256)) * 4_000
SHA = "sha256:" + hashlib.sha256(BODY).hexdigest()
Usage = namedtuple("Usage", "total used free")


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_whole_and_under_its_name(cache: Path) -> None:
    with serve(BODY) as (url, _):
        download.download(url, cache / "file", SHA, len(BODY))
    assert (cache / "file").read_bytes() == BODY
    assert names(cache) == ["file"]


def test_a_cut_off_download_leaves_nothing_and_can_be_run_again(cache: Path) -> None:
    with (
        serve(BODY[:5_000], claimed=len(BODY)) as (url, _),
        pytest.raises(Unavailable, match="broke off"),
    ):
        download.download(url, cache / "file", SHA, len(BODY))
    assert names(cache) == []
    with serve(BODY) as (url, _):
        download.download(url, cache / "file", SHA, len(BODY))
    assert names(cache) == ["file"]


def test_a_wrong_hash_leaves_nothing(cache: Path) -> None:
    with (
        serve(BODY + b"!") as (url, _),
        pytest.raises(ValueError, match=f"{SHA}: nothing was kept"),
    ):
        download.download(url, cache / "file", SHA, len(BODY))
    assert names(cache) == []


def test_a_full_disk_before_the_download(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9, 9, len(BODY) - 1))
    with (
        serve(BODY) as (url, seen),
        pytest.raises(OSError, match=r"1,024,000 bytes.*LECTURELIB_CACHE") as error,
    ):
        download.download(url, cache / "file", SHA, len(BODY))
    assert error.value.errno == errno.ENOSPC
    assert str(cache) in str(error.value)
    assert (seen, names(cache)) == ([], [])


def test_a_disk_that_fills_up_during_the_download(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(self: requests.Response, chunk_size: int) -> Iterator[bytes]:
        yield BODY[:5_000]
        self.close()  # pooch leaves that to the garbage collector
        raise OSError(errno.ENOSPC, "No space left on device")

    with serve(BODY) as (url, _):
        assert download.reach(url) == ""
        monkeypatch.setattr(requests.Response, "iter_content", fill)
        with pytest.raises(OSError, match=r"no room for file in") as error:
            download.download(url, cache / "file", SHA, len(BODY))
    assert error.value.errno == errno.ENOSPC
    assert names(cache) == []


@pytest.fixture
def powerless() -> Iterator[None]:
    """Root may write everywhere, so a test of a read-only folder first gives that up."""
    if not hasattr(os, "geteuid"):
        pytest.skip("Windows has no read-only folders of this kind")
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    yield
    os.seteuid(before)


@pytest.fixture
def read_only() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.usefixtures("cache", "powerless")
@pytest.mark.parametrize("inside", [".", "new"])
def test_a_read_only_cache_is_named(read_only: Path, inside: str) -> None:
    with (
        serve(BODY) as (url, _),
        pytest.raises(PermissionError, match=r"read-only.*LECTURELIB_CACHE"),
    ):
        download.download(url, read_only / inside / "file", SHA, len(BODY))
    assert names(read_only) == []


def test_two_processes_at_once(cache: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from lecturelib.data.download import download;"
        f"download(sys.argv[1], Path(sys.argv[2]), '{SHA}', {len(BODY)})"
    )
    with serve(BODY, together=2) as (url, seen):
        line = [sys.executable, "-c", program, url, str(cache / "file")]
        children = [subprocess.Popen(line) for _ in range(2)]
        assert [child.wait(timeout=60) for child in children] == [0, 0]
        assert len(seen) == 2
    assert (cache / "file").read_bytes() == BODY
    assert names(cache) == ["file"]


@pytest.mark.usefixtures("cache")
def test_hosts_that_never_answer_are_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert download.PATIENCE < 5
    monkeypatch.setattr(download, "PATIENCE", 1.0)
    start = time.monotonic()
    with serve(BODY, wait=30) as (one, _), serve(BODY, wait=30) as (two, _):
        assert download.reach(one) == "no network"
        assert download.reach(two) == "no network"
        assert download.reach(one) == "no network"
        took = time.monotonic() - start
    assert 1 <= took < 2


@pytest.mark.usefixtures("cache")
def test_a_host_that_refuses_is_known_at_once_and_others_are_still_asked() -> None:
    with serve(BODY) as (url, _):
        pass
    start = time.monotonic()
    assert download.reach(url) == "no network"
    assert time.monotonic() - start < 2
    with serve(BODY) as (url, _):
        assert download.reach(url) == ""
