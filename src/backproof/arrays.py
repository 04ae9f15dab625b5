"""The doors: every array enters here, and is accepted as it is or refused by name.

NumPy broadcasts a wrong shape and upcasts a wrong type without a word; the wrong gradient comes
much later, or never.  So the shapes are exact, one run has one dtype and one library, and each
refusal says which argument, what was expected, what came, and the likely mend.  An array of another
library (docs/arrays.md) is held to the same; its values are looked at where that costs no wait.
"""

from typing import Any

import numpy as np

from backproof import libraries

Array = Any
"""Whatever has `@ .T * + - .sum .shape`: an array of floats of any library, or NumPy's of any
exact entries."""

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))

_OBJECT = np.dtype(object)
_NO_ORDER = "Complex numbers have no order, so no ReLU."


def namespace(array: Array) -> Any:
    """Return the module whose functions fit `array`; for a NumPy array of numbers, NumPy."""
    if libraries.is_foreign(array):
        return libraries.namespace(array)
    try:
        return array.__array_namespace__()
    except AttributeError:
        raise TypeError(
            f"z must be an array, but is {array!r}, a {type(array).__name__}. Pass numpy.array(z)."
        ) from None


def real_matrix(name: str, value: Any) -> Array:
    """Return `value` as a two-dimensional array of finite reals, or raise naming `name`.

    float32 and float64 pass, and so do exact entries (int, Fraction, SymPy, …) in a NumPy array of
    dtype object; a float among those would round without a word.  Nothing is copied, nor moved to
    another device.
    """
    array = _array(name, value)
    _check_entries(name, array)
    if array.ndim != 2:
        raise ValueError(
            f"{name} must have two dimensions, but has shape "
            f"{tuple(array.shape)}. {_mend(name, array)}"
        )
    if 0 in array.shape:
        raise ValueError(f"{name} has shape {tuple(array.shape)}: there is nothing in it.")
    return array


def check_shape(name: str, array: Array, expected: tuple[int, int], because: str) -> None:
    """Raise ValueError unless `array` has exactly the `expected` shape; never broadcast."""
    shape = tuple(array.shape)
    if shape != expected:
        transposed = shape == expected[::-1]
        hint = f" Its transpose fits: pass {name}.T." if transposed else ""
        raise ValueError(
            f"{name} must have shape {expected}, {because}, but has shape {shape}.{hint}"
        )


def check_length(name: str, array: Array, axis: int, length: int, because: str) -> None:
    """Raise ValueError unless `array` has `length` along `axis`; its other length is free."""
    other = array.shape[1 - axis]
    if array.shape[axis] != length == other:  # a transposed array: say so
        other = array.shape[axis]
    check_shape(name, array, (other, length) if axis else (length, other), because)


def checked_result(name: str, value: Any, z: Array) -> Array:
    """Return what a function of the user's own made of `z`, or raise unless it is alike."""
    array = _array(name, value)
    check_shape(name, array, tuple(z.shape), "that of z")
    check_same_dtype(name, array, "z", z)
    return array


def is_count(value: Any) -> bool:
    """Return whether `value` is a positive whole number; True is none."""
    return isinstance(value, int | np.integer) and value is not True and bool(value > 0)


def check_same_dtype(name: str, array: Array, other_name: str, other: Array) -> None:
    """Raise TypeError unless both arrays hold the same kind of number, of the same library."""
    check_same_library(name, array, other_name, other)
    if array.dtype != other.dtype:
        raise TypeError(
            f"{name} has dtype {array.dtype}, but {other_name} has dtype {other.dtype}. "
            f"One run, one dtype: pass {_converted(name, other.dtype)}."
        )


def check_same_library(name: str, array: Array, other_name: str, other: Array) -> None:
    """Raise TypeError unless both arrays are of the same library; none is carried over."""
    here, there = libraries.name(array), libraries.name(other)
    if here != there:
        raise TypeError(
            f"{name} is an array of {here}, but {other_name} is one of {there}. "
            f"One run, one library: pass {there}.asarray({name})."
        )


def labels(name: str, value: Any, other_name: str, z: Array) -> Array:
    """Return `value` as one label for each column of `z`, whose rows are the classes 0, 1, ….

    Raises TypeError or ValueError, naming `name`, for anything else.
    """
    array, (classes, examples) = _array(name, value), z.shape
    if not _is_whole(array):
        raise TypeError(
            f"{name} must hold class labels, whole numbers, but has dtype {array.dtype}. "
            + (_labels_of(name, array, z) or f"For whole floats pass {name}.astype(int).")
        )
    if tuple(array.shape) != (examples,):
        raise ValueError(
            f"{name} must have shape ({examples},), one label an example, "
            f"but has shape {tuple(array.shape)}. {_labels_of(name, array, z)}".rstrip()
        )
    check_same_library(name, array, other_name, z)
    values = libraries.at_hand(array)
    if values is not None:
        _check_classes(name, values, classes)
    return array


