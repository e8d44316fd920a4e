"""The mask lab: counts, both units, what is heard, and what it refuses."""

import io

import numpy as np
import pytest
import soundfile

from lecturelib.viz.explorers.clips import Clip
from lecturelib.viz.explorers.mask_lab import (
    CURVE,
    LEVELS,
    SPANS,
    MaskLab,
    counted,
    lab_figure,
    mask_lab,
    sounding,
    span_lengths,
)

RNG = np.random.default_rng(0)
CLIPS = [Clip("three seconds", RNG.normal(size=24_050)), Clip("one second", np.ones(8000))]


def rule(frames: int, start_prob: float, span: int, seed: int) -> np.ndarray:
    """A plain loop: frame by frame, a start hides what follows."""
    hidden = np.zeros(frames, dtype=bool)
    for at in np.flatnonzero(np.random.default_rng(seed).random(frames) < start_prob):
        hidden[at : at + span] = True
    return hidden


@pytest.fixture
def lab() -> MaskLab:
    return mask_lab(CLIPS, rule)


def test_it_starts_with_the_papers_rule_and_its_numbers(lab) -> None:
    assert (lab.facts["p"], lab.facts["wanted"]) == (0.065, pytest.approx(0.65))
    assert lab.facts["closed"]["share"] == pytest.approx(0.489, abs=5e-4)
    assert lab.facts["closed"]["mean"] == pytest.approx(14.74, abs=5e-3)
    assert lab.facts["many"]["share"] == pytest.approx(0.489, abs=0.003)
    assert lab.facts["many"]["mean"] == pytest.approx(14.7, abs=0.1)
    assert lab.facts["many"]["median"] == 10  # printed in the paper's appendix, as is "about 100":
    assert 70 < lab.facts["many"]["longest"] < 140
    assert lab.hidden == rule(150, 0.065, 10, 0).tolist()


@pytest.mark.parametrize(("level", "span"), [(3, 5), (8, 5), (5, 3), (8, 0)])
def test_the_published_codes_number_is_p_times_m(lab, level: int, span: int) -> None:
    lab.unit, lab.level, lab.span = "code", level, span
    assert lab.facts["p"] == pytest.approx(LEVELS[level] / SPANS[span])
    assert lab.facts["wanted"] == pytest.approx(LEVELS[level])
    assert lab.facts["many"]["share"] == pytest.approx(lab.facts["closed"]["share"], rel=0.02)


def test_065_of_the_code_is_the_papers_mask_and_065_of_the_paper_hides_everything(lab) -> None:
    papers = list(lab.hidden)
    lab.level = LEVELS.index(0.65)
    assert lab.facts["closed"]["share"] > 0.9999
    lab.unit = "code"
    assert lab.hidden == papers
    assert lab.facts["closed"]["share"] == pytest.approx(0.489, abs=5e-4)


def test_the_curve_goes_through_the_closed_form_in_either_unit(lab) -> None:
    for unit in ("paper", "code"):
        lab.unit = unit
        found = np.interp(np.log(LEVELS[lab.level]), np.log(CURVE), lab.facts["curve"])
        assert found == pytest.approx(lab.facts["closed"]["share"], rel=0.01)


@pytest.mark.parametrize(
    ("row", "lengths"),
    [("0110111", [2, 3]), ("1", [1]), ("000", []), ("", []), ("10001", [1, 1]), ("1111", [4])],
)
def test_hidden_stretches_are_counted_in_order(row: str, lengths: list[int]) -> None:
    assert span_lengths(np.array([one == "1" for one in row], dtype=bool)).tolist() == lengths


def test_a_mask_painted_by_hand_is_counted(lab) -> None:
    lab.hidden = [10 <= at < 25 or at == 40 for at in range(150)]
    middle = {"mean": 8.0, "median": 8.0, "longest": 15}
    assert lab.result == {"share": 16 / 150, "spans": 2, **middle}
    lab.hidden = [False] * 150
    assert set(lab.result.values()) == {0}


