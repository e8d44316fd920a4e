"""The same voice?: what a threshold does to trials, what a clip must be, what is sent."""

import io
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
import soundfile
from sklearn.metrics import roc_curve

from lecturelib.viz.explorers.verifier import (
    MARKS,
    RATE,
    Clip,
    Listener,
    Measured,
    Verifier,
    outline,
    verifier,
    verifier_figure,
)

RNG = np.random.default_rng(0)
SAME = np.arange(500) < 200
TRIALS = Measured(RNG.normal(size=500) + 2 * SAME, SAME, "numbers")


class Loudness:
    """A model without weights: a voice is how loud it is and how often it crosses zero."""

    def embed(self, wave: np.ndarray) -> np.ndarray:
        crossed = np.diff(np.sign(wave)).astype(bool).mean()
        if crossed > 0.4:
            raise ValueError("that is noise: speak")
        return np.array([np.abs(wave).mean(), crossed])

    def score(self, a: np.ndarray, b: np.ndarray) -> float:
        return -float(np.abs(a - b).sum())


def tone(hertz: float, seconds: float = 1.0, loud: float = 0.5) -> np.ndarray:
    time = np.arange(int(RATE * seconds)) / RATE
    return (loud * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


CLIPS = [
    Clip("one", tone(200), "Ana"),
    Clip("two", tone(200, 2.0), "Ana"),
    Clip("three", tone(900, loud=0.1), "Ben"),
]


def widget() -> Verifier:
    return verifier(Loudness(), CLIPS, TRIALS, threshold=1.0)


def said_by_browser(shown: Verifier, asked: dict, *buffers: bytes) -> None:
    shown._handle_custom_msg(asked, [memoryview(one) for one in buffers])


def test_the_stand_in_is_a_listener() -> None:
    assert isinstance(Loudness(), Listener)


def test_rates_are_those_of_a_loop_over_the_trials() -> None:
    thresholds = np.array([-9.0, -0.3, TRIALS.score[7], 1.1, 9.0])
    wrong, missed = TRIALS.rates(thresholds)
    for at, threshold in enumerate(thresholds):
        accepted = [score >= threshold for score in TRIALS.score]
        of_strangers = [a for a, same in zip(accepted, TRIALS.same, strict=True) if not same]
        of_own = [a for a, same in zip(accepted, TRIALS.same, strict=True) if same]
        assert wrong[at] == pytest.approx(sum(of_strangers) / 300)
        assert missed[at] == pytest.approx(1 - sum(of_own) / 200)


def test_rates_are_scikit_learns_roc_curve() -> None:
    """A score equal to the threshold is accepted, there as here."""
    wrong, right, thresholds = roc_curve(TRIALS.same, TRIALS.score, drop_intermediate=False)
    np.testing.assert_allclose(TRIALS.rates(thresholds), [wrong, 1 - right], atol=1e-12)


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (1e-4, 0), (0.3, 0.5), (40, -300)])
def test_stops_are_round_even_and_reach_beyond_every_score(scale: float, shift: float) -> None:
    score = shift + scale * TRIALS.score
    stops = replace(TRIALS, score=score).stops()
    step = stops[1] - stops[0]
    np.testing.assert_allclose(np.diff(stops), step)
    assert round(step / 10 ** np.floor(np.log10(step * 1.0001)), 6) in (1, 2, 5)
    assert stops[0] < score.min() < score.max() < stops[-1]
    assert 30 <= len(stops) <= 101
    assert len(stops) % 2 == 1  # two of them are a bar of the histogram


def test_the_browser_gets_rates_bars_and_a_curve_in_gaussian_quantiles() -> None:
    about = widget().about
    thresholds = np.array(about["thresholds"])
    np.testing.assert_allclose([about["wrong"], about["missed"]], TRIALS.rates(thresholds))
    assert about["counts"] == [300, 200]
    for kind, heights in enumerate(about["heights"]):
        assert sum(heights) == pytest.approx(1)
        scores = TRIALS.score[TRIALS.same == kind]
        inside = (scores >= thresholds[20]) & (scores < thresholds[22])
        assert heights[10] == pytest.approx(inside.mean())
    quantile = NormalDist().inv_cdf
    for rates, places in zip((about["wrong"], about["missed"]), about["curve"], strict=True):
        held = [min(max(rate, 0.0005), 0.6) for rate in rates]
        np.testing.assert_allclose(places, [quantile(rate) for rate in held], atol=1e-9)
    assert [text for text, _ in about["marks"]] == [f"{100 * mark:g}" for mark in MARKS]
    assert about["stops"][-1] == f"{thresholds[-1]:.1f}"


def test_it_starts_at_the_nearest_stop_and_with_the_first_pair() -> None:
    start = widget()
    assert start.about["stops"][start.at] == "1.0"
    assert start.pair == [0, 1]
    assert start.about["pairs"] == [[0, 1], [0, 2], [1, 2]]
    chosen = verifier(Loudness(), CLIPS, TRIALS, 1.0, pairs=[(2, 0)])
    assert chosen.pair == [2, 0]
    assert start.clips[1] == {"name": "two", "voice": "Ana", "seconds": 2.0}


