"""Left to right: nothing from the right arrives, and the loss is that of a plain loop."""

import torch
import torch.nn.functional as F

from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.objectives.next_word import NextWord
from lecturelib.recipes import bert
from tests.oracle import error

LINES = ["the old king likes apples", "a queen played the piano in winter and in spring"]
PIECES = train_wordpieces(LINES, 60)


def objective() -> NextWord:
    torch.manual_seed(0)
    return NextWord(bert("tiny", vocab=len(PIECES)), PIECES).double().eval()


def test_no_position_hears_of_a_later_one() -> None:
    ours = objective()
    ids = torch.tensor([PIECES.ids(LINES[1])])
    changed = ids.clone()
    changed[0, 4] = PIECES.ids("king")[0]
    before, after = ours.model(ids), ours.model(changed)
    assert torch.equal(before[:, :4], after[:, :4])
    assert error(before[:, 4:], after[:, 4:]) > 1e-3
    trace = ours.model.encoder.trace(ours.model.frontend(ids))
    assert error(trace.context, before) < 1e-12
    assert all(weights.triu(1).abs().max() == 0 for weights in trace.weights)


def test_the_loss_by_a_plain_loop() -> None:
    ours = objective()
    batch = PIECES.batch(PIECES.encode(LINES, length=64))
    total, parts, count = ours(batch, torch.Generator())
    want, right, places = 0.0, 0, 0
    for row, text in enumerate(LINES):
        ids = [PIECES.cls, *PIECES.ids(text)]
        for place in range(len(ids) - 1):
            alone = torch.tensor([ids[: place + 1]])
            logits = ours.words(ours.model(alone)[0, -1])
            want += F.cross_entropy(logits, torch.tensor(ids[place + 1]))
            right += int(logits.argmax()) == ids[place + 1]
            places += 1
        assert batch.signal[row, len(ids)] == PIECES.sep  # read, not guessed
    assert count == places
    assert error(total, want) < 1e-10
    assert parts["words_right"].item() == float(torch.tensor(right / places))
