"""The exam-style questions of a notebook: what is asked, and the folded answer's key points."""

import re
from dataclasses import dataclass

FOLDED = re.compile(
    r"\n?<details><summary>(?:Answer|What a full answer has)</summary>(.*?)</details>", re.DOTALL
)
SENTENCE = re.compile(r"(?<=[.;?!])\s+(?=[^\s(])")


@dataclass(frozen=True)
class Question:
    """One question; key_points are its answer's sentences, in order."""

    asked: str
    key_points: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A piece of a markdown cell: prose that ends in a question or not."""

    prose: str
    question: Question | None


def split(source: str) -> list[Text]:
    """A markdown cell cut behind each folded answer; the answers are taken out of the prose."""
    pieces, start = [], 0
    for match in FOLDED.finditer(source):
        prose = source[start : match.start()].strip()
        points = tuple(SENTENCE.split(match.group(1).strip()))
        pieces.append(Text(prose, Question(prose[prose.rfind("\n**") + 1 :], points)))
        start = match.end()
    rest = source[start:].strip()
    return [*pieces, Text(rest, None)] if rest or not pieces else pieces
