"""Changes of the leaves of a formula: a name, a constant, an index, a comparison."""

import ast
import itertools
from collections.abc import Iterator

from backproof.checking.functions.edits import SMALL, Edit, Names, Spot, bracketed, is_size
from backproof.checking.functions.places import text_of

Edits = Iterator[Edit]


def of_name(spot: Spot, names: Names) -> Edits:
    """Yield another name in the place of one, a function of it, its transpose or its reverse."""
    if isinstance(spot.node, ast.Name) or spot.text in names.shapes:
        yield from _other_names(spot, names)
        if spot.text in names.masks:
            yield Edit(f"1 - {spot.text}", "wrong mask", 1.1, f"the reverse of {spot.text}")
            yield Edit(f"~{spot.text}", "wrong mask", 1.1, f"the reverse of {spot.text}")
        if spot.text in names.shapes and spot.place.role == "value":
            yield from _of_array(spot, names)


def _other_names(spot: Spot, names: Names) -> Edits:
    name, is_condition = spot.text, spot.place.role == "condition"
    cause = "wrong mask" if is_condition or name in names.masks else "wrong operand"
    if name in names.numbers:
        yield from _for_number(name, names, cause, is_index=spot.place.role == "index")
    for other, cost in names.alike(name):
        yield Edit(other, cause, 1.6 + cost, f"{other} for {name}")
    for other, shape in names.indices.items():
        if other != name and shape == names.indices.get(name):
            yield Edit(other, cause, 1.6, f"{other} for {name}")
    for function in names.functions if name in names.shapes else ():
        new = f"{function}({name})"
        yield Edit(new, cause, 1.8, f"{new} for {name}")


def _for_number(name: str, names: Names, cause: str, *, is_index: bool) -> Edits:
    for other in names.numbers:
        if other != name:
            sizes = not is_index and {name, other} <= set(names.sizes)
            yield Edit(other, "1/N" if sizes else cause, 1.5, f"{other} for {name}")
    for other in names.shapes:
        yield Edit(other, "wrong operand", 1.9, f"{other} for {name}")


def _of_array(spot: Spot, names: Names) -> Edits:
    name = spot.text
    if spot.place.argument.endswith("exp"):
        yield Edit(f"-{name}", "sign", 1.2, f"-{name} for {name}")
    if len(names.shapes[name]) > 1:
        yield Edit(f"{name}.T", "transpose", 1, f"{name} transposed")
    yield Edit(f"{name} ** 2", "wrong derivative", 1.6, f"{name} squared")
    yield Edit(f"{name}[::-1]", "order", 1.8, f"{name} in reverse")
    for number in names.numbers:
        yield Edit(number, "wrong operand", 1.7, f"{number} for {name}")
    for epsilon in names.epsilons:
        new = f"np.sqrt({name} ** 2 + {epsilon})"
        yield Edit(new, "epsilon", 1.8, f"{epsilon} under the root of {name}")


def of_attribute(spot: Spot, _: Names) -> Edits:
    """Yield an array that is not transposed."""
    node = spot.node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield Edit(text_of(node.value), "transpose", 1, f"{text_of(node.value)} not transposed")


def of_size(spot: Spot, names: Names) -> Edits:
    """Yield another number of entries: of another axis, of all of them, of another array."""
    if isinstance(spot.node, ast.BinOp | ast.Name) or not is_size(spot.node, names):
        return
    own = spot.text.removeprefix("len(").removesuffix(")").split(".shape[")[0].split(".size")[0]
    for array, shape in names.shapes.items():
        cost = 1.3 if array == own else 1.4
        if array.isidentifier():
            for axis in range(len(shape)):
                yield Edit(f"{array}.shape[{axis}]", "1/N", cost, f"{array}.shape[{axis}]")
            yield Edit(f"{array}.size", "1/N", cost, f"{array}.size")


def shape_edits(spot: Spot, names: Names) -> Edits:
    """Yield another array of which a shape is asked."""
    if isinstance(spot.node, ast.Name):
        for other, cost in names.alike(spot.text):
            if other.isidentifier():
                yield Edit(other, "wrong operand", 1.4 + cost, f"{other} for {spot.text}")


def of_subscript(spot: Spot, _: Names) -> Edits:
    """Yield all of an array for a part, or a part in the other order."""
    node = spot.node
    if not isinstance(node, ast.Subscript):
        return
    base = bracketed(node.value)
    if base.endswith(".shape"):
        return
    if isinstance(node.slice, ast.Slice) and node.slice.step is not None:
        yield Edit(base, "order", 1.3, f"{base} in its own order")
        yield Edit(f"{base}[::-1]", "order", 1.3, f"{base} in reverse")
    elif isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
        yield Edit(f"{base}.sum(axis=0)", "missing term", 1.5, f"the sum of all of {base}")
    elif any(isinstance(part, ast.Slice) for part in ast.walk(node.slice)):
        yield Edit(base, "missing term", 1.5, f"all of {base}")


