"""Arrays of traced numbers on which ordinary NumPy code runs unmodified.

`TracedArray` is an `ndarray` of dtype object, so views, slices, fancy indexing, in-place updates
and broadcasting are NumPy's own.  Its arithmetic is that of `traced`; what is not in the tables of
`traced_ufuncs` and `traced_functions` raises Unsupported with its name, and nothing is guessed.
"""

from typing import Any

import numpy as np

# Not np.array: while code runs on traced numbers, that name is taken.
from numpy import array as _array

from backproof.numbers.traced import Traced, Unsupported, compare

Array = Any


class TracedArray(np.ndarray[Any, Any]):
    """An array whose entries are traced numbers or exact constants."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from backproof.numbers.traced_ufuncs import call_ufunc

        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        from backproof.numbers.traced_functions import call_function

        return call_function(function, arguments, options)

    @property
    def dtype(self) -> Any:  # code asks in order to make arrays of its kind
        """The dtype that the numbers stand for: code that asks is told what it would see."""
        return np.dtype(np.float64)

    def astype(self, dtype: Any, *_: Any, **options: Any) -> Any:
        """Return a copy for a floating-point dtype, and truth values for bool."""
        kind = np.dtype(dtype).kind
        if kind == "b":
            return truths(self)
        if kind not in "fO":
            raise Unsupported(f"astype({np.dtype(dtype)}) of numbers that depend on the inputs")
        return self.copy() if options.get("copy", True) else self

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_index(key), value)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_index(key))

    def argmax(self, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        """Return the index of the first largest entry."""
        return np.argmax(self, axis=axis, out=out, keepdims=keepdims)

    def argmin(self, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        """Return the index of the first smallest entry."""
        return np.argmin(self, axis=axis, out=out, keepdims=keepdims)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        """Return the mean over `axis`."""
        return np.mean(self, axis=axis, dtype=dtype, out=out, **options)

    def var(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Return the variance over `axis`."""
        return np.var(self, axis=axis, dtype=dtype, out=out, **options)

    def std(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Return the standard deviation over `axis`."""
        return np.std(self, axis=axis, dtype=dtype, out=out, **options)

    def dot(self, b: Any, out: Any = None) -> Any:
        """Return the product of arrays."""
        return np.dot(self, b, out=out)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **options: Any) -> Any:  # noqa: A002  NumPy's names
        """Return the entries, none below `min` and none above `max`."""
        return np.clip(self, min, max, out=out, **options)

    def sort(self, *_: Any, **__: Any) -> None:
        """Refuse: sorting in place is not among the functions that are known."""
        raise Unsupported("ndarray.sort")

    def argsort(self, axis: Any = -1, *_: Any, **__: Any) -> Any:
        """Return the order of the entries along `axis`."""
        return np.argsort(self, axis=axis)

    def tobytes(self, *_: Any, **__: Any) -> bytes:
        """Refuse: a traced number has no bytes."""
        raise Unsupported("ndarray.tobytes")

    def nonzero(self) -> Any:
        """Return the places of the entries that are not 0."""
        return truths(self).nonzero()

    def any(self, *arguments: Any, **options: Any) -> Any:
        """Return whether some entry is not 0."""
        return truths(self).any(*arguments, **options)

    def all(self, *arguments: Any, **options: Any) -> Any:
        """Return whether no entry is 0."""
        return truths(self).all(*arguments, **options)


def traced_array(array: Any) -> Array:
    """Return `array`, of dtype object, as a TracedArray; a number stays a number."""
    if isinstance(array, np.ndarray) and np.ndarray.dtype.__get__(array).hasobject:
        return array.view(TracedArray)
    return array


def plain(array: Any) -> Any:
    """Return a TracedArray as an ndarray of objects; anything else as it is."""
    return array.view(np.ndarray) if isinstance(array, TracedArray) else array


def truths(array: Any) -> Any:
    """Return an array of bool: which entries are not 0."""
    asked = [compare(entry, 0, "!=") if isinstance(entry, Traced) else bool(entry)
             for entry in plain(array).flat]  # fmt: skip
    return _array(asked, dtype=bool).reshape(array.shape)


def _index(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_index(part) for part in key)
    if isinstance(key, TracedArray):
        return _whole(key)
    return key


def _whole(key: Any) -> Any:
    """Return an array of exact constants as an index, if it is one: an empty list made an array."""
    if key.size and any(isinstance(entry, Traced) for entry in plain(key).flat):
        raise Unsupported("an index that depends on the inputs")
    return plain(key).astype(np.intp)
