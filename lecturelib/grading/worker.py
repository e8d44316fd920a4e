"""The process in which submitted code runs; `watch.py` starts it and stops it.

On stdin come names of folders, one a line. In each lies `ask.json`, written by the grader; the
answer goes to `answer.safetensors`: what the function gave in each case, and how it failed where it
did.
Whatever is said here is only a claim: the grader compares the tensors itself.
"""

import json
import os
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch
from safetensors.torch import save
from torch import Tensor

from lecturelib import exercises
from lecturelib.exercises import Exercise, Failed, Verdict, copied, exercise

MEMORY = ("can't allocate memory", "not enough memory", "Cannot allocate memory")
USED: list[str] = []  # exercises whose own solution was called


class Copied(BaseException):
    """The library's own solution was called: no `except Exception` catches this."""


def main(megabytes: int) -> None:
    """Tell that the libraries are loaded, then answer what is asked."""
    asked, sys.stdin = sys.stdin, open(os.devnull, encoding="utf8")  # noqa: SIM115
    exercises.check = later
    exercises.solution = later
    limit_memory(megabytes)
    Path("ready").touch()
    for line in asked:
        answer(Path(line.strip()))


def later(name: str, *_: object) -> Verdict:
    """Stands for `check` and `solution`."""
    return Verdict("later", f"{name} is marked by the grader")


def limit_memory(megabytes: int) -> None:
    """So much more than the libraries take themselves. Not on Windows; macOS ignores it."""
    try:
        import resource
    except ImportError:
        return
    most = psutil.Process().memory_info().vms + megabytes * 2**20
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def answer(folder: Path) -> None:
    """Run one answer in all cases; write the tensors, and a word on each case."""
    ask = json.loads((folder / "ask.json").read_text(encoding="utf8"))
    one = exercise(ask["name"])
    cases = one.drawn(*ask["seeds"])  # before this answer's code could change how they are drawn
    function = defined(ask["statements"], ask["function"])
    tensors, said = {}, {}
    for number, case in enumerate(cases):
        given = given_by(function, one, case)
        if isinstance(given, Tensor):
            tensors[str(number)] = plain(given)
            given = Failed("tensor", "gradient" if given.requires_grad else "")
        kind = given.kind if isinstance(given, Failed) else "no tensor"
        message = given.message if isinstance(given, Failed) else type(given).__name__
        said |= {f"{number} kind": kind, f"{number} message": message[:500]}
    part = folder / "answer.part"
    part.write_bytes(save(tensors, said))
    part.replace(folder / "answer.safetensors")


def plain(given: Tensor) -> Tensor:
    """Numbers and nothing else, whatever subclass it is."""
    return given.detach().as_subclass(Tensor).clone().contiguous()


def defined(statements: list[str], function: str) -> Callable | Failed:
    """The submitted function. A statement that fails matters only if the function is not there."""
    scope = {"__name__": "__main__", "check": later, "solution": later, "torch": torch}
    failed = Failed("not written", f"the cell defines no {function}")
    for statement in statements:
        try:
            exec(compile(statement, "submission", "exec"), scope)
        except BaseException as error:  # SystemExit and KeyboardInterrupt, too
            failed = failure(error)
    try:
        return eval(function, scope)
    except BaseException:
        return failed


def given_by(function: Callable | Failed, one: Exercise, case: tuple) -> object:
    """What the function gives in a case, the library's own solution out of reach."""
    if isinstance(function, Failed):
        return function
    USED.clear()
    with out_of_reach(one.solution):
        try:
            given = function(*copied(case))
        except Copied:
            given = None
        except NotImplementedError:
            given = Failed("not written", "`raise NotImplementedError` is still there")
        except BaseException as error:  # SystemExit and KeyboardInterrupt, too
            given = failure(error)
    return Failed("copied", "") if USED else given


def failure(error: BaseException) -> Failed:
    """An error in words; running out of memory is a kind of its own."""
    text = f"raised {type(error).__name__}: {error}"
    memory = isinstance(error, MemoryError) or any(known in text for known in MEMORY)
    return Failed("too much memory" if memory else "error", text)


def barred(*_: object, **__: object) -> None:
    """Takes the place of a solution's code; runs among that module's names, so it imports its."""
    from lecturelib.grading import worker

    worker.USED.append("solution")
    raise worker.Copied


@contextmanager
def out_of_reach(solution: Callable) -> Iterator[None]:
    """The library's function, and what the exercise wraps it in, raise when called."""
    barred_now = [one for one in layers(solution) if not one.__code__.co_freevars]
    codes = [one.__code__ for one in barred_now]
    try:
        for one in barred_now:
            one.__code__ = barred.__code__
        yield
    finally:
        for one, code in zip(barred_now, codes, strict=True):
            one.__code__ = code


def layers(solution: Callable) -> list[types.FunctionType]:
    """The function and all that it wraps."""
    found = [solution]
    while hasattr(found[-1], "__wrapped__"):
        found.append(getattr(found[-1], "__wrapped__"))  # noqa: B009
    return found
