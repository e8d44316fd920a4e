"""Watch belief spread, driven as a lecturer drives it: by keys, pointer and in full screen."""

import re
import statistics
from collections.abc import Callable

import numpy as np
import pytest

from tests.browser.pages import in_kernel, pixels, reaction, toggle_table, until

# 120 items in a grid of ten classes, the first ten labelled. Confidence grows with the number of
# the item and with the round; every seventh is taken for the next class, because of its neighbour.
DATA = """
import io, wave
import numpy as np
from lecturelib.viz.explorers.belief import Spread, belief

n, rounds, thresholds = 120, 3, np.array([0.25, 0.5, 0.75])
item = np.arange(n)
truth = item % 10
guess = np.where(item % 7 == 0, (truth + 1) % 10, truth)
misled = np.where(item % 7 == 0, (item + 11) % n, -1)
misled[[84, 91]] = 14, -1
confidence = np.stack([item / n * (r + 1) / rounds for r in range(rounds)])
spread = Spread(
    position=np.stack([item % 12, item // 12], 1).astype(float),
    truth=truth,
    labelled=item < 10,
    thresholds=thresholds,
    confidence=np.stack([confidence] * 3),
    guess=np.broadcast_to(guess, (3, rounds, n)).copy(),
    misled_by=np.broadcast_to(misled, (3, rounds, n)).copy(),
    accuracy=np.linspace(0.4, 0.9, 27).reshape(3, rounds, 3),
)

def sound(i):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1); out.setsampwidth(2); out.setframerate(8000)
        out.writeframes(bytes(2 * 80 * (i + 1)))  # a hundredth of a second longer each
    return file.getvalue()
"""
CODE = """
pictures = np.zeros((n, 8, 8), np.uint8)
pictures[item, truth % 8, 1:7] = 255
w = belief(spread, pictures=pictures, sounds=[sound(i) for i in item])
w
"""
MAP = ".ll-picture canvas"


def count(at: int, round: int) -> tuple[int, int, int]:
    """Labels added, right, wrong: by a plain loop over the items."""
    added = wrong = 0
    for item in range(10, 120):
        if item / 120 * round / 3 >= (0.25, 0.5, 0.75)[at]:
            added += 1
            wrong += item % 7 == 0
    return added, added - wrong, wrong


def accuracy(at: int, round: int) -> list[str]:
    scores = np.linspace(0.4, 0.9, 27).reshape(3, 3, 3)[at, round - 1]
    return [f"{100 * score:.1f} %" for score in scores]


@pytest.fixture(scope="module")
def opened(explorer_page: Callable):
    return explorer_page(DATA + CODE)


@pytest.fixture
def page(opened):
    """The explorer at its start: round 0, the highest threshold."""
    move(opened, "Round", "Home")
    move(opened, "Threshold", "End")
    opened.locator(MAP).click(position={"x": 2, "y": 2})  # nothing chosen
    return opened


# Every number of labels that the page shows from now on.
HISTORY = """() => {
  const count = document.querySelector(".belief-count b");
  window.passed = [];
  const note = () => window.passed.push(Number(count.textContent));
  new MutationObserver(note).observe(count, { childList: true, subtree: true });
}"""


def slider(page, name: str):
    return page.get_by_role("slider", name=re.compile(f"^{name}"))


def move(page, name: str, *keys: str) -> None:
    slider(page, name).focus()
    for key in keys:
        page.keyboard.press(key)


def shown(page) -> tuple[int, ...]:
    """The three large numbers."""
    page.wait_for_timeout(50)
    return tuple(int(text) for text in page.locator(".belief-count b").all_text_contents())


def wait_for_labels(page, expected: tuple[int, ...]) -> None:
    added = "Number(document.querySelector('.belief-count b').textContent)"
    page.wait_for_function(f"{added} === {expected[0]}")
    assert shown(page) == expected


def live(page) -> str:
    return page.locator(".ll-live").text_content()


def on_screen(page, item: int) -> dict[str, float]:
    """Where an item of the grid lies on the canvas: the 4 x 3 box, centred, and a rim."""
    size = page.locator(MAP).bounding_box()
    rim = 2 * np.sqrt(0.42 * 12 / np.pi / 120)
    scale = min(size["width"] / (4 + 2 * rim), size["height"] / (3 + 2 * rim))
    x, y = item % 12 / 11 * 4, item // 12 / 9 * 3
    middle = size["width"] / 2, size["height"] / 2
    return {"x": middle[0] + (x - 2) * scale, "y": middle[1] + (y - 1.5) * scale}


