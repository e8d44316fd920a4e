"""Teacher forcing: the sum of -log p over real tokens, as a plain loop writes it."""

import pytest
import torch

from lecturelib.data.batch import Batch
from lecturelib.data.numbers import BEGIN, spell_out
from lecturelib.objectives.translation import Translation
from lecturelib.recipes import numbers_model

RNG = torch.Generator()


@pytest.fixture
def objective() -> Translation:
    torch.manual_seed(0)
    return Translation(numbers_model(dim=16, heads=2, depth=1).double(), begin=BEGIN)


def by_hand(objective: Translation, batch: Batch) -> tuple[float, list[bool]]:
    """One example at a time, one token at a time, with the cache: no padding, no mask."""
    total, right = 0.0, []
    for row in range(len(batch)):
        source = batch.signal[row : row + 1, ~batch.is_pad[row]]
        cache, last = objective.model.read(source), BEGIN
        for wanted in batch.labels[row][~batch.is_label_pad[row]].tolist():
            scores, cache = objective.model.write(torch.tensor([[last]]), cache)
            total -= scores.log_softmax(-1)[0, wanted].item()
            right.append(scores.argmax().item() == wanted)
            last = wanted
    return total, right


def test_equals_a_plain_loop_over_unpadded_tokens(objective: Translation) -> None:
    batch = spell_out([4, 987, 56])
    total, parts, count = objective(batch, RNG)
    expected, right = by_hand(objective, batch)
    assert count == len(right) == 2 * (2 + 4 + 3)
    assert total.item() == pytest.approx(expected, abs=1e-9)
    assert parts["signs_right"].item() == pytest.approx(sum(right) / len(right))


def test_what_stands_in_the_filler_changes_nothing(objective: Translation) -> None:
    batch = spell_out([4, 987])
    other = batch.labels.masked_fill(batch.is_label_pad, 5)
    changed = Batch(batch.signal, batch.is_pad, other, batch.is_label_pad)
    before, _, counted = objective(batch, RNG)
    after, _, count = objective(changed, RNG)
    assert after.item() == pytest.approx(before.item(), abs=1e-12)
    assert count == counted


def test_an_answer_is_right_when_all_of_its_signs_are(objective: Translation) -> None:
    """A model that always says 7: of 77 it gets two signs of three, of 7 alone none twice over."""
    with torch.no_grad():
        objective.model.predict.weight.zero_()
        objective.model.predict.bias.copy_(torch.eye(12)[7])
    label = torch.tensor([[7, 7, 7], [7, 3, 7], [7, 3, 3]])
    is_pad = torch.tensor([[False, False, False], [False, False, False], [False, True, True]])
    parts = objective(Batch(torch.zeros(3, 2).long(), None, label, is_pad), RNG).parts
    assert parts["signs_right"].item() == pytest.approx(6 / 7)
    assert parts["answers_right"].item() == pytest.approx(2 / 3)


def test_without_label_padding_every_token_counts(objective: Translation) -> None:
    batch = Batch(torch.zeros(2, 3).long(), None, torch.tensor([[1, 2], [3, 4]]))
    assert objective(batch, RNG).count == 4


def test_bad_labels_are_named(objective: Translation) -> None:
    signal = torch.zeros(1, 3).long()
    with pytest.raises(ValueError, match=r"label 12 is outside 0\.\.11: use one vocabulary"):
        objective(Batch(signal, None, torch.tensor([[1, 12]])), RNG)
    with pytest.raises(ValueError, match="no labels"):
        objective(Batch(signal, None, None), RNG)
