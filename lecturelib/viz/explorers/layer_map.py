"""The layer map: every layer of several models against every other, and with digits exchanged."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.stage import front_end, mimebundle

Name = tuple[str, int]
MOST = 24  # layers whose cells can still be told apart in a hall
TICKS = (0, 0.05, 0.25, 0.5, 1)  # of the colour scale
USUAL = (5, 95)  # percentiles: 9 of 10 draws lie between


class LayerMap(anywidget.AnyWidget):
    """The explorer, made by `layer_map`. Set `at` ([row, column]) or `exchanged` (the control)."""

    _esm, _css = front_end("heat", "layer_map_picture", "layer_map")
    about = traitlets.Dict().tag(sync=True)  # names, and how many draws the control has
    values = traitlets.Bytes().tag(sync=True)  # [4, layers, layers], float32, as `levels`
    at = traitlets.List(traitlets.Int()).tag(sync=True)
    exchanged = traitlets.Bool(False).tag(sync=True)
    names = traitlets.List()
    levels = traitlets.Any()  # [4, layers, layers]: matched, the control's mean, low and high

    @traitlets.validate("at")
    def _check_move(self, proposal: Any) -> Any:
        value, last = proposal["value"], len(self.names) - 1
        if len(value) != 2 or not all(0 <= one <= last for one in value):
            raise ValueError(f"at={value}: give a row and a column, 0 to {last}")
        return value

    def __repr__(self) -> str:
        pair = " and ".join(f"{model} layer {number}" for model, number in self._pair())
        return f"LayerMap({len(self.names)} layers; {pair}: {self.reading()})"

    def _pair(self) -> list[Name]:
        return [self.names[one] for one in self.at]

    def reading(self) -> str:
        """The chosen cell in numbers."""
        row, column = self.at
        matched, mean, low, high = (short(one) for one in self.levels[:, row, column])
        return f"CKA {matched}, digits exchanged {mean} ({low} to {high})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, map_figure(self.names, self.levels))


def layer_map(names: Sequence[Name], matrix: Any, control: Any) -> LayerMap:
    """Walk over the cells with the arrow keys or the mouse; C shows the control.

    names    (model, number of the layer), a model's layers next to each other
    matrix   [layers, layers] CKA of things with the same digit: an array or a CPU tensor
    control  [draws, layers, layers] with digits exchanged: `adapt.similarity.similarities` gives
             all three

    Starts at the two layers of different models that are most alike. Raises ValueError on shapes
    that disagree, NaN, a matrix that is not symmetric, and more layers than can be read.
    """
    matched, drawn = (np.asarray(one, dtype=float) for one in (matrix, control))
    check(names, matched, drawn)
    levels = np.stack([matched, drawn.mean(0), *np.percentile(drawn, USUAL, axis=0)])
    about = {"names": [list(name) for name in names], "draws": len(drawn), "ticks": TICKS}
    return LayerMap(
        names=[(model, int(number)) for model, number in names],
        levels=levels,
        about=about,
        values=levels.astype("<f4").tobytes(),
        at=most_alike([model for model, _ in names], matched),
    )


def check(names: Sequence[Name], matrix: ndarray, control: ndarray) -> None:
    """ValueError for what cannot be shown."""
    n = len(names)
    if not 2 <= n <= MOST:
        raise ValueError(f"{n} layers: 2 to {MOST} can be read, choose among them")
    if len(list(groupby(model for model, _ in names))) > len({model for model, _ in names}):
        raise ValueError("a model's layers stand apart: sort the names by model")
    if matrix.shape != (n, n):
        raise ValueError(f"matrix is {list(matrix.shape)}: {n} names need [{n}, {n}]")
    if control.ndim != 3 or control.shape[1:] != (n, n) or not len(control):
        raise ValueError(f"control is {list(control.shape)}: it must be [draws, {n}, {n}]")
    for name, values in {"matrix": matrix, "control": control}.items():
        if not np.isfinite(values).all():
            raise ValueError(f"{name} has NaN or infinity: repair the model first")
    if not np.allclose(matrix, matrix.T):
        raise ValueError("matrix is not symmetric: CKA of two layers has no first and second")


def most_alike(models: Sequence[str], matrix: Float[ndarray, "layers layers"]) -> list[int]:
    """Row and column of the largest value between two models; of one model, between two layers."""
    model = np.array(models)
    apart = model[:, None] != model[None]
    apart = apart if apart.any() else ~np.eye(len(model), dtype=bool)
    row, column = np.unravel_index(np.where(apart, matrix, -np.inf).argmax(), matrix.shape)
    return [int(row), int(column)]


def short(value: float) -> str:
    """Two decimals without the 0 before the point; what rounds to nothing has no sign."""
    text = f"{value:.2f}".replace("-0.00", "0.00")
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text


def map_figure(names: Sequence[Name], levels: Float[ndarray, "4 layers layers"]) -> Figure:
    """Both maps side by side: digits matched, and exchanged."""
    figure = Figure(figsize=(15, 7), dpi=60, layout="constrained")
    axes = figure.subplots(1, 2)
    # As in the browser, a quarter has half of the colours: between models the values are small.
    scale = PowerNorm(0.5, vmin=0, vmax=1)
    titles = {"the same digit": levels[0], "digits exchanged, mean": levels[1]}
    for axis, (title, values) in zip(axes, titles.items(), strict=True):
        axis.imshow(np.maximum(values, 0), cmap="Blues", norm=scale)
        axis.set_title(title, fontsize=20)
        name_axes(axis, names)
    bar = figure.colorbar(axes[0].images[0], ax=axes, ticks=TICKS)
    bar.ax.tick_params(labelsize=15)
    bar.set_label("CKA", fontsize=18)
    return figure


def name_axes(axis: Axes, names: Sequence[Name]) -> None:
    """Numbers of layers at both sides, each model's name in the middle of its block."""
    models = [model for model, _ in names]
    numbers = [str(number) for _, number in names]
    for model in dict.fromkeys(models):
        first, count = models.index(model), models.count(model)
        numbers[first + count // 2] = f"{model}  {numbers[first + count // 2]}"
        if first:
            for line in (axis.axhline, axis.axvline):
                line(first - 0.5, color="black", linewidth=2)
    axis.set_yticks(range(len(names)), numbers, fontsize=15)
    axis.set_xticks(range(len(names)), [str(number) for _, number in names], fontsize=15)
