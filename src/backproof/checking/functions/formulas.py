"""Changes inside a formula: another sign, another name, a factor less, a product the other way."""

import ast
import itertools
from collections.abc import Callable, Iterator

from backproof.checking.functions.edits import (
    SMALL,
    Edit,
    Names,
    Spot,
    bracketed,
    cause_of_factor,
    is_epsilon,
    is_number,
    is_size,
)
from backproof.checking.functions.places import text_of

Edits = Iterator[Edit]


def formula_edits(spot: Spot, names: Names) -> Edits:
    """Yield changes of one expression where it stands for a value or a condition."""
    for kind, change in _CHANGES:
        if isinstance(spot.node, kind):
            yield from change(spot, names)


def _transposed(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return text_of(node.value)
    return f"{bracketed(node)}.T"


def _of_matrix_product(spot: Spot, names: Names) -> Edits:
    node = spot.node
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)):
        return
    a, b, at, bt = (
        *map(bracketed, (node.left, node.right)),
        *map(_transposed, (node.left, node.right)),
    )
    yield Edit(f"{at} @ {b}", "transpose", 1, f"{text_of(node.left)} transposed")
    yield Edit(f"{a} @ {bt}", "transpose", 1, f"{text_of(node.right)} transposed")
    yield Edit(f"{b} @ {a}", "order", 1.3, "the factors the other way round")
    for new in (f"{bt} @ {a}", f"{b} @ {at}", f"{bt} @ {at}", f"{at} @ {bt}"):
        yield Edit(new, "transpose", 1.4, "the factors transposed")
    yield Edit(f"{a} * {b}", "wrong derivative", 2, "the entrywise product")
    for name, shape in names.shapes.items():
        if len(shape) == 2:
            for other in (name, f"{name}.T"):
                yield Edit(f"{a} @ {other}", "wrong operand", 1.9, f"{other} in the product")
                yield Edit(f"{other} @ {b}", "wrong operand", 1.9, f"{other} in the product")


def _of_product(spot: Spot, names: Names) -> Edits:
    node = spot.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult | ast.Div):
        return
    a, b = bracketed(node.left), bracketed(node.right)
    cause = cause_of_factor(node.right, names, "extra factor")
    if isinstance(node.op, ast.Div):
        yield Edit(a, cause, 1.2, f"not divided by {text_of(node.right)}")
        yield Edit(f"{a} * {b}", _or_mean(cause), 1.9, "a product")
        yield Edit(f"{a} / {b} ** 2", "missing chain factor", 2.2, "the square below")
        return
    yield Edit(a, cause, 1.2, f"without the factor {text_of(node.right)}")
    other = cause_of_factor(node.left, names, "extra factor")
    yield Edit(b, other, 1.2, f"without the factor {text_of(node.left)}")
    yield Edit(f"{a} / {b}", _or_mean(cause), 1.9, "a quotient")
    yield Edit(f"{a} + {b}", "wrong derivative", 2, "a sum")
    if spot.shape is not None and len(spot.shape) == 2:
        yield Edit(f"{a} @ {b}", "wrong derivative", 2, "the matrix product")
    left = node.left
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult):
        dropped = f"{text_of(left.right)} and {text_of(node.right)}"
        yield Edit(text_of(left.left), "extra factor", 1.6, f"without the factors {dropped}")


def _of_slope(spot: Spot, _: Names) -> Edits:
    """Yield the derivative of tanh for that of the logistic function, and the reverse."""
    match spot.node:
        case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(out, ast.Pow(), ast.Constant(2))):
            y = bracketed(out)
            yield Edit(f"{y} * (1 - {y})", "wrong derivative", 1.3, "the slope of the sigmoid")
        case ast.BinOp(left, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Sub(), out)):
            y = text_of(out)
            if text_of(left) == y:
                yield Edit(f"1 - {bracketed(out)} ** 2", "wrong derivative", 1.3, "tanh's slope")
            elif isinstance(left, ast.BinOp) and text_of(left.right) == y:
                new = f"{text_of(left.left)} * (1 - {bracketed(out)} ** 2)"
                yield Edit(new, "wrong derivative", 1.3, "the slope of tanh")


def _or_mean(cause: str) -> str:
    return "1/N" if cause == "1/N" else "wrong derivative"


