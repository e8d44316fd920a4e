"""check("name", your_function): your answer beside the library's, on small random inputs.

The solution is the library itself, so that no twin can drift: `solution("name")` prints it.
"""

import importlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from lecturelib.exercises.marks import MARKS
from lecturelib.exercises.near import near

PUBLIC = 0  # the seed of `check`
NOTEBOOKS = (
    "self_training",
    "vgg",
    "transformer",
    "words",
    "uses",
    "vit",
    "voices",
    "speech",
    "recognition",
    "data2vec",
)


@dataclass(frozen=True)
class Exercise:
    """A function to write.

    solution  the library's own function
    cases     rng -> argument tuples, the smallest first
    slips     typical wrong answers -> what went wrong
    points    1 to 3, by how much there is to write; from marks.py
    hint      said to a wrong answer that is no typical one; from marks.py
    """

    solution: Callable
    cases: Callable[[torch.Generator], Sequence[tuple]]
    slips: dict[str, Callable] = field(default_factory=dict)
    points: int = 1
    hint: str = ""

    def drawn(self, *seeds: int) -> list[tuple]:
        """The cases of each seed, one after another."""
        return [case for s in seeds for case in self.cases(torch.Generator().manual_seed(s))]


@dataclass(frozen=True)
class Failed:
    """An answer that gave nothing in a case: `kind` is "not written" or "error"."""

    kind: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """Did it pass, and what to look at if not. `kind`: passed, wrong, not written or error."""

    kind: str
    message: str

    @property
    def passed(self) -> bool:
        """Was the answer right in all cases?"""
        return self.kind == "passed"

    def __repr__(self) -> str:
        return f"{'passed' if self.passed else 'not yet'}: {self.message}"


def exercises() -> dict[str, Exercise]:
    """All exercises of all notebooks, by name."""
    found: dict[str, Exercise] = {}
    for room in NOTEBOOKS:
        more = of_notebook(room)
        if twice := found.keys() & more.keys():
            raise ValueError(f"{sorted(twice)} are in two notebooks: give one another name")
        found |= more
    return found


def of_notebook(room: str) -> dict[str, Exercise]:
    """One notebook's exercises, with their points and hints. Imports nothing of the others."""
    found = importlib.import_module(f"lecturelib.exercises.{room}").EXERCISES
    told = MARKS[room]
    return {
        name: replace(one, points=told[name][0], hint=told[name][1]) for name, one in found.items()
    }


def exercise(name: str) -> Exercise:
    """One exercise; ValueError lists the names."""
    for room, told in MARKS.items():
        if name in told:
            return of_notebook(room)[name]
    known = ", ".join(name for told in MARKS.values() for name in told)
    raise ValueError(f"no exercise {name!r}: choose from {known}")


def check(name: str, answer: Callable) -> Verdict:
    """Compare your function with the library's; the smallest case that differs is shown."""
    chosen = exercise(name)
    cases = chosen.drawn(PUBLIC)
    return judge(chosen, cases, [tried(answer, case) for case in cases])


def tried(answer: Callable, case: tuple) -> object:
    """What an answer gives in a case, or how it failed."""
    try:
        return answer(*copied(case))
    except NotImplementedError:
        return Failed("not written", "not written yet: replace `raise NotImplementedError`")
    except Exception as error:
        return Failed("error", f"raised {type(error).__name__}: {error}")


def judge(chosen: Exercise, cases: Sequence[tuple], given: Sequence[object]) -> Verdict:
    """What was given in each case beside the library's; the first that differs is explained."""
    for number, (case, yours) in enumerate(zip(cases, given, strict=True), 1):
        if isinstance(yours, Failed) and yours.kind == "not written":
            return Verdict(yours.kind, yours.message)
        if isinstance(yours, Failed):
            return Verdict(yours.kind, f"case {number} {yours.message}")
        expected = chosen.solution(*copied(case))
        if trouble := difference(yours, expected):
            hint = slip(chosen, cases, given) or general(chosen, yours, expected)
            shown = f"{hint}\ninput:    {case}\nexpected: {expected}\nyours:    {yours}"
            return Verdict("wrong", f"case {number}: {trouble}. {shown}")
    return Verdict("passed", f"the same as the library's in {len(cases)} cases")


def copied(case: tuple) -> tuple:
    """A fresh copy of the inputs, so that nobody's in-place change is seen by the other."""
    return tuple(value.clone() if isinstance(value, Tensor) else value for value in case)


def difference(yours: object, expected: object) -> str:
    """What is different, in words; empty where nothing is."""
    if not isinstance(yours, Tensor):
        return f"expected a tensor, got {type(yours).__name__}"
    assert isinstance(expected, Tensor)
    if yours.shape != expected.shape:
        return f"shape {tuple(yours.shape)}, expected {tuple(expected.shape)}"
    if yours.is_complex() and not expected.is_complex():
        return "it is complex, and must not be"
    if yours.requires_grad and not expected.requires_grad:
        return "it carries a gradient, and must not"
    if yours.dtype == torch.bool or expected.dtype == torch.bool:
        same = yours.dtype == expected.dtype and bool((yours == expected).all())
        return "" if same else "other places are marked"
    close = torch.allclose(yours.double(), expected.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
    return "" if close else f"differs by {(yours.double() - expected.double()).abs().max():.3g}"


def slip(chosen: Exercise, cases: Sequence[tuple], given: Sequence[object]) -> str:
    """The explanation of a typical wrong answer that gives the same in all cases."""
    for explanation, wrong in chosen.slips.items():
        if all(alike(yours, wrong, case) for yours, case in zip(given, cases, strict=True)):
            return explanation
    return ""


def alike(yours: object, wrong: Callable, case: tuple) -> bool:
    """Does the typical wrong answer give the same here? Not where one of them fails."""
    try:
        return not difference(yours, wrong(*copied(case)))
    except Exception:
        return False


def general(chosen: Exercise, yours: object, expected: Tensor) -> str:
    """How near it is, and the exercise's own hint: for an answer that is no typical slip."""
    return ". ".join(text for text in (near(yours, expected), chosen.hint) if text)


def solution(name: str) -> None:
    """Print the library's own function."""
    print(inspect.getsource(exercise(name).solution))
