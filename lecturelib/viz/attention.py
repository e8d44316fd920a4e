"""Lecture figures of notebook 04: who looks where, what it costs, how gradients fare."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lecturelib.viz.figures import LINES, WRONG, figure


def attention_matrix(
    weights: ArrayLike, asking: Sequence[str], asked: Sequence[str], title: str = ""
) -> Figure:
    """One head's attention [query, key]: a row sums to 1 and says where its word looks."""
    values = np.asarray(weights)
    fig = figure(1.6 + 0.75 * len(asked), 1.3 + 0.5 * len(asking))
    axis = fig.add_subplot()
    heat(axis, values, asking, asked)
    for (i, j), value in np.ndenumerate(values):
        ink = "white" if value > 0.55 else "black"
        axis.text(j, i, f"{value:.2f}", ha="center", va="center", color=ink)
    axis.set(xlabel="looks at", ylabel="the word", title=title)
    return fig


def alignment(pictures: dict[str, tuple[str, str, ArrayLike]]) -> Figure:
    """Which letters were read for which digit: title -> (read, written, weights [digit, letter]).

    A cross marks the letter that each digit looks at most; the line joins them in writing order.
    """
    fig = figure(10, 2.4 * len(pictures))
    for index, (title, (read, written, weights)) in enumerate(pictures.items()):
        values = np.asarray(weights)
        axis = fig.add_subplot(len(pictures), 1, index + 1)
        heat(axis, values, written, list(read))
        most = values.argmax(1)
        axis.plot(most, range(len(most)), "x-", color=WRONG, markersize=11, markeredgewidth=3)
        axis.set(ylabel="written", title=title)
        axis.tick_params(labelsize=13)
        axis.set_xticks(range(len(read)), list(read), rotation=0)
    return fig


def against(
    x: Sequence[float | int],
    series: dict[str, Sequence[float | int]],
    labels: tuple[str, str],
    log: str = "",
) -> Figure:
    """One quantity against another, a line a name. labels: (x, y); log: "x", "y" or "xy"."""
    fig = figure(7, 3.4)
    axis = fig.add_subplot()
    for (name, values), colour in zip(series.items(), LINES, strict=False):
        axis.plot(x, values, "o-", label=name, color=colour, linewidth=2.5)
    axis.set(xlabel=labels[0], ylabel=labels[1])
    if "x" in log:
        axis.set_xscale("log", base=2)
        axis.set_xticks(x, [f"{value:g}" for value in x])
    if "y" in log:
        axis.set_yscale("log")
    axis.grid(alpha=0.3)
    axis.legend(frameon=False)
    return fig


def positions(table: ArrayLike) -> Figure:
    """Sinusoids [time, dim]: one row a position, fast clock hands left, slow ones right."""
    fig = figure(8, 3.2)
    axis = fig.add_subplot()
    picture = axis.imshow(np.asarray(table), cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    axis.set(xlabel="channel", ylabel="position")
    fig.colorbar(picture, label="added to the word")
    return fig


def heat(axis: Axes, values: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Weights from 0 (white) to 1 (dark), words on both axes."""
    axis.imshow(values, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axis.set_xticks(range(len(columns)), columns, rotation=45 if len(columns) < 12 else 0)
    axis.set_yticks(range(len(rows)), rows)
