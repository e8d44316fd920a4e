"""The folder tree is the lecture's sentence read downwards, and stays readable: held here."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lecturelib
from lecturelib.paths import ROOT

PACKAGE = ROOT / "lecturelib"
# The order is written once: in the map that `import lecturelib; help(lecturelib)` shows.
MAP = re.findall(r"^    (\w+)  ", lecturelib.__doc__ or "", re.MULTILINE)
LAYERS = ["paths", *MAP, "__main__"]
MODELS = {"frontends", "encoders", "objectives", "recipes", "published"}
FORBIDDEN = {"encoders": {"frontends"}, "viz": MODELS}
FUNCTION_LINES = 45
FILE_LINES = 300


def own_imports(tree: ast.AST) -> Iterator[str]:
    """The layers that a module imports; relative imports come out as '.'."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            names = ["lecturelib.."]
        elif isinstance(node, ast.ImportFrom) and node.module == "lecturelib":
            names = [f"lecturelib.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "lecturelib" and "." in name:
                yield name.split(".")[1] or "."


def upward(layer: str, text: str) -> list[str]:
    """Imports of `text`, a module of `layer`, that go against the direction."""
    below = set(LAYERS[LAYERS.index(layer) + 1 :]) | FORBIDDEN.get(layer, set()) | {"."}
    return sorted(below & set(own_imports(ast.parse(text))))


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def too_long(text: str) -> list[str]:
    """Functions over the limit; a docstring counts, as it is read aloud too."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    lines = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    return [f"{name}: {count} lines" for name, count in lines.items() if count > FUNCTION_LINES]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    assert layer_of(path) in LAYERS, (
        f"{layer_of(path)} has no place in the map of lecturelib/__init__.py"
    )
    assert upward(layer_of(path), path.read_text(encoding="utf8")) == []


@pytest.mark.parametrize(
    ("layer", "text", "found"),
    [
        ("data", "from lecturelib.training import loop", ["training"]),
        ("data", "def late():\n    import lecturelib.viz.figures", ["viz"]),
        ("data", "from lecturelib import shapes, recipes", ["recipes"]),
        ("data", "from . import batch", ["."]),
        ("encoders", "from lecturelib.frontends import words", ["frontends"]),
        ("frontends", "from lecturelib.encoders import vgg", ["encoders"]),
        ("viz", "from lecturelib.encoders.transformer import Encoder", ["encoders"]),
        ("training", "import torch\nfrom lecturelib.objectives import Losses", []),
    ],
)
def test_an_import_against_the_direction_is_found(layer: str, text: str, found: list) -> None:
    assert upward(layer, text) == found


def test_the_map_is_the_lectures_order() -> None:
    order = ["shapes", "data", "frontends", "encoders", "objectives", "training", "adapt", "viz"]
    assert [layer for layer in LAYERS if layer in order] == order


def test_only_the_runtime_knows_about_graphics_cards() -> None:
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "notebooks" / "src").glob("*.py")]
    knows = [path for path in files if "cuda" in path.read_text(encoding="utf8").lower()]
    assert knows == [PACKAGE / "training" / "runtime.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_can_be_read_aloud(path: Path) -> None:
    text = path.read_text(encoding="utf8")
    assert len(text.splitlines()) <= FILE_LINES
    assert too_long(text) == []


def test_a_long_function_is_found() -> None:
    body = "    x = 1\n"
    assert too_long("def short():\n" + body * (FUNCTION_LINES - 1)) == []
    assert too_long("def long():\n" + body * FUNCTION_LINES) == [
        f"long: {FUNCTION_LINES + 1} lines"
    ]


def test_the_package_itself_imports_in_a_blink_and_nothing_heavy() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import lecturelib;"
        "print(time.perf_counter() - start, *sys.modules)"
    )
    line = [sys.executable, "-c", code]
    seconds, *loaded = subprocess.check_output(line, text=True, cwd=ROOT).split()
    assert float(seconds) < 5 * 0.5
    assert {"torch", "matplotlib", "ipywidgets", "transformers"} & set(loaded) == set()
