"""A map to click and listen: what is known of a clip, what the browser is sent and when."""

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from lecturelib.viz.explorers.belief import BOX
from lecturelib.viz.explorers.stage import CLASS_COLOURS
from lecturelib.viz.explorers.voice_map import SHAPES, VoiceMap, Voices, voice_figure, voice_map

N = 12
RNG = np.random.default_rng(0)
VOICES = Voices(
    points=RNG.normal(size=(N, 2)),
    names=[f"clip {i}" for i in range(N)],
    clips=[RNG.normal(size=8000 + 800 * i) for i in range(N)],
    labels={"voice": [f"v{i // 3}" for i in range(N)], "sex": ["m", "f"] * 6},
)


def test_the_browser_gets_every_label_of_every_clip_and_its_length() -> None:
    about = voice_map(VOICES).about
    assert about["names"] == VOICES.names
    for what, values in VOICES.labels.items():
        sent = about["labels"][what]
        assert [sent["groups"][at] for at in sent["of"]] == values
    assert about["labels"]["sex"]["groups"] == ["f", "m"]
    assert about["seconds"] == [round(1 + i / 10, 1) for i in range(N)]


def test_marks_are_in_the_box_and_far_ones_keep_their_order() -> None:
    points = np.stack([np.arange(N) * 5.0, np.zeros(N)], 1)
    place = np.frombuffer(voice_map(replace(VOICES, points=points)).place, "<f4").reshape(N, 2)
    assert (place >= 0).all()
    assert (place <= BOX + 1e-6).all()
    assert np.argsort(place[:, 0]).tolist() == list(range(N))


def test_only_a_clip_that_is_asked_for_travels() -> None:
    shown, sent = voice_map(VOICES), []
    shown.send = lambda content, buffers: sent.append((content, buffers))
    state = str(shown.get_state().keys())
    assert "voices" not in state
    shown._handle_custom_msg({"clip": 5}, [])
    ((content, (sound,)),) = sent
    assert content == {"clip": 5}
    wave, rate = soundfile.read(io.BytesIO(sound))
    assert (rate, len(wave) / rate) == (8000, pytest.approx(1.5, abs=0.2))
    assert len(sound) < 12_000


def test_it_says_in_one_line_what_is_shown() -> None:
    shown = voice_map(VOICES)
    assert repr(shown) == "VoiceMap(12 clips by voice: 4 groups)"
    shown.item, shown.shown = 7, "sex"
    assert repr(shown) == "VoiceMap(12 clips by sex: 2 groups, clip 7 chosen)"
    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(shown)


def test_the_fallback_shows_every_clip_in_its_groups_look_and_rings_the_chosen_one() -> None:
    shown = voice_map(VOICES)
    place = np.frombuffer(shown.place, "<f4").reshape(N, 2) * [1, -1]
    axis = voice_figure(VOICES, "sex", 4).axes[0]
    women, men, ring = axis.collections
    np.testing.assert_allclose(women.get_offsets(), place[1::2], atol=1e-6)
    np.testing.assert_allclose(men.get_offsets(), place[::2], atol=1e-6)
    np.testing.assert_allclose(ring.get_offsets(), place[4:5], atol=1e-6)
    assert [c.get_label() for c in (women, men)] == ["f", "m"]


def test_seventy_groups_have_seventy_looks_here_and_in_the_browser() -> None:
    looks = {(at % len(CLASS_COLOURS), at % len(SHAPES)) for at in range(70)}
    assert len(looks) == 70
    text = str(VoiceMap._esm)
    corners = text[text.index("const CORNERS") : text.index("const GLYPHS")]
    assert corners.count(",\n") == len(SHAPES)


def test_a_long_key_is_cut_and_says_so() -> None:
    names = [f"{i:02d}" for i in range(20)]
    many = Voices(RNG.normal(size=(20, 2)), names, [np.ones(9)] * 20, {"take": names})
    (key,) = voice_figure(many, "take", -1).legends
    assert key.get_title().get_text() == "take (the first 14 of 20)"
    assert [text.get_text() for text in key.get_texts()] == names[:14]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": np.zeros((N, 3))}, r"points are \[12, 3\]: they must be \[n, 2\]"),
        ({"points": np.zeros((0, 2))}, r"points are \[0, 2\]"),
        ({"points": np.full((N, 2), np.nan)}, "points have NaN"),
        ({"names": ["a"]}, "names: 1 for 12 points, give one each"),
        ({"clips": VOICES.clips[:3]}, "clips: 3 for 12 points, give one each"),
        ({"labels": {}}, "no labels: give one thing at least"),
        ({"labels": {"sex": ["f"]}}, "sex: 1 for 12 points, give one each"),
        ({"clips": [np.zeros((2, 9))] * N}, r"the clip clip 0 is \[2, 9\]: give finite samples"),
        ({"clips": [np.full(9, np.nan)] * N}, "the clip clip 0 is .* give finite samples"),
        ({"clips": [np.zeros(0)] * N}, r"the clip clip 0 is \[0\]: give finite samples"),
    ],
)
def test_voices_that_cannot_be_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(VOICES, **change)


def test_moves_that_cannot_be_are_refused() -> None:
    shown = voice_map(VOICES)
    with pytest.raises(ValueError, match="item=12 is none of 0 to 11, nor -1 for none"):
        shown.item = 12
    with pytest.raises(ValueError, match="shown='age' is none of voice, sex"):
        shown.shown = "age"


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(VoiceMap._esm) + str(VoiceMap._css)
    assert "function clipPlayer(" in text
    assert ".voices-panel" in text
    assert not any(sign in text for sign in ("http:", "https:", "//cdn", "@import", "import("))
