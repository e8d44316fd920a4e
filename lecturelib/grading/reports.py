"""A marked submission as text, JSON and CSV."""

import csv
import io
import json
import os
import textwrap
from pathlib import Path

from lecturelib.grading.marks import Mark, Question, Report

WIDE = 1000  # characters of one answer or message in the text; JSON has more


def as_text(one: Report) -> str:
    """For a person: a line an exercise, what is wrong below it, then the open questions."""
    if one.problem:
        return f"{one.file}: NOT MARKED, {one.problem}"
    passed = sum(mark.verdict == "passed" for mark in one.marks)
    head = f"{one.file}: {one.points} of {one.of} points, {passed} of {len(one.marks)} passed"
    lines = [f"{head} (seed {one.seed})", *(text for mark in one.marks for text in lines_of(mark))]
    if one.questions:
        lines.append("  open questions, for you to mark:")
        lines += [text for question in one.questions for text in asked(question)]
    return "\n".join(lines)


def lines_of(mark: Mark) -> list[str]:
    """One exercise."""
    head = f"  {mark.points}/{mark.of}  {mark.name}: {mark.verdict}"
    if mark.verdict == "passed":
        return [head]
    first, *more = short(mark.message).splitlines() or [""]
    return [f"{head}: {first}", *(f"         {line}" for line in more)]


def asked(question: Question) -> list[str]:
    """One open question: what was asked and answered, the key points, room for points."""
    answer = short(question.answer) or "(no answer)"
    parts = [f"__/__ {question.name}  {question.asked}", textwrap.indent(answer, "| ")]
    parts += [f"[ ] {point}" for point in question.key_points]
    return [textwrap.indent(part, "    ") for part in parts]


def short(text: str) -> str:
    """Not more of it than a person reads."""
    return text if len(text) <= WIDE else f"{text[:WIDE]} ..."


def as_json(found: list[Report]) -> str:
    """A list, a submission each."""
    return json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False) + "\n"


def as_csv(found: list[Report]) -> str:
    """A row a submission: sums, points by exercise with its verdict, open questions left blank."""
    exercises = list(dict.fromkeys(mark.name for one in found for mark in one.marks))
    questions = sorted({question.name for one in found for question in one.questions})
    head = ["file", "points", "of", "problem"]
    head += [text for name in exercises for text in (name, f"{name} verdict")]
    rows = [[*head, *(f"question {name}" for name in questions)]]
    for one in found:
        marks = {mark.name: (str(mark.points), mark.verdict) for mark in one.marks}
        sums = ["", ""] if one.problem else [str(one.points), str(one.of)]
        row = [one.file, *sums, one.problem]
        row += [text for name in exercises for text in marks.get(name, ("", ""))]
        rows.append([*row, *("" for _ in questions)])
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(rows)
    return table.getvalue()


def can_be_written(path: Path) -> None:
    """Raises ValueError with the remedy where a report could not be written in the end."""
    try:
        part = beside(path)
        part.touch()
        part.unlink()
    except OSError as error:
        raise ValueError(f"{path} cannot be written ({error.strerror}): name another") from error
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name a file in it")


def write(path: Path, text: str) -> None:
    """All of it or nothing."""
    part = beside(path)
    part.write_text(text, encoding="utf8")
    os.replace(part, path)


def beside(path: Path) -> Path:
    """Where a report is written before it is whole."""
    return path.with_name(f"{path.name}.part")
