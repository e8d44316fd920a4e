"""check("name", your_function): your answer beside the library's, on small random inputs.

The solution is the library itself, so that no twin can drift: `solution("name")` prints it.
"""

import importlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

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
    """

    solution: Callable
    cases: Callable[[torch.Generator], Sequence[tuple]]
    slips: dict[str, Callable] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Did it pass, and what to look at if not."""

    passed: bool
    message: str

    def __repr__(self) -> str:
        return f"{'passed' if self.passed else 'not yet'}: {self.message}"


def exercises() -> dict[str, Exercise]:
    """All exercises of all notebooks, by name."""
    found: dict[str, Exercise] = {}
    for name in NOTEBOOKS:
        more = importlib.import_module(f"lecturelib.exercises.{name}").EXERCISES
        if twice := found.keys() & more.keys():
            raise ValueError(f"{sorted(twice)} are in two notebooks: give one another name")
        found |= more
    return found


def exercise(name: str) -> Exercise:
    """One exercise; ValueError lists the names."""
    known = exercises()
    if name not in known:
        raise ValueError(f"no exercise {name!r}: choose from {', '.join(known)}")
    return known[name]


def check(name: str, answer: Callable) -> Verdict:
    """Compare your function with the library's; the smallest case that differs is shown."""
    chosen = exercise(name)
    cases = chosen.cases(torch.Generator().manual_seed(0))
    for number, case in enumerate(cases, 1):
        expected = chosen.solution(*copied(case))
        try:
            yours = answer(*copied(case))
        except NotImplementedError:
            return Verdict(False, "not written yet: replace `raise NotImplementedError`")
        except Exception as error:
            return Verdict(False, f"case {number} raised {type(error).__name__}: {error}")
        if trouble := difference(yours, expected):
            hint = slip(chosen, cases, answer)
            shown = f"{hint}\ninput:    {case}\nexpected: {expected}\nyours:    {yours}"
            return Verdict(False, f"case {number}: {trouble}. {shown}")
    return Verdict(True, f"the same as the library's in {len(cases)} cases")


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
    if yours.requires_grad and not expected.requires_grad:
        return "it carries a gradient, and must not"
    if yours.dtype == torch.bool or expected.dtype == torch.bool:
        same = yours.dtype == expected.dtype and bool((yours == expected).all())
        return "" if same else "other places are marked"
    close = torch.allclose(yours.double(), expected.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
    return "" if close else f"differs by {(yours.double() - expected.double()).abs().max():.3g}"


def slip(chosen: Exercise, cases: Sequence[tuple], answer: Callable) -> str:
    """The explanation of a typical wrong answer that gives the same in all cases."""
    for explanation, wrong in chosen.slips.items():
        if all(alike(answer, wrong, case) for case in cases):
            return explanation
    return ""


def alike(answer: Callable, wrong: Callable, case: tuple) -> bool:
    """Do both give the same here? Not where one of them fails."""
    try:
        return not difference(answer(*copied(case)), wrong(*copied(case)))
    except Exception:
        return False


def solution(name: str) -> None:
    """Print the library's own function."""
    print(inspect.getsource(exercise(name).solution))
