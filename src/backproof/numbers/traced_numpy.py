"""NumPy and math as code sees them while it runs on traced numbers.

Functions that make arrays out of nothing, np.zeros and its like, are told of no traced number, so
the array protocols cannot reach them.  While `patched` lasts they make exact arrays instead, also
where the code imported them by name.  It changes modules of this process: run it in one of its own.
"""

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

# Not np.array: while code runs on traced numbers, that name is taken.
from numpy import asarray as _asarray

from backproof.numbers import traced
from backproof.numbers.exact_real import FUNCTIONS, NAN, mp
from backproof.numbers.traced import Traced
from backproof.numbers.traced_array import Array, TracedArray, plain, traced_array
from backproof.numbers.traced_axes import Joined
from backproof.numbers.traced_functions import constant_array
from backproof.numbers.traced_scipy import scipy_replacements
from backproof.numbers.traced_ufuncs import exact_operand

_OWN = (str(Path(__file__).parent), str(Path(np.__file__).parent))


def calling_line() -> tuple[str, int]:
    """Return the file and line of the innermost code that is neither NumPy's nor ours."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OWN):
        frame = frame.f_back  # type: ignore[assignment]
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)


def _is_float(dtype: Any) -> bool:
    return dtype is None or np.dtype(dtype).kind in "fO"


def _constants(original: Callable[..., Any], value: Any) -> Callable[..., Any]:
    @wraps(original)
    def make(shape: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        if _is_float(dtype):
            return constant_array(shape, value)
        return original(shape, dtype, *rest, **options)

    return make


def _full(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def full(shape: Any, fill_value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        whole = isinstance(fill_value, bool | int | np.integer | np.bool_) and dtype is None
        if whole or not _is_float(dtype):
            return original(shape, fill_value, dtype, *rest, **options)
        return constant_array(shape, fill_value)

    return full


def _array(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def array(value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        copies = original.__name__ == "array" and options.get("copy", True)
        if isinstance(value, np.ndarray) and not copies and (dtype is None or _is_float(dtype)):
            return value
        if not _is_float(dtype):
            return original(plain(value), dtype, *rest, **options)
        made = original(_bare(value), None, *rest, **options)
        floats = made.dtype.kind in "fO" or (dtype is not None and made.dtype.kind in "iub")
        return exact_array(made) if floats else made

    return array


def _bare(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_bare(part) for part in value]
    return plain(value)


def exact_array(array: Array) -> Array:
    """Return an array of numbers as a TracedArray of exact ones, a copy."""
    if not array.size:
        return array.astype(object).view(TracedArray)
    return traced_array(_asarray(np.frompyfunc(exact_operand, 1, 1)(array), dtype=object))


def _exactly(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def make(*arguments: Any, **options: Any) -> Any:
        made = original(*arguments, **options)
        return exact_array(made) if made.dtype.kind == "f" else made

    return make


def _strided(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def as_strided(x: Any, *arguments: Any, **options: Any) -> Any:
        return traced_array(original(plain(x), *arguments, **options))

    return as_strided


def _scalar(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(x: Any, *rest: Any, **options: Any) -> Any:
        if isinstance(x, Traced | Fraction | mp.mpf):
            return traced.absolute(x) if name == "fabs" else traced.function(name, x)
        return original(x, *rest, **options)

    return call


def _for_code(original: Callable[..., Any], new: Callable[..., Any]) -> Callable[..., Any]:
    """Return what calls `new`, but `original` when NumPy itself calls."""

    @wraps(original)
    def call(*arguments: Any, **options: Any) -> Any:
        by_numpy = sys._getframe(1).f_code.co_filename.startswith(_OWN)
        return (original if by_numpy else new)(*arguments, **options)

    return call


_MATH = {"exp": "exp", "expm1": "expm1", "log1p": "log1p", "sqrt": "sqrt", "tanh": "tanh",
         "sinh": "sinh", "cosh": "cosh", "sin": "sin", "cos": "cos", "tan": "tan",
         "atan": "arctan", "asin": "arcsin", "acos": "arccos", "asinh": "arcsinh", "erf": "erf",
         "log": "log", "fabs": "fabs"}  # fmt: skip


def _replacements() -> list[tuple[Any, str, Callable[..., Any]]]:
    made = [
        (np, "zeros", _constants(np.zeros, 0)),
        (np, "ones", _constants(np.ones, 1)),
        (np, "empty", _constants(np.empty, NAN)),
        (np, "full", _full(np.full)),
        (np, "eye", _exactly(np.eye)),
        (np, "identity", _exactly(np.identity)),
        (np, "tri", _exactly(np.tri)),
        (np.lib.stride_tricks, "as_strided", _strided(np.lib.stride_tricks.as_strided)),
    ]
    made += [(np, name, _array(getattr(np, name))) for name in _CONVERTED]
    made += [(np, name, _exactly(getattr(np, name))) for name in _LIKE]
    called = [(math, name, _scalar(ours, getattr(math, name))) for name, ours in _MATH.items()]
    called += [(np, name, _scalar(name, getattr(np, name))) for name in FUNCTIONS if name != "erf"]
    for_code = [(module, name, _for_code(getattr(module, name), new)) for module, name, new in made]
    return [*for_code, *called, *scipy_replacements()]


class ExactFloat(float):
    """`float` for code that calls it on a traced number, which stays what it is."""

    def __new__(cls, value: Any = 0) -> Any:
        """Return a traced number as it is, and anything else as a float."""
        return value if isinstance(value, Traced) else float(value)


_CONVERTED = ("array", "asarray", "asanyarray", "ascontiguousarray")
_LIKE = ("zeros_like", "ones_like", "empty_like", "full_like")

CREATED = ("zeros", "ones", "empty", "full", "eye", "identity", "tri", "array", "asarray",
           "asanyarray", "ascontiguousarray")  # fmt: skip
"""The functions that make arrays, and that make exact ones here."""


@contextmanager
def patched(functions: Iterable[Any], *, floats: bool = False) -> Iterator[None]:
    """Let NumPy and math make and take traced numbers, as seen by everyone in this process.

    `functions` are those whose modules may hold NumPy's functions under names of their own.  With
    `floats`, their `float(...)` leaves a traced number as it is.
    """
    replacements = _replacements()
    by_original = {id(getattr(module, name)): new for module, name, new in replacements}
    unpatched = SimpleNamespace(**vars(np))
    undo: list[Callable[[], None]] = []
    undo += [_set(names, "np", unpatched) for names in _compiled()]
    for module, name, new in replacements:
        undo.append(_set(vars(module), name, new))
    joined = {"r_": Joined(np.r_, columns=False), "c_": Joined(np.c_, columns=True)}
    undo += [_set(vars(np), name, new) for name, new in joined.items()]
    for names in _globals(functions):
        for name, value in list(names.items()):
            if id(value) in by_original:
                undo.append(_set(names, name, by_original[id(value)]))
        if floats:
            undo.append(_set(names, "float", ExactFloat))
    try:
        yield
    finally:
        for back in reversed(undo):
            back()


def _compiled() -> list[dict[str, Any]]:
    """Return the names of np.random's compiled modules, which write floats into an np.empty."""
    modules = [module for name, module in sys.modules.items() if name.startswith("numpy.random.")]
    return [vars(module) for module in modules if vars(module).get("np") is np]


def _globals(functions: Iterable[Any]) -> list[dict[str, Any]]:
    found = {id(f.__globals__): f.__globals__ for f in functions if hasattr(f, "__globals__")}
    return list(found.values())


def _set(names: dict[str, Any], name: str, value: Any) -> Callable[[], None]:
    missing = object()
    old = names.get(name, missing)
    names[name] = value

    def back() -> None:
        if old is missing:
            del names[name]
        else:
            names[name] = old

    return back
