"""Definitions of activations, entry by entry, and of the softmax: see `definitions`."""

from math import pi
from typing import Any

from backproof.checking.functions.definitions import (
    Array,
    Entry,
    define,
    define_columns,
    define_entrywise,
    erf,
    exp,
    log,
    sqrt,
    table,
    tanh,
)


@define_entrywise("relu")
def relu(x: Entry) -> Entry:
    """x where x > 0, and 0 elsewhere."""
    return max(0, x)


@define_entrywise("leaky relu")
def leaky_relu(x: Entry, *, alpha: Any = 0.01) -> Entry:
    """x where x > 0, and alpha x elsewhere."""
    return x if x > 0 else alpha * x


@define_entrywise("sigmoid")
def sigmoid(x: Entry) -> Entry:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + exp(-x))


@define_entrywise("tanh")
def hyperbolic_tangent(x: Entry) -> Entry:
    """tanh(x)."""
    return tanh(x)


@define_entrywise("softplus")
def softplus(x: Entry) -> Entry:
    """log(1 + exp(x))."""
    return log(1 + exp(x))


@define_entrywise("gelu")
def gelu(x: Entry) -> Entry:
    """x Phi(x), with Phi the normal distribution: Phi(x) = (1 + erf(x / sqrt(2))) / 2."""
    return x * (1 + erf(x / sqrt(2))) / 2


@define_entrywise("gelu, tanh")
def gelu_tanh(x: Entry) -> Entry:
    """x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2."""
    return x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2


@define_entrywise("silu")
def silu(x: Entry) -> Entry:
    """x / (1 + exp(-x))."""
    return x / (1 + exp(-x))


@define_entrywise("elu")
def elu(x: Entry, *, alpha: Any = 1) -> Entry:
    """x where x > 0, and alpha (exp(x) - 1) elsewhere."""
    return x if x > 0 else alpha * (exp(x) - 1)


@define_entrywise("selu")
def selu(x: Entry) -> Entry:
    """1.0507 (x where x > 0, and 1.67326 (exp(x) - 1) elsewhere), with all digits."""
    scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
    return scale * (x if x > 0 else alpha * (exp(x) - 1))


@define("softmax", "x: N C")
def softmax(x: Array) -> Array:
    """out[n, c] = exp(x[n, c]) / the sum over k of exp(x[n, k])."""
    return table(x.shape, lambda *place: exp(x[place]) / _exponentials(x, place[:-1]))


@define("log-softmax", "x: N C")
def log_softmax(x: Array) -> Array:
    """out[n, c] = x[n, c] - log of the sum over k of exp(x[n, k])."""
    return table(x.shape, lambda *place: x[place] - log(_exponentials(x, place[:-1])))


def _exponentials(x: Array, row: tuple[int, ...]) -> Entry:
    return sum(exp(x[*row, k]) for k in range(x.shape[-1]))


define_columns("softmax", "x: C N")
define_columns("log-softmax", "x: C N")
