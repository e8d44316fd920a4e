"""docs/explorers.md: every explorer is on it, with a picture, its notebook and its own keys."""

import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
EXPLORERS = ROOT / "lecturelib" / "viz" / "explorers"
MODULES = sorted(
    file.stem for file in EXPLORERS.glob("*.py") if "anywidget.AnyWidget)" in file.read_text("utf8")
)
PAGE = (ROOT / "docs" / "explorers.md").read_text("utf8")
SECTIONS = {
    re.search(r"explorers/(\w+)\.py", section)[1]: section
    for section in PAGE.split("\n## ")
    if "explorers/" in section and ".py`" in section
}


def test_every_explorer_is_on_the_page_and_nothing_else() -> None:
    sections = {name for name in SECTIONS if name in MODULES}
    assert sections == set(MODULES)
    assert PAGE.count("![") == len(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_its_picture_is_there_and_small(module: str) -> None:
    assert f"](pictures/explorers/{module}.png)" in SECTIONS[module]
    file = ROOT / "docs" / "pictures" / "explorers" / f"{module}.png"
    assert file.stat().st_size <= 60_000
    with Image.open(file) as picture:
        assert picture.size == (960, 540)


@pytest.mark.parametrize("module", MODULES)
def test_name_and_keys_are_those_on_the_stage(module: str) -> None:
    script = (EXPLORERS / f"{module}.js").read_text("utf8")
    joined = re.sub(r'"\s*\+\s*"', "", script)  # a long text stands on several lines
    keys = re.search(r"^Keys: (.+)$", SECTIONS[module], re.MULTILINE)[1]
    assert f'"{keys}"' in joined
    assert f'name: "{SECTIONS[module].splitlines()[0]}"' in script


@pytest.mark.parametrize("module", MODULES)
def test_its_notebooks_use_it(module: str) -> None:
    notebooks = re.findall(r"\(\.\./notebooks/(\w+)\.ipynb\)", SECTIONS[module])
    sources = [ROOT / "notebooks" / "src" / f"{name}.py" for name in notebooks]
    used = [f"explorers.{module} import" in source.read_text("utf8") for source in sources]
    assert used
    assert all(used)
