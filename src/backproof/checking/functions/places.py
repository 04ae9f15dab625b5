"""The places of a function's source where something may be changed, and what stands there."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

FOR_SHAPES = {
    "arange", "broadcast_to", "empty", "empty_like", "enumerate", "eye", "full",
    "isinstance", "len", "ndim", "ones", "ones_like", "range", "shape", "zeros", "zeros_like",
}  # fmt: skip
"""Functions that ask for the shape of an argument, not for its values."""

KEEPING = {"reshape", "repeat", "tile", "transpose", "swapaxes", "expand_dims", "split", "pad"}
"""Functions of one array whose other arguments are no values."""

FOLDS = {"sum", "mean", "max", "min", "prod", "cumsum", "concatenate", "stack", "argmax"}
"""Functions whose other arguments are axes."""

FOR_PLACES = {"argmax", "argmin", "argsort", "nonzero", "flatnonzero", "isnan"}
"""Functions that say where something is: no sign and no factor is missing in what they get."""


@dataclass(frozen=True, slots=True)
class Place:
    """An expression, how another one is put there, and what it is there for.

    `role` is "value", "condition", "index", "size", "axis" or "exponent".  `whole` marks a right
    side or a returned gradient, `target` the name it is assigned to, `factor` an operand of a
    product, `guards` an expression under a root or below a line, `single` one that is a whole
    index, `argument` the function that it is handed to.
    """

    put: Callable[[Any], None]
    node: ast.expr
    statement: ast.AST
    role: str
    whole: bool = False
    target: str = ""
    factor: bool = False
    guards: bool = False
    single: bool = False
    argument: str = ""


def places(tree: ast.FunctionDef | ast.Lambda) -> Iterator[Place]:
    """Yield each expression of the body, the outer ones first."""
    if isinstance(tree, ast.Lambda):
        yield Place(_setter(tree, "body"), tree.body, tree, "value", whole=True)
        yield from _inside(tree.body, tree, "value")
    else:
        for statement in tree.body:
            yield from _inside(statement, statement, "value")


def _inside(parent: ast.AST, statement: ast.AST, role: str) -> Iterator[Place]:
    whole = isinstance(parent, ast.Assign | ast.Return | ast.AugAssign | ast.Tuple | ast.Dict)
    target = _target(parent)
    operator = parent.op if isinstance(parent, ast.BinOp) else None
    factor = isinstance(operator, ast.Mult | ast.Div)
    single = isinstance(parent, ast.Subscript | ast.Tuple | ast.Slice)
    for name, put, child in _children(parent):
        inner = child if isinstance(child, ast.stmt) else statement
        now = _role(parent, name, child, role)
        if isinstance(child, ast.expr) and _may_change(child):
            is_whole = whole and now == "value"
            guards = _guards(parent, child)
            to = text_of(parent.func) if isinstance(parent, ast.Call) else ""
            yield Place(put, child, inner, now, is_whole, target, factor, guards, single, to)
        yield from _inside(child, inner, now)


def _guards(parent: ast.AST, child: ast.AST) -> bool:
    if isinstance(parent, ast.BinOp):
        below = isinstance(parent.op, ast.Div) and child is parent.right
        return below or isinstance(parent.op, ast.Pow)
    return isinstance(parent, ast.Call) and text_of(parent.func).endswith(("sqrt", "log"))


def _children(parent: ast.AST) -> Iterator[tuple[str, Callable[[Any], None], Any]]:
    for name, value in ast.iter_fields(parent):
        if name in ("target", "keys", "args") and not isinstance(parent, ast.Call | ast.AugAssign):
            continue
        if isinstance(value, ast.AST) and not (name == "func" and isinstance(value, ast.Name)):
            if name == "func" and isinstance(value, ast.Attribute):
                yield from _children(value)
            else:
                yield name, _setter(parent, name), value
        elif isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, ast.AST):
                    yield name, _setter_in(value, index), entry


def _role(parent: ast.AST, field: str, child: ast.AST, role: str) -> str:
    """Return what an expression is there for, by what stands around it."""
    if isinstance(parent, ast.Subscript) and field == "slice":
        compares = any(isinstance(part, ast.Compare) for part in ast.walk(child))
        return "condition" if compares else "index"
    if isinstance(parent, ast.Call):
        return _role_in_call(parent, child, role)
    if isinstance(parent, ast.Compare) or field == "test":
        return "condition" if role == "value" else role
    return _role_in_part(parent, field) or role


def _role_in_part(parent: ast.AST, field: str) -> str:
    match parent:
        case ast.Attribute(attr="shape" | "size" | "ndim" | "dtype"):
            return "size"
        case ast.BinOp(op=ast.Pow()) if field == "right":
            return "exponent"
        case ast.keyword(arg="axis" | "keepdims" | "dtype" | "optimize"):
            return "axis"
    return ""


def _role_in_call(call: ast.Call, child: ast.AST, role: str) -> str:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else text_of(call.func)
    subject = call.args[0] if call.args and of_numpy(call) else None
    if called in KEEPING and child in call.args and child is not subject:
        return "size"
    if called in FOLDS and child in call.args and child is not subject:
        return "axis"
    is_flag = isinstance(child, ast.Constant) and isinstance(call.func, ast.Name)
    if called in FOR_SHAPES or is_flag:
        return "size"
    return "condition" if called in FOR_PLACES else role


def of_numpy(call: ast.Call) -> bool:
    """Return whether a call is one of a function of NumPy, np.sum(x), not of a method, x.sum()."""
    called = call.func
    return isinstance(called, ast.Attribute) and text_of(called.value) in ("np", "numpy")


def _may_change(node: ast.expr) -> bool:
    if _is_target(node) or isinstance(node, ast.Starred):
        return False
    if isinstance(node, ast.Slice):
        return node.lower is node.upper is node.step is None
    if isinstance(node, ast.Name) and node.id in ("np", "numpy", "self"):
        return False
    return not _is_index_tuple(node)


def _target(parent: ast.AST) -> str:
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return text_of(parent.targets[0])
    return text_of(parent.target) if isinstance(parent, ast.AugAssign) else ""


def _is_target(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def _is_index_tuple(node: ast.AST) -> bool:
    """Return whether `node` is an index such as [:, None], which is no expression by itself."""
    return isinstance(node, ast.Tuple) and any(isinstance(e, ast.Slice) for e in node.elts)


def _setter(parent: ast.AST, name: str) -> Callable[[Any], None]:
    return lambda new: setattr(parent, name, new)


def _setter_in(entries: list[Any], index: int) -> Callable[[Any], None]:
    def put(new: Any) -> None:
        entries[index] = new

    return put


def text_of(node: ast.AST) -> str:
    """Return the text of a tree."""
    return ast.unparse(node)


def parsed(text: str) -> ast.expr:
    """Return an expression from its text."""
    return ast.parse(text, mode="eval").body
