"""Derivatives and formulas out of a recorded graph, in whatever numbers are asked for.

`values_of` computes the entries again from new inputs: polynomials, SymPy symbols, other numbers.
`sweep` goes backwards over the graph and collects the derivatives, one rule an operation.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, Protocol

from backproof.numbers import exact_real
from backproof.numbers.exact_real import Real
from backproof.numbers.traced import Operand, Traced


class Arithmetic(Protocol):
    """The numbers in which a graph is computed."""

    def constant(self, value: Real) -> Any:
        """Return an exact number as one of these numbers."""

    def add(self, a: Any, b: Any) -> Any:
        """Return a + b."""

    def subtract(self, a: Any, b: Any) -> Any:
        """Return a - b."""

    def multiply(self, a: Any, b: Any) -> Any:
        """Return a b."""

    def divide(self, a: Any, b: Any) -> Any:
        """Return a / b."""

    def power(self, a: Any, exponent: Fraction) -> Any:
        """Return a to a constant power."""

    def apply(self, name: str, a: Any) -> Any:
        """Return the function `name` of a."""


class Reals:
    """Fractions, and 60 digits where a function is met."""

    add, subtract = staticmethod(exact_real.add), staticmethod(exact_real.subtract)
    multiply, divide = staticmethod(exact_real.multiply), staticmethod(exact_real.divide)
    power, apply = staticmethod(exact_real.power), staticmethod(exact_real.apply)

    @staticmethod
    def constant(value: Real) -> Real:
        """Return the value as it is."""
        return value


Values = Callable[[Operand], Any]
"""What an operand is in the numbers at hand."""


def recorded(operand: Operand) -> Real:
    """Return the value that was recorded: the `Values` of `Reals` at the point of the run."""
    return operand.value if isinstance(operand, Traced) else operand


def reachable(operands: Iterable[Operand]) -> list[Traced]:
    """Return every entry that `operands` were computed from, in the order of their making."""
    found: dict[int, Traced] = {}
    waiting = [operand for operand in operands if isinstance(operand, Traced)]
    while waiting:
        entry = waiting.pop()
        if entry.index not in found:
            found[entry.index] = entry
            waiting.extend(part for part in entry.operands if isinstance(part, Traced))
    return [found[index] for index in sorted(found)]


def values_of(
    operands: Iterable[Operand], inputs: Mapping[int, Any], numbers: Arithmetic
) -> Values:
    """Compute everything that `operands` need, from `inputs` by the index of the entry."""
    known: dict[int, Any] = dict(inputs)

    def value(operand: Operand) -> Any:
        return known[operand.index] if isinstance(operand, Traced) else numbers.constant(operand)

    for entry in reachable(operands):
        if entry.index not in known:
            known[entry.index] = _computed(entry, value, numbers)
    return value


def _computed(entry: Traced, value: Values, numbers: Arithmetic) -> Any:
    operation, first = entry.operation, value(entry.operands[0])
    if operation == "power":
        return numbers.power(first, entry.operands[1])
    if operation == "negative":
        return numbers.subtract(numbers.constant(Fraction(0)), first)
    if len(entry.operands) == 1:
        return numbers.apply(operation, first)
    return getattr(numbers, operation)(first, value(entry.operands[1]))


def sweep(
    starts: Iterable[tuple[Operand, Any]], value: Values, numbers: Arithmetic
) -> dict[int, Any]:
    """Return the derivatives of the sum of cotangent × operand, by the index of the entry.

    An entry on which nothing depends is absent: its derivative is 0.
    """
    found: dict[int, Any] = {}
    starts = list(starts)
    for operand, cotangent in starts:
        _collect(found, operand, cotangent, numbers)
    for entry in reversed(reachable(operand for operand, _ in starts)):
        cotangent = found.get(entry.index)
        if cotangent is None or entry.operation == "input":
            continue
        if entry.operation == "add":  # by far the most frequent one
            for operand in entry.operands:
                _collect(found, operand, cotangent, numbers)
            continue
        for operand, partial in _partials(entry, value, numbers):
            if isinstance(operand, Traced):
                _collect(found, operand, numbers.multiply(cotangent, partial()), numbers)
    return found


def _collect(found: dict[int, Any], operand: Operand, cotangent: Any, numbers: Arithmetic) -> None:
    if isinstance(operand, Traced):
        old = found.get(operand.index)
        found[operand.index] = cotangent if old is None else numbers.add(old, cotangent)


Partials = list[tuple[Operand, Callable[[], Any]]]


def _partials(entry: Traced, value: Values, n: Arithmetic) -> Partials:
    """Return the operands of `entry` with its derivatives by them, each computed when asked for."""
    a = entry.operands[0]
    if entry.operation == "power":
        p = entry.operands[1]
        return [(a, lambda: n.multiply(n.constant(p), n.power(value(a), p - 1)))]
    if len(entry.operands) == 1:
        return [(a, lambda: _slope(entry, value, n))]
    b = entry.operands[1]
    if entry.operation == "multiply":
        return [(a, lambda: value(b)), (b, lambda: value(a))]
    if entry.operation == "divide":
        over_b = n.divide(n.constant(Fraction(1)), value(b))
        by_b = n.subtract(n.constant(Fraction(0)), n.multiply(value(entry), over_b))
        return [(a, lambda: over_b), (b, lambda: by_b)]
    return [(a, lambda: n.constant(Fraction(1))), (b, lambda: n.constant(Fraction(-1)))]


def _slope(entry: Traced, value: Values, n: Arithmetic) -> Any:
    x, y = value(entry.operands[0]), value(entry)
    return SLOPES[entry.operation](n, x, y)


def _one(n: Arithmetic) -> Any:
    return n.constant(Fraction(1))


def _square(n: Arithmetic, x: Any) -> Any:
    return n.multiply(x, x)


def _gaussian(n: Arithmetic, x: Any, _: Any) -> Any:
    bell = n.apply("exp", n.subtract(n.constant(Fraction(0)), _square(n, x)))
    return n.multiply(n.constant(2 / exact_real.mp.sqrt(exact_real.mp.pi)), bell)


def _over(n: Arithmetic, x: Any) -> Any:
    return n.divide(_one(n), x)


SLOPES: dict[str, Callable[[Arithmetic, Any, Any], Any]] = {
    "negative": lambda n, _x, _y: n.constant(Fraction(-1)),
    "exp": lambda _n, _x, y: y,
    "expm1": lambda n, _x, y: n.add(y, _one(n)),
    "log": lambda n, x, _y: _over(n, x),
    "log1p": lambda n, x, _y: _over(n, n.add(x, _one(n))),
    "sqrt": lambda n, _x, y: _over(n, n.add(y, y)),
    "tanh": lambda n, _x, y: n.subtract(_one(n), _square(n, y)),
    "sinh": lambda n, x, _y: n.apply("cosh", x),
    "cosh": lambda n, x, _y: n.apply("sinh", x),
    "sin": lambda n, x, _y: n.apply("cos", x),
    "cos": lambda n, x, _y: n.subtract(n.constant(Fraction(0)), n.apply("sin", x)),
    "tan": lambda n, _x, y: n.add(_one(n), _square(n, y)),
    "arctan": lambda n, x, _y: _over(n, n.add(_one(n), _square(n, x))),
    "arcsin": lambda n, x, _y: _over(n, n.apply("sqrt", n.subtract(_one(n), _square(n, x)))),
    "arccos": lambda n, x, _y: n.subtract(
        n.constant(Fraction(0)), _over(n, n.apply("sqrt", n.subtract(_one(n), _square(n, x))))
    ),
    "arcsinh": lambda n, x, _y: _over(n, n.apply("sqrt", n.add(_square(n, x), _one(n)))),
    "erf": _gaussian,
}
"""The derivative of each function at x, where it has the value y."""
