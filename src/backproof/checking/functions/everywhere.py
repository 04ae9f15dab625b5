"""Changes that are made everywhere in a function at once: another name, another axis, a mean for a sum."""

import ast
import copy
from collections.abc import Iterator
from typing import Any

from backproof.checking.functions.edits import Names, parsed


def changed_inside(node: ast.expr) -> Iterator[tuple[Any, str, float, str]]:
    """Yield an expression with every sum, every axis or every slice in it changed."""
    changes: list[tuple[ast.NodeTransformer, str, str]] = [
        (_Reduction("sum", "mean"), "1/N", "means for sums"),
        (_Reduction("mean", "sum"), "1/N", "sums for means"),
        (_Unsliced(), "missing term", "all entries, no slices"),
    ]
    changes += [(_Axis(a, b), "axis", f"axis {b} for {a}") for a, b in _AXES]
    before = ast.dump(node)
    for change, cause, does in changes:
        new = change.visit(copy.deepcopy(node))
        if ast.dump(new) != before:
            yield new, cause, 1.6, does


_AXES = ((0, 1), (1, 0), (-1, 0), (0, -1))


class _Unsliced(ast.NodeTransformer):
    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        return node.value if isinstance(node.slice, ast.Slice) else node


def changed_everywhere(tree: Any, names: Names) -> Iterator[tuple[Any, str, float, str]]:
    """Yield new bodies of a function, with the cause, how unlikely it is, and what was done."""
    for name in names.shapes:
        if not name.isidentifier():
            continue
        for other in _instead(name, names):
            body = _renamed(tree, name, other)
            if body is not None:
                yield body, "wrong operand", 2.0, f"{other} for {name}"
    for old, new in (("sum", "mean"), ("mean", "sum")):
        yield _mapped(tree, _Reduction(old, new)), "1/N", 1.9, f"{new} for {old} everywhere"
    for axis, other in _AXES:
        yield _mapped(tree, _Axis(axis, other)), "axis", 1.9, f"axis {other} for {axis} everywhere"


def _instead(name: str, names: Names) -> Iterator[str]:
    shape = names.shapes[name]
    for other, its in names.shapes.items():
        if other != name and its == shape:
            yield other
    for function in names.functions:
        yield f"{function}({name})"


def _renamed(tree: Any, name: str, other: str) -> Any:
    loads = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
    ]
    return _mapped(tree, _Name(name, other)) if len(loads) > 1 else None


def _mapped(tree: Any, change: ast.NodeTransformer) -> Any:
    body = copy.deepcopy(tree.body)
    if isinstance(body, list):
        return [change.visit(statement) for statement in body]
    return change.visit(body)


class _Name(ast.NodeTransformer):
    def __init__(self, name: str, other: str) -> None:
        self.name, self.other = name, other

    def visit_Name(self, node: ast.Name) -> ast.AST:
        is_it = node.id == self.name and isinstance(node.ctx, ast.Load)
        return ast.copy_location(parsed(self.other), node) if is_it else node


class _Reduction(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr == self.old:
            node.attr = self.new
        return node


class _Axis(ast.NodeTransformer):
    def __init__(self, old: int, new: int) -> None:
        self.old, self.new = old, new

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        for keyword in node.keywords:
            if keyword.arg == "axis" and _number(keyword.value) == self.old:
                keyword.value = parsed(str(self.new))
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean") and node.args:
            if _number(node.args[-1]) == self.old:
                node.args[-1] = parsed(str(self.new))
        return node


def _number(node: ast.AST) -> Any:
    try:
        return ast.literal_eval(node)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None
