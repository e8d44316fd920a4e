"""The mask painter: what the browser is sent, what a click, a text and the rule do."""

import numpy as np
import pytest

from lecturelib.viz.explorers.painter import BINS, MASK, Painter, painted_figure, painter, percent

WORDS = [
    "improvisation",
    "the",
    "aardvark",
    "[UNK]",
    MASK,
    "zyzzyva",
    "##s",
    "likes",
    ".",
    "script",
]
TEXT = "the aardvark likes improvisation"


class Blanks:
    """A model without weights: place i gets 2^((3 n + 7 i + letters seen) mod 11), normed."""

    vocabulary = WORDS

    def read(self, text: str) -> list[str]:
        if not text:
            raise ValueError("the text is empty")
        return [word if word in WORDS else "[UNK]" for word in text.split()]

    def hide(self, pieces, mix, seed) -> list[str | None]:
        chosen = {seed % len(pieces): [MASK, "script", pieces[seed % len(pieces)]]}
        return [
            chosen[at][int(np.argmax(mix))] if at in chosen else None for at in range(len(pieces))
        ]

    def fill(self, pieces, shown) -> np.ndarray:
        seen = [true if one is None else one for true, one in zip(pieces, shown, strict=True)]
        chosen = [at for at, one in enumerate(shown) if one is not None]
        if "[UNK]" in [pieces[at] for at in chosen]:
            raise ValueError("[UNK] is no word")
        power = 3 * np.arange(len(WORDS)) + 7 * np.array(chosen)[:, None] + len("".join(seen))
        rows = 2.0 ** (power % 11)
        return rows / rows.sum(1, keepdims=True)


MODEL = Blanks()


def row(place: int, *seen: str) -> list[float]:
    """The probabilities at a place, by a plain loop."""
    letters = sum(map(len, seen))
    scores = [2 ** ((3 * n + 7 * place + letters) % 11) for n in range(len(WORDS))]
    return [score / sum(scores) for score in scores]


def test_the_guesses_are_the_models_five_best_and_the_true_ones_rank() -> None:
    widget = painter(MODEL, TEXT, hidden=[1, 3])
    seen = ["the", MASK, "likes", MASK]
    assert [guess["place"] for guess in widget.guesses] == [1, 3]
    for guess, true in zip(widget.guesses, ["aardvark", "improvisation"], strict=True):
        shares = dict(zip(WORDS, row(guess["place"], *seen), strict=True))
        best = sorted(shares, key=shares.__getitem__, reverse=True)
        assert [one["piece"] for one in guess["top"]] == best[:5]
        assert [one["share"] for one in guess["top"]] == pytest.approx(
            [shares[w] for w in best[:5]]
        )
        assert guess["true"]["piece"] == true
        assert guess["true"]["share"] == pytest.approx(shares[true])
        assert guess["rank"] == best.index(true) + 1


def test_the_whole_vocabulary_is_sent_from_a_to_z() -> None:
    (guess,) = painter(MODEL, TEXT, hidden=[3]).guesses
    shares = dict(zip(WORDS, row(3, "the", "aardvark", "likes", MASK), strict=True))
    alphabet = sorted(WORDS, key=lambda piece: piece.lstrip("#"))
    received = np.frombuffer(guess["strongest"], "<f4")
    np.testing.assert_allclose(received, [shares[piece] for piece in alphabet], rtol=1e-6)
    assert [end["piece"] for end in guess["ends"]] == ["aardvark", "zyzzyva"]
    for one in [*guess["ends"], *guess["top"], guess["true"]]:
        assert one["at"] == pytest.approx((alphabet.index(one["piece"]) + 0.5) / 10)
        assert one["share"] == pytest.approx(shares[one["piece"]])


def test_of_a_large_vocabulary_each_stretch_keeps_its_strongest_piece() -> None:
    many = Blanks()
    many.vocabulary = [f"w{number:05}" for number in range(1000)]
    many.fill = lambda pieces, shown: np.eye(1000)[[997]]
    many.read = lambda text: ["w00001"]
    (guess,) = painter(many, "w", hidden=[0]).guesses
    received = np.frombuffer(guess["strongest"], "<f4")
    assert len(received) == BINS
    assert np.flatnonzero(received).tolist() == [BINS - 1]
    assert (guess["true"]["share"], guess["rank"]) == (0, 2)


def test_a_click_hides_and_shows() -> None:
    widget = painter(MODEL, TEXT)
    assert widget.guesses == []
    widget.shown = [None, MASK, None, None]
    assert [guess["place"] for guess in widget.guesses] == [1]
    widget.shown = [None] * 4
    assert widget.guesses == []


