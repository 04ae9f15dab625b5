"""Definitions of layers: see `definitions`."""

from functools import reduce
from itertools import product
from math import pi, prod
from typing import Any

import numpy as np

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
    total,
)
from backproof.numbers.traced import divide


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


@define("linear", "x: N D, W: D M, b: M")
def linear(x: Array, W: Array, b: Array = None) -> Array:
    """out[n, m] = b[m] + the sum over d of x[n, d] W[d, m]."""

    def entry(*place: int) -> Entry:
        *n, m = place
        products = [x[*n, d] * W[d, m] for d in range(W.shape[0])]
        return sum(products) if b is None else b[m] + sum(products)

    return table((*x.shape[:-1], W.shape[1]), entry)


@define("linear, outputs first", "x: N D, W: M D, b: M")
def linear_outputs_first(x: Array, W: Array, b: Array = None) -> Array:
    """out[n, m] = b[m] + the sum over d of x[n, d] W[m, d]."""
    return linear(x, table(W.shape[::-1], lambda d, m: W[m, d]), b)


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


@define("layer norm", "x: N D, gamma: D, beta: D")
def layer_norm(x: Array, gamma: Array = None, beta: Array = None, *, eps: Any = 1e-5) -> Array:
    """out[n, d] = gamma[d] (x[n, d] - m) / sqrt(v + eps) + beta[d], m, v mean, variance of x[n]."""
    return table(x.shape, lambda *n: _scaled(_normal(x[n], x[n[:-1]], eps), gamma, beta, n[-1]))


@define("batch norm", "x: N D, gamma: D, beta: D")
def batch_norm(x: Array, gamma: Array = None, beta: Array = None, *, eps: Any = 1e-5) -> Array:
    """out[n, d] = gamma[d] (x[n, d] - m) / sqrt(v + eps) + beta[d], m, v mean, variance of x[:, d].

    An image has its channel in the place of d, and its places count as examples.
    """
    return table(x.shape, lambda *n: _scaled(_normal(x[n], x[:, n[1]], eps), gamma, beta, n[1]))


def _normal(entry: Entry, fellows: Array, eps: Any) -> Entry:
    count = prod(fellows.shape)
    mean = total(fellows) / count
    squares = table(fellows.shape, lambda *place: (fellows[place] - mean) ** 2)
    return divide(entry - mean, sqrt(total(squares) / count + eps))  # 0 if there are no fellows


def _scaled(entry: Entry, gamma: Any, beta: Any, d: int) -> Entry:
    scaled = entry if gamma is None else gamma[d] * entry
    return scaled if beta is None else scaled + beta[d]


@define("rms norm", "x: N D, gamma: D")
def rms_norm(x: Array, gamma: Array = None, *, eps: Any = 1e-5) -> Array:
    """out[n, d] = gamma[d] x[n, d] / sqrt(the mean over k of x[n, k]^2 + eps)."""

    def entry(*place: int) -> Entry:
        *n, d = place
        squares = sum(x[*n, k] ** 2 for k in range(x.shape[-1]))
        return _scaled(x[place] / sqrt(squares / x.shape[-1] + eps), gamma, None, d)

    return table(x.shape, entry)


@define("dropout", "x: N D, mask: N D in {0, 1}")
def dropout(x: Array, mask: Array, *, p: Any = 0) -> Array:
    """out[n, d] = x[n, d] mask[n, d] / (1 - p)."""
    return table(x.shape, lambda *n: x[n] * mask[n] / (1 - p))


@define("residual", "x: N D, f: N D")
def residual(x: Array, f: Array) -> Array:
    """out[n, d] = x[n, d] + f[n, d]."""
    return table(x.shape, lambda *n: x[n] + f[n])


@define("embedding", "idx: N in V, E: V D")
def embedding(idx: Array, E: Array) -> Array:
    """out[n, d] = E[idx[n], d]."""
    idx = np.asarray(idx)
    return table((*idx.shape, E.shape[1]), lambda *place: E[int(idx[place[:-1]]), place[-1]])


@define("max pooling", "x: N C 4 4")
def max_pooling(x: Array, *, size: Any = 2, stride: Any = None) -> Array:
    """out[n, c, i, j] = the largest x[n, c, stride i + p, stride j + q], p and q below size.

    The stride is the size unless declared.
    """
    count = len(x.shape) - 2
    sizes, strides = _each(size, count), _each(size if stride is None else stride, count)

    def entry(n: int, c: int, *place: int) -> Entry:
        window = product(*map(range, sizes))
        return reduce(max, (x[n, c, *_shifted(place, strides, at)] for at in window))

    return table((*x.shape[:2], *_windows(x.shape[2:], sizes, strides)), entry)


