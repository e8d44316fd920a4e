"""Word pieces: Hugging Face's slow BERT tokenizer, in plain Python, reads every text alike."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerBase

from lecturelib.data.tokenizers import SPECIAL, WordPieces, from_vocabulary, train_wordpieces
from lecturelib.paths import ROOT

TRAIN = [
    "The players play; they played a long game, and the game was played well.",
    "A longer play: the play's players were playing for 20 hours in Zurich!",
]
READ = [
    *TRAIN,
    "The PLAYER replayed  Zürich's\tgame-play (20.5 hours)...",
    "unwell gaming \u200d and 漢字 we have never seen: ~ q",
    "the",
]


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    return train_wordpieces(TRAIN, 80)


def slow(pieces: WordPieces, folder: Path) -> PreTrainedTokenizerBase:
    """The original algorithm, in plain Python, with our vocabulary."""
    file = folder / "vocab.txt"
    file.write_text("\n".join(pieces.pieces), encoding="utf8")
    try:  # transformers 5 keeps it here; before, it was the ordinary one
        module = import_module("transformers.models.bert.tokenization_bert_legacy")
        return module.BertTokenizerLegacy(str(file))
    except ImportError:
        return import_module("transformers").BertTokenizer(str(file))


def test_reads_as_hugging_faces_own(pieces: WordPieces, tmp_path: Path) -> None:
    reference = slow(pieces, tmp_path)
    assert len(pieces) == 80
    for text in READ:
        have = pieces.words(pieces.ids(text))
        assert have == reference.tokenize(text)
        assert pieces.ids(text) == reference.convert_tokens_to_ids(have)
        (framed,) = pieces.encode([text], length=99)
        assert framed.ids == reference(text)["input_ids"]
    assert any(word.startswith("##") for word in pieces.words(pieces.ids(READ[2])))


@pytest.mark.parametrize("length", [5, 7, 9, 13, 99])
def test_pairs_are_framed_and_cut_as_hugging_faces_own(
    pieces: WordPieces, tmp_path: Path, length: int
) -> None:
    """The longer part loses from its end, and keeps as much as the other leaves.

    Room for an even number of pieces: one place too many goes to the longer text here, to the first
    there.
    """
    reference = slow(pieces, tmp_path)
    for first, second in [(READ[0], "the game"), ("the game", READ[0]), (READ[0], READ[1])]:
        (have,) = pieces.encode([first], [second], length=length)
        want = reference(
            first,
            second,
            truncation="longest_first",
            max_length=length,
            return_token_type_ids=True,
        )
        assert (have.ids, have.type_ids) == (want["input_ids"], want["token_type_ids"])
        assert len(have.ids) <= length


def spell(word: str, vocabulary: set[str]) -> list[str]:
    """Longest match first: the longest piece that starts the word, then the rest with ## before."""
    found, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        ends = range(len(word), start, -1)
        fit = next((end for end in ends if mark + word[start:end] in vocabulary), None)
        if fit is None:
            return ["[UNK]"]
        found.append(mark + word[start:fit])
        start = fit
    return found


@pytest.mark.parametrize("word", ["played", "replay", "longest", "gameplayers", "q", "hoursx"])
def test_the_longest_piece_comes_first(pieces: WordPieces, word: str) -> None:
    assert pieces.words(pieces.ids(word)) == spell(word, set(pieces.pieces))


def test_a_vocabulary_alone_gives_the_tokenizer_back(pieces: WordPieces) -> None:
    again = from_vocabulary(pieces.pieces)
    assert again.pieces == pieces.pieces
    assert [again.ids(text) for text in READ] == [pieces.ids(text) for text in READ]
    framed = [
        (one.ids, one.type_ids) for p in (pieces, again) for one in p.encode(READ, READ, length=20)
    ]
    assert framed[: len(READ)] == framed[len(READ) :]
    odd = from_vocabulary(["b", *reversed(SPECIAL), "a"])
    assert (odd.mask, odd.pad, odd.ids("a b")) == (1, 5, [6, 0])
    assert odd.encode(["a"], length=9)[0].ids == [odd.cls, 6, odd.sep]


def test_the_special_pieces_come_first_and_every_letter_has_a_piece(pieces: WordPieces) -> None:
    assert pieces.pieces[:5] == list(SPECIAL)
    assert (pieces.pad, pieces.unk, pieces.cls, pieces.sep, pieces.mask) == (0, 1, 2, 3, 4)
    letters = {letter for text in TRAIN for letter in text.lower() if not letter.isspace()}
    assert letters <= {piece.removeprefix("##") for piece in pieces.pieces}


