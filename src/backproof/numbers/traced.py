"""Numbers that remember how they were computed, so that code can be judged by running it.

An entry holds its value, exact or to 60 digits, and the operation and operands it came from.  The
literal code runs on such entries: arithmetic builds a graph, and every question about a sign is
answered by the value and noted.  What comes out is what the code computes wherever the answers
are the same: its derivative is swept out of the graph, without a step and without rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.numbers import exact_real
from backproof.numbers.exact_real import Real, exact, is_finite, is_nan

Operand = Any
"""A Traced entry, or a Real that does not depend on the inputs."""


class Unsupported(BaseException):
    """The code asks for something that traced numbers cannot do; the message names it.

    No Exception, so that code which catches those does not swallow it and take another way.
    """


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about the sign of `difference`, how it was answered, and where it was asked.

    `tie` is true if the difference was 0; `place` is a file and a line.
    """

    difference: "Traced"
    operator: str
    answer: bool
    tie: bool
    place: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A column (n, 1) that met a row (n,) of as many entries: every entry met every other."""

    column: tuple[int, ...]
    row: tuple[int, ...]
    place: tuple[str, int]


@dataclass(slots=True)
class Graph:
    """What one run recorded: the number of entries, the questions in order, odd broadcasts."""

    size: int = 0
    conditions: list[Condition] = field(default_factory=list)
    broadcasts: list[Broadcast] = field(default_factory=list)
    where: Callable[[], tuple[str, int]] = lambda: ("", 0)
    limit: int = 400_000

    def entry(self, value: Real, operation: str, *operands: Operand) -> Operand:
        """Return a new entry, or the bare value where it is not finite or nothing varies."""
        if not is_finite(value):
            return value
        if self.size >= self.limit:
            raise Unsupported(f"more than {self.limit} scalar operations; use smaller sizes")
        self.size += 1
        return Traced(self, value, operation, operands, self.size)


class Traced:
    """A real number with its history; the operation `input` is that of one from outside."""

    __slots__ = ("graph", "index", "operands", "operation", "value")

    def __init__(
        self, graph: Graph, value: Real, operation: str, operands: tuple[Operand, ...], index: int
    ) -> None:
        self.graph, self.value, self.index = graph, value, index
        self.operation, self.operands = operation, operands

    def __add__(self, other: Any) -> Operand:
        return NotImplemented if isinstance(other, np.ndarray) else add(self, other)

    def __radd__(self, other: Any) -> Operand:
        return add(other, self)

    def __sub__(self, other: Any) -> Operand:
        return NotImplemented if isinstance(other, np.ndarray) else subtract(self, other)

    def __rsub__(self, other: Any) -> Operand:
        return subtract(other, self)

    def __mul__(self, other: Any) -> Operand:
        return NotImplemented if isinstance(other, np.ndarray) else multiply(self, other)

    def __rmul__(self, other: Any) -> Operand:
        return multiply(other, self)

    def __truediv__(self, other: Any) -> Operand:
        return NotImplemented if isinstance(other, np.ndarray) else divide(self, other)

    def __rtruediv__(self, other: Any) -> Operand:
        return divide(other, self)

    def __pow__(self, other: Any) -> Operand:
        return NotImplemented if isinstance(other, np.ndarray) else power(self, other)

    def __rpow__(self, other: Any) -> Operand:
        return power(other, self)

    def __neg__(self) -> Operand:
        return negative(self)

    def __pos__(self) -> "Traced":
        return self

    def __abs__(self) -> Operand:
        return absolute(self)

    def __gt__(self, other: Any) -> Any:
        return _compared(self, other, ">")

    def __ge__(self, other: Any) -> Any:
        return _compared(self, other, ">=")

    def __lt__(self, other: Any) -> Any:
        return _compared(self, other, "<")

    def __le__(self, other: Any) -> Any:
        return _compared(self, other, "<=")

    def __eq__(self, other: object) -> Any:
        return _compared(self, other, "==")

    def __ne__(self, other: object) -> Any:
        return _compared(self, other, "!=")

    __hash__ = None  # type: ignore[assignment]  # its equality depends on the inputs

    def __bool__(self) -> bool:
        return bool(compare(self, Fraction(0), "!="))

    def __float__(self) -> float:
        raise Unsupported("float() of a number that depends on the inputs")

    def __int__(self) -> int:
        raise Unsupported("int() of a number that depends on the inputs")

    __index__ = __round__ = __floordiv__ = __mod__ = __int__

    def __copy__(self) -> "Traced":
        return self

    def __deepcopy__(self, memo: Any) -> "Traced":
        return self

    def __repr__(self) -> str:
        return f"{float(self.value):.6g}"

    # What people ask of a NumPy scalar.
    shape: tuple[int, ...] = ()
    ndim, size = 0, 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype that the number stands for."""
        return np.dtype(np.float64)

    @property
    def T(self) -> "Traced":
        """The transpose of a number is the number."""
        return self

    def item(self) -> "Traced":
        """Return the number itself."""
        return self

    def copy(self) -> "Traced":
        """Return the number itself; it never changes."""
        return self

    def sum(self, *_: Any, **__: Any) -> "Traced":
        """Return the number itself, the sum over no axis."""
        return self

    mean = max = min = squeeze = ravel = flatten = conjugate = sum

    def astype(self, dtype: Any, **_: Any) -> Any:
        """Return the number itself, for any floating-point dtype."""
        if np.dtype(dtype).kind not in "fO":
            raise Unsupported(f"astype({np.dtype(dtype)}) of a number that depends on the inputs")
        return self

    # NumPy's loops over objects call these by name: np.exp(entry) calls entry.exp().
    def __getattr__(self, name: str) -> Any:
        if name in exact_real.FUNCTIONS:
            return lambda: function(name, self)
        raise AttributeError(f"a number has no attribute {name!r}")


