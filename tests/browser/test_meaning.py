"""One word edits a meaning, the moment of notebook 05: real MiniLM, driven as a lecturer does."""

import re
import statistics
from collections.abc import Callable

import pytest

from tests.browser.pages import in_kernel, pixels, reaction, toggle_table, until

# The demonstration's own sentences: 24 a word, read in a moment, there without Brown. The scores
# are made up here; what MiniLM gives is in the unit tests and in the ledger.
CODE = """
import numpy as np
from lecturelib.adapt.meaning import map_of
from lecturelib.adapt.reading import minilm
from lecturelib.viz.explorers.meaning import Meanings, meaning

reader = minilm()
edits = {
    "play": ("they play", "the play", "they play in the garden"),
    "bank": ("a savings bank", "a grassy bank"),
}
maps = [Meanings(**map_of(reader, word, {}), examples=lines) for word, lines in edits.items()]
w = meaning(maps, np.array([0.5, 0.91, 0.96, 0.97, 0.95, 0.93, 0.88]), "mean of 53 words")
w
"""
MAP = ".ll-body > .ll-picture canvas"
CURVE = ".meaning-panel canvas"
# Notes what is written on the map, and where, in the map's own units.
SPOKEN = """() => {
  const fill = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    (window.written ??= {})[text] = [x, y];
    fill.call(this, text, x, y);
  };
}"""
PAGE_WIDTH = 1280


@pytest.fixture(scope="module")
def opened(explorer_page: Callable):
    page = explorer_page(CODE)
    page.evaluate(SPOKEN)
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.fixture
def page(opened):
    """Layer 3, "they play", nothing looked at, the map in focus."""
    in_kernel(opened, "w.word = 0; w.layer = 3; w.text = 'the play'; w.text = 'they play'")
    wait_for(opened, "“they play”", "Layer 3:")
    opened.locator(MAP).focus()
    return opened


def wait_for(page, *words: str) -> None:
    live = "document.querySelector('.ll-live').textContent"
    page.wait_for_function(f"(words) => words.every((one) => {live}.includes(one))", arg=words)


def live(page) -> str:
    return page.locator(".ll-live").text_content()


def table(page) -> list[list[str]]:
    """Opened, read, and closed again."""
    toggle_table(page)
    cells = [row.locator("td, th").all_text_contents() for row in page.locator("tr").all()]
    toggle_table(page)
    page.locator(MAP).focus()
    return cells


def places(page) -> dict[str, tuple[float, float]]:
    """Star, the star before it and the static mark, from the table."""
    rows = table(page)
    return {what.split(":")[0]: (float(x), float(y)) for what, x, y, _ in rows[1:4]}


def drawn_at(page, text: str) -> list[float]:
    page.wait_for_timeout(100)
    return page.evaluate("(text) => window.written[text]", text)


def field(page):
    return page.get_by_role("textbox", name="Your sentence")


def number(page) -> str:
    return page.locator(".meaning-score > b").text_content()


def test_one_word_edits_a_meaning_and_the_static_vector_stays(page) -> None:
    before, nail = places(page), drawn_at(page, "static vector: stays")
    assert page.locator(".meaning-verdict").text_content() == "5 of 5 nearest uses: verb"
    assert drawn_at(page, "play")[0] > PAGE_WIDTH / 2
    field(page).fill("the play")
    page.keyboard.press("Enter")
    wait_for(page, "“the play”: 5 of 5 nearest uses are noun.")
    assert "The star flew from verb to noun. The static vector stays." in live(page)
    after = places(page)
    assert after["static vector"] == before["static vector"] == (0, 0)
    assert after["before"] == before["star"]
    assert after["star"][0] < -2 < 2 < before["star"][0]
    page.evaluate("window.written = {}")
    in_kernel(page, "w.layer = 2; w.layer = 3")
    until(page, lambda: drawn_at(page, "static vector: stays"), nail)
    assert drawn_at(page, " play"[1:])[0] < PAGE_WIDTH / 2


def test_space_goes_through_the_prepared_sentences_and_around(page) -> None:
    for text in ("the play", "they play in the garden", "they play"):
        page.keyboard.press(" ")
        wait_for(page, f"“{text}”")
        assert field(page).input_value() == text


def test_in_layer_0_the_same_edit_moves_nothing(page) -> None:
    page.keyboard.press("0")
    wait_for(page, "Layer 0:")
    page.keyboard.press(" ")
    wait_for(page, "“the play”", "The star did not move.")
    stars = places(page)
    assert stars["star"] == stars["before"]


def test_the_slider_changes_score_picture_and_curve(page) -> None:
    slider = page.get_by_role("slider", name=re.compile("^Layer"))
    slider.focus()
    seen = {}
    for key, layer in (("Home", 0), ("ArrowRight", 1), ("End", 6), ("ArrowLeft", 5)):
        page.keyboard.press(key)
        wait_for(page, f"Layer {layer}:")
        seen[layer] = (number(page), pixels(page, MAP), pixels(page, CURVE))
        assert slider.get_attribute("aria-valuetext") == str(layer)
    assert [seen[layer][0] for layer in (0, 1, 6, 5)] == ["50 %", "91 %", "88 %", "93 %"]
    assert len({picture for _, picture, _ in seen.values()}) == 4
    assert len({curve for _, _, curve in seen.values()}) == 4


def test_keys_choose_the_layer_and_stop_at_the_ends(page) -> None:
    for key, layer in (("6", 6), ("PageDown", 6), ("PageUp", 5), ("0", 0), ("PageUp", 0)):
        page.keyboard.press(key)
        wait_for(page, f"Layer {layer}:")


