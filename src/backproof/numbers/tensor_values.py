"""The value of a tensor at given sizes and entries: where two tensors differ, in numbers.

Entries are exact where every function of them is; an exponential and its like give floats.
"""

import math
import random
from collections.abc import Callable, Hashable
from fractions import Fraction
from itertools import product
from typing import Any

from backproof.numbers.index_algebra import Terms, parameter
from backproof.numbers.index_form import COLUMN, ROW, UNIT, BeyondTensorsError, Dim, Factor, Head
from backproof.numbers.tensor import Tensor

Table = tuple[tuple[int, ...], dict[tuple[int, ...], Any]]
"""Indices, and a number for each of their values."""

MOST_SHOWN = 6
"""How many sizes are printed."""

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "relu": lambda e: max(e, 0),
    "step": lambda e: int(e > 0),
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "erfc": math.erfc,
    "f": lambda e: e * e * e / 3 + 2 * e,
    "f'": lambda e: e * e + 2,
    "f''": lambda e: 2 * e,
}
"""What stands for a function; f is one that nothing is known of, so any will do."""


class Point:
    """A size from 1 to 3 for each size that is left open, and a number for each entry.

    Entries are small whole numbers, so that kinks are met too, or at odd seeds thirds.  At higher
    seeds fewer are below 0, so that in a deep network not all units are off.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  sampling, not a secret
        self._parts = 3 if seed % 2 else 1
        self._choices = [-2, -1, 0, *range(1, 4 + seed // 2 % 12)]
        self._sizes: dict[Dim, int] = {UNIT: 1}
        self._entries: dict[tuple[Hashable, tuple[int, ...]], Fraction] = {}
        self._tables: dict[Head, dict[tuple[int, ...], Any]] = {}

    def __str__(self) -> str:
        chosen = [f"{dim} = {n}" for dim, n in self._sizes.items() if dim != UNIT]
        return "with " + ", ".join(chosen[:MOST_SHOWN] + ["…"] * (len(chosen) > MOST_SHOWN))

    def size(self, dim: Dim) -> int:
        """Return the size that stands for `dim`."""
        return self._sizes.setdefault(dim, self._random.randint(1, 3))

    def entry(self, name: Hashable, place: tuple[int, ...]) -> Fraction:
        """Return the number that stands for an entry of a variable."""
        number = Fraction(self._random.choice(self._choices), self._parts)
        return self._entries.setdefault((name, place), number)

    def values(self, tensor: Tensor) -> list[list[Any]]:
        """Return the entries of a tensor without named free indices, row by row."""
        rows, columns = (range(self.size(dim)) for dim in (tensor.rows, tensor.columns))
        return [
            [self._expression(tensor.terms, {ROW: r, COLUMN: c}) for c in columns] for r in rows
        ]

    def _expression(self, terms: Terms, at: dict[int, int]) -> Any:
        return sum(c * self._product(list(term), at) for term, c in terms.items())

    def _product(self, factors: list[Factor], at: dict[int, int]) -> Any:
        """Return a product, summed over one index after the other."""
        tables = [self._fixed(factor, at) for factor in factors]
        while any(labels for labels, _ in tables):
            chosen = min(labels[0] for labels, _ in tables if labels)
            touched = [table for table in tables if chosen in table[0]]
            tables = [table for table in tables if chosen not in table[0]]
            tables.append(_summed(touched, chosen))
        return math.prod(table[()] for _, table in tables)

    def _fixed(self, factor: Factor, at: dict[int, int]) -> Table:
        head, exponent, indices = factor
        labels = tuple(dict.fromkeys(i for i in indices if i not in at))
        lengths = [self.size(head.dims[indices.index(i)]) for i in labels]
        table = {}
        for place in product(*map(range, lengths)):
            here = {**at, **dict(zip(labels, place, strict=True))}
            table[place] = self._value(head, tuple(here[i] for i in indices)) ** exponent
        return labels, table

    def _value(self, head: Head, place: tuple[int, ...]) -> Any:
        known = self._tables.setdefault(head, {})
        if place not in known:
            known[place] = self._computed(head, place)
        return known[place]

    def _computed(self, head: Head, place: tuple[int, ...]) -> Any:
        if head.kind == "size":
            return Fraction(self.size(head.name))
        if head.kind == "delta":
            return int(place[0] == place[1])
        if head.kind == "atom":
            return math.pi if head.name == "π" else self.entry(head.name, place)
        if head.kind == "maximum":
            return 0
        inner = self._expression(head.form.terms, {parameter(k): i for k, i in enumerate(place)})
        if head.kind == "sum":
            return inner
        if head.name not in FUNCTIONS:
            raise BeyondTensorsError(f"a value of the unknown function {head.name}")
        return FUNCTIONS[head.name](inner)


def differ(first: Any, second: Any) -> bool:
    """Return whether two numbers are different, by more than rounding if they are floats."""
    if isinstance(first, float) or isinstance(second, float):
        return not math.isclose(first, second, rel_tol=1e-6, abs_tol=1e-9)
    return bool(first != second)


def _summed(tables: list[Table], index: int) -> Table:
    """Return the product of tables, summed over an index that all of them have."""
    values: dict[int, set[int]] = {}
    for labels, table in tables:
        for place in table:
            for label, value in zip(labels, place, strict=True):
                values.setdefault(label, set()).add(value)
    left = tuple(label for label in values if label != index)
    total = {}
    for place in product(*(sorted(values[label]) for label in left)):
        here = dict(zip(left, place, strict=True))
        total[place] = sum(_at(tables, {**here, index: value}) for value in sorted(values[index]))
    return left, total


def _at(tables: list[Table], here: dict[int, int]) -> Any:
    return math.prod(table[tuple(here[label] for label in labels)] for labels, table in tables)
