"""The span head against brute force; answers and their pieces; SQuAD's scores by hand."""

import math

import pytest
import torch
from torch import nn

from lecturelib.adapt.reading import BertReader
from lecturelib.adapt.span import (
    Spans,
    answerable,
    ask,
    best_span,
    exact,
    f1,
    labelled,
    paragraph,
    place,
    score,
)
from lecturelib.data.batch import Batch
from lecturelib.data.text import Question
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.recipes import bert

RNG = torch.Generator()
TEXT = "The river Rhine flows through Bonn, and past 40 castles, to the sea."


def asking(question: str, answer: str, context: str = TEXT) -> Question:
    return Question(question, context, answer, context.index(answer), "Rhine", "en", "here")


QUESTIONS = [
    asking("Where does it flow?", "Bonn"),
    asking("How many castles are on the banks of that river?", "40 castles"),
    asking("What flows?", "river Rhine"),
]


@pytest.fixture
def spans() -> Spans:
    torch.manual_seed(0)
    pieces = train_wordpieces([TEXT, *(q.question for q in QUESTIONS)], 80)
    model = bert("tiny", vocab=len(pieces)).double().eval()
    return Spans(BertReader("tiny", pieces, model, length=64)).double()


@pytest.mark.parametrize("longest", [1, 3, 9])
def test_the_best_span_is_the_one_that_brute_force_finds(longest: int) -> None:
    start, end = torch.randn(2, 20, 9, generator=RNG.manual_seed(0)).double()
    start[:, :2] = end[:, :2] = -math.inf  # a question stands there
    for row, found in enumerate(best_span(start, end, longest).tolist()):
        every = [(a, b) for a in range(9) for b in range(a, min(9, a + longest))]
        wanted = max(every, key=lambda ab: float(start[row, ab[0]] + end[row, ab[1]]))
        assert tuple(found) == wanted


def test_the_loss_is_a_plain_loop_over_the_paragraphs_pieces(spans: Spans) -> None:
    batch = labelled(QUESTIONS, spans.reader)
    total, parts, count = spans(batch, RNG)
    wanted, right = 0.0, []
    for row, question in enumerate(QUESTIONS):
        alone = labelled([question], spans.reader)  # no padding
        context = spans.model(alone.signal, alone.segment, is_pad=None)[0].detach()
        second = [n for n, s in enumerate(ask([question], spans.reader)[0].sequence_ids) if s == 1]
        for side, end in enumerate(batch.labels[row].tolist()):
            weight, bias = spans.head.weight[side].detach(), float(spans.head.bias[side].detach())
            scores = {n: float(context[n] @ weight + bias) for n in second}
            wanted += (math.log(sum(map(math.exp, scores.values()))) - scores[end]) / 2
            right.append(max(scores, key=scores.__getitem__) == end)
    assert total.item() == pytest.approx(wanted, abs=1e-9)
    assert parts["ends_right"].item() == pytest.approx(sum(right) / 6)
    assert count == 3


def test_an_answer_may_stand_in_the_paragraph_only(spans: Spans) -> None:
    encodings = ask(QUESTIONS, spans.reader)
    batch = spans.reader.pieces.batch(encodings)
    for row, one in enumerate(encodings):
        inside = [n == 1 for n in one.sequence_ids]
        assert paragraph(batch)[row, : len(inside)].tolist() == inside
        assert not paragraph(batch)[row, len(inside) :].any()
    with pytest.raises(ValueError, match="no segment"):
        paragraph(Batch(batch.signal, None, None))


def test_the_places_hold_the_answer_and_nothing_else(spans: Spans) -> None:
    for one, question in zip(ask(QUESTIONS, spans.reader), QUESTIONS, strict=True):
        found = place(one, question.start, question.start + len(question.answer))
        assert found is not None
        begin, end = one.offsets[found[0]][0], one.offsets[found[1]][1]
        assert TEXT[begin:end] == question.answer


def test_a_head_that_points_at_the_labels_gives_the_answers_back(spans: Spans, monkeypatch) -> None:
    where = labelled(QUESTIONS, spans.reader).labels

    def sure(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        start, end = nn.functional.one_hot(where, batch.signal.shape[1]).float().unbind(1)
        return start, end

    monkeypatch.setattr(spans, "scores", sure)
    said = spans.answers(QUESTIONS)
    assert said == ["Bonn", "40 castles", "river Rhine"]
    assert score(said, QUESTIONS) == {"exact": 100.0, "f1": 100.0}


def test_an_answer_that_is_cut_away_is_dropped_from_training(spans: Spans) -> None:
    long = asking("Where to?", "the sea", "word " * 70 + "the sea")
    split = asking("What?", "a b c", "x " * 40 + "a b c")
    kept = answerable([QUESTIONS[0], long], spans.reader)
    assert kept == [QUESTIONS[0]]
    with pytest.raises(ValueError, match=r"1 answers are not among 64 pieces, .* 'Where to\?'"):
        labelled([long], spans.reader)
    short = BertReader("tiny", spans.reader.pieces, spans.reader.model, length=48)
    assert answerable([split], short) == []
    assert len(spans.answers([long])) == 1  # it is read up to the cut


def test_no_overlap_with_any_piece_has_no_place(spans: Spans) -> None:
    (one,) = ask([asking("What?", "sea.", "Go  to sea.")], spans.reader)
    assert place(one, 2, 3) is None  # a blank
    assert place(one, 50, 60) is None  # behind the text


def test_an_empty_question_is_refused(spans: Spans) -> None:
    with pytest.raises(ValueError, match=r"texts \[0\] are empty"):
        ask([asking(" ", "Bonn")], spans.reader)
    with pytest.raises(ValueError, match="longest=0"):
        best_span(torch.zeros(1, 2), torch.zeros(1, 2), 0)


@pytest.mark.parametrize(
    ("said", "true", "same", "points"),
    [
        ("The Rhine.", "rhine", True, 1.0),
        ("river Rhine", "the Rhine", False, 2 / 3),
        ("Rhine river", "river Rhine", False, 1.0),
        ("Bonn", "Rhine", False, 0.0),
        ("the", "a", True, 1.0),
        ("a a b", "a b b", True, 2 * 1 / 3),  # "a" is an article: b against b b
        ("", "x", False, 0.0),
    ],
)
def test_squads_scores_by_hand(said: str, true: str, same: bool, points: float) -> None:
    assert f1(said, true) == pytest.approx(points)
    assert exact(said, true) == (same and points == 1.0)