def test_play_spreads_the_labels_round_by_round(page) -> None:
    move(page, "Threshold", "Home")
    before = pixels(page)
    assert shown(page) == (0, 0, 0)
    page.evaluate(HISTORY)
    page.get_by_role("button", name="Play").click()
    wait_for_labels(page, count(0, 3))
    passed = page.evaluate("window.passed")
    places = [passed.index(count(0, round)[0]) for round in (1, 2, 3)]
    assert places == sorted(places)
    assert pixels(page) != before
    assert page.locator(".belief-bars b").all_text_contents() == accuracy(0, 3)
    assert page.get_by_role("button", name="Play").is_visible()


def test_play_passes_through_what_lies_between_two_rounds(page) -> None:
    move(page, "Threshold", "Home")
    page.evaluate(HISTORY)
    move(page, "Round", "ArrowRight")
    wait_for_labels(page, count(0, 1))
    assert any(0 < labels < count(0, 1)[0] for labels in page.evaluate("window.passed"))


def test_space_plays_and_pauses(page) -> None:
    page.locator(MAP).focus()
    page.keyboard.press(" ")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press(" ")
    assert page.get_by_role("button", name="Play").is_visible()
    still = live(page)
    page.wait_for_timeout(2000)
    assert live(page) == still


@pytest.mark.parametrize("at", [0, 1, 2])
def test_each_stop_of_the_threshold_shows_the_run_that_was_measured(page, at: int) -> None:
    move(page, "Round", "End")
    move(page, "Threshold", "Home", *["ArrowRight"] * at)
    assert shown(page) == count(at, 3)
    assert page.locator(".belief-bars b").all_text_contents() == accuracy(at, 3)
    added, right, wrong = count(at, 3)
    assert f"{added} more labels, {right} right, {wrong} wrong" in live(page)
    assert slider(page, "Threshold").get_attribute("aria-valuetext") == ("0.25", "0.5", "0.75")[at]


def test_dragging_the_threshold_down_multiplies_the_rings(page) -> None:
    move(page, "Round", "End")
    before, high = pixels(page), shown(page)
    box = slider(page, "Threshold").bounding_box()
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 10, height)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, height, steps=8)
    page.mouse.up()
    assert (high, shown(page)) == (count(2, 3), count(0, 3))
    assert shown(page)[2] > high[2]
    assert pixels(page) != before


def test_a_click_on_a_ring_shows_the_item_and_who_misled_it(page) -> None:
    move(page, "Round", "End")
    before = pixels(page)
    page.locator(MAP).click(position=on_screen(page, 98))
    card = page.locator(".belief-card")
    assert "Truly 8, but the teacher says 9, 81 % sure." in card.inner_text()
    assert "Misled by its nearest example: truly 9, labelled by a teacher." in card.inner_text()
    assert card.locator("canvas").count() == 2
    assert pixels(page) != before
    assert "Item 98: Truly 8" in live(page)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (
            112,
            "Truly 2, but the teacher says 3, 93 % sure. Misled by its nearest example, a true 3.",
        ),
        (84, "Misled by its nearest example: truly 4, wrongly labelled 5 by a teacher."),
        (91, "Truly 1, but the teacher says 2, 75 % sure. No example wore the label 2."),
        (99, "Truly 9, and the teacher says 9, 82 % sure."),
        (20, "Truly 0; the teacher says 0, 16 % sure: not enough."),
        (4, "True label: 4."),
    ],
)
def test_every_kind_of_item_is_explained(page, item: int, words: str) -> None:
    move(page, "Round", "End")
    move(page, "Threshold", "Home" if item == 84 else "End")
    page.locator(MAP).click(position=on_screen(page, item))
    assert words in page.locator(".belief-card").inner_text()


def test_the_picture_in_the_card_is_the_item(page) -> None:
    move(page, "Round", "End")
    page.locator(MAP).click(position=on_screen(page, 93))  # class 3: a stroke in row 3
    read = "(face) => [...face.getContext('2d').getImageData(0, 0, 8, 8).data]"
    drawn = np.array(page.locator(".belief-card canvas").evaluate(read)).reshape(8, 8, 4)
    expected = np.full((8, 8), 255)
    expected[3, 1:7] = 0
    np.testing.assert_array_equal(drawn[..., 0], expected)


def test_a_sound_can_be_heard(page) -> None:
    move(page, "Round", "End")
    page.locator(MAP).click(position=on_screen(page, 98))
    page.evaluate("HTMLMediaElement.prototype.play = function () { window.heard = this; }")
    for name, item in (("Hear it", 98), ("Hear the example", 109)):
        page.get_by_role("button", name=name).click()
        page.wait_for_function("window.heard.duration > 0")
        assert page.evaluate("window.heard.duration") == pytest.approx((item + 1) / 100, abs=1e-3)


def test_arrow_keys_go_from_ring_to_ring(page) -> None:
    move(page, "Round", "End")
    page.locator(MAP).focus()
    page.keyboard.press("ArrowRight")
    assert "Item 119: Truly 9, but the teacher says 0, 99 % sure." in live(page)  # the surest one
    page.keyboard.press("ArrowUp")
    assert re.search(r"Item (98|105|112):", live(page))


