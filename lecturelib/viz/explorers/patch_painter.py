"""The mask painter for pictures: hide patches, see what the model paints there, and how far off."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import anywidget
import numpy as np
import traitlets
from einops import rearrange
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.viz.explorers.stage import front_end, mimebundle

SHARES = (0.15, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9)  # BEiT hides 0.4, SimMIM 0.6, MAE 0.75
RULES = ("random", "blocks")
GREY = 0.46  # of a hidden patch

Pixels: TypeAlias = Float[ndarray, "channel height width"]
IsHidden: TypeAlias = Bool[ndarray, " patches"]


@runtime_checkable
class Restorer(Protocol):
    """A model that paints hidden patches; `adapt.patch_painting.MaskedPictures` makes one.

    Pixels are 0-1, patches are counted row by row from the top left.
    """

    @property
    def grid(self) -> tuple[int, int]:
        """Patches down and across."""
        ...

    @property
    def patch(self) -> tuple[int, int]:
        """Pixels down and across, in one patch."""
        ...

    def restore(self, pixels: Pixels, hidden: IsHidden) -> Pixels:
        """The picture, its hidden patches painted from the visible ones, which stay as they are."""
        ...

    def random(self, share: float, seed: int) -> IsHidden:
        """Patches here and there; ValueError for a share that hides none or all."""
        ...

    def blocks(self, share: float, seed: int) -> IsHidden:
        """Whole rectangles, BEiT's rule; ValueError for a share that hides none or all."""
        ...


class PatchPainter(anywidget.AnyWidget):
    """The explorer, made by `patch_painter`. Set `hidden`, `number`, `rule`, `draw` or `share`."""

    _esm, _css = front_end("patch_painter_board", "patch_painter")
    about = traitlets.Dict().tag(sync=True)  # sizes, names, stops of the slider
    number = traitlets.Int(0).tag(sync=True)  # of the picture
    hidden = traitlets.List(traitlets.Bool()).tag(sync=True)
    rule = traitlets.Enum(RULES, RULES[0]).tag(sync=True)
    draw = traitlets.Int(0).tag(sync=True)  # each number draws other patches by the rule
    share = traitlets.Int(2, min=0, max=len(SHARES) - 1).tag(sync=True)  # a stop of SHARES
    truth = traitlets.Bytes().tag(sync=True)  # the picture, a byte a colour
    filled = traitlets.Bytes().tag(sync=True)  # what the model makes of it
    result = traitlets.Dict().tag(sync=True)  # `errors`; empty where nothing is hidden
    trouble = traitlets.Unicode().tag(sync=True)  # why a patch or a share was refused
    model = traitlets.Any()  # a Restorer
    images = traitlets.Any()  # [count, channel, height, width]

    @traitlets.validate("number")
    def _check_number(self, proposal: Any) -> int:
        if not 0 <= proposal["value"] < len(self.images):
            raise ValueError(f"number={proposal['value']} is none of 0 to {len(self.images) - 1}")
        return proposal["value"]

    @traitlets.observe("rule", "draw", "share")
    def _hide(self, _: Any) -> None:
        draw = {"random": self.model.random, "blocks": self.model.blocks}[self.rule]
        try:
            hidden = draw(SHARES[self.share], self.draw)
        except ValueError as error:
            self.trouble = str(error)
            return
        with self.hold_sync():
            self.hidden = hidden.tolist()

    @traitlets.observe("hidden")
    def _restore(self, change: Any) -> None:
        try:
            self._show()
        except ValueError as error:
            with self.hold_sync():
                self.hidden = change["old"]
                self.trouble = str(error)

    @traitlets.observe("number")
    def _show(self, _: Any = None) -> None:
        """Send the picture and what the model makes of it."""
        truth, hidden = self.images[self.number], np.array(self.hidden, dtype=bool)
        check_hidden(hidden, self.model.grid)
        filled = self.model.restore(truth, hidden) if hidden.any() else truth
        check_filled(filled, truth)
        with self.hold_sync():
            self.truth, self.filled = as_bytes(truth), as_bytes(filled)
            self.result = errors(truth, filled, hidden, self.model.grid) if hidden.any() else {}
            self.trouble = ""

    def __repr__(self) -> str:
        return f"PatchPainter({self.about['names'][self.number]}: {said(self)})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, painted_figure(self))


def patch_painter(
    model: Restorer, images: Any, names: Sequence[str] = (), hidden: Sequence[int] = ()
) -> PatchPainter:
    """Hide patches of a picture by click, key or rule; the model paints what it would put there.

    images  [count, channel, height, width] in 0-1, array or CPU tensor, grey or colour
    names   of the pictures; none: picture 1, picture 2 ...
    hidden  patches, counted row by row from 0, that are hidden at the start

    Raises ValueError for pictures that are no such pixels or do not fit the model's grid, and for
    patches that are not there or all of them.
    """
    pixels = checked_pixels(images, model)
    names = list(names) or [f"picture {number + 1}" for number in range(len(pixels))]
    if len(names) != len(pixels):
        raise ValueError(f"{len(names)} names for {len(pixels)} pictures")
    count = model.grid[0] * model.grid[1]
    if outside := [place for place in hidden if not 0 <= place < count]:
        raise ValueError(f"hidden={outside}: the picture has {count} patches, from 0")
    about = {"grid": list(model.grid), "size": list(pixels.shape[2:]), "names": names}
    about |= {"stops": [f"{100 * share:.0f} %" for share in SHARES]}
    widget = PatchPainter(model=model, images=pixels, about=about, hidden=[False] * count)
    widget.hidden = [place in hidden for place in range(count)]
    if widget.trouble:
        raise ValueError(widget.trouble)
    return widget


