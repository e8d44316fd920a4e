"""What is in which split, and that nothing is in two."""

import zlib

import numpy as np
import pytest

from lecturelib.data import splits


def test_near_equal_texts_are_one_text() -> None:
    assert splits.plain("WINNER!! You won  £900.") == splits.plain("winner, you won £123")
    assert splits.plain("you win") != splits.plain("you won")


def test_by_text_is_the_checksum_of_the_words() -> None:
    for text, want in (("Activated.", "train"), ("zero", "test"), ("k", "validation")):
        assert splits.by_text(text) == splits.by_text(text.upper() + " !") == want
    rest = zlib.crc32(b"goodbye") % 10
    assert splits.by_text("Goodbye.") == {0: "test", 1: "validation"}.get(rest, "train")


def test_shuffled_deals_everything_once() -> None:
    parts = splits.shuffled(range(100), 80, 10)
    assert [len(parts[s]) for s in splits.SPLITS] == [80, 10, 10]
    assert sorted(thing for part in parts.values() for thing in part) == list(range(100))
    assert parts["train"] != list(range(80))
    assert parts == splits.shuffled(range(100), 80, 10)


@pytest.mark.parametrize("rng", [None, np.random.default_rng(0)])
def test_per_class_takes_the_same_from_each(rng: np.random.Generator | None) -> None:
    label = np.array([0] * 10 + [1] * 12)
    parts = splits.per_class(label, 6, 3, rng)
    assert np.bincount(label[parts["train"]]).tolist() == [6, 6]
    assert np.bincount(label[parts["validation"]]).tolist() == [3, 3]
    assert np.bincount(label[parts["test"]]).tolist() == [1, 3]
    assert sorted(np.concatenate(list(parts.values()))) == list(range(22))
    in_order = parts["train"].tolist() == [*range(6), *range(10, 16)]
    assert in_order == (rng is None)


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(ValueError, match="split='dev': choose train, validation or test"):
        splits.check_split("dev")
