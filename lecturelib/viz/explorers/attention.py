"""The attention explorer: all heads small, one head large, lines from the chosen word."""

from collections.abc import Sequence
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

WHOLE = 64  # up to so many words every map is sent at once; above, one layer at a time
SMALL = 32  # the small maps have at most so many rows and columns


@dataclass(frozen=True)
class Attention:
    """Who looks at whom, in every head, for one input.

    weights      [layers, heads, query, key] after the softmax: each row sums to 1
    query_words  who looks: words, or names of patches or frames
    key_words    what is looked at; None: the same

    Raises ValueError for other axes, a wrong number of words, and rows that are no distribution.
    """

    weights: Float[ndarray, "..."]
    query_words: Sequence[str]
    key_words: Sequence[str] | None = None

    def __post_init__(self) -> None:
        shape = self.weights.shape
        if len(shape) != 4 or 0 in shape:
            raise ValueError(f"weights are {list(shape)}: they need layers, heads, query, key")
        for name, words, count in (
            ("query", self.query_words, shape[2]),
            ("key", self.keys, shape[3]),
        ):
            if len(words) != count:
                raise ValueError(f"{len(words)} {name}_words for {count} {name} positions")
        bad = ~(np.abs(self.weights.sum(-1) - 1) < 0.01) | (self.weights < 0).any(-1)
        if bad.any():
            layer, head, query = np.argwhere(bad)[0].tolist()
            raise ValueError(
                f"layer {layer}, head {head}, query {query} sums to "
                f"{self.weights[layer, head, query].sum():g}: pass weights after the softmax, "
                "without padded positions"
            )

    @property
    def keys(self) -> Sequence[str]:
        """What is looked at."""
        return self.query_words if self.key_words is None else self.key_words

    def entropy(self) -> Float[ndarray, "layers heads"]:
        """How widely a head looks, in bits, mean over queries: 0 at one key, log2(n) at all n."""
        logs = np.log2(self.weights, out=np.zeros_like(self.weights), where=self.weights > 0)
        return 0 - (self.weights * logs).sum(-1).mean(-1)

    def distance(self) -> Float[ndarray, "layers heads"]:
        """How far a head looks: sum of weight * |query - key| in positions, mean over queries."""
        query, key = self.weights.shape[2:]
        far = np.abs(np.arange(query)[:, None] - np.arange(key))
        return (self.weights * far).sum(-1).mean(-1)


def shrink(maps: Float[ndarray, "layers heads query key"]) -> Float[ndarray, "..."]:
    """At most SMALL x SMALL cells a map: a cell keeps the strongest weight that falls into it.

    A mean would wash out a diagonal, the commonest thing to be seen.
    """
    for axis in (2, 3):
        size = maps.shape[axis]
        if size > SMALL:
            starts = np.arange(SMALL) * size // SMALL
            maps = np.maximum.reduceat(maps, starts, axis=axis)
    return maps


def as_bytes(maps: ndarray) -> bytes:
    """0-1 as one byte each, 255 is 1."""
    return np.rint(255 * maps.clip(0, 1)).astype(np.uint8).tobytes()


