"""Text data sets -> typed examples; splits are fixed, by article or file where there is one."""

import csv
import json
import re
import tarfile
import zipfile
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple, TypeVar

from lecturelib.data import registry
from lecturelib.data.splits import SPLITS, check_split, plain, shuffled
from lecturelib.data.wikipedia import articles

Example = TypeVar("Example")


class Article(NamedTuple):
    """A Wikipedia article as plain paragraphs."""

    title: str
    paragraphs: tuple[str, ...]
    source: str


class Sentence(NamedTuple):
    """Words with a tag each: the Brown corpus's parts of speech, or surface classes (stand-in)."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    source: str


class Message(NamedTuple):
    """A short text with a label: "ham" or "spam", "negative" or "positive", or the title of its
    article (stand-in)."""

    text: str
    label: str
    source: str


class Question(NamedTuple):
    """A question whose answer is context[start : start + len(answer)]."""

    question: str
    context: str
    answer: str
    start: int
    title: str
    language: str
    source: str


class Pair(NamedTuple):
    """Two words and how alike people find them, 0-10."""

    first: str
    second: str
    score: float
    source: str


def wikipedia(split: str) -> list[Article]:
    """About 100 English articles, cleaned (see `wikipedia.py`); 80/10/10 by article. Offline."""
    check_split(split)
    path = registry.fetch("wikipedia")
    found = [Article(title, tuple(lines), registry.origin(path)) for title, lines in _wiki(split)]
    registry.report(f"wikipedia {split}: {len(found)} articles", registry.origin(path))
    return found


def similarity(name: str) -> list[Pair]:
    """Word pairs with human judgements: "wordsim353" (related) or "simlex999" (alike). Offline."""
    if name not in ("wordsim353", "simlex999"):
        raise ValueError(f"name={name!r}: choose wordsim353 or simlex999")
    path = registry.fetch(name)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    rows = csv.reader(lines, delimiter="\t")
    found = [Pair(a, b, float(score), registry.origin(path)) for a, b, score in rows]
    registry.report(f"{name}: {len(found)} word pairs", registry.origin(path))
    return found


def brown(split: str) -> list[Sentence]:
    """The Brown corpus, tagged: 500 texts of 1961; 80/10/10 by text, no sentence in two splits.

    For probes and measurements only: its licence is non-commercial. Without network: Wikipedia
    sentences whose tags are surface classes (capitalised, lower, number, punctuation).
    """
    return _load("brown", "brown", split, _brown, _brown_stand_in)


def sms(split: str) -> list[Message]:
    """Text messages, ham or spam; near-equal ones once: 5,103 of 5,572, test 1,500, validation 500.

    Near-equal: the same but for case, digits and punctuation. Without network: paragraphs of two
    Wikipedia articles; the label is the article's title.
    """
    return _load("sms", "sms", split, _sms, _sms_stand_in)


def sentiment(split: str) -> list[Message]:
    """Sentences of film reviews, negative or positive; test 2,000, validation 500.

    The mean of about 20 people's ratings from -4 to 4; those between -1 and 1 are left out, and
    near-equal ones kept once. Without network: paragraphs of two Wikipedia articles, as in `sms`.
    """
    return _load("sentiment", "sentiment", split, _sentiment, _sms_stand_in)


def xquad(language: str, split: str) -> list[Question]:
    """Questions on paragraphs, language "en" or "de"; 32/4/12 by article, the same in both.

    Without network, for either language: the first sentence of an English Wikipedia article with
    the title blanked, and the title as the answer.
    """
    if language not in ("en", "de"):
        raise ValueError(f"language={language!r}: xquad is kept in en and de")
    return _load(f"xquad.{language}", f"xquad {language}", split, _xquad, _xquad_stand_in)


def _load(
    card: str,
    name: str,
    split: str,
    read: Callable[[Path, str, str], list[Example]],
    stand_in: Callable[[str], list[Example]],
) -> list[Example]:
    check_split(split)
    try:
        path = registry.fetch(card)
    except registry.Unavailable as error:
        found = stand_in(split)
        registry.report(f"{name} {split}: {len(found):,} examples", STAND_IN, error.why)
        return found
    source = registry.origin(path)
    found = read(path, split, source)
    registry.report(f"{name} {split}: {len(found):,} examples", source)
    return found


STAND_IN = "English Wikipedia in an installed package"


def _wiki(split: str) -> list[tuple[str, list[str]]]:
    every = list(articles(registry.fetch("wikipedia")).items())
    tenth = len(every) // 10
    return shuffled(every, len(every) - 2 * tenth, tenth)[split]


def _brown(path: Path, split: str, source: str) -> list[Sentence]:
    with zipfile.ZipFile(path) as archive:
        names = sorted(n for n in archive.namelist() if re.fullmatch(r"brown/c[a-r]\d\d", n))
        parts = shuffled(names, 400, 50)
        texts = {s: [archive.read(n).decode() for n in parts[s]] for s in SPLITS}
    lines = {s: [line for text in texts[s] for line in text.splitlines()] for s in SPLITS}
    tagged = {s: [_tagged(line, source) for line in lines[s] if line.strip()] for s in SPLITS}
    return _unshared(tagged, split)


def _tagged(line: str, source: str) -> Sentence:
    pairs = [token.rpartition("/") for token in line.split()]
    return Sentence(tuple(w for w, _, _ in pairs), tuple(t for _, _, t in pairs), source)


def _brown_stand_in(split: str) -> list[Sentence]:
    return _unshared({s: _surface_tagged(_wiki(s)) for s in SPLITS}, split)


def _surface_tagged(pages: list[tuple[str, list[str]]]) -> list[Sentence]:
    lines = [line for _, paragraphs in pages for p in paragraphs for line in sentences(p)]
    words = [tuple(re.findall(r"\w+|[^\w\s]", line)) for line in lines]
    return [Sentence(w, tuple(map(_surface, w)), STAND_IN) for w in words]


def _surface(word: str) -> str:
    if not word[0].isalnum():
        return "punctuation"
    return "number" if word[0].isdigit() else "capitalised" if word[0].isupper() else "lower"


def sentences(paragraph: str) -> list[str]:
    """A paragraph cut at . ! ? before a capital letter; "Dr. Who" is cut, too."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", paragraph)


