"""The mask lab: hide spans of speech by hand or by rule, count them, and hear what is left."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import anywidget
import numpy as np
import traitlets
from jaxtyping import Bool, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.masking import expected_share, expected_span
from lecturelib.viz.explorers.clips import HOP, RATE, Clip, Wave, outline
from lecturelib.viz.explorers.stage import CLASS_COLOURS, front_end, mimebundle
from lecturelib.viz.sound import mp3

BARS = 4  # of a clip's outline, in each frame
RAMP = 16  # samples in which a sound fades at a span's edge: a cut would click
LEVELS = (0.01, 0.02, 0.04, 0.065, 0.075, 0.13, 0.2, 0.4, 0.65, 0.75)  # the same in both units
SPANS = (1, 2, 3, 5, 8, 10, 12, 15, 20)  # frames
UNITS = ("paper", "code")
MANY = 1_000_000  # frames of the simulation
CURVE = np.geomspace(LEVELS[0], LEVELS[-1], 61)

IsHidden: TypeAlias = Bool[ndarray, " frames"]
Rule: TypeAlias = Callable[[int, float, int, int], IsHidden]


class MaskLab(anywidget.AnyWidget):
    """The explorer, made by `mask_lab`. Set `hidden`, `number`, `draw`, `unit`, `level`, `span`."""

    _esm, _css = front_end("heat", "clips", "mask_lab_picture", "mask_lab")
    about = traitlets.Dict().tag(sync=True)  # the clips, stops of both sliders
    number = traitlets.Int(0).tag(sync=True)  # of the clip
    hidden = traitlets.List(traitlets.Bool()).tag(sync=True)
    draw = traitlets.Int(0).tag(sync=True)  # each number draws other spans by the rule
    unit = traitlets.Enum(UNITS, UNITS[0]).tag(sync=True)  # what the number of LEVELS counts
    level = traitlets.Int(3, min=0, max=len(LEVELS) - 1).tag(sync=True)
    span = traitlets.Int(5, min=0, max=len(SPANS) - 1).tag(sync=True)  # a stop of SPANS
    facts = traitlets.Dict().tag(sync=True)  # of the rule: in closed form, and drawn very often
    result = traitlets.Dict().tag(sync=True)  # of this mask
    trouble = traitlets.Unicode().tag(sync=True)  # why a rule or a mask was refused
    rule = traitlets.Any()  # (frames, p, M, seed) -> hidden
    waves = traitlets.List()  # whole frames only

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._play)

    def _play(self, _: Any, asked: dict[str, Any], __: list) -> None:
        """The browser asks for "left" or "hidden" of a clip; the mask travels with the question."""
        part, number, mask = asked["clip"].split()
        hidden = np.array([one == "1" for one in mask])
        self.send(asked, [mp3(sounding(self.waves[int(number)], hidden, part), RATE)])

    @property
    def start_prob(self) -> float:
        """The share of frames that start a span; the published code's number is p x M."""
        number = LEVELS[self.level]
        return number if self.unit == "paper" else number / SPANS[self.span]

    @traitlets.validate("number")
    def _check_number(self, proposal: Any) -> int:
        if not 0 <= proposal["value"] < len(self.waves):
            raise ValueError(f"number={proposal['value']} is none of 0 to {len(self.waves) - 1}")
        return proposal["value"]

    @traitlets.observe("unit", "level", "span")
    def _simulate(self, _: Any) -> None:
        p, span = self.start_prob, SPANS[self.span]
        try:
            many = counted(np.asarray(self.rule(MANY, p, span, 0)))
        except ValueError as error:
            self.trouble = str(error)
            return
        times = 1 if self.unit == "paper" else 1 / span
        with self.hold_sync():
            self.facts = {
                "p": p,
                "wanted": p * span,
                "closed": {"share": expected_share(p, span), "mean": expected_span(p, span)},
                "many": many,
                "curve": [expected_share(times * number, span) for number in CURVE],
            }
            self._draw(None)

    @traitlets.observe("number", "draw")
    def _draw(self, _: Any) -> None:
        frames = len(self.waves[self.number]) // HOP
        try:
            hidden = self.rule(frames, self.start_prob, SPANS[self.span], self.draw)
        except ValueError as error:
            self.trouble = str(error)
            return
        with self.hold_sync():
            self.hidden = np.asarray(hidden).tolist()

    @traitlets.observe("hidden")
    def _count(self, change: Any) -> None:
        frames = len(self.waves[self.number]) // HOP
        with self.hold_sync():
            if len(self.hidden) != frames:
                text = f"hidden has {len(self.hidden)} places for {frames} frames"
                self.hidden = change["old"]
                self.trouble = text
                return
            self.result, self.trouble = counted(np.array(self.hidden)), ""

    def __repr__(self) -> str:
        name = self.about["names"][self.number]
        return f"MaskLab({name}: {said(self.result)}; {ruled(self)})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, lab_figure(self))


