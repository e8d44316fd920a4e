"""The stage: colours that stay apart, ink that reads, a picture to fall back on."""

import base64
import io
import itertools

import anywidget
import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.viz.explorers.stage import CLASS_COLOURS, HERE, front_end, ink_on, mimebundle

# Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB.
VISION = {
    "normal": "1 0 0  0 1 0  0 0 1",
    "protan": "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998",
    "deutan": "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881",
    "tritan": "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900",
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def cie_lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array(TO_XYZ) @ rgb / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", VISION)
def test_every_two_class_colours_stay_apart_for_every_colour_vision(kind: str) -> None:
    eye = np.array(VISION[kind].split(), float).reshape(3, 3)
    seen = [cie_lab((eye @ linear(colour)).clip(0, 1)) for colour in CLASS_COLOURS]
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert nearest > 19


@pytest.mark.parametrize("colour", [*CLASS_COLOURS, "#000000", "#FFFFFF"])
def test_ink_is_the_one_with_more_contrast(colour: str) -> None:
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)
    contrast = {"#000000": (luminance + 0.05) / 0.05, "#FFFFFF": 1.05 / (luminance + 0.05)}
    assert ink_on(colour) == max(contrast, key=contrast.__getitem__)
    assert contrast[ink_on(colour)] > 4.5


def test_a_front_end_is_the_stage_then_the_explorers_own_parts() -> None:
    script, style = front_end("belief_story", "belief")
    order = ["const CLASS_COLOURS", "function stage(", "function momentOf(", "export default {"]
    assert [script.count(piece) for piece in order] == [1, 1, 1, 1]
    assert sorted(order, key=script.index) == order
    assert style.index(".ll-stage") < style.index(".belief-panel")


def test_nothing_in_the_front_end_points_outside() -> None:
    script, style = front_end("belief_story", "belief_map", "belief")
    assert not any(sign in script + style for sign in ("http", "//cdn", "@import", "import("))


def test_only_the_stage_moves_anything_and_it_asks_first() -> None:
    scripts = {file.name: file.read_text("utf8") for file in HERE.glob("*.js")}
    moving = {name for name, text in scripts.items() if "requestAnimationFrame(" in text}
    assert moving == {"stage.js"}
    assert "setInterval" not in "".join(scripts.values())
    style = (HERE / "stage.css").read_text("utf8")
    still = "{\n  .ll-stage * {\n    transition: none !important;\n    animation: none !important;"
    assert f"@media (prefers-reduced-motion: reduce) {still}" in style


def test_the_fallback_is_the_figure_itself() -> None:
    figure = Figure(figsize=(2, 1), dpi=50)
    axes = figure.add_axes((0, 0, 1, 1), frameon=False)
    axes.imshow([[[0.0, 0.4, 0.8], [1.0, 0.0, 0.2]]], aspect="auto")
    data, metadata = mimebundle(anywidget.AnyWidget(), figure)
    pixels = matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"])))
    assert pixels.shape[:2] == (50, 100)
    np.testing.assert_allclose(pixels[20:30, 10:40, :3] - [0, 0.4, 0.8], 0, atol=0.01)
    np.testing.assert_allclose(pixels[20:30, 60:90, :3] - [1, 0, 0.2], 0, atol=0.01)
    assert metadata["image/png"]["alt"] == data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data
