"""The mask lab, driven as a student does: paint, draw, turn the unit, listen."""

import statistics
from collections.abc import Callable

import pytest

from tests.browser.pages import in_kernel, pixels, reaction, silenced, toggle_table, until, wait_for

# Three seconds of sound, then one; the rule is a plain loop.
CODE = """
import numpy as np
from lecturelib.viz.explorers.clips import Clip
from lecturelib.viz.explorers.mask_lab import mask_lab

def rule(frames, p, span, seed):
    hidden = np.zeros(frames, dtype=bool)
    for at in np.flatnonzero(np.random.default_rng(seed).random(frames) < p):
        hidden[at:at + span] = True
    return hidden

time = np.arange(24000) / 8000
wave = np.float32(np.sin(2 * np.pi * 200 * time) * np.sin(2 * np.pi * time))
w = mask_lab([Clip("three seconds", wave), Clip("one second", wave[:8000])], rule)
w
"""
CLIP = ".lab > .ll-picture canvas"
CURVE = ".lab-row .ll-picture canvas"


@pytest.fixture(scope="module")
def opened(explorer_page: Callable):
    return silenced(explorer_page(CODE))


@pytest.fixture
def page(opened):
    """The paper's rule, the first clip, nothing hidden, the first frame in focus."""
    in_kernel(opened, "w.number, w.unit, w.level, w.span, w.draw = 0, 'paper', 3, 5, 0")
    in_kernel(opened, "w.hidden = [False] * 150")
    wait_for(opened, "three seconds, 150 frames. Nothing is hidden. p = 0.065")
    opened.evaluate("window.heard = null")
    opened.locator(CLIP).focus()
    opened.keyboard.press("Home")
    return opened


def counts(page, column: int) -> list[str]:
    """0: this mask, 1: simulated, 2: closed form."""
    return page.locator(".lab-counts b").all_text_contents()[column::3]


def test_a_drag_hides_what_it_passes_over_and_a_second_one_shows_it(page) -> None:
    box = page.locator(CLIP).bounding_box()
    place = lambda frame: box["x"] + (frame + 0.5) * box["width"] / 150  # noqa: E731
    for words in ("20.0 % hidden in 1 spans of 30.0 frames", "Nothing is hidden"):
        page.mouse.move(place(30), box["y"] + 60)
        page.mouse.down()
        page.mouse.move(place(45), box["y"] + 60)
        page.mouse.move(place(59), box["y"] + 60)
        page.mouse.up()
        wait_for(page, words.replace(" %", "\u00a0%"))


def test_arrows_and_enter_hide_m_frames_and_the_table_lists_them(page) -> None:
    before = pixels(page, CLIP)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_for(page, "hidden in 1 spans of 10.0 frames")
    assert pixels(page, CLIP) != before
    toggle_table(page)
    rows = [r.locator("td, th").all_text_contents() for r in page.locator(".ll-details tr").all()]
    toggle_table(page)
    assert rows == [["span", "from, s", "to, s", "frames"], ["1", "0.10", "0.30", "10"]]
    page.keyboard.press("Enter")
    wait_for(page, "Nothing is hidden")


def test_the_rule_draws_and_closed_form_and_simulation_agree(page) -> None:
    page.keyboard.press("r")
    page.wait_for_function("!document.querySelector('.ll-live').textContent.includes('Nothing')")
    first = pixels(page, CLIP)
    assert counts(page, 2) == ["48.9\u00a0%", "14.7 = 300\u00a0ms", "–"]
    assert float(counts(page, 1)[0].split("\u00a0")[0]) == pytest.approx(48.9, abs=0.5)
    page.keyboard.press("r")
    until(page, lambda: pixels(page, CLIP) != first, True)
    page.keyboard.press("c")
    wait_for(page, "Nothing is hidden")


def test_065_is_one_mask_in_one_unit_and_everything_in_the_other(page) -> None:
    in_kernel(page, "w.level = 8")
    wait_for(page, "p = 0.65 of the frames")
    assert counts(page, 2)[0] == "100.0\u00a0%"
    before = pixels(page, CURVE)
    page.keyboard.press("u")
    wait_for(
        page, "p = 0.065 of the frames start a span of M = 10; the published code writes p × M"
    )
    assert counts(page, 2)[0] == "48.9\u00a0%"
    assert pixels(page, CURVE) != before
    pressed = page.locator(".lab-units [aria-pressed=true]").all_text_contents()
    assert pressed == ["Published code: p × M, before overlaps"]
    trap = page.get_by_text("Read as the paper’s p").text_content()
    assert trap.replace("\u00a0", " ") == (
        "Read as the paper’s p, 0.65 would hide 100.0 % of the frames instead of 48.9 %."
    )


def test_left_and_hidden_are_heard(page) -> None:
    page.keyboard.press("Enter")
    wait_for(page, "hidden in 1 spans")
    for key in ("l", "h"):
        page.evaluate("window.heard = null")
        page.keyboard.press(key)
        page.wait_for_function("window.heard?.duration > 0")
        assert page.evaluate("window.heard.duration") == pytest.approx(3, abs=0.2)


def test_n_goes_to_the_next_clip_with_a_mask_of_its_own(page) -> None:
    page.keyboard.press("n")
    wait_for(page, "one second, 50 frames.")
    page.keyboard.press("n")
    wait_for(page, "three seconds, 150 frames.")


def test_a_key_is_answered_quickly(page, capsys: pytest.CaptureFixture) -> None:
    """The goal is 100 ms; a busy machine may take five times as long."""
    moves = [reaction(page, key, CLIP) for key in ("ArrowRight", "Enter", "ArrowRight") * 3]
    median = statistics.median(moves)
    with capsys.disabled():
        print(f"\nmask lab: a key changes the picture in {median:.0f} ms (median of 9)")
    assert median <= 5 * 100
