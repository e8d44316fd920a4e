"""Starts the process in which submitted code runs, and stops it at a limit of time or memory."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from safetensors import SafetensorError, safe_open
from torch import Tensor

from lecturelib.exercises import Failed
from lecturelib.paths import ROOT

START = "import sys; from lecturelib.grading.worker import main; main(int(sys.argv[1]))"
START_SECONDS = 300  # for importing torch on a busy machine; no submitted code runs meanwhile
LOOK = 0.02  # seconds between two looks for an answer
WEIGH = 10  # looks between two looks at the memory: 0.2 s
UNREADABLE = "gave no answer that can be read"
MAX_BYTES = 64 * 2**20  # of one answer
QUIET = {  # one thread, no downloads, no windows
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LECTURELIB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
}


@dataclass(frozen=True)
class Limits:
    """For one exercise: seconds by the clock, and MB beyond what the libraries take."""

    seconds: int = 20
    megabytes: int = 1000


class Worker:
    """One process, with a copy of the library of its own; started anew after it was stopped."""

    def __init__(self, folder: Path, limits: Limits):
        self.folder, self.limits = folder, limits
        self.process: subprocess.Popen | None = None
        self.asked, self.base = 0, 0

    def ask(self, request: dict, count: int) -> list[object]:
        """What the function gives in each of `count` cases: a tensor, or how it failed."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.asked += 1
        place = self.folder / f"ask-{self.asked}"
        place.mkdir()
        (place / "ask.json").write_text(json.dumps(request), encoding="utf8")
        assert self.process
        assert self.process.stdin
        with contextlib.suppress(OSError):  # it has just died: seen below
            self.process.stdin.write(f"{place}\n")
            self.process.stdin.flush()
        answer = place / "answer.safetensors"
        stopped = self.wait(answer, self.limits.seconds)
        return [stopped] * count if stopped else answered(answer, count)

    def start(self) -> None:
        """A clean copy of the library, then the process; ready when torch is loaded."""
        self.stop()
        home = self.folder / "library"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(ROOT / "lecturelib", home / "lecturelib")
        with contextlib.suppress(OSError):  # Windows may not link: shipped checkpoints are missing
            (home / "data").symlink_to(ROOT / "data", target_is_directory=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(self.limits.megabytes)],
            cwd=home,
            env=os.environ | QUIET | {"PYTHONPATH": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.base = sys.maxsize
        if trouble := self.wait(home / "ready", START_SECONDS):
            raise RuntimeError(f"the grader's own process does not start: {trouble.message}")
        self.base = self.size()

    def wait(self, path: Path, seconds: int) -> Failed | None:
        """Until the file is there; else why it will not come. The process is then stopped."""
        end, looks = time.monotonic() + seconds, 0
        while not path.exists():
            looks += 1
            assert self.process
            status = self.process.poll()
            if status is not None:
                return Failed("crashed", f"stopped Python, exit status {status}")
            if time.monotonic() > end:
                self.stop()
                return Failed("too slow", f"ran longer than {seconds} s")
            if looks % WEIGH == 0 and self.size() > self.base + self.limits.megabytes * 2**20:
                self.stop()
                return Failed("too much memory", f"took over {self.limits.megabytes} MB")
            time.sleep(LOOK)
        return None

    def size(self) -> int:
        """Bytes in memory, of the process and its children."""
        found = 0
        for one in self.family():
            with contextlib.suppress(psutil.Error):
                found += one.memory_info().rss
        return found

    def family(self) -> list[psutil.Process]:
        """The process and its children."""
        assert self.process
        try:
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        except psutil.Error:
            return []

    def stop(self) -> None:
        """End the process and its children."""
        if self.process is None:
            return
        for one in self.family():
            with contextlib.suppress(psutil.Error):
                one.kill()
        self.process.wait()
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        self.process = None


def answered(path: Path, count: int) -> list[object]:
    """What came back, a case each. Tensors are read as numbers: nothing in the file can run."""
    if path.stat().st_size > MAX_BYTES:
        return [Failed("too much memory", f"an answer of over {MAX_BYTES // 2**20} MB")] * count
    try:
        with safe_open(path, framework="pt") as file:
            said = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError):
        return [Failed("crashed", UNREADABLE)] * count
    return [one_case(said, tensors, str(number)) for number in range(count)]


def one_case(said: dict[str, str], tensors: dict[str, Tensor], case: str) -> object:
    """The tensor of a case, with its gradient's flag, or how it failed."""
    kind, message = said.get(f"{case} kind", ""), said.get(f"{case} message", "")
    if kind == "tensor" and case in tensors:
        real = tensors[case].is_floating_point() or tensors[case].is_complex()
        return tensors[case].requires_grad_(message == "gradient" and real)
    if kind == "no tensor":
        nothing = message == "NoneType"
        return None if nothing else Failed("wrong", f"gives {message}; expected a tensor")
    known = kind in ("not written", "error", "copied", "too much memory")
    return Failed(kind, message) if known else Failed("crashed", UNREADABLE)
