"""One control above pictures and sounds that are made again when it moves."""

import base64
import io
from collections.abc import Callable, Sequence
from typing import TypeAlias

import ipywidgets as widgets
from IPython.display import HTML
from matplotlib.figure import Figure
from PIL import Image

from lecturelib.viz.explorers.stage import png

View: TypeAlias = Figure | HTML


class Slide(widgets.VBox):
    """A control and what `draw(value)` gives; its figures together are the PNG fallback."""

    def __init__(self, draw: Callable[..., Sequence[View]], control: widgets.ValueWidget):
        self.draw, self.control = draw, control
        views = draw(control.value)
        self.places: list[widgets.ValueWidget] = [
            widgets.HTML() if isinstance(view, HTML) else widgets.Image() for view in views
        ]
        super().__init__([control, *self.places])
        control.observe(lambda change: self.redraw(), "value")
        self.redraw()

    def redraw(self) -> None:
        """Draw for the control's value."""
        for place, view in zip(self.places, self.draw(self.control.value), strict=True):
            place.value = view.data if isinstance(view, HTML) else png(view)

    def __repr__(self) -> str:
        return f"Slide({self.draw.__name__}, at {self.control.value})"

    def _repr_mimebundle_(self, **options: object) -> dict:
        live = super()._repr_mimebundle_() or {}
        pictures = [bytes(p.value) for p in self.places if isinstance(p, widgets.Image)]
        return live | {"image/png": base64.b64encode(stacked(pictures)).decode()}


def stacked(pictures: Sequence[bytes]) -> bytes:
    """Several PNGs as one, one above the other."""
    drawn = [Image.open(io.BytesIO(picture)) for picture in pictures]
    tall = Image.new("RGB", (max(d.width for d in drawn), sum(d.height for d in drawn)), "white")
    for index, one in enumerate(drawn):
        tall.paste(one, (0, sum(d.height for d in drawn[:index])))
    file = io.BytesIO()
    tall.quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue()


def slide(draw: Callable[..., Sequence[View]], control: widgets.ValueWidget) -> Slide:
    """Call `draw(value)` whenever the control moves; show the figures and sounds it returns."""
    return Slide(draw, control)
