"""The layer walk: a photograph through a network, layer by layer, and what excites each channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy import ndarray

from lecturelib.viz.explorers.stage import WRONG, front_end, mimebundle

TILES = 64  # so many channels are shown at a time


@dataclass(frozen=True)
class Layer:
    """One layer, looked at: what `adapt.looking.walk` gives, as arrays.

    window   (size, step, start) of what one place sees, in pixels along a side of the picture
    maps     [pictures, channels, down, across], after the ReLU: none below 0
    patches  [channels, count, 3, side, side] in 0-1: what excites a channel most, best first
    record   [channels] the value there

    Raises ValueError for other axes, numbers below 0, and shapes that disagree.
    """

    name: str
    window: tuple[int, int, int]
    maps: Float[ndarray, "..."]
    patches: Float[ndarray, "..."]
    record: Float[ndarray, "..."]

    def __post_init__(self) -> None:
        axes = {"maps": (self.maps, 4), "patches": (self.patches, 5), "record": (self.record, 1)}
        for name, (array, count) in axes.items():
            if array.ndim != count or 0 in array.shape:
                raise ValueError(f"{self.name}: {name} {list(array.shape)} need {count} axes")
            if not (array >= 0).all():
                raise ValueError(f"{self.name}: {name} below 0 or NaN: take them after the ReLU")
        channels = [self.maps.shape[1], len(self.patches), len(self.record)]
        if len(set(channels)) > 1:
            raise ValueError(f"{self.name}: {channels} channels of maps, patches and record")
        if self.patches.shape[2] != 3 or self.patches.max() > 1:
            raise ValueError(f"{self.name}: patches need 3 colours in 0-1")

    @cached_property
    def shares(self) -> Float[ndarray, "pictures channels down across"]:
        """Maps as shares of each channel's record: its largest value, here or in its best patch.

        So a dark map means a channel that has found nothing here; a silent one is 0 everywhere.
        What is drawn are roots: a quarter of the record has half of the colours.
        """
        record = np.maximum(self.maps.max((0, 2, 3)), self.record)
        return self.maps / np.where(record > 0, record, 1.0)[:, None, None]

    @cached_property
    def peaks(self) -> list[list[tuple[int, int, float]]]:
        """Row, column and share of each map's largest value, picture by picture."""
        flat = self.shares.reshape(*self.shares.shape[:2], -1)
        rows, columns = np.divmod(flat.argmax(-1), self.shares.shape[-1])
        pictures = zip(rows.tolist(), columns.tolist(), flat.max(-1).tolist(), strict=True)
        return [list(zip(*one, strict=True)) for one in pictures]


