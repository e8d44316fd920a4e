"""One learning rule, three worlds: data2vec learns sound, pictures and words side by side, live."""

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import Any, TypeAlias

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.adapt.three_worlds import JUDGED, LEARNED, Look, Panel, verdict
from lecturelib.viz.explorers.clips import outline
from lecturelib.viz.explorers.patch_painter import as_bytes
from lecturelib.viz.explorers.stage import front_end, mimebundle

KINDS = {"speech": "Speech", "images": "Images", "text": "Text"}
NUMBERS = {
    "r2": "R2",
    "target_variance": "target variance",
    "prediction_variance": "prediction variance",
}
BARS = 2  # of a sound's outline, in each frame
EMPTY = 0.93  # grey of a place where nothing is predicted, in the picture to fall back on

Train: TypeAlias = Callable[[bool], Sequence[Iterator[Look]]]


class ThreeWorlds(anywidget.AnyWidget):
    """The explorer, made by `three_worlds`. `learn(looks)` trains on from here; `restart(guarded)`.

    The browser asks for one look after another, so that a pause comes at once; each wish names the
    number of looks that it has seen, and one that comes too late is left out.
    """

    _esm, _css = front_end("heat", "patch_painter_board", "three_worlds_picture", "three_worlds")
    about = traitlets.Dict().tag(sync=True)  # the panels, steps and rule
    rows = traitlets.List().tag(sync=True)  # of each world: [step, *NUMBERS], a look each
    before = traitlets.List().tag(sync=True)  # the same of the run before this one
    now = traitlets.List(traitlets.Dict()).tag(sync=True)  # of each world: `colours_of` a look
    verdicts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    guarded = traitlets.Bool(True).tag(sync=True)  # with data2vec's safeguards
    running = traitlets.Bool(False).tag(sync=True)
    chosen = traitlets.Int(-1, min=-1).tag(sync=True)  # the panel that is shown large; -1: none
    ticks = traitlets.Int(0).tag(sync=True)  # looks so far
    trouble = traitlets.Unicode().tag(sync=True)  # why a training ended early
    train = traitlets.Any()  # guarded -> the looks of each world
    panels = traitlets.List()
    going = traitlets.List()  # a world's looks, None once they have ended
    looks = traitlets.List()  # of each world: its looks so far

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._asked)

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: Any) -> int:
        if proposal["value"] >= len(self.panels):
            raise ValueError(f"chosen={proposal['value']} of {len(self.panels)} panels, from 0")
        return proposal["value"]

    def _asked(self, _: Any, asked: dict[str, Any], __: list) -> None:
        try:
            if "restart" in asked:
                self.restart(asked["restart"])
            elif asked["tick"] == self.ticks:
                self.advance()
        except ValueError as error:
            self.running, self.trouble = False, str(error)

    def restart(self, guarded: bool) -> None:
        """Fresh weights, the same data; the curves so far stay as a shadow."""
        going = list(self.train(guarded))
        looks = [[next(one)] for one in going]
        with self.hold_sync():
            self.before, self.guarded, self.trouble = self.rows, guarded, ""
            self.going, self.looks = going, looks
            self._show()

    def learn(self, looks: int) -> None:
        """So many more looks at each world."""
        for _ in range(looks * len(self.panels)):
            self.advance()

    def advance(self) -> None:
        """Train the world that is furthest behind up to its next look; nothing once all ended."""
        alive = [number for number, looks in enumerate(self.going) if looks is not None]
        if alive:
            number = min(alive, key=lambda one: self.looks[one][-1].step)
            if (look := next(self.going[number], None)) is None:
                self.going[number] = None
            else:
                self.looks[number].append(look)
        with self.hold_sync():
            self._show()
            self.running = self.running and any(looks is not None for looks in self.going)

    def _show(self) -> None:
        """Send what there is."""
        self.ticks += 1
        self.rows = [[row_of(look) for look in looks] for looks in self.looks]
        self.now = [colours_of(looks[-1]) for looks in self.looks]
        self.verdicts = [verdict(looks[-1], looks[0]) for looks in self.looks]

    def __repr__(self) -> str:
        pairs = zip(self.panels, self.looks, strict=True)
        said = [said_of(KINDS[panel.kind], looks) for panel, looks in pairs]
        return f"ThreeWorlds({'; '.join(said)})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, worlds_figure(self.panels, self.looks))


def three_worlds(panels: Sequence[Panel], train: Train) -> ThreeWorlds:
    """Three trainings side by side: what is hidden, what the teacher says there, and the student.

    panels  the worlds as plain data; `adapt.three_worlds.panels` makes them
    train   True: with data2vec's safeguards, False: without -> the looks of each world, that train
            as they are asked for

    Raises ValueError without a panel, for a kind that nobody can draw, and for a training that
    cannot begin.
    """
    if not panels:
        raise ValueError("no panels: give at least one world")
    if wrong := [panel.kind for panel in panels if panel.kind not in KINDS]:
        raise ValueError(f"kind={wrong[0]!r}: choose from {', '.join(KINDS)}")
    widget = ThreeWorlds(panels=list(panels), train=train)
    widget.restart(True)
    frames = [len(looks[0].hidden) for looks in widget.looks]
    shown = [for_browser(*pair) for pair in zip(panels, frames, strict=True)]
    widget.about = {"panels": shown, "judged": JUDGED, "learned": LEARNED}
    return widget