def _of_sum(spot: Spot, names: Names) -> Edits:
    node = spot.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return
    a, b, plus = text_of(node.left), bracketed(node.right), isinstance(node.op, ast.Add)
    yield Edit(f"{a} {'-' if plus else '+'} {b}", "sign", 1, "the other sign")
    if not plus:
        swapped = f"{text_of(node.right)} - {bracketed(node.left)}"
        yield Edit(swapped, "sign", 1, "the difference the other way round")
        yield Edit(
            f"-{b}", _of_term(node.left, node.right, spot, names), 1.3, f"without the term {a}"
        )
        yield Edit(
            text_of(node.right), _of_term(node.left, node.right, spot, names), 1.3, f"without {a} -"
        )
    else:
        yield Edit(b, _of_term(node.left, node.right, spot, names), 1.2, f"without the term {a}")
    yield Edit(
        a,
        _of_term(node.right, node.left, spot, names),
        1.2,
        f"without the term {text_of(node.right)}",
    )
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


def _of_name(spot: Spot, names: Names) -> Edits:  # noqa: C901, PLR0912  one case for each change
    name = spot.text
    is_condition = spot.place.role == "condition"
    cause = "wrong mask" if is_condition or name in names.masks else "wrong operand"
    for other, cost in names.alike(name):
        yield Edit(other, cause, 1.6 + cost, f"{other} for {name}")
    if name in names.numbers:
        for other in names.numbers:
            if other != name:
                sizes = name in names.sizes and other in names.sizes
                yield Edit(other, "1/N" if sizes else cause, 1.5, f"{other} for {name}")
        for other in names.shapes:
            yield Edit(other, "wrong operand", 1.9, f"{other} for {name}")
    if name in names.indices:
        for other, shape in names.indices.items():
            if other != name and shape == names.indices[name]:
                yield Edit(other, cause, 1.6, f"{other} for {name}")
    if name in names.masks:
        yield Edit(f"1 - {name}", "wrong mask", 1.1, f"the reverse of {name}")
        yield Edit(f"~{name}", "wrong mask", 1.1, f"the reverse of {name}")
    if name not in names.shapes:
        return
    for function in names.functions:
        new = f"{function}({name})"
        yield Edit(new, cause, 1.8, f"{new} for {name}")
    for number in names.numbers:
        yield Edit(number, "wrong operand", 1.7, f"{number} for {name}")
    if is_condition:
        return
    if spot.place.argument.endswith("exp"):
        yield Edit(f"-{name}", "sign", 1.2, f"-{name} for {name}")
    shape = names.shapes[name]
    if len(shape) > 1:
        yield Edit(f"{name}.T", "transpose", 1, f"{name} transposed")
    yield Edit(f"{name} ** 2", "wrong derivative", 1.6, f"{name} squared")
    yield Edit(f"{name}[::-1]", "order", 1.8, f"{name} in reverse")
    for epsilon in names.epsilons:
        new = f"np.sqrt({name} ** 2 + {epsilon})"
        yield Edit(new, "epsilon", 1.8, f"{epsilon} under the root of {name}")


def _of_attribute(spot: Spot, names: Names) -> Edits:
    node = spot.node
    assert isinstance(node, ast.Attribute)
    if node.attr == "T":
        yield Edit(text_of(node.value), "transpose", 1, f"{text_of(node.value)} not transposed")
    elif spot.text in names.shapes or spot.text in names.numbers:
        yield from _of_name(spot, names)


def _of_compare(spot: Spot, names: Names) -> Edits:
    node = spot.node
    assert isinstance(node, ast.Compare)
    left, right, now = text_of(node.left), text_of(node.comparators[0]), type(node.ops[0])
    for operator, sign in _COMPARISONS.items():
        if operator is not now:
            does = f"{sign} for {_COMPARISONS.get(now, 'the comparison')}"
            yield Edit(f"{left} {sign} {right}", "wrong mask", 1.2, does)
    known = _COMPARISONS.get(now)
    if known is None:
        return
    if right != "0":
        yield Edit(f"{left} {sign} 0", "wrong mask", 1, "compared with 0")
    yield Edit(f"abs({left}) {sign} {right}", "wrong mask", 1.5, "the absolute value")
    for name, other in itertools.product([*names.shapes, *names.hidden], _COMPARISONS.values()):
        if name not in (left, right) and other in "<>":
            new = f"({left} {sign} {right}) & ({name} {other} 0)"
            yield Edit(new, "wrong mask", 2.4, f"where {name} {other} 0 only")


