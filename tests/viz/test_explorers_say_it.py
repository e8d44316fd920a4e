"""Say it yourself: what is heard, what travels, what the sliders ask for, what is refused."""

import io

import numpy as np
import pytest
import soundfile

from lecturelib.viz.explorers.clips import HOP, RATE, Clip
from lecturelib.viz.explorers.say_it import WEIGHTS, WIDTHS, Decoder, SayIt, say_it, told
from lecturelib.viz.hearing import Heard

SIGNS = ["-", " ", "a", "b"]


def listen(wave: np.ndarray) -> Heard:
    """Hears "a" where it is loud and "b" where it is not; the blank at every fifth frame."""
    frames = len(wave) // HOP
    if np.abs(wave).max() < 0.01:
        raise ValueError("too quiet: speak louder")
    loud = np.abs(wave[: frames * HOP]).reshape(frames, HOP).max(1)
    p = np.full((frames, 4), 0.05)
    p[np.arange(frames), np.where(loud > 0.5, 2, 3)] = 0.85
    p[::5] = [0.85, 0.05, 0.05, 0.05]
    texts = {"greedy": "ab", "beam": "abb"}
    return Heard(np.arange(frames) % 3 == 0, np.log(p), SIGNS, texts)


class Searching:
    """The same, with codes, and a search that says what it was asked."""

    def __call__(self, wave: np.ndarray) -> Heard:
        heard = listen(wave)
        frames = len(heard.log_p)
        codes = np.stack([np.arange(frames), 300 + np.arange(frames)], 1)
        return Heard(heard.hidden, heard.log_p, SIGNS, heard.texts, codes)

    def decode(self, log_p: np.ndarray, weight: float, width: int) -> str:
        return f"{len(log_p)} frames, {weight:g}, {width}"


def tone(seconds: float = 1.0, loud: float = 0.9) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    return (loud * np.sin(2 * np.pi * 200 * time) * (time < seconds / 2)).astype(np.float32)


CLIPS = [Clip("one", tone(), text="a b"), Clip("two", tone(1.4))]


def widget() -> SayIt:
    return say_it({"ours": listen, "theirs": Searching()}, CLIPS)


def said_by_browser(shown: SayIt, asked: dict, *buffers: bytes) -> None:
    shown._handle_custom_msg(asked, [memoryview(one) for one in buffers])


def test_only_a_listener_that_searches_is_a_decoder() -> None:
    assert isinstance(Searching(), Decoder)
    assert not isinstance(listen, Decoder)
    assert widget().about["decodes"] == [False, True]


def test_the_browser_gets_what_was_heard_row_by_row() -> None:
    heard = Searching()(CLIPS[0].wave)
    facts = told(heard)
    assert facts["frames"] == 50
    p = np.frombuffer(facts["p"], np.uint8).reshape(50, 4) / 255
    np.testing.assert_allclose(p, heard.p, atol=0.5 / 255 + 1e-9)
    codes = np.frombuffer(facts["codes"], "<u2").reshape(2, 50)
    np.testing.assert_array_equal(codes.T, heard.codes)
    np.testing.assert_array_equal(np.frombuffer(facts["hidden"], np.uint8), heard.hidden)
    assert facts["letters"] == [list(letter) for letter in heard.letters()]
    assert facts["letters"][0] == [2, 1, 4]
    assert facts["texts"] == [["greedy", "ab"], ["beam", "abb"]]
    assert facts["signs"] == ["blank", "␣", "a", "b"]
    assert told(listen(CLIPS[0].wave))["codes"] is None


def test_it_starts_with_the_first_clip_and_follows_the_choice() -> None:
    shown = widget()
    assert shown.clips[0] == {"name": "one", "text": "a b", "seconds": 1.0}
    assert [one["frames"] for one in shown.result["heard"]] == [50, 50]
    assert shown.decoded == ["", "50 frames, 0.5, 8"]
    shown.frame = 49
    shown.clip = 1
    assert (shown.result["clip"], shown.frame, shown.result["heard"][0]["frames"]) == (1, -1, 70)
    assert shown.decoded == ["", "70 frames, 0.5, 8"]
    assert repr(shown) == "SayIt('two', 1.4 s: ours reads 'abb'; theirs reads 'abb')"


