"""The Transformer, animated: one real model, one real input, every step, every number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.stage import front_end, mimebundle
from lecturelib.viz.figures import LINES

ATTENTIONS = {"encoder": ("s", "s"), "decoder": ("t", "t"), "cross": ("t", "s")}  # who asks whom


@dataclass(frozen=True)
class Walk:
    """One input through a trained encoder and decoder; s source words, t tokens written.

    source, read   s and t words, as they are shown; read: begin, then all written but the last
    written        t words: after `read[:i + 1]` the model writes `written[i]`
    choices        every word that it could write
    arrays         float, layers in front:
        source.words, source.positions [s, dim]      read.words, read.positions [t, dim]
        encoder.*, decoder.* (self-attention), cross.*: before, out, after [layers, query, dim];
            q, heads [layers, heads, query, d]; k, v [layers, heads, key, d];
            weights [layers, heads, query, key]
        encoder.*, decoder.*: thought (feed-forward), end [layers, query, dim]
        predict [t, choices]  probabilities

    Post-norm models only: what is shown as q of `before` would be q of a normed `before` else.
    Raises ValueError for missing arrays, shapes that disagree, NaN or infinity, and weights that
    are not softmax(q k / sqrt(d)): the numbers shown would not follow from one another.
    """

    source: Sequence[str]
    read: Sequence[str]
    written: Sequence[str]
    choices: Sequence[str]
    arrays: Mapping[str, Float[ndarray, "..."]]

    def __post_init__(self) -> None:
        if len(self.read) != len(self.written) or not self.read or not self.source:
            raise ValueError(
                f"{len(self.source)} source, {len(self.read)} read, {len(self.written)} written "
                "words: at least one each, and as many written as read"
            )
        if missing := sorted({"encoder.q", "cross.q", "source.words"} - set(self.arrays)):
            raise ValueError(f"arrays lack {', '.join(missing)}")
        for name, shape in self.shapes().items():
            got = self.arrays[name].shape if name in self.arrays else "missing"
            if got != shape:
                raise ValueError(f"arrays[{name!r}] is {got}, the words and q ask for {shape}")
            if not np.isfinite(self.arrays[name]).all():
                raise ValueError(f"arrays[{name!r}] has NaN or infinity: repair the model first")
        for part in ATTENTIONS:
            self._check_weights(part)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape that each array must have."""
        dim = self.arrays["source.words"].shape[-1]
        size = {"s": len(self.source), "t": len(self.read)}
        shapes: dict[str, tuple[int, ...]] = {"predict": (size["t"], len(self.choices))}
        for side, count in (("source", size["s"]), ("read", size["t"])):
            shapes |= {f"{side}.{name}": (count, dim) for name in ("words", "positions")}
        for part, (asks, answers) in ATTENTIONS.items():
            layers, heads, *_, d = self.arrays[
                "encoder.q" if part == "encoder" else "cross.q"
            ].shape
            query, key = size[asks], size[answers]
            whole = ["before", "out", "after"] + ["thought", "end"] * (part != "cross")
            shapes |= {f"{part}.{name}": (layers, query, dim) for name in whole}
            shapes |= {f"{part}.{name}": (layers, heads, query, d) for name in ("q", "heads")}
            shapes |= {f"{part}.{name}": (layers, heads, key, d) for name in ("k", "v")}
            shapes |= {f"{part}.weights": (layers, heads, query, key)}
        return shapes

    def _check_weights(self, part: str) -> None:
        q, k = self.arrays[f"{part}.q"], self.arrays[f"{part}.k"]
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
        if part == "decoder":
            scores = scores + np.triu(np.full(scores.shape[-2:], -np.inf), 1)
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        far = np.abs(powers / powers.sum(-1, keepdims=True) - self.arrays[f"{part}.weights"]).max()
        if far > 0.01:
            raise ValueError(
                f"{part}.weights differ by {far:.2g} from softmax(q k / sqrt(d)): "
                "take all of them from one trace"
            )

    def alignment(self, head: tuple[int, int] | None = None) -> Float[ndarray, "t s"]:
        """What each written token looked at, in one cross-attention head (layer, head).

        None: the mean over the heads of the layer whose mean has the highest peaks.
        """
        weights = self.arrays["cross.weights"]
        return weights[self.sharpest()].mean(0) if head is None else weights[head]

    def sharpest(self) -> int:
        """The decoder layer whose cross-attention, heads' mean, has the highest peaks."""
        return int(self.arrays["cross.weights"].mean(1).max(-1).mean(-1).argmax())


