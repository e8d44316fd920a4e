"""What `pretrain` tells while it trains, and the curves that it leaves."""

import csv
import io
import time
from pathlib import Path

from tqdm import tqdm

from lecturelib.objectives.skipgram import Settings
from lecturelib.training import checkpoint
from lecturelib.training.loop import History, Plan, Row
from lecturelib.viz.figures import curves


class Told:
    """Called with each row: prints what was measured at once, and the loss every so often.

    every  seconds between two lines for a log, with the time left; 0: a bar shows that already
    """

    def __init__(self, plan: Plan | Settings, *, every: float | int):
        self.steps = plan.steps if isinstance(plan, Plan) else None
        self.every, self.began, self.first = every, time.monotonic(), None
        self.last = self.began

    def __call__(self, row: Row) -> None:
        now, step = time.monotonic(), int(row["step"])
        self.first = step if self.first is None else self.first
        found = measured(row)
        if not found and not (self.every and now - self.last >= self.every):
            return
        self.last = now
        numbers = {"loss": float(row["loss"])} | found
        line = ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())
        tqdm.write(f"step {step + 1:,}{self.rest(step, now)}: {line}")

    def rest(self, step: int, now: float) -> str:
        """ " of 3,000, 12 min left": at the pace so far."""
        if self.steps is None or self.first is None:
            return ""
        left = (now - self.began) / (step - self.first + 1) * (self.steps - step - 1)
        return f" of {self.steps:,}, {left / 60:.0f} min left"


def measured(row: Row) -> dict[str, float]:
    """The numbers of validation: those that follow the seconds; the use of single codes is not
    told."""
    names = list(row)
    after = names[names.index("seconds") + 1 :] if "seconds" in names else []
    return {name: float(row[name]) for name in after if not name.startswith("use ")}


def write_curves(folder: Path, history: History) -> None:
    """curves.csv and curves.png; the use of single codes ("use 0 17") is in the table only."""
    names = list(dict.fromkeys(name for row in history.rows for name in row))
    table, picture = io.StringIO(newline=""), io.BytesIO()
    writer = csv.DictWriter(table, names)
    writer.writeheader()
    writer.writerows(history.rows)
    drawn = [n for n in names if n not in ("step", "seconds") and not n.startswith("use ")]
    curves(history.rows, drawn).savefig(picture, dpi=120)
    checkpoint.put_whole(folder / "curves.csv", table.getvalue().encode())
    checkpoint.put_whole(folder / "curves.png", picture.getvalue())
