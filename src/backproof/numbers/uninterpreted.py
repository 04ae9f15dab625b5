"""Arrays on which z > 0 is not a bool but an entry: what the indicator says is left open."""

from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from backproof.arrays import Array

TRUTH_SEEKERS = frozenset(
    {
        np.all,
        np.any,
        np.argwhere,
        np.choose,
        np.clip,
        np.compress,
        np.count_nonzero,
        np.extract,
        np.flatnonzero,
        np.nonzero,
        np.piecewise,
        np.place,
        np.putmask,
        np.select,
        np.where,
    }
)
"""Functions of NumPy that take a branch on an entry; an open indicator would count as true."""


class UninterpretedArray(np.ndarray[Any, Any]):
    """An object array whose comparison with 0 stays an indeterminate entry.

    A subclass sets `functions`, the namespace its entries understand; the activations ask for
    it.  Every other comparison is refused, so that no branch is taken behind the reader's back.
    """

    functions: ClassVar[SimpleNamespace]

    @classmethod
    def of(cls, entries: Any) -> Array:
        """Return `entries`, nested lists or an array, as an array of this kind."""
        return np.array(entries, dtype=object).view(cls)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return the functions for entries of this kind."""
        return self.functions

    # NumPy calls it with these positions.
    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Return the entry itself where NumPy would return an array of no dimension."""
        return array[()] if return_scalar else array.view(type(self))

    def __gt__(self, other: Any) -> Array:
        """Return the indicator of z > 0 as an array of entries."""
        if np.ndim(other) or other != 0:
            raise TypeError(f"an indeterminate entry is only ever compared as z > 0, not {other!r}")
        return self.functions.indicator(self)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Take both branches of numpy.where, and refuse what asks an entry whether it is true."""
        if func is np.where and len(args) == 3 and isinstance(args[0], UninterpretedArray):
            return self.functions.where(*args)
        if func in TRUTH_SEEKERS:
            raise TypeError(f"numpy.{func.__name__} asks whether an indeterminate entry is true")
        return super().__array_function__(func, types, args, kwargs)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a copy with entries of another kind, but never truth values."""
        if np.dtype(dtype) == bool:
            self._refuse()
        return super().astype(dtype, *args, **kwargs)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
        raise TypeError("an indeterminate entry has no sign: only z > 0 is left open")

    __ge__ = __lt__ = __le__ = any = all = nonzero = _refuse
