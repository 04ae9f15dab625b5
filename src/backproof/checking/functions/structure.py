"""Do the gradients have the shapes and the kind of number of what they are the gradients of?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.checking.functions.gradients import is_array


def structure_problem(
    inputs: Mapping[str, Any], claimed: Mapping[str, Any]
) -> tuple[str, str] | None:
    """Return a cause and what is wrong with the first gradient that does not fit, if any."""
    for name, gradient in claimed.items():
        problem = _kind(name, gradient) or _unfit(name, np.asarray(gradient), inputs[name])
        if problem is not None:
            return problem
        if _dtype_spoils(gradient):
            return "shape", _dtype(name, np.asarray(gradient))
    for name, gradient in claimed.items():
        if not np.isfinite(gradient).all():
            where = [int(k) for k in np.argwhere(~np.isfinite(gradient))[0]]
            entry = np.asarray(gradient)[tuple(where)]
            return "singular", f"d{name}{where or ''} is {entry}, though forward is finite"
    return None


def _kind(name: str, gradient: Any) -> tuple[str, str] | None:
    """Return what is wrong with a gradient that is no plain array."""
    if isinstance(gradient, np.matrix | np.ma.MaskedArray):
        kind = type(gradient).__name__
        return (
            "shape",
            f"d{name} is a numpy {kind}, whose * or sum means something else; return an ndarray",
        )
    if is_array(gradient) or isinstance(gradient, list):
        return None
    return "shape", f"d{name} is a {type(gradient).__name__}; expected an array"


def _dtype_spoils(gradient: Any) -> bool:
    """Return whether a gradient is of numbers that round or truncate; a Python int is exact."""
    return not isinstance(gradient, int) and np.asarray(gradient).dtype != np.float64


def _unfit(name: str, array: Any, value: Any) -> tuple[str, str] | None:
    shape = np.shape(value)
    if array.shape == shape:
        return None
    says = f"d{name} has shape {array.shape}, but {name} has shape {shape}."
    if array.size == int(np.prod(shape, dtype=int)):
        return _as_many(says, name, array.shape, shape)
    axes = _summed(array.shape, shape)
    if axes is not None:
        return (
            "axis",
            f"{says} {name} is broadcast in forward: sum over it, d{name}.sum(axis={axes})",
        )
    if array.size < np.prod(shape, dtype=int):
        return "shape", f"{says} Sum only over the axes along which forward broadcasts {name}."
    return "shape", f"{says} NumPy would broadcast this without a word; the shapes must be equal."


def _as_many(
    says: str, name: str, shape: tuple[int, ...], wanted: tuple[int, ...]
) -> tuple[str, str]:
    """Return how to turn a gradient into one of as many entries."""
    if shape == wanted[::-1] and len(shape) > 1 and 1 not in shape:
        return "transpose", f"{says} Its transpose fits: return d{name}.T"
    says = f"{says} The entries are as many: return d{name}.reshape({name}.shape)"
    if [size for size in shape if size > 1] == [size for size in wanted if size > 1]:
        more = len(shape) > len(wanted)
        says += ", or sum without keepdims" if more else ", or sum with keepdims=True"
    return "shape", says


def _summed(large: tuple[int, ...], small: tuple[int, ...]) -> Any:
    """Return the axes over which to sum, so that the shape `large` becomes `small`."""
    axes = [
        k for k in range(len(large)) if tuple(n for j, n in enumerate(large) if j != k) == small
    ]
    if axes:
        return axes[0]
    first = tuple(range(len(large) - len(small)))
    return first if first and large[len(first) :] == small else None


def _dtype(name: str, array: Any) -> str:
    return (
        f"d{name} has dtype {array.dtype}, but {name} is float64. A gradient of another kind "
        "rounds or truncates; is there an array made with that dtype, or an astype?"
    )
