"""The control redraws, and the PNG fallback is the picture that stands there."""

import base64
import io

import ipywidgets as widgets
from IPython.display import HTML
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
    before = shown.places[0].value
    shown.control.value = 7
    assert seen[-1] == 7
    assert shown.places[0].value != before
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


def test_sounds_move_with_the_control_and_the_fallback_is_the_figure():
    def draw(value):
        return [Figure((1, 1)), HTML(f"<audio title='{value}'></audio>")]

    shown = slide(draw, widgets.IntSlider(3))
    shown.control.value = 4
    assert shown.places[1].value == "<audio title='4'></audio>"
    data = shown._repr_mimebundle_()["image/png"]
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (100, 100)
