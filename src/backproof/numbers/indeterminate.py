"""Random 61-bit integers with a tangent and a degree: a polynomial identity at one random point.

On these arrays z > 0 is one more random integer for every distinct z.  So the indicator is a
function of which nothing is known, and every activation region is covered at once.

Schwartz and Zippel: a polynomial of degree d that is not zero vanishes at a point drawn from S in
each coordinate with probability at most d / |S|.  So each entry carries its value at the point, its
derivative in a random direction, and a bound on its degree, from which the risk is computed.
"""

import random
from types import SimpleNamespace
from typing import Any

import numpy as np

from backproof.arrays import Array
from backproof.numbers.uninterpreted import UninterpretedArray

SAMPLES = 2**61
"""The size of S: every coordinate is one of 0, …, 2^61 - 1."""


class Point:
    """A polynomial at a random point: `value`, `tangent` (a dual number's ε part), `degree`."""

    __slots__ = ("degree", "tangent", "value")

    def __init__(self, value: int, tangent: int = 0, degree: int = 0) -> None:
        self.value, self.tangent, self.degree = value, tangent, degree

    def __add__(self, other: Any) -> "Point":
        other = _point(other)
        value, tangent = self.value + other.value, self.tangent + other.tangent
        return Point(value, tangent, max(self.degree, other.degree))

    def __neg__(self) -> "Point":
        return Point(-self.value, -self.tangent, self.degree)

    def __sub__(self, other: Any) -> "Point":
        return self + -_point(other)

    def __rsub__(self, other: Any) -> "Point":
        return _point(other) + -self

    def __mul__(self, other: Any) -> "Point":
        other = _point(other)
        tangent = self.value * other.tangent + self.tangent * other.value
        return Point(self.value * other.value, tangent, self.degree + other.degree)

    __radd__, __rmul__ = __add__, __mul__

    def __bool__(self) -> bool:
        raise TypeError("an indeterminate entry is neither true nor false")

    def __repr__(self) -> str:
        return f"Point({self.value}, tangent={self.tangent}, degree={self.degree})"


def _point(number: Any) -> Point:
    # Ints only: a float among exact integers would round, and a rounded identity proves nothing.
    if isinstance(number, Point):
        return number
    if isinstance(number, int):
        return Point(int(number))
    raise TypeError(f"{number!r} is no integer; a polynomial identity needs exact ones")


class _Functions(SimpleNamespace):
    """What is known of the entries; anything else is no polynomial."""

    def __getattr__(self, name: str) -> Any:
        raise TypeError(
            f"random integers have no {name}: the activation must be piecewise polynomial. "
            "For a smooth one there is prove(tiny(...))."
        )


class RandomPoint:
    """A random point to evaluate at: `array` draws entries, the indicator is drawn as it is met."""

    def __init__(self, seed: Any = None) -> None:
        self._random = random.Random(seed)  # noqa: S311  sampling, not a secret
        self._masks: dict[int, Point] = {}
        self.questions = 0
        functions = _Functions(
            indicator=np.frompyfunc(self._mask, 1, 1),
            where=lambda mask, yes, no: mask * yes + (1 - mask) * no,
            ones_like=np.ones_like,
        )
        self._kind: Any = type("PointArray", (UninterpretedArray,), {"functions": functions})

    def array(self, rows: int, columns: int) -> Array:
        """Return a (rows, columns) array of independent random entries and directions."""
        entries = [Point(self._draw(), self._draw(), 1) for _ in range(rows * columns)]
        return self._kind.of(entries).reshape(rows, columns)

    def _draw(self) -> int:
        return self._random.randrange(SAMPLES)

    def _mask(self, z: Point) -> Point:
        # By value: the indicator is a function of z, wherever in the code it is asked for.
        self.questions += 1
        if z.value not in self._masks:
            self._masks[z.value] = Point(self._draw(), 0, 1)
        return self._masks[z.value]


class SignedPoint(RandomPoint):
    """A random point of both signs, at which the indicator is what z > 0 says."""

    def _draw(self) -> int:
        return self._random.randrange(-SAMPLES, SAMPLES)

    def _mask(self, z: Point) -> Point:
        return Point(int(z.value > 0))


def at_rest(array: Array) -> Array:
    """Return `array` with every tangent set to 0: the direction does not move it."""
    return np.frompyfunc(lambda point: Point(point.value, 0, point.degree), 1, 1)(array)


def direction(array: Array) -> Array:
    """Return the tangents of `array` as entries of their own, each an indeterminate."""
    return np.frompyfunc(lambda point: Point(point.tangent, 0, 1), 1, 1)(array)
