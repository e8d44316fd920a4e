"""Pairs of sentences: built as a plain search builds them, and scored with chance at one half."""

import pytest
import torch

from lecturelib.adapt.sentence_pairs import (
    answer_pairs,
    both_texts,
    compared,
    follows,
    next_sentence_accuracy,
    overlap,
    pair_vectors,
    placed,
)
from lecturelib.data import text
from lecturelib.data.sentences import documents, pairs
from lecturelib.data.text import Question
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.recipes import bert

PARAGRAPH = "Bats sleep by day. They eat moths at night. The oldest bat was 41. Moths fly at night."


def ask(question: str, answer: str, start: int | None = None) -> Question:
    start = PARAGRAPH.index(answer) if start is None else start
    return Question(question, PARAGRAPH, answer, start, "Bat", "en", "ours")


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_one_sentence_answers_and_the_other_does_not():
    (yes, no) = answer_pairs([ask("How old was it?", "41")], generator())
    assert (yes.label, yes.sentence) == (1, "The oldest bat was 41.")
    assert (no.label, "41" in no.sentence) == (0, False)
    drawn = {answer_pairs([ask("?", "41")], torch.Generator().manual_seed(s))[1] for s in range(30)}
    assert {pair.sentence for pair in drawn} == {
        "Bats sleep by day.", "They eat moths at night.", "Moths fly at night.",
    }  # fmt: skip


def test_the_place_of_the_answer_counts_and_an_accident_is_no_negative():
    asked = ask("When?", "at night", PARAGRAPH.rindex("at night"))
    for seed in range(20):
        yes, no = answer_pairs([asked], torch.Generator().manual_seed(seed))
        assert yes.sentence == "Moths fly at night."
        assert no.sentence in ("Bats sleep by day.", "The oldest bat was 41.")


def test_an_answer_over_two_sentences_or_in_a_single_one_gives_no_pair():
    across = ask("?", "day. They")
    alone = Question("?", "Bats sleep.", "Bats", 0, "Bat", "en", "ours")
    assert len(answer_pairs([across, ask("?", "41")], generator())) == 2
    with pytest.raises(ValueError, match="none of 2 questions gives a pair"):
        answer_pairs([across, alone], generator())


def test_pairs_of_real_questions_against_a_plain_search():
    questions = text.xquad("en", "validation")
    found = answer_pairs(questions, generator())
    assert sum(pair.label for pair in found) * 2 == len(found) > len(questions)
    asked = {q.question: q for q in questions}
    for pair in found:
        q = asked[pair.question]
        begins = [n for n in range(len(q.context)) if q.context.startswith(pair.sentence, n)]
        inside = [
            b <= q.start and q.start + len(q.answer) <= b + len(pair.sentence) for b in begins
        ]
        assert any(inside) == bool(pair.label)


def test_sentences_stand_where_they_are_said_to():
    paragraph = "Yes. Yes. No? Yes."
    assert placed(paragraph) == [(0, "Yes."), (5, "Yes."), (10, "No?"), (14, "Yes.")]


def test_overlap_is_the_share_of_telling_words():
    questions = ["When was the bridge built?", "Who is it?"]
    found = overlap(questions, ["The bridge was built in 1900.", "He is the king."])
    assert found.tolist() == [[1.0], [0.0]]
    assert overlap(["Old bridge"], ["A bridge"]).item() == 0.5


def test_two_vectors_compared_from_both_sides():
    u, v = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, -1.0]])
    assert compared(u, v).tolist() == [[1, 2, 3, -1, 2, 3, 3, -2]]


def nsp() -> tuple[MaskedLM, list]:
    articles = text.wikipedia("validation")[:3]
    pieces = train_wordpieces([line for a in articles for line in a.paragraphs], 400)
    torch.manual_seed(0)
    return MaskedLM(bert("tiny", vocab=len(pieces)), pieces), documents(articles, pieces)


def test_next_sentence_is_scored_by_hand_and_one_answer_for_all_is_chance():
    objective, docs = nsp()
    batch = pairs(docs, objective.pieces, length=32, size=40, rng=generator())
    guess = follows(objective, batch)
    recalls = [(guess[batch.labels == k] == k).float().mean().item() for k in (0, 1)]
    assert next_sentence_accuracy(objective, batch) == pytest.approx(sum(recalls) / 2)
    with torch.no_grad():
        objective.next.follows.bias.copy_(torch.tensor([100.0, 0.0]))
    assert follows(objective, batch).tolist() == [0] * 40
    assert next_sentence_accuracy(objective, batch) == 0.5


def test_the_two_texts_of_a_pair_can_be_read():
    objective, docs = nsp()
    batch = pairs(docs, objective.pieces, length=24, size=4, rng=generator())
    for row, (first, second) in enumerate(zip(*both_texts(batch, objective.pieces), strict=True)):
        line = objective.pieces.words(batch.signal[row][~batch.is_pad[row]])
        assert " ".join(line) == f"[CLS] {first} [SEP] {second} [SEP]"


def test_a_bert_without_next_sentences_says_so():
    objective, docs = nsp()
    batch = pairs(docs, objective.pieces, length=24, size=4, rng=generator())
    without = MaskedLM(objective.model, objective.pieces, next_sentence=False)
    with pytest.raises(ValueError, match="trained without next sentences"):
        follows(without, batch)


def test_each_text_is_read_once_and_pairs_keep_their_order():
    found = answer_pairs([ask("How old?", "41"), ask("What do they eat?", "moths")], generator())
    read = []

    def lengths(texts: list[str]) -> torch.Tensor:
        read.extend(texts)
        return torch.tensor([[float(len(line))] for line in texts])

    vectors = pair_vectors(found, lengths)
    assert len(read) == len(set(read))
    for row, pair in zip(vectors.tolist(), found, strict=True):
        u, v = len(pair.question), len(pair.sentence)
        assert row == [u, v, abs(u - v), u * v]
