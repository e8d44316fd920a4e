"""The control redraws, and the PNG fallback is the picture that stands there."""

import base64
import io

import ipywidgets as widgets
from matplotlib.figure import Figure
from PIL import Image

from lecturelib.viz.slider import slide


def test_moving_the_control_draws_again_for_its_value():
    seen = []

    def draw(value):
        seen.append(value)
        figure = Figure((2, 1))
        figure.text(0, 0.5, str(value))
        return [figure]

    shown = slide(draw, widgets.IntSlider(3))
    before = shown.pictures[0].value
    shown.control.value = 7
    assert seen[-1] == 7
    assert shown.pictures[0].value != before
    assert repr(shown) == "Slide(draw, at 7)"


def test_the_fallback_is_all_pictures_one_above_the_other():
    def draw(value):
        return [Figure((2, 1), facecolor="red"), Figure((3, 1), facecolor="blue")]

    data = slide(draw, widgets.IntSlider(3))._repr_mimebundle_()["image/png"]
    picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    assert picture.size == (300, 200)
    assert picture.getpixel((100, 50)) == (255, 0, 0)
    assert picture.getpixel((250, 150)) == (0, 0, 255)
    assert picture.getpixel((250, 50)) == (255, 255, 255)
