"""The route: what it reads, and what it says about a stop that cannot be shown."""

from pathlib import Path

import pytest
from nbformat import v4

from lecturelib.lecture import route
from tests.lecture.halls import STOPS, stop, write_route

ONE, TWO, THREE = STOPS


def test_each_stop_is_given_with_its_cell(tmp_path: Path) -> None:
    found = route.read(*write_route(tmp_path))
    assert [(s.title, s.minutes, at) for s, at in found.items()] == [
        ("Who looks?", 30, "cell-007"),
        ("What is it?", 30, "cell-003"),
        ("What goes wrong?", 30, "cell-009"),
    ]


def test_the_cut_leaves_out_and_shortens(tmp_path: Path) -> None:
    found = route.cut(route.read(*write_route(tmp_path)))
    assert [(s.title, s.minutes) for s in found] == [("Who looks?", 10), ("What is it?", 10)]


def test_the_committed_route_can_be_shown() -> None:
    stops = list(route.read())
    assert sum(s.minutes for s in stops) == 90
    assert sum(s.minutes for s in route.cut(dict.fromkeys(stops, ""))) == 20


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        ([ONE, TWO], "minutes add up to 60: change them to make 90"),
        ([ONE, TWO, THREE | {"short": 5}], "short add up to 25: change them to make 20"),
        ([], "has 0 stops: give 1 to 12"),
        ([ONE | {"minutes": 5}] * 13, "has 13 stops: give 1 to 12"),
        ([ONE | {"notebook": "03"}, TWO, THREE], "'Who looks.': there is no notebook 03: .*02_two"),
        ([ONE, TWO | {"section": "Two!"}, THREE], "'What is it.*no section 'Two!': .* Two; Answer"),
        ([ONE, TWO, THREE | {"cell": "0"}], "'What goes wrong.*: 0 code cells of 'It fails' have"),
        ([ONE, TWO | {"minutes": "30"}, THREE], r"stop 2 \(What is it\?\): correct minutes"),
        ([ONE, TWO, THREE | {"minutes": -1}], r"stop 3 .*correct minutes"),
        ([ONE | {"time": 3}, TWO, THREE], r"stop 1 .*correct time"),
        ([{"title": "Bare"}, TWO, THREE], r"stop 1 \(Bare\): correct slide, occurrence, notebook"),
    ],
)
def test_what_cannot_be_shown_is_said(tmp_path: Path, stops: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        route.read(*write_route(tmp_path, stops))


def test_a_line_that_two_cells_have_is_no_place() -> None:
    cells = [v4.new_markdown_cell("# A"), v4.new_code_cell("x = 1"), v4.new_code_cell("y\nx = 1")]
    twice = route.Stop(**stop("Twice", "n", "A", "x = 1"))
    with pytest.raises(ValueError, match="'Twice': 2 code cells of 'A' have the line 'x = 1'"):
        route._cell(twice, lambda _: v4.new_notebook(cells=cells))


def test_a_section_ends_at_the_next_heading_of_its_level() -> None:
    texts = ["# T", "a", "said\n\n## S", "b", "### Sub", "c", "end\n## Next", "d", "# Other", "e"]
    cells = [(v4.new_markdown_cell if len(t) > 1 else v4.new_code_cell)(t) for t in texts]
    sources = {
        heading: "".join(
            cell.source for cell in route.section(v4.new_notebook(cells=cells), heading)
        )
        for heading in ("T", "S", "Sub", "Next", "Other")
    }
    assert sources == {"T": "abcd", "S": "bc", "Sub": "c", "Next": "d", "Other": "e"}
