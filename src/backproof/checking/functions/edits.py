"""Small changes to a formula, each with the mistake that it would mend."""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SMALL = 1e-3
"""A constant below this is taken for an epsilon."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` in place of the expression at `old`; the cause it would mend, and how unlikely it is."""

    new: Any
    cause: str
    cost: float
    does: str


@dataclass(frozen=True, slots=True)
class Names:
    """What may stand in a formula of a backward pass: arrays with their shapes, numbers, functions.

    An array may be a call as well, such as `sigmoid(x)`, if it stands in the source.
    """

    shapes: Mapping[str, tuple[int, ...]]
    numbers: Sequence[str]
    functions: Sequence[str] = ()
    epsilons: Sequence[str] = ()
    masks: Sequence[str] = ()

    @property
    def arrays(self) -> Sequence[str]:
        """The names of the arrays."""
        return list(self.shapes)

    def fitting(self, shape: tuple[int, ...] | None) -> list[str]:
        """Return the arrays that can be multiplied with one of this shape and leave it as it is."""
        if shape is None:
            return list(self.shapes)
        return [name for name, other in self.shapes.items() if _broadcasts(other, shape)]

    def shape_of(self, node: ast.AST) -> tuple[int, ...] | None:
        """Return the shape of an expression, if it is a name or a call that is known."""
        return self.shapes.get(text_of(node))


def _broadcasts(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    if len(small) > len(large):
        return False
    return all(a in (1, b) for a, b in zip(small[::-1], large[::-1], strict=False))


def edits(
    node: ast.expr, names: Names, *, whole: bool, shape: tuple[int, ...] | None = None
) -> Iterator[Edit]:
    """Yield changes of one expression; `whole` marks a right side or a returned gradient."""
    if isinstance(node, ast.Slice | ast.Starred) or _has_slice(node):
        return
    for kind, change in _CHANGES:
        if isinstance(node, kind):
            yield from change(node, names)
    shape = shape or names.shape_of(node)
    if whole or isinstance(node, ast.Name | ast.BinOp | ast.Call | ast.Subscript):
        yield from _factors(node, names, shape, whole=whole)
    if whole:
        yield from _wholes(node, names, shape)
    if whole or isinstance(node, ast.Name):
        yield from _projections(node, names, shape)


def _has_slice(node: ast.AST) -> bool:
    """Return whether `node` is an index such as [:, None], which is no expression by itself."""
    return isinstance(node, ast.Tuple) and any(isinstance(e, ast.Slice) for e in node.elts)


def parsed(text: str) -> ast.expr:
    """Return an expression from its text."""
    return ast.parse(text, mode="eval").body


def text_of(node: ast.AST) -> str:
    """Return the text of a tree."""
    return ast.unparse(node)


def _product(a: ast.expr, b: ast.expr, operator: ast.operator | None = None) -> ast.expr:
    return ast.BinOp(copy.deepcopy(a), operator or ast.Mult(), copy.deepcopy(b))


def _transposed(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return copy.deepcopy(node.value)
    return ast.Attribute(copy.deepcopy(node), "T", ast.Load())


def _is_mask(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Compare) for part in ast.walk(node)) or "mask" in text_of(node)


def _is_epsilon(node: ast.AST) -> bool:
    small = isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value < SMALL
    return small or "eps" in text_of(node)


def _is_size(node: ast.AST) -> bool:
    text = text_of(node)
    return (
        ".shape" in text
        or ".size" in text
        or text.startswith("len(")
        or text in ("N", "m", "n", "batch", "batch_size")
    )


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.UnaryOp | ast.BinOp)
        and all(isinstance(part, ast.Constant | ast.operator | ast.unaryop | ast.BinOp | ast.UnaryOp)
                for part in ast.walk(node))
    )  # fmt: skip


def _cause_of_factor(node: ast.AST, otherwise: str) -> str:
    if _is_size(node):
        return "1/N"
    if _is_mask(node):
        return "missing mask" if otherwise.startswith("missing") else "wrong mask"
    return "factor" if _is_number(node) else otherwise


