"""Guesses without a model, on sentences whose answer can be seen."""

import torch

from lecturelib.adapt.guessing import likely_names, random_spans
from lecturelib.data.text import Question

TEXT = (
    "It rains in Bonn. The castle was built by Duke Henry of Saxony near Ulm. Nothing else is here."
)


def asking(question: str, context: str = TEXT) -> Question:
    return Question(question, context, context[:2], 0, "title", "en", "here")


def test_a_random_span_is_three_words_in_a_row() -> None:
    said = random_spans([asking("who?")] * 50, torch.Generator().manual_seed(0))
    assert all(one in TEXT and len(one.split()) == 3 for one in said)
    assert len(set(said)) > 8
    assert random_spans([asking("who?", "one two")], torch.Generator()) == ["one two"]


def test_the_longest_name_of_the_sentence_that_is_most_like_the_question() -> None:
    said = likely_names([asking("who built the castle near Ulm?"), asking("what else is there?")])
    assert said == ["Duke Henry of Saxony", "Nothing"]
    assert likely_names([asking("who?", "He met Ann and the boys.")]) == ["Ann"]


def test_a_name_in_the_question_is_no_answer() -> None:
    assert likely_names([asking("was the castle built by Duke Henry of Saxony?")]) != [
        "Duke Henry of Saxony"
    ]
