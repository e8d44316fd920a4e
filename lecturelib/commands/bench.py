"""bench [ROW ...]: our speed and memory beside the peer's, alternating in one process.

Ratios, not seconds: one thread, process CPU time, the median of paired ratios peer / ours.
"""

import argparse
import ctypes
import gc
import importlib
import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import linear_regression, median
from time import process_time
from typing import Any

import torch

from lecturelib.paths import require_clone

CLEAR = Path("/proc/self/clear_refs")
HEADER = (
    f"{'row':<33}{'ours ms':>9}{'peer ms':>9}{'ratio':>9}{'goal':>9}{'MiB':>11}{'peak':>6}  peer"
)

sys.path.insert(0, str(require_clone()))
rows: Any = importlib.import_module("benchmarks")
RESULTS = Path(rows.__file__).with_name("results.json")
PICTURE = RESULTS.with_suffix(".png")


def main(argv: list[str]) -> int:
    """Exit status 0; 1 where a ratio is below its goal; 2 bad usage."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ROW", help=f"from {', '.join(rows.ROWS)}")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument(
        "--commit", action="store_true", help=f"renew {RESULTS.name} and its picture in benchmarks/"
    )
    parser.add_argument("--memory", choices=("ours", "peer"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if unknown := set(args.names) - set(rows.ROWS):
        parser.error(f"no row {', '.join(unknown)}: choose from {', '.join(rows.ROWS)}")
    if args.commit and args.names:
        parser.error("--commit is for the whole table: name no rows")
    torch.set_num_threads(1)
    if args.memory:
        print(peak_growth(args.names[0], args.memory))
        return 0
    print(HEADER)
    found = [measure(name, args.pairs) for name in args.names or rows.ROWS]
    text = json.dumps(found, indent=1) + "\n"
    if args.json:
        args.json.write_text(text, encoding="utf8")
    if args.commit:
        RESULTS.write_text(text, encoding="utf8")
        importlib.import_module("benchmarks.plot").picture(found).savefig(PICTURE, dpi=100)
    return 1 if any(row["ratio"] is not None and row["ratio"] < row["goal"] for row in found) else 0


def measure(name: str, pairs: int) -> dict:
    """One row: {name, ours_ms, peer, peer_ms, ratio, goal, ours_mib, peer_mib, peak_fraction}.

    A row that grows also has `growth`: its sizes, times of both sides, and their exponents.
    """
    case = rows.ROWS[name]()
    row = {"name": name, "peer": case.peer_name, "goal": case.goal, "why": case.why}
    row |= compared(case, pairs)
    row |= {"ours_mib": memory(name, "ours"), "peer_mib": None}
    if case.peer:
        row["peer_mib"] = memory(name, "peer")
    ours = row["ours_ms"] / 1e3
    row["peak_fraction"] = case.flops / ours / peak() if case.flops else None
    if name in rows.GROWTH:
        row["growth"] = growth(rows.GROWTH[name], row, pairs)
    print(line(row), flush=True)
    return row


def compared(case: Any, pairs: int) -> dict[str, float | None]:
    """Median milliseconds of both sides, and the median of the paired ratios."""
    both = [timed(case.ours, case.peer) for _ in range(pairs + 1)][1:]  # the first warms up
    found = {"ours_ms": 1e3 * median(mine for mine, _ in both), "peer_ms": None, "ratio": None}
    if case.peer:
        found["peer_ms"] = 1e3 * median(theirs for _, theirs in both)
        found["ratio"] = median(theirs / mine for mine, theirs in both)
    return found


def growth(series: Any, largest: dict, pairs: int) -> dict:
    """The same at the smaller sizes; exponent k: where the size doubles, the time is 2^k."""
    smaller = [compared(series.at(size), pairs) for size in series.sizes[:-1]]
    times = {side: [row[side] for row in [*smaller, largest]] for side in ("ours_ms", "peer_ms")}
    powers = {side.replace("ms", "power"): power(series.sizes, times[side]) for side in times}
    return {"axis": series.axis, "sizes": list(series.sizes)} | times | powers


def power(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The k of time = c size^k that lies nearest to the measured times (least squares of logs)."""
    return linear_regression(list(map(math.log, sizes)), list(map(math.log, times))).slope


def line(row: dict) -> str:
    """One line of the table; a dash where nothing was measured."""
    numbers = [row[name] for name in ("ours_ms", "peer_ms", "ratio", "goal")]
    shown = "".join(f"{'-':>9}" if x is None else f"{x:>9.4g}" for x in numbers)
    mib = "/".join("-" if x is None else f"{x:.0f}" for x in (row["ours_mib"], row["peer_mib"]))
    peak = "-" if row["peak_fraction"] is None else f"{row['peak_fraction']:.0%}"
    text = f"{row['name']:<33}{shown}{mib:>11}{peak:>6}  {row['why'] or row['peer']}"
    if grown := row.get("growth"):
        text += f"; {grown['axis']} {grown['sizes'][0]} to {grown['sizes'][-1]}: "
        text += f"power {grown['ours_power']:.2f}, peer {grown['peer_power']:.2f}"
    return text


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
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what building has freed is no room for free
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
