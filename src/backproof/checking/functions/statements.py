"""Changes of whole statements: += for =, a statement left out, a return moved out of a loop."""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

from backproof.checking.functions.edits import Edit, parsed, text_of


def statement_edits(tree: Any) -> Iterator[tuple[Callable[[Any], None], ast.stmt, Any]]:
    """Yield for each statement a setter, the statement, and an edit whose `new` is put there."""
    if isinstance(tree, ast.Lambda):
        return
    for body in _bodies(tree):
        for index, statement in enumerate(body):
            for new, cause, cost, does in _changed(statement):
                yield _setter(body, index), statement, Edit(new, cause, cost, does)
            if isinstance(statement, ast.For) and isinstance(statement.body[-1], ast.Return):
                yield from _return_moved(body, index, statement)


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            value = getattr(node, name, None)
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield value


def _setter(body: list[ast.stmt], index: int) -> Callable[[Any], None]:
    def put(new: Any) -> None:
        body[index] = new

    return put


def _changed(statement: ast.stmt) -> Iterator[tuple[Any, str, float, str]]:
    if isinstance(statement, ast.AugAssign):
        target = copy.deepcopy(statement.target)
        yield ast.Assign([target], statement.value), "accumulation", 1.1, "= for +="
        added = _added_at(statement.target, statement.value)
        if isinstance(statement.op, ast.Add) and added is not None:
            yield added, "accumulation", 1.0, "np.add.at, which adds every time"
        cause = {ast.Mult: "extra factor", ast.Div: "extra factor"}.get(
            type(statement.op), "extra term"
        )
        if "shape" in text_of(statement.value):
            cause = "1/N"
        yield ast.Pass(), cause, 1.6, "without this line"
        flipped = copy.deepcopy(statement)
        opposite: dict[type, ast.operator] = {
            ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Div(), ast.Div: ast.Mult(),
        }  # fmt: skip
        if type(statement.op) in opposite:
            flipped.op = opposite[type(statement.op)]
            yield (
                flipped,
                "sign" if isinstance(statement.op, ast.Add | ast.Sub) else "1/N",
                1.2,
                "the other sign",
            )
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
        if isinstance(target, ast.Subscript | ast.Attribute):
            added = ast.AugAssign(copy.deepcopy(target), ast.Add(), statement.value)
            yield added, "accumulation", 1.1, "+= for ="
        if isinstance(target, ast.Subscript):
            yield ast.Pass(), "wrong mask", 1.6, "without this line"
            added_at = _added_at(target, statement.value)
            if added_at is not None:
                yield added_at, "accumulation", 1.1, "np.add.at, which adds every time"
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple):
        yield from _exchanged(statement.value)


def _added_at(target: ast.expr, value: ast.expr) -> ast.Expr | None:
    """Return np.add.at for `target += value`, where an index may hold an entry twice."""
    if not isinstance(target, ast.Subscript):
        return None
    if any(isinstance(part, ast.Slice) for part in ast.walk(target)):
        return None
    array, index = text_of(target.value), text_of(target.slice)
    return ast.Expr(parsed(f"np.add.at({array}, ({index}), {text_of(value)})"))


def _exchanged(gradients: ast.Tuple) -> Iterator[tuple[Any, str, float, str]]:
    """Yield the return of the same gradients, two of them exchanged."""
    for first in range(len(gradients.elts)):
        for second in range(first):
            entries = list(gradients.elts)
            entries[first], entries[second] = entries[second], entries[first]
            does = (
                f"{text_of(gradients.elts[first])} and {text_of(gradients.elts[second])} exchanged"
            )
            yield ast.Return(ast.Tuple(entries, ast.Load())), "order", 1.0, does


def _return_moved(
    body: list[ast.stmt], index: int, loop: ast.For
) -> Iterator[tuple[Callable[[Any], None], ast.stmt, Edit]]:
    """Yield the loop with its last statement, a return, after it."""
    shorter = copy.deepcopy(loop)
    last = shorter.body.pop()
    if not shorter.body:
        return
    both = ast.If(ast.Constant(value=True), [shorter, last], [])
    edit = Edit(both, "missing term", 1.0, "return after the loop")
    yield _setter(body, index), loop, edit