_COMPARISONS: dict[type, str] = {
    ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def _of_constant(spot: Spot, names: Names) -> Edits:
    node = spot.node
    assert isinstance(node, ast.Constant)
    value = node.value
    if isinstance(value, str):
        yield from _of_subscripts(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    cause = _cause_of_constant(spot)
    others = [value + 1, value - 1, 2 * value, value / 2, 3 * value]
    if value and (spot.place.factor or spot.place.whole):
        yield Edit(f"{-value:g}", "sign", 1.2, f"{-value:g} for {value}")
    for other in dict.fromkeys(others):
        if other != value and (other >= 0 or cause != "wrong mask"):
            yield Edit(f"{other:g}", cause, 1.5, f"{other:g} for {value}")
    for constant in names.constants:
        if constant != spot.text:
            yield Edit(constant, cause, 1.6, f"{constant} for {value}, as in forward")
    for name in names.numbers:
        yield Edit(name, cause, 1.8, f"{name} for {value}")


def _cause_of_constant(spot: Spot) -> str:
    value = getattr(spot.node, "value", 0)
    if spot.place.role == "condition":
        return "wrong mask"
    if 0 < abs(value) < SMALL:
        return "epsilon"
    return "factor" if spot.place.factor or spot.place.whole else "wrong derivative"


def _of_subscripts(text: str) -> Edits:
    """Yield the subscripts of an einsum, with the letters of one array in another order."""
    inputs, arrow, output = text.partition("->")
    if not arrow:
        return
    arrays = [*inputs.split(","), output]
    for k, letters in enumerate(arrays):
        for i, j in itertools.combinations(range(len(letters)), 2):
            order = list(letters)
            order[i], order[j] = order[j], order[i]
            changed = [*arrays[:k], "".join(order), *arrays[k + 1 :]]
            new = ",".join(changed[:-1]) + "->" + changed[-1]
            yield Edit(repr(new), "transpose", 1.2, f"{new} for {text}")


def _of_sign(spot: Spot, _: Names) -> Edits:
    node = spot.node
    assert isinstance(node, ast.UnaryOp)
    if isinstance(node.op, ast.USub) and spot.place.role != "condition":
        yield Edit(text_of(node.operand), "sign", 1, "without the minus sign")
    if isinstance(node.op, ast.Invert | ast.Not):
        yield Edit(text_of(node.operand), "wrong mask", 1, "not negated")


def _of_subscript(spot: Spot, names: Names) -> Edits:
    node = spot.node
    assert isinstance(node, ast.Subscript)
    if spot.text in names.shapes:
        yield from _of_name(spot, names)
    base = text_of(node.value)
    if base.endswith(".shape"):
        array = base.removesuffix(".shape")
        for other in ("[0]", "[1]", "[-1]"):
            yield Edit(f"{base}{other}", "1/N", 1.3, f"{base}{other}")
        yield Edit(f"{array}.size", "1/N", 1.3, f"{array}.size")
    elif isinstance(node.slice, ast.Slice) and node.slice.step is not None:
        yield Edit(base, "order", 1.3, f"{base} in its own order")
        yield Edit(f"{base}[::-1]", "order", 1.3, f"{base} in reverse")
    elif isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
        new = f"{base}.sum(axis=0)"
        yield Edit(new, "missing term", 1.5, f"the sum of all of {base}")
    elif any(isinstance(part, ast.Slice) for part in ast.walk(node.slice)):
        yield Edit(base, "missing term", 1.5, f"all of {base}")


def index_edits(spot: Spot, names: Names) -> Edits:  # noqa: C901  one case for each kind of index
    """Yield changes of an index: the one before, the one after, another name."""
    node = spot.node
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        for other in (node.value + 1, node.value - 1):
            yield Edit(str(other), "wrong operand", 1.6, f"index {other} for {node.value}")
    if isinstance(node, ast.Name) and spot.place.single:
        for new in (f"{node.id} - 1", f"{node.id} + 1"):
            yield Edit(new, "wrong operand", 1.6, f"index {new}")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        new = text_of(node.left)
        yield Edit(new, "wrong operand", 1.5, f"index {new}")
    if isinstance(node, ast.Name):
        yield from _of_name(spot, names)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Invert):
        yield Edit(text_of(node.operand), "order", 1.6, f"{text_of(node.operand)} for {spot.text}")
    if isinstance(node, ast.Slice) and node.lower is node.upper is node.step is None:
        for labels, shape in names.indices.items():
            if len(shape) == 1:
                new = f"np.arange(len({labels}))"
                yield Edit(new, "wrong operand", 1.2, f"row by row, {new}")


_CHANGES: list[tuple[type, Callable[[Spot, Names], Edits]]] = [
    (ast.BinOp, _of_matrix_product),
    (ast.BinOp, _of_product),
    (ast.BinOp, _of_slope),
    (ast.BinOp, _of_sum),
    (ast.BinOp, _of_power),
    (ast.Name, _of_name),
    (ast.Attribute, _of_attribute),
    (ast.Compare, _of_compare),
    (ast.Constant, _of_constant),
    (ast.UnaryOp, _of_sign),
    (ast.Subscript, _of_subscript),
]