def _of_product(node: ast.BinOp, names: Names) -> Iterator[Edit]:
    a, b = node.left, node.right
    if isinstance(node.op, ast.MatMult):
        for new in (_product(b, a, node.op), _product(_transposed(b), a, node.op),
                    _product(b, _transposed(a), node.op), _product(_transposed(b), _transposed(a), node.op)):  # fmt: skip
            yield Edit(new, "transpose", 1.4, "the factors the other way round")
        yield Edit(_product(a, b), "wrong derivative", 2, "the entrywise product")
        yield Edit(_product(_transposed(a), b, node.op), "transpose", 1, f"{text_of(a)} transposed")
        yield Edit(_product(a, _transposed(b), node.op), "transpose", 1, f"{text_of(b)} transposed")
    if isinstance(node.op, ast.MatMult):
        yield from _other_operand(node, names)
    if isinstance(node.op, ast.Mult):
        if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult):
            dropped = f"{text_of(a.right)} and {text_of(b)}"
            yield Edit(a.left, "extra factor", 1.4, f"without the factors {dropped}")
        for kept, dropped in ((a, b), (b, a)):
            cause = _cause_of_factor(dropped, "extra factor")
            yield Edit(kept, cause, 1.2, f"without the factor {text_of(dropped)}")
        yield Edit(_product(a, b, ast.MatMult()), "wrong derivative", 2, "the matrix product")
        yield Edit(_product(a, b, ast.Add()), "wrong derivative", 2, "a sum")
        yield Edit(_product(a, b, ast.Div()), "wrong derivative", 2, "a quotient")
    if isinstance(node.op, ast.Div):
        yield Edit(a, _cause_of_factor(b, "extra factor"), 1.2, f"not divided by {text_of(b)}")
        yield Edit(_product(a, b), "wrong derivative", 2, "a product")
        yield Edit(
            _product(a, _product(b, parsed("2"), ast.Pow()), ast.Div()),
            "missing chain factor",
            2.2,
            "the square below",
        )


def _other_operand(node: ast.BinOp, names: Names) -> Iterator[Edit]:
    """Yield the matrix product with another matrix in the place of one, transposed or not."""
    for name, shape in names.shapes.items():
        if len(shape) == 2:
            for new in (parsed(name), parsed(f"{name}.T")):
                does = f"{text_of(new)} in the product"
                right = _product(node.left, new, ast.MatMult())
                left = _product(new, node.right, ast.MatMult())
                yield Edit(right, "wrong operand", 1.9, does)
                yield Edit(left, "wrong operand", 1.9, does)


def _of_sum(node: ast.BinOp, _: Names) -> Iterator[Edit]:
    if not isinstance(node.op, ast.Add | ast.Sub):
        return
    a, b, plus = node.left, node.right, isinstance(node.op, ast.Add)
    other: ast.operator = ast.Sub() if plus else ast.Add()
    yield Edit(_product(a, b, other), "sign", 1, "the other sign")
    if not plus:
        yield Edit(_product(b, a, ast.Sub()), "sign", 1, "the difference the other way round")
    for kept, dropped in ((a, b), (b, a)):
        cause = "epsilon" if _is_epsilon(dropped) else "extra term"
        yield Edit(kept, cause, 1.2, f"without the term {text_of(dropped)}")
    yield Edit(_product(a, b), "wrong derivative", 2.2, "a product")


def _of_power(node: ast.BinOp, _: Names) -> Iterator[Edit]:
    if not isinstance(node.op, ast.Pow):
        return
    for exponent in ("1", "2", "3", "0.5", "-1", "-2", "-0.5", "-1.5", "-3"):
        new = _product(node.left, parsed(exponent), ast.Pow())
        yield Edit(new, "wrong derivative", 1.5, f"the power {exponent}")


def _of_name(node: ast.Name, names: Names) -> Iterator[Edit]:
    if not isinstance(node.ctx, ast.Load):
        return
    if node.id in names.arrays:
        yield Edit(_transposed(node), "transpose", 1, f"{node.id} transposed")
        yield Edit(parsed(f"{node.id} ** 2"), "wrong derivative", 1.6, f"{node.id} squared")
    shape = names.shapes.get(node.id)
    alike = [name for name, other in names.shapes.items() if other == shape]
    for other in alike if node.id in names.shapes else names.numbers:
        if other != node.id:
            yield Edit(parsed(other), "wrong operand", 1.7, f"{other} for {node.id}")
    if node.id in names.shapes:
        for function in names.functions:
            new = parsed(f"{function}({node.id})")
            yield Edit(new, "wrong operand", 1.8, f"{text_of(new)} for {node.id}")
        for epsilon in names.epsilons:
            new = parsed(f"np.sqrt({node.id} ** 2 + {epsilon})")
            yield Edit(new, "epsilon", 1.8, f"{epsilon} under the root of {node.id}")
    if node.id in names.masks:
        yield Edit(parsed(f"(1 - {node.id})"), "wrong mask", 1.1, f"the reverse of {node.id}")


def _of_attribute(node: ast.Attribute, _: Names) -> Iterator[Edit]:
    if node.attr == "T":
        yield Edit(node.value, "transpose", 1, f"{text_of(node.value)} not transposed")


