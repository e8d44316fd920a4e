"""A fair row: both steps have the same loss, before and after the weights have moved."""

import pytest
import torch

from benchmarks import bert
from tests.oracle import error


@pytest.fixture(autouse=True)
def doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small, and in float64."""
    real = bert.pair

    def pair(vocab: int):
        ours, reference, batch = real(vocab, batch=2, time=24)
        return ours.double(), reference.double(), batch

    monkeypatch.setattr(bert, "pair", pair)


@pytest.mark.parametrize("row", [bert.bert_step_8k, bert.bert_step_30k])
def test_a_step_moves_both_alike(row) -> None:
    """The second loss is that of weights which the first step has changed."""
    case = row()
    ours = [case.ours() for _ in range(2)]
    theirs = [case.peer() for _ in range(2)]
    assert ours[0] != ours[1]
    torch.testing.assert_close(torch.stack(ours), torch.stack(theirs), rtol=1e-9, atol=0)


def test_theirs_is_the_fused_attention_and_sees_the_same_words() -> None:
    ours, reference, batch = bert.pair(8192)
    assert reference.config._attn_implementation == "sdpa"
    given = bert.labelled(ours, batch)
    count = (given["labels"] != -100).sum(1)
    assert count.tolist() == [4, 4]  # 15 % of 24
    hidden = given["labels"] != -100
    assert torch.equal(given["labels"][hidden], batch.signal[hidden])
    assert error(bert.our_loss(ours, batch), bert.their_loss(reference, **given)) < 1e-10
