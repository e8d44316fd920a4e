"""A text's probability is the product of its pieces', one after another; and it is learned."""

from functools import cache

import pytest
import torch

from lecturelib.adapt.language_model import END, log_probability, train_language_model
from lecturelib.objectives.next_word import NextWord
from lecturelib.training.loop import Plan

TEXTS = ["one two three", "one two one", "two two three three"] * 4


@cache
def trained() -> NextWord:
    return train_language_model(TEXTS, Plan(30, lr=3e-3), vocab=60)


def test_log_probability_by_a_plain_loop() -> None:
    model = trained()
    texts = ["one two", "", "three three one two three"]
    for text, ours in zip(texts, log_probability(model, texts).tolist(), strict=True):
        ids, want = [model.pieces.cls, *model.pieces.ids(text + END)], 0.0
        for place in range(1, len(ids)):
            context = model.model(torch.tensor([ids[:place]]))
            want += model.words(context[0, -1]).log_softmax(-1)[ids[place]].item()
        assert ours == pytest.approx(want, abs=1e-4)


def test_it_learns_what_it_read() -> None:
    said, swapped, cut = log_probability(trained(), ["one two one", "two one one", "one two"])
    assert said > swapped + 1
    assert said > cut + 1


def test_an_empty_text_cannot_be_learned_from() -> None:
    with pytest.raises(ValueError, match="0 texts: give at least one"):
        train_language_model([], Plan(1, lr=1e-3))
