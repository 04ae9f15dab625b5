"""Changes of whole statements: += for =, a statement left out, a return moved out of a loop."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from backproof.checking.functions.patches import Patch, before, in_place_of, outdented, without
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
                alone = isinstance(new, ast.Pass) and len(body) > 1
                patch = without(statement) if alone else None
                yield Change((_site(body, index, new, patch),), cause, cost, does)
            if isinstance(statement, ast.For):
                yield from _of_loop(body, index, statement)
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
    now = body[index]

    def put(new: Any) -> None:
        nonlocal now
        body[_place(body, now)] = new
        now = new

    return put


def _inserter(body: list[ast.stmt], index: int) -> Callable[[Any], None]:
    """Return what writes a statement in front of one, or takes it away if it is given that one."""
    following = body[index]

    def put(new: Any) -> None:
        place = _place(body, following)
        if new is following:
            del body[place - 1]
        else:
            body.insert(place, new)

    return put


def _place(body: list[ast.stmt], statement: ast.stmt) -> int:
    return next(place for place, other in enumerate(body) if other is statement)


def _changed(statement: ast.stmt) -> Iterator[New]:
    if isinstance(statement, ast.AugAssign):
        yield from _of_augmented(statement)
    elif isinstance(statement, ast.Assign):
        yield from _of_assigned(statement)
    elif isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple):
        yield from _of_returned(statement.value)


def _of_augmented(statement: ast.AugAssign) -> Iterator[New]:
    target, value = text_of(statement.target), text_of(statement.value)
    yield _made(f"{target} = {value}"), "accumulation", 1.1, "= for +="
    if isinstance(statement.op, ast.Add | ast.Sub):
        function = "np.add.at" if isinstance(statement.op, ast.Add) else "np.subtract.at"
        yield from _added_at(statement.target, value, function)
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
        added = text_of(_besides(target, statement.value))
        yield from _added_at(target, added, "np.add.at", 1.2)  # += is more usual, if it does
    elif isinstance(target, ast.Name) and value not in ("0", "0.0"):
        yield _made(f"{target.id} += {value}"), "accumulation", 1.3, "+= for ="
        yield ast.Pass(), "extra factor", 1.9, "without this line"


def _besides(target: ast.expr, value: ast.expr) -> ast.expr:
    """Return what is added to the target, dout of `target + dout`, or all of the value."""
    match value:
        case ast.BinOp(left, ast.Add(), added) if text_of(left) == text_of(target):
            return added
        case ast.BinOp(added, ast.Add(), right) if text_of(right) == text_of(target):
            return added
    return value


def _added_at(target: ast.expr, value: str, function: str, cost: float = 1.0) -> Iterator[New]:
    """Yield np.add.at for `target += value`, where an index may hold an entry twice."""
    if isinstance(target, ast.Subscript) and not value.replace(".", "").isdigit():
        new = _made(f"{function}({text_of(target.value)}, {_index(target.slice)}, {value})")
        yield new, "accumulation", cost, f"{function}, which adds every time"


def _index(node: ast.expr) -> str:
    """Return what stands between the brackets of an index, as an argument of a function."""
    match node:
        case ast.Tuple(parts):
            return f"({', '.join(map(_index, parts))},)"
        case ast.Slice(lower, upper, step):
            ends = [text_of(end) if end is not None else "None" for end in (lower, upper, step)]
            return f"slice({', '.join(ends)})" if set(ends) != {"None"} else "slice(None)"
    return text_of(node)


def _of_returned(gradients: ast.Tuple) -> Iterator[New]:
    """Yield the return of the same gradients, two of them exchanged."""
    parts = [text_of(part) for part in gradients.elts]
    for first in range(len(parts)):
        for second in range(first):
            order = list(parts)
            order[first], order[second] = order[second], order[first]
            does = f"{parts[second]} and {parts[first]} exchanged"
            yield _made(f"return {', '.join(order)}"), "order", 1.0, does


def _of_loop(body: list[ast.stmt], index: int, loop: ast.For) -> Iterator[Change]:
    """Yield a loop without the return at its end, which comes after it, and one in reverse."""
    *rest, last = loop.body
    if rest and isinstance(last, ast.Return):
        shorter = ast.For(loop.target, loop.iter, rest, loop.orelse)
        both = ast.If(ast.Constant(value=True), [shorter, last], [])  # one in the place of one
        after = _site(body, index, both, outdented(last, loop.col_offset))
        yield Change((after,), "missing term", 1.0, "return after the loop")
    steps = text_of(loop.iter)
    inner = steps.removeprefix("reversed(")
    turned = f"reversed({steps})" if inner == steps else inner[:-1]
    other = ast.For(loop.target, parsed(turned), loop.body, [])
    site = _site(body, index, other, in_place_of(loop.iter, turned))
    yield Change((site,), "order", 1.3, f"the loop in the order of {turned}")


def _gathered(body: list[ast.stmt], index: int, loop: ast.For) -> Iterator[Change]:
    """Yield a loop in which a name is added to that was written over."""
    for place, inner in enumerate(loop.body):
        if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
            first = f"{inner.targets[0].id} = 0"
            sites = (
                _site(loop.body, place, _added(inner)),
                Site(_inserter(body, index), loop, _made(first), before(loop, first)),
            )
            yield Change(sites, "accumulation", 1.2, f"+= for =, from {first} on")


def _added(statement: ast.Assign) -> ast.stmt:
    return _made(f"{text_of(statement.targets[0])} += {text_of(statement.value)}")


def _exchanged(body: list[ast.stmt], index: int) -> Iterator[Change]:
    """Yield a statement exchanged with the next one."""
    first, second = body[index], body[index + 1]
    if not isinstance(second, ast.Return) and not isinstance(first, ast.Expr):
        sites = (
            Site(_setter(body, index), first, second, moved=True),
            Site(_setter(body, index + 1), second, first, moved=True),
        )
        yield Change(sites, "order", 1.5, "this line after the next")


def _site(body: list[ast.stmt], index: int, new: Any, patch: Patch | None = None) -> Site:
    return Site(_setter(body, index), body[index], new, patch)


def _made(text: str) -> ast.stmt:
    return ast.parse(text).body[0]
