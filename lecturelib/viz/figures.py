"""Each lecture figure is a function: tensors in, Figure out."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

RIGHT, WRONG, QUIET = "#0072B2", "#D55E00", "#999999"  # Okabe and Ito: safe for the colour-blind
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def figure(width: float | int = 8, height: float | int = 3.5) -> Figure:
    """An empty figure of this many inches, letters large enough for a hall."""
    return Figure(figsize=(width, height), layout="constrained")


def curves(rows: Sequence[dict[str, float | int]], names: Sequence[str] = ()) -> Figure:
    """Training curves, one panel a quantity; `rows` is History.rows."""
    keys = dict.fromkeys(name for row in rows for name in row)
    chosen = names or [name for name in keys if name not in ("step", "seconds")]
    fig = figure(4.2 * min(3, len(chosen)), 2.9 * ceil(len(chosen) / 3))
    for index, name in enumerate(chosen):
        axis = fig.add_subplot(ceil(len(chosen) / 3), min(3, len(chosen)), index + 1)
        points = [(row["step"], row[name]) for row in rows if name in row]
        axis.plot(*zip(*points, strict=True), color=LINES[index % len(LINES)])
        axis.set(xlabel="step", title=name.replace("_", " "))
    return fig


def gallery(pictures: Tensor, titles: Sequence[str] = (), wrong: Sequence[bool] = ()) -> Figure:
    """Pictures [n, 1 or 3, height, width] in a row; wrong ones have a red frame and a cross."""
    count = len(pictures)
    columns = min(10, max(1, count))
    fig = figure(0.95 * columns, 1.25 * max(1, ceil(count / columns)))
    for index, picture in enumerate(pictures):
        axis = fig.add_subplot(ceil(count / columns), columns, index + 1)
        axis.imshow(picture.movedim(0, -1).squeeze(-1).numpy(), cmap="gray_r")
        bad = bool(wrong[index]) if len(wrong) else False
        axis.set(xticks=[], yticks=[])
        if len(titles):
            axis.set_title(
                ("x " if bad else "") + titles[index], fontsize=11, color=WRONG if bad else "black"
            )
        for side in axis.spines.values():
            side.set(color=WRONG if bad else "#cccccc", linewidth=3 if bad else 1)
    return fig


def label_curve(per_class: Sequence[int], accuracy: dict[str, np.ndarray]) -> Figure:
    """Labels a class against test accuracy; bands are one standard deviation over seeds.

    accuracy  name -> [labels, seeds] in percent
    """
    fig = figure(8, 4.2)
    axis = fig.add_subplot()
    for (name, values), colour in zip(accuracy.items(), LINES, strict=False):
        mean, spread = values.mean(1), values.std(1)
        axis.plot(per_class, mean, "o-", label=name, color=colour, linewidth=2.5)
        axis.fill_between(per_class, mean - spread, mean + spread, color=colour, alpha=0.15)
    axis.set(xscale="log", xlabel="labels per class", ylabel="test accuracy, %")
    axis.set_xticks(list(per_class), [str(n) for n in per_class])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend(frameon=False)
    return fig


def phase_diagram(
    gain: dict[str, np.ndarray], rows: Sequence[str], columns: Sequence[str]
) -> Figure:
    """Where does the loop help? One map a setting: gain [teachers, thresholds] in points."""
    fig = figure(3.3 * len(gain), 3.4)
    reach = max(1.0, max(float(np.abs(values).max()) for values in gain.values()))
    for index, (name, values) in enumerate(gain.items()):
        axis = fig.add_subplot(1, len(gain), index + 1)
        axis.imshow(values, cmap="PuOr", vmin=-reach, vmax=reach, origin="lower", aspect="auto")
        for (i, j), value in np.ndenumerate(values):
            axis.text(
                j,
                i,
                f"{value:+.1f}",
                ha="center",
                va="center",
                color="white" if abs(value) > 0.6 * reach else "black",
            )
        axis.set_xticks(range(len(columns)), columns)
        axis.set_yticks(range(len(rows)), rows if index == 0 else [""] * len(rows))
        axis.set(xlabel="threshold", title=name)
        if index == 0:
            axis.set_ylabel("teacher")
    return fig


def belief_histogram(confidence: Tensor, right: Tensor, threshold: float) -> Figure:
    """How sure the teacher is, right and wrong guesses stacked, and the line that it must pass."""
    fig = figure(8, 3)
    axis = fig.add_subplot()
    axis.hist(
        [confidence[right].numpy(), confidence[~right].numpy()],
        bins=40,
        range=(0, 1),
        stacked=True,
        color=[RIGHT, WRONG],
        label=["right", "wrong"],
    )
    axis.axvline(threshold, color="black", linewidth=2)
    axis.set(xlabel="teacher's confidence", ylabel="unlabelled examples")
    axis.legend(frameon=False, loc="upper left")
    passed = confidence >= threshold
    axis.set_title(
        f"{int(passed.sum())} of {len(passed)} pass, {int((passed & ~right).sum())} wrong"
    )
    return fig


def claim_bars(
    runs: Sequence[dict[str, float | int]], names: Sequence[str], unit: str = "%"
) -> Figure:
    """One bar a condition, a dot a seed."""
    fig = figure(8, 0.6 * len(names) + 1.2)
    axis = fig.add_subplot()
    for index, name in enumerate(names):
        values = [run[name] for run in runs]
        axis.barh(index, np.mean(values), color=LINES[index % len(LINES)], alpha=0.6)
        axis.plot(values, [index] * len(values), "k.", markersize=6)
    axis.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axis.invert_yaxis()
    axis.set_xlabel(unit)
    return fig


GIVEN = {"person": "#0072B2", "free": "#E69F00", "teacher": "#CC79A7", "none": "#DDDDDD"}
TERMS = (
    # term, what comes first (label source, words), what comes then
    ("supervised", ("person", "train on labels"), None),
    ("semi-supervised", ("none", "cluster everything"), ("person", "name the clusters")),
    ("self-supervised", ("free", "pretext task"), ("person", "read out or fine-tune")),
    ("self-training", ("person", "train a teacher"), ("teacher", "train a student")),
    ("transfer learning", ("person", "another task's labels"), ("person", "fine-tune on yours")),
)


def term_map() -> Figure:
    """The lecture's terms: which labels does each use, and when?"""
    fig = figure(9, 4.2)
    axis = fig.add_subplot()
    for row, (term, *phases) in enumerate(TERMS):
        axis.text(-0.05, -row, term, ha="right", va="center", fontsize=14, weight="bold")
        for column, phase in enumerate(phases):
            if phase is None:
                continue
            colour = GIVEN[phase[0]]
            ink = "black" if phase[0] in ("none", "free") else "white"
            axis.text(
                column + 0.48,
                -row,
                f"{phase[1]:^28}",
                ha="center",
                va="center",
                color=ink,
                fontsize=12,
                bbox={"facecolor": colour, "edgecolor": "none", "pad": 8},
            )
        if phases[1] is not None:
            axis.annotate("", (1.06, -row), (0.92, -row), arrowprops={"arrowstyle": "->"})
    names = {
        "person": "labels from people",
        "free": "labels from the data, free",
        "teacher": "labels from a model",
        "none": "no labels",
    }
    for index, (kind, text) in enumerate(names.items()):
        axis.text(
            -0.5 + 0.66 * index,
            -5.2,
            text,
            va="center",
            fontsize=11,
            color="black" if kind in ("none", "free") else "white",
            bbox={"facecolor": GIVEN[kind], "edgecolor": "none", "pad": 5},
        )
    axis.text(0.48, 0.75, "first", ha="center", fontsize=13, style="italic")
    axis.text(1.48, 0.75, "then", ha="center", fontsize=13, style="italic")
    axis.set(xlim=(-0.75, 2.05), ylim=(-5.6, 1.1))
    axis.axis("off")
    return fig


