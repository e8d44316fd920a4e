"""The site: every committed notebook with its outputs, the pages and the code's own words.

The clone is Sphinx's source folder, so that links between files are the same here and on the site.
Nothing is run and nothing is fetched: `python -m lecturelib site` builds it.
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs"))  # extension.py stands beside this file

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]

project = "lecturelib"
release = PROJECT["version"]
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "extension"]
root_doc = "docs/index"
# What is there is a page: pages that are not yet written, and a notebook more, change nothing here.
include_patterns = [
    "docs/**.md",
    "notebooks/*.ipynb",
    "notebooks/assignments/*.ipynb",
    "notebooks/assignments/*.md",
    "*.md",
    "data/*.md",
]
exclude_patterns = [".*", "build", "**/.ipynb_checkpoints", "lecturelib", "tests", "benchmarks"]

nb_execution_mode = "off"  # the committed outputs are shown
nb_ipywidgets_js = {}  # no widget state is committed: explorers are pictures, no script is wanted
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a notebook may go from # to ###

html_theme = "furo"
html_title = "lecturelib: a lecture you can run"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"  # drawn by the browser: no script, no font, no network
html_show_search_summary = False  # would fetch pages, which file:// forbids
html_copy_source = False
html_theme_options = {
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "",
    "top_of_page_buttons": [],
}

autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # torch's words on forward() say nothing of ours
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "ignore-module-all": True}  # no page twice