@define("convolution", "x: N C 3 4, w: M C 2 2, b: M")
def convolution(x: Array, w: Array, b: Array = None, *, stride: Any = 1, padding: Any = 0) -> Array:
    """out[n, m, i, j] = b[m] + the sum over c, p, q of w[m, c, p, q] times x[n, c] there.

    There is row stride i + p - padding and column stride j + q - padding; outside of x are zeros.
    With one axis instead of two, the columns are left out.
    """
    spatial, kernel = x.shape[2:], w.shape[2:]
    strides, paddings = _each(stride, len(spatial)), _each(padding, len(spatial))
    padded = tuple(size + 2 * more for size, more in zip(spatial, paddings, strict=True))

    def entry(n: int, m: int, *place: int) -> Entry:
        products = [
            w[m, c, *at] * x[n, c, *there]
            for c, *at in np.ndindex(*w.shape[1:])
            if _inside(there := _shifted(place, strides, at, paddings), spatial)
        ]
        return sum(products) if b is None else b[m] + sum(products)

    return table((x.shape[0], w.shape[0], *_windows(padded, kernel, strides)), entry)


def _each(value: Any, count: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (int(value),) * count


def _windows(sizes: Any, kernel: Any, strides: Any) -> tuple[int, ...]:
    return tuple((s - k) // step + 1 for s, k, step in zip(sizes, kernel, strides, strict=True))


def _shifted(place: Any, strides: Any, at: Any, paddings: Any = (0, 0)) -> tuple[int, ...]:
    moves = zip(place, strides, at, paddings, strict=False)
    return tuple(i * step + p - more for i, step, p, more in moves)


def _inside(place: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    return all(0 <= i < size for i, size in zip(place, sizes, strict=True))


@define("attention", "Q: T D, K: S D, V: S F")
def attention(Q: Array, K: Array, V: Array, mask: Array = None, *, causal: Any = False) -> Array:
    """out[t, f] = the sum over s of p[t, s] V[s, f], p[t] the softmax of the scores of t.

    The score of t and s is the sum over d of Q[t, d] K[s, d], divided by the root of the number of
    d.  Where mask[t, s] is 0, or s > t if causal, p[t, s] is 0.
    """

    def weight(*place: int) -> Entry:
        *n, t, s = place
        hidden = (causal and s > t) or (mask is not None and not _shown(mask, n, t, s))
        score = sum(Q[*n, t, d] * K[*n, s, d] for d in range(Q.shape[-1]))
        return 0 if hidden else exp(score / sqrt(Q.shape[-1]))

    weights = table((*Q.shape[:-1], K.shape[-2]), weight)

    def entry(*place: int) -> Entry:
        *n, t, f = place
        row = [weights[*n, t, s] for s in range(K.shape[-2])]
        return sum(w * V[*n, s, f] for s, w in enumerate(row)) / sum(row)

    return table((*Q.shape[:-1], V.shape[-1]), entry)


def _shown(mask: Array, n: list[int], t: int, s: int) -> bool:
    leading = n[len(n) - (mask.ndim - 2) :]
    return bool(mask[*leading, t, s])


@define("lstm cell", "x: N D, h: N H, c: N H, Wx: D 4*H, Wh: H 4*H, b: 4*H")
def lstm_cell(  # noqa: PLR0917  the cell has six inputs
    x: Array, h: Array, c: Array, Wx: Array, Wh: Array, b: Array, *, gates: Any = "ifog"
) -> tuple[Array, Array]:
    """h' = o tanh(c'), c' = f c + i g, with i, f, o the sigmoid and g the tanh of x Wx + h Wh + b.

    The gates stand side by side in the weights, in the order i, f, o, g unless `gates` says so.
    """
    width = h.shape[1]

    def gate(letter: str, n: int, j: int) -> Entry:
        k = gates.index(letter) * width + j
        z = b[k] + sum(x[n, d] * Wx[d, k] for d in range(x.shape[1]))
        z = z + sum(h[n, d] * Wh[d, k] for d in range(width))
        return tanh(z) if letter == "g" else sigmoid(z)

    memory = table(c.shape, lambda *p: gate("f", *p) * c[p] + gate("i", *p) * gate("g", *p))
    return table(c.shape, lambda *p: gate("o", *p) * tanh(memory[p])), memory


define_columns("linear", "x: D N, W: M D, b: M 1")
define_columns("softmax", "x: C N")
define_columns("log-softmax", "x: C N")
define_columns("layer norm", "x: D N, gamma: D 1, beta: D 1")
define_columns("batch norm", "x: D N, gamma: D 1, beta: D 1")
define_columns("rms norm", "x: D N, gamma: D 1")
define_columns("attention", "Q: D T, K: D S, V: F S")
define_columns("lstm cell", "x: D N, h: H N, c: H N, Wx: 4*H D, Wh: 4*H H, b: 4*H 1")
define_columns("max pooling", "x: C 4 4 N")


@define("convolution, columns", "x: C 3 4 N, W: M 4*C, b: M 1")
def convolution_of_columns(
    x: Array, W: Array, b: Array = None, *, K: Any = 2, stride: Any = 1, padding: Any = 0
) -> Array:
    """z[m, i, j, n] = b[m] + the sum over c, p, q of W[m, K K c + K p + q] times x[c, n] there.

    There is row stride i + p - padding and column stride j + q - padding; outside of x are zeros.
    """
    w = W.reshape(W.shape[0], x.shape[0], K, K)
    bias = None if b is None else b.reshape(-1)
    z = convolution(np.moveaxis(x, -1, 0), w, bias, stride=stride, padding=padding)
    return np.moveaxis(z, 0, -1)
