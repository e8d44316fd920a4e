"""The lecture's table as Markdown: bold where a cell is not the slide's."""

from lecturelib.viz.lecture_table import unification_table


def test_only_what_differs_is_bold() -> None:
    lines = [
        ("loss", "smooth L1", "smooth L1", "square", "simpler"),
        ("head", "1 layer", "1 layer", "1 layer", ""),
    ]
    rows = unification_table(lines).data.splitlines()
    assert rows[0] == "| | slide or paper | published code | ours | why |"
    assert rows[2] == "| loss | smooth L1 | smooth L1 | **square** | simpler |"
    assert rows[3] == "| head | 1 layer | 1 layer | 1 layer |  |"


def test_what_is_not_on_the_slides_has_a_star() -> None:
    lines = [("head", "1 layer", "1 layer", "1 layer", ""), ("batch", "8", "8", "8", "")]
    rows = unification_table(lines, ["head"]).data.splitlines()
    assert rows[2].startswith("| head \\* | 1 layer")
    assert rows[3].startswith("| batch | 8")
