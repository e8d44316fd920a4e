"""What a recogniser hears in one clip, and its picture: mask, codes, CTC's posteriors, text."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.clips import HOP, RATE, Clip
from lecturelib.viz.explorers.stage import CLASS_COLOURS

ROWS, LEAST = 12, 0.1  # characters that have a row: those that reach 10 % somewhere, 12 at most
PATH = "#D55E00"


@dataclass(frozen=True)
class Heard:
    """What a model makes of one clip, a frame every 20 ms.

    hidden    [frames] what a span mask hides in pre-training; to recognise, nothing is hidden
    log_p     [frames, classes] CTC's posteriors: the log-softmax of the linear layer on top
    alphabet  of the classes; the first is the blank
    texts     how it was decoded -> what was read: {"greedy": "i like burgers", ...}
    codes     [frames, groups] of the quantiser; None where a model has none

    Raises ValueError on sizes that disagree, no frame, and posteriors that do not sum to one.
    """

    # Sizes are checked below, in words that say what to do.
    hidden: Bool[ndarray, "..."]
    log_p: Float[ndarray, "..."]
    alphabet: Sequence[str]
    texts: Mapping[str, str]
    codes: Int[ndarray, "..."] | None = None

    def __post_init__(self) -> None:
        size = list(self.log_p.shape)
        if len(size) != 2 or not size[0] or size[1] != len(self.alphabet):
            wanted = f"[frames, {len(self.alphabet)}], a class for each sign of the alphabet"
            raise ValueError(f"log_p is {size}: give {wanted}")
        for name, rows in (("hidden", self.hidden), ("codes", self.codes)):
            if rows is not None and (len(rows) != size[0] or rows.ndim != 1 + (name == "codes")):
                raise ValueError(f"{name} is {list(rows.shape)} for {size[0]} frames, one row each")
        sums = self.p.sum(1)
        if not np.allclose(sums, 1, atol=1e-3):  # NaN is not close either
            worst = int(np.nan_to_num(np.abs(sums - 1), nan=np.inf).argmax())
            text = f"the posteriors of frame {worst} sum to {sums[worst]:.3g}"
            raise ValueError(f"{text}, not to 1: give log_p after log_softmax")
        if not self.texts:
            raise ValueError("no texts: give what was read at least one way, such as greedy")

    @property
    def signs(self) -> list[str]:
        """The alphabet as it is shown: a space is a letter that nobody would see."""
        return ["blank", *("␣" if sign in (" ", "|") else sign for sign in self.alphabet[1:])]

    @property
    def p(self) -> Float[ndarray, "frames classes"]:
        return np.exp(self.log_p.astype(np.float64))

    def letters(self) -> list[tuple[int, int, int]]:
        """The best path, repeats merged and blanks left out: (class, first frame, last frame)."""
        runs = itertools.groupby(enumerate(self.log_p.argmax(1)), key=lambda one: one[1])
        spans = [(int(sign), [at for at, _ in run]) for sign, run in runs]
        return [(sign, frames[0], frames[-1]) for sign, frames in spans if sign != 0]

    def rows(self) -> list[int]:
        """Classes to draw, downwards: as the best path meets them, other likely ones, the blank."""
        peak = self.p.max(0)
        met = dict.fromkeys(sign for sign, _, _ in self.letters())
        others = [sign for sign in np.argsort(-peak) if peak[sign] >= LEAST and sign != 0]
        return [*list(dict.fromkeys([*met, *map(int, others)]))[:ROWS], 0]


def hearing_figure(clip: Clip, heard: Mapping[str, Heard]) -> Figure:
    """A column a listener: the sound under its mask, the codes, the posteriors and their path."""
    figure = Figure(figsize=(12, 6.4), dpi=100, layout="constrained")
    axes = figure.subplots(3, len(heard), sharex=True, squeeze=False, height_ratios=[2, 1, 6])
    for (sound, codes, ctc), (name, one) in zip(axes.T, heard.items(), strict=True):
        loudest = 1.05 * np.abs(clip.wave).max()
        edges = np.arange(len(one.log_p) + 1) * HOP / RATE
        cover = np.where(one.hidden, loudest, -loudest)
        sound.stairs(cover, edges, baseline=-loudest, fill=True, color="#999999", alpha=0.5)
        sound.plot(np.arange(len(clip.wave)) / RATE, clip.wave, color=CLASS_COLOURS[0], lw=0.5)
        sound.set(title=name, yticks=[], ylabel="sound", ylim=(-loudest, loudest))
        _draw_codes(codes, one, edges)
        _draw_posteriors(ctc, one, edges)
        read = "\n".join(f"{how}: {text}" for how, text in one.texts.items())
        ctc.set_xlabel(f"seconds\n{read}", fontsize=13)
    said = f": “{clip.text}”" if clip.text else ""
    figure.suptitle(f"{clip.name}{said} (grey: hidden in pre-training)", fontsize=15)
    return figure


def _draw_codes(axis: Axes, heard: Heard, edges: ndarray) -> None:
    axis.set(yticks=[], ylabel="codes")
    if heard.codes is None:
        axis.text(0.5, 0.5, "no codes", transform=axis.transAxes, ha="center", va="center")
        return
    colours = [[int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)] for one in CLASS_COLOURS]
    shown = np.array(colours)[heard.codes.T % len(colours)]
    axis.imshow(shown, aspect="auto", extent=(0, edges[-1], 0, 1), interpolation="none")


def _draw_posteriors(axis: Axes, heard: Heard, edges: ndarray) -> None:
    rows = heard.rows()
    shown = heard.p.T[rows]
    lines = np.arange(len(rows) + 1)
    axis.pcolormesh(edges, lines, shown, cmap="Blues", vmin=0, vmax=1)
    axis.pcolormesh(edges, lines[-2:], shown[-1:], cmap="Greys", vmin=0, vmax=1.6)
    places = [rows.index(sign) + 0.5 if sign in rows else np.nan for sign in heard.log_p.argmax(1)]
    axis.plot((edges[1:] + edges[:-1]) / 2, places, color=PATH, linewidth=1.5)
    axis.set(yticks=lines[:-1] + 0.5, yticklabels=[heard.signs[row] for row in rows])
    axis.invert_yaxis()
