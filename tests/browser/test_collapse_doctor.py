"""100 % accuracy, and it is dead, on a projector: the race, the curtain, the doctor, a live run."""

import statistics
from collections.abc import Callable

import pytest

from tests.browser.pages import in_kernel, pixels, reaction, toggle_table, wait_for

# A run that dies within forty rows, and one that lives; another dies live without diversity.
CODE = """
import numpy as np
from lecturelib.viz.explorers.collapse_doctor import Run, collapse_doctor

def recorded(name, steps, dies):
    rows, use = [], []
    for at in range(40):
        p = at / 39
        share = np.random.default_rng(0).dirichlet(np.full(32, 9), 2)
        if dies:
            share = (1 - p) * share + p * np.eye(32)[[5, 20]]
        hard = float(np.exp(-(share * np.log(share + 1e-12)).sum(1)).sum())
        row = {"step": round(p * steps), "loss": 4 * (1 - p) if dies else 4 - 2 * p}
        row |= {"accuracy": p if dies else 0.06 + 0.49 * p, "hard_perplexity": hard}
        row |= {"tie_accuracy": 1 / 51 + (0 if dies else 0.35 * p), "soft_perplexity": hard}
        rows.append(row)
        use.append(share)
    return Run(name, rows, np.stack(use))

def train(settings):
    run = recorded("", 200, not settings["diversity"])
    yield from zip(run.rows[::4] + run.rows[-1:], [*run.use[::4], run.use[-1]])

w = collapse_doctor([recorded("Raw waveform", 142, True), recorded("Log-mel", 3126, False)], train)
w
"""
CARD = ".doctor-card .ll-picture canvas"


@pytest.fixture(scope="module")
def opened(explorer_page: Callable):
    return explorer_page(CODE)


@pytest.fixture
def page(opened):
    """The race before it has begun, no live run, Play in focus."""
    in_kernel(opened, "w.live, w.runs = None, w.runs[:2]")
    in_kernel(opened, "w.settings = dict.fromkeys(w.settings, True)")
    in_kernel(opened, "w.act, w.at = 'race', 0")
    wait_for(opened, "Raw waveform, step 0: loss 4.00, accuracy 0.0\u00a0%.")
    opened.locator(".ll-first").focus()
    return opened


def large(page) -> list[str]:
    """The numbers in large letters that can be seen."""
    return [b.text_content() for b in page.locator(".doctor-numbers b:visible").all()]


def test_the_race_shows_loss_and_accuracy_of_one_run_and_nothing_else(page) -> None:
    before = pixels(page, CARD)
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    wait_for(page, "Raw waveform, step 142: loss 0.00, accuracy 100.0\u00a0%.")
    assert large(page) == ["0.00", "100.0\u00a0%"]
    assert page.locator(".doctor-card").count() == 1
    assert pixels(page, CARD) != before
    toggle_table(page)
    rows = [r.locator("td, th").all_text_contents() for r in page.locator(".ll-details tr").all()]
    toggle_table(page)
    assert rows[0] == ["run", "step", "loss", "accuracy"]
    assert rows[-1] == ["Raw waveform", "142", "0.00", "100.0\u00a0%"]


def test_behind_the_curtain_it_is_dead_and_the_healthy_run_stands_beside_it(page) -> None:
    page.keyboard.press("End")
    page.keyboard.press("c")
    wait_for(page, "tie-split accuracy 2.0\u00a0%, perplexity 2.0. Log-mel, step 3126")
    sick, well = large(page)[:4], large(page)[4:]
    assert sick == ["0.00", "100.0\u00a0%", "2.0\u00a0%", "2.0"]
    assert well[:3] == ["2.00", "55.0\u00a0%", "37.0\u00a0%"]
    assert float(well[3]) > 55
    assert page.locator(".doctor-sick h3").all_text_contents() == ["Raw waveform, step 142"]
    page.keyboard.press("c")
    wait_for(page, "Raw waveform, step 142: loss 0.00, accuracy 100.0\u00a0%.")


def test_the_doctor_marks_what_fits_each_run(page) -> None:
    page.keyboard.press("End")
    page.keyboard.press("d")
    wait_for(page, "perplexity 2.0: dead. Log-mel")
    marked = page.locator(".doctor-here")
    assert marked.locator("th").all_text_contents() == ["dead", "alive"]
    assert marked.locator("td:last-child").all_text_contents() == ["Raw waveform", "Log-mel"]
    page.keyboard.press("Home")
    wait_for(page, "Raw waveform, step 0")
    assert "dead" not in marked.locator("th").all_text_contents()


def test_a_switch_and_t_train_a_run_that_dies_live(page) -> None:
    page.keyboard.press("1")
    page.keyboard.press("t")
    wait_for(page, "Live, without diversity penalty, step")
    page.get_by_role("button", name="Train (T)").wait_for()
    page.keyboard.press("End")
    page.keyboard.press("d")
    wait_for(page, "Live, without diversity penalty, step 200")
    fits = page.locator(".doctor-here td:last-child").all_text_contents()
    assert fits == ["Raw waveform, Live, without diversity penalty", "Log-mel"]
    page.keyboard.press("1")
    page.keyboard.press("t")
    wait_for(page, "Live, as in the paper, step")


@pytest.mark.parametrize("act", ["race", "curtain", "doctor"])
def test_each_act_fits_on_a_projector_and_reads_from_the_last_row(page, act: str) -> None:
    in_kernel(page, f"w.act, w.at = {act!r}, 100")
    wait_for(page, "step 142")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.wait_for_timeout(300)
    assert page.locator(".ll-stage").evaluate("(one) => one.scrollHeight <= one.clientHeight")
    size = page.locator(".doctor-numbers b").first.evaluate("(b) => getComputedStyle(b).fontSize")
    assert float(size.removesuffix("px")) > {"race": 150, "curtain": 70, "doctor": 40}[act]
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_a_key_changes_the_picture_quickly(page, capsys: pytest.CaptureFixture) -> None:
    """The goal is 50 ms; a busy machine may take five times as long."""
    page.keyboard.press("c")
    times = [reaction(page, key, CARD) for key in ["End", "Home"] * 4 + ["End"]]
    with capsys.disabled():
        print(f"\ncollapse doctor: a key is seen after {statistics.median(times):.0f} ms (of 9)")
    assert statistics.median(times) <= 5 * 50