class LayerWalk(anywidget.AnyWidget):
    """The explorer, made by `layer_walk`. Set `picture`, `layer` or `channel`, from 0."""

    _esm, _css = front_end("heat", "layer_walk_picture", "layer_walk")
    about = traitlets.Dict().tag(sync=True)  # names and sizes
    photos = traitlets.Bytes().tag(sync=True)  # [pictures, height, width, colour]
    maps = traitlets.Bytes().tag(sync=True)  # [channels, down, across], roots of shares
    patches = traitlets.Bytes().tag(sync=True)  # [count, side, side, colour] of the channel
    facts = traitlets.Dict().tag(sync=True)  # which of them was sent, and each channel's peak
    picture = traitlets.Int(0).tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    channel = traitlets.Int(0).tag(sync=True)
    pixels = traitlets.Any()  # [pictures, 3, height, width]
    names = traitlets.List()
    layers = traitlets.List()  # of Layer

    @traitlets.validate("picture", "layer", "channel")
    def _check_move(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        counts = {"picture": len(self.names), "layer": len(self.layers)}
        counts["channel"] = len(self.layers[self.layer].record)
        if not 0 <= value < counts[name]:
            raise ValueError(f"{name}={value} is none of 0 to {counts[name] - 1}")
        return value

    @traitlets.observe("picture", "layer", "channel")
    def send_view(self, _: Any = None) -> None:
        """What is looked at now travels: one layer's maps of one picture, one channel's patches."""
        one = self.layers[self.layer]
        if self.channel >= len(one.record):
            self.channel = len(one.record) - 1  # which sends
            return
        at = {"picture": self.picture, "layer": self.layer}
        with self.hold_sync():
            if any(self.facts.get(name) != value for name, value in at.items()):
                self.maps = as_bytes(np.sqrt(one.shares[self.picture]))
            self.patches = as_bytes(one.patches[self.channel].transpose(0, 2, 3, 1))
            self.facts = {**at, "channel": self.channel, "peaks": one.peaks[self.picture]}

    def __repr__(self) -> str:
        one = self.layers[self.layer]
        share = one.peaks[self.picture][self.channel][2]
        return (
            f"LayerWalk({len(self.names)} pictures, {len(self.layers)} layers; "
            f"{self.names[self.picture]}, {one.name}, channel {self.channel + 1} of "
            f"{len(one.record)}: {share:.0%} of its record)"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, walk_figure(self))


def layer_walk(pictures: Any, names: Sequence[str], walk: Sequence[Sequence[Any]]) -> LayerWalk:
    """Walk through the layers of a network on photographs.

    pictures  [pictures, 3, height, width] in 0-1, as the network saw them: array or CPU tensor
    names     what each is called
    walk      a layer after another, what `Layer` holds: `adapt.looking.walk(...)` as it is

    ValueError as for `Layer`, and where pictures, names and maps disagree.
    """
    pixels = np.asarray(pictures, dtype=float)
    if pixels.ndim != 4 or pixels.shape[1] != 3 or not ((pixels >= 0) & (pixels <= 1)).all():
        raise ValueError(f"pictures are {list(pixels.shape)}: [pictures, 3, height, width] in 0-1")
    if len(names) != len(pixels):
        raise ValueError(f"{len(names)} names for {len(pixels)} pictures")
    if not walk:
        raise ValueError("walk has no layer: pass adapt.looking.walk(...)")
    layers = [
        Layer(name, tuple(window), *(np.asarray(array, dtype=float) for array in arrays))
        for name, window, *arrays in walk
    ]
    for one in layers:
        if len(one.maps) != len(pixels):
            raise ValueError(f"{one.name}: maps of {len(one.maps)} pictures, {len(pixels)} given")
    about = {
        "names": list(names),
        "size": list(pixels.shape[2:]),
        "tiles": TILES,
        "layers": [describe(one) for one in layers],
    }
    photos = as_bytes(pixels.transpose(0, 2, 3, 1))
    widget = LayerWalk(pixels=pixels, names=list(names), layers=layers, about=about, photos=photos)
    widget.send_view()
    return widget


def describe(one: Layer) -> dict[str, Any]:
    """What the browser needs to know of a layer before its maps come."""
    window = dict(zip(("size", "step", "start"), one.window, strict=True))
    patches = {"count": one.patches.shape[1], "side": one.patches.shape[-1]}
    sizes = {"channels": len(one.record), "map": list(one.maps.shape[2:])}
    return {"name": one.name, **window, **patches, **sizes}


def as_bytes(values: ndarray) -> bytes:
    """0-1 as one byte each, 255 is 1."""
    return np.rint(255 * values).astype(np.uint8).tobytes()


def walk_figure(widget: LayerWalk) -> Figure:
    """The picture, its layer's maps, the chosen map over it, and what excites the channel most."""
    one, picture, channel = widget.layers[widget.layer], widget.picture, widget.channel
    figure = Figure(figsize=(16, 6.4), dpi=60, layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=(3, 5, 5), squeeze=False)[0]
    photo = left.subplots()
    photo.imshow(widget.pixels[picture].transpose(1, 2, 0))
    photo.set_title(widget.names[picture], fontsize=20)
    photo.axis("off")
    first = channel // TILES * TILES
    shown = np.sqrt(one.shares[picture, first : first + TILES])
    columns = int(np.ceil(np.sqrt(len(shown))))
    for number, axis in enumerate(middle.subplots(columns, columns, squeeze=False).flat):
        axis.axis("off")
        if number < len(shown):
            axis.imshow(shown[number], cmap="viridis", vmin=0, vmax=1)
    middle.suptitle(f"{one.name}: {len(one.record)} channels", fontsize=20)
    above, below = right.subfigures(2, 1, height_ratios=(4, 1), squeeze=False)[:, 0]
    _draw_over(above.subplots(), widget)
    row = below.subplots(1, one.patches.shape[1], squeeze=False)[0]
    for axis, patch in zip(row, one.patches[channel], strict=True):
        axis.axis("off")
        axis.imshow(patch.transpose(1, 2, 0))
    return figure


def _draw_over(axis: Axes, widget: LayerWalk) -> None:
    """The map over the grey picture, a frame round what its largest place sees."""
    one, channel = widget.layers[widget.layer], widget.channel
    height, width = widget.pixels.shape[2:]
    row, column, share = one.peaks[widget.picture][channel]
    values = np.sqrt(one.shares[widget.picture, channel])
    axis.imshow(widget.pixels[widget.picture].mean(0), cmap="gray", vmin=0, vmax=1)
    frame = (-0.5, width - 0.5, height - 0.5, -0.5)
    axis.imshow(values, cmap="viridis", vmin=0, vmax=1, alpha=0.85 * values, extent=frame)
    size, step, start = one.window
    corner = (start + column * step - 0.5, start + row * step - 0.5)
    axis.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=WRONG, linewidth=3))
    axis.set(xlim=frame[:2], ylim=frame[2:], xticks=[], yticks=[])
    axis.set_title(f"channel {channel + 1}: {share:.0%} of its record", fontsize=20)
