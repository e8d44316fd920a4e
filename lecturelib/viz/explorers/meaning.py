"""One word edits a meaning: a word's uses on a map, and the reader's own sentence as a star."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.stage import CLASS_COLOURS, front_end, mimebundle

SHAPES = "so"  # a square for the first sense, a disc for the second, in Python and in the browser
Parts = tuple[str, str, str]
Place = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Meanings:
    """The uses of one word, in every layer of a model.

    points     [layers, n, 2] the layers turned to match one another
    sense      [n] 0 or 1          senses     what the two are called
    sentences  n times (what comes before the word, the word, what follows)
    static     [2] the one place that a static vector gives to every use
    own        [layers] 0-1, this word's leave-one-out score
    note       shown with the word, for instance where its sentences come from
    place      sentence -> {"parts": as above, "points": [layers, 2], "nearest": [layers, k] items};
               ValueError for a sentence without the word
    examples   sentences that the Space key goes through

    Raises ValueError on sizes that disagree.
    """

    # Sizes are checked below, in words that say what to do.
    word: str
    points: Float[ndarray, "..."]
    sense: Int[ndarray, "..."]
    senses: Sequence[str]
    sentences: Sequence[Parts]
    static: Float[ndarray, "..."]
    own: Float[ndarray, "..."]
    note: str
    place: Place
    examples: Sequence[str]

    def __post_init__(self) -> None:
        if self.points.ndim != 3 or 0 in self.points.shape:
            raise ValueError(f"points of {self.word!r} are {self.points.shape}, not (layers, n, 2)")
        layers, n, _ = self.points.shape
        expected = {"points": (layers, n, 2), "sense": (n,), "static": (2,), "own": (layers,)}
        for name, shape in expected.items():
            if (got := getattr(self, name).shape) != shape:
                raise ValueError(f"{name} of {self.word!r} is {got}, the points ask for {shape}")
        if len(self.sentences) != n:
            raise ValueError(f"{len(self.sentences)} sentences for {n} points: give one each")
        if len(self.senses) != 2 or not set(self.sense.tolist()) <= {0, 1}:
            raise ValueError(f"{self.word!r} needs two senses, 0 and 1, and two names for them")
        if not np.isfinite(self.points).all():
            raise ValueError(
                f"points of {self.word!r} have NaN or infinity: repair the model first"
            )
        if not self.examples:
            raise ValueError(f"no examples for {self.word!r}: give a sentence to start with")


class Meaning(anywidget.AnyWidget):
    """The explorer, made by `meaning`. Set `word` (its number), `text`, `layer`."""

    _esm, _css = front_end("heat", "meaning_story", "meaning_map", "meaning")
    about = traitlets.Dict().tag(sync=True)  # scores and every word's map
    word = traitlets.Int(-1).tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    star = traitlets.Dict().tag(sync=True)  # where the last readable text stands
    trouble = traitlets.Unicode().tag(sync=True)  # why a text could not be placed
    maps = traitlets.List()

    @traitlets.validate("word", "layer")
    def _check_move(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        last = {"word": len(self.maps), "layer": len(self.about["score"])}[name] - 1
        if not 0 <= value <= last:
            raise ValueError(f"{name}={value} is none of 0 to {last}")
        return value

    @traitlets.observe("word")
    def _start_again(self, _: Any) -> None:
        self.text = self.maps[self.word].examples[0]

    @traitlets.observe("text")
    def _place(self, _: Any) -> None:
        try:
            placed = self.maps[self.word].place(self.text)
        except ValueError as error:
            self.trouble = str(error)
            return
        parts, points, nearest = (placed[name] for name in ("parts", "points", "nearest"))
        with self.hold_sync():
            self.trouble = ""
            self.star = {
                "word": self.word,
                "parts": list(parts),
                "points": points.tolist(),
                "nearest": nearest.tolist(),
            }

    def __repr__(self) -> str:
        shown = self.maps[self.word]
        votes = shown.sense[self.star["nearest"][self.layer]].tolist()
        sense = int(2 * sum(votes) > len(votes))
        return (
            f"Meaning({shown.word!r}, {len(shown.sense)} uses, layer {self.layer}: "
            f"{' '.join(self.star['parts']).strip()!r} -> {shown.senses[sense]}, "
            f"{votes.count(sense)} of {len(votes)} nearest)"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, self.figure())

    def figure(self) -> Figure:
        """The star in three layers, and the score of every layer."""
        return meaning_figure(self.maps[self.word], self.star, np.array(self.about["score"]))


def meaning(
    maps: Sequence[Meanings], score: Float[ndarray, "layers"], measured: str, layer: int = -1
) -> Meaning:
    """Edit a sentence and watch its word fly to another meaning; the static vector stays.

    maps      one a word, all with the same layers     layer  to start with; -1: the middle
    score     0-1 a layer, measured over many words     measured  on what, in a few words

    ValueError where layers disagree or the first example has no place.
    """
    for one in maps:
        if len(one.points) != len(score):
            raise ValueError(f"{len(score)} scores for {len(one.points)} layers of {one.word!r}")
    about = {
        "score": score.tolist(),
        "measured": measured,
        "words": [for_browser(one) for one in maps],
    }
    start = len(score) // 2 if layer < 0 else layer
    widget = Meaning(about=about, maps=list(maps), layer=start)
    widget.word = 0
    if widget.trouble:
        raise ValueError(widget.trouble)
    return widget


def for_browser(one: Meanings) -> dict[str, Any]:
    """A word's map: points as float32 bytes, the rest as it is."""
    return {
        "word": one.word,
        "points": one.points.astype("<f4").tobytes(),
        "sense": one.sense.tolist(),
        "senses": list(one.senses),
        "sentences": [list(parts) for parts in one.sentences],
        "static": one.static.tolist(),
        "own": one.own.tolist(),
        "note": one.note,
        "examples": list(one.examples),
    }


