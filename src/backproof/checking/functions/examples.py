"""Example arrays that a user gives: taken as they are, exactly, or refused with a reason."""

from fractions import Fraction
from typing import Any

import numpy as np

FLOAT = np.dtype(np.float64)


def is_real(name: str, value: Any) -> bool:
    """Return whether there is a derivative by `value`; raises for what is no good example.

    Arrays and lists of float64 have one.  Whole numbers, truth values, Python numbers, strings
    and tuples are fixed.
    """
    if value is None:
        raise TypeError(f'{name} is None; give an array, or its sizes as in {name}="N D"')
    if isinstance(value, np.matrix | np.ma.MaskedArray):
        kind = type(value).__name__
        raise TypeError(
            f"{name} is a numpy {kind}, whose * or sum means something else; pass an ndarray"
        )
    if isinstance(value, dict):
        _no_arrays(name, value)
    if isinstance(value, list):
        value = _array(name, value)
    if not isinstance(value, np.ndarray):
        return False
    if not value.size:
        raise ValueError(f"{name} has shape {value.shape}: there is nothing in it")
    if value.dtype.kind in "iub":
        return False
    _check(name, value)
    return True


def _no_arrays(name: str, value: dict[Any, Any]) -> None:
    inner = [key for key, entry in value.items() if isinstance(entry, np.ndarray)]
    if inner:
        raise TypeError(
            f"{name} is a dict that holds arrays; name them as inputs of their own, and put them "
            f"together in a lambda: check(lambda x, {inner[0]}: forward(x, "
            f'{{"{inner[0]}": {inner[0]}}}), …)'
        )


def _array(name: str, value: list[Any]) -> Any:
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array of one shape: {error}") from None


def _check(name: str, value: Any) -> None:
    if value.dtype.kind == "c":
        raise TypeError(f"{name} has dtype {value.dtype}; complex numbers are not supported")
    if value.dtype.kind == "f" and value.dtype != FLOAT:
        raise TypeError(
            f"{name} has dtype {value.dtype}; expected float64. Pass {name}.astype(float): "
            "the check is of the formula, and the tool makes the numbers"
        )
    if value.dtype != FLOAT and not (value.dtype == object and _all_numbers(value)):
        raise TypeError(f"{name} has dtype {value.dtype}, which holds no numbers")
    if value.dtype == FLOAT and not np.isfinite(value).all():
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(value))[0])
        raise ValueError(f"{name} holds {value[place]} at {place}; every entry must be finite")


def _all_numbers(value: Any) -> bool:
    return all(isinstance(entry, int | float | Fraction) for entry in value.flat)


def example(name: str, value: Any) -> Any:
    """Return an example as an array of fractions, the very numbers of its floats."""
    array = _array(name, value) if isinstance(value, list) else value
    return np.asarray(np.frompyfunc(Fraction, 1, 1)(array), dtype=object)