def test_another_draw_and_another_clip_get_masks_of_their_own(lab) -> None:
    first = list(lab.hidden)
    lab.draw = 1
    assert lab.hidden != first
    assert lab.hidden == rule(150, 0.065, 10, 1).tolist()
    lab.number = 1
    assert lab.hidden == rule(50, 0.065, 10, 1).tolist()
    assert lab.result == counted(np.array(lab.hidden))


@pytest.mark.parametrize("part", ["left", "hidden"])
def test_left_and_hidden_are_the_clip_and_silence_ramped_at_the_edges(part: str) -> None:
    hidden = np.array([False, True, True, False])
    heard = sounding(np.ones(640), hidden, part)
    inside, outside = (heard[200:440], heard[500:630])
    if part == "left":
        inside, outside = outside, inside
    np.testing.assert_allclose(inside, 1, atol=1e-12)
    np.testing.assert_allclose(outside, 0, atol=1e-12)
    assert np.abs(np.diff(heard[40:600])).max() < 0.07
    both = sounding(np.ones(640), hidden, "left") + sounding(np.ones(640), hidden, "hidden")
    np.testing.assert_allclose(both[16:-16], 1, atol=1e-12)


def test_the_sound_that_travels_is_of_the_mask_that_was_asked_for(lab) -> None:
    sent = []
    lab.send = lambda content, buffers: sent.append((content, buffers))
    asked = {"clip": f"hidden 1 {'1' * 25}{'0' * 25}"}
    lab._handle_custom_msg(asked, [])
    ((content, (sound,)),) = sent
    assert content == asked
    wave, rate = soundfile.read(io.BytesIO(sound))
    assert rate == 8000
    assert np.abs(wave[800:3200]).mean() > 50 * np.abs(wave[4800:7200]).mean()


def test_it_says_in_one_line_what_is_hidden_and_by_which_rule(lab) -> None:
    lab.hidden = [at < 15 for at in range(150)]
    text = "MaskLab(three seconds: 10.0 % hidden in 1 spans of 15.0 frames; p = 0.065 (published "
    assert repr(lab).startswith(text + "code: 0.65), M = 10: closed form 48.9 %, simulated 48.")
    data, metadata = lab._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(lab)


def test_the_fallback_marks_this_mask_and_the_simulation_on_the_curve(lab) -> None:
    _, below = lab_figure(lab).axes
    curve, many, this = below.lines
    np.testing.assert_allclose(curve.get_ydata(), 100 * np.array(lab.facts["curve"]))
    assert many.get_ydata()[0] == 100 * lab.facts["many"]["share"]
    assert this.get_ydata()[0] == 100 * lab.result["share"]


def test_what_cannot_be_is_refused(lab) -> None:
    with pytest.raises(ValueError, match="no clips: give one at least"):
        mask_lab([], rule)
    with pytest.raises(ValueError, match="number=2 is none of 0 to 1"):
        lab.number = 2
    before = list(lab.hidden)
    lab.hidden = [True] * 7
    assert lab.trouble == "hidden has 7 places for 150 frames"
    assert lab.hidden == before


def test_a_rule_that_refuses_is_quoted_and_the_mask_stays(lab) -> None:
    def strict(frames: int, start_prob: float, span: int, seed: int) -> np.ndarray:
        if span > 10:
            raise ValueError(f"span={span} is longer than the lecture allows")
        return rule(frames, start_prob, span, seed)

    lab.rule, before = strict, list(lab.hidden)
    lab.span = SPANS.index(20)
    assert lab.trouble == "span=20 is longer than the lecture allows"
    assert lab.hidden == before
    lab.span = SPANS.index(2)
    assert lab.trouble == ""
    with pytest.raises(ValueError, match="no mask for 150"):
        mask_lab(CLIPS, lambda frames, *_: (_ for _ in ()).throw(ValueError(f"no mask for {150}")))


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(MaskLab._esm) + str(MaskLab._css)
    assert ".lab-counts" in text
    assert not any(sign in text for sign in ("http:", "https:", "//cdn", "@import", "import("))
