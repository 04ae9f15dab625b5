"""What NumPy's functions of arrays mean on traced numbers.

STRUCTURAL ones only move, repeat, add and multiply entries: NumPy's own code does them.  WRITTEN
ones are composed here of others.  Any other function is Unsupported, by name.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

# Not np.array: while code runs on traced numbers, that name is taken.
from numpy import array as _array
from numpy import asarray as _asarray
from numpy import empty as _empty
from numpy import full as _full

from backproof.numbers.exact_real import exact, is_nan
from backproof.numbers.traced import Unsupported, compare, value_of
from backproof.numbers.traced_array import Array, TracedArray, plain, traced_array, truths
from backproof.numbers.traced_axes import ALONG
from backproof.numbers.traced_linear import LINEAR
from backproof.numbers.traced_ufuncs import exact_operand, folded, is_missing, objects, written


def call_function(function: Any, arguments: Any, options: dict[str, Any]) -> Any:
    """Do for NumPy what the function means on traced numbers."""
    name = function.__name__
    if name in WRITTEN:
        return traced_array(WRITTEN[name](*arguments, **options))
    if name in BY_UFUNC:
        return BY_UFUNC[name](*arguments, **options)
    if name not in STRUCTURAL:
        module = function.__module__.removeprefix("numpy").lstrip(".")
        raise Unsupported(f"np.{module + '.' if module == 'linalg' else ''}{name}")
    options = {key: value for key, value in options.items() if key not in ("dtype", "optimize")}
    target = options.pop("out", None)
    result = _wrapped(function(*_unwrapped(arguments), **_unwrapped(options)))
    return result if target is None else written(target, result)


def _unwrapped(value: Any) -> Any:
    if isinstance(value, TracedArray):
        return plain(value)
    if isinstance(value, list | tuple):
        return type(value)(_unwrapped(part) for part in value)
    if isinstance(value, dict):
        return {key: _unwrapped(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return objects(value)
    return value


def _wrapped(result: Any) -> Any:
    if isinstance(result, list | tuple):
        return type(result)(_wrapped(part) for part in result)
    return traced_array(result)


STRUCTURAL = {
    "append", "array_split", "as_strided", "atleast_1d", "atleast_2d", "atleast_3d", "block",
    "broadcast_arrays", "broadcast_to", "choose", "column_stack", "compress", "concatenate",
    "copy", "copyto", "cross", "delete", "diag", "diagflat", "diagonal", "dot", "dsplit",
    "dstack", "einsum", "einsum_path", "expand_dims", "extract", "fill_diagonal", "flip",
    "fliplr", "flipud", "hsplit", "hstack", "inner", "insert", "kron", "matrix_transpose",
    "may_share_memory", "moveaxis", "ndim", "outer", "pad", "permute_dims", "place", "put",
    "put_along_axis", "putmask", "ravel", "repeat", "reshape", "resize", "roll", "rollaxis",
    "rot90", "select", "shape", "shares_memory", "size", "sliding_window_view", "split",
    "squeeze", "stack", "swapaxes", "take", "take_along_axis", "tensordot", "tile", "trace",
    "transpose", "tril", "tril_indices_from", "triu", "triu_indices_from", "unstack", "vdot",
    "vsplit", "vstack", "where",
}  # fmt: skip
"""The functions that only move, repeat, add and multiply entries: NumPy's own code does them."""


def _fold_with(ufunc: Any) -> Callable[..., Any]:
    def fold(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        options = {key: value for key, value in options.items() if not is_missing(value)}
        result = folded(ufunc, "reduce", (a,), {"axis": axis, **options})
        return result if out is None else written(out, result)

    return fold


def _extreme(ufunc: Any) -> Callable[..., Any]:
    fold = _fold_with(ufunc)
    return lambda a, axis=None, out=None, **options: fold(a, axis, None, out, **options)


def _accumulated(ufunc: Any) -> Callable[..., Any]:
    def running(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        array = _asarray(plain(a)).ravel() if axis is None else plain(a)
        result = folded(ufunc, "accumulate", (array,), {"axis": axis or 0})
        return result if out is None else written(out, result)

    return running


BY_UFUNC: dict[str, Callable[..., Any]] = {
    "sum": _fold_with(np.add),
    "prod": _fold_with(np.multiply),
    "max": _extreme(np.maximum),
    "amax": _extreme(np.maximum),
    "min": _extreme(np.minimum),
    "amin": _extreme(np.minimum),
    "cumsum": _accumulated(np.add),
    "cumprod": _accumulated(np.multiply),
    "any": lambda a, *rest, **options: np.any(truths(a), *rest, **options),
    "all": lambda a, *rest, **options: np.all(truths(a), *rest, **options),
}


def _count(array: Array, axis: Any) -> int:
    if axis is None:
        return int(array.size)
    return int(np.prod([array.shape[each] for each in np.atleast_1d(axis)]))


def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False
) -> Any:
    keep = keepdims is True
    result = np.sum(a, axis=axis, keepdims=keep) / _count(a, axis)
    return result if out is None else written(out, result)


def _var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    correction: Any = None,
    mean: Any = None,
) -> Any:
    less = ddof if correction is None or is_missing(correction) else correction
    centre = _mean(a, axis, keepdims=True) if mean is None or is_missing(mean) else mean
    squares = np.sum((a - centre) ** 2, axis=axis, keepdims=keepdims is True)
    result = squares / (_count(a, axis) - less)
    return result if out is None else written(out, result)


