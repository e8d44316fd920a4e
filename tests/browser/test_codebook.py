"""Listen to a code, driven as a student does: a training, a code, the places where it is heard."""

import statistics
from collections.abc import Callable

import pytest

from tests.browser.pages import in_kernel, pixels, reaction, silenced, toggle_table, until, wait_for

# Six speakers say twelve digits of one second. Group 1 ends with four codes of eight in use; group
# 2 uses all eight; code 7 of group 1 is heard nowhere, code 6 in two places.
CODE = """
import numpy as np
import torch
from lecturelib.adapt.codes import knows, occurrences
from lecturelib.quantizers import use
from lecturelib.viz.explorers.books import Book
from lecturelib.viz.explorers.codebook import codebook
from lecturelib.viz.explorers.pieces import Recordings

time = np.arange(8000) / 8000
hum = [np.sin(2 * np.pi * (200 + 90 * i) * time) * (0.3 + time) for i in range(12)]
who = [f"speaker {i % 6 + 1}" for i in range(12)]
what = [["three", "seven"][i // 6] for i in range(12)]
rng = torch.Generator().manual_seed(0)
first = torch.randint(4, (12, 50), generator=rng)
first[[0, 3], 25] = 6
codes = [torch.stack([one, torch.arange(50) % 8], 1) for one in first]
final, even = use(torch.cat(codes), 8).numpy(), np.full((2, 8), 1 / 8)
shares = np.stack([even + part * (final - even) for part in np.linspace(0, 1, 5)])
there, soft = occurrences(codes, who, size=8, rng=rng), [16.0, 15.5, 15.0, 14.5, 14.0]
steps = [0, 100, 200, 300, 400]
learned = Book("wav2vec 2.0", shares, steps, there, knows(codes, what, who), soft)
centres = [torch.full((50, 1), i % 3) for i in range(12)]
there, share = occurrences(centres, who, size=4, rng=rng), use(torch.cat(centres), 4).numpy()
means = Book("k-means of log-mel", share[None], [0], there, knows(centres, what, who))
w = codebook(Recordings(hum, who, what), [learned, means])
w
"""
USE = ".codes-panel:nth-child(1) .codes-use canvas"
PLACES = ".codes-panel:nth-child(1) .codes-places canvas"
SECOND = ".codes-panel:nth-child(2) .codes-places canvas"
ALL = 8 * 0.32 + 7 * 0.25  # seconds of eight pieces and the pauses between


@pytest.fixture(scope="module")
def opened(explorer_page: Callable):
    return silenced(explorer_page(CODE))


@pytest.fixture
def page(opened):
    """At the end of the training, code 0 of both books, the use of the first in focus."""
    in_kernel(opened, "w.at, w.chosen = 4, [[0, 0], [0, 0]]")
    wait_for(opened, "wav2vec 2.0 at step 400: hard perplexity 12.0, soft 14.0 of 16; group 1")
    opened.evaluate("window.heard = null")
    opened.locator(USE).focus()
    return opened


def lasts(page, seconds: float) -> None:
    """Until a sound of this length is played."""
    page.wait_for_function("window.heard?.duration > 0")
    assert page.evaluate("window.heard.duration") == pytest.approx(seconds, abs=0.25)


def code_place(page, group: int, code: int) -> dict[str, float]:
    """The middle of a code's column: the blocks of two groups stand one below the other."""
    size = page.locator(USE).bounding_box()
    em = page.locator(USE).evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")
    left, wide = 3.6 * em, size["width"] - 4.2 * em
    return {"x": left + (code + 0.5) / 8 * wide, "y": (group + 0.5) * size["height"] / 2}


@pytest.mark.parametrize(("group", "code"), [(0, 3), (1, 0), (1, 7)])
def test_a_click_chooses_a_code_and_plays_eight_places(page, group: int, code: int) -> None:
    before = pixels(page, PLACES)
    page.locator(USE).click(position=code_place(page, group, code))
    wait_for(page, f"group {group + 1}, code {code}: ")
    lasts(page, ALL)
    assert pixels(page, PLACES) != before
    in_kernel(page, f"w.at = 0 if w.chosen == [[{group}, {code}], [0, 0]] else 1")
    wait_for(page, "at step 0")


def test_arrow_keys_walk_over_the_codes_and_play(page) -> None:
    page.keyboard.press("ArrowRight")
    wait_for(page, "group 1, code 1: ")
    lasts(page, ALL)
    page.keyboard.press("ArrowDown")
    wait_for(page, "group 2, code 1: 14.0 % of frames")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
    wait_for(page, "group 1, code 0: ")