def _of_compare(node: ast.Compare, _: Names) -> Iterator[Edit]:
    for operator in (ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.Eq, ast.NotEq):
        if not isinstance(node.ops[0], operator):
            new = ast.Compare(
                copy.deepcopy(node.left), [operator()], copy.deepcopy(node.comparators)
            )
            yield Edit(new, "wrong mask", 1.2, "another comparison")
    right = node.comparators[0]
    if isinstance(right, ast.Constant) and right.value != 0:
        new = ast.Compare(copy.deepcopy(node.left), node.ops, [ast.Constant(0)])
        yield Edit(new, "wrong mask", 1, "compared with 0")


def _of_constant(node: ast.Constant, _: Names) -> Iterator[Edit]:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    others = [value + 1, value - 1, 2 * value, value / 2, 3 * value, -value]
    for other in dict.fromkeys(others):
        if other != value:
            cause = "epsilon" if 0 < abs(value) < SMALL else "factor"
            yield Edit(parsed(repr(other)), cause, 1.5, f"{other} for {value}")


def _of_sign(node: ast.UnaryOp, _: Names) -> Iterator[Edit]:
    if isinstance(node.op, ast.USub):
        yield Edit(node.operand, "sign", 1, "without the minus sign")
    if isinstance(node.op, ast.Invert | ast.Not):
        yield Edit(node.operand, "wrong mask", 1, "not negated")


_REDUCTIONS = {"sum": "mean", "mean": "sum"}
_EXTREMES = {"max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax",
             "maximum": "minimum", "minimum": "maximum"}  # fmt: skip


def _of_call(node: ast.Call, names: Names) -> Iterator[Edit]:
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in _REDUCTIONS:
        new = copy.deepcopy(node)
        assert isinstance(new.func, ast.Attribute)
        new.func.attr = _REDUCTIONS[called.attr]
        yield Edit(new, "1/N", 1, f"a {new.func.attr} for a {called.attr}")
        yield from _axes(node)
    yield Edit(_product(node, parsed("2"), ast.Pow()), "wrong derivative", 1.6, "the square")
    if isinstance(called, ast.Attribute) and called.attr in _EXTREMES:
        new = copy.deepcopy(node)
        assert isinstance(new.func, ast.Attribute)
        new.func.attr = _EXTREMES[called.attr]
        yield Edit(new, "wrong mask", 1.1, f"{new.func.attr} for {called.attr}")
    inner = _argument(node)
    if inner is not None:
        yield Edit(inner, "extra factor", 1.8, f"without {text_of(called)}")
    if text_of(called).endswith("sqrt") and len(node.args) == 1:
        for epsilon in names.epsilons:
            new = parsed(f"{text_of(called)}({text_of(node.args[0])} + {epsilon})")
            yield Edit(new, "epsilon", 1.2, f"{epsilon} under the root")
    if isinstance(called, ast.Attribute) and called.attr == "where" and len(node.args) == 3:
        condition, a, b = node.args
        swapped = ast.Call(called, [condition, b, a], [])
        yield Edit(swapped, "wrong mask", 1.2, "the two cases exchanged")
        yield Edit(a, "wrong mask", 1.5, "without the mask")
        yield Edit(b, "wrong mask", 1.5, "without the mask")


def _argument(node: ast.Call) -> ast.expr | None:
    """Return what a function is called on, if that is one thing: x of f(x) and of x.f()."""
    called = node.func
    if isinstance(called, ast.Attribute) and text_of(called.value) not in ("np", "numpy", "self"):
        return called.value
    return node.args[0] if len(node.args) == 1 else None


def _axes(node: ast.Call) -> Iterator[Edit]:
    for axis in ("0", "1", "-1", "None", "(0, 1)", "(0, 2)", "(0, 2, 3)", "(1, 2)", "(-2, -1)"):
        for keep in (False, True):
            new = copy.deepcopy(node)
            inner = [] if _argument_is_method(node) else new.args[:1]
            new.args = inner
            new.keywords = [ast.keyword("axis", parsed(axis))]
            if keep:
                new.keywords.append(ast.keyword("keepdims", ast.Constant(value=True)))
            does = f"over axis {axis}" + (", kept" if keep else "")
            yield Edit(new, "axis", 1.3 + 0.1 * keep, does)


def _argument_is_method(node: ast.Call) -> bool:
    called = node.func
    return isinstance(called, ast.Attribute) and text_of(called.value) not in ("np", "numpy")


def _factors(
    node: ast.expr, names: Names, shape: tuple[int, ...] | None, *, whole: bool
) -> Iterator[Edit]:
    """Yield the expression times what may be missing: a mask, a size, a number, a slope."""
    extra = 0.0 if whole else 0.6
    fitting = names.fitting(shape)
    for factor, cause, cost in _candidates(fitting, names.numbers):
        yield Edit(_product(node, factor), cause, cost + extra, f"times {text_of(factor)}")
    for name in names.arrays[:2]:
        for text in (f"{name}.shape[0]", f"{name}.shape[1]", f"{name}.size"):
            new = _product(node, parsed(text), ast.Div())
            yield Edit(new, "1/N", 2 + extra, f"divided by {text}")
    for name in names.arrays[:3]:
        root = parsed(f"np.sqrt({name}.shape[-1])")
        new = _product(node, root, ast.Div())
        yield Edit(new, "factor", 2.2 + extra, f"divided by {text_of(root)}")
    for name in (*fitting, *names.numbers):
        divided = _product(node, parsed(name), ast.Div())
        yield Edit(
            divided,
            _cause_of_factor(parsed(name), "missing chain factor"),
            2.2 + extra,
            f"divided by {name}",
        )


