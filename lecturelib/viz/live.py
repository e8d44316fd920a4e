"""A loss curve that moves while a model trains; in CI it is drawn once, at the end."""

import time
from collections.abc import Sequence

from IPython.display import display
from matplotlib.figure import Figure

from lecturelib.viz.figures import curves


class LiveCurve:
    """Give it to a Trainer as `on_step`; it redraws at most once a second.

    steps  the plan's length: the last one is always drawn
    names  which numbers of a row to draw
    quiet  draw only the last one
    """

    def __init__(self, steps: int, names: Sequence[str] = ("loss",), *, quiet: bool = False):
        self.steps, self.names, self.quiet = steps, names, quiet
        self.rows: list[dict] = []
        self.drawn_at = 0.0
        self.handle = display(Figure((4, 2)), display_id=True) if not quiet else None

    def __call__(self, row: dict) -> None:
        self.rows.append(row)
        last = row["step"] + 1 == self.steps
        if last or (not self.quiet and time.monotonic() - self.drawn_at > 1):
            self.drawn_at = time.monotonic()
            picture = curves(self.rows, self.names)
            if self.handle:
                self.handle.update(picture)
            else:
                display(picture)
