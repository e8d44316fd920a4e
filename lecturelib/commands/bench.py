"""bench [ROW ...]: our speed and memory beside the peer's, alternating in one process.

Ratios, not seconds: one thread, process CPU time, the median of paired ratios peer / ours.
"""

import argparse
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import torch

from lecturelib.paths import require_clone

CLEAR = Path("/proc/self/clear_refs")

sys.path.insert(0, str(require_clone()))
rows = importlib.import_module("benchmarks")


def main(argv: list[str]) -> int:
    """Exit status 0; 1 where a ratio is below its goal; 2 bad usage."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ROW", help=f"from {', '.join(rows.ROWS)}")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--memory", choices=("ours", "peer"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if unknown := set(args.names) - set(rows.ROWS):
        parser.error(f"no row {', '.join(unknown)}: choose from {', '.join(rows.ROWS)}")
    torch.set_num_threads(1)
    if args.memory:
        print(peak_growth(args.names[0], args.memory))
        return 0
    found = [measure(name, args.pairs) for name in args.names or rows.ROWS]
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf8")
    return 1 if any(row["ratio"] is not None and row["ratio"] < row["goal"] for row in found) else 0


def measure(name: str, pairs: int) -> dict:
    """One row: {name, ours_ms, peer, peer_ms, ratio, goal, ours_mib, peer_mib, peak_fraction}."""
    case = rows.ROWS[name]()
    row = {"name": name, "peer": case.peer_name, "goal": case.goal, "why": case.why}
    both = [timed(case.ours, case.peer) for _ in range(pairs + 1)][1:]  # the first warms up
    ours = median(mine for mine, _ in both)
    row |= {
        "ours_ms": 1e3 * ours,
        "ours_mib": memory(name, "ours"),
        "peak_fraction": case.flops / ours / peak() if case.flops else None,
    }
    row |= {"peer_ms": None, "ratio": None, "peer_mib": None}
    if case.peer:
        row |= {
            "peer_ms": 1e3 * median(theirs for _, theirs in both),
            "ratio": median(theirs / mine for mine, theirs in both),
            "peer_mib": memory(name, "peer"),
        }
    print(
        "  ".join(
            f"{key} {value:.3g}" if isinstance(value, float) else f"{key} {value}"
            for key, value in row.items()
            if value is not None
        )
    )
    return row


def timed(ours: Callable[[], object], peer: Callable[[], None] | None) -> tuple[float, float]:
    """CPU seconds of one run of each."""
    began = process_time()
    ours()
    between = process_time()
    if peer:
        peer()
    return between - began, process_time() - between


def memory(name: str, side: str) -> float:
    """MiB by which the peak grew, in a fresh process."""
    command = [sys.executable, "-m", "lecturelib", "bench", name, "--memory", side]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def peak_growth(name: str, side: str) -> float:
    """This process: peak memory of three runs above what it held before, MiB; Linux only."""
    case = rows.ROWS[name]()
    if not CLEAR.exists():
        return float("nan")
    CLEAR.write_text("5")  # forget the peak of importing and building
    before = resident("VmRSS")
    for _ in range(3):
        (case.ours if side == "ours" else case.peer)()
    return (resident("VmHWM") - before) / 1024


def resident(field: str) -> int:
    """A kB figure of this process: VmRSS now, VmHWM at the peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def peak() -> float:
    """Operations per second of a large float32 matrix product on one thread."""
    matrix = torch.randn(1024, 1024)
    times = []
    for _ in range(5):
        began = process_time()
        torch.mm(matrix, matrix)
        times.append(process_time() - began)
    return 2 * 1024**3 / min(times)