_COMPARISONS: dict[type, str] = {
    ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def of_comparison(spot: Spot, names: Names) -> Edits:
    """Yield another comparison: of the absolute value, with 0, with one more condition."""
    node = spot.node
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _COMPARISONS:
        return
    left, right, now = text_of(node.left), text_of(node.comparators[0]), type(node.ops[0])
    sign = _COMPARISONS[now]
    for other in _COMPARISONS.values():
        if other != sign:
            yield Edit(f"{left} {other} {right}", "wrong mask", 1.2, f"{other} for {sign}")
    if right != "0":
        yield Edit(f"{left} {sign} 0", "wrong mask", 1, "compared with 0")
    yield Edit(f"abs({left}) {sign} {right}", "wrong mask", 1.5, "the absolute value")
    for bound, other in itertools.product([*names.numbers, *names.constants], "<>"):
        new = f"({left} {sign} {right}) & ({left} {other} {bound})"
        yield Edit(new, "wrong mask", 1.9, f"where {left} {other} {bound} only")
    for name, other in itertools.product([*names.shapes, *names.hidden], "<>"):
        if name not in (left, right):
            new = f"({left} {sign} {right}) & ({name} {other} 0)"
            yield Edit(new, "wrong mask", 2.4, f"where {name} {other} 0 only")


def of_constant(spot: Spot, names: Names) -> Edits:
    """Yield another number, or the letters of an einsum in another order."""
    node = spot.node
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, str):
        yield from _of_letters(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(spot, value, names)


def _of_number(spot: Spot, value: float, names: Names) -> Edits:
    cause = _cause_of_number(spot, value)
    if value and (spot.place.factor or spot.place.whole):
        yield Edit(repr(-value), "sign", 1.2, f"{-value!r} for {value}")
    for other in dict.fromkeys([value + 1, value - 1, 2 * value, value / 2, 3 * value]):
        if other != value and (other >= 0 or cause != "wrong mask"):
            new = repr(int(other)) if other == int(other) else repr(other)
            yield Edit(new, cause, 1.5, f"{new} for {value}")
    for constant in names.constants:
        yield Edit(constant, cause, 1.6, f"{constant} for {value}, as in forward")
    for name in names.numbers:
        yield Edit(name, cause, 1.8, f"{name} for {value}")


def _cause_of_number(spot: Spot, value: float) -> str:
    if spot.place.role == "condition":
        return "wrong mask"
    if 0 < abs(value) < SMALL:
        return "epsilon"
    return "factor" if spot.place.factor or spot.place.whole else "wrong derivative"


def _of_letters(text: str) -> Edits:
    """Yield the subscripts of an einsum, with the letters of one array in another order."""
    inputs, arrow, output = text.partition("->")
    arrays = [*inputs.split(","), output] if arrow else []
    for k, letters in enumerate(arrays):
        for i, j in itertools.combinations(range(len(letters)), 2):
            order = list(letters)
            order[i], order[j] = order[j], order[i]
            changed = [*arrays[:k], "".join(order), *arrays[k + 1 :]]
            new = ",".join(changed[:-1]) + "->" + changed[-1]
            yield Edit(repr(new), "transpose", 1.2, f"{new} for {text}")


def index_edits(spot: Spot, names: Names) -> Edits:
    """Yield changes of an index: the one before, the one after, another name."""
    match spot.node:
        case ast.Constant(int(value)):
            for other in (value + 1, value - 1):
                yield Edit(str(other), "wrong operand", 1.6, f"index {other} for {value}")
        case ast.Name(name):
            for new in (f"{name} - 1", f"{name} + 1") if spot.place.single else ():
                yield Edit(new, "wrong operand", 1.6, f"index {new}")
            yield from of_name(spot, names)
        case ast.BinOp(left, ast.Add() | ast.Sub()):
            yield Edit(text_of(left), "wrong operand", 1.5, f"index {text_of(left)}")
        case ast.UnaryOp(ast.USub(), operand):
            new = text_of(operand)
            yield Edit(new, "order", 1.6, f"{new} for {spot.text}")
        case ast.Slice(None, None, None):
            for labels in (name for name, shape in names.indices.items() if len(shape) == 1):
                new = f"np.arange(len({labels}))"
                yield Edit(new, "wrong operand", 1.2, f"row by row, {new}")
