"""Two sentences at once: does the second follow the first, and does it answer the question?

The first is BERT's own second task (Devlin 2019, Section 3.1), the second is built like QNLI
(Section 4.1; Wang et al. 2018): a question and a sentence of its paragraph.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from sklearn.metrics import balanced_accuracy_score
from torch import Generator, Tensor

from lecturelib.data.batch import Batch
from lecturelib.data.text import Question, sentences
from lecturelib.data.tokenizers import WordPieces
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.shapes import Features, Labels


class AnswerPair(NamedTuple):
    """A question, a sentence of its paragraph, and 1 where the answer stands in it."""

    question: str
    sentence: str
    label: int
    title: str


def answer_pairs(questions: Sequence[Question], rng: Generator) -> list[AnswerPair]:
    """Two pairs a question: the sentence with the answer, and a random other one of the paragraph.

    So half of the labels are 1: chance is 0.5. A sentence that says the answer by accident is no
    negative. Left out: questions whose answer runs over a sentence's end (the splitter cuts at
    "Dr. Who"), and those whose paragraph has no other sentence.
    """
    found = []
    for asked in questions:
        lines, end = placed(asked.context), asked.start + len(asked.answer)
        right = [line for at, line in lines if at <= asked.start and end <= at + len(line)]
        wrong = [line for _, line in lines if asked.answer.lower() not in line.lower()]
        if not right or not wrong:
            continue
        other = wrong[int(torch.randint(len(wrong), (), generator=rng))]
        found += [
            AnswerPair(asked.question, line, label, asked.title)
            for line, label in ((right[0], 1), (other, 0))
        ]
    if not found:
        raise ValueError(f"none of {len(questions)} questions gives a pair: give longer paragraphs")
    return found


def placed(paragraph: str) -> list[tuple[int, str]]:
    """The sentences of a paragraph, each with the place where it begins."""
    lines, at = [], 0
    for line in sentences(paragraph):
        at = paragraph.index(line, at)
        lines.append((at, line))
        at += len(line)
    return lines


def overlap(first: Sequence[str], second: Sequence[str]) -> Float[Tensor, "pairs 1"]:
    """The baseline that reads nothing: which share of the first text's words is in the second?

    Words like "the" do not count.
    """
    shares = [
        len(content(one) & content(other)) / max(1, len(content(one)))
        for one, other in zip(first, second, strict=True)
    ]
    return torch.tensor(shares)[:, None]


def content(text: str) -> set[str]:
    """The words of a text that are about something."""
    return set(re.findall(r"\w+", text.lower())) - ENGLISH_STOP_WORDS


def compared(first: Features, second: Features) -> Float[Tensor, "batch four_dim"]:
    """Two vectors, seen from both sides: [u, v, |u - v|, u v] (InferSent, Conneau et al. 2017)."""
    return torch.cat([first, second, (first - second).abs(), first * second], dim=1)


def pair_vectors(
    pairs: Sequence[AnswerPair], read: Callable[[list[str]], Features]
) -> Float[Tensor, "pairs four_dim"]:
    """Question and sentence read apart from one another, each text once, then compared."""
    texts = sorted({text for pair in pairs for text in (pair.question, pair.sentence)})
    vectors, place = read(texts), {text: row for row, text in enumerate(texts)}
    first = vectors[[place[pair.question] for pair in pairs]]
    return compared(first, vectors[[place[pair.sentence] for pair in pairs]])


def both_texts(batch: Batch, pieces: WordPieces) -> tuple[list[str], list[str]]:
    """The first and the second texts of `data.sentences.pairs`, to read and to count words in."""
    assert batch.is_pad is not None
    assert batch.segment is not None
    rows = zip(batch.signal, ~batch.is_pad, batch.segment == 1, strict=True)
    parts = [(ids[real & ~second], ids[real & second]) for ids, real, second in rows]
    decode = pieces.tokenizer.decode
    return [decode(a.tolist()) for a, _ in parts], [decode(b.tolist()) for _, b in parts]


@torch.no_grad()
def follows(objective: MaskedLM, batch: Batch) -> Labels:
    """BERT's guess for each pair: 0 the second text follows, 1 it is random."""
    if objective.next is None:
        raise ValueError("this BERT was trained without next sentences: use next_sentence=True")
    objective.eval()
    context = objective.model(batch.signal, batch.segment, is_pad=batch.is_pad)
    return objective.next(context).argmax(-1)


def next_sentence_accuracy(objective: MaskedLM, batch: Batch) -> float:
    """Balanced accuracy on pairs of `data.sentences.pairs`: chance is 0.5, and so is one answer
    for all, however many of the pairs follow."""
    return float(balanced_accuracy_score(batch.labels, follows(objective, batch)))