def test_enter_on_the_map_begins_with_the_surest_wrong_label(page) -> None:
    move(page, "Round", "End")
    page.locator(MAP).focus()
    page.keyboard.press("Enter")
    assert "Item 119:" in live(page)


def test_keys_do_not_reach_the_notebook(page) -> None:
    page.locator(MAP).focus()
    for key in "ddaabb":
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == 1


def test_f_fills_the_screen_and_everything_fits(page) -> None:
    small = page.locator(MAP).bounding_box()
    page.locator(MAP).focus()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.className === 'll-stage'")
    page.wait_for_timeout(300)
    large = page.locator(MAP).bounding_box()
    over = "document.fullscreenElement.scrollHeight - innerHeight"
    assert page.evaluate(over) <= 0
    assert large["width"] * large["height"] > 1.4 * small["width"] * small["height"]
    move(page, "Round", "End")
    page.locator(MAP).click(position=on_screen(page, 98))
    assert "Item 98:" in live(page)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_it_follows_jupyterlabs_theme_there_and_back(page) -> None:
    light = pixels(page)
    paper = "getComputedStyle(document.querySelector('.ll-stage')).backgroundColor"
    theme = "(name) => jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
    page.evaluate(theme, "JupyterLab Dark")
    page.wait_for_function(f"{paper}.match(/[0-9]+/)[0] < 50")
    page.wait_for_timeout(500)
    dark = pixels(page)
    page.evaluate(theme, "JupyterLab Light")
    page.wait_for_function(f"{paper}.match(/[0-9]+/)[0] > 200")
    page.wait_for_timeout(500)
    assert pixels(page) == light != dark
    assert len(dark) > len(light) / 2  # not an empty canvas


def test_the_table_says_the_same_and_keeps_up(page) -> None:
    move(page, "Round", "End")
    toggle_table(page)

    def cells() -> list[list[str]]:
        rows = page.locator(".ll-details tr").all()
        return [row.locator("td").all_text_contents() for row in rows[1:]]

    for at, key in ((2, "End"), (0, "Home")):
        move(page, "Threshold", key)
        expected = [
            [str(round), *map(str, count(at, round)), *accuracy(at, round)] for round in (1, 2, 3)
        ]
        until(page, lambda: cells()[:3], expected)
        until(page, lambda: len(cells()), 3 + count(at, 3)[2])
    toggle_table(page)


def test_less_motion_shows_the_round_at_once(page) -> None:
    move(page, "Threshold", "Home")
    page.emulate_media(reduced_motion="reduce")
    move(page, "Round", "ArrowRight")
    first = page.locator(".belief-count b").first.text_content()
    page.emulate_media(reduced_motion="no-preference")
    assert first == str(count(0, 1)[0])


def test_python_moves_the_picture_and_the_picture_moves_python(page) -> None:
    in_kernel(page, "w.round, w.at = 2, 1")
    wait_for_labels(page, count(1, 2))
    move(page, "Round", "End")
    in_kernel(page, "w.at = 2 if w.round == 3 else 0")
    wait_for_labels(page, count(2, 3))


def test_a_key_changes_the_picture_quickly(page, capsys: pytest.CaptureFixture) -> None:
    """The goal is 50 ms; a busy machine may take five times as long."""
    move(page, "Round", "End")
    slider(page, "Threshold").focus()
    times = [reaction(page, key) for key in ["ArrowLeft", "ArrowRight"] * 5]
    median = statistics.median(times)
    with capsys.disabled():
        print(f"\nbelief: a key changes the picture in {median:.0f} ms (median of {len(times)})")
    assert median <= 5 * 50


def test_without_pictures_the_teachers_label_is_written_on_each_mark(explorer_page) -> None:
    page = explorer_page(DATA + "belief(spread)")
    page.evaluate("""() => {
      const fill = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
        (window.written ??= []).push(text);
        fill.call(this, text, ...where);
      };
    }""")
    page.emulate_media(reduced_motion="reduce")
    slider(page, "Round").focus()
    page.wait_for_timeout(100)
    page.evaluate("window.written = []")
    page.keyboard.press("End")
    page.wait_for_timeout(100)
    told = [i for i in range(10, 120) if i / 120 >= 0.5]
    guesses = [(i % 10 + (i % 7 == 0)) % 10 for i in told]
    assert sorted(page.evaluate("window.written")) == sorted(map(str, [*range(10), *guesses]))
    page.close()


def test_an_error_and_a_request_outside_do_not_go_unnoticed(new_page, complaints) -> None:
    page = new_page()
    page.evaluate("fetch('http://example.org/x').catch(() => console.error('no way out'))")
    page.wait_for_timeout(100)
    assert {"request to http://example.org/x", "no way out"} <= set(complaints)
    complaints.clear()
    page.close()
