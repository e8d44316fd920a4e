"""The stage that every explorer stands on: one look, one set of keys, one picture to fall back on.

An explorer `name` is name.py (arrays in), name.js (what is drawn) and, if it needs one, name.css.
The browser's half of the stage is stage.js and stage.css; nothing is fetched from anywhere.
"""

import base64
import io
import json
from pathlib import Path
from typing import Any

import anywidget
from matplotlib.figure import Figure
from PIL import Image

HERE = Path(__file__).parent

# Ten colours that stay apart for every kind of colour vision: the smallest CIE Lab distance of two
# of them is 19 under Machado's (2009) simulations (a test measures it). Red is kept for "wrong".
CLASS_COLOURS = (
    "#0072B2", "#EE8866", "#AAAA00", "#882255", "#56B4E9",
    "#F0E442", "#332288", "#F7B6D2", "#6F4E1F", "#CC79A7",
)  # fmt: skip
WRONG = "#D1001F"


def front_end(*parts: str) -> tuple[str, str]:
    """One explorer's JavaScript module and style sheet: the stage's, then its own parts."""
    files = [HERE / part for part in ("stage", *parts)]
    scripts = [file.with_suffix(".js").read_text("utf-8") for file in files]
    styles = [file.with_suffix(".css") for file in files]
    style = "\n".join(file.read_text("utf-8") for file in styles if file.exists())
    return "\n".join([f"const CLASS_COLOURS = {json.dumps(CLASS_COLOURS)};", *scripts]), style


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (WCAG relative luminance)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#FFFFFF"


def png(figure: Figure) -> bytes:
    """The figure with 128 colours: flat pictures lose nothing and shrink to a third."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=figure.dpi)
    Image.open(drawn).convert("RGB").quantize(128).save(small, format="png", optimize=True)
    return small.getvalue()


def mimebundle(
    widget: anywidget.AnyWidget, figure: Figure
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Jupyter stores for an explorer: the live widget, one line of text, and a PNG.

    The PNG is what GitHub, a closed kernel and an HTML export show; the line is its alt text.
    """
    live = anywidget.AnyWidget._repr_mimebundle_(widget)
    data, metadata = live if live is not None else ({}, {})
    picture = base64.b64encode(png(figure)).decode()
    return {**data, "image/png": picture}, {**metadata, "image/png": {"alt": repr(widget)}}
