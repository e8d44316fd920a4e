"""A run that is killed at random moments, and goes on each time."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from lecturelib.paths import ROOT


def started(folder: Path) -> subprocess.Popen:
    line = [sys.executable, "-m", "tests.commands.toy", "clouds", "--out", str(folder)]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def killed(folder: Path, luck: random.Random) -> int:
    """Start, wait for some steps and some milliseconds, SIGKILL; how many steps were seen."""
    process = started(folder)
    assert process.stdout is not None
    steps = luck.randrange(1, 5)
    for _ in range(steps):
        assert process.stdout.readline() == b"step\n"
    time.sleep(luck.random() / 50)  # a step with its save takes some milliseconds
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return steps


def run_to_the_end(folder: Path) -> None:
    process = started(folder)
    process.communicate()
    assert process.returncode == 0