def test_each_slider_searches_again() -> None:
    shown = widget()
    shown.weight = len(WEIGHTS) - 1
    assert shown.decoded[1] == "50 frames, 2, 8"
    shown.width = 0
    assert shown.decoded[1] == "50 frames, 2, 1"
    assert [len(stops) for stops in shown.about["stops"]] == [len(WEIGHTS), len(WIDTHS)]


@pytest.mark.parametrize(("asked", "seconds"), [("1", 1.4), ("0", 1.0), ("0 10 10", 0.22)])
def test_a_clip_or_a_piece_of_it_travels_when_it_is_asked_for(asked: str, seconds: float) -> None:
    shown, sent = widget(), []
    shown.send = lambda content, buffers: sent.append((content, buffers))
    said_by_browser(shown, {"clip": asked})
    ((content, (sound,)),) = sent
    assert content == {"clip": asked}
    wave, rate = soundfile.read(io.BytesIO(sound))
    assert len(wave) / rate == pytest.approx(seconds, abs=0.2)


def test_ones_own_voice_joins_the_clips_and_is_heard_by_all() -> None:
    shown = widget()
    own = tone(0.8)
    said_by_browser(shown, {"name": "me"}, own.tobytes())
    assert (shown.clip, shown.clips[2]) == (2, {"name": "me", "text": "", "seconds": 0.8})
    np.testing.assert_array_equal(shown.heard[2][0].wave, own)
    assert [len(one.log_p) for one in shown.heard[2][1]] == [40, 40]


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        (tone(0.4), "me lasts 0.40 s: at least 0.5 s are needed"),
        (tone(10.1), "me lasts 10.1 s: at most 10 s can be shown"),
        (0 * tone(), "me is silent: check the microphone or choose another file"),
        (np.nan * tone(), "me has NaN or infinity: repair the recording first"),
        (tone(loud=0.005), "too quiet: speak louder"),
    ],
)
def test_a_clip_that_cannot_be_heard_changes_nothing_and_says_why(
    wave: np.ndarray, message: str
) -> None:
    shown = widget()
    before = shown.result
    said_by_browser(shown, {"name": "me"}, wave.tobytes())
    assert (shown.trouble, shown.result, len(shown.clips)) == (message, before, 2)
    shown.clip = 1
    assert shown.trouble == ""


def test_a_listener_at_another_pace_is_refused_by_name() -> None:
    def slow(wave: np.ndarray) -> Heard:
        heard = listen(wave)
        return Heard(heard.hidden[::2], heard.log_p[::2], SIGNS, heard.texts)

    with pytest.raises(ValueError, match=r"slow gave 25 frames for 1\.00 s: one every 20 ms"):
        say_it({"slow": slow}, CLIPS)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("clip", 2, "clip=2: it must be from 0 to 1"),
        ("frame", 50, "frame=50: it must be from -1 to 49"),
        ("frame", -2, "frame=-2: it must be from -1 to 49"),
        ("weight", len(WEIGHTS), f"weight={len(WEIGHTS)}: it must be from 0"),
        ("width", -1, "width=-1: it must be from 0"),
    ],
)
def test_moves_that_lead_nowhere_are_refused(name: str, value: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        setattr(widget(), name, value)


def test_without_listener_or_clip_there_is_nothing_to_hear() -> None:
    with pytest.raises(ValueError, match="0 listeners and 2 clips: give one of each"):
        say_it({}, CLIPS)
    with pytest.raises(ValueError, match="1 listeners and 0 clips"):
        say_it({"ours": listen}, [])


def test_the_fallback_is_a_picture_with_one_line() -> None:
    data, metadata = widget()._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(widget())


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(SayIt._esm) + str(SayIt._css)
    assert text.count("function ownClip(") == text.count("function clipPlayer(") == 1
    assert ".said-panel" in text
    assert not any(
        sign in text.replace("needs https or", "") for sign in ("http", "//cdn", "@import")
    )
