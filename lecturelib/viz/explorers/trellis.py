"""The CTC trellis of a short word: all its paths, frame by frame, and the likeliest of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.clips import HOP, RATE, Wave, check_frames, outline, piece
from lecturelib.viz.explorers.stage import CLASS_COLOURS, front_end, mimebundle
from lecturelib.viz.sound import mp3

MOST = 120, 25  # frames and states that can still be read: two seconds and a dozen letters
PATH = "#D55E00"


@dataclass(frozen=True)
class Trellis:
    """What `objectives.ctc` computes for one word, to be looked at.

    log_p     [time, classes] log probabilities, class 0 is the blank
    labels    [letters] the word's classes          alphabet  of all classes
    alpha     [time, 2 letters + 1] `forward_trellis`: logarithms, -inf where nothing arrives
    state     [time] the best path, `align(...).state`
    wave      [samples] the sound, 8,000 Hz; a frame is 20 ms of it

    Raises ValueError on sizes that disagree, NaN, and a word too long to be drawn.
    """

    # Sizes are checked below, in words that say what to do.
    log_p: Float[ndarray, "..."]
    labels: Int[ndarray, "..."]
    alphabet: Sequence[str]
    alpha: Float[ndarray, "..."]
    state: Int[ndarray, "..."]
    wave: Wave

    def __post_init__(self) -> None:
        time, states = self.log_p.shape[0], 2 * len(self.labels) + 1
        wanted = {
            "log_p": (self.log_p, [time, len(self.alphabet)]),
            "alpha": (self.alpha, [time, states]),
            "state": (self.state, [time]),
        }
        for name, (values, size) in wanted.items():
            if list(values.shape) != size:
                raise ValueError(f"{name} is {list(values.shape)}: it must be {size}")
            if np.isnan(values).any():
                raise ValueError(f"{name} has NaN: repair the model first")
        check_frames("the model", time, self.wave)
        if time > MOST[0] or states > MOST[1]:
            text = f"{time} frames and {states} states: at most {MOST[0]} and {MOST[1]} can be read"
            raise ValueError(f"{text}, choose a shorter word")
        if self.state.min() < 0 or self.state.max() >= states:
            text = f"state goes from {self.state.min()} to {self.state.max()}"
            raise ValueError(f"{text}: it must stay from 0 to {states - 1}")

    @property
    def word(self) -> str:
        return "".join(str(self.alphabet[label]) for label in self.labels)

    @property
    def signs(self) -> list[str]:
        """The states downwards: a blank before, between and after the letters."""
        return ["–", *(sign for letter in self.word for sign in (letter, "–"))]

    @property
    def skips(self) -> list[bool]:
        """Into which states two steps at once lead: letters that differ from the one before."""
        letters = [False, *(bool(a != b) for a, b in pairwise(self.labels))]
        return [False, *(one for letter in letters for one in (letter, False))]

    @property
    def share(self) -> Float[ndarray, "time states"]:
        """alpha of each state over that of all states of its frame."""
        highest = self.alpha.max(1, keepdims=True)
        alive = np.exp(self.alpha - np.where(np.isfinite(highest), highest, 0))
        return alive / np.maximum(alive.sum(1, keepdims=True), 1e-300)


class TrellisWalk(anywidget.AnyWidget):
    """The explorer, made by `trellis_walk`. Set `at` (a frame and a state) or `path` (shown?)."""

    _esm, _css = front_end("heat", "clips", "trellis_picture", "trellis")
    about = traitlets.Dict().tag(sync=True)  # the word, its states, the best path
    alpha = traitlets.Bytes().tag(sync=True)
    emitted = traitlets.Bytes().tag(sync=True)  # log p of each state's class
    at = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    path = traitlets.Bool(False).tag(sync=True)
    trellis = traitlets.Instance(Trellis)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._play)

    def _play(self, _: Any, asked: dict[str, Any], __: list) -> None:
        """The browser asks for the word or for some frames of it: only what is heard travels."""
        frames, wave = [int(one) for one in asked["clip"].split()], self.trellis.wave
        self.send(asked, [piece(wave, *frames) if frames else mp3(wave, RATE)])

    @traitlets.validate("at")
    def _check_move(self, proposal: Any) -> Any:
        size = self.trellis.alpha.shape
        value = proposal["value"]
        if len(value) != 2 or not all(0 <= n < most for n, most in zip(value, size, strict=True)):
            raise ValueError(
                f"at={value}: give a frame below {size[0]} and a state below {size[1]}"
            )
        return value

    def __repr__(self) -> str:
        frame, state = self.at
        alpha = self.trellis.alpha[frame, state]
        loss = -self.about["total"]
        return (
            f"TrellisWalk({self.trellis.word!r} in {len(self.trellis.alpha)} frames: "
            f"alpha[{frame}, {state}] = {np.exp(alpha):.3g}, -log p(word) = {loss:.3g})"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, trellis_figure(self.trellis))


def trellis_walk(trellis: Trellis) -> TrellisWalk:
    """Step through the frames, read the sum of any cell, show the best path, hear its letters."""
    classes = np.zeros(trellis.alpha.shape[1], int)
    classes[1::2] = trellis.labels
    about = {
        "word": trellis.word,
        "signs": trellis.signs,
        "skips": trellis.skips,
        "best": trellis.state.tolist(),
        "total": float(np.logaddexp(*trellis.alpha[-1, -2:])),
        "hop": HOP / RATE,
        "seconds": len(trellis.wave) / RATE,
        "outline": outline(trellis.wave),
    }
    alpha, emitted = (
        one.astype("<f8").tobytes() for one in (trellis.alpha, trellis.log_p[:, classes])
    )
    return TrellisWalk(trellis=trellis, about=about, alpha=alpha, emitted=emitted)


def trellis_figure(trellis: Trellis) -> Figure:
    """Each frame's alpha as shares, the best path through them, and the sound beneath."""
    figure = Figure(figsize=(12, 5.2), dpi=100, layout="constrained")
    lattice, sound = figure.subplots(2, sharex=True, height_ratios=[5, 1])
    time, states = trellis.alpha.shape
    edges = np.arange(time + 1) * HOP / RATE
    heat = lattice.pcolormesh(
        edges, np.arange(states + 1), trellis.share.T, cmap="Blues", vmin=0, vmax=1
    )
    figure.colorbar(heat, ax=lattice, label="share of the frame's alpha")
    lattice.plot((edges[1:] + edges[:-1]) / 2, trellis.state + 0.5, color=PATH, linewidth=3)
    lattice.set(yticks=np.arange(states) + 0.5, yticklabels=trellis.signs)
    lattice.invert_yaxis()
    sound.plot(np.arange(len(trellis.wave)) / RATE, trellis.wave, color=CLASS_COLOURS[0], lw=0.5)
    sound.set(yticks=[], xlabel="seconds", xlim=(0, edges[-1]))
    total = np.logaddexp(*trellis.alpha[-1, -2:])
    title = f"All paths of “{trellis.word}”, and the best: p = {np.exp(total):.3g}"
    figure.suptitle(f"{title}, −log p = {-total:.3g}", fontsize=15)
    return figure
