"""A field to type into, above the glossary's terms that match."""

from typing import Any

import ipywidgets as widgets

from lecturelib.course.glossary import glossary, glossary_table, search
from lecturelib.course.page import Page


class GlossarySearch(widgets.VBox):
    """The search, made by `glossary_search`; without a kernel the whole glossary is shown."""

    def __init__(self, query: str) -> None:
        self.terms = glossary()
        self.field = widgets.Text(
            query, description="search", placeholder="a term, in English or German"
        )
        self.count = widgets.Label()
        self.found = widgets.Output()  # its links open notebooks; those of widgets.HTML do not
        super().__init__([widgets.HBox([self.field, self.count]), self.found])
        self.field.observe(self._show, "value")
        self._show()

    def _show(self, _: Any = None) -> None:
        terms = search(self.terms, self.field.value)
        self.count.value = f"{len(terms)} of {len(self.terms)} terms"
        data = glossary_table(terms)._repr_mimebundle_()
        self.found.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)

    def whole(self) -> Page:
        """What is shown where nothing can be typed."""
        return glossary_table(self.terms)

    def __repr__(self) -> str:
        return f"GlossarySearch({len(self.terms)} terms)"

    def _repr_mimebundle_(self, **options: object) -> dict:
        live = super()._repr_mimebundle_(**options) or {}
        return live | self.whole()._repr_mimebundle_() | {"text/plain": repr(self)}


def glossary_search(query: str = "") -> GlossarySearch:
    """The glossary, both languages searched while you type."""
    return GlossarySearch(query)
