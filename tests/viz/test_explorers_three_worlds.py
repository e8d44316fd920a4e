"""Three worlds: who trains next, what the browser gets, a restart, and what is refused."""

from collections.abc import Iterator

import numpy as np
import pytest

from lecturelib.adapt.three_worlds import Look, Panel
from lecturelib.viz.explorers.three_worlds import (
    ThreeWorlds,
    three_worlds,
    worlds_figure,
)

RNG = np.random.default_rng(0)
SPEECH = Panel("speech", "from log-mel", RNG.normal(size=1600), [], ["a", "b"], [False, True])
IMAGES = Panel("images", "small", RNG.random((3, 8, 8)), [], ["a", "c"], [False, True])
TEXT = Panel("text", "pieces", ["a", "cat", "sat"], ["a", "[MASK]", "sat"], ["a"], [False])
PLACES = (10, 16, 3)
Log = list[tuple[int, int]]


def run(places: int, steps: list[int], log: Log, r2: float = 0.5) -> Iterator[Look]:
    """Looks at these steps; the log notes who was trained."""
    for step in steps:
        log.append((places, step))
        colours = np.linspace(0, 1, 3 * places).reshape(places, 3)
        hidden = np.arange(places) == 1
        yield Look(step, r2 if step else -1.0, 0.25, 0.125 * bool(step), hidden, colours, colours)


def opened(steps: tuple[list[int], ...] = ([0, 5, 10],) * 3) -> tuple[ThreeWorlds, Log, list[bool]]:
    log, asked = [], []

    def train(guarded: bool) -> list[Iterator[Look]]:
        asked.append(guarded)
        return [run(n, one, log) for n, one in zip(PLACES, steps, strict=True)]

    return three_worlds([SPEECH, IMAGES, TEXT], train), log, asked


def ask(widget: ThreeWorlds, **asked: object) -> None:
    widget._handle_custom_msg(asked, [])


def test_the_first_look_is_there_and_nobody_has_trained() -> None:
    widget, log, asked = opened()
    assert (log, asked) == ([(10, 0), (16, 0), (3, 0)], [True])
    assert widget.rows == [[[0, -1.0, 0.25, 0.0]]] * 3
    assert (widget.running, widget.guarded, widget.before) == (False, True, [])


def test_the_world_that_is_behind_trains_next_and_a_wish_is_heard_once() -> None:
    widget, log, _ = opened(([0, 5, 10], [0, 10], [0, 5, 10]))
    wishes = [widget.ticks + n for n in range(3)]
    for tick in (*wishes, wishes[0], wishes[-1]):
        ask(widget, tick=tick)
    assert log[3:] == [(10, 5), (16, 10), (3, 5)]
    widget.running = True
    for _ in range(2):
        ask(widget, tick=widget.ticks)
    assert log[6:] == [(10, 10), (3, 10)]
    assert widget.running
    for _ in range(3):
        ask(widget, tick=widget.ticks)
    assert not widget.running
    assert [[row[0] for row in rows] for rows in widget.rows] == [[0, 5, 10], [0, 10], [0, 5, 10]]


def test_a_restart_begins_again_and_keeps_the_old_curves_as_a_shadow() -> None:
    widget, _, asked = opened()
    widget.learn(2)
    old = widget.rows
    ask(widget, restart=False)
    assert (asked, widget.guarded, widget.before) == ([True, False], False, old)
    assert [len(rows) for rows in widget.rows] == [1, 1, 1]
    ask(widget, restart=True)
    assert (asked[-1], widget.guarded) == (True, True)


def test_a_training_that_breaks_off_says_why() -> None:
    def broken() -> Iterator[Look]:
        yield from run(3, [0], [])
        raise ValueError("the loss is NaN: lower the rate")

    widget = three_worlds([TEXT], lambda _: [broken()])
    widget.running = True
    ask(widget, tick=widget.ticks)
    assert (widget.running, widget.trouble) == (False, "the loss is NaN: lower the rate")


def test_the_browser_gets_signals_and_colours_as_bytes() -> None:
    widget, _, _ = opened()
    speech, images, text = widget.about["panels"]
    assert len(np.frombuffer(speech["loud"], np.uint8)) == speech["bars"] * 10
    photo = np.frombuffer(images["photo"], np.uint8).reshape(8, 8, 3) / 255
    np.testing.assert_allclose(photo.transpose(2, 0, 1), IMAGES.signal, atol=0.5 / 255)
    assert (images["across"], text["seen"]) == (4, ["a", "[MASK]", "sat"])
    assert speech["changed"] == [False, True]
    for now, places in zip(widget.now, PLACES, strict=True):
        want = np.linspace(0, 255, 3 * places)
        np.testing.assert_allclose(np.frombuffer(now["target"], np.uint8), want, atol=0.5)
        assert now["hidden"] == [at == 1 for at in range(places)]


def test_it_says_in_one_line_where_each_world_stands() -> None:
    widget, _, _ = opened(([0, 70],) * 3)
    widget.looks[2][0] = widget.looks[2][0]._replace(r2=0.0)
    widget.learn(1)
    assert repr(widget).startswith(
        "ThreeWorlds(Speech, step 70: R2 0.5, target variance 0.25, prediction variance 0.125; "
    )
    data, metadata = widget._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(widget)


def test_the_fallback_shows_targets_predictions_where_hidden_and_the_curves() -> None:
    widget, _, _ = opened()
    widget.learn(2)
    axes = np.array(worlds_figure(widget.panels, widget.looks).axes).reshape(4, 3)
    target = np.asarray(axes[1, 1].images[0].get_array())
    np.testing.assert_allclose(target.reshape(16, 3), widget.looks[1][-1].target)
    guess = np.asarray(axes[2, 0].images[0].get_array())[0]
    np.testing.assert_allclose(guess[1], widget.looks[0][-1].prediction[1])
    assert np.ptp(np.delete(guess, 1, 0)) == 0
    lines = [list(line.get_ydata()) for line in axes[3, 2].lines]
    assert lines == [[-1.0, 0.5, 0.5], [0.25] * 3, [0.0, 0.125, 0.125]]


def test_moves_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="no panels: give at least one world"):
        three_worlds([], lambda _: [])
    with pytest.raises(ValueError, match="kind='touch': choose from speech, images, text"):
        three_worlds([TEXT._replace(kind="touch")], lambda _: [])
    with pytest.raises(ValueError, match="3 patches fill no square"):
        three_worlds([IMAGES], lambda _: [run(3, [0], [])])
    widget, _, _ = opened()
    with pytest.raises(ValueError, match="chosen=3 of 3 panels, from 0"):
        widget.chosen = 3


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(ThreeWorlds._esm) + str(ThreeWorlds._css)
    assert ".worlds-panel" in text
    assert not any(sign in text for sign in ("http:", "https:", "//cdn", "@import", "import("))
