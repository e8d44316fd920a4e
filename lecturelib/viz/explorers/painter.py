"""The mask painter: hide words of a sentence, see what the model would put there, and how sure."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.stage import CLASS_COLOURS, WRONG, front_end, mimebundle

MASK = "[MASK]"
TOP = 5  # so many guesses are listed
BINS = 300  # the alphabet's picture has so many rows
MIXES = {  # shares of the chosen places that are masked, swapped, kept
    "masked": (1.0, 0.0, 0.0),
    "80/10/10": (0.8, 0.1, 0.1),
    "swapped": (0.0, 1.0, 0.0),
    "kept": (0.0, 0.0, 1.0),
}
RIGHT = CLASS_COLOURS[0]

Shown = Sequence[str | None]


@runtime_checkable
class Guesser(Protocol):
    """A model that fills in blanks; `adapt.painting.MaskedWords` makes one of a BERT.

    `shown` says for each piece what the model sees: None, the piece itself, and nobody asks; else
    the place is chosen, the model must say what stood there, and sees "[MASK]" (masked), another
    piece (swapped), or the same one (kept).
    """

    @property
    def vocabulary(self) -> Sequence[str]:
        """All pieces, in the order of `fill`'s last axis."""
        ...

    def read(self, text: str) -> list[str]:
        """A sentence's pieces; ValueError for a text that the model cannot read."""
        ...

    def hide(self, pieces: Sequence[str], mix: tuple[float, float, float], seed: int) -> Shown:
        """Choose places by the model's own rule; mix: shares of masked, swapped, kept."""
        ...

    def fill(self, pieces: Sequence[str], shown: Shown) -> Float[ndarray, "chosen vocab"]:
        """Probabilities at the chosen places; ValueError where a place must not be chosen."""
        ...


class Alphabet:
    """A vocabulary from A to Z: where each piece stands, and which words are its ends."""

    def __init__(self, vocabulary: Sequence[str]):
        self.pieces = list(vocabulary)
        self.number = {piece: number for number, piece in enumerate(self.pieces)}
        self.order = sorted(self.number.values(), key=lambda n: self.pieces[n].lstrip("#"))
        self.place = {number: place for place, number in enumerate(self.order)}
        words = [self.pieces[n] for n in self.order if is_plain(self.pieces[n])]
        self.ends = [words[0], words[-1]] if words else []

    def entry(self, number: int, row: Float[ndarray, "vocab"]) -> dict[str, Any]:
        """One piece: its probability, and its place from A (0) to Z (1)."""
        where = (self.place[number] + 0.5) / len(self.order)
        return {"piece": self.pieces[number], "share": float(row[number]), "at": where}

    def strongest(self, row: Float[ndarray, "vocab"]) -> Float[ndarray, "bins"]:
        """The highest probability in each of at most BINS stretches of the alphabet."""
        bins = min(BINS, len(row))
        starts = np.arange(bins) * len(row) // bins
        return np.maximum.reduceat(row[self.order], starts)

    def guess(self, place: int, true: str, row: Float[ndarray, "vocab"]) -> dict[str, Any]:
        """What the browser shows of one chosen place; rank 1: nothing is more probable."""
        number = self.number[true]
        best = np.argsort(-row, kind="stable")[:TOP]
        return {
            "place": place,
            "top": [self.entry(int(one), row) for one in best],
            "true": self.entry(number, row),
            "rank": int((row > row[number]).sum()) + 1,
            "ends": [self.entry(self.number[word], row) for word in self.ends],
            "strongest": self.strongest(row).astype("<f4").tobytes(),
        }


def is_plain(piece: str) -> bool:
    """A whole word of at least four letters a-z: what may stand at the alphabet's ends."""
    return len(piece) > 3 and piece.isascii() and piece.isalpha()


class Painter(anywidget.AnyWidget):
    """The explorer, made by `painter`. Set `text`, `shown`, `draw` (a seed) or `mix` (a stop)."""

    _esm, _css = front_end("painter_guess", "painter")
    text = traitlets.Unicode().tag(sync=True)
    pieces = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.List(traitlets.Unicode(allow_none=True)).tag(sync=True)
    guesses = traitlets.List().tag(sync=True)  # `Alphabet.guess` of each chosen place
    draw = traitlets.Int(0).tag(sync=True)  # each number draws other places by the rule
    mix = traitlets.Int(1, min=0, max=len(MIXES) - 1).tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)  # why a text or a place was refused
    about = traitlets.Dict().tag(sync=True)
    model = traitlets.Any()  # a Guesser
    alphabet = traitlets.Any()

    @traitlets.observe("text")
    def _read(self, _: Any) -> None:
        try:
            pieces = self.model.read(self.text)
        except ValueError as error:
            self.trouble = str(error)
            return
        with self.hold_sync():
            self.pieces, self.trouble = pieces, ""
            self.shown = [None] * len(pieces)

    @traitlets.observe("draw", "mix")
    def _hide(self, _: Any) -> None:
        share = list(MIXES.values())[self.mix]
        with self.hold_sync():
            self.shown = list(self.model.hide(self.pieces, share, self.draw))

    @traitlets.observe("shown")
    def _fill(self, change: Any) -> None:
        try:
            guesses = self._guesses()
        except ValueError as error:
            with self.hold_sync():
                self.shown = change["old"]
                self.trouble = str(error)
            return
        with self.hold_sync():
            self.guesses, self.trouble = guesses, ""

    def _guesses(self) -> list[dict[str, Any]]:
        if len(self.shown) != len(self.pieces):
            raise ValueError(f"shown has {len(self.shown)} places for {len(self.pieces)} pieces")
        chosen = [place for place, seen in enumerate(self.shown) if seen is not None]
        if not chosen:
            return []
        rows = self.model.fill(self.pieces, self.shown)
        check_rows(rows, len(chosen), len(self.alphabet.pieces))
        return [
            self.alphabet.guess(place, self.pieces[place], row)
            for place, row in zip(chosen, rows, strict=True)
        ]

    def __repr__(self) -> str:
        return f"Painter({'; '.join([' '.join(sentence_words(self)), *map(said, self.guesses)])})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, painted_figure(self))


