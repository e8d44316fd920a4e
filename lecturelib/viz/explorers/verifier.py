"""The same voice? Two clips in, a score and a decision out, at a threshold that the reader sets."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import anywidget
import numpy as np
import torch
import traitlets
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.adapt.verification import error_rates
from lecturelib.viz.explorers.clips import LONGEST, RATE, Clip, Wave, outline
from lecturelib.viz.explorers.stage import CLASS_COLOURS, front_end, mimebundle
from lecturelib.viz.sound import mp3
from lecturelib.viz.voices import probit

STEPS = 100  # of the threshold, at most
MARKS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4)  # on both axes of the DET curve
EDGE = (0.0005, 0.6)  # of both axes
KINDS = ("different voices", "same voice")

Vector: TypeAlias = Float[ndarray, " dim"]


@runtime_checkable
class Listener(Protocol):
    """What turns a clip into a vector and compares two vectors; waves are mono, 8,000 Hz."""

    def embed(self, wave: Wave) -> Vector:
        """The voice as a vector; ValueError for a clip in which it hears none."""
        ...

    def score(self, a: Vector, b: Vector) -> float:
        """The higher, the more alike: a cosine, or PLDA's log-likelihood ratio."""
        ...


@dataclass(frozen=True)
class Measured:
    """Pairs whose truth is known: what a threshold does to them.

    score  [n], the higher the more alike      same  [n], truly one voice
    on     what it was measured, in a few words

    Raises ValueError on sizes that disagree, NaN, and pairs of one kind only.
    """

    score: Float[ndarray, "..."]
    same: Bool[ndarray, "..."]
    on: str

    def __post_init__(self) -> None:
        if self.score.ndim != 1 or self.score.shape != self.same.shape:
            sizes = f"score is {list(self.score.shape)}, same {list(self.same.shape)}"
            raise ValueError(f"{sizes}: both must be [n]")
        if not np.isfinite(self.score).all():
            raise ValueError("score has NaN or infinity: repair the model first")
        if self.same.all() or not self.same.any():
            raise ValueError("trials need pairs of the same voice and pairs of different voices")

    def stops(self) -> Float[ndarray, " stops"]:
        """Even thresholds from below every score to above: 1, 2 or 5 of a power of ten apart."""
        low, high = self.score.min(), self.score.max()
        least = max(high - low, 1e-6) / (STEPS - 4)
        tens = 10.0 ** np.floor(np.log10(least))
        step = next(tens * times for times in (1, 2, 5, 10) if tens * times >= least)
        first, last = int(np.floor(low / step)) - 1, int(np.ceil(high / step)) + 1
        return step * np.arange(first, last + 1 + (last - first) % 2)

    def rates(self, thresholds: Float[ndarray, " t"]) -> Float[ndarray, "2 t"]:
        """False alarms and misses, 0-1: a score at or above the threshold is accepted."""
        known = (torch.from_numpy(one) for one in (self.score, self.same, thresholds))
        miss, false_alarm, _ = error_rates(*known)
        return np.stack([false_alarm, miss])


