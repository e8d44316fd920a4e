"""Codebooks side by side: how often their codes are used, what they know, and a figure of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy import ndarray

from lecturelib.adapt.codes import Occurrence
from lecturelib.quantizers import perplexity
from lecturelib.viz.explorers.pieces import Recordings, draw_piece
from lecturelib.viz.explorers.stage import CLASS_COLOURS

SHOWN = 8  # places of a code
NEAR = 0.02  # of mutual information: closer than this, neither book knows more


@dataclass(frozen=True)
class Book:
    """A codebook, from the beginning of its training to the end.

    use     [snapshots, groups, codes] how often each is used, as counts or shares
    steps   of training at each snapshot; k-means is fitted at once and has one snapshot
    places  [groups][codes] where it is heard: `adapt.codes.occurrences`
    knows   what its codes tell, 0 to 1: `adapt.codes.knows`
    soft    a perplexity a snapshot, of the softmax that codes are chosen by; empty: there is none

    Raises ValueError on sizes that disagree, and for a group that uses no code.
    """

    # Sizes are checked below, in words that say what to do.
    name: str
    use: Float[ndarray, "..."]
    steps: Sequence[int]
    places: Sequence[Sequence[Sequence[Occurrence]]]
    knows: Mapping[str, float]
    soft: Sequence[float] = ()

    def __post_init__(self) -> None:
        size = list(self.use.shape)
        if self.use.ndim != 3 or 0 in size:
            raise ValueError(f"use of {self.name} is {size}: it must be [snapshots, groups, codes]")
        if not np.isfinite(self.use).all() or (self.use < 0).any():
            raise ValueError(f"use of {self.name} has NaN or numbers below 0: count frames")
        if (self.use.sum(-1) == 0).any():
            raise ValueError(f"a group of {self.name} uses no code: count at least one frame")
        if len(self.steps) != size[0] or len(self.soft) not in (0, size[0]):
            found = f"{len(self.steps)} steps and {len(self.soft)} soft perplexities"
            raise ValueError(f"{self.name}: {found} for {size[0]} snapshots, give one each")
        if [len(group) for group in self.places] != [size[2]] * size[1]:
            text = f"places of {self.name} must be [groups={size[1]}][codes={size[2]}]"
            raise ValueError(f"{text}: as `occurrences` gives them")

    def share(self) -> Float[ndarray, "snapshots groups codes"]:
        """The part of a group's frames that chose a code."""
        return self.use / self.use.sum(-1, keepdims=True)

    def hard(self) -> list[float]:
        """exp(entropy) of the use, summed over groups, a snapshot each: codes truly in use."""
        return [float(perplexity(torch.from_numpy(one))) for one in self.share()]


def for_browser(book: Book) -> dict[str, Any]:
    """What is said of a book; its use travels as bytes."""
    return {
        "name": book.name,
        "size": list(book.use.shape),
        "steps": list(book.steps),
        "hard": book.hard(),
        "soft": list(book.soft),
        "knows": {what: round(value, 2) + 0.0 for what, value in book.knows.items()},
        "heard": [[min(len(code), SHOWN) for code in group] for group in book.places],
    }


def verdict(books: Sequence[Book]) -> str:
    """Which of two books knows more, as it was measured; of one book, what it knows."""
    names = [book.name for book in books]
    said = []
    for what in books[0].knows:
        values = [round(book.knows[what], 2) + 0.0 for book in books]  # no "-0.00"
        numbers = " against ".join(f"{value:.2f}" for value in values)
        if len(books) == 1:
            said.append(f"{what}: {numbers}")
        elif abs(values[0] - values[1]) < NEAR:
            said.append(f"{what}: both alike ({numbers})")
        else:
            most = int(values[1] > values[0])
            numbers = f"{values[most]:.2f} against {values[1 - most]:.2f}"
            said.append(f"{what}: {names[most]} knows more ({numbers})")
    return "; ".join(said)


