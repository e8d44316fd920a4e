"""What the site needs of Sphinx beyond its own: equations as MathML, links, the code's words."""

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from docutils.statemachine import StringList
from IPython.lib.lexers import IPython3Lexer
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from lecturelib import claims
from lecturelib.viz.cards import claim_card

BLANK = re.compile(r"\n\s*\n")  # between two paragraphs
NAME = re.compile(r"`([^`]+)`")
SIGNS = re.compile(r"([*`|_\\])")  # reStructuredText would read them; we mean them
NOTEBOOK_LINK = re.compile(r'href="(?![a-z]+:)([^"#]*)\.ipynb(?:#([^"]*))?"')


def inline_equation(self: HTML5Translator, node: nodes.math) -> None:
    """$...$ as MathML."""
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def display_equation(self: HTML5Translator, node: nodes.math_block) -> None:
    """$$...$$ as MathML."""
    self.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


class Modules(SphinxDirective):
    """All public parts of lecturelib.NAME, module by module; Sphinx asks for this base class."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """One section a module, filled in by autodoc."""
        top = import_module(f"lecturelib.{self.arguments[0]}")
        inside = [found.name for found in iter_modules(getattr(top, "__path__", []))]
        sections = []
        for name in [top.__name__, *(f"{top.__name__}.{name}" for name in inside)]:
            text = f"```{{eval-rst}}\n.. automodule:: {name}\n```"
            sections.append(_section(self, name, text))
        return sections


class Ledger(SphinxDirective):
    """Every claim card of the committed ledger; Sphinx asks for this base class."""

    def run(self) -> list[nodes.Node]:
        """One section a card."""
        rows = claims.ledger()
        cards = [(row["name"].replace("_", " "), str(claim_card(row).data)) for row in rows]
        return [_section(self, title, card) for title, card in cards]


def _section(directive: SphinxDirective, title: str, text: str) -> nodes.section:
    """A section that Markdown fills."""
    section = nodes.section(ids=[nodes.make_id(title)])
    section += nodes.title(text=title)
    lines = StringList(text.splitlines(), source=directive.env.docname)
    directive.state.nested_parse(lines, directive.content_offset, section)
    return section


def plain_words(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Docstrings are prose with `names`, not reStructuredText; what is indented stays as it is."""
    text = "\n".join(lines).strip()
    if text.startswith("Alias for field number"):  # what Python says of a NamedTuple's field
        text = ""
    lines[:] = [line for part in BLANK.split(text) for line in ("", *_paragraph(part))] + [""]


def _paragraph(text: str) -> list[str]:
    """One paragraph as reStructuredText that says what was written."""
    if any(line.startswith((" ", ">>>")) for line in text.splitlines()):
        return [".. code-block:: text", "", *(f"   {line}" for line in text.splitlines())]
    words = NAME.split(" ".join(text.split()))
    words[::2] = [SIGNS.sub(r"\\\1", word) for word in words[::2]]
    words[1::2] = [f"\\ ``{word}``\\ " for word in words[1::2]]
    return ["".join(words)]


def no_other_host(app: Sphinx, doctree: nodes.document) -> None:
    """A picture of another host (Colab's badge) becomes its words: pages open with no network."""
    for picture in list(doctree.findall(nodes.image)):
        if "://" in picture["uri"]:
            picture.replace_self(nodes.Text(picture.get("alt", picture["uri"])))


def follow_notebooks(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Links inside a notebook's outputs (a map, a table) go to the pages, not to the files."""

    def to_page(found: re.Match) -> str:
        anchor = f"#{nodes.make_id(unquote(found.group(2)))}" if found.group(2) else ""
        return f'href="{found.group(1)}.html{anchor}"'

    context["body"] = NOTEBOOK_LINK.sub(to_page, context.get("body", ""))


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx asks for this."""
    app.add_html_math_renderer("mathml", (inline_equation, None), (display_equation, None))
    app.add_lexer("python", IPython3Lexer)  # the first cell has shell lines
    app.add_directive("modules", Modules)
    app.add_directive("ledger", Ledger)
    app.connect("autodoc-process-docstring", plain_words)
    app.connect("doctree-read", no_other_host)
    app.connect("html-page-context", follow_notebooks)
    return {"parallel_read_safe": True}
