"""Hidden frames against their distractors: what is compared, the slide's loss, and a figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.adapt.codes import Occurrence
from lecturelib.viz.explorers.pieces import FRAME, RATE, Recordings
from lecturelib.viz.explorers.stage import CLASS_COLOURS

# draw(place, count, others, seed): distractors of a place, all hidden
Draw: TypeAlias = Callable[[Occurrence, int, bool, int], Sequence[Occurrence]]


@dataclass(frozen=True)
class Contrast:
    """What a model says of the hidden frames of some clips, and what truly stands there.

    hidden   [frames] a clip, True where the model must predict
    context  [frames, width] a clip: c_t, projected          target  the same for q_t
    codes    [frames, groups] a clip: frames of the same codes have the same q
    draw     draw(place, count, others, seed) -> places: `adapt.distractors.distractors_of`

    Raises ValueError on sizes that disagree, NaN, and where nothing is hidden.
    """

    recordings: Recordings
    hidden: Sequence[ndarray]
    context: Sequence[ndarray]
    target: Sequence[ndarray]
    codes: Sequence[ndarray]
    draw: Draw

    def __post_init__(self) -> None:
        n = len(self.recordings.clips)
        for name in ("hidden", "context", "target", "codes"):
            own = getattr(self, name)
            if len(own) != n:
                raise ValueError(f"{name}: {len(own)} for {n} clips, give one each")
            for clip, (one, hidden) in enumerate(zip(own, self.hidden, strict=True)):
                if len(one) != len(hidden):
                    text = f"{name} of clip {clip} has {len(one)} frames, hidden {len(hidden)}"
                    raise ValueError(text)
                if name in ("context", "target") and not np.isfinite(one).all():
                    raise ValueError(f"{name} of clip {clip} has NaN or infinity: repair the model")
        if not self.places():
            raise ValueError("nothing is hidden: hide some frames, with a larger start_prob")
        for place in self.places():
            self.recordings.check(place)

    def places(self) -> list[Occurrence]:
        """All hidden frames, clip by clip."""
        return [
            Occurrence(c, int(t)) for c, own in enumerate(self.hidden) for t in own.nonzero()[0]
        ]

    def names(self) -> list[str]:
        return [
            f"{who}: {what}"
            for who, what in zip(self.recordings.speakers, self.recordings.texts, strict=True)
        ]

    def compare(self, place: Occurrence, others: Sequence[Occurrence]) -> dict[str, list]:
        """sim(c_t, q) for the true frame, then for its distractors; which of these are equal."""
        all_places = [place, *others]
        context = self.context[place.clip][place.frame]
        target = np.stack([self.target[one.clip][one.frame] for one in all_places])
        long = np.linalg.norm(target, axis=1) * np.linalg.norm(context)
        cosine = target @ context / np.maximum(long, 1e-8)
        code = self.codes[place.clip][place.frame]
        same = [bool((self.codes[one.clip][one.frame] == code).all()) for one in others]
        cosine[1:][np.array(same, bool)] = cosine[0]  # exactly alike, whatever rounding did
        return {"cosine": cosine.tolist(), "same": same}


class Numbers(NamedTuple):
    """One frame's comparison, the true frame first: the slide's equation in parts."""

    scores: Float[ndarray, " choices"]  # sim / kappa
    out: Bool[ndarray, " choices"]  # equal to the true frame, and left out of the sum
    softmax: Float[ndarray, " choices"]
    loss: float


def slide_loss(
    cosine: Float[ndarray, " choices"], same: Bool[ndarray, " negatives"], kappa: float, keep: bool
) -> Numbers:
    """The slide's L_m (Eq. 3) of one frame, in nats; equal distractors left out unless `keep`."""
    scores = cosine / kappa
    out = np.append(False, same & (not keep))
    power = np.where(out, 0, np.exp(scores - scores.max()))
    softmax = power / power.sum()
    return Numbers(scores, out, softmax, float(-np.log(softmax[0])))


def contrast_figure(contrast: Contrast, drawn: Sequence[Occurrence], numbers: Numbers) -> Figure:
    """The clips with the hidden frame and its distractors, their scores and the softmax."""
    figure = Figure(figsize=(14, 6), dpi=100, layout="constrained")
    left, right = figure.subfigures(1, 2, False, width_ratios=[3, 2])[0]
    rows = left.subplots(len(contrast.hidden), 1, sharex=True, squeeze=False)[:, 0]
    for clip, axis in enumerate(rows):
        _draw_clip(axis, contrast, clip)
    for clip, frame in drawn[1:]:
        rows[clip].plot(_second(frame), -0.8, "o", color=CLASS_COLOURS[1], markersize=7)
    clip, frame = drawn[0]
    rows[clip].plot(_second(frame), 0.75, "v", color="black", markersize=13)
    rows[-1].set(xlabel="seconds")
    above, below = right.subplots(2, 1, sharex=True)
    order = np.argsort(-numbers.scores, kind="stable")
    colours = np.where(
        order == 0, "black", np.where(numbers.out[order], "#BBBBBB", CLASS_COLOURS[1])
    )
    above.bar(range(len(order)), numbers.scores[order], color=colours)
    above.set(ylabel="sim / kappa")
    below.bar(range(len(order)), numbers.softmax[order], color=colours)
    below.set(
        ylabel="softmax", xlabel="black: the true frame; grey: equal to it, left out", xticks=[]
    )
    figure.suptitle(f"loss {numbers.loss:.2f}, chance {np.log(len(order)):.2f}", fontsize=16)
    return figure


def _draw_clip(axis: Axes, contrast: Contrast, clip: int) -> None:
    wave = contrast.recordings.clips[clip]
    axis.plot(np.arange(len(wave)) / RATE, wave / np.abs(wave).max().clip(1e-6), linewidth=0.5)
    hidden = np.repeat(contrast.hidden[clip], FRAME)
    axis.fill_between(
        np.arange(len(hidden)) / RATE, -1, 1, where=hidden, color="#767676", alpha=0.35
    )
    axis.set(ylim=(-1, 1), yticks=[])
    axis.set_ylabel(
        contrast.recordings.name(clip),
        rotation=0,
        horizontalalignment="right",
        verticalalignment="center",
    )


def _second(frame: int) -> float:
    return (frame + 0.5) * FRAME / RATE
