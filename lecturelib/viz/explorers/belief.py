"""Watch belief spread: rounds of self-training on a map, with every mistake ringed."""

from dataclasses import dataclass
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.stage import CLASS_COLOURS, WRONG, front_end, ink_on, mimebundle

DIGITS = tuple("0123456789")
LEARNERS = ("teacher", "same\nsteps", "student")
BOX = np.array([4.0, 3.0])  # the map's sides; marks are measured in the same unit
FILLED = 0.42  # the part of the map that marks cover


@dataclass(frozen=True)
class Spread:
    """What self-training did, measured: t thresholds, some rounds, n items on a map.

    position    [n, 2] any scale           thresholds  [t] rising; the whole loop was run for each
    truth       [n] class                  labelled    [n] the few whose label the teacher may see
    confidence  [t, rounds, n] 0-1, of the round's teacher in its guess
    guess       [t, rounds, n] class       a teacher's guess counts where confidence >= threshold
    misled_by   [t, rounds, n] item        the nearest one that wore the guessed label in training;
                                           -1: none
    accuracy    [t, rounds, 3] 0-1         on test data: teacher, same-steps teacher, student

    Raises ValueError on sizes that disagree and on values out of their range.
    """

    # Sizes are checked below, in words that say what to do.
    position: Float[ndarray, "..."]
    truth: Int[ndarray, "..."]
    labelled: Bool[ndarray, "..."]
    thresholds: Float[ndarray, "..."]
    confidence: Float[ndarray, "..."]
    guess: Int[ndarray, "..."]
    misled_by: Int[ndarray, "..."]
    accuracy: Float[ndarray, "..."]

    def __post_init__(self) -> None:
        self._check_sizes()
        for name in ("thresholds", "confidence", "accuracy"):
            _check_range(name, getattr(self, name), 0, 1)
        _check_range("position", self.position, -np.inf, np.inf)
        _check_range("misled_by", self.misled_by, -1, len(self.truth) - 1)
        if (np.diff(self.thresholds) <= 0).any():
            raise ValueError(f"thresholds {self.thresholds.tolist()} do not rise: sort the runs")
        if (self.misled_by == np.arange(len(self.truth))).any():
            raise ValueError("misled_by names the item itself: leave it out of its own neighbours")

    def _check_sizes(self) -> None:
        if self.confidence.ndim != 3 or 0 in self.confidence.shape:
            raise ValueError(f"confidence has shape {self.confidence.shape}, not (t, rounds, n)")
        t, rounds, n = self.confidence.shape
        expected = {"position": (n, 2), "truth": (n,), "labelled": (n,), "thresholds": (t,)}
        expected |= dict.fromkeys(("guess", "misled_by"), (t, rounds, n))
        expected |= {"accuracy": (t, rounds, len(LEARNERS))}
        for name, shape in expected.items():
            if (got := getattr(self, name).shape) != shape:
                asked = f"confidence {self.confidence.shape} asks for {shape}"
                raise ValueError(f"{name} has shape {got}, {asked}")

    def sure(self) -> Bool[ndarray, "t rounds n"]:
        """Where a guess becomes a label: at or above the threshold, no true label before."""
        return (self.confidence >= self.thresholds[:, None, None]) & ~self.labelled

    def wrong(self) -> Bool[ndarray, "t rounds n"]:
        """Labels that a teacher handed out and that are not true."""
        return self.sure() & (self.guess != self.truth)


def _check_range(name: str, values: ndarray, low: int | float, high: int | float) -> None:
    """ValueError unless every value is finite and low <= value <= high."""
    bad = values[~(np.isfinite(values) & (values >= low) & (values <= high))]
    if bad.size:
        raise ValueError(f"{name} holds {bad.flat[0]}: it must be finite, from {low} to {high}")


def mark_radius(n: int) -> float:
    """The radius of one of n marks, in units of the map: together they fill FILLED of it."""
    return float(np.sqrt(FILLED * BOX.prod() / (np.pi * n)))


def nudge_apart(position: Float[ndarray, "n 2"], steps: int = 60) -> Float[ndarray, "n 2"]:
    """Fit a map into the box and push marks apart that hide one another, a little at a time.

    Neighbours stay neighbours, but small distances are no longer to scale. Deterministic.
    """
    low, high = position.min(0), position.max(0)
    place = (position - low) / np.maximum(high - low, 1e-12) * BOX
    near = 2.1 * mark_radius(len(place))
    # Items at the very same place need a direction to leave in: a circle, by their number.
    turn = 2.4 * np.arange(len(place))
    place = place + 1e-6 * np.stack([np.cos(turn), np.sin(turn)], 1)
    for _ in range(steps):
        apart = place[:, None] - place[None]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-9)
        overlap = np.maximum(near - distance, 0) / distance
        place = np.clip(place + 0.35 * (apart * overlap[..., None]).sum(1), 0, BOX)
    return place


