"""What the start page shows: HTML where it can be shown, else the same in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple, TypeAlias

from lecturelib.course.places import Place, address

LOOK = "font-size: 16px; line-height: 1.4"
# Colours of the notebook's own theme, dark or light; the rest of the page is left alone.
STYLE = """<style>
.ll-course table { border-collapse: collapse; font-size: 16px; }
.ll-course th, .ll-course td { text-align: left; vertical-align: top; padding: .3em .7em;
  white-space: normal; }
.ll-course a:focus-visible, .ll-course summary:focus-visible { outline: 4px solid #E69F00;
  outline-offset: 2px; }
</style>"""
# A page that was exported to HTML has its neighbours beside it in HTML, too.
EXPORTED = """<script>
if (location.pathname.endsWith(".html")) for (const a of document.querySelectorAll(".ll-course a"))
  a.href = a.getAttribute("href").replace(".ipynb", ".html");
</script>"""


class Link(NamedTuple):
    """Words that open a place."""

    text: str
    place: Place


Cell: TypeAlias = str | Link


@dataclass(frozen=True)
class Page:
    """One output of a cell, for every reader."""

    html: str
    markdown: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        framed = f'{STYLE}<div class="ll-course" style="{LOOK}">{self.html}</div>{EXPORTED}'
        return {
            "text/html": framed,
            "text/markdown": self.markdown,
            "text/plain": self.markdown,
        }


def anchor(link: Link) -> str:
    """The <a> element."""
    where = escape(address(link.place))
    return f'<a href="{where}"{another_tab(link.place)}>{escape(link.text)}</a>'


def another_tab(place: Place) -> str:
    """Colab shows an output in a frame of its own, in which no notebook would open."""
    return ' target="_blank" rel="noopener"' * address(place).startswith("https:")


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Page:
    """A plain table; some cells open a place."""

    def html(cell: Cell) -> str:
        return escape(cell) if isinstance(cell, str) else anchor(cell)

    def markdown(cell: Cell) -> str:
        text = cell if isinstance(cell, str) else f"[{cell.text}]({address(cell.place)})"
        return text.replace("|", r"\|")

    left = 'style="text-align: left"'  # in a notebook that was not run, JupyterLab drops <style>
    names = "".join(f'<th {left} scope="col">{escape(name)}</th>' for name in head)
    top = f"<thead><tr>{names}</tr></thead>"
    cells = ("".join(f"<td {left}>{html(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    lines = [head, [":--"] * len(head), *([markdown(cell) for cell in row] for row in rows)]
    return Page(
        f'<table style="font-size: 16px">{top}<tbody>{body}</tbody></table>',
        "\n".join(f"| {' | '.join(line)} |" for line in lines),
    )