Run = Callable[[str], Walk]


class Stepper(anywidget.AnyWidget):
    """The explorer, made by `stepper`. Set `step`, `texts`, `head`; a bad text changes no walk."""

    _esm, _css = front_end("heat", "stepper_story", "stepper_steps", "stepper_picture", "stepper")
    texts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    walks = traitlets.List().tag(sync=True)  # as `for_browser` gives them
    trouble = traitlets.Unicode().tag(sync=True)  # why a text typed in the browser failed
    step = traitlets.Int(0).tag(sync=True)
    head = traitlets.List().tag(sync=True)  # [layer, head] drawn as alignment; empty: a mean
    run = traitlets.Any()
    seen = traitlets.List()  # (text, Walk) pairs: what is shown

    @traitlets.observe("texts")
    def _walk_again(self, change: Any) -> None:
        try:
            seen = [self.run(text) for text in self.texts]
        except ValueError as error:
            self.trouble = str(error)
            return
        with self.hold_sync():
            self.seen, self.trouble, self.step = list(zip(self.texts, seen, strict=True)), "", 0
            self.walks = [for_browser(walk) for walk in seen]

    def __repr__(self) -> str:
        lines = ", ".join(f"{text!r} -> {' '.join(walk.written)}" for text, walk in self.seen)
        return f"Stepper({lines})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        head = (self.head[0], self.head[1]) if self.head else None
        return mimebundle(self, walk_figure([walk for _, walk in self.seen], head))


def stepper(
    run: Run, text: str, beside: str | None = None, head: tuple[int, int] | None = None
) -> Stepper:
    """Walk one trained model through one input, a key press a step; Space writes a whole token.

    run     text -> Walk; raises ValueError for a text that the model cannot read
    text    is walked through      beside  a second one, whose alignment is drawn next to the first
    head    (layer, head), from 0: whose cross-attention is drawn; None: one layer's mean

    Edit the texts in the browser, or in Python: `w.texts = ["...", "..."]`.
    """
    texts = [text] if beside is None else [text, beside]
    widget = Stepper(run=run, texts=texts)
    if widget.trouble:
        raise ValueError(widget.trouble)
    layers, heads = widget.seen[0][1].arrays["cross.q"].shape[:2]
    if head is not None and not (0 <= head[0] < layers and 0 <= head[1] < heads):
        raise ValueError(f"head={head}: this decoder has {layers} layers of {heads} heads, from 0")
    widget.head = list(head or ())
    return widget


def for_browser(walk: Walk) -> dict[str, Any]:
    """Words, sizes, and every array as float32 bytes."""
    layers, heads, _, d = walk.arrays["cross.q"].shape
    arrays = {name: walk.arrays[name] for name in walk.shapes()}
    return {
        "source": list(walk.source),
        "read": list(walk.read),
        "written": list(walk.written),
        "choices": list(walk.choices),
        "sizes": {
            "encoder": len(walk.arrays["encoder.q"]),
            "decoder": layers,
            "heads": heads,
            "d": d,
        },
        "aligned": walk.sharpest(),
        "arrays": {name: value.astype("<f4").tobytes() for name, value in arrays.items()},
    }


def walk_figure(walks: Sequence[Walk], head: tuple[int, int] | None = None) -> Figure:
    """Which letters each written token looked at: lines from below, thick where it looked."""
    figure = Figure(figsize=(7 * len(walks), 3.6), dpi=90, layout="constrained")
    for axis, walk in zip(figure.subplots(1, len(walks), squeeze=False)[0], walks, strict=True):
        _draw_alignment(axis, walk, walk.alignment(head))
    return figure


def _draw_alignment(axis: Axes, walk: Walk, weights: ndarray) -> None:
    s, t = len(walk.source), len(walk.written)
    places = (np.arange(t) + 0.5) * s / t - 0.5
    for at, (row, place) in enumerate(zip(weights, places, strict=True)):
        for key, weight in enumerate(row):
            width, alpha = 10 * weight, float(min(1, 0.25 + weight))
            axis.plot([key, place], [1, 0], lw=width, alpha=alpha, color=LINES[at % len(LINES)])
        axis.text(place, -0.12, walk.written[at], ha="center", va="top", fontsize=20)
    for key, word in enumerate(walk.source):
        axis.text(key, 1.06, word, ha="center", va="bottom", fontsize=15, family="monospace")
    axis.set(xlim=(-1, s), ylim=(-0.4, 1.3))
    axis.set_axis_off()