def checked_pixels(images: Any, model: Restorer) -> Float[ndarray, "count channel height width"]:
    """The pictures as an array; ValueError for another size, bytes, or numbers outside 0-1."""
    pixels = np.asarray(images)
    height, width = (cells * side for cells, side in zip(model.grid, model.patch, strict=True))
    fits = pixels.ndim == 4 and len(pixels) and pixels.shape[1] in (1, 3)
    if not fits or pixels.shape[2:] != (height, width):
        raise ValueError(
            f"images are {list(pixels.shape)}: the model takes [count, 1 or 3, {height}, {width}]"
        )
    if pixels.dtype.kind != "f" or not (pixels.min() >= 0 and pixels.max() <= 1):
        raise ValueError(
            f"pixels are {pixels.dtype} from {pixels.min():g} to {pixels.max():g}: "
            "pass floats from 0 to 1 (bytes: divide by 255)"
        )
    return pixels


def check_hidden(hidden: Bool[ndarray, " any"], grid: tuple[int, int]) -> None:
    """ValueError for a mask of another grid, and for one that leaves nothing to see."""
    if len(hidden) != grid[0] * grid[1]:
        down, across = grid
        raise ValueError(f"hidden has {len(hidden)} places for {down} x {across} patches")
    if hidden.all():
        raise ValueError("Every patch would be hidden: leave at least one for the model to see.")


def check_filled(filled: Float[ndarray, "..."], truth: Pixels) -> None:
    """ValueError for what is no picture of the same size."""
    if filled.shape != truth.shape or not np.isfinite(filled).all():
        raise ValueError(
            f"restore gave {list(filled.shape)}, finite pixels {list(truth.shape)} are asked for"
        )


def as_bytes(pixels: Pixels) -> bytes:
    """Red, green, blue of each pixel, row by row; grey is three times the same."""
    colours = np.broadcast_to(pixels, (3, *pixels.shape[1:])).transpose(1, 2, 0)
    return np.rint(255 * colours.clip(0, 1)).astype(np.uint8).tobytes()


def cut(pixels: Pixels, grid: tuple[int, int]) -> Float[ndarray, "patches pixels channel"]:
    """The picture's patches, row by row."""
    down, across = grid
    return rearrange(pixels, "c (h p) (w q) -> (h w) (p q) c", h=down, w=across)


def errors(truth: Pixels, filled: Pixels, hidden: IsHidden, grid: tuple[int, int]) -> dict:
    """How far the hidden patches are off: root mean square, in brightness from 0 to 1.

    Of the model, and of the simplest guess: the mean colour of all visible pixels, everywhere.
    """
    patches = cut(truth, grid)
    flat = patches[~hidden].mean((0, 1))
    off = {"model": cut(filled, grid)[hidden] - patches[hidden], "flat": flat - patches[hidden]}
    squares = {name: np.square(wrong).mean((1, 2)) for name, wrong in off.items()}
    whole = {name: float(np.sqrt(each.mean())) for name, each in squares.items()}
    each = {f"{name}_each": np.sqrt(each).tolist() for name, each in squares.items()}
    return {"places": np.flatnonzero(hidden).tolist(), **whole, **each}


def said(widget: PatchPainter) -> str:
    """How many patches are hidden and how far off they are, in words."""
    counts = f"{sum(widget.hidden)} of {len(widget.hidden)} patches hidden"
    if not widget.result:
        return counts
    model, flat = widget.result["model"], widget.result["flat"]
    return f"{counts}, error there {model:.3f}, of the mean visible colour {flat:.3f}"


def painted_figure(widget: PatchPainter) -> Figure:
    """What the model sees, what it paints there, the truth; below them how far off it is."""
    height, width = widget.about["size"]
    truth, filled = (
        np.frombuffer(picture, np.uint8).reshape(height, width, 3)
        for picture in (widget.truth, widget.filled)
    )
    seen = np.where(pixels_of(widget)[:, :, None], np.uint8(255 * GREY), truth)
    figure = Figure(figsize=(12, 1.4 + 4 * height / width), dpi=80, layout="constrained")
    axes = figure.subplots(1, 3)
    titles = ("the model sees", "it paints", "the truth")
    for axis, title, picture in zip(axes, titles, (seen, filled, truth), strict=True):
        axis.imshow(picture)
        axis.set_title(title, fontsize=18)
        axis.set_axis_off()
    figure.supxlabel(f"{widget.about['names'][widget.number]}: {said(widget)}", fontsize=16)
    return figure


def pixels_of(widget: PatchPainter) -> Bool[ndarray, "height width"]:
    """Which pixels are hidden."""
    hidden = np.array(widget.hidden).reshape(widget.model.grid)
    return hidden.repeat(widget.model.patch[0], 0).repeat(widget.model.patch[1], 1)
