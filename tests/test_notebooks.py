"""The committed notebooks are what their sources give when run once from start to end."""

from pathlib import Path

import pytest

from lecturelib.commands import notebooks, readme
from lecturelib.paths import NOTEBOOKS


@pytest.mark.parametrize("source", notebooks.sources(), ids=lambda source: source.stem)
def test_a_committed_notebook_is_fresh(source: Path) -> None:
    assert notebooks.problems(source) == []


def test_every_notebook_has_a_source() -> None:
    committed = {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    assert committed == {source.stem for source in notebooks.sources()}


def test_the_readme_shows_the_measured_minutes() -> None:
    text = readme.README.read_text(encoding="utf8")
    assert readme.put(text, "notebooks", notebooks.table()) == text, "run make notebooks"
