"""A fair row: the closed form and autograd move both tables alike."""

import torch

from benchmarks import word2vec
from tests.oracle import error


def test_a_step_moves_both_models_alike(monkeypatch) -> None:
    """Several steps in float64: the second starts from what the first has changed."""
    made = []
    real = word2vec.start

    def doubled():
        model, given = real()
        made.append(model.double())
        return model, given

    monkeypatch.setattr(word2vec, "PAIRS", 64)
    monkeypatch.setattr(word2vec, "start", doubled)
    case = word2vec.word2vec_step()
    before = made[0].inputs.weight.clone()
    for _ in range(3):
        case.ours()
        case.peer()
    ours, theirs = made
    assert not torch.equal(before, ours.inputs.weight)
    assert error(ours.inputs.weight, theirs.inputs.weight) < 1e-12
    assert error(ours.outputs.weight, theirs.outputs.weight) < 1e-12


def test_gensim_gets_the_same_words_in_the_same_order(monkeypatch) -> None:
    said = [["a", "b", "c"] * 5, ["b", "rare", "a"]]
    given: dict = {}
    monkeypatch.setattr(word2vec, "sentences", lambda split: said)
    monkeypatch.setattr(word2vec, "Word2Vec", lambda kept, **rest: given.update(rest, kept=kept))
    monkeypatch.setattr(word2vec, "word2vec", lambda ids, settings, **rest: given.update(ids=ids))
    case = word2vec.word2vec_epoch()
    case.ours()
    case.peer()
    words = {number: word for line, row in zip(given["kept"], given["ids"], strict=True)
             for word, number in zip(line, row, strict=True)}  # fmt: skip
    assert sorted(words.values()) == ["a", "b", "c"]
    assert given["kept"][1] == ["b", "a"]
    assert (given["vector_size"], given["window"], given["negative"]) == (128, 5, 5)
