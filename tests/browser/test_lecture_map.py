"""The map of the start page in a real JupyterLab: keys and pointer open notebooks."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from lecturelib.course.lecture_map import lecture_map
from lecturelib.course.places import headings
from lecturelib.course.systems import SYSTEMS
from tests.browser.pages import KERNEL, notebook

CODE = """
from IPython.display import display
from lecturelib.course.glossary_search import glossary_search
from lecturelib.course.lecture_map import lecture_map
display(lecture_map(), glossary_search())
"""
OPEN = "jupyterapp.shell.currentWidget.context?.path"
BACK = "void jupyterapp.commands.execute('docmanager:open', { path: 'start.ipynb' })"


def prose(*texts: str) -> dict:
    cells = [
        {"cell_type": "markdown", "id": f"c{n}", "metadata": {}, "source": text}
        for n, text in enumerate(texts)
    ]
    return notebook("") | {"cells": cells}


@pytest.fixture(scope="module")
def page(lab: tuple[Path, str], new_page: Callable):
    """The map and the glossary's search, run; beside them notebooks of headings only."""
    folder, address = lab
    for name, sections in headings().items():
        text = prose(*(f"## {section}\n" + "\n\nLonger." * 40 for section in sections))
        (folder / f"{name}.ipynb").write_text(json.dumps(text))
    (folder / "start.ipynb").write_text(json.dumps(notebook(CODE)))
    page = new_page()
    page.set_default_timeout(90_000)  # a busy machine takes long to open a notebook
    page.goto(f"{address}/lab/tree/start.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_function(f"{KERNEL}?.connectionStatus === 'connected'")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(".ll-map li").nth(len(SYSTEMS) - 1).wait_for()
    page.locator(".jupyter-widgets .ll-course table").wait_for()
    yield page
    for name in headings():
        (folder / f"{name}.ipynb").unlink()


@pytest.fixture
def start(page):
    """The start page in front."""
    page.evaluate(BACK)
    in_front(page, "start.ipynb")
    return page


def in_front(page, name: str) -> None:
    """Until this notebook is the one that is seen; a busy machine may need long to load it."""
    page.wait_for_function(f"(name) => {OPEN} === name", arg=name)


def box(page, name: str):
    return page.locator(f'.ll-map a[aria-label^="{name}, "]').first


def test_enter_opens_the_notebook(start) -> None:
    box(start, "ELMo").focus()
    start.keyboard.press("Enter")
    in_front(start, "05_elmo_vs_bert.ipynb")


def test_a_click_anywhere_in_a_box_opens_it_and_the_next_goes_to_the_section(start) -> None:
    box(start, "data2vec").click(position={"x": 200, "y": 60})
    in_front(start, "08_data2vec.ipynb")
    section = start.get_by_role("heading", name="One cell, three worlds")
    section.wait_for(state="attached")
    start.evaluate(BACK)
    in_front(start, "start.ipynb")
    box(start, "data2vec").click(position={"x": 200, "y": 60})
    in_front(start, "08_data2vec.ipynb")
    expect(section).to_be_in_viewport()


def test_tab_walks_from_box_to_box(start) -> None:
    box(start, "VGG").focus()
    start.keyboard.press("Tab")
    focused = start.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("x-vectors, notebook 03")
    assert start.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "4px"


def test_a_word_typed_in_either_language_leaves_its_terms_and_their_links_work(start) -> None:
    start.get_by_placeholder("a term, in English or German").fill("kreuzaufmerksamkeit")
    rows = start.locator(".jupyter-widgets .ll-course tbody tr")
    expect(rows).to_have_count(1)
    rows.locator("a").click()
    in_front(start, "04_transformer.ipynb")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_nothing_grave_is_found_in_either_theme(start, theme: str) -> None:
    start.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}})")
    light = str("Light" in theme).lower()
    start.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")
    found = Axe().run(start, context=".ll-map").response["violations"]
    assert [one for one in found if one["impact"] in ("serious", "critical")] == []


def test_an_exported_page_opens_its_neighbours_as_html(
    lab: tuple[Path, str], new_page: Callable
) -> None:
    html = lecture_map()._repr_mimebundle_()["text/html"]
    exported = new_page()
    exported.route("**/map.html", lambda asked: asked.fulfill(body=html, content_type="text/html"))
    exported.goto(f"{lab[1]}/map.html")
    found = exported.locator(".ll-map li a").evaluate_all("(all) => all.map((a) => a.href)")
    assert len(found) == len(SYSTEMS)
    assert all(".html#" in link and ".ipynb" not in link for link in found)
