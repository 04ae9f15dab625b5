"""Arrays of other libraries, by the names of the array API standard: docs/arrays.md.

None of these libraries is imported here: whoever holds one of their arrays has imported it.
"""

import math
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

Array = Any

_SPECIAL = {
    "torch": "torch.special",
    "jax.numpy": "jax.scipy.special",
    "cupy": "cupyx.scipy.special",
}
"""Where a library keeps erfc, which the standard leaves out."""


def is_foreign(value: Any) -> bool:
    """Return whether `value` is an array of floats or integers that is not NumPy's."""
    if isinstance(value, np.ndarray | np.generic) or not hasattr(value, "dtype"):
        return False
    return value.dtype != object and bool(_compat().is_array_api_obj(value))


def namespace(array: Array) -> Any:
    """Return the functions of a foreign array's library, under the names of the standard."""
    return _compat().array_namespace(array)


def name(array: Array) -> str:
    """Return the module whose `asarray` makes such an array: "numpy", "torch", "jax.numpy", …."""
    if not is_foreign(array):
        return "numpy"
    return str(namespace(array).__name__).removeprefix("array_api_compat.")


def at_hand(array: Array) -> Array | None:
    """Return `array` as NumPy's if its values can be read without waiting; otherwise None.

    JAX traces and Dask plans before there is a value, and a GPU would have to come to a halt.
    """
    if not is_foreign(array):
        return array
    compat = _compat()
    if compat.is_lazy_array(array) or "cpu" not in str(compat.device(array)).lower():
        return None
    # A tensor that PyTorch follows for its own gradient is read without being followed.
    array = array.detach() if hasattr(array, "detach") else array
    try:
        return np.from_dlpack(array)
    except RuntimeError:  # inside torch.func.vmap a tensor has no values of its own
        return None


def arange(count: int, *, like: Array) -> Array:
    """Return 0, …, `count` - 1 in the library and on the device of `like`."""
    if not is_foreign(like):
        return np.arange(count)
    return namespace(like).arange(count, device=_compat().device(like))


def erfc(z: Array) -> Array:
    """Return the complementary error function, entry by entry, of NumPy's or foreign floats."""
    library = name(z)
    if library == "numpy":
        return np.asarray(np.frompyfunc(math.erfc, 1, 1)(z), dtype=z.dtype)
    if library == "dask.array":
        return z.map_blocks(erfc)
    if library not in _SPECIAL:
        raise TypeError(f"{library} has no erfc, which the GELU is made of. Use gelu_tanh.")
    return import_module(_SPECIAL[library]).erfc(z)


@cache
def _compat() -> Any:
    # Who stays with NumPy does not wait for it.
    return import_module("array_api_compat")
