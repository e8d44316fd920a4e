"""Numbers in words: what is printed in any grammar book, and splits that share no answer."""

import re

import pytest
import torch

from lecturelib.data import numbers as data

PRINTED = {
    (0, "en"): "zero",
    (21, "en"): "twenty-one",
    (321, "en"): "three hundred twenty-one",
    (1984, "en"): "one thousand nine hundred eighty-four",
    (12, "de"): "zwölf",
    (30, "de"): "dreißig",
    (321, "de"): "dreihunderteinundzwanzig",
    (4517, "de"): "viertausendfünfhundertsiebzehn",
}
TENS = {"zwanzig": 2, "dreißig": 3, "vierzig": 4, "fünfzig": 5} | {
    "sechzig": 6,
    "siebzig": 7,
    "achtzig": 8,
    "neunzig": 9,
}


@pytest.mark.parametrize(("number", "language"), PRINTED)
def test_numbers_are_spelled_as_in_a_grammar_book(number: int, language: str) -> None:
    assert data.spelled(number, language) == PRINTED[number, language]


def test_german_says_the_ones_before_the_tens() -> None:
    for number in range(21, 100):
        match = re.fullmatch(r"(?:(\w+)und)?(\w+ig|dreißig)", data.spelled(number, "de"))
        assert match
        assert TENS[match[2]] == number // 10
        assert (match[1] is None) == (number % 10 == 0)


@pytest.mark.parametrize("text", ["Three Hundred, and twenty-one", " three  hundred\ttwenty-one "])
def test_what_people_type_is_read_alike(text: str) -> None:
    assert data.tidy(text) == "three hundred twenty-one"


def test_and_inside_a_word_stays() -> None:
    assert data.tidy("thousand and one") == "thousand one"


def test_ids_are_the_letters_again() -> None:
    ids, is_pad = data.encode(["elf", "fünf"])
    assert [data.LETTERS[i] for i in ids[1]] == list("fünf")
    assert "".join(data.LETTERS[i] for i in ids[0][~is_pad[0]]) == "elf"
    assert is_pad.tolist() == [[False, False, False, True], [False] * 4]


def test_no_answer_is_in_two_splits_and_every_number_is_in_one() -> None:
    parts = data.deal()
    together = sorted(number for part in parts.values() for number in part)
    assert together == list(range(10_000))
    assert {name: len(part) for name, part in parts.items()} == {
        "train": 8000,
        "validation": 1000,
        "test": 1000,
    }
    assert 321 in parts["test"]
    assert set(range(10)) <= set(parts["train"])
    assert min(data.longer()) > max(together)


def test_a_split_holds_each_number_in_both_languages_and_its_digits() -> None:
    batch = data.numbers("validation")
    half = len(batch) // 2
    assert batch.meta["number"][:half] == batch.meta["number"][half:] == data.deal()["validation"]
    assert batch.meta["language"] == ["en"] * half + ["de"] * half
    assert batch.is_label_pad is not None
    for row in (0, half, 2 * half - 1):
        label = batch.labels[row][~batch.is_label_pad[row]].tolist()
        assert label[-1] == data.END
        assert data.written(label) == str(batch.meta["number"][row])
    assert len(set(data.numbers("train").meta["text"])) == 16_000


def test_nothing_after_the_end_is_read() -> None:
    assert data.written([3, 2, 1, data.END, 7]) == "321"
    assert data.written([0]) == "0"


def test_the_longest_number_fills_its_row() -> None:
    batch = data.spell_out([7, 9999])
    assert batch.is_pad is not None
    assert batch.signal.shape[1] == max(map(len, batch.meta["text"]))
    assert torch.equal((~batch.is_pad).sum(1), torch.tensor([len(t) for t in batch.meta["text"]]))


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="split='dev': choose train, validation, test or longer"):
        data.numbers("dev")
    with pytest.raises(ValueError, match="language='fr': choose from en, de"):
        data.spelled(1, "fr")
    with pytest.raises(ValueError, match="'321' has '123': write a number in words"):
        data.encode(["321"])
    with pytest.raises(ValueError, match="empty text"):
        data.encode(["one", " "])
