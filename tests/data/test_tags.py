"""Brown's tags put together: known ones by hand, and every tag of the corpus finds its place."""

import pytest

from lecturelib.data import text
from lecturelib.data.tags import GATHERED, SIMPLE, SURFACE, simple, simplified
from lecturelib.data.text import Sentence


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("nn", "NOUN"),
        ("nns$", "NOUN"),
        ("nn-tl-hl", "NOUN"),
        ("np$-tl", "NAME"),
        ("jjr", "ADJ"),
        ("*", "ADV"),
        ("ap", "DET"),
        ("pp$", "PRON"),
        ("pp$$", "PRON"),
        ("ppss+md", "PRON"),
        ("in+at-t", "PREP"),
        ("cs", "CONJ"),
        ("to", "PART"),
        ("md*", "MODAL"),
        ("ber", "VB"),
        ("bedz*", "VBD"),
        ("vbg+to", "VBG"),
        ("hvn", "VBN"),
        ("doz*", "VBZ"),
        ("--", "PUNCT"),
        ("---hl", "PUNCT"),
        (".-hl", "PUNCT"),
        ("fw-nn", "OTHER"),
        ("punctuation", "punctuation"),
    ],
)
def test_a_tag_is_gathered(tag, expected):
    assert simple(tag) == expected


def test_no_tag_is_gathered_twice():
    assert len(GATHERED) == sum(len(tags.split()) for tags in SIMPLE.values()) + len(SURFACE)
    assert len(SIMPLE) == 18


def test_an_unknown_tag_is_named():
    with pytest.raises(ValueError, match="tag 'verb' is not one of Brown's"):
        simple("verb")


def test_every_tag_of_the_corpus_has_a_place():
    found = {simple(tag) for sentence in text.brown("validation") for tag in sentence.tags}
    assert found in (set(SIMPLE), set(SURFACE))  # the corpus, or its stand-in


def test_a_sentence_by_hand():
    sentence = Sentence(("I'll", "play"), ("ppss+md", "vb"), "a test")
    assert simplified(sentence).tags == ("PRON", "VB")