def _compared(a: "Traced", b: Any, operator: str) -> Any:
    return NotImplemented if isinstance(b, np.ndarray) else compare(a, b, operator)


def value_of(operand: Operand) -> Real:
    """Return the value of an entry, or an exact number for a number of Python or NumPy."""
    return operand.value if isinstance(operand, Traced) else exact(operand)


def depends(operand: Any) -> bool:
    """Return whether `operand` depends on an input."""
    return isinstance(operand, Traced)


def _operand(number: Any) -> Operand:
    return number if isinstance(number, Traced) else exact(number)


def _record(operation: str, value: Real, *operands: Operand) -> Operand:
    for operand in operands:
        if isinstance(operand, Traced):
            return operand.graph.entry(value, operation, *operands)
    return value


def add(a: Any, b: Any) -> Operand:
    """Return a + b."""
    a, b = _operand(a), _operand(b)
    if _is(a, 0):
        return b
    if _is(b, 0):
        return a
    return _record("add", exact_real.add(value_of(a), value_of(b)), a, b)


def subtract(a: Any, b: Any) -> Operand:
    """Return a - b."""
    a, b = _operand(a), _operand(b)
    if _is(b, 0):
        return a
    if a is b:
        return Fraction(0)
    return _record("subtract", exact_real.subtract(value_of(a), value_of(b)), a, b)


def multiply(a: Any, b: Any) -> Operand:
    """Return a b; a factor 0 that is no input leaves nothing that varies."""
    a, b = _operand(a), _operand(b)
    if (_is(a, 0) and depends(b)) or (_is(b, 0) and depends(a)):
        return Fraction(0)
    if _is(a, 1):
        return b
    if _is(b, 1):
        return a
    return _record("multiply", exact_real.multiply(value_of(a), value_of(b)), a, b)


def divide(a: Any, b: Any) -> Operand:
    """Return a / b."""
    a, b = _operand(a), _operand(b)
    if _is(b, 1):
        return a
    return _record("divide", exact_real.divide(value_of(a), value_of(b)), a, b)


def negative(a: Any) -> Operand:
    """Return -a."""
    a = _operand(a)
    return _record("negative", -value_of(a), a)


def power(a: Any, b: Any) -> Operand:
    """Return a to the power b; an exponent that varies makes it exp(b log a)."""
    a, b = _operand(a), _operand(b)
    if depends(b):
        return function("exp", multiply(b, function("log", a)))
    exponent = Fraction(b) if isinstance(b, Fraction) else None
    if exponent is None:
        raise Unsupported(f"the power {b!r}")
    if exponent in (0, 1):
        return a if exponent else Fraction(1)
    return _record("power", exact_real.power(value_of(a), exponent), a, exponent)


def function(name: str, a: Any) -> Operand:
    """Return exp, log, … of a: any of `exact_real.FUNCTIONS`."""
    a = _operand(a)
    return _record(name, exact_real.apply(name, value_of(a)), a)


def absolute(a: Any) -> Operand:
    """Return |a|, which asks for the sign of a."""
    return negative(a) if compare(a, Fraction(0), "<") else _operand(a)


def compare(a: Any, b: Any, operator: str) -> bool:
    """Return whether `a operator b`, and note the question if the answer depends on the inputs."""
    try:
        a, b = _operand(a), _operand(b)
    except TypeError:  # x == None, x != "text"
        return operator == "!="
    if is_nan(value_of(a)) or is_nan(value_of(b)):
        return operator == "!="
    difference = Fraction(0) if a is b else _difference(a, b)
    value = value_of(difference)
    sign = exact_real.sign(value, 0 if type(value) is Fraction else scale_of(a, b))
    answer = ANSWERS[operator](sign)
    if isinstance(difference, Traced):
        graph = difference.graph
        graph.conditions.append(Condition(difference, operator, answer, sign == 0, graph.where()))
    return answer


def scale_of(a: Operand, b: Operand) -> Real:
    """Return the size against which a difference of a and b counts as 0."""
    return max(abs(exact_real.wide(value_of(a))), abs(exact_real.wide(value_of(b))))


ANSWERS: dict[str, Callable[[int], bool]] = {
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
}
"""How a question is answered, by the sign of the difference."""


def _difference(a: Operand, b: Operand) -> Operand:
    if not (is_finite(value_of(a)) and is_finite(value_of(b))):
        return exact_real.subtract(value_of(a), value_of(b))
    return subtract(a, b)


def _is(operand: Operand, number: int) -> bool:
    return type(operand) is Fraction and operand == number
