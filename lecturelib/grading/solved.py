"""A stub's cell with the library's own function in the stub's place: it runs and passes."""

import ast
import importlib
import inspect
import re
import textwrap
import types
from collections.abc import Callable

from lecturelib.exercises import exercise
from lecturelib.grading.slices import reads

OTHER_CHECK = "library_check"


def solved_cell(name: str, stub: str) -> str:
    """Imports, the library's source, what the exercise wraps it in, then the rest of the cell.

    Where the exercise hands on less than the library's function gives (attention without its
    weights), it is wrapped, and the wrapper is checked; a decorator of the stub stays.
    """
    layers = [one for one in wrapped(exercise(name).solution) if home(one).startswith("lecturelib")]
    wrapper, own = layers[0], layers[-1]
    nodes = ast.parse(stub).body
    defined = next(node for node in nodes if isinstance(node, ast.FunctionDef))
    decorators = [f"@{ast.unparse(one)}\n" for one in defined.decorator_list]
    functions = [own] if decorators or wrapper is own else [own, wrapper]
    texts = [text_of(function) for function in functions]
    rest = checked(stub, defined, functions[-1].__code__.co_name)
    parts = ["\n".join(imports(functions)), "".join([*decorators, texts[0]]), *texts[1:], rest]
    return "\n\n\n".join(part for part in parts if part)


def wrapped(function: Callable) -> list[Callable]:
    """The function, then what it wraps, and so on."""
    inside = getattr(function, "__wrapped__", None)
    return [function, *wrapped(inside)] if inside else [function]


def home(function: Callable) -> str:
    """The module in which a function was written, whatever it wraps."""
    return function.__globals__["__name__"]


def checked(stub: str, defined: ast.FunctionDef, name: str) -> str:
    """What stands below the stub's function, about the function of this name instead."""
    below = "\n".join(stub.splitlines()[defined.end_lineno :]).strip()
    return re.sub(rf"(?<![\"'\w]){defined.name}(?![\"'\w])", name, below)


def text_of(function: Callable) -> str:
    """The source as it stands in the library, without `@wraps`.

    Another `check` than the exercises' own, where one is called, becomes `library_check`.
    """
    lines = textwrap.dedent(inspect.getsource(function.__code__)).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("@wraps("))
    return re.sub(r"\bcheck\(", f"{OTHER_CHECK}(", text)


def imports(functions: list[Callable]) -> list[str]:
    """The lines that bring in what the functions take from their own modules."""
    own = {function.__code__.co_name for function in functions}
    lines = set()
    for function in functions:
        for name in reads(text_of(function)) - own:
            there = "check" if name == OTHER_CHECK else name
            if there in function.__globals__:
                line = import_line(there, function.__globals__[there], home(function))
                lines.add(line if there == name else f"{line} as {name}")
    return sorted(lines)


def import_line(name: str, value: object, module: str) -> str:
    """`import math`, `from torch import nn`, `from lecturelib.shapes import Heads`."""
    if isinstance(value, types.ModuleType):
        path = value.__name__
        return f"import {path}" if path == name else f"import {path} as {name}"
    home = re.sub(r"\._.*", "", getattr(value, "__module__", None) or module)  # no private module
    public = getattr(importlib.import_module(home), name, None) is value
    return f"from {home if public else module} import {name}"