def books_figure(
    books: Sequence[Book], recordings: Recordings, at: int, chosen: Sequence[Sequence[int]]
) -> Figure:
    """The use of each book over training, the chosen codes' places, and what the books know."""
    figure = Figure(figsize=(15, 6.4), dpi=100, layout="constrained")
    columns = figure.subfigures(1, len(books) + 1, False, width_ratios=[5] * len(books) + [4])[0]
    for book, (group, code), column in zip(books, chosen, columns[:-1], strict=True):
        (above,), (below,) = column.subfigures(2, 1, False, height_ratios=[3, 2])
        _draw_use(above, book, min(at, len(book.steps) - 1), (group, code))
        below.suptitle(f"group {group + 1}, code {code}: where it is heard", fontsize=13)
        cells = below.subplots(2, SHOWN // 2).ravel()
        for cell in cells:
            cell.axis("off")
        for cell, place in zip(cells, book.places[group][code], strict=False):
            draw_piece(cell, recordings, place)
    curve, bars = columns[-1].subplots(2, 1)
    _draw_perplexity(curve, books[0], at)
    _draw_knowledge(bars, books)
    return figure


def _draw_use(figure: SubFigure, book: Book, at: int, chosen: tuple[int, int]) -> None:
    """A row a snapshot, a column a code; as bars where there is one snapshot only."""
    snapshots, groups, codes = book.use.shape
    figure.suptitle(f"{book.name}: {book.hard()[at]:.1f} of {groups * codes} codes", fontsize=16)
    axes = figure.subplots(groups, 1, squeeze=False).ravel()
    for group, axis in enumerate(axes):
        share = book.share()[:, group]
        if snapshots > 1:
            shade = np.minimum(1, np.sqrt(share * codes) / 2)
            axis.imshow(shade, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="none")
            axis.axhline(at, color="black", linewidth=1.5)
            ticks = sorted({0, snapshots - 1})
            axis.set(yticks=ticks, yticklabels=[f"step {book.steps[one]:,}" for one in ticks])
        else:
            axis.bar(np.arange(codes), 100 * share[0], width=0.9, color=CLASS_COLOURS[0])
            axis.set(ylabel="use, %", xlim=(-0.5, codes - 0.5))
        axis.set(xlabel=f"codes of group {group + 1}" if groups > 1 else "codes", xticks=[])
        if group == chosen[0]:
            axis.axvline(chosen[1], color=CLASS_COLOURS[1], linewidth=2)


def _draw_perplexity(axis: Axes, book: Book, at: int) -> None:
    most = book.use.shape[1] * book.use.shape[2]
    axis.axhline(most, color="#767676", linestyle="--", label=f"all {most} codes alike")
    axis.plot(book.steps, book.hard(), "o-", color="black", linewidth=2.5, label="hard")
    if book.soft:
        axis.plot(book.steps, book.soft, "--", color=CLASS_COLOURS[0], linewidth=2.5, label="soft")
    axis.plot(book.steps[at], book.hard()[at], "o", color=CLASS_COLOURS[1], markersize=13)
    axis.set(title=f"perplexity of {book.name}", xlabel="step", ylim=(0, 1.1 * most))
    axis.legend(fontsize=11)


def _draw_knowledge(axis: Axes, books: Sequence[Book]) -> None:
    height = 0.8 / len(books)
    for number, book in enumerate(books):
        place = np.arange(len(book.knows)) + height * (number - (len(books) - 1) / 2)
        bars = axis.barh(place, list(book.knows.values()), height, color=CLASS_COLOURS[number])
        axis.bar_label(bars, fmt="%.2f", padding=3, fontsize=11)
        bars.set_label(book.name)
    axis.set(yticks=range(len(books[0].knows)), yticklabels=list(books[0].knows))
    axis.set(title="what a code knows", xlabel="adjusted mutual information")
    axis.margins(x=0.2)
    axis.invert_yaxis()
    axis.legend(fontsize=11, loc="upper center", bbox_to_anchor=(0.3, -0.25), ncols=len(books))