def meaning_figure(one: Meanings, star: dict[str, Any], score: Float[ndarray, "layers"]) -> Figure:
    """First, best and last layer side by side, and the curve of all scores."""
    layers = sorted({0, int(score.argmax()), len(score) - 1})
    figure = Figure(figsize=(13, 4.2), dpi=100, layout="constrained")
    *planes, right = figure.subplots(1, len(layers) + 1)
    for axis, layer in zip(planes, layers, strict=True):
        _draw_plane(axis, one, star["points"][layer], layer)
        axis.set_title(f"layer {layer}: {100 * score[layer]:.0f} % told apart", fontsize=14)
    planes[0].legend(fontsize=11, loc="lower right", ncols=2)  # before context there is room
    right.plot(100 * score, "o-", color="black", linewidth=2.5)
    right.axhline(50, color="#767676", linestyle="--")
    right.set(xlabel="layer", ylabel="told apart, %", ylim=(40, 102))
    before, word, after = star["parts"]
    note = f"\n{one.note}" if one.note else ""
    figure.suptitle(f"★ {f'{before} {word.upper()} {after}'.strip()}{note}", fontsize=17)
    return figure


def _draw_plane(axis: Axes, one: Meanings, star: Sequence[float], layer: int) -> None:
    for sense, name in enumerate(one.senses):
        x, y = one.points[layer, one.sense == sense].T
        colour = CLASS_COLOURS[sense]
        axis.scatter(x, -y, s=36, c=colour, marker=SHAPES[sense], alpha=0.8, label=name)
    rim = {"edgecolors": "white", "linewidths": 1.5, "zorder": 3}
    axis.scatter(one.static[0], -one.static[1], s=180, c="k", marker="D", label="static", **rim)
    axis.scatter(star[0], -star[1], s=520, c="k", marker="*", label="your sentence", **rim)
    every = np.concatenate([one.points.reshape(-1, 2), one.static[None]]) * [1, -1]
    (left, low), (right, high) = every.min(0) - 0.7, every.max(0) + 0.7
    axis.set(xlim=(left, right), ylim=(low, high), xticks=[], yticks=[])
