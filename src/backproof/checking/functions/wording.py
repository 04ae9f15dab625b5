"""How points, numbers and lines of code are written in a message."""

import linecache
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from backproof.checking.functions.exact_run import ExactRun, Point, dout_names
from backproof.numbers.exact_real import Real, is_finite, mp, subtract, wide
from backproof.numbers.traced import Traced, value_of

SHOWN = 24
"""Inputs with more entries than this, all told, are not written out in a witness."""


def number(value: Real) -> str:
    """Return a short fraction as it is, and any other number to six digits."""
    if isinstance(value, Fraction) and len(str(value)) <= 8:
        return str(value)
    return f"{float(value):.6g}"


def array(values: Any) -> str:
    """Return an array as nested lists of numbers."""
    if isinstance(values, np.ndarray) and values.ndim:
        return "[" + ", ".join(array(part) for part in values) + "]"
    entry = values[()] if isinstance(values, np.ndarray) else values
    if isinstance(entry, bool | np.bool_ | str):
        return str(entry)
    numeric = isinstance(entry, Traced | Fraction | int | float | mp.mpf | np.number)
    return number(value_of(entry)) if numeric else repr(entry)


def place(name: str, index: Iterable[int]) -> str:
    """Return dW[0, 1] for the gradient of an entry of W."""
    index = list(index)
    return f"d{name}{index or ''}"


def point(where: Point) -> str:
    """Return the inputs and cotangents of a point, if they are few."""
    arrays = {
        **where.varying,
        **where.fixed,
        **dict(zip(dout_names(where.douts), where.douts, strict=True)),
    }
    if sum(np.size(value) for value in arrays.values()) > SHOWN:
        return "inputs " + shapes(where)
    return ", ".join(f"{name} = {_value(value)}" for name, value in arrays.items())


def _value(value: Any) -> str:
    return array(value) if isinstance(value, np.ndarray) else str(value)


def shapes(where: Point) -> str:
    """Return the sizes of the inputs: x 2×3, W 3×4, s a number."""
    return ", ".join(f"{name} {size(np.shape(value))}" for name, value in where.varying.items())


def size(shape: tuple[int, ...]) -> str:
    """Return 2×3 for the shape (2, 3)."""
    return "×".join(map(str, shape)) if shape else "a number"


def line(where: tuple[str, int]) -> str:
    """Return a line of code, as line 7: `mask = x > 0`."""
    text = linecache.getline(*where).strip()
    name = f"line {where[1]}"
    if where[0].endswith(".py"):
        name += f" of {Path(where[0]).name}"
    return f"{name}: `{text}`" if text else name


def witness(run: ExactRun, true: Mapping[str, Any], name: str, index: tuple[int, ...]) -> str:
    """Return one wrong entry: what it is, what backward says, and at which point."""
    claimed, known = np.asarray(run.claimed[name])[index], value_of(true[name][index])
    says, told = array(claimed), number(known)
    if is_finite(value_of(claimed)) and says == told:
        difference = float(wide(subtract(value_of(claimed), known)))
        says = f"{abs(difference):.2g} {'more' if difference > 0 else 'less'}"
    return f"{place(name, index)} is {told}, backward says {says}, at {point(run.point)}"
