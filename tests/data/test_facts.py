"""The toy: answers that follow from the text, and no fact in two splits."""

import pytest

from lecturelib.data.facts import END, PEOPLE, WORDS, as_batch, asked, encode, facts, sentence
from lecturelib.data.splits import SPLITS


def test_no_fact_is_in_two_splits() -> None:
    parts = [set(facts(split)) for split in SPLITS]
    assert [len(part) for part in parts] == [640, 80, 80]
    assert len(set.union(*parts)) == 800
    with pytest.raises(ValueError, match="split='x'"):
        facts("x")


def by_hand(text: str) -> str:
    """Read the fact and the question word by word, as a person would."""
    told, question = (line.split() for line in text.removesuffix(" ?").split(" . "))
    person, thing, place = told[0], told[3], told[6]
    assert {thing, person} & set(question)
    if question[0] == "who":
        return f"{person} did"
    if question[1] == "is":
        return f"it is in the {place}"
    rest = f"carried the {thing}" if question[0] == "what" else f"went to the {place}"
    return f"{PEOPLE[person]} {rest}"


def test_every_answer_is_what_a_reader_would_say() -> None:
    every = asked(facts("train"))
    assert len(every) == 4 * 640
    assert all(one.answer == by_hand(one.text) for one in every)
    assert every[0].text.count(" . ") == 1


def test_a_batch_says_what_was_asked() -> None:
    drawn = asked(facts("test"))[:20]
    batch = as_batch(drawn)
    assert batch.is_pad is not None
    assert batch.is_label_pad is not None
    for row, one in enumerate(drawn):
        assert sentence(batch.signal[row][~batch.is_pad[row]].tolist()) == one.text
        said = batch.labels[row][~batch.is_label_pad[row]].tolist()
        assert (sentence(said[:-1]), said[-1]) == (one.answer, END)


def test_capitals_and_glued_marks_are_read() -> None:
    ids, is_pad = encode(["Where is the lamp?", "Who carried the key?"])
    assert not is_pad.any()
    assert sentence(ids[0].tolist()) == "where is the lamp ?"
    assert WORDS[END] == "[END]"


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="an empty text: ask something"):
        encode(["who ?", "  "])
    with pytest.raises(ValueError, match="the toy has no word elephant"):
        encode(["where is the elephant ?"])
