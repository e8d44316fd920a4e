"""What an exercise cell needs from the cells before it: a backward slice, read, never run."""

import ast
import symtable
from functools import cache

from IPython.core.inputtransformer2 import TransformerManager

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ALWAYS = (*FUNCTIONS, ast.Import, ast.ImportFrom, ast.Assign)


def statements(source: str) -> list[str]:
    """A cell's statements; %magic and !shell lines become calls. Raises SyntaxError."""
    plain = TransformerManager().transform_cell(source)
    return [ast.unparse(node) for node in ast.parse(plain).body]


@cache
def readable(source: str) -> list[str]:
    """The same of another cell than the exercise's: one with a syntax error gives nothing."""
    try:
        return statements(source)
    except SyntaxError:
        return []


def program(before: list[str], cell: str, answer: str) -> list[str]:
    """The statements of earlier cells that the exercise's cell needs, then the cell's own."""
    own = statements(cell)
    earlier = [one for source in before for one in readable(source)]
    wanted, found = needs(own, answer), set[str]()
    while True:  # what a function reads may be bound after it: then look once more
        kept, read = needed(earlier, wanted | found)
        if read <= found:
            return [*kept, *own]
        found |= read


def needs(own: list[str], answer: str) -> set[str]:
    """The names that a cell takes from outside."""
    bound = set().union(*map(binds, own))
    wanted = reads(answer)
    for one in reversed(own):
        wanted = (wanted - binds(one)) | (reads(one) - (bound if is_function(one) else set()))
    return wanted


def needed(earlier: list[str], wanted: set[str]) -> tuple[list[str], set[str]]:
    """The statements that give the wanted names, and what the functions among them read."""
    kept, found = [], set[str]()
    for one in reversed(earlier):
        if gives(one) & wanted or "*" in gives(one):
            kept.append(one)
            wanted = (wanted - binds(one)) | reads(one)
            found |= reads(one) if is_function(one) else set()
    return kept[::-1], found


def is_function(source: str) -> bool:
    """A function or a class: what stands in it is read later, when it is called."""
    return isinstance(ast.parse(source).body[0], FUNCTIONS)


@cache
def reads(source: str) -> set[str]:
    """The names that a statement, or a function that it defines, takes from outside."""
    return looked_up(symtable.symtable(source, "cell", "exec"))


def looked_up(table: symtable.SymbolTable) -> set[str]:
    """Names used at the top, and globals used further down."""
    top = table.get_type() == "module"
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (top or symbol.is_global())
    }
    return names.union(*(looked_up(child) for child in table.get_children()))


@cache
def gives(source: str) -> set[str]:
    """The names that a statement binds or changes: `x = 1`, `x.y = 1`, `x[0] = 1`, `x.add(1)`."""
    node = ast.parse(source).body[0]
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return {"*"}
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    names = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported()}
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        names |= root(node.value.func)
    for target in getattr(node, "targets", [getattr(node, "target", None)]):
        names |= root(target)
    return names


@cache
def binds(source: str) -> set[str]:
    """The names that a statement gives anew, whatever they were: not in an `if`, not by `+=`."""
    node = ast.parse(source).body[0]
    if not isinstance(node, ALWAYS):
        return set()
    changed = set().union(*(root(target) for target in getattr(node, "targets", [])))
    return gives(source) - changed


def root(node: ast.AST | None) -> set[str]:
    """`x` of `x.y[0]`; nothing of a plain name."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return set()
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
