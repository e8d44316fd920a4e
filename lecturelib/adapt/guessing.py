"""Answers without a model: what a span head has to beat."""

import re
from collections.abc import Sequence

import torch
from torch import Generator

from lecturelib.adapt.retrieval import closeness, tfidf
from lecturelib.data.text import Question, sentences

PART = r"(?:[A-Z][\w'.-]*|\d[\d.,%]*)"
NAME = re.compile(rf"{PART}(?:(?: (?:of|and|the))* {PART})*")


def random_spans(questions: Sequence[Question], rng: Generator, words: int = 3) -> list[str]:
    """A few words in a row, from anywhere in the paragraph."""
    found = []
    for question in questions:
        said = question.context.split()
        start = int(torch.randint(max(1, len(said) - words + 1), (), generator=rng))
        found.append(" ".join(said[start : start + words]))
    return found


def likely_names(questions: Sequence[Question]) -> list[str]:
    """The longest name or number, not said in the question, of the sentence most like it (TF-IDF).

    The sentence itself where it has none.
    """
    return [likely_name(question) for question in questions]


def likely_name(question: Question) -> str:
    """One question's guess."""
    lines = [line for line in sentences(question.context) if re.search(r"\w\w", line)]
    best = lines[int(closeness(tfidf(lines), [question.question], lines).argmax())]
    names = [name for name in NAME.findall(best) if name not in question.question]
    return max(names, key=len, default=best)