def mask_lab(clips: Sequence[Clip], rule: Rule) -> MaskLab:
    """Hide spans of a clip by hand or by rule; count them, and hear what is left and what is not.

    clips  mono, 8,000 Hz; the last samples that fill no frame of 20 ms are left out
    rule   (frames, p, M, seed) -> hidden [frames]; `masking.span_mask` is one

    Starts with the paper's p = .065, M = 10. Raises ValueError without clips, and where the rule
    gives no mask.
    """
    if not clips:
        raise ValueError("no clips: give one at least")
    waves = [clip.wave[: len(clip.wave) // HOP * HOP] for clip in clips]
    about = {"names": [clip.name for clip in clips], "frames": [len(w) // HOP for w in waves]}
    about |= {"outlines": [outline(w, BARS * len(w) // HOP) for w in waves], "many": MANY}
    about |= {"levels": list(LEVELS), "spans": list(SPANS), "bars": BARS}
    widget = MaskLab(waves=waves, rule=rule, about=about)
    widget._simulate(None)
    if widget.trouble:
        raise ValueError(widget.trouble)
    return widget


def span_lengths(hidden: IsHidden) -> Int[ndarray, " spans"]:
    """How many frames each hidden stretch lasts, in order; empty where nothing is hidden."""
    steps = np.diff(np.concatenate([[0], hidden.astype(np.int64), [0]]))
    return np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)


def counted(hidden: IsHidden) -> dict[str, Any]:
    """Share that is hidden, hidden stretches, and how many frames they last; 0 without any."""
    lengths = span_lengths(hidden)
    if not len(lengths):
        return dict.fromkeys(("share", "spans", "mean", "median", "longest"), 0)
    middle = {"mean": float(lengths.mean()), "median": float(np.median(lengths))}
    most = {"spans": len(lengths), "longest": int(lengths.max())}
    return {"share": float(hidden.mean()), **middle, **most}


def sounding(wave: Wave, hidden: IsHidden, part: str) -> Wave:
    """A clip with its hidden frames silent ("left"), or with only these ("hidden")."""
    there = np.repeat(hidden if part == "hidden" else ~hidden, HOP)
    return wave * np.convolve(there, np.full(RAMP, 1 / RAMP), "same")


def said(result: dict[str, Any]) -> str:
    """One mask in words."""
    share, spans, mean = (result[name] for name in ("share", "spans", "mean"))
    return f"{100 * share:.1f} % hidden in {spans} spans of {mean:.1f} frames"


def ruled(widget: MaskLab) -> str:
    """The rule in both units, and what it comes to."""
    facts, span = widget.facts, SPANS[widget.span]
    closed, many = (f"{100 * facts[name]['share']:.1f} %" for name in ("closed", "many"))
    units = f"p = {facts['p']:.3g} (published code: {facts['wanted']:.3g}), M = {span}"
    return f"{units}: closed form {closed}, simulated {many}"


def lab_figure(widget: MaskLab) -> Figure:
    """The clip with its hidden spans in grey, and the share that each p hides."""
    figure = Figure(figsize=(12, 5.2), dpi=90, layout="constrained")
    top, below = figure.subplots(2, 1, height_ratios=[1, 1.3])
    _draw_clip(top, widget)
    name = {"paper": "p: share of frames that start a span", "code": "p x M, the published code"}
    below.semilogx(CURVE, 100 * np.array(widget.facts["curve"]), "k-", label="closed form")
    here, many = LEVELS[widget.level], 100 * widget.facts["many"]["share"]
    below.plot(here, many, "o", color=CLASS_COLOURS[0], markersize=14, label=f"{MANY:,} frames")
    below.plot(here, 100 * widget.result["share"], "kx", markersize=12, label="this mask")
    named = [level for level in LEVELS if level not in (0.075, 0.75)]  # they would overlap
    below.set_xticks(named, [f"{number:g}" for number in named])
    below.minorticks_off()
    below.set(xlabel=name[widget.unit], ylabel="hidden, %", ylim=(0, 104))
    below.legend(fontsize=12, loc="upper left")
    units, comes_to = ruled(widget).split(": closed form ")
    figure.suptitle(f"{said(widget.result)}\n{units}: closed form {comes_to}", fontsize=15)
    return figure


def _draw_clip(axis: Axes, widget: MaskLab) -> None:
    loud = np.frombuffer(widget.about["outlines"][widget.number], np.uint8) / 255
    seconds = (np.arange(len(loud)) + 0.5) * HOP / BARS / RATE
    hidden = np.array(widget.hidden).repeat(BARS)
    for part, colour in ((~hidden, CLASS_COLOURS[0]), (hidden, "#DDDDDD")):
        high, left, wide = 2 * loud[part], seconds[part], 0.8 * HOP / BARS / RATE
        axis.bar(left, high, wide, bottom=-loud[part], color=colour, zorder=2)
    ends = np.arange(len(loud) + 1) * HOP / BARS / RATE
    axis.stairs(np.where(hidden, 1, -1), ends, baseline=-1, fill=True, color="#767676", zorder=1)
    axis.set(xlim=(0, ends[-1]), ylim=(-1, 1), yticks=[], xlabel="seconds; grey: hidden")
