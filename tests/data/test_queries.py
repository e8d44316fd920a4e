"""The swapped queries hold the same words in another order, and four different lines each."""

from lecturelib.data.queries import SWAPPED


def test_both_orders_have_the_same_words() -> None:
    assert len(SWAPPED) == 16
    for pair in SWAPPED:
        assert sorted(pair.first.split()) == sorted(pair.second.split())
        assert len(set(pair)) == 4
