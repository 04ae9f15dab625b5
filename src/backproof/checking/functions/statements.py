"""Changes of whole statements: += for =, a statement left out, a return moved out of a loop."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from backproof.checking.functions.places import parsed, text_of
from backproof.checking.functions.sites import Change, Site

_OPPOSITE: dict[type, tuple[type, str]] = {
    ast.Add: (ast.Sub, "sign"), ast.Sub: (ast.Add, "sign"),
    ast.Mult: (ast.Div, "1/N"), ast.Div: (ast.Mult, "1/N"),
}  # fmt: skip
_SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}

New = tuple[Any, str, float, str]
"""A statement, the cause that it would mend, how unlikely it is, and what was done."""


def statement_changes(tree: Any) -> Iterator[Change]:
    """Yield the changes of the statements of a function."""
    if isinstance(tree, ast.Lambda):
        return
    for body in _bodies(tree):
        for index, statement in enumerate(body):
            for new, cause, cost, does in _changed(statement):
                site = Site(_setter(body, index), statement, new, statement)
                yield Change((site,), cause, cost, does)
            if isinstance(statement, ast.For):
                yield from _gathered(body, index, statement)
            if index + 1 < len(body):
                yield from _exchanged(body, index)


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


def _changed(statement: ast.stmt) -> Iterator[New]:
    if isinstance(statement, ast.AugAssign):
        yield from _of_augmented(statement)
    elif isinstance(statement, ast.Assign):
        yield from _of_assigned(statement)
    elif isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple):
        yield from _of_returned(statement.value)
    elif isinstance(statement, ast.For):
        yield from _of_loop(statement)


def _of_augmented(statement: ast.AugAssign) -> Iterator[New]:
    target, value = text_of(statement.target), text_of(statement.value)
    yield _made(f"{target} = {value}"), "accumulation", 1.1, "= for +="
    if isinstance(statement.op, ast.Add):
        yield from _added_at(statement.target, value)
    cause = "extra factor" if isinstance(statement.op, ast.Mult | ast.Div) else "extra term"
    cause = "1/N" if "shape" in value else cause
    yield ast.Pass(), cause, 1.5, "without this line"
    if type(statement.op) in _OPPOSITE:
        other, cause = _OPPOSITE[type(statement.op)]
        sign = _SIGNS[other]
        yield _made(f"{target} {sign}= {value}"), cause, 1.2, f"{sign}= for this"


def _of_assigned(statement: ast.Assign) -> Iterator[New]:
    target, value = statement.targets[0], text_of(statement.value)
    if isinstance(target, ast.Subscript | ast.Attribute) and value not in ("0", "0.0"):
        yield _made(f"{text_of(target)} += {value}"), "accumulation", 1.1, "+= for ="
    if isinstance(target, ast.Subscript):
        yield ast.Pass(), "wrong mask", 1.5, "without this line"
        yield from _added_at(target, value)
    elif isinstance(target, ast.Name) and value not in ("0", "0.0"):
        yield _made(f"{target.id} += {value}"), "accumulation", 1.3, "+= for ="
        yield ast.Pass(), "extra factor", 1.9, "without this line"


def _added_at(target: ast.expr, value: str) -> Iterator[New]:
    """Yield np.add.at for `target += value`, where an index may hold an entry twice."""
    if isinstance(target, ast.Subscript) and not value.replace(".", "").isdigit():
        array, index = text_of(target.value), text_of(target.slice)
        if not any(isinstance(part, ast.Slice) for part in ast.walk(target)):
            new = _made(f"np.add.at({array}, ({index}), {value})")
            yield new, "accumulation", 1.0, "np.add.at, which adds every time"


def _of_returned(gradients: ast.Tuple) -> Iterator[New]:
    """Yield the return of the same gradients, two of them exchanged."""
    parts = [text_of(part) for part in gradients.elts]
    for first in range(len(parts)):
        for second in range(first):
            order = list(parts)
            order[first], order[second] = order[second], order[first]
            does = f"{parts[second]} and {parts[first]} exchanged"
            yield _made(f"return {', '.join(order)}"), "order", 1.0, does


def _of_loop(loop: ast.For) -> Iterator[New]:
    *rest, last = loop.body
    if rest and isinstance(last, ast.Return):
        shorter = ast.For(loop.target, loop.iter, rest, loop.orelse)
        both = ast.If(ast.Constant(value=True), [shorter, last], [])
        yield both, "missing term", 1.0, "return after the loop"
    steps = text_of(loop.iter)
    turned = (
        steps.removeprefix("reversed(")[:-1]
        if steps.startswith("reversed(")
        else f"reversed({steps})"
    )
    yield ast.For(loop.target, parsed(turned), loop.body, []), "order", 1.3, f"in {turned}"


def _gathered(body: list[ast.stmt], index: int, loop: ast.For) -> Iterator[Change]:
    """Yield a loop in which a name is added to that was written over."""
    for place, inner in enumerate(loop.body):
        if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
            name = inner.targets[0].id
            both = ast.If(ast.Constant(value=True), [_made(f"{name} = 0"), loop], [])
            sites = (
                Site(_setter(loop.body, place), inner, _added(inner), inner),
                Site(_setter(body, index), loop, both, loop),
            )
            yield Change(sites, "accumulation", 1.2, f"+= for =, from {name} = 0 on")


def _added(statement: ast.Assign) -> ast.stmt:
    return _made(f"{text_of(statement.targets[0])} += {text_of(statement.value)}")


def _exchanged(body: list[ast.stmt], index: int) -> Iterator[Change]:
    """Yield a statement exchanged with the next one."""
    first, second = body[index], body[index + 1]
    if isinstance(second, ast.Return) or isinstance(first, ast.Expr):
        return
    sites = (
        Site(_setter(body, index), first, second, first),
        Site(_setter(body, index + 1), second, first, second),
    )
    yield Change(sites, "order", 1.5, "this line after the next")


def _made(text: str) -> ast.stmt:
    return ast.parse(text).body[0]
