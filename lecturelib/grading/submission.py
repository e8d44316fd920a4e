"""A submitted notebook: its answers to exercises and to open questions. Nothing of it is run."""

import ast
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lecturelib.grading.slices import gives, program, readable, statements

EXERCISE, QUESTION = "exercise:", "question:"


@dataclass(frozen=True)
class Answer:
    """The code to run for one exercise: `statements`, then the expression `function`."""

    statements: list[str]
    function: str
    trouble: str = ""  # a syntax error: there is nothing to run


@dataclass(frozen=True)
class Submission:
    """exercises: by name; questions: what was written in the cell question:NN-k."""

    exercises: dict[str, Answer]
    questions: dict[str, str]


def read(path: Path) -> Submission:
    """Raises ValueError where it is no notebook, or has neither exercises nor questions."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises its own, json's, OSError, UnicodeDecodeError ...
        raise ValueError(f"no notebook ({type(error).__name__})") from error
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found: dict[str, Answer] = {}
    for number, cell in enumerate(code):
        for name in exercises_of(cell):  # the last cell of a name counts, as in a kernel
            found[name] = answer([one.source for one in code[:number]], cell.source, name)
    questions = {
        name: cell.source.strip() for cell in notebook.cells for name in tagged(cell, QUESTION)
    }
    if not found and not questions:
        raise ValueError("no exercise cells: neither a tag exercise:NAME nor a check(NAME, ...)")
    return Submission(found, questions)


def tagged(cell: NotebookNode, prefix: str) -> list[str]:
    """What follows the prefix in a cell's tags."""
    tags = cell.metadata.get("tags", [])
    return [tag.removeprefix(prefix) for tag in tags if str(tag).startswith(prefix)]


def exercises_of(cell: NotebookNode) -> list[str]:
    """The exercises that a cell answers, by its tag; where tags were lost, by its check."""
    return tagged(cell, EXERCISE) or [name for name, _ in checks(cell.source)]


def checks(source: str) -> list[tuple[str, str]]:
    """(exercise, expression) of each `check("exercise", expression)` at the top of a cell."""
    found = []
    for text in readable(source):
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Call(func=ast.Name("check"), args=[ast.Constant(str(name)), given]):
                    found.append((name, ast.unparse(given)))
    return found


def answer(before: list[str], source: str, name: str) -> Answer:
    """What a cell hands to check; where that is not its own, the function named so or last."""
    try:
        own = statements(source)
    except SyntaxError as error:
        return Answer([], "", f"SyntaxError: {error.msg} in line {error.lineno} of the cell")
    nodes = [ast.parse(one).body[0] for one in own]
    defined = [node.name for node in nodes if isinstance(node, ast.FunctionDef)]
    given = dict(checks(source)).get(name, "")
    foreign = given.isidentifier() and given not in set().union(*map(gives, own))
    likely = name if name in defined else (defined or [given or name])[-1]
    function = likely if foreign or not given else given
    return Answer(program(before, source, function), function)
