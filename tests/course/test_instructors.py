"""INSTRUCTORS.md says what is there: the route, its table, every cell and every number it names."""

import json
import re
from functools import cache

import nbformat
import pytest
from nbformat import NotebookNode

from lecturelib.adapt.painting import MaskedWords
from lecturelib.course.route_table import INSTRUCTORS, route_table
from lecturelib.course.slides import slides
from lecturelib.lecture.route import read, section
from lecturelib.paths import DATA, NOTEBOOKS
from lecturelib.pretraining import bert

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb") if not path.stem.startswith("00"))
FOUR = {
    "Demo script": (5, 8),
    "Ask before running": (3, 5),
    "Misconceptions": (3, 4),
    "Before the lecture": (0, 0),
}
TEXT = INSTRUCTORS.read_text(encoding="utf8")


@cache
def notebook(name: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def part(text: str, name: str) -> str:
    """What stands under "## 04 · ...", on one line, so that no name is cut by a line's end."""
    number = name.split("_")[0]
    found = re.search(rf"^## {number} · .+?\n(.+?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"INSTRUCTORS.md has no part for {name}"
    return found[1]


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def lost_cells(text: str, name: str) -> list[str]:
    """`code` in *Section* where not exactly one code cell of that section holds the code."""
    lost = []
    for code, heading in re.findall(r"`([^`]+)` in \*([^*]+)\*", one_line(text)):
        cells = [one_line(cell.source) for cell in section(notebook(name), heading)]
        if (count := sum(code in cell for cell in cells)) != 1:
            lost.append(f"{code} in {heading}: {count} cells")
    return lost


def said_by(name: str) -> str:
    """Everything that can be read in a notebook: its prose, and what its cells have printed."""
    texts = []
    for cell in notebook(name).cells:
        texts.append(cell.source if cell.cell_type == "markdown" else "")
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            texts += [output.get("text", ""), shown.get("text/plain", "")]
            texts.append(shown.get("text/markdown", ""))
    return one_line(" ".join(texts))


def lost_numbers(text: str, name: str) -> list[str]:
    """Bold numbers and verdicts that the notebook does not say."""
    said = said_by(name)
    bold = re.findall(r"\*\*([^*]+)\*\*", one_line(text))
    return [one for one in bold if not re.search(rf"(?<![\d.]){re.escape(one)}(?!\d)", said)]


def test_the_route_can_be_shown_and_visits_every_notebook_in_the_order_of_the_slides() -> None:
    stops = list(read())
    assert {stop.notebook for stop in stops} == set(NAMES)
    order = [(slide.title, slide.occurrence) for slide in slides()]
    places = [order.index((stop.slide, stop.occurrence)) for stop in stops]
    assert places == sorted(set(places))


def test_a_stop_fills_the_screen_where_its_cell_shows_an_explorer() -> None:
    for stop, at in read().items():
        cell = next(cell for cell in notebook(stop.notebook).cells if cell.id == at)
        shown = [output.data["text/plain"] for output in cell.outputs if "data" in output]
        explorers = [text for text in shown if not text.startswith(("<Figure", "Slide("))]
        assert bool(explorers) == stop.fullscreen, stop.title


def test_the_table_is_the_route() -> None:
    assert f"<!-- route -->\n{route_table(read())}\n<!-- /route -->" in TEXT


def test_scripts_name_the_stops_of_their_notebook() -> None:
    stops = list(read())
    for name in NAMES:
        said = re.findall(r"Stop (\d+), \*([^*]+)\*", one_line(part(TEXT, name)))
        on_route = [
            (str(number), stop.section)
            for number, stop in enumerate(stops, start=1)
            if stop.notebook == name
        ]
        assert said == on_route, name


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_has_its_four_headings_and_their_items(name: str) -> None:
    blocks = re.split(r"^### (.+)\n", part(TEXT, name), flags=re.MULTILINE)[1:]
    assert blocks[::2] == list(FOUR)
    for heading, block in zip(blocks[::2], blocks[1::2], strict=True):
        least, most = FOUR[heading]
        items = re.findall(r"^(?:\d+\.|-) ", block, re.MULTILINE)
        assert least <= len(items) <= most, f"{heading}: {len(items)} items"
        assert block.strip()


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_and_number_that_is_named_is_there(name: str) -> None:
    assert lost_cells(part(TEXT, name), name) == []
    assert lost_numbers(part(TEXT, name), name) == []


@pytest.mark.parametrize("name", NAMES)
def test_minutes_are_the_measured_ones(name: str) -> None:
    """Within half a minute: rebuilding on another machine is no reason to edit prose."""
    said = re.findall(r"Running everything: ([\d.]+) minutes", part(TEXT, name))
    measured = json.loads((DATA / "minutes.json").read_text(encoding="utf8"))[name]
    assert len(said) == 1
    assert float(said[0]) == pytest.approx(measured, abs=0.5)


def test_what_is_lost_is_found() -> None:
    name = "04_transformer"
    assert lost_cells("`no such code` in *Positions*", name) == [
        "no such code in Positions: 0 cells"
    ]
    assert lost_cells("`import` in *Positions*", name) != []
    with pytest.raises(ValueError, match="there is no section 'Nowhere'"):
        lost_cells("`import torch` in *Nowhere*", name)
    assert lost_numbers("**99.9%**, **0.0%**, **9.9%**, **99.91%**", name) == ["9.9%", "99.91%"]


def test_where_the_wording_simplifies_names_slides_and_sections() -> None:
    rows = re.findall(
        r"^\| (.+?)(?: \((\d)\w\w\))? \| .+ \| \[(.+)\]\(notebooks/(.+)\.ipynb\) \|$",
        TEXT.split("## Where the lecture's wording simplifies")[1],
        re.MULTILINE,
    )
    known = [(slide.title, slide.occurrence) for slide in slides()]
    assert len(rows) == 12
    for title, occurrence, heading, name in rows:
        assert (title, int(occurrence or 1)) in known
        assert section(notebook(name), heading) is not None


def test_a_hidden_neighbour_costs_the_hit_as_stop_7_promises() -> None:
    ours = bert.shipped()
    painter = MaskedWords(ours, ours.pieces)
    words = painter.read("The war came to be known as the Colonial War.")

    def percent(place: int, hidden: set[int]) -> float:
        shown = ["[MASK]" if at in hidden else None for at in range(len(words))]
        row = painter.fill(words, shown)[sorted(hidden).index(place)]
        return 100 * float(row[painter.vocabulary.index(words[place])])

    as_it_opens = {1, 2, 6, 8}
    assert (words[1], words[5], words[6], words[9]) == ("war", "known", "as", "war")
    assert percent(6, as_it_opens) == pytest.approx(49, abs=0.5)
    assert percent(6, as_it_opens | {5}) == pytest.approx(1, abs=0.5)
    assert percent(1, as_it_opens) == pytest.approx(11, abs=0.5)
    assert percent(1, as_it_opens | {9}) == pytest.approx(0.05, abs=0.01)
