"""The mask painter for pictures, driven as a student does: two photographs, 8 x 8 patches."""

import statistics
from collections.abc import Callable

import pytest

from tests.browser.pages import in_kernel, pixels, reaction, toggle_table, until, wait_for

# The stand-in paints a hidden patch with the colours of the visible ones, the nearer the more.
CODE = """
import numpy as np
from sklearn.datasets import load_sample_images
from lecturelib.viz.explorers.patch_painter import cut, patch_painter

class Nearest:
    grid, patch = (8, 8), (6, 6)

    def restore(self, pixels, hidden):
        row, column = np.divmod(np.arange(64), 8)
        apart = np.hypot(row[:, None] - row, column[:, None] - column) + hidden * 1e9
        weight = 1 / (apart + 1e-3) ** 6
        colour = weight @ cut(pixels, self.grid).mean(1) / weight.sum(1, keepdims=True)
        whole = colour.T.reshape(3, 8, 8).repeat(6, 1).repeat(6, 2)
        return np.where(self.spread(hidden), whole, pixels)

    def spread(self, hidden):
        return hidden.reshape(8, 8).repeat(6, 0).repeat(6, 1)

    def random(self, share, seed):
        return np.random.default_rng(seed).permutation(64) < round(64 * share)

    def blocks(self, share, seed):
        return np.arange(64) < round(64 * share)

photos = [photo[:384, 100:484] / 255 for photo in load_sample_images().images]
small = np.stack([photo.reshape(48, 8, 48, 8, 3).mean((1, 3)) for photo in photos])
w = patch_painter(Nearest(), small.transpose(0, 3, 1, 2), ["temple", "flower"])
w
"""
PATCHES = ".patch-cover button"
PAINTED = ".patch-view:nth-child(2) canvas"


@pytest.fixture(scope="module")
def opened(explorer_page: Callable):
    return explorer_page(CODE)


@pytest.fixture
def page(opened):
    """The first picture, nothing hidden, the patch at the top left in focus."""
    in_kernel(opened, "w.number, w.share, w.hidden = 0, 2, [False] * 64")
    wait_for(opened, "Picture 1 of 2, temple. Nothing is hidden")
    opened.locator(PATCHES).first.focus()
    return opened


def hidden(page) -> list[int]:
    states = page.locator(PATCHES).evaluate_all("(all) => all.map((one) => one.ariaPressed)")
    return [at for at, state in enumerate(states) if state == "true"]


def middle(page, place: int) -> tuple[float, float]:
    page.locator(PATCHES).nth(place).scroll_into_view_if_needed()
    box = page.locator(PATCHES).nth(place).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_hides_a_patch_and_the_model_paints_it(page) -> None:
    before = pixels(page, PAINTED)
    page.locator(PATCHES).nth(20).click()
    wait_for(page, "1 of 64 patches hidden. The model’s error there is ")
    assert hidden(page) == [20]
    assert page.locator(PATCHES).nth(20).get_attribute("aria-label") == "row 3, column 5, hidden"
    assert pixels(page, PAINTED) != before
    page.locator(PATCHES).nth(20).click()
    wait_for(page, "Nothing is hidden")


def test_a_drag_hides_all_that_it_passes_and_another_shows_them(page) -> None:
    for _ in range(2):
        page.mouse.move(*middle(page, 17))
        page.mouse.down()
        page.mouse.move(*middle(page, 20))  # in one leap: the patches between count
        page.mouse.move(*middle(page, 36))
        page.mouse.up()
        if hidden(page):
            wait_for(page, "6 of 64 patches hidden")
            assert hidden(page) == [17, 18, 19, 20, 28, 36]
    wait_for(page, "Nothing is hidden")


def test_keys_walk_hide_show_and_clear(page) -> None:
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    wait_for(page, "1 of 64 patches hidden")
    page.keyboard.press("End")
    page.keyboard.press("Space")
    wait_for(page, "2 of 64 patches hidden")
    assert hidden(page) == [9, 63]
    assert page.locator(f"{PATCHES}[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    wait_for(page, "1 of 64 patches hidden")
    page.keyboard.press("c")
    wait_for(page, "Nothing is hidden")


def test_r_and_b_hide_by_their_rules_and_the_slider_says_how_much(page) -> None:
    page.keyboard.press("r")
    wait_for(page, "26 of 64 patches hidden")
    first = hidden(page)
    page.keyboard.press("r")
    until(page, lambda: len(hidden(page)) == 26 and hidden(page) != first, True)
    page.locator(".ll-slider input").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "32 of 64 patches hidden")
    page.keyboard.press("b")
    until(page, lambda: hidden(page), list(range(32)))


def test_n_and_p_change_the_picture_under_the_same_mask(page) -> None:
    page.keyboard.press("Enter")
    wait_for(page, "Picture 1 of 2, temple. 1 of 64")
    page.keyboard.press("n")
    wait_for(page, "Picture 2 of 2, flower. 1 of 64")
    assert hidden(page) == [0]
    page.keyboard.press("p")
    wait_for(page, "Picture 1 of 2, temple. 1 of 64")


def test_the_last_visible_patch_cannot_be_hidden_and_the_page_says_why(page) -> None:
    in_kernel(page, "w.hidden = [False] + [True] * 63")
    wait_for(page, "63 of 64 patches hidden")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.ll-trouble').textContent.includes('leave at')")
    until(page, lambda: hidden(page), list(range(1, 64)))


def test_the_table_gives_every_hidden_patch(page) -> None:
    for key in ("Enter", "End", "Enter"):
        page.keyboard.press(key)
    wait_for(page, "2 of 64 patches hidden")
    toggle_table(page)
    rows = [r.locator("td").all_text_contents() for r in page.locator(".ll-details tr").all()][1:]
    assert [row[:2] for row in rows] == [["1", "1"], ["8", "8"]]
    assert all(0 < float(error) < 1 for row in rows for error in row[2:])
    toggle_table(page)


def test_all_of_it_fits_on_a_projector_in_full_screen(page) -> None:
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.wait_for_timeout(200)
    page.keyboard.press("r")
    wait_for(page, "26 of 64 patches hidden")
    inside = "(stage) => stage.scrollHeight <= stage.clientHeight"
    assert page.locator(".ll-stage").evaluate(inside)
    large = "(title) => parseFloat(getComputedStyle(title).fontSize)"
    assert page.locator(".patch-errors .patch-title").evaluate(large) >= 36
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_a_key_brings_the_models_painting_quickly(page, capsys: pytest.CaptureFixture) -> None:
    """The goal is 100 ms, kernel and back; a busy machine may take five times as long."""
    median = statistics.median(reaction(page, "Enter", PAINTED) for _ in range(9))
    with capsys.disabled():
        print(f"\npatch painter: a key brings a painting in {median:.0f} ms (median of 9)")
    assert median <= 5 * 100
