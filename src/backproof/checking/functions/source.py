"""The source of a backward pass, as text and as a tree, and what the tree compiles to."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, MethodType
from typing import Any
from warnings import catch_warnings

Node = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Source:
    """A function, the tree of its definition, its lines, and the number of the first one."""

    function: Callable[..., Any]
    node: Node
    lines: tuple[str, ...]
    first: int

    def line(self, number: int) -> str:
        """Return a line of the definition, by its number in the tree."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def namespace(self) -> dict[str, Any]:
        """Return the names that the function sees outside of itself."""
        plain = _plain(self.function)
        return {**plain.__globals__, **inspect.getclosurevars(plain).nonlocals}

    def with_text(self, text: str) -> "Source | None":
        """Return the same function with another text, None if that is no Python."""
        try:
            old, new = (list(_functions(_tree(one))) for one in ("\n".join(self.lines), text))
        except (SyntaxError, ValueError):
            return None
        place = [ast.dump(node) for node in old].index(ast.dump(self.node))
        if len(new) != len(old) or _name(new[place]) != _name(self.node):
            return None
        return Source(self.function, new[place], tuple(text.splitlines()), self.first)

    def compiled(self, names: dict[str, Any]) -> Callable[..., Any] | None:
        """Return a function of the tree as it is now, or None if that is no Python.

        What the original has in cells is global here, in `names`.
        """
        plain = _plain(self.function)
        try:
            with catch_warnings(action="ignore"):  # of Python, on odd code such as `2(x)`
                code = compile(self._module(), "<mended>", "exec")
        except (SyntaxError, ValueError, TypeError):
            return None
        inner = next(part for part in _codes(code) if part.co_name == _name(self.node))
        made = FunctionType(inner, names, inner.co_name, plain.__defaults__)
        made.__kwdefaults__ = plain.__kwdefaults__
        return made

    def _module(self) -> ast.Module:
        if isinstance(self.node, ast.Lambda):
            expression = ast.copy_location(ast.Expr(self.node), self.node)
            return ast.Module([expression], [])
        definition = ast.FunctionDef(**{**vars(self.node), "decorator_list": []})
        return ast.Module([definition], [])


def _functions(tree: ast.AST | None) -> Iterator[Node]:
    return (node for node in (ast.walk(tree) if tree else ()) if isinstance(node, Node))


def _name(node: Node) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _codes(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def helpers_of(function: Any) -> Iterator[FunctionType]:
    """Yield the other functions of its module that a function calls by a plain name."""
    source, known = source_of(function), getattr(_plain(function), "__globals__", {})
    called = {
        node.func.id
        for node in (ast.walk(source.node) if source is not None else ())
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    for name in sorted(called):
        if isinstance(known.get(name), FunctionType) and known[name] is not function:
            yield known[name]


def _plain(function: Any) -> Any:
    return getattr(function, "__func__", function)


def written(function: FunctionType) -> bool:
    """Return whether Python has the text of a function, be it one that can be taken apart."""
    try:
        return bool(inspect.getsource(function))
    except (OSError, TypeError, SyntaxError):
        return False


def source_of(function: Any) -> Source | None:
    """Return the source of a function, a method or a lambda; None where Python has none."""
    plain = function.__func__ if isinstance(function, MethodType) else function
    if not isinstance(plain, FunctionType):
        return None
    try:
        lines, first = inspect.getsourcelines(plain)
        text = textwrap.dedent("".join(lines))
        tree = _tree(text)
    except (OSError, SyntaxError, ValueError, TypeError):
        return None
    found = [node for node in _functions(tree) if _is_it(node, plain)]
    if len(found) != 1:
        return None
    return Source(function, found[0], tuple(text.splitlines()), first)


def _tree(text: str) -> ast.AST | None:
    """Return the tree of a statement, or of a lambda in a piece of one."""
    piece = text.strip()
    candidates = [(text, 0), (f"({piece})", 1), (piece.rstrip(",)"), 0)]
    for candidate, more in [*candidates, (f"f({piece.rstrip(',')}", 2)]:
        try:
            return _moved(ast.parse(candidate), more)
        except SyntaxError:
            continue
    return _from_lambda(text)


def _from_lambda(text: str) -> ast.AST | None:
    start = text.find("lambda")
    for end in range(len(text), start, -1):
        try:
            tree = ast.parse(text[start:end], mode="eval")
        except SyntaxError:
            continue
        above = text[:start].split("\n")
        return ast.increment_lineno(_moved(tree, -len(above[-1].encode())), len(above) - 1)
    return None


def _moved(tree: ast.AST, more: int) -> ast.AST:
    """Return the tree with the columns that the text has, which were moved by `more`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset -= more * (node.lineno == 1)
            node.end_col_offset = (node.end_col_offset or 0) - more * (node.end_lineno == 1)
    return tree


def _is_it(node: ast.AST, function: FunctionType) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == function.__name__
    if not isinstance(node, ast.Lambda) or function.__name__ != "<lambda>":
        return False
    code = compile(ast.Expression(node), "<lambda>", "eval")
    inner = next(_codes(code), None)
    own = function.__code__
    return inner is not None and (inner.co_varnames, inner.co_names) == (
        own.co_varnames,
        own.co_names,
    ) and _constants(inner) == _constants(own)  # fmt: skip


def _constants(code: CodeType) -> list[Any]:
    return [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
