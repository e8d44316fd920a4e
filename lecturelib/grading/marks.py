"""Verdicts and points for one submission. No submitted code runs here."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lecturelib.exercises import PUBLIC, Exercise, Failed, judge, of_notebook
from lecturelib.exercises.marks import MARKS
from lecturelib.exercises.questions import Question as Asked
from lecturelib.grading.submission import Answer, Submission, read
from lecturelib.grading.watch import Limits, Worker

TOLD = {
    "copied": "uses the library's own solution",
    "missing": "no cell in the notebook answers it",
    "unknown": "the library has no exercise of this name",
}


Rubric = dict[str, Asked]  # NN-k -> what is asked, and the key points


@dataclass(frozen=True)
class How:
    """The same for a whole class. rubric: names of questions -> what is known about them."""

    seed: int
    limits: Limits
    rubric: Callable[[set[str]], Rubric] = lambda names: {}


@dataclass(frozen=True)
class Mark:
    """One exercise. verdict: passed, wrong, not written, missing, error, too slow, too much memory,
    crashed, copied or unknown."""

    name: str
    verdict: str
    points: int
    of: int
    message: str


@dataclass(frozen=True)
class Question:
    """An open question, for the tutor: the points are left blank."""

    name: str
    asked: str
    answer: str
    key_points: list[str]
    points: None = None


@dataclass(frozen=True)
class Report:
    """One submission. `problem` says why nothing could be marked."""

    file: str
    seed: int
    marks: list[Mark] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    problem: str = ""

    @property
    def points(self) -> int:
        """The sum, open questions left out."""
        return sum(mark.points for mark in self.marks)

    @property
    def of(self) -> int:
        """What can be reached, open questions left out."""
        return sum(mark.of for mark in self.marks)

    @property
    def passed(self) -> bool:
        """Is there something, and is all of it right?"""
        return bool(self.marks) and all(mark.verdict == "passed" for mark in self.marks)

    def as_json(self) -> dict:
        """What goes to --json."""
        return asdict(self) | {"points": self.points, "of": self.of}


def report(path: Path, name: str, how: How) -> Report:
    """Mark one notebook; what cannot be read is named, not raised."""
    try:
        submission = read(path)
    except ValueError as error:
        return Report(name, how.seed, problem=str(error))
    try:
        open_questions = questions(submission, how.rubric(set(submission.questions)))
        return Report(name, how.seed, marks(submission, how.seed, how.limits), open_questions)
    except Exception as error:  # of the grader itself: the rest of the class is marked all the same
        return Report(name, how.seed, problem=f"the grader failed: {type(error).__name__}: {error}")


def marks(submission: Submission, seed: int, limits: Limits) -> list[Mark]:
    """All exercises of the notebooks that the submission has exercises of, in their order."""
    known = handed_in(submission)
    strange = submission.exercises.keys() - known.keys()
    found = [Mark(name, "unknown", 0, 0, TOLD["unknown"]) for name in sorted(strange)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        worker = Worker(Path(folder), limits)
        try:
            for name, one in known.items():
                found.append(mark(name, one, submission.exercises.get(name), worker, seed))
        finally:
            worker.stop()
    return found


def handed_in(submission: Submission) -> dict[str, Exercise]:
    """The exercises of each notebook of which at least one was handed in."""
    rooms = [room for room, told in MARKS.items() if told.keys() & submission.exercises.keys()]
    return {name: one for room in rooms for name, one in of_notebook(room).items()}


def mark(name: str, one: Exercise, answer: Answer | None, worker: Worker, seed: int) -> Mark:
    """One exercise: on the inputs of `check`, and on others that the student has not seen."""
    if answer is None:
        return Mark(name, "missing", 0, one.points, TOLD["missing"])
    if answer.trouble:
        return Mark(name, "error", 0, one.points, answer.trouble)
    cases = one.drawn(PUBLIC, seed)
    request = {"name": name, "statements": answer.statements, "function": answer.function}
    given = worker.ask(request | {"seeds": (PUBLIC, seed)}, len(cases))
    verdict = judge(one, cases, given)
    copied = any(isinstance(part, Failed) and part.kind == "copied" for part in given)
    kind = "copied" if copied else verdict.kind
    message = TOLD.get(kind, verdict.message)
    return Mark(name, kind, one.points if kind == "passed" else 0, one.points, message)


def questions(submission: Submission, rubric: Rubric) -> list[Question]:
    """What was asked, what was answered, and the key points of a full answer."""
    blank = Asked("(this clone has no such question)", ())
    known = {name: rubric.get(name, blank) for name in submission.questions}
    return [
        Question(name, known[name].asked, answer, list(known[name].key_points))
        for name, answer in submission.questions.items()
    ]
