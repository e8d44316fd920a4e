"""Stop early, and say why: what a collapse looks like in the curves."""

from collections.abc import Callable, Sequence

from lecturelib.training.loop import Row

Watch = Callable[[Sequence[Row]], str]
"""The rows so far -> why it is over; "" where training should go on."""


def dead(name: str, at_most: float, meaning: str, *, patience: int = 200) -> Watch:
    """Over once the last `patience` values of a curve are all at most so much.

    A healthy run may dip: data2vec's guesses begin by becoming almost one vector, for some dozens
    of steps. `meaning` says what it means.
    """

    def watch(rows: Sequence[Row]) -> str:
        if name not in rows[-1]:
            return ""
        last: list[float] = []
        for row in reversed(rows):
            if name in row:
                last.append(float(row[name]))
            if len(last) == patience or (last and not last[-1] <= at_most):
                break
        if len(last) < patience or max(last) > at_most:
            return ""
        return f"{meaning}: {name} is at most {at_most:g} for {patience} measurements on end"

    return watch
