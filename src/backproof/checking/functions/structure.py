"""Do the gradients have the shapes and the kind of number of what they are the gradients of?"""

from collections.abc import Mapping
from typing import Any

import numpy as np


def structure_problem(
    inputs: Mapping[str, Any], claimed: Mapping[str, Any]
) -> tuple[str, str] | None:
    """Return a cause and what is wrong with the first gradient that does not fit, if any."""
    for name, gradient in claimed.items():
        array = np.asarray(gradient)
        shape = np.shape(inputs[name])
        if array.shape != shape:
            return _shape(name, array, shape)
        if array.dtype != np.float64:
            return "shape", _dtype(name, array)
    for name, gradient in claimed.items():
        if not np.isfinite(gradient).all():
            where = [int(k) for k in np.argwhere(~np.isfinite(gradient))[0]]
            return (
                "singular",
                f"d{name}{where} is {np.asarray(gradient)[tuple(where)]}, though forward is finite",
            )
    return None


def _shape(name: str, array: Any, shape: tuple[int, ...]) -> tuple[str, str]:
    says = f"d{name} has shape {array.shape}, but {name} has shape {shape}."
    if array.size == int(np.prod(shape, dtype=int)):
        if array.shape == shape[::-1]:
            return "transpose", f"{says} Its transpose fits: return d{name}.T"
        return "shape", f"{says} The entries are as many: return d{name}.reshape({name}.shape)"
    if array.ndim >= len(shape):
        axes = _summed(array.shape, shape)
        if axes is not None:
            return (
                "axis",
                f"{says} {name} is broadcast in forward: sum over it, d{name}.sum(axis={axes})",
            )
    return "shape", f"{says} NumPy would broadcast this without a word; the shapes must be equal."


def _summed(large: tuple[int, ...], small: tuple[int, ...]) -> Any:
    """Return the axes over which to sum, so that the shape `large` becomes `small`."""
    axes = [
        k for k in range(len(large)) if tuple(n for j, n in enumerate(large) if j != k) == small
    ]
    if axes:
        return axes[0]
    first = tuple(range(len(large) - len(small)))
    return first if large[len(first) :] == small else None


def _dtype(name: str, array: Any) -> str:
    return (
        f"d{name} has dtype {array.dtype}, but {name} is float64. A gradient of another kind "
        "rounds or truncates; is there an array made with that dtype, or an astype?"
    )