def test_the_score_is_the_models_and_the_decision_the_thresholds() -> None:
    shown = widget()
    shown.pair = [0, 2]
    model = Loudness()
    score = model.score(*(model.embed(CLIPS[number].wave) for number in (0, 2)))
    assert shown.result["score"] == pytest.approx(score)
    wrong, missed = 100 * TRIALS.rates(np.array(shown.about["thresholds"]))[:, shown.at]
    assert repr(shown) == (
        f"Verifier('one' and 'three': score {score:.3g}, threshold 1.0: different voices; "
        f"false alarms {wrong:.1f} %, misses {missed:.1f} %)"
    )
    shown.at = 0
    assert "same voice" in repr(shown)


def test_an_outline_is_the_loudest_sample_of_each_stretch() -> None:
    wave = RNG.normal(size=RATE)
    by_hand = [max(abs(sample) for sample in part) for part in np.array_split(wave, 240)]
    drawn = np.frombuffer(outline(wave), np.uint8)
    np.testing.assert_allclose(drawn / 255, by_hand / max(by_hand), atol=0.5 / 255 + 1e-9)
    assert widget().result["outlines"][1] == outline(CLIPS[1].wave)


def test_a_clip_travels_when_it_is_asked_for() -> None:
    shown, sent = widget(), []
    shown.send = lambda content, buffers: sent.append((content, buffers))
    said_by_browser(shown, {"clip": 1})
    ((content, (sound,)),) = sent
    assert content == {"clip": 1}
    wave, rate = soundfile.read(io.BytesIO(sound))
    assert rate == RATE
    assert len(wave) / rate == pytest.approx(2.0, abs=0.2)


def test_a_clip_from_the_browser_joins_the_others_and_takes_its_side() -> None:
    shown = widget()
    own = tone(900, loud=0.1)
    said_by_browser(shown, {"side": 0, "name": "me"}, own.tobytes())
    assert (shown.pair, shown.clips[3]) == ([3, 1], {"name": "me", "voice": "", "seconds": 1.0})
    np.testing.assert_array_equal(shown.heard[3][0].wave, own)
    shown.pair = [3, 2]
    assert shown.result["score"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        (tone(200, 0.4), "me lasts 0.40 s: at least 0.5 s are needed"),
        (tone(200, 0.0), "me lasts 0.00 s: at least 0.5 s are needed"),
        (np.zeros(RATE, np.float32), "me is silent: check the microphone or choose another file"),
        (np.full(RATE, np.nan, np.float32), "me has NaN or infinity: repair the recording first"),
        (np.float32((-1.0) ** np.arange(RATE)), "that is noise: speak"),
    ],
)
def test_a_clip_that_cannot_be_heard_leaves_the_pair_and_says_why(
    wave: np.ndarray, message: str
) -> None:
    shown = widget()
    before = shown.result
    said_by_browser(shown, {"side": 1, "name": "me"}, wave.tobytes())
    assert (shown.trouble, shown.result, len(shown.clips)) == (message, before, 3)
    shown.pair = [1, 2]
    assert shown.trouble == ""


def test_an_overdriven_clip_is_taken_as_it_is() -> None:
    shown = widget()
    loud = np.sign(tone(200)) * np.float32(1.0)
    assert shown.add(Clip("loud", loud)) == 3


def test_bad_clips_and_moves_are_refused() -> None:
    with pytest.raises(ValueError, match=r"stereo is \[2, 8000\]: give one channel"):
        Clip("stereo", np.zeros((2, RATE)))
    with pytest.raises(ValueError, match="1 clips: two are compared"):
        verifier(Loudness(), CLIPS[:1], TRIALS, 1.0)
    with pytest.raises(ValueError, match=r"pair=\[0, 3\]: each number must be from 0 to 2"):
        widget().pair = [0, 3]
    with pytest.raises(ValueError, match=r"pair=\[0\]: each number"):
        widget().pair = [0]
    with pytest.raises(ValueError, match="at=-1: each number must be from 0 to"):
        widget().at = -1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"same": np.ones(499, bool)}, r"score is \[500\], same \[499\]: both must be \[n\]"),
        ({"score": np.full(500, np.nan)}, "score has NaN"),
        ({"same": np.ones(500, bool)}, "need pairs of the same voice and pairs of different"),
        ({"same": np.zeros(500, bool)}, "need pairs of the same voice and pairs of different"),
    ],
)
def test_trials_that_cannot_be_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(TRIALS, **change)


def test_what_the_model_gives_must_be_a_vector_and_a_number() -> None:
    model = Loudness()
    model.embed = lambda wave: np.zeros((2, 2))
    with pytest.raises(ValueError, match=r"embed\(one\) gave \[2, 2\], not a finite vector"):
        verifier(model, CLIPS, TRIALS, 1.0)
    model = Loudness()
    model.score = lambda a, b: np.nan
    with pytest.raises(ValueError, match="score=nan for one and two: not finite"):
        verifier(model, CLIPS, TRIALS, 1.0)


def test_the_fallback_shows_the_same_threshold_score_and_curve() -> None:
    shown = widget()
    left, right = verifier_figure(shown).axes
    threshold, pin = left.lines
    assert threshold.get_xdata()[0] == shown.about["thresholds"][shown.at]
    assert pin.get_xdata()[0] == shown.result["score"]
    np.testing.assert_array_equal(right.lines[1].get_xydata().T, shown.about["curve"])
    at = [curve[shown.at] for curve in shown.about["curve"]]
    np.testing.assert_array_equal(right.lines[2].get_xydata(), [at])
    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(shown)


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(Verifier._esm) + str(Verifier._css)
    assert "function clipPlayer(" in text
    assert ".verify-clip" in text
    assert not any(
        sign in text.replace("needs https or", "") for sign in ("http", "//cdn", "@import")
    )
