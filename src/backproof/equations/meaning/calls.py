"""Functions and conditions."""

from collections.abc import Callable

from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.indices import OneExample
from backproof.equations.meaning.entries import class_label, mind_label
from backproof.equations.meaning.letters import to_the_power
from backproof.equations.meaning.reading import Reading, reads
from backproof.equations.refusal import Refusal
from backproof.equations.terms import BATCH, ONE, SCALAR, Layer, Term


@reads(tree.Apply)
def read_apply(reading: Reading, node: tree.Apply) -> Term:
    function: tree.Node = node.function
    primes = 0
    power: tree.Number | None = None
    if isinstance(function, tree.Script) and isinstance(function.sup, tree.Number):
        if function.bracket:
            raise Refusal("BP207", "higher derivatives are written with primes.", function.span)
        power = function.sup
        function = function.base
    while isinstance(function, tree.Prime):
        function, primes = function.arg, primes + 1
    name = tree.Name(function_name(function), span=function.span)
    if not name.name:
        raise Refusal("BP207", "no check knows this function.", function.span)
    result = applied(reading, name, primes, node)
    return to_the_power(reading, result, power) if power is not None else result


def applied(reading: Reading, name: tree.Name, primes: int, node: tree.Apply) -> Term:
    if name.name in COMPOSED and not primes and name.name not in reading.vocabulary.functions:
        return COMPOSED[name.name](reading, node)
    if len(node.arguments) != 1:
        raise Refusal("BP207", f"{name.name} takes one argument here.", node.span)
    arg = reading.read(node.arguments[0])
    if name.name in reading.vocabulary.functions:
        return t.Call(arg.shape, name.name, primes, arg)
    symbol = reading.symbol(name)
    if symbol.kind != "function":
        raise Refusal("BP201", f"{name.name} is no function.", name.span)
    function = name.name if symbol.function == "any" else symbol.function
    if function in ACTIVATIONS and not reading.vocabulary.activation:
        reading.vocabulary.activation = function  # the one letter for an activation in this text
    return t.Call(arg.shape, function, primes, arg)


def diagonal(reading: Reading, node: tree.Apply) -> Term:
    arg = only(reading, node)
    if reading.sizes.find(arg.shape[1]) == BATCH and reading.batch:
        raise OneExample
    if reading.sizes.find(arg.shape[1]) != ONE:
        raise Refusal("BP203", f"diag of {reading.shape_text(arg)}, not a column.", node.span)
    return t.Diagonal((arg.shape[0], arg.shape[0]), arg)


def softmax(reading: Reading, node: tree.Apply) -> Term:
    arg = only(reading, node)
    exp = t.Call(arg.shape, "exp", 0, arg)
    column = t.MatMul((ONE, arg.shape[1]), t.Ones((ONE, arg.shape[0])), exp)
    inverse = t.Power(column.shape, column, -1)
    spread = t.MatMul(arg.shape, t.Ones((arg.shape[0], ONE)), inverse)
    return t.Times(arg.shape, exp, spread)


def log_sum_exp(reading: Reading, node: tree.Apply) -> Term:
    arg = only(reading, node)
    exp = t.Call(arg.shape, "exp", 0, arg)
    column = t.MatMul((ONE, arg.shape[1]), t.Ones((ONE, arg.shape[0])), exp)
    return t.Call(column.shape, "log", 0, column)


def maximum(reading: Reading, node: tree.Apply) -> Term:
    if len(node.arguments) != 2:
        raise Refusal("BP207", "max of two is known, of more is not.", node.span)
    left, right = (reading.read(arg) for arg in node.arguments)
    if isinstance(left, t.Constant) and left.value == 0:
        return t.Call(right.shape, "relu", 0, right)
    if isinstance(right, t.Constant) and right.value == 0:
        return t.Call(left.shape, "relu", 0, left)
    reading.same_shape(left, right, node.span, "a maximum")
    difference = t.Plus(left.shape, left, t.negative(right))
    return t.Plus(left.shape, right, t.Call(left.shape, "relu", 0, difference))


def trace(reading: Reading, node: tree.Apply) -> Term:
    arg = only(reading, node)
    if not reading.sizes.unify(*arg.shape):
        raise Refusal("BP203", f"the trace of {reading.shape_text(arg)}.", node.span)
    return t.Total(SCALAR, t.Times(arg.shape, t.Identity(arg.shape), arg))