def test_a_rare_code_plays_what_there_is_and_an_unused_one_nothing(page) -> None:
    page.locator(USE).click(position=code_place(page, 0, 6))
    wait_for(page, "heard in speaker ")
    lasts(page, 2 * 0.32 + 0.25)
    page.evaluate("window.heard = null")
    page.keyboard.press("ArrowRight")
    wait_for(page, "group 1, code 7: 0.0 % of frames, heard in no clip")
    page.keyboard.press("1")
    page.wait_for_timeout(200)
    assert page.evaluate("window.heard") is None


def test_the_piece_that_is_heard_is_framed_one_after_the_other(page) -> None:
    page.wait_for_timeout(1000)  # what an earlier test chose may still be drawn
    quiet = pixels(page, PLACES)
    page.keyboard.press("1")
    lasts(page, ALL)
    until(page, lambda: pixels(page, PLACES) != quiet, True)
    first = pixels(page, PLACES)
    until(page, lambda: pixels(page, PLACES) not in (quiet, first), True)
    until(page, lambda: pixels(page, PLACES) == quiet, True)


def test_a_click_on_a_place_plays_it_alone(page) -> None:
    size = page.locator(PLACES).bounding_box()
    position = {"x": 0.6 * size["width"], "y": 0.7 * size["height"]}
    page.locator(PLACES).click(position=position)
    lasts(page, 0.32)


def test_two_plays_the_other_codebook(page) -> None:
    page.keyboard.press("2")
    lasts(page, 4 * 0.32 + 3 * 0.25)  # a centre that a clip keeps is one sound
    in_kernel(page, "w.chosen = [[0, 0], [0, 3]]")
    wait_for(page, "k-means of log-mel: hard perplexity 3.0 of 4; code 3: 0.0 % of frames")
    in_kernel(page, "w.chosen = [[0, 0], [0, 2]]")
    wait_for(page, "code 2: 33.3 % of frames")


def test_space_plays_the_training_to_its_end(page) -> None:
    in_kernel(page, "w.at = 1")
    wait_for(page, "at step 100")
    page.keyboard.press("Space")
    wait_for(page, "at step 400")
    assert page.locator(".ll-first").text_content() == "▶ Play"


def test_space_again_pauses_and_page_keys_step(page) -> None:
    page.keyboard.press("Space")  # over: it starts again
    until(page, page.locator(".ll-first").text_content, "❚❚ Pause")
    page.keyboard.press("Space")
    until(page, page.locator(".ll-first").text_content, "▶ Play")
    in_kernel(page, "w.at = 2")
    wait_for(page, "at step 200")
    page.keyboard.press("PageUp")
    wait_for(page, "at step 100: hard perplexity 15.8, soft 15.5 of 16")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    wait_for(page, "at step 300")


def test_the_numbers_beside_it_are_the_snapshots(page) -> None:
    numbers = page.locator(".codes-numbers b")
    until(page, numbers.all_text_contents, ["12.0", "14.0"])
    in_kernel(page, "w.at = 0")
    until(page, numbers.all_text_contents, ["16.0", "16.0"])
    words = page.locator(".codes-verdict").text_content()
    assert "speaker: k-means of log-mel knows more (0." in words
    assert "against 0.0" in words


def test_the_table_says_how_often_each_code_is_used(page) -> None:
    toggle_table(page)
    rows = [r.locator("td, th").all_text_contents() for r in page.locator(".ll-details tr").all()]
    toggle_table(page)
    assert rows[0] == ["codebook", "group", "code", "use now, %"]
    assert rows[9] == ["wav2vec 2.0", "2", "0", "14.00"]
    assert rows[17] == ["k-means of log-mel", "1", "0", "33.33"]
    assert len(rows) == 1 + 16 + 4 + 8 + 4


def test_a_sound_travels_only_once(page) -> None:
    in_kernel(
        page, "asked = []; send = w.send; w.send = lambda *a, **k: (asked.append(a), send(*a))"
    )
    in_kernel(page, "w.chosen = [[1, 5], [0, 0]]")
    wait_for(page, "group 2, code 5: ")
    for _ in range(3):
        page.evaluate("window.heard = null")
        page.keyboard.press("1")
        lasts(page, ALL)
    in_kernel(page, "del w.send; w.at = 0 if len(asked) == 1 else 1")
    wait_for(page, "at step 0")


def test_a_key_is_answered_quickly(page, capsys: pytest.CaptureFixture) -> None:
    """The goal is 100 ms; a busy machine may take five times as long."""
    moves = statistics.median(reaction(page, key, USE) for key in ("ArrowRight", "PageUp") * 3)
    with capsys.disabled():
        print(f"\ncodebook: a key changes the picture in {moves:.0f} ms (median of 6)")
    assert moves <= 5 * 100
