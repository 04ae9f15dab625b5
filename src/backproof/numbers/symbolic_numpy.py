"""NumPy code on SymPy entries: what a function computes, as formulas that hold everywhere.

A question such as x > 0 is not answered: it becomes `step`, an entry that is 1 or 0, and np.maximum
becomes `relu`.  Code that needs the answer, for an `if` or an index, raises Open.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from backproof.numbers.symbolic import SymbolicArray
from backproof.numbers.symbolic_functions import COMPARED, COMPUTED, Largest, Open, chosen, entry
from backproof.numbers.traced_functions import STRUCTURAL

_MOVING = STRUCTURAL - {
    *("choose", "compress", "extract", "place", "put", "putmask", "select", "where"),  # read a mask
    *("copyto", "fill_diagonal", "put_along_axis", "shares_memory", "may_share_memory"),
}
"""The functions that only move entries, and that neither choose them nor write them."""

_FOLDING = {"sum", "prod", "mean", "var", "std", "max", "min", "amax", "amin", "cumsum", "clip"}
_PRODUCTS = {"matmul", "vecdot", "matvec", "vecmat"}
_TYPED = {"dtype", "casting", "order", "subok"}
_LOGICAL = {"logical_and", "logical_or", "logical_not", "bitwise_and", "bitwise_or", "invert"}

_ABSENT = np._NoValue  # noqa: SLF001  what NumPy's own functions pass for what was left out

_IDENTITY = {"add": 0, "multiply": 1}
"""With one of these NumPy folds over several axes at once."""


class Symbols(np.ndarray[Any, Any]):
    """An array of SymPy expressions on which ordinary NumPy code runs."""

    @staticmethod
    def of(entries: Any) -> Any:
        """Return `entries` as an array of this kind, exact."""
        return _exactly(entries).view(Symbols)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return the functions that the book's own activations ask for."""
        return SymbolicArray.functions

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        target = options.pop("out", None)
        options = {key: value for key, value in options.items() if key not in _TYPED}
        if ufunc.__name__ in _LOGICAL:
            for part in inputs:
                _check_mask(part)
        result = _called(ufunc, method, [_exactly(part) for part in inputs], options)
        if target is None:
            return result
        if not isinstance(target[0], Symbols):
            raise Open(f"symbols do not fit into an array of {target[0].dtype}")
        target[0][...] = result
        return target[0]

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        name = function.__name__
        if name == "where" and len(arguments) == 3:
            _check_mask(arguments[0])
            return _where(*arguments)
        if name in ("zeros_like", "ones_like"):
            return Symbols.of(np.full(np.shape(arguments[0]), int(name == "ones_like")))
        if name in _MOVING:
            return _wrapped(function(*_unwrapped(arguments), **_unwrapped(options)))
        if name not in _FOLDING:
            raise Open(f"np.{name} is not known on symbols")
        return super().__array_function__(function, types, arguments, options)

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(_index(key))
        return found if isinstance(found, np.ndarray) else Symbols.of(found)

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, Mask):
            if np.ndim(value):
                raise Open("how many entries a mask chooses depends on their values")
            key, value = ..., _where(key, value, self)
        super().__setitem__(_index(key), _exactly(value))

    def __iter__(self) -> Any:
        return (self[index] for index in range(len(self)))

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """Return a copy, for any floating-point dtype; a mask is one of any dtype."""
        if np.dtype(dtype).kind not in "fO" and not isinstance(self, Mask):
            raise Open(f"astype({np.dtype(dtype)}) depends on the values")
        return self.copy()

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise Open("the code takes a branch that depends on the values")

    __bool__ = __int__ = __float__ = __index__ = __contains__ = _refuse
    any = all = nonzero = argmax = argmin = argsort = sort = item = tolist = choose = _refuse
    compress = searchsorted = partition = argpartition = round = _refuse


class Mask(Symbols):
    """What a comparison gives: entries that are 1 where it is true and 0 elsewhere."""


def _exactly(part: Any) -> Any:
    """Return a plain array of exact entries."""
    array = np.asarray(part)
    plain = array.view(np.ndarray)
    return np.asarray(np.frompyfunc(entry, 1, 1)(plain), dtype=object) if plain.size else plain


def _index(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(map(_index, key))
    if isinstance(key, Symbols):
        raise Open("which entries are meant depends on their values")
    return key


def _called(ufunc: Any, method: str, inputs: list[Any], options: dict[str, Any]) -> Any:
    name = ufunc.__name__
    if options.pop("where", True) is not True or method == "at":
        raise Open(f"np.{name}.{method} is not known on symbols")
    if name in _PRODUCTS:
        return _viewed(ufunc(*inputs), Symbols)
    if name in COMPARED and method == "__call__":
        return _viewed(_entrywise(COMPARED[name], inputs), Mask)
    if name in COMPUTED:
        return _computed(name, method, inputs, options)
    if method == "__call__" and set(ufunc.types) == {"O" * ufunc.nin + "->" + "O" * ufunc.nout}:
        return _viewed(ufunc(*inputs), Symbols)  # np.vectorize and np.frompyfunc
    raise Open(f"np.{name}.{method} is not known on symbols")


def _computed(name: str, method: str, inputs: list[Any], options: dict[str, Any]) -> Any:
    if method == "__call__":
        return _viewed(_entrywise(COMPUTED[name], inputs), Symbols)
    options = {key: value for key, value in options.items() if value is not _ABSENT}
    if name == "maximum" and method == "reduce":
        return _viewed(_largest(inputs[0], **options), Symbols)
    if name == "minimum" and method == "reduce":
        return -_viewed(_largest(-inputs[0], **options), Symbols)
    folded = np.frompyfunc(COMPUTED[name], 2, 1, identity=_IDENTITY.get(name))
    return _viewed(getattr(folded, method)(*inputs, **options), Symbols)


def _entrywise(function: Callable[..., Any], inputs: list[Any]) -> Any:
    return np.frompyfunc(function, len(inputs), 1)(*inputs)


def _largest(array: Any, axis: Any = 0, *, keepdims: bool = False, initial: Any = None) -> Any:
    if initial is not None:
        raise Open("np.max(initial=…) is not known on symbols")
    if axis is None:
        found = np.asarray(Largest.of(list(array.flat)), dtype=object)
        return found.reshape((1,) * array.ndim) if keepdims else found
    found = np.apply_along_axis(lambda row: Largest.of(list(row)), axis, array)
    return np.expand_dims(found, axis) if keepdims else found


def _unwrapped(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _exactly(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_unwrapped, value))
    return value if not isinstance(value, dict) else {key: _unwrapped(value[key]) for key in value}


def _wrapped(result: Any) -> Any:
    if isinstance(result, list | tuple):
        return type(result)(map(_wrapped, result))
    return Symbols.of(result) if isinstance(result, np.ndarray | sympy.Basic) else result


def _check_mask(mask: Any) -> None:
    if type(mask) is Symbols:
        raise Open("whether a number is 0 depends on its value")


def _where(mask: Any, yes: Any, no: Any) -> Any:
    return _viewed(_entrywise(chosen, [_exactly(part) for part in (mask, yes, no)]), Symbols)


def _viewed(result: Any, kind: type[Symbols]) -> Any:
    return np.asarray(result, dtype=object).view(kind)