def _sms(path: Path, split: str, source: str) -> list[Message]:
    rows = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines()]
    first = {plain(text): Message(text, label, source) for label, text in reversed(rows)}
    kept = list(reversed(first.values()))
    return shuffled(kept, len(kept) - 2_000, 500)[split]


def _sentiment(path: Path, split: str, source: str) -> list[Message]:
    with tarfile.open(path) as outer, tarfile.open(fileobj=_member(outer, "2014.tar.gz")) as inner:
        lines = _member(inner, "/movieReviewSnippets_GroundTruth.txt").read().decode("utf-8")
    rows = [line.split("\t", 2) for line in lines.splitlines()]
    said = [(text, float(rating)) for _, rating, text in rows if abs(float(rating)) >= 1]
    kinds = ("negative", "positive")
    first = {plain(text): Message(text, kinds[rating > 0], source) for text, rating in said[::-1]}
    kept = list(first.values())[::-1]
    return shuffled(kept, len(kept) - 2_500, 500)[split]


def _member(archive: tarfile.TarFile, end: str) -> BufferedReader:
    """The one file of an archive whose name ends so."""
    (name,) = (name for name in archive.getnames() if name.endswith(end))
    found = archive.extractfile(name)
    assert isinstance(found, BufferedReader)
    return found


def _sms_stand_in(split: str) -> list[Message]:
    every = articles(registry.fetch("wikipedia"))
    titles = sorted(every, key=lambda title: len(every[title]))[-2:]
    texts = [Message(line, title, STAND_IN) for title in titles for line in every[title]]
    return shuffled(texts, len(texts) * 6 // 10, len(texts) // 10)[split]


def _xquad(path: Path, split: str, source: str) -> list[Question]:
    topics = shuffled(json.loads(path.read_text("utf-8"))["data"], 32, 4)[split]
    return [
        Question(
            qa["question"],
            paragraph["context"],
            qa["answers"][0]["text"],
            qa["answers"][0]["answer_start"],
            topic["title"],
            path.name.split(".")[1],
            source,
        )
        for topic in topics
        for paragraph in topic["paragraphs"]
        for qa in paragraph["qas"]
    ]


def _xquad_stand_in(split: str) -> list[Question]:
    found = []
    for title, paragraphs in _wiki(split):
        context = paragraphs[0]
        sentence = sentences(context)[0]
        if (start := sentence.find(title)) >= 0:
            question = sentence.replace(title, "____")
            found.append(Question(question, context, title, start, title, "en", STAND_IN))
    return found


def _unshared(parts: dict[str, list[Sentence]], split: str) -> list[Sentence]:
    """The sentences of `split` that no later split holds: test keeps all, train gives way."""
    later = SPLITS[SPLITS.index(split) + 1 :]
    taken = {plain(" ".join(sentence.words)) for s in later for sentence in parts[s]}
    return [s for s in parts[split] if plain(" ".join(s.words)) not in taken]
