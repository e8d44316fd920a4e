"""The map: every box is a link that leads somewhere, in slide order, and says what is so."""

import re
import sys
from dataclasses import replace
from html import escape, unescape
from types import ModuleType
from urllib.parse import unquote

import pytest

from lecturelib.commands.notebooks import minutes
from lecturelib.course import lecture_map as drawing
from lecturelib.course.lecture_map import COLOURS, lecture_map
from lecturelib.course.page import table
from lecturelib.course.places import Place, address, headings, require_place
from lecturelib.course.slides import slides
from lecturelib.course.systems import SYSTEMS, TRANSFORMER
from lecturelib.encoders.transformer import Encoder
from lecturelib.recipes.images import vit
from lecturelib.recipes.speech import wav2vec2
from lecturelib.recipes.words import bert, numbers_model


def links(html: str) -> list[tuple[str, str]]:
    """Address and spoken name of every box."""
    found = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', html)
    return [(unescape(where), unescape(name)) for where, name in found]


def test_every_system_stands_on_slides_that_exist_in_their_order() -> None:
    every = slides()
    firsts = []
    for system in SYSTEMS:
        mine = system.on(every)
        assert len(set(mine)) == len({(t, n) for t, a, b in system.slides for n in range(a, b + 1)})
        firsts.append(every.index(mine[0]))
    assert firsts == sorted(firsts)


def test_every_notebook_of_the_lecture_is_on_the_map() -> None:
    lecture = {name for name in headings() if not name.startswith("00")}
    assert {system.place.notebook for system in SYSTEMS} == lecture


def test_the_filled_line_is_true_one_encoder_serves_them_all() -> None:
    models = [numbers_model(), bert("tiny", vocab=99), vit("mini"), wav2vec2("mini")]
    assert [type(model.encoder) for model in models] == [Encoder] * 4
    names = {system.name for system in SYSTEMS if system.encoder.startswith(TRANSFORMER)}
    assert names >= {"Transformer", "BERT", "Vision Transformer", "wav2vec 2.0", "data2vec"}
    assert lecture_map().html.count(
        f'background-color: {COLOURS["encoder"]}">{TRANSFORMER}'
    ) == len(names)


def test_every_box_is_one_link_to_a_heading() -> None:
    found = links(lecture_map().html)
    assert len(found) == len(SYSTEMS)
    for system, (where, spoken) in zip(SYSTEMS, found, strict=True):
        file, anchor = where.split("#")
        assert unquote(anchor) in [
            h.replace(" ", "-") for h in headings()[file.removesuffix(".ipynb")]
        ]
        assert spoken.startswith(f"{system.name}, notebook {file.split('_')[0]} · ")
        assert f"hidden: {system.hidden}; encoder: {system.encoder}" in spoken


def test_minutes_are_the_measured_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for system, (_, spoken) in zip(SYSTEMS, links(lecture_map().html), strict=True):
        assert f" · {minutes()[system.place.notebook]:g} min · " in spoken
    monkeypatch.setattr(drawing, "minutes", lambda: {"04_transformer": 7.5})
    spoken = {name.split(",")[0]: name for _, name in links(lecture_map().html)}
    assert " · 7.5 min · " in spoken["Transformer"]
    assert " · not yet measured · " in spoken["BERT"]


def test_slide_numbers_are_shown_once_they_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "· Self training (1-4)" in links(lecture_map().html)[1][1]
    numbered = [replace(slide, number=n) for n, slide in enumerate(slides(), 1)]
    monkeypatch.setattr(drawing, "slides", lambda: numbered)
    assert "· slides 7-10." in links(lecture_map().html)[1][1]


def test_the_table_says_the_same() -> None:
    lines = lecture_map().markdown.splitlines()[2:]
    for system, line in zip(SYSTEMS, lines, strict=True):
        said = [system.front_end, system.hidden, system.encoder, system.target]
        assert line.startswith(f"| [{system.name}]({address(system.place)}) | {' | '.join(said)} |")
        assert all(f">{escape(what)}</td>" in lecture_map().html for what in said)


def test_in_colab_links_go_to_colab_in_another_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    html = lecture_map().html
    assert all(
        where.startswith("https://colab.research.google.com/github/") and where.endswith(".ipynb")
        for where, _ in links(html)
    )
    assert html.count('target="_blank"') == html.count("<a ") == 2 * len(SYSTEMS)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("colour", COLOURS.values())
def test_white_letters_read_well_on_every_colour(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 5


def test_cells_of_a_table_are_escaped() -> None:
    page = table(("a|b",), [["x < y | z"]])
    assert ">x &lt; y | z</td>" in page.html
    assert page.markdown.splitlines()[2] == r"| x < y \| z |"


def test_a_place_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="here: 04_transformer has no heading 'Tails', choose fr"):
        require_place("here", Place("04_transformer", "Tails"))