def test_arrow_keys_and_the_pointer_look_at_uses(page) -> None:
    sentence = page.locator(".meaning-sentence")
    assert sentence.text_content().startswith("The nearest: ")
    seen = set()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
        seen.add(sentence.text_content())
        assert sentence.locator("mark").text_content() == "play"
    assert len(seen) >= 2
    assert all(text.startswith(("verb: ", "noun: ")) for text in seen)
    assert " Use: " in live(page)
    page.locator(MAP).hover(position={"x": 3, "y": 3})
    until(page, lambda: sentence.text_content().startswith("The nearest: "), True)


def test_the_bank_is_labelled_as_written_for_the_demonstration(page) -> None:
    page.get_by_role("button", name="bank").click()
    wait_for(page, "“a savings bank”", "5 of 5 nearest uses are money.")
    page.keyboard.press(" ")
    wait_for(page, "“a grassy bank”", "The star flew from money to river.")
    assert "not in the number" in page.locator(".meaning-note").text_content()
    assert "alone" not in page.locator(".meaning-score p").text_content()
    pressed = page.locator(".meaning-words [aria-pressed=true]").all_text_contents()
    assert pressed == ["bank"]
    page.locator(MAP).focus()
    page.keyboard.press("w")
    wait_for(page, "“they play”")


def test_a_sentence_without_the_word_is_explained(page) -> None:
    typed = field(page)
    typed.fill("they sing")
    typed.press("Enter")
    page.wait_for_function("document.querySelector('.ll-trouble').textContent")
    expected = '"they sing" has no "play": write a sentence with that word'
    assert page.locator(".ll-trouble").text_content() == expected
    assert "“they play”" in live(page)
    page.keyboard.press(" ")  # from the first prepared sentence on
    until(page, lambda: page.locator(".ll-trouble").text_content(), "")


def test_letters_typed_into_the_field_move_nothing(page) -> None:
    typed = field(page)
    before = live(page)
    typed.press("End")
    for key in (" ", "w", "f", "0"):
        typed.press(key)
    assert typed.input_value() == "they play wf0"
    assert live(page) == before
    assert page.evaluate("document.fullscreenElement") is None
    typed.fill("they play")


def test_the_star_flies_there_unless_less_motion_is_asked_for(page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    page.evaluate("window.path = []")
    page.evaluate("""() => {
      const look = () => {
        window.path.push(window.written["play"][0]);
        requestAnimationFrame(look);
      };
      look();
    }""")
    page.keyboard.press(" ")
    wait_for(page, "“the play”")
    page.wait_for_timeout(1500)
    stops = set(page.evaluate("window.path"))
    page.emulate_media(reduced_motion="reduce")
    assert len(stops) > 4
    page.evaluate("window.path = []")
    page.keyboard.press("6")
    wait_for(page, "Layer 6:")
    page.wait_for_timeout(300)
    assert len(set(page.evaluate("window.path"))) <= 2


def test_f_fills_the_screen_and_everything_fits(page) -> None:
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.className === 'll-stage'")
    page.wait_for_timeout(300)
    assert page.evaluate("document.fullscreenElement.scrollHeight - innerHeight") <= 0
    card, controls = (
        page.locator(part).bounding_box() for part in (".meaning-card", ".ll-controls")
    )
    assert card["y"] + card["height"] <= controls["y"]
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_keys_do_not_reach_the_notebook(page) -> None:
    for key in "ddaabb":
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == 1


def test_it_follows_jupyterlabs_theme(page) -> None:
    light = pixels(page, MAP)
    paper = "getComputedStyle(document.querySelector('.ll-stage')).backgroundColor"
    theme = "(name) => jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
    page.evaluate(theme, "JupyterLab Dark")
    page.wait_for_function(f"{paper}.match(/[0-9]+/)[0] < 50")
    page.wait_for_timeout(500)
    dark = pixels(page, MAP)
    page.evaluate(theme, "JupyterLab Light")
    page.wait_for_function(f"{paper}.match(/[0-9]+/)[0] > 200")
    until(page, lambda: pixels(page, MAP) == light, True)
    assert dark != light


def test_a_key_changes_the_picture_quickly(page, capsys: pytest.CaptureFixture) -> None:
    """The goal is 100 ms, MiniLM's reading included; a busy machine may take five times as long."""
    page.emulate_media(reduced_motion="no-preference")
    layers = [reaction(page, key, MAP) for key in "012345" if not page.wait_for_timeout(900)]
    page.wait_for_timeout(900)
    edits = []
    for _ in range(3):
        edits.append(reaction(page, " ", MAP))
        page.wait_for_timeout(1500)
    page.emulate_media(reduced_motion="reduce")
    layer, edit = statistics.median(layers), statistics.median(edits)
    with capsys.disabled():
        print(f"\nmeaning: a layer in {layer:.0f} ms, an edited sentence in {edit:.0f} ms (median)")
    assert max(layer, edit) <= 5 * 100


def test_python_moves_the_picture_and_knows_where_the_star_is(page) -> None:
    in_kernel(page, "w.text = 'the play was long'; w.layer = 6")
    wait_for(page, "“the play was long”", "Layer 6:")
    said = "Meaning('play', 24 uses, layer 6: 'the play was long' -> noun, 5 of 5 nearest)"
    in_kernel(page, f'w.layer = 2 if repr(w) == "{said}" else 0')
    wait_for(page, "Layer 2:")
