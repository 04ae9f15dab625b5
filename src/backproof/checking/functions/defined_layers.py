"""Definitions of layers of vectors and of sequences: see `definitions`."""

from math import prod
from typing import Any

import numpy as np

from backproof.checking.functions.defined_activations import sigmoid
from backproof.checking.functions.definitions import (
    Array,
    Entry,
    define,
    define_columns,
    exp,
    sqrt,
    table,
    tanh,
    total,
)
from backproof.numbers.traced import divide


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
        return divide(sum(w * V[*n, s, f] for s, w in enumerate(row)), sum(row))

    return table((*Q.shape[:-1], V.shape[-1]), entry)


@define("attention, causal", "Q: T D, K: T D, V: T F")
def causal_attention(Q: Array, K: Array, V: Array) -> Array:
    """As attention, with p[t, s] = 0 where s > t."""
    return attention(Q, K, V, causal=True)


def _shown(mask: Array, n: list[int], t: int, s: int) -> bool:
    place = [*n, t, s][-mask.ndim :]
    return bool(mask[tuple(min(i, size - 1) for i, size in zip(place, mask.shape, strict=True))])


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
define_columns("layer norm", "x: D N, gamma: D 1, beta: D 1")
define_columns("batch norm", "x: D N, gamma: D 1, beta: D 1")
define_columns("rms norm", "x: D N, gamma: D 1")
define_columns("attention", "Q: D T, K: D S, V: F S")
define_columns("lstm cell", "x: D N, h: H N, c: H N, Wx: 4*H D, Wh: 4*H H, b: 4*H 1")
