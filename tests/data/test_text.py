"""Text: what is cleaned away, printed counts, and no article, text or sentence on both sides."""

import bz2
from pathlib import Path

import pytest

from lecturelib.data import registry, text
from lecturelib.data.splits import SPLITS, plain
from lecturelib.data.wikipedia import articles
from tests.data.leakage import disjoint
from tests.requirements import require

NAMESPACE = "http://www.mediawiki.org/xml/export-0.10/"
LONG = "one two three four five six seven eight nine ten eleven twelve"


def dump(folder: Path, *pages: tuple[str, str]) -> Path:
    path = folder / "dump.xml.bz2"
    body = "".join(
        f"<page><title>{title}</title><ns>0</ns><id>{n}</id>"
        f"<revision><text>{body}</text></revision></page>"
        for n, (title, body) in enumerate(pages)
    )
    path.write_bytes(bz2.compress(f'<mediawiki xmlns="{NAMESPACE}">{body}</mediawiki>'.encode()))
    return path


def test_what_remains_of_an_article(tmp_path: Path) -> None:
    markup = f"""{{{{Infobox|{LONG}}}}}
'''Bold''' [[link|word]] {LONG} ( ; ).&lt;ref&gt;{LONG}&lt;/ref&gt;
* bullet {LONG}
too short
{LONG} ааааааааа
{{|
| {LONG} cell
{{|
| {LONG} inner
|}}
| {LONG} after
|}}
== Heading ==
* bullet {LONG}
== See also ==
{LONG} tail"""
    path = dump(
        tmp_path, ("A", markup), ("B", f"#REDIRECT {LONG}"), ("C", f"bullet {LONG}\nmore {LONG}")
    )
    assert articles(path) == {
        "A": [f"Bold word {LONG}.", f"bullet {LONG}"],
        "C": [f"more {LONG}"],
    }


def paragraphs(split: str) -> set[str]:
    return {plain(p) for article in text.wikipedia(split) for p in article.paragraphs}


def test_wikipedia_has_its_measured_size_and_shares_nothing() -> None:
    parts = [text.wikipedia(split) for split in SPLITS]
    assert [len(part) for part in parts] == [86, 10, 10]
    assert len({a.title for part in parts for a in part}) == 106
    words = sum(len(p.split()) for part in parts for a in part for p in a.paragraphs)
    assert words == pytest.approx(427_000, rel=0.01)  # an earlier study of this dump: 427 k
    train, validation, test = (paragraphs(split) for split in SPLITS)
    assert disjoint([train, validation, test])


def shingles(paragraph: str) -> set[tuple[str, ...]]:
    words = plain(paragraph).split()
    return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}


def test_wikipedia_test_paragraphs_have_no_near_twin_in_train() -> None:
    train = {s for p in paragraphs("train") | paragraphs("validation") for s in shingles(p)}
    for paragraph in paragraphs("test"):
        own = shingles(paragraph)
        assert len(own & train) <= len(own) / 2, paragraph


@pytest.mark.parametrize(("name", "count"), [("wordsim353", 353), ("simlex999", 999)])
def test_similarity(name: str, count: int) -> None:
    pairs = text.similarity(name)
    assert len(pairs) == count
    assert all(0 <= pair.score <= 10 for pair in pairs)
    printed = {"wordsim353": ("tiger", "cat", 7.35), "simlex999": ("old", "new", 1.58)}
    assert printed[name] in [pair[:3] for pair in pairs]
    with pytest.raises(ValueError, match="name='men': choose wordsim353 or simlex999"):
        text.similarity("men")


def available(name: str) -> None:
    require("mirror", registry.find(name) is not None, f"{name} is not in the cache or mirror")


def test_real_sms_is_the_study_s() -> None:
    available("sms")
    parts = [text.sms(split) for split in SPLITS]
    assert [len(part) for part in parts] == [3_103, 500, 1_500]
    every = [message for part in parts for message in part]
    assert len({plain(m.text) for m in every}) == 5_103  # printed in the study: 5,103 of 5,572
    spam = sum(m.label == "spam" for m in every) / len(every)
    assert round(100 * spam, 1) == 11.8  # printed there, too
    assert {m.label for m in every} == {"ham", "spam"}


def test_real_brown_shares_no_sentence() -> None:
    available("brown")
    parts = [text.brown(split) for split in SPLITS]
    keys = [{plain(" ".join(s.words)) for s in part} for part in parts]
    assert disjoint(keys)
    share = [sum(len(s.words) for s in part) / 1_161_192 for part in parts]
    assert share == pytest.approx([0.8, 0.1, 0.1], abs=0.015)  # 400, 50 and 50 texts, alike long
    tokens = sum(len(s.words) for part in parts for s in part)
    assert 1_140_000 < tokens < 1_161_192  # Francis and Kucera; what two splits share is out
    assert all(len(s.words) == len(s.tags) for part in parts for s in part)
    start = ("The", "Fulton", "County", "Grand", "Jury")
    tags = [s.tags[:5] for part in parts for s in part if s.words[:5] == start]
    assert ("at", "np-tl", "nn-tl", "jj-tl", "nn-tl") in tags


def test_real_xquad_is_split_by_article_and_parallel() -> None:
    available("xquad.en")
    available("xquad.de")
    english, german = ([text.xquad(lang, s) for s in SPLITS] for lang in ("en", "de"))
    titles = [{q.title for q in part} for part in english]
    assert [len(t) for t in titles] == [32, 4, 12]
    assert len(set.union(*titles)) == 48
    assert sum(len(part) for part in english) == 1_190
    contexts = [{q.context for q in part} for part in english]
    assert len(set.union(*contexts)) == sum(len(c) for c in contexts) == 240
    for ours, theirs in zip(english, german, strict=True):
        assert [q.title for q in ours] == [q.title for q in theirs]
        for q in (*ours, *theirs):
            assert q.context[q.start : q.start + len(q.answer)] == q.answer
    assert (english[0][0].language, german[0][0].language) == ("en", "de")


STAND_IN = ", from English Wikipedia in an installed package, a stand-in (LECTURELIB_OFFLINE=1)"


def test_stand_ins_without_network(offline: Path, capsys: pytest.CaptureFixture) -> None:
    brown = {s: text.brown(s) for s in SPLITS}
    sms = {s: text.sms(s) for s in SPLITS}
    xquad = {s: text.xquad("de", s) for s in SPLITS}
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert all(line.endswith(STAND_IN) for line in lines)
    for parts, key in (
        (brown, lambda s: plain(" ".join(s.words))),
        (sms, lambda m: plain(m.text)),
        (xquad, lambda q: q.title),
    ):
        a, b, c = ({key(example) for example in parts[s]} for s in SPLITS)
        assert disjoint([a, b, c])
    pairs = [pair for s in brown["test"] for pair in zip(s.words, s.tags, strict=True)]
    assert {("the", "lower"), ("The", "capitalised"), (",", "punctuation")} <= set(pairs)
    assert all(word[0].isdigit() == (tag == "number") for word, tag in pairs)
    assert len({m.label for s in SPLITS for m in sms[s]}) == 2
    for q in xquad["train"]:
        assert q.language == "en"
        assert "____" in q.question
        assert q.answer == q.title == q.context[q.start : q.start + len(q.title)]
        assert q.title not in q.question
    assert not offline.exists()


def test_a_language_that_is_not_kept() -> None:
    with pytest.raises(ValueError, match="language='fr': xquad is kept in en and de"):
        text.xquad("fr", "train")


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(ValueError, match="split='dev'"):
        text.brown("dev")
