"""The functions of NumPy that are known of tensors; backproof.arrays.namespace returns this module.

Each takes tensors of any shape and numbers, and acts entry by entry.
"""

from collections.abc import Callable
from typing import Any

from backproof.numbers import index_algebra as algebra
from backproof.numbers.index_facts import PI
from backproof.numbers.index_form import UNIT, BeyondTensorsError
from backproof.numbers.tensor import Indicator, Size, Tensor, tensor_of

pi = Tensor(UNIT, UNIT, algebra.single(PI))


def exp(z: Any) -> Tensor:
    """Return e to the power z."""
    return tensor_of(z).apply("exp")


def log(z: Any) -> Tensor:
    """Return the natural logarithm."""
    return tensor_of(z).apply("log")


def sqrt(z: Any) -> Tensor:
    """Return the square root."""
    return tensor_of(z).apply("sqrt")


def tanh(z: Any) -> Tensor:
    """Return the hyperbolic tangent."""
    return tensor_of(z).apply("tanh")


def sin(z: Any) -> Tensor:
    """Return the sine."""
    return tensor_of(z).apply("sin")


def cos(z: Any) -> Tensor:
    """Return the cosine."""
    return tensor_of(z).apply("cos")


def erfc(z: Any) -> Tensor:
    """Return the complementary error function."""
    return tensor_of(z).apply("erfc")


def logaddexp(first: Any, second: Any) -> Tensor:
    """Return log(exp(first) + exp(second))."""
    return log(exp(first) + exp(second))


def where(condition: Any, yes: Any, no: Any) -> Tensor:
    """Return `yes` where z > 0 and `no` elsewhere; where(z > 0, z, 0) is relu(z)."""
    if not isinstance(condition, Indicator):
        raise BeyondTensorsError(f"a choice by {condition!r}, which is not z > 0")
    on, off = tensor_of(yes), tensor_of(no)
    chosen = condition.astype(float)
    if not off.terms and (on > 0).terms == condition.terms:
        return on.apply("relu") * ones_like(chosen) + off
    return chosen * on + (ones_like(chosen) - chosen) * off


def maximum(first: Any, second: Any) -> Tensor:
    """Return max(z, 0), which is relu(z)."""
    a, b = tensor_of(first), tensor_of(second)
    if a.terms and b.terms:
        raise BeyondTensorsError("a maximum of anything but z and 0")
    return (a + b).apply("relu")


def heaviside(z: Any, at_zero: Any) -> Tensor:
    """Return 1 where z > 0 and 0 elsewhere; `at_zero` must be 0."""
    if tensor_of(at_zero).terms:
        raise BeyondTensorsError(f"an indicator that is {at_zero!r} at 0")
    return (tensor_of(z) > 0).astype(float)


def max(z: Tensor, *, axis: int, keepdims: bool) -> Tensor:  # noqa: A001  NumPy's name
    """Return the largest entry of each column or row, as a letter of its own."""
    return z.max(axis=axis, keepdims=keepdims)


def ones_like(z: Tensor) -> Tensor:
    """Return ones in the shape of z."""
    return Tensor(z.rows, z.columns, algebra.constant(1))


def zeros_like(z: Tensor) -> Tensor:
    """Return zeros in the shape of z."""
    return Tensor(z.rows, z.columns, {})


def shape(z: Tensor) -> tuple[Size, Size]:
    """Return the two sizes."""
    return z.shape


FROM_NUMPY: dict[str, Callable[..., Any]] = {
    **{
        function.__name__: function
        for function in (
            *(exp, log, sqrt, tanh, sin, cos, logaddexp, where, maximum, heaviside),
            *(ones_like, zeros_like, shape),
        )
    },
    "add": lambda a, b: tensor_of(a) + b,
    "subtract": lambda a, b: tensor_of(a) - b,
    "multiply": lambda a, b: tensor_of(a) * b,
    "divide": lambda a, b: tensor_of(a) / b,
    "matmul": lambda a, b: tensor_of(a) @ b,
    "dot": lambda a, b: tensor_of(a) @ b,
    "power": lambda a, b: tensor_of(a) ** b,
    "negative": lambda z: -z,
    "square": lambda z: z * z,
    "greater": lambda z, zero: tensor_of(z) > zero,
    "transpose": lambda z: z.T,
    "copy": lambda z: z,
    "sum": Tensor.sum,
    "mean": Tensor.mean,
    "max": Tensor.max,
    "amax": Tensor.max,
}
"""The functions by the names that NumPy gives them."""
