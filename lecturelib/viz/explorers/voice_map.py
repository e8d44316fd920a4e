"""A map to click and listen: every point is a clip, coloured by what is known of its voice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.belief import BOX, mark_radius, nudge_apart
from lecturelib.viz.explorers.stage import CLASS_COLOURS, front_end, mimebundle
from lecturelib.viz.sound import mp3

SHAPES = "os^Dv*P"  # matplotlib's names; with ten colours, 70 groups can be told apart
LEGEND = 14  # groups that the picture names


@dataclass(frozen=True)
class Voices:
    """Clips on a plane, and what is known of each.

    points  [n, 2] any scale, such as t-SNE of their vectors
    names   of the clips       clips  [samples] each, mono, at `rate` Hz
    labels  what is known -> its value for every clip: {"sex": ["f", "m", ...], "language": ...}

    Raises ValueError on sizes that disagree, NaN, and without any label.
    """

    # Sizes are checked below, in words that say what to do.
    points: Float[ndarray, "..."]
    names: Sequence[str]
    clips: Sequence[ndarray]
    labels: Mapping[str, Sequence[str]]
    rate: int = 8000

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.shape[1] != 2 or not len(self.points):
            raise ValueError(f"points are {list(self.points.shape)}: they must be [n, 2]")
        if not np.isfinite(self.points).all():
            raise ValueError("points have NaN or infinity: repair the vectors first")
        if not self.labels:
            raise ValueError("no labels: give one thing at least that is known of every clip")
        n = len(self.points)
        for what, own in {"names": self.names, "clips": self.clips, **self.labels}.items():
            if len(own) != n:
                raise ValueError(f"{what}: {len(own)} for {n} points, give one each")
        for name, clip in zip(self.names, self.clips, strict=True):
            if clip.ndim != 1 or not clip.size or not np.isfinite(clip).all():
                text = f"the clip {name} is {list(clip.shape)}: give finite samples of one channel"
                raise ValueError(text)

    def groups(self, what: str) -> list[str]:
        """The different values of one label, sorted."""
        return sorted(set(self.labels[what]))


class VoiceMap(anywidget.AnyWidget):
    """The explorer, made by `voice_map`. Set `item` (a clip, -1: none) or `shown` (a label)."""

    _esm, _css = front_end("clips", "voice_map_marks", "voice_map")
    about = traitlets.Dict().tag(sync=True)  # names and labels
    place = traitlets.Bytes().tag(sync=True)  # [n, 2] in the box, no two marks hide one another
    item = traitlets.Int(-1).tag(sync=True)
    shown = traitlets.Unicode().tag(sync=True)
    voices = traitlets.Instance(Voices)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._play)

    def _play(self, _: Any, asked: dict[str, Any], __: list) -> None:
        """The browser asks for a clip: only what is heard travels."""
        self.send(asked, [mp3(self.voices.clips[asked["clip"]], self.voices.rate)])

    @traitlets.validate("item", "shown")
    def _check_move(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        n, labels = len(self.voices.names), list(self.voices.labels)
        if name == "item" and not -1 <= value < n:
            raise ValueError(f"item={value} is none of 0 to {n - 1}, nor -1 for none")
        if name == "shown" and value not in labels:
            raise ValueError(f"shown={value!r} is none of {', '.join(labels)}")
        return value

    def __repr__(self) -> str:
        groups = self.voices.groups(self.shown)
        chosen = "" if self.item < 0 else f", {self.voices.names[self.item]} chosen"
        count = len(self.voices.names)
        return f"VoiceMap({count} clips by {self.shown}: {len(groups)} groups{chosen})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, voice_figure(self.voices, self.shown, self.item))


def voice_map(voices: Voices) -> VoiceMap:
    """Click a point, or walk with the arrow keys, and hear its clip; L shows another label.

    Marks are pushed apart until none hides another: neighbours stay neighbours, but small
    distances are no longer to scale. Starts with the first label and no clip chosen.
    """
    labels = {}
    for what, values in voices.labels.items():
        groups = voices.groups(what)
        labels[what] = {"groups": groups, "of": [groups.index(one) for one in values]}
    seconds = [round(len(clip) / voices.rate, 1) for clip in voices.clips]
    about = {"names": list(voices.names), "labels": labels, "seconds": seconds}
    about |= {"box": BOX.tolist(), "radius": mark_radius(len(voices.points))}
    place = nudge_apart(voices.points).astype("<f4").tobytes()
    return VoiceMap(voices=voices, about=about, place=place, shown=next(iter(labels)))


def voice_figure(voices: Voices, shown: str, item: int) -> Figure:
    """The map, a colour and a shape a group; the chosen clip is ringed."""
    figure = Figure(figsize=(9, 6), dpi=100, layout="constrained")
    axis = figure.subplots()
    place, values = nudge_apart(voices.points) * [1, -1], np.array(voices.labels[shown])
    size = (100 * mark_radius(len(place))) ** 2
    groups = voices.groups(shown)
    for number, group in enumerate(groups):
        colour = CLASS_COLOURS[number % len(CLASS_COLOURS)]
        look = {"marker": SHAPES[number % len(SHAPES)], "c": colour, "s": size}
        label = group if number < LEGEND else None
        axis.scatter(*place[values == group].T, label=label, edgecolors="white", **look)
    if item >= 0:
        ring = {"s": 4 * size, "facecolors": "none", "edgecolors": "black", "linewidths": 2.5}
        axis.scatter(*place[item], **ring)
    more = f" (the first {LEGEND} of {len(groups)})" if len(groups) > LEGEND else ""
    figure.legend(loc="outside right upper", fontsize=12, title=f"{shown}{more}")
    axis.set(aspect="equal", xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    return figure
