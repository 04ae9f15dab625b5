"""Blocks of several layers, networks through time, and losses that sum over paths."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917

import math

import numpy as np

from backward_corpus.case import right


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


SIZES = {
    "Wq": (4, 4), "Wk": (4, 4), "Wv": (4, 4), "Wo": (4, 4), "W1": (4, 6), "b1": (6,),
    "W2": (6, 4), "b2": (4,), "g1": (4,), "s1": (4,), "g2": (4,), "s2": (4,),
}  # fmt: skip


class Transformer:
    def __init__(self):
        generator = np.random.default_rng(7)
        self.params = {name: generator.normal(size=size) for name, size in SIZES.items()}
        self.grads = {}

    @staticmethod
    def norm(x, gain, shift):
        scale = 1 / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        y = (x - x.mean(-1, keepdims=True)) * scale
        return gain * y + shift, (y, scale, gain)

    @staticmethod
    def norm_backward(dout, cache):
        y, scale, gain = cache
        d = dout * gain
        dx = scale * (d - d.mean(-1, keepdims=True) - y * (d * y).mean(-1, keepdims=True))
        return dx, (dout * y).sum(0), dout.sum(0)

    def forward(self, x):
        p = self.params
        a, first = self.norm(x, p["g1"], p["s1"])
        q, k, v = a @ p["Wq"], a @ p["Wk"], a @ p["Wv"]
        weights = softmax(q @ k.T / 2)
        y = weights @ v
        z = x + y @ p["Wo"]
        m, second = self.norm(z, p["g2"], p["s2"])
        h = m @ p["W1"] + p["b1"]
        self.cache = first, a, q, k, v, weights, y, second, m, h
        return z + np.maximum(h, 0) @ p["W2"] + p["b2"]

    def backward(self, dout):
        p, grads = self.params, self.grads
        first, a, q, k, v, weights, y, second, m, h = self.cache
        grads["W2"], grads["b2"] = np.maximum(h, 0).T @ dout, dout.sum(0)
        dh = (dout @ p["W2"].T) * (h > 0)
        grads["W1"], grads["b1"] = m.T @ dh, dh.sum(0)
        dz, grads["g2"], grads["s2"] = self.norm_backward(dh @ p["W1"].T, second)
        dz += dout
        grads["Wo"] = y.T @ dz
        dy = dz @ p["Wo"].T
        dweights = dy @ v.T
        ds = weights * (dweights - (dweights * weights).sum(-1, keepdims=True)) / 2
        dq, dk, dv = ds @ k, ds.T @ q, weights.T @ dy
        grads["Wq"], grads["Wk"], grads["Wv"] = a.T @ dq, a.T @ dk, a.T @ dv
        da = dq @ p["Wq"].T + dk @ p["Wk"].T + dv @ p["Wv"].T
        dx, grads["g1"], grads["s1"] = self.norm_backward(da, first)
        return dx + dz


def characters(Wx, Wh, Wy, bh, by, inputs, targets):
    xs, hs, ps = {}, {-1: np.zeros((len(Wh), 1))}, {}
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((Wx.shape[1], 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wx, xs[t]) + np.dot(Wh, hs[t - 1]) + bh)
        scores = np.dot(Wy, hs[t]) + by
        ps[t] = np.exp(scores) / np.sum(np.exp(scores))
        loss += -np.log(ps[t][targets[t], 0])
    dWx, dWh, dWy = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wy)
    dbh, dby, dnext = np.zeros_like(bh), np.zeros_like(by), np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWy += np.dot(dy, hs[t].T)
        dby += dy
        draw = (1 - hs[t] * hs[t]) * (np.dot(Wy.T, dy) + dnext)
        dbh += draw
        dWx += np.dot(draw, xs[t].T)
        dWh += np.dot(draw, hs[t - 1].T)
        dnext = np.dot(Wh.T, draw)
    return loss, (dWx, dWh, dWy, dbh, dby)


def both_ways(x, Wf, Uf, Wb, Ub):
    T, N, _ = x.shape
    f, b = np.zeros((T + 1, N, len(Uf))), np.zeros((T + 1, N, len(Ub)))
    for t in range(T):
        f[t + 1] = np.tanh(x[t] @ Wf + f[t] @ Uf)
    for t in reversed(range(T)):
        b[t] = np.tanh(x[t] @ Wb + b[t + 1] @ Ub)
    return np.concatenate([f[1:], b[:-1]], axis=-1), (f, b)


def both_ways_backward(dout, cache, x, Wf, Uf, Wb, Ub):
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
        dx[t] += da @ Wb.T
        dWb += x[t].T @ da
        dUb += b[t + 1].T @ da
        carry = da @ Ub.T
    return dx, dWf, dUf, dWb, dUb


def chain(z, A, y):
    T = len(z)
    alpha = np.zeros(z.shape)
    alpha[0] = z[0]
    for t in range(1, T):
        alpha[t] = z[t] + np.log(np.exp(alpha[t - 1][:, None] + A).sum(0))
    total = np.log(np.exp(alpha[-1]).sum())
    score = z[np.arange(T), y].sum() + A[y[:-1], y[1:]].sum()
    return total - score, (alpha, total)


def chain_gradient(cache, z, A, y):
    alpha, total = cache
    T = len(z)
    beta = np.zeros(z.shape)
    for t in range(T - 2, -1, -1):
        beta[t] = np.log(np.exp(A + z[t + 1] + beta[t + 1]).sum(1))
    dz, dA = np.exp(alpha + beta - total), np.zeros_like(A)
    for t in range(T - 1):
        dA += np.exp(alpha[t][:, None] + A + z[t + 1] + beta[t + 1] - total)
        dA[y[t], y[t + 1]] -= 1
    dz[np.arange(T), y] -= 1
    return dz, dA


def mixture(logits, mu, log_sigma, t):
    weights, sigma = softmax(logits), np.exp(log_sigma)
    bells = np.exp(-0.5 * ((t[:, None] - mu) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    return -np.log((weights * bells).sum(1)).mean(), (weights, sigma, weights * bells)


def mixture_gradient(cache, logits, mu, log_sigma, t):
    weights, sigma, parts = cache
    shares = parts / parts.sum(1, keepdims=True)
    z = (t[:, None] - mu) / sigma
    found = {"logits": weights - shares, "mu": -shares * z / sigma,
             "log_sigma": shares * (1 - z**2)}  # fmt: skip
    return {name: gradient / len(t) for name, gradient in found.items()}


def contrast(u, v, tau=0.5):
    p = softmax(u @ v.T / tau)
    return -np.mean(np.log(np.diag(p))), p


def contrast_gradient(p, u, v, tau=0.5):
    ds = (p - np.eye(len(u))) / (len(u) * tau)
    return ds @ v, ds.T @ u


def rotary(x):
    T, D = x.shape
    angles = np.arange(T)[:, None] * 10000.0 ** (-np.arange(D // 2) / (D // 2))
    c, s = np.cos(angles), np.sin(angles)
    a, b = x[:, : D // 2], x[:, D // 2 :]
    return np.concatenate([a * c - b * s, a * s + b * c], axis=1), (c, s)


def rotary_backward(dout, cache):
    c, s = cache
    a, b = np.split(dout, 2, axis=1)
    return np.concatenate([a * c + b * s, b * c - a * s], axis=1)


def solved(A, b):
    return np.linalg.solve(A, b)


def solved_backward(dout, A, b, out):
    db = np.linalg.solve(A.T, dout)
    return -np.outer(db, out), db


def depthwise(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[1:], axis=(2, 3))
    return np.einsum("nchwij,cij->nchw", windows, w), windows


def depthwise_backward(dout, cache, x, w):
    kh, kw = w.shape[1:]
    around = np.pad(dout, [(0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)])
    windows = np.lib.stride_tricks.sliding_window_view(around, (kh, kw), axis=(2, 3))
    dx = np.einsum("nchwij,cij->nchw", windows, w[:, ::-1, ::-1])
    return dx, np.einsum("nchw,nchwij->cij", dout, cache)


_LETTERS = "Wx: H V, Wh: H H, Wy: V H, bh: H 1, by: V 1, inputs: T in V, targets: T in V"
_MIXTURE = "logits: N K, mu: N K, log_sigma: N K, t: N"

CASES = [
    right("class: transformer block", Transformer, None, "x: 3 4"),
    right("characters through time", characters, None, _LETTERS),
    right(
        "rnn both ways", both_ways, both_ways_backward,
        "x: 3 2 D, Wf: D H, Uf: H H, Wb: D H, Ub: H H",
    ),
    right("paths of a chain", chain, chain_gradient, "z: T K, A: K K, y: T in K"),
    right(
        "mixture of normals", mixture, mixture_gradient, _MIXTURE,
        options={"wrt": ("logits", "mu", "log_sigma")},
    ),
    right("contrast of pairs", contrast, contrast_gradient, "u: N D, v: N D"),
    right("rotary positions", rotary, rotary_backward, "x: T 4"),
    right("linear system", solved, solved_backward, "A: D D, b: D"),
    right("depthwise convolution, windows", depthwise, depthwise_backward, "x: 2 C 3 3, w: C 2 2"),
]  # fmt: skip
