"""A hidden frame among its distractors: the slide's loss, what travels, what is refused."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from lecturelib.adapt.codes import Occurrence
from lecturelib.objectives.masked_contrast import Compared, contrastive_loss
from lecturelib.viz.explorers.contrast import Contrast, contrast_figure, slide_loss
from lecturelib.viz.explorers.negatives import Negatives, negatives
from lecturelib.viz.explorers.pieces import Recordings

RNG = np.random.default_rng(0)
SAID = Recordings([RNG.normal(size=3200) for _ in range(3)], ["ana", "ben", "eva"], ["one"] * 3)
HIDDEN = [np.arange(20) % 4 < 2] * 3
TARGET = [np.repeat(RNG.normal(size=(10, 5)), 2, 0) for _ in range(3)]  # frames 0, 1 are alike ...
CODES = [np.stack([np.full(20, clip), np.arange(20) // 2], 1) for clip in range(3)]
CONTEXT = [target + RNG.normal(size=target.shape) for target in TARGET]


def draw(place: Occurrence, count: int, others: bool, seed: int) -> list[Occurrence]:
    if seed == 9:
        raise ValueError("nothing to draw from")
    clip = (place.clip + others) % 3
    frames = [t for t in range(20) if HIDDEN[clip][t] and (others or t != place.frame)]
    return [Occurrence(clip, frames[(at + seed) % len(frames)]) for at in range(count)]


SCENE = Contrast(SAID, HIDDEN, CONTEXT, TARGET, CODES, draw)


@pytest.mark.parametrize("kappa", [0.05, 0.1, 1.0])
def test_the_loss_is_the_objectives(kappa: float) -> None:
    cosine, same = RNG.uniform(-1, 1, 21), RNG.random(20) < 0.3
    scores = torch.from_numpy(cosine)[None]
    left_out = contrastive_loss(Compared(scores, torch.from_numpy(same)[None]), kappa)
    kept = contrastive_loss(Compared(scores, torch.zeros(1, 20, dtype=torch.bool)), kappa)
    assert slide_loss(cosine, same, kappa, keep=False).loss == pytest.approx(float(left_out))
    assert slide_loss(cosine, same, kappa, keep=True).loss == pytest.approx(float(kept))


def test_a_dead_codebook_scores_nothing_left_out_and_chance_kept() -> None:
    cosine, same = np.full(51, 0.7), np.ones(50, bool)
    assert slide_loss(cosine, same, 0.1, keep=False).loss == 0
    assert slide_loss(cosine, same, 0.1, keep=True).loss == pytest.approx(math.log(51))


def test_similarities_are_cosines_and_equal_codes_are_marked() -> None:
    place, others = Occurrence(1, 4), [Occurrence(1, 5), Occurrence(1, 8), Occurrence(2, 4)]
    found = SCENE.compare(place, others)
    context = CONTEXT[1][4]
    for cosine, (clip, frame) in zip(found["cosine"], [place, *others], strict=True):
        target = TARGET[clip][frame]
        dot = sum(a * b for a, b in zip(context, target, strict=True))
        long = math.sqrt(sum(a * a for a in context)) * math.sqrt(sum(b * b for b in target))
        assert cosine == pytest.approx(dot / long)
    assert found["same"] == [True, False, False]
    assert found["cosine"][0] == found["cosine"][1]


def test_it_starts_in_the_middle_of_the_first_clip_with_fifty_of_its_own() -> None:
    shown = negatives(SCENE)
    assert shown.place == [0, 9]
    assert len(shown.drawn()) == 51
    assert {clip for clip, _ in shown.drawn()} == {0}
    shown.others = True
    assert {clip for clip, _ in shown.drawn()[1:]} == {1}
    before = shown.drawn()
    shown.seed = 1
    assert shown.drawn() != before
    assert shown.drawn()[0] == before[0]


def test_fewer_distractors_are_the_first_of_the_many() -> None:
    shown = negatives(SCENE, Occurrence(2, 8))
    many = shown.drawn()
    shown.count = shown.about["counts"].index(5)
    assert shown.drawn() == many[:6]
    assert len(shown.numbers().scores) == 6


def test_a_draw_that_fails_keeps_the_last_and_says_why() -> None:
    shown = negatives(SCENE)
    before = shown.result
    shown.seed = 9
    assert (shown.trouble, shown.result) == ("nothing to draw from", before)
    shown.seed = 0
    assert shown.trouble == ""


def test_only_a_frame_that_is_asked_for_travels() -> None:
    shown, sent = negatives(SCENE), []
    shown.send = lambda content, buffers: sent.append((content, buffers))
    assert "contrast" not in shown.get_state()
    shown._handle_custom_msg({"clip": "2 8"}, [])
    ((content, (sound,)),) = sent
    assert content == {"clip": "2 8"}
    wave, rate = soundfile.read(io.BytesIO(sound))
    assert len(wave) / rate == pytest.approx(0.32, abs=0.2)


def test_it_says_in_one_line_what_is_shown() -> None:
    shown = negatives(SCENE)
    equal = sum(shown.result["same"][:50])
    loss = shown.numbers().loss
    assert equal > 0
    assert repr(shown) == (
        f"Negatives(ana: one, frame 9: 50 distractors from the same utterance, {equal} equal to "
        f"it; loss {loss:.2f}, chance 3.93)"
    )
    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(shown)


def test_the_fallback_shows_every_distractor_and_its_part() -> None:
    shown = negatives(SCENE, Occurrence(1, 4))
    numbers = shown.numbers()
    figure = contrast_figure(SCENE, shown.drawn(), numbers)
    *rows, above, below = figure.axes
    assert [len(row.lines) for row in rows] == [1, 1 + 51, 1]
    heights = [bar.get_height() for bar in above.patches]
    assert heights == sorted(numbers.scores, reverse=True)
    assert sum(bar.get_height() for bar in below.patches) == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codes": CODES[:2]}, "codes: 2 for 3 clips, give one each"),
        ({"target": [one[:9] for one in TARGET]}, "target of clip 0 has 9 frames, hidden 20"),
        ({"context": [np.nan * one for one in CONTEXT]}, "context of clip 0 has NaN"),
        ({"hidden": [np.zeros(20, bool)] * 3}, "nothing is hidden: hide some frames"),
    ],
)
def test_a_contrast_that_cannot_be_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SCENE, **change)


def test_moves_that_cannot_be_are_refused() -> None:
    shown = negatives(SCENE)
    with pytest.raises(ValueError, match=r"place=\[0, 2\] is no hidden frame"):
        shown.place = [0, 2]
    with pytest.raises(ValueError, match="kappa=5 is none of 0 to 4"):
        shown.kappa = 5

    def refuse(*_: object) -> list[Occurrence]:
        raise ValueError("no strangers here")

    with pytest.raises(ValueError, match="no strangers here"):
        negatives(replace(SCENE, draw=refuse))


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(Negatives._esm) + str(Negatives._css)
    assert "function choicesOf(" in text
    assert ".negatives-panel" in text
    assert not any(sign in text for sign in ("http:", "https:", "//cdn", "@import", "import("))