def compare(runs: dict[str, Sequence[dict[str, float | int]]], names: Sequence[str]) -> Figure:
    """Several runs in one picture, a panel a quantity: run name -> History.rows."""
    fig = figure(4.2 * len(names), 3)
    for index, name in enumerate(names):
        axis = fig.add_subplot(1, len(names), index + 1)
        for (run, rows), colour in zip(runs.items(), LINES, strict=False):
            points = [(row["step"], row[name]) for row in rows if name in row]
            axis.plot(*zip(*points, strict=True), label=run, color=colour, linewidth=2)
        axis.set(xlabel="step", title=name.replace("_", " "))
        axis.legend(frameon=False)
    return fig


def two_histograms(values: dict[str, Tensor], quantity: str, line: float) -> Figure:
    """How two groups differ in one number, and where the line between them was drawn."""
    fig = figure(8, 2.8)
    axis = fig.add_subplot()
    reach = (0, float(max(group.max() for group in values.values())))
    for (name, group), colour in zip(values.items(), (RIGHT, WRONG), strict=False):
        axis.hist(group.numpy(), bins=60, range=reach, alpha=0.7, label=name, color=colour)
    axis.axvline(line, color="black", linewidth=2)
    axis.set(xlabel=quantity, ylabel="examples")
    axis.legend(frameon=False)
    return fig
