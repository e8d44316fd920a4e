"""Listen to a code: what is heard of a frame, what the browser is sent, what is refused."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from lecturelib.adapt.codes import Occurrence
from lecturelib.viz.explorers.books import Book, books_figure, verdict
from lecturelib.viz.explorers.codebook import CodebookExplorer, codebook
from lecturelib.viz.explorers.pieces import AROUND, FRAME, PAUSE, PIECE, Recordings

RNG = np.random.default_rng(0)
SAID = Recordings([RNG.normal(size=8000) for _ in range(3)], ["ana", "ben", "eva"], ["one"] * 3)
KNOWS = {"word": 0.2, "speaker": 0.1}
PLACES = [[[Occurrence(c, 3 * v + c) for c in range(v)] for v in range(4)] for _ in range(2)]
USE = np.array([[[5, 5, 5, 5], [8, 4, 4, 4]], [[20, 0, 0, 0], [10, 10, 0, 0]]], float)
BOOK = Book("learned", USE, [0, 100], PLACES, KNOWS, soft=[7.5, 6.5])
MEANS = Book("k-means", USE[:1, :1], [0], PLACES[:1], {"word": 0.21, "speaker": 0.3})


def test_perplexity_is_2_to_the_entropy_of_each_group_summed() -> None:
    bits = 0.4 * math.log2(1 / 0.4) + 3 * 0.2 * math.log2(1 / 0.2)
    assert BOOK.hard() == pytest.approx([4 + 2**bits, 1 + 2])
    assert replace(BOOK, use=USE / 20).hard() == pytest.approx(BOOK.hard())


def test_a_piece_has_its_frame_in_the_middle_and_silence_beyond_the_clip() -> None:
    clip = SAID.clips[0] / np.abs(SAID.clips[0]).max()
    for frame in (0, 4, 25, 49):
        expected = np.zeros(PIECE)
        for at in range(PIECE):
            sample = FRAME * frame - AROUND + at
            if 0 <= sample < len(clip):
                expected[at] = clip[sample]
        np.testing.assert_allclose(SAID.piece(Occurrence(0, frame)), expected, atol=1e-6)


def test_pieces_are_heard_one_after_the_other_with_a_pause_between() -> None:
    sound = SAID.sound([Occurrence(0, 20), Occurrence(1, 30)])
    assert len(sound) == 2 * PIECE + PAUSE
    assert np.abs(sound[PIECE : PIECE + PAUSE]).max() == 0
    second = sound[PIECE + PAUSE :]
    np.testing.assert_allclose(second[100:-100], SAID.piece(Occurrence(1, 30))[100:-100])
    assert second[0] == second[-1] == 0


def test_an_outline_is_the_loudest_sample_of_each_stretch() -> None:
    facts = SAID.facts(Occurrence(2, 25))
    piece = SAID.piece(Occurrence(2, 25))
    loud = [np.abs(piece[32 * at : 32 * at + 32]).max() for at in range(80)]
    assert list(facts.pop("outline")) == [round(255 * float(one)) for one in loud]
    assert facts == {"speaker": "eva", "text": "one", "second": 0.5}


def test_it_starts_at_the_end_with_the_most_frequent_codes_and_their_places() -> None:
    shown = codebook(SAID, [BOOK, MEANS])
    assert (shown.at, shown.chosen) == (1, [[0, 0], [0, 0]])
    shown.chosen = [[1, 3], [0, 2]]
    assert [[one["speaker"] for one in pieces] for pieces in shown.pieces] == [
        ["ana", "ben", "eva"],
        ["ana", "ben"],
    ]
    sent = np.frombuffer(shown.use[0], "<f4").reshape(USE.shape)
    np.testing.assert_allclose(sent, USE / 20)
    assert shown.about["books"][0]["heard"] == [[0, 1, 2, 3]] * 2


def test_only_what_is_heard_travels() -> None:
    shown, sent = codebook(SAID, [BOOK]), []
    shown.send = lambda content, buffers: sent.append((content, buffers))
    assert not {"recordings", "books"} & set(shown.get_state())
    for asked, count in (("0 1 3", 3), ("0 1 3 2", 1)):
        shown._handle_custom_msg({"clip": asked}, [])
        content, (sound,) = sent.pop()
        assert content == {"clip": asked}
        wave, rate = soundfile.read(io.BytesIO(sound))
        seconds = (count * PIECE + (count - 1) * PAUSE) / 8000
        assert (rate, len(wave) / rate) == (8000, pytest.approx(seconds, abs=0.2))


def test_the_verdict_names_the_book_that_knows_more_and_only_then() -> None:
    assert verdict([BOOK, MEANS]) == (
        "word: both alike (0.20 against 0.21); speaker: k-means knows more (0.30 against 0.10)"
    )
    assert verdict([replace(BOOK, knows={"word": -0.001})]) == "word: 0.00"


def test_it_says_in_one_line_what_is_shown() -> None:
    shown = codebook(SAID, [BOOK, MEANS])
    assert repr(shown).startswith(
        "CodebookExplorer(step 100: hard perplexity 3.0 of 8; learned: group 1, code 0, k-means: "
    )
    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == repr(shown)


def test_the_fallback_shows_use_and_perplexities() -> None:
    figure = books_figure([BOOK, MEANS], SAID, 1, [[0, 3], [0, 1]])
    heat, bars = figure.axes[0], figure.axes[10]
    shade = np.minimum(1, np.sqrt(USE[:, 0] / 20 * 4) / 2)
    np.testing.assert_allclose(heat.images[0].get_array(), shade)
    assert [bar.get_height() for bar in bars.patches] == [25] * 4
    hard = next(line for axis in figure.axes for line in axis.lines if line.get_label() == "hard")
    np.testing.assert_allclose(hard.get_ydata(), BOOK.hard())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"use": np.ones((2, 3))}, r"use of learned is \[2, 3\]: it must be \[snapshots"),
        ({"use": -USE}, "use of learned has NaN or numbers below 0"),
        ({"use": 0 * USE}, "a group of learned uses no code"),
        ({"steps": [0]}, "1 steps and 2 soft perplexities for 2 snapshots, give one each"),
        ({"soft": [1.0]}, "2 steps and 1 soft perplexities for 2 snapshots"),
        ({"places": PLACES[:1]}, r"places of learned must be \[groups=2\]\[codes=4\]"),
    ],
)
def test_books_that_cannot_be_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(BOOK, **change)


def test_explorers_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="3 books: show one, or two"):
        codebook(SAID, [BOOK] * 3)
    with pytest.raises(ValueError, match="learned has 2 snapshots: give one, or 1 as k-means"):
        codebook(SAID, [MEANS, BOOK])
    with pytest.raises(ValueError, match="the books know different things"):
        codebook(SAID, [BOOK, replace(MEANS, knows={"word": 0.1})])
    far = [[[Occurrence(0, 50)], [], [], []]]
    with pytest.raises(ValueError, match="frame 50 of clip 0 is none of 0 to 49"):
        codebook(SAID, [replace(MEANS, places=far)])
    with pytest.raises(ValueError, match="clip 9 is none of 0 to 2"):
        SAID.check(Occurrence(9, 0))
    with pytest.raises(ValueError, match="2 texts for 3 clips"):
        replace(SAID, texts=["a", "b"])
    with pytest.raises(ValueError, match=r"clip 0 is \[2\]: give finite samples"):
        Recordings([np.full(2, np.nan)], ["a"], ["b"])
    with pytest.raises(ValueError, match="no clips: give at least one"):
        Recordings([], [], [])


def test_moves_that_cannot_be_are_refused() -> None:
    shown = codebook(SAID, [BOOK, MEANS])
    with pytest.raises(ValueError, match="at=2 is none of 0 to 1"):
        shown.at = 2
    for chosen in ([[0, 0]], [[0, 0], [1, 0]], [[0, 4], [0, 0]], [[0], [0, 0]]):
        with pytest.raises(ValueError, match=r"give a \[group, code\] a book, below"):
            shown.chosen = chosen


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(CodebookExplorer._esm) + str(CodebookExplorer._css)
    assert "function piecePlayer(" in text
    assert ".codes-panel" in text
    assert not any(sign in text for sign in ("http:", "https:", "//cdn", "@import", "import("))
