"""Lecture figures of notebooks 07a and 07b: a table of questions, and events on a timeline."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from torch import Tensor

from lecturelib.viz.figures import LINES, QUIET, figure

BIG = 14  # points
Span = tuple[str, float, float]
"""(kind, from, to), in seconds; `data.disfluencies.Event` is one."""


def probe_table(
    score: Mapping[str, Mapping[str, float | int]],
    chance: Mapping[str, float | int],
    lower: Sequence[str] = ("letters wrong",),
) -> Figure:
    """A row a question, a column an encoder, in percent; the best of a row is bold on blue.

    score   encoder -> question -> percent
    chance  question -> percent without listening, the first column; the rows stand in this order
    lower   questions of which a small number is good
    """
    columns = {"chance": chance, **score}
    fig = figure(4 + 1.7 * len(columns), 0.7 + 0.45 * len(chance))
    axis = fig.add_subplot()
    axis.axis("off")
    rows = [[f"{columns[name][question]:.1f}" for name in columns] for question in chance]
    labels = [question + (" (lower is better)" if question in lower else "") for question in chance]
    place = Bbox.from_bounds(0.36, 0, 0.64, 1)
    table = axis.table(
        rows,
        rowLabels=labels,
        colLabels=list(columns),
        cellLoc="center",
        bbox=place,
    )
    table.auto_set_font_size(False)
    table.set_fontsize(BIG)
    for row, question in enumerate(chance, start=1):
        found = [score[name][question] for name in score]
        best = min(found) if question in lower else max(found)
        for column, value in enumerate(found, start=1):
            if value == best:
                table[row, column].set_facecolor("#CCE5F2")
                table[row, column].set_text_props(weight="bold")
    return fig


def event_timeline(
    wave: Float[Tensor, " samples"], rate: int, true: Sequence[Span], guess: Sequence[Span]
) -> Figure:
    """A clip, where it stumbles, and where a probe hears that: two rows of spans on its axis.

    Kinds differ in colour and hatching.
    """
    fig = figure(11, 3.8)
    top, below = fig.subplots(2, 1, sharex=True, height_ratios=(2, 1.3))
    seconds = np.arange(len(wave)) / rate
    top.plot(seconds, wave.numpy(), color=QUIET, linewidth=0.6)
    top.set(yticks=[], xlim=(0, len(wave) / rate))
    kinds = sorted({kind for kind, *_ in (*true, *guess)})
    for number, (kind, colour) in enumerate(zip(kinds, LINES, strict=False)):
        hatch = ("", "//", "..")[number % 3]
        for row, spans in enumerate((true, guess)):
            found = [(start, end - start) for name, start, end in spans if name == kind]
            label = kind if row == 0 else ""
            below.broken_barh(
                found, (row - 0.3, 0.6), color=colour, alpha=0.6, hatch=hatch, label=label
            )
        for start, end in [(start, end) for name, start, end in true if name == kind]:
            top.axvspan(start, end, color=colour, alpha=0.25)
    below.set_yticks([0, 1], ["labelled", "heard"], fontsize=BIG)
    below.set_ylim(1.6, -0.6)
    below.set_xlabel("seconds", fontsize=BIG)
    fig.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=BIG)
    return fig
