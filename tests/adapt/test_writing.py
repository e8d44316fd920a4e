"""Filling masks at once and in turn, against the model called by hand; the toy learns a little."""

import torch

from lecturelib.adapt.writing import answer_writer, fill_at_once, fill_in_turn
from lecturelib.data.facts import as_batch, asked, facts
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.recipes import bert
from lecturelib.training.loop import Plan, Trainer


def masked() -> tuple[MaskedLM, torch.Tensor]:
    torch.manual_seed(0)
    pieces = train_wordpieces(["the cat sat on the mat and the dog ran"], 40)
    model = MaskedLM(bert("tiny", vocab=len(pieces)), pieces).double().eval()
    ids = torch.tensor([[pieces.cls, 7, pieces.mask, pieces.mask, 9, pieces.mask, pieces.sep]])
    return model, ids


def best(model: MaskedLM, ids: torch.Tensor) -> list[int]:
    return model.words(model.model(ids))[0].argmax(-1).tolist()


def test_all_at_once_is_one_look_at_the_model() -> None:
    model, ids = masked()
    guess = best(model, ids)
    wanted = [guess[n] if n in (2, 3, 5) else i for n, i in enumerate(ids[0].tolist())]
    assert fill_at_once(model, ids)[0].tolist() == wanted


def test_in_turn_is_one_look_for_each_gap() -> None:
    model, ids = masked()
    wanted = ids.clone()
    for place in (2, 3, 5):
        wanted[0, place] = best(model, wanted)[place]
    assert fill_in_turn(model, ids).tolist() == wanted.tolist()
    assert (ids == model.pieces.mask).sum() == 3  # the caller's ids stay


def test_the_writer_learns_from_the_toy() -> None:
    known = as_batch(asked(facts("train")))
    torch.manual_seed(0)
    writer = answer_writer(dim=32, depth=1)
    history = Trainer(
        writer,
        lambda rng: known.rows(torch.randint(len(known), (32,), generator=rng)),
        Plan(60, lr=5e-3),
    ).run()
    _, loss = history.column("loss")
    assert loss[0] > 3  # about log of 49 words
    assert loss[-1] < 1.2