def _labels_of(name: str, array: Array, z: Array) -> str:
    """Return how labels are had from an array of another shape, or nothing."""
    classes, examples = z.shape
    mends = {
        (classes, examples): f"For one-hot columns pass {name}.argmax(axis=0).",
        (examples, classes): f"For one-hot rows pass {name}.argmax(axis=1).",
        (1, examples): f"For one label a column pass {name}.ravel().",
        (examples, 1): f"For one label a row pass {name}.ravel().",
    }
    return mends.get(tuple(array.shape), "")


def probabilities(name: str, array: Array) -> Array:
    """Return `array`, or raise ValueError, naming `name`, if an entry is not between 0 and 1."""
    values = None if array.dtype == object else libraries.at_hand(array)
    if values is not None and not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            f"{name} must hold probabilities of the class 1, between 0 and 1, "
            f"but ranges from {values.min()} to {values.max()}. "
            f"For labels -1 and 1 pass ({name} + 1) / 2."
        )
    return array


def _array(name: str, value: Any) -> Array:
    if value is None:
        raise TypeError(f"{name} is None; an array was expected.")
    if libraries.is_foreign(value):
        return value
    if isinstance(value, np.matrix | np.ma.MaskedArray):
        kind = type(value).__name__
        raise TypeError(
            f"{name} is a numpy {kind}, whose `*` or `sum` means something else. "
            f"Pass numpy.asarray({name}), masked entries filled first."
        )
    try:
        return np.asanyarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array of one shape: {str(error).rstrip('.')}.") from None


def _check_entries(name: str, array: Array) -> None:
    if libraries.is_foreign(array):
        _check_foreign_entries(name, array)
    elif array.dtype == object:
        _check_exact_entries(name, array)
    elif array.dtype not in FLOATS:
        raise TypeError(
            f"{name} has dtype {array.dtype}; expected float64 or float32. {_retype(name, array)}"
        )
    else:
        _check_finite(name, array)


def _check_foreign_entries(name: str, array: Array) -> None:
    library, xp = libraries.name(array), namespace(array)
    if array.dtype not in (xp.float32, xp.float64):
        raise TypeError(
            f"{name} has dtype {array.dtype}; expected float64 or float32 of {library}."
        )
    values = libraries.at_hand(array)
    if values is not None:
        _check_finite(name, values)


def _check_finite(name: str, array: Array) -> None:
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} holds {array[where]} at {where}; every entry must be finite.")


def _check_classes(name: str, values: Array, classes: int) -> None:
    for position in np.flatnonzero((values < 0) | (values >= classes)):
        raise ValueError(
            f"{name}[{position}] is {values[position]}, but with {classes} classes "
            f"a label is one of 0, ..., {classes - 1}."
        )


def _is_whole(array: Array) -> bool:
    if libraries.is_foreign(array):
        return bool(namespace(array).isdtype(array.dtype, "integral"))
    return array.dtype.kind in "iu"


def _check_exact_entries(name: str, array: Array) -> None:
    for where, entry in np.ndenumerate(array):
        is_number = all(hasattr(entry, f"__{op}__") for op in ("add", "sub", "mul"))
        if not is_number or isinstance(entry, bool | np.bool_ | np.ndarray):
            raise TypeError(
                f"{name} holds {entry!r} at {where}, which is no number "
                f"({type(entry).__name__} does not add, subtract and multiply)."
            )
        if isinstance(entry, complex | np.complexfloating):
            raise TypeError(f"{name} holds {entry!r} at {where}. {_NO_ORDER}")
        if isinstance(entry, float | np.floating):
            raise TypeError(
                f"{name} holds {entry!r} at {where}, a float among exact entries, which would "
                f"round. Pass {name}.astype(float), or {_converted(name, _OBJECT)}."
            )


def _retype(name: str, array: Array) -> str:
    if array.dtype.kind in "iub":
        return (
            f"Pass {name}.astype(float); or, for exact integers of any size, {name}.astype(object)."
        )
    if array.dtype.kind == "c":
        return _NO_ORDER
    if array.dtype.kind == "f":
        return f"Pass {name}.astype(float)."
    return "It holds no numbers."


def _mend(name: str, array: Array) -> str:
    if array.ndim == 1:
        return f"For one column pass {name}[:, None]; for one row {name}[None, :]."
    if array.ndim == 0:
        return f"For a single number pass [[{name}]]."
    return f"Where the first axis counts the examples, pass {name}.reshape(len({name}), -1).T."


def _converted(name: str, dtype: Any) -> str:
    if not isinstance(dtype, np.dtype):  # PyTorch has dtypes of its own
        return f"{name} converted to {dtype}"
    if dtype.hasobject:
        return f"as_fractions({name}), from backproof.numbers.rational"
    return f"{name}.astype(numpy.{dtype})"