def belief_figure(spread: Spread, at: int, classes: tuple[str, ...] = DIGITS) -> Figure:
    """The last round at thresholds[at]: the map, and the three accuracies on test data."""
    figure = Figure(figsize=(12, 6.75), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[4, 1])
    _draw_map(left, spread, at, classes)
    wrong, added = spread.wrong()[at, -1].sum(), spread.sure()[at, -1].sum()
    figure.suptitle(
        f"{spread.labelled.sum()} true labels (squares). Round {spread.guess.shape[1]} at "
        f"threshold {spread.thresholds[at]:g} adds {added} (discs):\n"
        f"{added - wrong} right, {wrong} wrong (red ring and cross). Grey: not sure.",
        fontsize=17,
    )
    colours = ["#AAAAAA", "#767676", CLASS_COLOURS[0]]
    bars = right.bar(LEARNERS, 100 * spread.accuracy[at, -1], color=colours)
    right.bar_label(bars, fmt="%.1f", fontsize=17, fontweight="bold")
    right.tick_params(labelsize=13)
    right.set_ylabel("right on test data, %", fontsize=15)
    right.set(ylim=(0, 100))
    right.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_map(axes: Axes, spread: Spread, at: int, classes: tuple[str, ...]) -> None:
    place = nudge_apart(spread.position) * [1, -1]
    sure, wrong = spread.sure()[at, -1], spread.wrong()[at, -1]
    size = (
        270 * mark_radius(len(place))
    ) ** 2  # points squared: 135 points are one unit of the map
    unsure = ~sure & ~spread.labelled
    axes.scatter(*place[unsure].T, s=size / 5, c="#BBBBBB")
    groups = [(sure, spread.guess[at, -1], "o", "none"), (spread.labelled, spread.truth, "s", "k")]
    for chosen, label, shape, edge in groups:
        for one, name in enumerate(classes):
            here, fill = place[chosen & (label == one)].T, CLASS_COLOURS[one]
            axes.scatter(*here, s=size, c=fill, marker=shape, edgecolors=edge, linewidths=1.8)
            axes.scatter(*here, s=size / 4, c=ink_on(fill), marker=f"${name}$", linewidths=0.4)
    axes.scatter(*place[wrong].T, s=1.5 * size, facecolors="none", edgecolors="w", linewidths=4)
    axes.scatter(*place[wrong].T, s=1.5 * size, facecolors="none", edgecolors=WRONG, linewidths=2.5)
    axes.scatter(*place[wrong].T, s=2 * size, c=WRONG, marker="x", linewidths=1.2)
    axes.margins(0.03)
    axes.set(aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


class Belief(anywidget.AnyWidget):
    """The explorer, made by `belief`. Set `round` (0: only true labels) or `at` (threshold)."""

    _esm, _css = front_end("belief_story", "belief_map", "belief")
    about = traitlets.Dict().tag(sync=True)  # sizes and names
    data = traitlets.Dict().tag(sync=True)  # arrays as bytes
    round = traitlets.Int(0).tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    spread = traitlets.Instance(Spread)

    @traitlets.validate("round", "at")
    def _check_move(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        last = {"round": self.spread.guess.shape[1], "at": len(self.spread.thresholds) - 1}[name]
        if not 0 <= value <= last:
            raise ValueError(f"{name}={value} is none of 0 to {last}")
        return value

    def __repr__(self) -> str:
        s, (_, rounds, n) = self.spread, self.spread.guess.shape
        wrong, sure = s.wrong()[self.at, -1].sum(), s.sure()[self.at, -1].sum()
        return (
            f"Belief({n} items, {s.labelled.sum()} labelled; threshold {s.thresholds[self.at]:g}, "
            f"round {rounds}: {sure} more labels, {wrong} of them wrong)"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, belief_figure(self.spread, self.at, tuple(self.about["classes"])))


def belief(
    spread: Spread,
    pictures: ndarray | None = None,
    sounds: list[bytes] | None = None,
    classes: tuple[str, ...] = DIGITS,
) -> Belief:
    """Watch belief spread: play the rounds, move the threshold, ask a wrong item who misled it.

    pictures  uint8 [n, height, width], 0 paper to 255 ink
    sounds    one an item, as WAV, Ogg or MP3 bytes
    classes   at most ten names; short ones read best, they are written on the marks

    Starts before the first round, at the middle threshold. ValueError where sizes disagree.
    """
    n, known = len(spread.truth), min(len(classes), len(CLASS_COLOURS))
    for name, own in (("pictures", pictures), ("sounds", sounds)):
        if own is not None and len(own) != n:
            raise ValueError(f"{len(own)} {name} for {n} items: give one an item, or None")
    if pictures is not None and (pictures.ndim != 3 or pictures.dtype != np.uint8):
        found = f"{pictures.dtype} {list(pictures.shape)}"
        raise ValueError(f"pictures are {found}: they must be uint8 [n, height, width], 0-255")
    for name in ("truth", "guess"):
        _check_range(name, getattr(spread, name), 0, known - 1)
    about = {"n": n, "rounds": spread.guess.shape[1], "classes": list(classes)[:known]}
    about |= {"thresholds": spread.thresholds.tolist(), "box": BOX.tolist()}
    about |= {"radius": mark_radius(n), "picture": [] if pictures is None else pictures.shape[1:]}
    data = _bytes_of(spread) | {"sounds": sounds or []}
    data |= {"pictures": b"" if pictures is None else pictures.tobytes()}
    return Belief(about=about, data=data, at=len(spread.thresholds) // 2, spread=spread)


def _bytes_of(spread: Spread) -> dict[str, bytes]:
    """Small arrays for the browser; whether a teacher is sure is decided here, unrounded."""
    return {
        "position": nudge_apart(spread.position).astype("<f4").tobytes(),
        "truth": spread.truth.astype("u1").tobytes(),
        "labelled": spread.labelled.astype("u1").tobytes(),
        "sure": spread.sure().astype("u1").tobytes(),
        "guess": spread.guess.astype("u1").tobytes(),
        "percent": np.floor(100 * spread.confidence + 1e-9).astype("u1").tobytes(),
        "misledBy": spread.misled_by.astype("<i4").tobytes(),
        "accuracy": spread.accuracy.astype("<f4").tobytes(),
    }
