"""A fair row: both sides do the same work on the same numbers."""

import torch

from benchmarks import decoding, encoder
from tests.oracle import error


def test_both_encoders_give_the_same_context() -> None:
    ours, reference, x = encoder.pair(2, 9)
    assert reference.config._attn_implementation == "sdpa"
    x = x.double()
    assert error(ours.double()(x), reference.double()(x)[0]) < 1e-10


def test_a_step_moves_both_encoders_alike(monkeypatch) -> None:
    """The second loss is that of weights which the first step has changed."""
    real = encoder.pair

    def doubled():
        ours, reference, x = real(1, 9)
        return ours.double(), reference.double(), x.double()

    monkeypatch.setattr(encoder, "pair", doubled)
    case = encoder.encoder_step()
    ours = [case.ours() for _ in range(2)]
    theirs = [case.peer() for _ in range(2)]
    assert ours[0] != ours[1]
    torch.testing.assert_close(torch.stack(ours), torch.stack(theirs), rtol=1e-9, atol=0)


def test_the_cache_changes_nothing_but_the_time() -> None:
    decoder, tokens, memory = decoding.writer()
    given = decoder.double(), tokens[:2, :5].double(), memory[:2].double()
    assert error(decoding.cached(*given), decoding.uncached(*given)) < 1e-10


def test_attention_is_counted_by_hand() -> None:
    """Two products of [time, head_dim] and [head_dim, time], a multiply and an add each."""
    by_hand = sum(2 * 2 * 8 * 4 * 128 * 128 * 64 for _ in range(4))
    assert encoder.attention_flops() == by_hand
