"""Changes inside a formula: another sign, another name, a factor less, a product the other way."""

import ast
from collections.abc import Callable, Iterator

from backproof.checking.functions.edits import (
    Edit,
    Names,
    Spot,
    bracketed,
    cause_of_factor,
    is_epsilon,
    is_number,
    is_size,
)
from backproof.checking.functions.leaves import (
    of_attribute,
    of_comparison,
    of_constant,
    of_name,
    of_size,
    of_subscript,
)
from backproof.checking.functions.places import text_of

Edits = Iterator[Edit]


def formula_edits(spot: Spot, names: Names) -> Edits:
    """Yield changes of one expression where it stands for a value or a condition."""
    for change in _CHANGES:
        yield from change(spot, names)


def _transposed(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return text_of(node.value)
    return f"{bracketed(node)}.T"


def _of_matrix_product(spot: Spot, names: Names) -> Edits:
    node = spot.node
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)):
        return
    a, at = bracketed(node.left), _transposed(node.left)
    b, bt = bracketed(node.right), _transposed(node.right)
    yield Edit(f"{at} @ {b}", "transpose", 1, f"{text_of(node.left)} transposed")
    yield Edit(f"{a} @ {bt}", "transpose", 1, f"{text_of(node.right)} transposed")
    yield Edit(f"{b} @ {a}", "order", 1.3, "the factors the other way round")
    yield Edit(f"{bt} @ {at}", "transpose", 1.1, "the product transposed")
    for new in (f"{bt} @ {a}", f"{b} @ {at}", f"{at} @ {bt}"):
        yield Edit(new, "transpose", 1.4, "the factors transposed")
    yield Edit(f"{a} * {b}", "wrong derivative", 2, "the entrywise product")
    for name, shape in names.shapes.items():
        for other in (name, f"{name}.T") if len(shape) == 2 else ():
            yield Edit(f"{a} @ {other}", "wrong operand", 1.9, f"{other} in the product")
            yield Edit(f"{other} @ {b}", "wrong operand", 1.9, f"{other} in the product")


def _of_product(spot: Spot, names: Names) -> Edits:
    node = spot.node
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
        return
    a, b = bracketed(node.left), bracketed(node.right)
    cause = cause_of_factor(node.right, names, "extra factor")
    other = cause_of_factor(node.left, names, "extra factor")
    yield Edit(a, cause, 1.2, f"without the factor {text_of(node.right)}")
    yield Edit(b, other, 1.2, f"without the factor {text_of(node.left)}")
    yield Edit(f"{a} / {b}", _or_mean(cause), 1.9, "a quotient")
    yield Edit(f"{a} + {b}", "wrong derivative", 2, "a sum")
    if spot.shape is not None and len(spot.shape) == 2:
        yield Edit(f"{a} @ {b}", "wrong derivative", 2, "the matrix product")
    left = node.left
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult):
        dropped = f"{text_of(left.right)} and {text_of(node.right)}"
        yield Edit(text_of(left.left), "extra factor", 1.6, f"without the factors {dropped}")


def _of_quotient(spot: Spot, names: Names) -> Edits:
    node = spot.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        a, b = bracketed(node.left), bracketed(node.right)
        cause = cause_of_factor(node.right, names, "extra factor")
        yield Edit(a, cause, 1.2, f"not divided by {text_of(node.right)}")
        yield Edit(f"{a} * {b}", _or_mean(cause), 1.9, "a product")
        yield Edit(f"{a} / {b} ** 2", "missing chain factor", 2.2, "the square below")


def _or_mean(cause: str) -> str:
    return "1/N" if cause == "1/N" else "wrong derivative"


def _of_slope(spot: Spot, _: Names) -> Edits:
    """Yield the derivative of tanh for that of the logistic function, and the reverse."""
    match spot.node:
        case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(out, ast.Pow(), ast.Constant(2))):
            y = bracketed(out)
            yield Edit(f"{y} * (1 - {y})", "wrong derivative", 1.3, "the slope of the sigmoid")
        case ast.BinOp(left, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Sub(), out)):
            y = text_of(out)
            slope = f"1 - {bracketed(out)} ** 2"
            if text_of(left) == y:
                yield Edit(slope, "wrong derivative", 1.3, "the slope of tanh")
            elif isinstance(left, ast.BinOp) and text_of(left.right) == y:
                new = f"{text_of(left.left)} * ({slope})"
                yield Edit(new, "wrong derivative", 1.3, "the slope of tanh")


def _of_sum(spot: Spot, names: Names) -> Edits:
    node = spot.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return
    a, b, plus = text_of(node.left), bracketed(node.right), isinstance(node.op, ast.Add)
    without_left = _of_term(node.left, node.right, spot, names)
    yield Edit(f"{a} {'-' if plus else '+'} {b}", "sign", 1, "the other sign")
    if not plus:
        swapped = f"{text_of(node.right)} - {bracketed(node.left)}"
        yield Edit(swapped, "sign", 1, "the difference the other way round")
        yield Edit(f"-{b}", without_left, 1.3, f"without the term {a}")
    more = 0.0 if plus else 0.1
    yield Edit(text_of(node.right), without_left, 1.2 + more, f"without the term {a}")
    without_right = _of_term(node.right, node.left, spot, names)
    yield Edit(a, without_right, 1.2, f"without the term {text_of(node.right)}")
    yield Edit(f"{bracketed(node.left)} * {b}", "wrong derivative", 2.2, "a product")


def _of_term(dropped: ast.expr, kept: ast.expr, spot: Spot, names: Names) -> str:
    if is_size(kept, names):
        return "1/N"
    if is_epsilon(dropped):
        return "epsilon" if spot.place.guards else "extra term"
    return "wrong derivative" if is_number(dropped) and spot.place.factor else "extra term"


def _of_power(spot: Spot, _: Names) -> Edits:
    node = spot.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Pow):
        return
    base, now = bracketed(node.left), text_of(node.right)
    for exponent in ("1", "2", "3", "0.5", "-1", "-2", "-0.5", "-1.5", "-3"):
        if exponent != now:
            new = base if exponent == "1" else f"{base} ** {exponent}"
            yield Edit(new, "wrong derivative", 1.4, f"the power {exponent}")


def _of_sign(spot: Spot, _: Names) -> Edits:
    node = spot.node
    if not isinstance(node, ast.UnaryOp):
        return
    if isinstance(node.op, ast.USub) and spot.place.role != "condition":
        yield Edit(text_of(node.operand), "sign", 1, "without the minus sign")
    if isinstance(node.op, ast.Invert | ast.Not):
        yield Edit(text_of(node.operand), "wrong mask", 1, "not negated")


_CHANGES: list[Callable[[Spot, Names], Edits]] = [
    _of_matrix_product,
    _of_product,
    _of_quotient,
    _of_slope,
    _of_sum,
    _of_power,
    _of_sign,
    of_name,
    of_attribute,
    of_size,
    of_subscript,
    of_constant,
    of_comparison,
]