def painter(model: Guesser, text: str, hidden: Sequence[int] = ()) -> Painter:
    """Hide words of a sentence by click or key; the model says what it would put there.

    hidden  places of pieces, from 0, that are masked at the start

    Raises ValueError for a text that the model cannot read and for places that cannot be hidden.
    """
    alphabet = Alphabet(model.vocabulary)
    about = {"mixes": list(MIXES), "vocabulary": len(alphabet.pieces)}
    widget = Painter(model=model, alphabet=alphabet, about=about, text=text)
    if not widget.trouble:
        count = len(widget.pieces)
        if outside := [place for place in hidden if not 0 <= place < count]:
            raise ValueError(f"hidden={outside}: the sentence has {count} pieces, from 0")
        widget.shown = [MASK if place in hidden else None for place in range(count)]
    if widget.trouble:
        raise ValueError(widget.trouble)
    return widget


def check_rows(rows: Float[ndarray, "..."], chosen: int, vocab: int) -> None:
    """ValueError for what are not probabilities of every piece at every chosen place."""
    if rows.shape != (chosen, vocab):
        raise ValueError(f"fill gave {rows.shape}, {chosen} places x {vocab} pieces are asked for")
    bad = ~(np.abs(rows.sum(1) - 1) < 0.01) | (rows < 0).any(1)
    if bad.any():
        total = rows[bad][0].sum()
        raise ValueError(f"a chosen place sums to {total:g}: give fill's rows after the softmax")


def sentence_words(widget: Painter) -> list[str]:
    """The sentence as the model sees it."""
    row = zip(widget.pieces, widget.shown, strict=True)
    return [piece if seen is None else seen for piece, seen in row]


def said(guess: dict[str, Any]) -> str:
    """One chosen place in words."""
    true, best = guess["true"], guess["top"][0]
    return (
        f"{true['piece']} {percent(true['share'])} (rank {guess['rank']}), "
        f"first guess {best['piece']} {percent(best['share'])}"
    )


def percent(share: float) -> str:
    """Two digits that count, as on the slide: 43 %, 1.2 %, < 0.1 %."""
    if share < 0.0005:
        return "< 0.1 %"
    return f"{100 * share:.0f} %" if share > 0.0995 else f"{100 * share:.1f} %"


def painted_figure(widget: Painter) -> Figure:
    """The sentence as the model sees it, and its first guesses at each chosen place."""
    wide, lines = 80, 1 + max(line for line, _ in written_at(widget, 80))
    columns = min(4, max(1, len(widget.guesses)))
    rows = -(-len(widget.guesses) // columns)
    heights = [0.5 * lines, *[2.2] * rows]
    figure = Figure(figsize=(12, sum(heights)), dpi=90, layout="constrained")
    grid = figure.add_gridspec(1 + rows, columns, height_ratios=heights)
    top = figure.add_subplot(grid[0, :])
    top.set(xlim=(0, wide), ylim=(lines - 0.5, -0.5))
    top.set_axis_off()
    chosen = {"color": "white", "bbox": {"facecolor": "black", "boxstyle": "round,pad=0.2"}}
    row = zip(sentence_words(widget), widget.shown, written_at(widget, wide), strict=True)
    for word, seen, (line, column) in row:
        style = {} if seen is None else chosen
        top.text(column, line, word, family="monospace", fontsize=16, va="center", **style)
    for at, guess in enumerate(widget.guesses):
        draw_guess(figure.add_subplot(grid[1 + at // columns, at % columns]), guess)
    return figure


def written_at(widget: Painter, wide: int) -> list[tuple[int, int]]:
    """Line and column of each word, at most `wide` letters a line."""
    places, line, column = [], 0, 0
    for word in sentence_words(widget):
        if column and column + len(word) > wide:
            line, column = line + 1, 0
        places.append((line, column))
        column += len(word) + 2
    return places


def draw_guess(axis: Axes, guess: dict[str, Any]) -> None:
    """The first guesses as bars: blue what stood there, red a first guess that is wrong."""
    true, top = guess["true"], guess["top"]
    names, colours = [one["piece"] for one in top], [WRONG] + ["0.6"] * (len(top) - 1)
    if true["piece"] in names:
        colours[names.index(true["piece"])] = RIGHT
    axis.barh(names, [100 * one["share"] for one in top], color=colours)
    for at, one in enumerate(top):
        axis.text(100 * one["share"] + 2, at, percent(one["share"]), va="center")
    axis.set(xlim=(0, 125), xticks=[0, 50, 100], xlabel="probability, %")
    axis.set_title(f"{true['piece']}: {percent(true['share'])}, rank {guess['rank']}", fontsize=13)
    axis.invert_yaxis()
    axis.spines[["top", "right"]].set_visible(False)
