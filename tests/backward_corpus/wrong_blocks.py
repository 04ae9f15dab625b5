"""Blocks, and layers as objects, with the mistakes that objects and time steps invite."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917, RUF012

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_blocks import (
    Transformer,
    both_ways,
    chain,
    contrast,
    depthwise,
    mixture,
    rotary,
    solved,
)


class OneNormForgotten(Transformer):
    def backward(self, dout):
        dx = super().backward(dout)
        self.grads["g1"] = self.grads["g1"] * 0
        return dx


class ResidualForgotten(Transformer):
    def backward(self, dout):
        *_, second, _, h = self.cache
        dx = super().backward(dout)
        dh = (dout @ self.params["W2"].T) * (h > 0)
        return dx - dout - self.norm_backward(dh @ self.params["W1"].T, second)[0]


def one_way(dout, cache, x, Wf, Uf, Wb, Ub):
    f, b = cache
    T, H = len(x), len(Uf)
    dx, dWf, dUf, dWb, dUb = map(np.zeros_like, (x, Wf, Uf, Wb, Ub))
    carry = 0
    for t in range(T)[::-1]:
        da = (dout[t, :, :H] + carry) * (1 - f[t + 1] ** 2)
        dx[t] += da @ Wf.T
        dWf += x[t].T @ da
        dUf += f[t].T @ da
        carry = da @ Uf.T
    carry = 0
    for t in range(T):
        da = (dout[t, :, H:] + carry) * (1 - b[t] ** 2)
        dx[t] = da @ Wb.T
        dWb += x[t].T @ da
        dUb += b[t + 1].T @ da
        carry = da @ Ub.T
    return dx, dWf, dUf, dWb, dUb


def chain_without_end(cache, z, A, y):
    alpha, total = cache
    T = len(z)
    beta = np.zeros(z.shape)
    for t in range(T - 2, -1, -1):
        beta[t] = np.log(np.exp(A + z[t + 1] + beta[t + 1]).sum(0))
    dz, dA = np.exp(alpha + beta - total), np.zeros_like(A)
    for t in range(T - 1):
        dA += np.exp(alpha[t][:, None] + A + z[t + 1] + beta[t + 1] - total)
        dA[y[t], y[t + 1]] -= 1
    dz[np.arange(T), y] -= 1
    return dz, dA


def mixture_sum(cache, logits, mu, log_sigma, t):
    weights, sigma, parts = cache
    shares = parts / parts.sum(1, keepdims=True)
    z = (t[:, None] - mu) / sigma
    return {
        "logits": weights - shares,
        "mu": -shares * z / sigma,
        "log_sigma": shares * (1 - z**2),
    }


def contrast_one_side(p, u, v, tau=0.5):
    ds = (p - np.eye(len(u))) / (len(u) * tau)
    return ds @ v, ds @ u


def rotary_same_way(dout, cache):
    c, s = cache
    a, b = np.split(dout, 2, axis=1)
    return np.concatenate([a * c - b * s, b * c + a * s], axis=1)


def solved_without_transpose(dout, A, b, out):
    db = np.linalg.solve(A, dout)
    return -np.outer(db, out), db


def depthwise_without_flip(dout, cache, x, w):
    kh, kw = w.shape[1:]
    around = np.pad(dout, [(0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)])
    windows = np.lib.stride_tricks.sliding_window_view(around, (kh, kw), axis=(2, 3))
    dx = np.einsum("nchwij,cij->nchw", windows, w)
    return dx, np.einsum("nchw,nchwij->cij", dout, cache)


class Linear:
    def __init__(self):
        self.W = np.random.default_rng(0).normal(size=(3, 2))
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        return dout @ self.W.T


class OneDictionary(Linear):
    grads = {}

    def __init__(self):
        self.W = np.random.default_rng(0).normal(size=(3, 2))


class PrivateMean(Linear):
    def backward(self, dout):
        dx = super().backward(dout)
        self._grads = {"W": self.grads.pop("W") / len(dout)}
        return dx


class NeverFilled(Linear):
    def __init__(self):
        super().__init__()
        self.b, self.db = np.zeros(2), None

    def forward(self, x):
        return super().forward(x) + self.b


class Counts(Linear):
    calls = 0

    def backward(self, dout):
        self.calls += 1
        dx = super().backward(dout)
        self.grads["W"] = self.grads["W"] / self.calls
        return dx


class MovesWeights(Linear):
    def backward(self, dout):
        dx = super().backward(dout)
        self.W = self.W - 0.1 * self.grads["W"]
        return dx


class NormalisesItself(Linear):
    def forward(self, x):
        self.W /= np.sqrt((self.W**2).sum())
        return super().forward(x)


class ThroughAView:
    def __init__(self):
        self.g = np.array([1.0, 2.0, 3.0])

    def forward(self, x):
        self.x = x
        return x * self.g

    def backward(self, dout):
        d = dout.reshape(-1, 3)
        self.dg = (d * self.x.reshape(-1, 3)).sum(axis=0)
        d *= self.g
        return d.reshape(dout.shape)


class Twice:
    """The same weights in two layers, one after the other."""

    def __init__(self):
        self.W = np.random.default_rng(0).normal(size=(3, 3))

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.W)
        return np.tanh(self.h @ self.W)

    def backward(self, dout):
        d = dout * (1 - np.tanh(self.h @ self.W) ** 2)
        d = (d @ self.W.T) * (1 - self.h**2)
        self.dW = self.x.T @ d
        return d @ self.W.T


class FirstOfTheStack:
    def __init__(self):
        self.stack = []

    def forward(self, x):
        self.stack.append(x)
        return np.sin(x)

    def backward(self, dout):
        return dout * np.cos(self.stack[0])


def difference(x, y):
    return x - y


def one_array(dout, x, y):
    dx = dy = dout.copy()
    dy *= -1
    return dx, dy


def bounded(dout, x, y):
    dout = np.clip(dout, -1e12, 1e12)
    return dout, -dout


_RNN = "x: 3 2 D, Wf: D H, Uf: H H, Wb: D H, Ub: H H"
_MIXTURE = "logits: N K, mu: N K, log_sigma: N K, t: N"
_ROWS, _TWO = "x: N 3", "x: N D, y: N D"

CASES = [
    wrong(
        "class: a gain left out", "missing term", OneNormForgotten, None, "x: 3 4",
        also=("missing mask", "wrong mask", "factor"),
    ),
    wrong("class: a residual left out", "missing term", ResidualForgotten, None, "x: 3 4"),
    wrong("rnn both ways, one overwritten", "accumulation", both_ways, one_way, _RNN),
    wrong(
        "paths of a chain, other axis", "axis", chain, chain_without_end,
        "z: T K, A: K K, y: T in K",
    ),
    wrong(
        "mixture summed", "1/N", mixture, mixture_sum, _MIXTURE,
        options={"wrt": ("logits", "mu", "log_sigma")},
    ),
    wrong(
        "contrast without transpose", "transpose", contrast, contrast_one_side, "u: N D, v: N D",
    ),
    wrong("rotary, forward again", "sign", rotary, rotary_same_way, "x: T 4"),
    wrong(
        "linear system without transpose", "transpose", solved, solved_without_transpose,
        "A: D D, b: D",
    ),
    wrong(
        "depthwise without flip", "order", depthwise, depthwise_without_flip,
        "x: 2 C 3 3, w: C 2 2", also=("wrong operand", "transpose"),
    ),
    wrong("class: one dictionary for all", "aliasing", OneDictionary, None, _ROWS, also=("state",)),
    wrong("class: private and a mean", "1/N", PrivateMean, None, _ROWS),
    wrong("class: never filled", "count", NeverFilled, None, _ROWS),
    wrong("class: counts its calls", "state", Counts, None, _ROWS),
    wrong("class: moves its weights", "order", MovesWeights, None, _ROWS, also=("aliasing",)),
    wrong("class: normalises itself", "aliasing", NormalisesItself, None, _ROWS),
    wrong("class: dout through a view", "aliasing", ThroughAView, None, "x: N T 3"),
    wrong("class: weights used twice", "missing term", Twice, None, _ROWS),
    wrong("class: first of its stack", "state", FirstOfTheStack, None, "x: N D"),
    wrong("difference in one array", "sign", difference, one_array, _TWO, also=("aliasing",)),
    wrong("bounded far out", "linearity", difference, bounded, _TWO),
]  # fmt: skip
