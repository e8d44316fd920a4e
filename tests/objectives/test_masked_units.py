"""BERT on units: the loss by hand, and the words of an inventory."""

from functools import partial

import pytest
import torch

from lecturelib.data.batch import Batch
from lecturelib.masking import span_mask
from lecturelib.objectives.masked_units import MaskedUnits, inventory
from lecturelib.quantizers import unit_ids
from lecturelib.recipes import bert
from tests.oracle import error, gradients, padded, randomise, same_gradients

HIDE = partial(span_mask, start_prob=0.05, span=10)  # 40 %: the paper's


def objective(vocab: int = 12) -> MaskedUnits:
    built = MaskedUnits(bert("tiny", vocab=vocab), mask=vocab - 1, hide=HIDE)
    return randomise(built).eval()  # type: ignore[return-value]


def spoken(padding: bool) -> Batch:
    rng = torch.Generator().manual_seed(0)
    ids = torch.randint(10, (3, 30), generator=rng)
    return Batch(ids, padded([30, 21, 14]) if padding else None, None)


@pytest.mark.parametrize("padding", [True, False])
def test_the_loss_is_the_cross_entropy_of_the_hidden_units(padding: bool) -> None:
    ours, batch = objective(), spoken(padding)
    is_pad = batch.is_pad if padding else torch.zeros(3, 30, dtype=torch.bool)
    hidden = HIDE(is_pad, rng=torch.Generator().manual_seed(2))
    seen, want, right, count = batch.signal.clone(), 0.0, 0, 0
    seen[hidden] = 11
    logits = ours.words(ours.model(seen, is_pad=batch.is_pad))
    for row, place in hidden.nonzero().tolist():
        answer = int(batch.signal[row, place])
        odds = logits[row, place].exp()
        want = want - (odds[answer] / odds.sum()).log()
        right, count = right + (int(odds.argmax()) == answer), count + 1
    want.backward()
    grads = {name: grad.clone() for name, grad in gradients(ours).items()}
    ours.zero_grad()
    total, parts, found = ours(batch, torch.Generator().manual_seed(2))
    assert found == count > 10
    assert error(total, want) < 1e-10
    assert float(parts["units_nll"]) == pytest.approx(float(want.detach()) / count)
    assert float(parts["units_right"]) == pytest.approx(right / count)
    total.backward()
    same_gradients(ours, grads)


def test_an_inventory_has_a_word_for_each_unit_in_use() -> None:
    codes = torch.tensor([[[0, 7], [319, 319]], [[0, 7], [1, 0]]])
    heard = inventory(unit_ids(codes, 320))
    assert heard.used.tolist() == [7, 320, 102_399]
    assert heard.words(unit_ids(codes, 320)).tolist() == [[0, 2], [0, 1]]
    assert (heard.unknown, heard.mask, heard.vocab) == (3, 4, 5)
    assert heard.words(torch.tensor([0, 8, 102_398, 102_400])).tolist() == [3, 3, 3, 3]


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="no units, so no words: give at least one clip"):
        inventory(torch.zeros(0, 2, dtype=torch.long))
    never = MaskedUnits(bert("tiny", vocab=12), mask=11, hide=lambda pad, rng: pad & ~pad)
    with pytest.raises(ValueError, match="of 90 units none is hidden: hide more"):
        never(spoken(True), torch.Generator())