def test_the_rule_draws_places_and_the_mix_says_what_is_seen_there() -> None:
    widget = painter(MODEL, TEXT)
    widget.draw = 2
    assert widget.shown == [None, None, MASK, None]
    seen = {0: MASK, 2: "script", 3: "likes"}
    for stop, one in seen.items():
        widget.mix = stop
        assert widget.shown == [None, None, one, None]
        expected = max(row(2, "the", "aardvark", one, "improvisation"))
        assert widget.guesses[0]["top"][0]["share"] == pytest.approx(expected)
    widget.draw = 3
    assert widget.shown == [None, None, None, "improvisation"]


def test_a_new_text_starts_with_nothing_hidden() -> None:
    widget = painter(MODEL, TEXT, hidden=[1])
    widget.text = "the script likes 🍕"
    assert widget.pieces == ["the", "script", "likes", "[UNK]"]
    assert (widget.shown, widget.guesses) == ([None] * 4, [])


def test_a_text_that_cannot_be_read_leaves_all_as_it_is_and_says_why() -> None:
    widget = painter(MODEL, TEXT, hidden=[1])
    before = widget.guesses
    widget.text = ""
    assert (widget.trouble, widget.guesses, widget.pieces) == (
        "the text is empty",
        before,
        TEXT.split(),
    )
    widget.text = "the script"
    assert widget.trouble == ""


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        ([None, MASK], "[UNK] is no word"),
        ([MASK], "shown has 1 places for 2 pieces"),
    ],
)
def test_a_place_that_cannot_be_hidden_stays_shown_and_says_why(shown, message: str) -> None:
    widget = painter(MODEL, "the 🍕", hidden=[0])
    before = widget.guesses
    widget.shown = shown
    assert (widget.shown, widget.guesses, widget.trouble) == ([MASK, None], before, message)
    widget.shown = [None, None]
    assert widget.trouble == ""


def test_bad_input_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="the text is empty"):
        painter(MODEL, "", hidden=[7])
    with pytest.raises(ValueError, match=r"hidden=\[7, -1\]: the sentence has 4 pieces, from 0"):
        painter(MODEL, TEXT, hidden=[7, 1, -1])
    with pytest.raises(ValueError, match="is no word"):
        painter(MODEL, "the 🍕", hidden=[1])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.ones((2, 10)) / 10, r"fill gave \(2, 10\), 1 places x 10 pieces are asked for"),
        (np.ones((1, 10)), "a chosen place sums to 10: give fill's rows after the softmax"),
        (np.full((1, 10), np.nan), "a chosen place sums to nan"),
    ],
)
def test_what_are_no_probabilities_is_refused(rows: np.ndarray, message: str) -> None:
    model = Blanks()
    model.fill = lambda pieces, shown: rows
    with pytest.raises(ValueError, match=message):
        painter(model, TEXT, hidden=[0])


def test_it_says_in_one_line_what_the_model_sees_and_guesses() -> None:
    widget = painter(MODEL, TEXT, hidden=[3])
    shares = row(3, "the", "aardvark", "likes", MASK)
    best = WORDS[int(np.argmax(shares))]
    rank = 1 + sum(share > shares[0] for share in shares)
    said = (
        f"Painter(the aardvark likes [MASK]; improvisation {percent(shares[0])} (rank {rank}), "
        f"first guess {best} {percent(max(shares))})"
    )
    assert repr(widget) == said
    data, metadata = widget._repr_mimebundle_()
    assert data["image/png"]
    assert metadata["image/png"]["alt"] == said


def test_the_figure_shows_the_sentence_and_the_same_guesses() -> None:
    widget = painter(MODEL, TEXT, hidden=[1, 3])
    top, *axes = painted_figure(widget).axes
    assert [text.get_text() for text in top.texts] == ["the", MASK, "likes", MASK]
    for axis, guess in zip(axes, widget.guesses, strict=True):
        expected = [100 * one["share"] for one in guess["top"]]
        assert [bar.get_width() for bar in axis.patches] == pytest.approx(expected)  # ty: ignore
        names = [label.get_text() for label in axis.get_yticklabels()]
        assert names == [one["piece"] for one in guess["top"]]
        assert axis.get_title().startswith(guess["true"]["piece"])


def test_a_figure_can_be_drawn_of_no_and_of_many_hidden_words() -> None:
    widget = painter(MODEL, " ".join([TEXT] * 8))
    assert len(painted_figure(widget).axes) == 1
    assert {text.get_position()[1] for text in painted_figure(widget).axes[0].texts} == {0, 1, 2, 3}
    widget.shown = [MASK] * 5 + [None] * 27
    assert len(painted_figure(widget).axes) == 6


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.434, "43 %"), (0.0996, "10 %"), (0.0123, "1.2 %"), (0.0004, "< 0.1 %")],
)
def test_percent_shows_two_digits(share: float, text: str) -> None:
    assert percent(share) == text


def test_nothing_in_the_front_end_points_outside() -> None:
    text = str(Painter._esm) + str(Painter._css)
    assert "function drawAlphabet(" in text
    assert ".paint-row" in text
    assert not any(sign in text for sign in ("http", "//cdn", "@import", "import("))
