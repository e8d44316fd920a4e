"""The CTC trellis: what is drawn is what the objective computes, cell by cell."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
import torch.nn.functional as F

from lecturelib.objectives.ctc import align, forward_trellis
from lecturelib.viz.explorers.clips import HOP, RATE
from lecturelib.viz.explorers.trellis import Trellis, TrellisWalk, trellis_figure, trellis_walk

ALPHABET = ["-", "e", "h", "r", "t"]
FRAMES = 30


def trellis(word: str = "three") -> Trellis:
    labels = torch.tensor([ALPHABET.index(letter) for letter in word])
    rng = torch.Generator().manual_seed(0)
    scores = torch.randn(FRAMES, 5, generator=rng, dtype=torch.float64)
    log_p = (2 * scores).log_softmax(1)
    alpha, best = forward_trellis(log_p, labels), align(log_p, labels).state
    wave = np.sin(np.arange(FRAMES * HOP) * 0.2).astype(np.float32)
    return Trellis(log_p.numpy(), labels.numpy(), ALPHABET, alpha.numpy(), best.numpy(), wave)


def test_states_are_a_blank_before_between_and_after_the_letters() -> None:
    assert "".join(trellis("her").signs) == "–h–e–r–"
    assert trellis("her").word == "her"


def test_a_skip_leads_into_a_letter_that_differs_from_the_one_before() -> None:
    """The two equal letters at the end of "three" keep the blank between them."""
    open_to = [state for state, skip in enumerate(trellis("three").skips) if skip]
    assert open_to == [3, 5, 7]
    assert trellis("e").skips == [False] * 3


@pytest.mark.parametrize("word", ["three", "her", "e", "eee"])
def test_each_cell_is_stay_and_step_and_skip_times_p(word: str) -> None:
    """What the browser writes beneath the picture, from the bytes it gets."""
    shown = trellis_walk(trellis(word))
    states = len(shown.about["signs"])
    alpha, emitted = (
        np.exp(np.frombuffer(one, "<f8").reshape(FRAMES, states))
        for one in (shown.alpha, shown.emitted)
    )
    for frame in range(1, FRAMES):
        for state in range(states):
            ways = [alpha[frame - 1, state]]
            ways += [alpha[frame - 1, state - 1]] if state else []
            ways += [alpha[frame - 1, state - 2]] if shown.about["skips"][state] else []
            assert sum(ways) * emitted[frame, state] == pytest.approx(alpha[frame, state])


def test_the_last_frame_gives_pytorchs_loss() -> None:
    one = trellis()
    log_p, labels = torch.tensor(one.log_p), torch.tensor(one.labels)
    loss = F.ctc_loss(log_p, labels, [FRAMES], [len(labels)], reduction="sum")
    assert trellis_walk(one).about["total"] == pytest.approx(-float(loss), rel=1e-10)


def test_shares_are_a_frames_own_and_nothing_where_nothing_arrives() -> None:
    share = trellis().share
    np.testing.assert_allclose(share.sum(1), 1)
    by_hand = np.exp(trellis().alpha[7]) / np.exp(trellis().alpha[7]).sum()
    np.testing.assert_allclose(share[7], by_hand)
    assert share[0, 2:].tolist() == [0] * 9
    dead = replace(trellis(), alpha=np.full((FRAMES, 11), -math.inf))
    assert dead.share.max() == 0


@pytest.mark.parametrize(
    ("asked", "seconds"), [("", FRAMES * HOP / RATE), ("10 10", 0.22), ("10 12", 0.26)]
)
def test_the_word_or_a_piece_travels_when_it_is_asked_for(asked: str, seconds: float) -> None:
    shown, sent = trellis_walk(trellis()), []
    shown.send = lambda content, buffers: sent.append((content, buffers))
    shown._handle_custom_msg({"clip": asked}, [])
    ((content, (sound,)),) = sent
    assert content == {"clip": asked}
    wave, rate = soundfile.read(io.BytesIO(sound))
    assert len(wave) / rate == pytest.approx(seconds, abs=0.2)


@pytest.mark.parametrize("at", [[0], [0, 11], [FRAMES, 0], [-1, 0], [0, 0, 0]])
def test_moves_that_lead_nowhere_are_refused(at: list[int]) -> None:
    with pytest.raises(ValueError, match="give a frame below 30 and a state below 11"):
        trellis_walk(trellis()).at = at


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": np.zeros((FRAMES, 9))}, r"alpha is \[30, 9\]: it must be \[30, 11\]"),
        ({"log_p": np.zeros((FRAMES, 4))}, r"log_p is \[30, 4\]: it must be \[30, 5\]"),
        ({"state": np.zeros(29, int)}, r"state is \[29\]: it must be \[30\]"),
        ({"alpha": np.full((FRAMES, 11), np.nan)}, "alpha has NaN: repair the model first"),
        ({"state": np.full(FRAMES, 11)}, "state goes from 11 to 11: it must stay from 0 to 10"),
        ({"wave": np.zeros(RATE)}, "the model gave 30 frames for 1.00 s: one every 20 ms"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(trellis(), **change)


def test_a_word_too_long_to_be_read_is_refused() -> None:
    frames = 130
    long = {"log_p": np.zeros((frames, 5)), "alpha": np.zeros((frames, 11))}
    long |= {"state": np.zeros(frames, int), "wave": np.zeros(frames * HOP)}
    with pytest.raises(ValueError, match="130 frames and 11 states: at most 120 and 25 can be"):
        replace(trellis(), **long)


def test_the_fallback_shows_shares_the_best_path_and_the_loss() -> None:
    one = trellis()
    figure = trellis_figure(one)
    lattice = figure.axes[0]
    np.testing.assert_allclose(lattice.collections[0].get_array(), one.share.T)
    np.testing.assert_allclose(lattice.lines[0].get_ydata() - 0.5, one.state)
    shown = trellis_walk(one)
    assert f"{-shown.about['total']:.3g}" in figure.get_suptitle()
    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(shown)
    assert repr(shown).startswith("TrellisWalk('three' in 30 frames: alpha[0, 0] = ")


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(TrellisWalk._esm) + str(TrellisWalk._css)
    assert text.count("function clipPlayer(") == text.count("function drawTrellis(") == 1
    assert not any(sign in text for sign in ("http", "//cdn", "@import"))
