"""The functions of SciPy that layers are made of, on traced numbers, where SciPy is in use."""

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np

from backproof.numbers.traced_array import TracedArray
from backproof.numbers.traced_linear import full_convolution, middle


def _logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: Any = False, **more: Any) -> Any:
    if more.get("return_sign"):
        return NotImplemented
    largest = np.max(a, axis=axis, keepdims=True)
    terms = np.exp(a - largest) if b is None else b * np.exp(a - largest)
    total = np.log(np.sum(terms, axis=axis, keepdims=True)) + largest
    if keepdims:
        return total
    return np.squeeze(total, axis=axis) if axis is not None else total.ravel()[0]


def _softmax(x: Any, axis: Any = None) -> Any:
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    return x - _logsumexp(x, axis, keepdims=True)


def _convolve(in1: Any, in2: Any, mode: str = "full", *rest: Any, **options: Any) -> Any:
    boundary = options.pop("boundary", rest[0] if rest else "fill")
    if boundary not in ("fill", "auto", "direct", "fft") or options.pop("fillvalue", 0) != 0:
        return NotImplemented
    full = full_convolution(in1, in2)
    if mode == "full":
        return full
    if mode == "same":
        return middle(full, np.shape(in1))
    pairs = list(zip(np.shape(in1), np.shape(in2), strict=True))
    if not (all(a >= b for a, b in pairs) or all(a <= b for a, b in pairs)):
        raise ValueError("in 'valid' mode one array has to be at least as large in every dimension")
    return middle(full, [abs(a - b) + 1 for a, b in pairs])


def _correlate_planes(in1: Any, in2: Any, mode: str = "full", *rest: Any, **options: Any) -> Any:
    if mode != "same":
        return _correlate(in1, in2, mode, *rest, **options)
    # Of two middles SciPy takes the second here, and the first everywhere else.
    return np.flip(_convolve(np.flip(in1), in2, mode, *rest, **options))


def _correlate(in1: Any, in2: Any, mode: str = "full", *rest: Any, **options: Any) -> Any:
    return _convolve(in1, np.flip(in2), mode, *rest, **options)


SCIPY: dict[str, dict[str, Callable[..., Any]]] = {
    "scipy.special": {
        "softmax": _softmax,
        "log_softmax": _log_softmax,
        "logsumexp": _logsumexp,
    },
    "scipy.signal": {
        "convolve": _convolve,
        "convolve2d": _convolve,
        "fftconvolve": _convolve,
        "correlate": _correlate,
        "correlate2d": _correlate_planes,
    },
}
"""What each of them means, written with functions that are known."""


def scipy_replacements() -> Iterator[tuple[Any, str, Callable[..., Any]]]:
    """Yield modules of SciPy that have been imported, names in them, and what to put there."""
    for name, functions in SCIPY.items():
        module = sys.modules.get(name)
        for function, ours in functions.items():
            if hasattr(module, function):
                yield module, function, _for_traced(getattr(module, function), ours)


def _for_traced(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def call(*arguments: Any, **options: Any) -> Any:
        traced = any(isinstance(each, TracedArray) for each in (*arguments, *options.values()))
        answer = ours(*arguments, **options) if traced else NotImplemented
        # What is not known goes to SciPy, which refuses numbers that are no floats.
        return original(*arguments, **options) if answer is NotImplemented else answer

    return call