def _std(*arguments: Any, **options: Any) -> Any:
    return np.sqrt(_var(*arguments, **options))


def _arg_extreme(operator: str) -> Callable[..., Any]:
    def first_extreme(row: Any) -> int:
        best = 0
        for index in range(1, len(row)):
            if compare(row[index], row[best], operator):
                best = index
        return best

    def along(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        array = plain(a)
        if axis is None:
            return np.intp(first_extreme(array.ravel()))
        rows = np.moveaxis(array, axis, -1)
        found = _array([first_extreme(rows[i]) for i in np.ndindex(rows.shape[:-1])], dtype=np.intp)
        found = found.reshape(rows.shape[:-1])
        return np.expand_dims(found, axis) if keepdims is True else found[()]

    return along


def _argsort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    if axis is None:
        return _array(_ordered(plain(a).ravel()), dtype=np.intp)
    rows = np.moveaxis(plain(a), axis, -1)
    found = _array([_ordered(rows[place]) for place in np.ndindex(rows.shape[:-1])], dtype=np.intp)
    return np.moveaxis(found.reshape(rows.shape), -1, axis)


def _ordered(row: Any) -> list[int]:
    return sorted(range(len(row)), key=lambda index: row[index])


def _sort(a: Any, axis: Any = -1, **options: Any) -> Any:
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, _argsort(a, axis, **options), axis)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:  # noqa: A002  NumPy's name
    keep = keepdims is True
    if ord is None or (ord == 2 and (np.ndim(x) == 1 or isinstance(axis, int))) or ord == "fro":
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keep))
    if (np.ndim(x) == 1 or isinstance(axis, int)) and ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keep)
    if (np.ndim(x) == 1 or isinstance(axis, int)) and ord == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keep)
    raise Unsupported(f"np.linalg.norm(ord={ord!r})")


def _filled(value: int) -> Callable[..., Any]:
    def like(a: Any, dtype: Any = None, shape: Any = None, **_: Any) -> Any:
        shape = np.shape(a) if shape is None else shape
        if dtype is not None and np.dtype(dtype).kind in "iub":
            return _full(shape, value, dtype=dtype)
        return constant_array(shape, value)

    return like


def constant_array(shape: Any, value: Any) -> Array:
    """Return a TracedArray whose entries are all the number `value`."""
    array = _empty(shape, dtype=object)
    array[...] = exact_operand(value)
    return array.view(TracedArray)


def _full_like(a: Any, fill_value: Any, **_: Any) -> Any:
    return np.broadcast_to(plain(fill_value), np.shape(a)).astype(object)


def _isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Any:
    return np.abs(np.subtract(a, b)) <= np.add(atol, np.multiply(rtol, np.abs(b)))


def _nan_to_num(x: Any, copy: Any = True, nan: Any = 0.0, **_: Any) -> Any:
    replaced = np.frompyfunc(lambda e: exact(nan) if is_nan(value_of(e)) else e, 1, 1)
    return replaced(plain(x))


def _diff(a: Any, n: Any = 1, axis: Any = -1, **_: Any) -> Any:
    for _step in range(n):
        rows = np.moveaxis(a, axis, -1)
        a = np.moveaxis(rows[..., 1:] - rows[..., :-1], -1, axis)
    return a


def _average(a: Any, axis: Any = None, weights: Any = None, **_: Any) -> Any:
    if weights is None:
        return _mean(a, axis)
    return np.sum(a * weights, axis=axis) / np.sum(weights, axis=axis)


def _array_equal(a: Any, b: Any, **_: Any) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.all(np.equal(a, b)))


WRITTEN: dict[str, Callable[..., Any]] = {
    "mean": _mean,
    "var": _var,
    "std": _std,
    "average": _average,
    "argmax": _arg_extreme(">"),
    "argmin": _arg_extreme("<"),
    "argsort": _argsort,
    "sort": _sort,
    "norm": _norm,
    "clip": lambda a, a_min=None, a_max=None, out=None, **options: _clip(
        a, a_min, a_max, out, options
    ),
    "zeros_like": _filled(0),
    "ones_like": _filled(1),
    "empty_like": _filled(0),
    "full_like": _full_like,
    "isclose": _isclose,
    "allclose": lambda *arguments, **options: bool(np.all(_isclose(*arguments, **options))),
    "array_equal": _array_equal,
    "nan_to_num": _nan_to_num,
    "diff": _diff,
    "nonzero": lambda a: truths(a).nonzero(),
    "flatnonzero": lambda a: np.flatnonzero(truths(a)),
    "argwhere": lambda a: np.argwhere(truths(a)),
    "count_nonzero": lambda a, **options: np.count_nonzero(truths(a), **options),
    "isrealobj": lambda _: True,
    "iscomplexobj": lambda _: False,
    "real": lambda a: a,
    "round": lambda *_, **__: _refuse("np.round"),
    "result_type": lambda *_: np.dtype(np.float64),
    **ALONG,
    **LINEAR,
}
"""The functions that are composed of others here."""


def _clip(a: Any, low: Any, high: Any, out: Any, options: dict[str, Any]) -> Any:
    low = options.get("min", low)
    high = options.get("max", high)
    if low is not None:
        a = np.maximum(a, low)
    if high is not None:
        a = np.minimum(a, high)
    return a if out is None else written(out, a)


def _refuse(name: str) -> Any:
    raise Unsupported(name)
