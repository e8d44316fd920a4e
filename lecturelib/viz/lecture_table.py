"""The lecture's table, to read: slide or paper, published code, ours; what differs is bold."""

from collections.abc import Sequence

from IPython.display import Markdown

HEAD = "| | slide or paper | published code | ours | why |\n|:--|:--|:--|:--|:--|\n"


def unification_table(
    lines: Sequence[tuple[str, str, str, str, str]], starred: Sequence[str] = ()
) -> Markdown:
    """Rows (name, slide, published, ours, why); a cell is bold where it differs from the slide's.

    starred  rows that get a star: what is not on the slides

    Words and numbers of one thing may still differ ("~49 %" and a rule that hides so much): then
    `why` says so.
    """
    rows = []
    for name, slide, published, ours, why in lines:
        marked = [cell if cell == slide else f"**{cell}**" for cell in (published, ours)]
        star = " \\*" * (name in starred)
        rows.append(f"| {name}{star} | {slide} | {' | '.join(marked)} | {why} |")
    return Markdown(HEAD + "\n".join(rows))