class AttentionExplorer(anywidget.AnyWidget):
    """The explorer, made by `attention_explorer`. Set `layer`, `head` or `token` (the query)."""

    _esm, _css = front_end("heat", "attention_picture", "attention")
    about = traitlets.Dict().tag(sync=True)  # sizes, words, entropy and distance
    small = traitlets.List().tag(sync=True)  # bytes an input: all heads, shrunk
    maps = traitlets.List().tag(sync=True)  # bytes an input: all layers, or the one that is `sent`
    sent = traitlets.Int(0).tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    token = traitlets.Int(0).tag(sync=True)
    inputs = traitlets.List()  # one or two Attention

    @traitlets.validate("layer", "head", "token")
    def _check_move(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        layers, heads, *_ = self.inputs[0].weights.shape
        tokens = max(len(one.query_words) for one in self.inputs)
        last = {"layer": layers, "head": heads, "token": tokens}[name] - 1
        if not 0 <= value <= last:
            raise ValueError(f"{name}={value} is none of 0 to {last}")
        return value

    @traitlets.observe("layer")
    def send_maps(self, _: Any = None) -> None:
        """Long inputs: only the layer that is looked at travels, with its number."""
        if self.maps and self.about["whole"]:
            return
        chosen = slice(None) if self.about["whole"] else slice(self.layer, self.layer + 1)
        with self.hold_sync():
            self.maps = [as_bytes(one.weights[chosen]) for one in self.inputs]
            self.sent = self.layer

    def __repr__(self) -> str:
        layers, heads, query, key = self.inputs[0].weights.shape
        entropy = self.inputs[0].entropy()[self.layer, self.head]
        return (
            f"Attention({layers} layers x {heads} heads, {query} x {key} positions; "
            f"layer {self.layer + 1}, head {self.head + 1}: entropy {entropy:.2f} bits)"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, attention_figure(self.inputs, self.layer, self.head))


def attention_explorer(
    weights: Any,
    query_words: Sequence[str],
    key_words: Sequence[str] | None = None,
    other: Attention | None = None,
) -> AttentionExplorer:
    """Who looks at whom: a grid of all heads, one head large, lines from the chosen word.

    weights      [layers, heads, query, key], array or CPU tensor, each row sums to 1
    query_words  who looks; key_words: what is looked at (None: the same)
    other        a second input through the same model, drawn beside the first

    ValueError as for `Attention`, and where the two inputs differ in layers or heads.
    """
    inputs = [Attention(np.asarray(weights, dtype=float), query_words, key_words)]
    inputs += [other] if other is not None else []
    layers, heads = (sizes := [one.weights.shape[:2] for one in inputs])[0]
    if sizes[-1] != sizes[0]:
        raise ValueError(f"other has (layers, heads) {sizes[-1]}, weights have {sizes[0]}")
    widest = max(max(one.weights.shape[2:]) for one in inputs)
    about = {"layers": layers, "heads": heads, "whole": widest <= WHOLE}
    about |= {"inputs": [describe(one) for one in inputs]}
    widget = AttentionExplorer(
        inputs=inputs, about=about, small=[as_bytes(shrink(one.weights)) for one in inputs]
    )
    widget.send_maps()
    return widget


def describe(one: Attention) -> dict[str, Any]:
    """What the browser needs to know of one input, numbers unrounded by the bytes."""
    return {
        "queries": list(one.query_words),
        "keys": list(one.keys),
        "small": [min(SMALL, size) for size in one.weights.shape[2:]],
        "entropy": one.entropy().tolist(),
        "distance": one.distance().tolist() if one.key_words is None else None,
    }


def attention_figure(inputs: Sequence[Attention], layer: int, head: int) -> Figure:
    """All heads small; one head large, with its words, an input after another."""
    layers, heads, *_ = inputs[0].weights.shape
    figure = Figure(figsize=(6 + 6 * len(inputs), 6), dpi=80, layout="constrained")
    grid, *large = figure.subfigures(1, 1 + len(inputs), squeeze=False)[0]
    axes = grid.subplots(layers, heads, squeeze=False)
    for (row, column), axis in np.ndenumerate(axes):
        axis.imshow(inputs[0].weights[row, column], cmap="Blues", vmin=0, aspect="auto")
        axis.set(xticks=[], yticks=[])
    grid.supylabel("layer, first on top")
    grid.supxlabel("head")
    for one, part in zip(inputs, large, strict=True):
        _draw_head(part.subplots(), one, layer, head)
    return figure


def _draw_head(axis: Axes, one: Attention, layer: int, head: int) -> None:
    axis.imshow(one.weights[layer, head], cmap="Blues", vmin=0, vmax=1)
    bits = one.entropy()[layer, head]
    axis.set_title(f"layer {layer + 1}, head {head + 1}: {bits:.2f} bits", fontsize=14)
    for place, words in (("x", one.keys), ("y", one.query_words)):
        every = -(-len(words) // 32)
        ticks = {f"{place}ticks": range(0, len(words), every)}
        axis.set(**ticks, **{f"{place}ticklabels": list(words)[::every]})
    axis.tick_params("x", labelrotation=90)
