"""One control above pictures that are drawn again when it moves."""

import base64
import io
from collections.abc import Callable, Sequence

import ipywidgets as widgets
from matplotlib.figure import Figure
from PIL import Image

from lecturelib.viz.explorers.stage import png


class Slide(widgets.VBox):
    """A control and the figures of `draw(value)`; all of them together are the PNG fallback."""

    def __init__(self, draw: Callable[..., Sequence[Figure]], control: widgets.ValueWidget):
        self.draw, self.control = draw, control
        self.pictures = [widgets.Image() for _ in draw(control.value)]
        super().__init__([control, *self.pictures])
        control.observe(lambda change: self.redraw(), "value")
        self.redraw()

    def redraw(self) -> None:
        """Draw for the control's value."""
        for picture, figure in zip(self.pictures, self.draw(self.control.value), strict=True):
            picture.value = png(figure)

    def __repr__(self) -> str:
        return f"Slide({self.draw.__name__}, at {self.control.value})"

    def _repr_mimebundle_(self, **options: object) -> dict:
        live = super()._repr_mimebundle_() or {}
        return live | {"image/png": base64.b64encode(stacked(self.pictures)).decode()}


def stacked(pictures: Sequence[widgets.Image]) -> bytes:
    """Several pictures as one PNG, one above the other."""
    drawn = [Image.open(io.BytesIO(picture.value)) for picture in pictures]
    tall = Image.new("RGB", (max(d.width for d in drawn), sum(d.height for d in drawn)), "white")
    for index, one in enumerate(drawn):
        tall.paste(one, (0, sum(d.height for d in drawn[:index])))
    file = io.BytesIO()
    tall.quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue()


def slide(draw: Callable[..., Sequence[Figure]], control: widgets.ValueWidget) -> Slide:
    """Call `draw(value)` whenever the control moves, and show the figures that it returns."""
    return Slide(draw, control)
