"""The site: every page has its place, and the link check finds what it is for.

Building all of it takes minutes: tests/slow/test_whole_site.py, in `make test-all`.
"""

import os
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import lecturelib
from lecturelib.commands import site
from lecturelib.paths import ROOT

DOCS = ROOT / "docs"
pytestmark = pytest.mark.skipif(not find_spec("myst_nb"), reason='pip install -e ".[site]"')
PAGE = '<link rel="stylesheet" href="{style}"><h1 id="top-place">x</h1><a href="{link}">x</a>'


def small_site(folder: Path, link: str = "b.html#place", style: str = "s.css") -> list[str]:
    """What the check finds in a site of two pages, of which the first has these links."""
    (folder / "s.css").touch()
    (folder / "a.html").write_text(PAGE.format(link=link, style=style), encoding="utf8")
    (folder / "b.html").write_text('<p id="place"><img src="data:image/png;base64,AA=="></p>')
    return site.broken(folder)


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("b.html#place", []),
        ("#top-place", []),
        ("https://example.org/gone", []),  # another host is not asked
        ("mailto:a@example.org", []),
        ("c.html", ["a.html: c.html is not there"]),
        ("b.html#other", ["a.html: b.html#other: that page has no place #other"]),
        ("#other", ["a.html: #other: that page has no place #other"]),
        ("../x/b.html", ["a.html: ../x/b.html is not there"]),
        ("", []),
    ],
)
def test_links_that_lead_nowhere_are_found(tmp_path: Path, link: str, found: list[str]) -> None:
    assert small_site(tmp_path, link) == found


def test_what_a_page_loads_from_another_host_is_found(tmp_path: Path) -> None:
    found = small_site(tmp_path, style="//cdn.example.org/s.css")
    assert found == ["a.html: loads //cdn.example.org/s.css, which needs a network"]
    assert small_site(tmp_path, style="t.css") == ["a.html: t.css is not there"]


def test_the_settings_load_and_ask_for_no_execution_and_no_script_from_elsewhere() -> None:
    settings = runpy.run_path(str(DOCS / "conf.py"))
    assert settings["nb_execution_mode"] == "off"
    assert settings["nb_ipywidgets_js"] == {}
    assert settings["REPOSITORY"].startswith("https://")


def test_every_layer_of_the_map_that_a_student_uses_has_a_reference_page() -> None:
    layers = re.findall(r"^    (\w+)  ", lecturelib.__doc__ or "", re.MULTILINE)
    inside = {
        "claims",
        "commands",
        "pretraining",
        "course",
        "lecture",
        "grading",
    }  # no tool of theirs
    pages = {path.stem for path in (DOCS / "reference").glob("*.md")}
    assert pages == set(layers) - inside
    index = (DOCS / "index.md").read_text(encoding="utf8")
    assert re.findall(r"^reference/(\w+)$", index, re.MULTILINE) == [
        name for name in layers if name in pages
    ]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two notebooks built with this project's settings; the folder of their pages."""
    clone = tmp_path_factory.mktemp("clone")
    (clone / "docs").mkdir()
    for name in ("conf.py", "extension.py", "_static"):
        (clone / "docs" / name).symlink_to(DOCS / name)
    write_notebooks(clone)
    toctree = "# Start\n\n```{toctree}\n:glob:\n/notebooks/*\n```\n\n```{modules} shapes\n```\n"
    (clone / "docs" / "index.md").write_text(toctree, encoding="utf8")
    line = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(clone / "docs")]
    done = subprocess.run(
        [*line, str(clone), str(clone / "site")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    return clone / "site"


def write_notebooks(clone: Path) -> None:
    """01_a with an equation, a folded answer, a badge, a link and a map; 02_b to be linked to."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    picture = '<svg><a href="02_b.ipynb#Next-step"><text>map</text></a></svg>'
    shown = new_output("display_data", {"text/html": picture, "text/plain": "map"})
    text = (
        "# One\n\n[![Open in Colab](https://colab.example/badge.svg)](https://colab.example/x)\n\n"
        "$$\\frac{1}{2}$$\n\n<details><summary>Answer</summary>folded</details>\n\n"
        "[other](02_b.ipynb#next-step)"
    )
    code = new_code_cell("!echo 1", outputs=[shown], execution_count=1)
    pages = {"01_a": [new_markdown_cell(text), code]}
    pages["02_b"] = [new_markdown_cell("# Two\n\n## Next step\n\nend")]
    (clone / "notebooks").mkdir()
    for name, cells in pages.items():
        notebook = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
        nbformat.write(notebook, clone / "notebooks" / f"{name}.ipynb")


def test_a_notebook_becomes_a_page_that_needs_no_network(tiny: Path) -> None:
    page = (tiny / "notebooks" / "01_a.html").read_text(encoding="utf8")
    assert "<mfrac>" in page
    assert "<details><summary>Answer</summary>" in page
    assert "badge.svg" not in page
    assert ">Open in Colab</a>" in page
    assert page.count('href="02_b.html#next-step"') == 2  # the text's link, and the map's
    assert site.broken(tiny) == []


def test_the_codes_own_words_are_on_the_page(tiny: Path) -> None:
    assert "lecturelib.shapes" in (tiny / "docs" / "index.html").read_text(encoding="utf8")
