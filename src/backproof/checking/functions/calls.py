"""Changes of a call in a formula: a mean for a sum, another axis, another order of arguments."""

import ast
from collections.abc import Iterator

from backproof.checking.functions.edits import Edit, Names, Spot, bracketed
from backproof.checking.functions.places import of_numpy, text_of

_FOLDS = {"sum": "mean", "mean": "sum"}
_EXTREMES = {"max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax",
             "maximum": "minimum", "minimum": "maximum"}  # fmt: skip
_SLOPES = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}
PRODUCTS = ("outer", "dot", "matmul", "multiply")
"""Functions of NumPy that multiply."""

_AXES = ("0", "1", "-1", "None", "(0, 1)", "(0, 2)", "(0, 2, 3)", "(1, 2)", "(-2, -1)")


def call_edits(spot: Spot, names: Names) -> Iterator[Edit]:
    """Yield changes of a call."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    called = node.func.attr if isinstance(node.func, ast.Attribute) else text_of(node.func)
    if called in _FOLDS:
        new = _called(node, _FOLDS[called])
        yield Edit(new, "1/N", 1, f"a {_FOLDS[called]} for a {called}")
        yield from _axes(node, called)
    if called in _EXTREMES:
        new = _called(node, _EXTREMES[called])
        yield Edit(new, "wrong mask", 1.1, f"{_EXTREMES[called]} for {called}")
        yield from _axes(node, called)
    if called in _SLOPES:
        new = _called(node, _SLOPES[called])
        yield Edit(new, "wrong derivative", 1.1, f"{_SLOPES[called]} for {called}")
    yield from _of_arguments(spot, node, called, names)
    if called == "where" and len(node.args) == 3:
        yield from _of_where(node)


def _of_arguments(spot: Spot, node: ast.Call, called: str, names: Names) -> Iterator[Edit]:
    inner = _argument(node)
    if inner is not None and called not in ("reshape", "copy", "array", "asarray"):
        cause = {"clip": "linearity", "abs": "linearity"}.get(called, "wrong operand")
        yield Edit(text_of(inner), cause, 1.8, f"without {called}")
    if called == "sqrt" and len(node.args) == 1:
        for epsilon in names.epsilons:
            new = f"{text_of(node.func)}({text_of(node.args[0])} + {epsilon})"
            yield Edit(new, "epsilon", 1.2, f"{epsilon} under the root")
    if len(node.args) == 2 and not node.keywords and called in PRODUCTS:
        a, b = map(text_of, node.args)
        new = f"{text_of(node.func)}({b}, {a})"
        yield Edit(new, "order", 1.2, "the arguments the other way round")
        yield Edit(a, "extra factor", 1.4, f"without the factor {b}")
        yield Edit(b, "extra factor", 1.4, f"without the factor {a}")
    if called in ("tril", "triu") and len(node.args) == 2:
        new = f"{text_of(node.func)}({text_of(node.args[0])})"
        yield Edit(new, "wrong mask", 1, f"with the diagonal that {called} takes")
    if called in ("hstack", "vstack", "concatenate", "stack") and node.args:
        yield from _reordered(node)
    if called == "transpose" and (node.args or node.keywords):
        yield from _permuted(node)
    if spot.place.role == "value" and called not in _FOLDS:
        yield Edit(f"{spot.text} ** 2", "wrong derivative", 1.6, "the square")


def _reordered(node: ast.Call) -> Iterator[Edit]:
    """Yield the same arrays put together, two of them exchanged."""
    joined, rest = node.args[0], [*node.args[1:], *node.keywords]
    if not isinstance(joined, ast.Tuple | ast.List):
        return
    for i in range(len(joined.elts)):
        for j in range(i):
            order = [text_of(part) for part in joined.elts]
            order[i], order[j] = order[j], order[i]
            arguments = ", ".join([f"[{', '.join(order)}]", *map(text_of, rest)])
            new = f"{text_of(node.func)}({arguments})"
            yield Edit(new, "order", 1.3, f"{order[i]} and {order[j]} exchanged")


def _permuted(node: ast.Call) -> Iterator[Edit]:
    axes = node.args[1:] if of_numpy(node) else node.args
    numbers = axes[0].elts if len(axes) == 1 and isinstance(axes[0], ast.Tuple) else axes
    order = [text_of(number) for number in numbers]
    array = bracketed(node.args[0] if of_numpy(node) else getattr(node.func, "value", node.func))
    for i in range(len(order)):
        for j in range(i):
            other = list(order)
            other[i], other[j] = other[j], other[i]
            new = f"{array}.transpose({', '.join(other)})"
            yield Edit(new, "transpose", 1.3, f"the axes in the order {', '.join(other)}")


def _of_where(node: ast.Call) -> Iterator[Edit]:
    function, (condition, a, b) = text_of(node.func), map(text_of, node.args)
    swapped = f"{function}({condition}, {b}, {a})"
    yield Edit(swapped, "wrong mask", 1.2, "the two cases exchanged")
    yield Edit(a, "wrong mask", 1.5, "without the mask")
    yield Edit(b, "wrong mask", 1.5, "without the mask")


def _called(node: ast.Call, attribute: str) -> str:
    """Return the same call of another function or method of the same owner."""
    arguments = [*map(text_of, node.args), *(text_of(keyword) for keyword in node.keywords)]
    owner = f"{bracketed(node.func.value)}." if isinstance(node.func, ast.Attribute) else ""
    return f"{owner}{attribute}({', '.join(arguments)})"


def _argument(node: ast.Call) -> ast.expr | None:
    """Return what a function is called on, if that is one thing: x of f(x) and of x.f()."""
    if of_numpy(node) or not isinstance(node.func, ast.Attribute):
        return node.args[0] if len(node.args) == 1 else None
    return node.func.value if text_of(node.func.value) != "self" else None


def _axes(node: ast.Call, called: str) -> Iterator[Edit]:
    start = text_of(node.func)
    start += f"({text_of(node.args[0])}, " if of_numpy(node) and node.args else "("
    for axis in _AXES:
        for keep in (False, True):
            new = f"{start}axis={axis}{', keepdims=True' if keep else ''})"
            does = f"the {called} over axis {axis}{', kept' if keep else ''}"
            yield Edit(new, "axis", 1.3 + 0.1 * keep, does)