def test_two_runs_learn_the_same_vocabulary_in_the_same_order(pieces: WordPieces) -> None:
    """The trainer numbers its pieces by a hash that differs from process to process."""
    code = (
        f"from lecturelib.data.tokenizers import train_wordpieces\n"
        f"print(*train_wordpieces({TRAIN!r}, 80).pieces)"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert out.split() == pieces.pieces


def test_what_was_cut_once_is_whole_again(pieces: WordPieces) -> None:
    whole = pieces.ids(READ[0])
    pieces.encode([READ[0]], length=5)
    assert pieces.ids(READ[0]) == whole
    assert pieces.encode([READ[0]], length=99)[0].ids == [pieces.cls, *whole, pieces.sep]


def test_words_know_their_pieces(pieces: WordPieces) -> None:
    """Words as given: a quotation mark inside one does not make two."""
    words = ["the", "play's", "player", "a-b", "Zürich"]
    (one,) = pieces.encode([words], length=99)
    owners = [None]
    for number, word in enumerate(words):
        owners += [number] * len(pieces.ids(word))
    assert one.word_ids == [*owners, None]
    assert one.ids[1:-1] == [n for word in words for n in pieces.ids(word)]


def test_offsets_point_into_the_text_as_it_was(pieces: WordPieces) -> None:
    text = "A  ZÜRICH game"
    (one,) = pieces.encode([text], length=99)
    spans = [text[start:end] for start, end in one.offsets[1:-1]]
    assert "".join(spans) == "AZÜRICHgame"


def test_a_batch_is_filled_up_with_pad(pieces: WordPieces) -> None:
    found = pieces.encode(["the game", "a"], ["play", "the long game"], length=99)
    batch = pieces.batch(found)
    assert batch.signal.shape == (2, 7)
    assert batch.is_pad is not None
    assert batch.segment is not None
    for row, one in enumerate(found):
        length = len(one.ids)
        assert batch.signal[row].tolist() == one.ids + [pieces.pad] * (7 - length)
        assert batch.is_pad[row].tolist() == [False] * length + [True] * (7 - length)
        assert batch.segment[row].tolist() == one.type_ids + [0] * (7 - length)


def test_what_is_special(pieces: WordPieces) -> None:
    """[UNK] is not: it stands where the text has a word."""
    ids = torch.tensor([[pieces.cls, pieces.mask, 7], [pieces.unk, pieces.sep, pieces.pad]])
    assert pieces.is_special(ids).tolist() == [[True, True, False], [False, True, True]]
    odd = from_vocabulary(["b", *reversed(SPECIAL), "a"])
    assert odd.is_special(torch.arange(7)).tolist() == [False, True, True, True, False, True, False]


@pytest.mark.parametrize("length", [5, 99])
def test_unknown_letters_make_their_word_unknown(pieces: WordPieces, length: int) -> None:
    (one,) = pieces.encode(["the 漢 x漢y"], length=length)
    assert pieces.words(one.ids)[:3] == ["[CLS]", "the", "[UNK]"]
    assert pieces.ids("ж") == [pieces.unk]


@pytest.mark.parametrize("empty", ["", "  \n", "\u200d", [], [""]])
def test_an_empty_text_is_named(pieces: WordPieces, empty: str | list) -> None:
    full = "the" if isinstance(empty, str) else ["the"]
    with pytest.raises(ValueError, match=r"texts \[1\] are empty: drop them first"):
        pieces.encode([full, empty], length=9)
    with pytest.raises(ValueError, match=r"second texts \[0, 2\] are empty"):
        pieces.encode([full, full, full], [empty, full, empty], length=9)


def test_bad_input_is_named(pieces: WordPieces) -> None:
    with pytest.raises(ValueError, match="2 texts, but 1 second ones"):
        pieces.encode(["the", "game"], ["play"], length=9)
    with pytest.raises(ValueError, match="length=2 leaves no room: 3 pieces are the least"):
        pieces.encode(["the"], length=2)
    with pytest.raises(ValueError, match="length=4 leaves no room: 5 pieces are the least"):
        pieces.encode(["the"], ["game"], length=4)
    with pytest.raises(ValueError, match=r"the vocabulary has no \[CLS\], \[MASK\]: is it"):
        from_vocabulary(["[PAD]", "[UNK]", "[SEP]", "a"])
    with pytest.raises(ValueError, match="the texts hold no word"):
        train_wordpieces(["", "  \n"])


def test_the_same_texts_give_the_same_pieces_each_time() -> None:
    """A killed run must find its own vocabulary again."""
    texts = ["unbelievable readings, rereading the unreadable", "the reader reads believable tales"]
    assert len({tuple(train_wordpieces(texts * 3, 60).pieces) for _ in range(10)}) == 1