def for_browser(panel: Panel, places: int) -> dict[str, Any]:
    """A panel's words, and its signal as the browser draws it."""
    told = {"kind": panel.kind, "name": KINDS[panel.kind], "note": panel.note}
    told |= {"lines": list(panel.lines), "changed": list(panel.changed)}
    if panel.kind == "speech":
        return told | {"loud": outline(panel.signal, BARS * places), "bars": BARS}
    if panel.kind == "images":
        size = list(panel.signal.shape[1:])
        return told | {"photo": as_bytes(panel.signal), "size": size, "across": side(places)}
    return told | {"words": list(panel.signal), "seen": list(panel.seen)}


def side(places: int) -> int:
    """Patches across a square picture; ValueError where they fill no square."""
    across = round(places**0.5)
    if across**2 != places:
        raise ValueError(f"{places} patches fill no square: give square pictures")
    return across


def row_of(look: Look) -> list[float | int]:
    """A look's numbers."""
    return [look.step, *(getattr(look, name) for name in NUMBERS)]


def colours_of(look: Look) -> dict[str, Any]:
    """A look's colours, a byte each."""
    sides = {"target": look.target, "prediction": look.prediction}
    shown = {name: np.rint(255 * side).astype(np.uint8).tobytes() for name, side in sides.items()}
    return {"hidden": look.hidden.tolist(), **shown}


def said_of(kind: str, looks: Sequence[Look]) -> str:
    """A world's last look in words."""
    last = looks[-1]
    values = ", ".join(f"{text} {getattr(last, name):.3g}" for name, text in NUMBERS.items())
    told, found = f"{kind}, step {last.step}: {values}", verdict(last, looks[0])
    return f"{told}; {found}" if found else told


def worlds_figure(panels: Sequence[Panel], looks: Sequence[Sequence[Look]]) -> Figure:
    """A column a world: what is hidden, the targets, the predictions, and R2 and the variances."""
    figure = Figure(figsize=(14, 7.2), dpi=80, layout="constrained")
    axes = figure.subplots(4, len(panels), squeeze=False, height_ratios=[1.3, 1, 1, 1.3])
    for column, (panel, seen) in enumerate(zip(panels, looks, strict=True)):
        last = seen[-1]
        words = [said_of(KINDS[panel.kind], seen), panel.note]
        title = "\n".join(line for text in words for line in wrap(text, 52))
        axes[0, column].set_title(title, fontsize=11)
        _draw_signal(axes[0, column], panel, last)
        _draw_colours(axes[1, column], panel, last.target, "targets")
        guess = np.where(last.hidden[:, None], last.prediction, EMPTY)
        _draw_colours(axes[2, column], panel, guess, "predictions")
        _draw_curves(axes[3, column], seen)
    return figure


def _draw_signal(axis: Axes, panel: Panel, look: Look) -> None:
    axis.set(xticks=[], yticks=[])
    if panel.kind == "speech":
        loud = np.frombuffer(outline(panel.signal, len(look.hidden)), np.uint8) / 255
        grey = np.where(look.hidden, "#BBBBBB", "#0072B2")
        axis.bar(np.arange(len(loud)), 2 * loud, 1, bottom=-loud, color=list(grey))
        axis.set_xlim(-0.5, len(loud) - 0.5)
    elif panel.kind == "images":
        times = panel.signal.shape[1] // side(len(look.hidden))
        cover = np.kron(look.hidden.reshape(2 * [side(len(look.hidden))]), np.ones((times, times)))
        axis.imshow(np.where(cover[:, :, None] > 0, 0.46, panel.signal.transpose(1, 2, 0)))
    else:
        lines = [" ".join(panel.seen[at : at + 8]) for at in range(0, len(panel.seen), 8)]
        axis.text(0.5, 0.5, "\n".join(lines), ha="center", va="center", fontsize=9)


def _draw_colours(axis: Axes, panel: Panel, colours: Float[ndarray, "places 3"], name: str) -> None:
    axis.set(xticks=[], yticks=[], ylabel=name)
    if panel.kind == "images":
        axis.imshow(colours.reshape(*2 * [side(len(colours))], 3))
    else:
        axis.imshow(colours[None], aspect="auto", interpolation="none")


def _draw_curves(axis: Axes, looks: Sequence[Look]) -> None:
    steps = [look.step for look in looks]
    for (name, label), style in zip(NUMBERS.items(), ("k-", "C0-", "C1--"), strict=True):
        values = [getattr(look, name) for look in looks]
        axis.plot(steps, values, style, linewidth=2.5, label=label)
    axis.set(xlabel="step", ylim=(-0.5, None))
    axis.legend(fontsize=8)
