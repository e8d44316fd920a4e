"""A batch is checked once where it is made, and cut without mixing rows up."""

import pytest
import torch

from lecturelib.data.batch import Batch, at_random


def whole() -> Batch:
    return Batch(
        torch.arange(6.0).view(3, 2), torch.tensor([[False, True]] * 3), torch.tensor([5, 6, 7]),
        meta={"name": ["a", "b", "c"], "take": torch.tensor([1, 2, 3])},
    )  # fmt: skip


@pytest.mark.parametrize("index", [slice(1, None), torch.tensor([False, True, True]), [1, 2]])
def test_rows_cut_everything_alike(index):
    cut = whole().rows(index)
    assert cut.signal.tolist() == [[2, 3], [4, 5]]
    assert cut.labels.tolist() == [6, 7]
    assert cut.meta["name"] == ["b", "c"]
    assert cut.meta["take"].tolist() == [2, 3]


def test_not_a_number_is_named_by_row():
    signal = torch.ones(3, 2)
    signal[1, 0] = torch.nan
    with pytest.raises(ValueError, match=r"NaN or infinity in rows \[1\]"):
        Batch(signal, None, None)


def test_a_row_of_padding_only_is_named():
    with pytest.raises(ValueError, match=r"rows \[0\] are all padding"):
        Batch(torch.ones(2, 2), torch.tensor([[True, True], [False, True]]), None)


def test_lengths_that_disagree_are_named():
    with pytest.raises(ValueError, match="label has 2 rows, signal has 3"):
        Batch(torch.ones(3, 2), None, torch.tensor([1, 2]))


def test_no_labels_say_so():
    with pytest.raises(ValueError, match="no labels"):
        _ = Batch(torch.ones(3, 2), None, None).labels


def test_a_stream_draws_every_row_equally_often_and_the_same_for_the_same_seed():
    signal = torch.arange(4.0)[:, None]
    draw = at_random(signal, 4000)
    batch = draw(torch.Generator().manual_seed(0))
    assert batch.label is None
    counts = torch.bincount(batch.signal.flatten().long())
    assert counts.tolist() == pytest.approx([1000] * 4, abs=100)
    assert torch.equal(batch.signal, draw(torch.Generator().manual_seed(0)).signal)
