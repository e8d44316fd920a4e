"""Our paraphrases share no content word with their paragraph, and each is about a named one."""

import pytest

from lecturelib.adapt.retrieval import shared_words
from lecturelib.data import text
from lecturelib.data.paraphrases import PARAPHRASES, in_other_words
from lecturelib.data.text import Question
from tests.requirements import require


@pytest.fixture(scope="module")
def xquad() -> list[Question]:
    asked = text.xquad("en", "test")
    require("mirror", asked[0].source != text.STAND_IN, "XQuAD is not here")
    return asked


def test_each_is_about_one_paragraph_and_shares_no_content_word_with_it(xquad) -> None:
    ours = in_other_words(xquad)
    assert len(ours) == len(PARAPHRASES) == len({q.context for q in ours}) == 35
    for question, (title, answer, asked) in zip(ours, PARAPHRASES, strict=True):
        assert (question.title, question.question) == (title, asked)
        assert question.context[question.start :].startswith(answer)
        assert shared_words(asked, question.context) == set()


def test_their_answers_name_one_paragraph_only(xquad) -> None:
    """An article may give the same answer to two paragraphs: then the key would be unclear."""
    for title, answer, _ in PARAPHRASES:
        assert len({q.context for q in xquad if (q.title, q.answer) == (title, answer)}) == 1


def test_the_original_questions_do_share_words(xquad) -> None:
    shared = [bool(shared_words(q.question, q.context)) for q in xquad]
    assert sum(shared) / len(shared) > 0.95


def test_without_xquad_there_are_none() -> None:
    other = Question("Who?", "Nobody knows.", "Nobody", 0, "Elsewhere", "en", "here")
    assert in_other_words([other]) == []
