"""What NumPy's functions of entries mean on traced numbers: np.exp, +, >, np.add.at.

UFUNCS are done entry by entry, FOLDS along axes as well.  Any other ufunc is Unsupported, by name.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

# Not np.array: while code runs on traced numbers, that name is taken.
from numpy import asarray as _asarray
from numpy import empty as _empty
from numpy import full as _full

from backproof.numbers import traced
from backproof.numbers.exact_real import FUNCTIONS, exact, is_finite, is_nan
from backproof.numbers.traced import (
    Broadcast,
    Operand,
    Traced,
    Unsupported,
    compare,
    depends,
    value_of,
)
from backproof.numbers.traced_array import Array, TracedArray, plain, traced_array, truths

_BINARY = {
    "add": traced.add,
    "subtract": traced.subtract,
    "multiply": traced.multiply,
    "divide": traced.divide,
    "power": traced.power,
    "float_power": traced.power,
}

_COMPARISONS = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
}


def larger(a: Any, b: Any) -> Operand:
    """Return the larger one, the first of equals; nan if either is."""
    return _chosen(a, b, ">=")


def smaller(a: Any, b: Any) -> Operand:
    """Return the smaller one, the first of equals; nan if either is."""
    return _chosen(a, b, "<=")


def _chosen(a: Any, b: Any, operator: str) -> Operand:
    if is_nan(value_of(a)):
        return a
    return a if compare(a, b, operator) and not is_nan(value_of(b)) else b


def sign(a: Any) -> Operand:
    """Return -1, 0 or 1."""
    return Fraction(compare(a, 0, ">")) - Fraction(compare(a, 0, "<"))


def logaddexp(a: Any, b: Any) -> Operand:
    """Return log(exp a + exp b)."""
    exponentials = traced.add(traced.function("exp", a), traced.function("exp", b))
    return traced.function("log", exponentials)


def expit(a: Any) -> Operand:
    """Return 1 / (1 + exp(-a))."""
    return traced.divide(1, traced.add(1, traced.function("exp", traced.negative(a))))


def xlogy(a: Any, b: Any) -> Operand:
    """Return a log b, and 0 where a is 0 and no number that varies."""
    return exact(0) if not depends(a) and a == 0 else traced.multiply(a, traced.function("log", b))


def cbrt(a: Any) -> Operand:
    """Return the real number whose cube is a."""
    if compare(a, 0, "<"):
        return traced.negative(traced.power(traced.negative(a), Fraction(1, 3)))
    return traced.power(a, Fraction(1, 3))


def _log_to(base: int) -> Callable[[Any], Operand]:
    return lambda a: traced.divide(traced.function("log", a), traced.function("log", base))


def _heaviside(a: Any, at_zero: Any) -> Operand:
    if compare(a, 0, "=="):
        return at_zero
    return Fraction(compare(a, 0, ">"))


UFUNCS: dict[str, Callable[..., Any]] = {
    **_BINARY,
    **{name: partial(traced.function, name) for name in FUNCTIONS},
    "negative": traced.negative,
    "positive": lambda a: a,
    "conjugate": lambda a: a,
    "absolute": traced.absolute,
    "fabs": traced.absolute,
    "square": lambda a: traced.power(a, 2),
    "reciprocal": lambda a: traced.divide(1, a),
    "maximum": larger,
    "minimum": smaller,
    "fmax": larger,
    "fmin": smaller,
    "sign": sign,
    "heaviside": _heaviside,
    "logaddexp": logaddexp,
    "xlogy": xlogy,
    "cbrt": cbrt,
    "expit": expit,
    "exp2": lambda a: traced.function("exp", traced.multiply(a, traced.function("log", 2))),
    "log2": _log_to(2),
    "log10": _log_to(10),
    "clip": lambda a, low, high: smaller(larger(a, low), high),
    "hypot": lambda a, b: traced.function(
        "sqrt", traced.add(traced.power(a, 2), traced.power(b, 2))
    ),
}
"""The functions of one or two entries."""

_PREDICATES: dict[str, Callable[[Any], bool]] = {
    "isfinite": lambda a: is_finite(value_of(a)),
    "isnan": lambda a: is_nan(value_of(a)),
    "isinf": lambda a: not is_finite(value_of(a)) and not is_nan(value_of(a)),
    "signbit": lambda a: compare(a, 0, "<"),
    "logical_not": lambda a: compare(a, 0, "=="),
}

_LOGICAL = {"logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "invert"}

FOLDS: dict[str, Callable[[Any, Any], Any]] = {
    "add": traced.add,
    "multiply": traced.multiply,
    "maximum": larger,
    "minimum": smaller,
    "fmax": larger,
    "fmin": smaller,
    "logaddexp": logaddexp,
}
"""What can be folded along axes: np.sum, np.prod, np.max, np.min and their running forms."""


def call_ufunc(ufunc: Any, method: str, inputs: Any, options: dict[str, Any]) -> Any:
    """Do for NumPy what `ufunc` means on traced numbers."""
    target = options.pop("out", None)
    for name in ("dtype", "casting", "order", "subok"):
        options.pop(name, None)
    if method == "at":
        return _at(ufunc, inputs)
    if method in ("reduce", "accumulate"):
        result = folded(ufunc, method, inputs, options)
    elif method == "reduceat":
        result = _reduced_between(ufunc, *inputs, **options)
    elif method == "outer":
        a, b = (_asarray(plain(part)) for part in inputs)
        result = call_ufunc(ufunc, "__call__", _outer(a, b), {})
    elif method == "__call__":
        result = _called(ufunc, [objects(part) for part in inputs], options, target)
    else:
        raise Unsupported(f"np.{ufunc.__name__}.{method}")
    return result if target is None else written(target[0], result)


def _outer(a: Array, b: Array) -> tuple[Array, Array]:
    return traced_array(objects(a).reshape(a.shape + (1,) * b.ndim)), traced_array(objects(b))


def objects(part: Any) -> Any:
    """Return an array of objects that holds exact numbers, and truth values as they are."""
    array = plain(part)
    if not isinstance(array, np.ndarray):
        return array
    if array.dtype.kind == "f":
        return np.frompyfunc(exact, 1, 1)(array) if array.ndim else exact(array[()])
    return array


def _called(ufunc: Any, inputs: list[Any], options: dict[str, Any], target: Any) -> Any:
    where = options.pop("where", True)
    if options:
        raise Unsupported(f"np.{ufunc.__name__}({', '.join(options)}=…)")
    result = _entrywise(ufunc, inputs)
    _note_broadcast(inputs)
    if where is True:
        return traced_array(result)
    if target is None:
        raise Unsupported(f"np.{ufunc.__name__}(where=…) without out=")
    kept = plain(target[0])
    return traced_array(np.where(where, result, kept))


def _entrywise(ufunc: Any, inputs: list[Any]) -> Any:
    name = ufunc.__name__
    if name in UFUNCS:
        return np.frompyfunc(UFUNCS[name], len(inputs), 1)(*inputs)
    if name in _COMPARISONS:
        compared = partial(compare, operator=_COMPARISONS[name])
        return _truth(np.frompyfunc(compared, 2, 1)(*inputs))
    if name in _PREDICATES:
        return _truth(np.frompyfunc(_PREDICATES[name], 1, 1)(*inputs))
    if name in _LOGICAL:
        return ufunc(*(truths(p) if _is_objects(p) else p for p in inputs))
    if name in ("matmul", "vecdot", "matvec", "vecmat"):
        return ufunc(*(_as_objects(part) for part in inputs))
    if set(ufunc.types) == {
        "O" * ufunc.nin + "->" + "O" * ufunc.nout
    }:  # np.vectorize, np.frompyfunc
        return ufunc(*inputs)
    raise Unsupported(f"np.{name}")


def _note_broadcast(inputs: list[Any]) -> None:
    """Note where n entries in a column meet n in a row: hardly ever is that what was meant."""
    arrays = [part for part in inputs if isinstance(part, np.ndarray)]
    for column, row in ((a, b) for a in arrays for b in arrays):
        if row.ndim and row.shape[0] > 1 and column.shape == (*row.shape, 1):
            for entry in (*column.flat, *row.flat):
                if isinstance(entry, Traced):
                    noted = Broadcast(column.shape, row.shape, entry.graph.where())
                    entry.graph.broadcasts.append(noted)
                    return


def _truth(answers: Any) -> Any:
    return answers.astype(bool) if isinstance(answers, np.ndarray) else np.bool_(answers)


def _is_objects(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype == object


def _as_objects(part: Any) -> Array:
    array = _asarray(objects(part))
    return np.frompyfunc(exact_operand, 1, 1)(array) if array.size else array.astype(object)


def exact_operand(entry: Any) -> Operand:
    """Return an entry as it is, or a number as an exact one."""
    return entry if depends(entry) else exact(entry)


def _at(ufunc: Any, inputs: Any) -> None:
    array, *rest = inputs
    if not isinstance(array, TracedArray):
        raise Unsupported(f"np.{ufunc.__name__}.at on an array of {array.dtype}")
    ufunc.at(plain(array), *(objects(part) for part in rest))


def folded(ufunc: Any, method: str, inputs: Any, options: dict[str, Any]) -> Any:
    """Return the sum, product, largest or smallest along axes, or the running ones."""
    array, *rest = inputs
    options = dict(zip(("axis",), rest, strict=False)) | options
    if ufunc.__name__ in ("logical_and", "logical_or"):
        return getattr(ufunc, method)(truths(array), **options)
    if ufunc.__name__ not in FOLDS:
        raise Unsupported(f"np.{ufunc.__name__}.{method}")
    if options.pop("where", True) is not True:
        raise Unsupported(f"np.{ufunc.__name__}.{method}(where=…)")
    fold = np.frompyfunc(FOLDS[ufunc.__name__], 2, 1)
    array = _as_objects(array)
    if method == "accumulate":
        return traced_array(fold.accumulate(array, axis=options.get("axis", 0), dtype=object))
    return _reduced(ufunc, fold, array, options)


def _reduced(ufunc: Any, fold: Any, array: Array, options: dict[str, Any]) -> Any:
    axis, keep = options.get("axis", 0), options.get("keepdims", False)
    axes = tuple(range(array.ndim)) if axis is None else np.atleast_1d(axis).tolist()
    axes = [np.lib.array_utils.normalize_axis_index(each, array.ndim) for each in axes]
    kept = [each for each in range(array.ndim) if each not in axes]
    shape = tuple(1 if each in axes else length for each, length in enumerate(array.shape))
    flat = array.transpose(kept + list(axes)).reshape(*(array.shape[i] for i in kept), -1)
    result = _folded_rows(ufunc, fold, flat, options.get("initial"))
    if keep is True:
        return traced_array(_asarray(result, dtype=object).reshape(shape))
    return traced_array(result)


def _reduced_between(ufunc: Any, array: Any, indices: Any, axis: int = 0) -> Any:
    """Return what is folded from each index up to the next, or the entry at an index alone."""
    rows, starts = np.moveaxis(array, axis, 0), list(indices)
    ends = [*starts[1:], len(rows)]
    parts = [rows[i : max(j, i + 1)] for i, j in zip(starts, ends, strict=True)]
    reduced = [folded(ufunc, "reduce", (part,), {"axis": 0}) for part in parts]
    return np.moveaxis(np.stack(reduced), 0, axis)


def _folded_rows(ufunc: Any, fold: Any, flat: Array, initial: Any) -> Any:
    if flat.shape[-1] == 0 and initial is None and ufunc.identity is None:
        raise ValueError(f"zero-size array to reduction operation {ufunc.__name__}")
    if initial is None:
        if flat.shape[-1] == 0:
            return _full(flat.shape[:-1], Fraction(ufunc.identity), dtype=object)[()]
        return fold.reduce(flat, axis=-1)
    first = _empty((*flat.shape[:-1], 1), dtype=object)
    first[...] = exact_operand(initial)
    return fold.reduce(np.concatenate([first, flat], axis=-1), axis=-1)


def written(target: Any, result: Any) -> Any:
    """Write `result` into the array that code gave as `out`, and return that."""
    if not isinstance(target, TracedArray) and isinstance(result, TracedArray | Traced):
        raise Unsupported(f"writing into an array of {target.dtype} that was made beforehand")
    plain(target)[...] = plain(result)
    return target


def is_missing(value: Any) -> bool:
    """Return whether NumPy was given no value for an option."""
    return value is np._NoValue