def _candidates(
    arrays: Sequence[str], numbers: Sequence[str]
) -> Iterator[tuple[ast.expr, str, float]]:
    for number in ("-1", "2", "0.5", "3"):
        yield parsed(number), "sign" if number == "-1" else "factor", 1.2
    for name in numbers:
        yield parsed(name), _cause_of_factor(parsed(name), "missing chain factor"), 1.6
        yield parsed(f"(1 - {name})"), "missing chain factor", 2.2
    for index, name in enumerate(arrays):
        yield parsed(f"({name} > 0)"), "missing mask", 1.5
        if "mask" in name:
            yield parsed(name), "missing mask", 1.3
        yield parsed(name), "missing chain factor", 1.7
        for slope in ("{0} * (1 - {0})", "1 - {0} ** 2", "1 - {0}", "np.exp({0})", "np.sign({0})", "1 / {0}",
                      "(1 - np.tanh({0}) ** 2)", "{0} ** 2"):  # fmt: skip
            yield parsed(slope.format(name)), "missing chain factor", 2.1
        for size in ("shape[0]", "shape[1]", "size") if index < 2 else ():
            yield parsed(f"{name}.{size}"), "1/N", 2


def _wholes(node: ast.expr, names: Names, shape: tuple[int, ...] | None) -> Iterator[Edit]:
    """Yield changes of a whole right side: its sum over an axis, a term more, its transpose."""
    yield Edit(_transposed(node), "transpose", 1.3, "the transpose")
    for axis in (
        "axis=0",
        "axis=0, keepdims=True",
        "axis=1",
        "axis=1, keepdims=True",
        "axis=-1, keepdims=True",
        "axis=(0, 1)",
    ):
        new = parsed(f"({text_of(node)}).sum({axis})")
        yield Edit(new, "axis", 1.4, f"summed over {axis}")
        centred = _product(node, parsed(f"({text_of(node)}).mean({axis})"), ast.Sub())
        yield Edit(centred, "missing term", 2.4, f"minus its mean over {axis}")
    for name in names.fitting(shape):
        for operator, sign in ((ast.Add(), "plus"), (ast.Sub(), "minus")):
            new = _product(node, parsed(name), operator)
            yield Edit(new, "missing term", 2.3, f"{sign} {name}")
        for number in names.numbers:
            for factor in ("", "2 * "):
                term = parsed(f"{factor}{number} * {name}")
                new = _product(node, term, ast.Add())
                yield Edit(new, "missing term", 2.6, f"plus {text_of(term)}")


def _projections(node: ast.expr, names: Names, shape: tuple[int, ...] | None) -> Iterator[Edit]:
    """Yield the expression less its part along another array: the term that normalising adds."""
    text = text_of(node)
    for name in names.fitting(shape):
        for axis in ("0", "-1"):
            for fold in ("sum", "mean"):
                along = f"({text} * {name}).{fold}(axis={axis}, keepdims=True)"
                of_it = f"({text}).{fold}(axis={axis}, keepdims=True)"
                centred = f"{name} * ({text} - {along})"
                yield Edit(parsed(centred), "missing chain factor", 2.6, "all of " + centred)
                for term in (along, f"{name} * {along}", f"{name} * {of_it}"):
                    new = _product(node, parsed(term), ast.Sub())
                    yield Edit(new, "missing term", 2.5, f"minus {term}")


def _of_subscript(node: ast.Subscript, _: Names) -> Iterator[Edit]:
    if isinstance(node.ctx, ast.Load) and any(isinstance(p, ast.Slice) for p in ast.walk(node)):
        yield Edit(node.value, "missing term", 1.5, f"all of {text_of(node.value)}")


_CHANGES: list[tuple[type, Callable[..., Iterator[Edit]]]] = [
    (ast.BinOp, _of_product),
    (ast.BinOp, _of_sum),
    (ast.BinOp, _of_power),
    (ast.Name, _of_name),
    (ast.Attribute, _of_attribute),
    (ast.Compare, _of_compare),
    (ast.Constant, _of_constant),
    (ast.UnaryOp, _of_sign),
    (ast.Call, _of_call),
    (ast.Subscript, _of_subscript),
]