def only(reading: Reading, node: tree.Apply) -> Term:
    if len(node.arguments) != 1:
        raise Refusal("BP207", "one argument was expected.", node.span)
    return reading.read(node.arguments[0])


@reads(tree.Indicator)
def read_indicator(reading: Reading, node: tree.Indicator) -> Term:
    return condition(reading, node.condition)


def condition(reading: Reading, node: tree.Compare) -> Term:
    """Return one where a condition holds and zero elsewhere."""
    if node.relation in ("=", "≠"):
        equal = indices_equal(reading, node)
        return equal if node.relation == "=" else t.complement(equal)
    left, right = reading.read(node.left), reading.read(node.right)
    if isinstance(right, t.Constant) and right.value == 0:
        difference = left
    elif isinstance(left, t.Constant) and left.value == 0:
        difference = t.negative(right)
    else:
        reading.same_shape(left, right, node.span, "a comparison")
        difference = t.Plus(left.shape, left, t.negative(right))
    if node.relation == ">":
        return t.Positive(difference.shape, difference)
    if node.relation == "<":
        return t.Positive(difference.shape, t.negative(difference))
    if node.relation == "≥":
        return t.complement(t.Positive(difference.shape, t.negative(difference)))
    return t.complement(t.Positive(difference.shape, difference))


def indices_equal(reading: Reading, node: tree.Compare) -> Term:
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if class_label(reading, one) is not None:
            mind_label(reading, one)
            example = one.sub[0] if isinstance(one, tree.Script) and reading.batch else None
            return hot(reading, other, example)
    names = [side for side in (node.left, node.right) if isinstance(side, tree.Name)]
    if len(names) != 2:
        raise Refusal("BP207", "only indices are compared for being equal.", node.span)
    left = reading.index(names[0], reading.sizes.unknown())
    return t.Equal(SCALAR, left, reading.index(names[1], left.size))


def hot(reading: Reading, row: tree.Node, example: tree.Node | None) -> Term:
    if reading.batch and example is None:
        raise OneExample
    hot = t.Variable(
        (t.width(reading.vocabulary.counted(Layer("M", 1))), BATCH if reading.batch else ONE),
        t.ONE_HOT,
    )
    column = None if example is None else reading.index(example, BATCH)
    return t.Entry(SCALAR, hot, reading.index(row, hot.shape[0]), column)


@reads(tree.Absolute)
def read_absolute(reading: Reading, node: tree.Absolute) -> Term:
    """Read |a| as relu(a) + relu(-a)."""
    arg = reading.read(node.arg)
    sides = (t.Call(arg.shape, "relu", 0, side) for side in (arg, t.negative(arg)))
    return t.Plus(arg.shape, *sides)


@reads(tree.Cases)
def read_cases(reading: Reading, node: tree.Cases) -> Term:
    values, conditions = node.values, node.conditions
    if len(values) != 2 or conditions[0] is None:
        raise Refusal("BP207", "two cases are known, no more and no fewer.", node.span)
    first, second = (reading.read(value) for value in values)
    if reading.is_number(first) and not reading.is_number(second):
        first, second = second, first
    reading.same_shape(first, second, node.span, "cases")
    yes = condition(reading, conditions[0])
    if conditions[1] is not None and condition(reading, conditions[1]) != t.complement(yes):
        raise Refusal(
            "BP205",
            "the second condition is not the opposite of the first.",
            conditions[1].span,
            r"Write \text{otherwise}.",
        )
    no = t.complement(yes)
    return t.Plus(first.shape, t.Times(first.shape, yes, first), t.Times(first.shape, no, second))


def function_name(node: tree.Node) -> str:
    """Return the name of a function, with its subscript; nothing if it has none."""
    if isinstance(node, tree.Name):
        return node.name
    if not isinstance(node, tree.Script) or node.sup is not None:
        return ""
    names = [part.name for part in (node.base, *node.sub) if isinstance(part, tree.Name)]
    return "_".join(names) if len(names) == 1 + len(node.sub) else ""


ACTIVATIONS = frozenset({"f", "g", "sigma", "phi", "psi", "rho"})
"""Letters for the activation of the network, unless declared to be something else."""

COMPOSED: dict[str, Callable[[Reading, tree.Apply], Term]] = {
    "diag": diagonal,
    "softmax": softmax,
    "lse": log_sum_exp,
    "max": maximum,
    "tr": trace,
}
"""Functions that are made of others."""
