"""One mistake in the source of a backward pass, at every place where it can be made."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

SIZES = re.compile(
    r"^(N|D|C|H|W|L|T|m|d|len\(.*\)|.*\.shape\[.*\]|.*\.size|np\.prod\(.*\.shape\))$"
)
MASK = re.compile(r"[<>]=?|==|mask|\binside\b|\bon\b|\bsmall\b")


class Edit(NamedTuple):
    """What is put in the place of a node, and what that mistake is called."""

    node: ast.AST | None
    cause: str
    also: tuple[str, ...] = ()


class Mutated(NamedTuple):
    """The source of a function with one edit in it, and the edit in a line."""

    source: str
    cause: str
    also: tuple[str, ...]
    change: str


def mutated(tree: ast.AST, function: ast.FunctionDef) -> Iterator[Mutated]:
    """Yield the source of `tree` with one edit in `function` after another, none twice."""
    seen = {ast.unparse(tree)}
    names = _names(function)
    for parent, field, index, node in list(_places(function)):
        for edit in _edits(node, names):
            _put(parent, field, index, edit.node if edit.node is not None else ast.Pass())
            source = ast.unparse(ast.fix_missing_locations(tree))
            _put(parent, field, index, node)
            if source not in seen:
                seen.add(source)
                new = "nothing" if edit.node is None else ast.unparse(edit.node)
                yield Mutated(source, edit.cause, edit.also, f"{ast.unparse(node)} -> {new}")


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _places(function: ast.FunctionDef) -> Iterator[tuple[Any, str, int | None, ast.AST]]:
    waiting: list[Any] = [(function, "body", i, node) for i, node in enumerate(function.body)]
    while waiting:
        place = waiting.pop(0)
        yield place
        node = place[3]
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                waiting.append((node, field, None, value))
            elif isinstance(value, list):
                waiting += [
                    (node, field, i, each)
                    for i, each in enumerate(value)
                    if isinstance(each, ast.expr | ast.stmt | ast.keyword)
                ]


def _names(function: ast.FunctionDef) -> list[str]:
    arguments = [each.arg for each in function.args.args if each.arg != "self"]
    assigned = [
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys([*arguments, *assigned]))


def _edits(node: ast.AST, names: list[str]) -> Iterator[Edit]:
    for kind, rule in RULES:
        if isinstance(node, kind):
            yield from rule(node)
    if isinstance(node, ast.Name):
        yield from _name(node, names)


def _attribute(node: ast.Attribute) -> Iterator[Edit]:
    if node.attr == "T":
        yield Edit(node.value, "transpose", ("shape", "wrong operand"))


def _product(node: ast.BinOp) -> Iterator[Edit]:
    left, right = node.left, node.right
    match node.op:
        case ast.MatMult():
            yield Edit(ast.BinOp(right, ast.MatMult(), left), "order", ("transpose", "shape"))
            for a, b in ((_transposed(left), right), (left, _transposed(right))):
                yield Edit(ast.BinOp(a, ast.MatMult(), b), "transpose", ("shape",))
        case ast.Mult():
            yield Edit(left, *_lost(right))
            yield Edit(right, *_lost(left))
            yield Edit(
                ast.BinOp(left, ast.Add(), right), "wrong derivative",
                ("extra term", "missing chain factor", "linearity", "shape"),
            )  # fmt: skip
        case ast.Div():
            yield Edit(left, *_lost(right, divisor=True))
        case ast.Pow() if not isinstance(right, ast.UnaryOp):
            yield Edit(left, "wrong derivative", ("missing chain factor", "linearity"))


def _lost(node: ast.expr, *, divisor: bool = False) -> tuple[str, tuple[str, ...]]:
    text = ast.unparse(node)
    if re.search(MASK, text):
        return "missing mask", ("missing chain factor",)
    if isinstance(node, ast.Constant):
        return "factor", ("wrong derivative",)
    if re.search(SIZES, text):
        return "1/N", ("factor",)
    wide = ("1/N", "factor") if divisor and re.search(r"size|shape|len|\bN\b", text) else ()
    return "missing chain factor", ("wrong derivative", "linearity", "extra term", *wide)


def _transposed(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _sum(node: ast.BinOp) -> Iterator[Edit]:
    if not isinstance(node.op, ast.Add | ast.Sub):
        return
    other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    formula = ("wrong derivative",)
    yield Edit(ast.BinOp(node.left, other, node.right), "sign", formula)
    one = isinstance(node.left, ast.Constant) or isinstance(node.right, ast.Constant)
    lost = ("missing chain factor", "wrong derivative", "sign") if one else formula
    yield Edit(node.left, "missing term", lost)
    minus = isinstance(node.op, ast.Sub)
    right = ast.UnaryOp(ast.USub(), node.right) if minus else node.right
    yield Edit(right, "missing term", lost)


def _minus(node: ast.UnaryOp) -> Iterator[Edit]:
    if isinstance(node.op, ast.USub):
        yield Edit(node.operand, "sign", ("wrong derivative",))


REDUCED = {"sum": "mean", "mean": "sum", "argmax": "argmin", "max": "min"}


def _call(node: ast.Call) -> Iterator[Edit]:
    if not isinstance(node.func, ast.Attribute):
        return
    name = node.func.attr
    if name in REDUCED:
        cause = "1/N" if name in ("sum", "mean") else "wrong mask"
        function = ast.Attribute(node.func.value, REDUCED[name], ast.Load())
        yield Edit(ast.Call(function, node.args, node.keywords), cause, ("factor",))
    if name in ("tanh", "exp", "sign", "copy", "log") and ast.unparse(node.func.value) == "np":
        yield Edit(node.args[0], "wrong operand", ("wrong derivative", "aliasing"))
    if name == "copy" and not node.args:
        yield Edit(node.func.value, "aliasing", ("state",))
    if name == "transpose" and not isinstance(node.func.value, ast.Name):
        yield Edit(node.func.value, "transpose", ("shape",))
    if name == "where":
        test, yes, no = node.args
        swapped = ast.Call(node.func, [test, no, yes], [])
        yield Edit(swapped, "wrong mask", ("wrong derivative",))


def _keyword(node: ast.keyword) -> Iterator[Edit]:
    if node.arg == "axis" and isinstance(node.value, ast.Constant | ast.UnaryOp):
        for axis in (0, 1):
            yield Edit(ast.keyword("axis", ast.Constant(axis)), "axis", ("shape",))
    if node.arg == "keepdims":
        yield Edit(ast.keyword("keepdims", ast.Constant(False)), "axis", ("shape",))  # noqa: FBT003


TURNED: dict[type, tuple[type, type]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.LtE: (ast.Lt, ast.Gt),
}


def _comparison(node: ast.Compare) -> Iterator[Edit]:
    pair = TURNED.get(type(node.ops[0]))
    if pair:
        edge, turned = pair
        yield Edit(ast.Compare(node.left, [edge()], node.comparators), "kink", ("ties",))
        yield Edit(ast.Compare(node.left, [turned()], node.comparators), "wrong mask", ())


def _constant(node: ast.Constant) -> Iterator[Edit]:
    if type(node.value) in (int, float) and node.value not in (0, -1):
        for factor in (2, 0.5):
            new = node.value * factor
            changed = ast.Constant(int(new) if new == int(new) else new)
            yield Edit(
                changed, "factor", ("wrong derivative", "wrong mask", "extra factor", "1/N", "axis")
            )


def _name(node: ast.Name, names: list[str]) -> Iterator[Edit]:
    if isinstance(node.ctx, ast.Load) and node.id in names:
        # The names beside it are those it is mistaken for; all would be thousands.
        place = names.index(node.id)
        for other in names[max(0, place - 2) : place + 3]:
            if other != node.id:
                yield Edit(
                    ast.Name(other, ast.Load()), "wrong operand",
                    ("extra factor", "missing chain factor", "wrong mask", "shape", "linearity"),
                )  # fmt: skip


def _in_place(node: ast.AugAssign) -> Iterator[Edit]:
    if isinstance(node.op, ast.Add | ast.Sub):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield Edit(ast.AugAssign(node.target, other, node.value), "sign", ())
        if isinstance(node.op, ast.Add):
            once = ast.Assign([node.target], node.value, lineno=0)
            yield Edit(once, "accumulation", ("missing term",))
        yield Edit(None, "missing term")
    else:
        cause, also = _lost(node.value, divisor=True)
        yield Edit(None, cause, also)


def _assigned(node: ast.Assign) -> Iterator[Edit]:
    target = node.targets[0]
    if isinstance(target, ast.Subscript) and not isinstance(node.value, ast.Call):
        masks = re.search(MASK, ast.unparse(target.slice))
        yield Edit(None, "missing mask" if masks else "missing term", ("missing chain factor",))


def _scattered(node: ast.Expr) -> Iterator[Edit]:
    if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "np.add.at":
        array, index, value = node.value.args
        target = ast.Subscript(array, index, ast.Store())
        yield Edit(ast.AugAssign(target, ast.Add(), value), "accumulation")


RULES: list[tuple[type, Callable[..., Iterator[Edit]]]] = [
    (ast.Attribute, _attribute),
    (ast.BinOp, _product),
    (ast.BinOp, _sum),
    (ast.UnaryOp, _minus),
    (ast.Call, _call),
    (ast.keyword, _keyword),
    (ast.Compare, _comparison),
    (ast.Constant, _constant),
    (ast.AugAssign, _in_place),
    (ast.Assign, _assigned),
    (ast.Expr, _scattered),
]