class Verifier(anywidget.AnyWidget):
    """The explorer, made by `verifier`. Set `pair` (two numbers of clips) or `at` (a stop)."""

    _esm, _css = front_end("heat", "clips", "own_clip", "verifier_picture", "verifier")
    about = traitlets.Dict().tag(sync=True)  # the trials, counted
    clips = traitlets.List(traitlets.Dict()).tag(sync=True)  # names, voices and lengths
    pair = traitlets.List(traitlets.Int()).tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    result = traitlets.Dict().tag(sync=True)  # the last pair that could be compared
    trouble = traitlets.Unicode().tag(sync=True)  # why a clip was refused
    model = traitlets.Any()  # a Listener
    heard = traitlets.List()  # every Clip and its vector

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._answer)

    def add(self, clip: Clip) -> int:
        """Listen to one more clip and give its number; ValueError where the model hears no voice.

        It is kept in this kernel only, never in the notebook.
        """
        vector = np.asarray(self.model.embed(clip.wave))
        if vector.ndim != 1 or not np.isfinite(vector).all():
            raise ValueError(f"embed({clip.name}) gave {list(vector.shape)}, not a finite vector")
        self.heard = [*self.heard, (clip, vector)]
        seconds = round(clip.seconds, 1)
        facts = {"name": clip.name, "voice": clip.voice, "seconds": seconds}
        self.clips = [*self.clips, facts]
        return len(self.clips) - 1

    def _answer(self, _: Any, asked: dict[str, Any], buffers: list) -> None:
        """The browser asks for a clip to play, or brings one of the reader's own."""
        if "clip" in asked:
            self.send(asked, [mp3(self.heard[asked["clip"]][0].wave, RATE)])
            return
        wave = np.frombuffer(bytes(buffers[0]), "<f4").copy()  # models warn of read-only arrays
        try:
            number = self.add(Clip(asked["name"], wave))
        except ValueError as error:
            self.trouble = str(error)
            return
        self.pair = [number if side == asked["side"] else old for side, old in enumerate(self.pair)]

    @traitlets.validate("at", "pair")
    def _check_move(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        count = len(self.about["stops"] if name == "at" else self.clips)
        numbers = [value] if name == "at" else value
        if len(numbers) != (1 if name == "at" else 2) or not all(0 <= n < count for n in numbers):
            raise ValueError(f"{name}={value}: each number must be from 0 to {count - 1}")
        return value

    @traitlets.observe("pair")
    def _judge(self, _: Any) -> None:
        (first, a), (second, b) = (self.heard[number] for number in self.pair)
        score = float(self.model.score(a, b))
        if not np.isfinite(score):
            raise ValueError(f"score={score} for {first.name} and {second.name}: not finite")
        outlines = [outline(clip.wave) for clip in (first, second)]
        with self.hold_sync():
            self.result = {"pair": list(self.pair), "score": score, "outlines": outlines}
            self.trouble = ""

    def __repr__(self) -> str:
        names = [self.clips[number]["name"] for number in self.result["pair"]]
        threshold = self.about["stops"][self.at]
        accepted = self.result["score"] >= self.about["thresholds"][self.at]
        wrong, missed = (100 * self.about[name][self.at] for name in ("wrong", "missed"))
        return (
            f"Verifier({names[0]!r} and {names[1]!r}: score {self.result['score']:.3g}, threshold "
            f"{threshold}: {KINDS[accepted]}; false alarms {wrong:.1f} %, misses {missed:.1f} %)"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, verifier_figure(self))


def verifier(
    model: Listener,
    clips: Sequence[Clip],
    trials: Measured,
    threshold: float,
    pairs: Sequence[tuple[int, int]] = (),
) -> Verifier:
    """Are these two clips the same voice? Choose, record or bring two; move the threshold.

    threshold  to start with, for instance that of the equal error rate: the nearest stop is taken
    pairs      of clips, by number, that the Space key goes through; none: every two, in order

    ValueError for fewer than two clips, and for one in which the model hears no voice.
    """
    if len(clips) < 2:
        raise ValueError(f"{len(clips)} clips: two are compared, give at least two")
    order = [list(pair) for pair in pairs or itertools.combinations(range(len(clips)), 2)]
    about = counted(trials) | {"pairs": order, "rate": RATE, "longest": LONGEST}
    widget = Verifier(model=model, about=about)
    for clip in clips:
        widget.add(clip)
    widget.at = int(np.abs(trials.stops() - threshold).argmin())
    widget.pair = order[0]
    return widget


def counted(trials: Measured) -> dict[str, Any]:
    """What the browser knows of the trials: rates at every stop, and how the scores lie."""
    thresholds = trials.stops()
    digits = max(0, int(np.ceil(-np.log10(thresholds[1] - thresholds[0]) - 1e-6)))
    wrong, missed = trials.rates(thresholds)
    kinds = [trials.score[trials.same == kind] for kind in (False, True)]
    heights = [np.histogram(scores, thresholds[::2])[0] / len(scores) for scores in kinds]
    return {
        "measured": trials.on,
        "counts": [len(scores) for scores in kinds],
        "thresholds": thresholds.tolist(),
        "stops": [f"{one + 0.0:.{digits}f}" for one in thresholds],
        "wrong": wrong.tolist(),
        "missed": missed.tolist(),
        "heights": [one.tolist() for one in heights],
        "curve": [probit(rate, EDGE).tolist() for rate in (wrong, missed)],
        "marks": [[f"{100 * rate:g}", float(probit(rate, EDGE))] for rate in MARKS],
        "range": [float(probit(rate, EDGE)) for rate in (0.0, 1.0)],
    }


def verifier_figure(widget: Verifier) -> Figure:
    """The scores of all trials with the threshold and this pair's score, and the DET curve."""
    about, threshold = widget.about, widget.about["thresholds"][widget.at]
    figure = Figure(figsize=(12, 4.6), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[2, 1])
    edges = np.array(about["thresholds"])[::2]
    for colour, kind, heights in zip(CLASS_COLOURS[1::-1], KINDS, about["heights"], strict=True):
        left.stairs(heights, edges, fill=True, color=colour, alpha=0.6, label=kind)
    left.axvline(threshold, color="black", linewidth=3, label=f"threshold {threshold:g}")
    score = widget.result["score"]
    left.plot(score, 0, "kv", markersize=16, clip_on=False, label=f"these two clips: {score:.3g}")
    left.legend(fontsize=12)
    left.set(xlabel="score", ylabel="share of pairs")
    _draw_curve(right, about, widget.at)
    names = [widget.clips[number]["name"] for number in widget.result["pair"]]
    decision = KINDS[score >= threshold]
    figure.suptitle(f"{names[0]} and {names[1]}: {decision}\n{about['measured']}", fontsize=15)
    return figure


def _draw_curve(axis: Axes, about: dict[str, Any], at: int) -> None:
    wrong, missed = about["curve"]
    texts, places = zip(*about["marks"], strict=True)
    axis.plot(about["range"], about["range"], "--", color="#767676")
    axis.plot(wrong, missed, color="black", linewidth=2.5)
    axis.plot(wrong[at], missed[at], "o", color=CLASS_COLOURS[0], markersize=14)
    axis.set(xticks=places, xticklabels=texts, yticks=places, yticklabels=texts, aspect="equal")
    axis.set(xlabel="false alarms, %", ylabel="misses, %")
