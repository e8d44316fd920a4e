"""The pictures of docs/explorers.md, taken live: pytest tests/browser/portraits.py [-k verifier]

Each explorer is opened in JupyterLab by its notebook's own cells, those that it needs, with the
shipped checkpoints; it is audited as in the tests (family.py), and its full screen is kept.
"""

import ast
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jupytext
import pytest
from PIL import Image

from tests.browser.pages import SETTLED

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures" / "explorers"
SIZE = (960, 540)  # half of a projector's


class Portrait(NamedTuple):
    notebook: str
    call: str  # what opens the explorer there
    keys: tuple[str, ...] = ()  # pressed before the picture is taken


PORTRAITS = {
    "belief": Portrait("01_self_training", "show", ("Space",)),
    "layer_walk": Portrait("02_vgg_transfer", "layer_walk"),
    "verifier": Portrait("03_xvectors", "verifier"),
    "voice_map": Portrait("03_xvectors", "voice_map", ("ArrowRight",)),
    "attention": Portrait("04_transformer", "attention_explorer", ("ArrowDown", "ArrowDown")),
    "stepper": Portrait("04_transformer", "stepper", ("Space", "ArrowRight", "ArrowRight")),
    "meaning": Portrait("05_elmo_vs_bert", "meaning", ("Space",)),
    "painter": Portrait("05_elmo_vs_bert", "painter"),
    "patch_painter": Portrait("06_vision_transformer", "patch_painter"),
    "mask_lab": Portrait("07a_wav2vec_representations", "mask_lab", ("r",)),
    "collapse_doctor": Portrait("07a_wav2vec_representations", "collapse_doctor", ("c",)),
    "codebook": Portrait("07a_wav2vec_representations", "codebook"),
    "negatives": Portrait("07a_wav2vec_representations", "negatives"),
    "trellis": Portrait("07b_wav2vec_recognition", "trellis_walk", ("b", "End")),
    "say_it": Portrait("07b_wav2vec_recognition", "say_it"),
    "three_worlds": Portrait("08_data2vec", "three_worlds"),
    "layer_map": Portrait("08_data2vec", "layer_map"),
}


def names(source: str, context: type) -> set[str]:
    """What a cell gives a name to (ast.Store) or uses (ast.Load)."""
    every = list(ast.walk(ast.parse(source)))
    found = {n.id for n in every if isinstance(n, ast.Name) and isinstance(n.ctx, context)}
    if context is ast.Store:
        found |= {n.name for n in every if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        found |= {n.asname or n.name.split(".")[0] for n in every if isinstance(n, ast.alias)}
    return found


def code_for(portrait: Portrait) -> str:
    """The cell that opens an explorer and, before it, those that name what it needs."""
    notebook = jupytext.read(ROOT / "notebooks" / "src" / f"{portrait.notebook}.py")
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    opens = re.compile(rf"(?<![\w.]){portrait.call}\(")
    last = next(at for at, cell in enumerate(cells) if opens.search(cell))
    kept, needed = [cells[last]], names(cells[last], ast.Load)
    for cell in reversed(cells[:last]):
        if given := names(cell, ast.Store) & needed:
            kept.insert(0, cell)
            needed = (needed - given) | names(cell, ast.Load)
    return "\n".join(kept)


@pytest.mark.parametrize("name", PORTRAITS)
def test_portrait(name: str, explorer_page: Callable) -> None:
    page = explorer_page(code_for(PORTRAITS[name]))
    page.locator(".ll-stage [tabindex='0']").first.focus()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.matches('.ll-stage')")
    for key in PORTRAITS[name].keys:
        page.keyboard.press(key)
    page.wait_for_timeout(4000)  # what the keys began comes to rest
    page.evaluate(SETTLED)
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    PICTURES.mkdir(parents=True, exist_ok=True)
    few = {"method": Image.Quantize.MAXCOVERAGE, "dither": Image.Dither.NONE}  # keeps rare colours
    small = whole.resize(SIZE, Image.Resampling.LANCZOS).quantize(40, **few)
    small.save(PICTURES / f"{name}.png", optimize=True)
    page.close()
