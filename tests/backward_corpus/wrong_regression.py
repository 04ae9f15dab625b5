"""Mistakes in the gradients of losses of numbers, and of penalties."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_losses import (
    half_mse,
    hinge,
    huber,
    kl,
    l1,
    l2_penalty,
    mse,
    nll,
    triplet,
)


def mse_without_two(p, t):
    return (p - t) / p.size


def mse_by_rows(p, t):
    return 2 * (p - t) / len(p)


def mse_not_divided(p, t):
    return 2 * (p - t)


def mse_reversed(p, t):
    return 2 * (t - p) / p.size


def mse_same_sign(dout, p, t):
    d = 2 * (p - t) / p.size
    return dout * d, dout * d


def mse_upstream_ignored(dout, p, t):
    d = 2 * (p - t) / p.size
    return d, -d


def half_with_two(p, t):
    return 2 * (p - t) / len(p)


def column_and_row(p, t):
    return np.mean((p - t) ** 2)


def column_and_row_gradient(p, t):
    return 2 * np.mean(p - t, axis=1, keepdims=True) / len(p)


def squared_error_specification(p, t):
    return np.mean((p - t[:, None]) ** 2)


def huber_not_clipped(p, t, delta=1.0):
    return p - t


def huber_sign_only(p, t, delta=1.0):
    return delta * np.sign(p - t)


def huber_without_delta(p, t, delta=1.0):
    r = p - t
    return np.where(np.abs(r) <= delta, r, np.sign(r))


def hinge_once(cache, x, y):
    N = x.shape[0]
    dx = np.zeros_like(x)
    dx[cache > 0] = 1
    dx[np.arange(N), y] -= 1
    return dx / N


def hinge_without_correct(cache, x, y):
    dx = np.zeros_like(x)
    dx[cache > 0] = 1
    return dx / x.shape[0]


def hinge_margins(cache, x, y):
    N = x.shape[0]
    dx = cache.copy()
    dx[np.arange(N), y] -= np.sum(cache, axis=1)
    return dx / N


def kl_without_one(dout, p, q):
    return dout * np.log(p / q), -dout * p / q


def kl_reversed(dout, p, q):
    return dout * (np.log(p / q) + 1), dout * p / q


def l1_batch(x, t):
    return np.sign(x - t) / len(x)


def penalty_without_two(W, reg=0.01):
    return reg * W


def penalty_squared(W, reg=0.01):
    return 2 * reg * W**2


def nll_all(dout, logp, y):
    return -dout * np.ones_like(logp) / len(y)


def triplet_without_mask(a, p, n, margin=0.5):
    return 2 * (n - p), 2 * (p - a), 2 * (a - n)


def triplet_anchor(a, p, n, margin=0.5):
    d = np.sum((a - p) ** 2, axis=1) - np.sum((a - n) ** 2, axis=1) + margin
    on = (d > 0)[:, None]
    return 2 * (a - p) * on, 2 * (p - a) * on, 2 * (a - n) * on


def sgd_step(X, y, w):
    r = X @ w - y
    return np.mean(r**2), 2 * X.T @ r


def sgd_sum_of_residuals(X, y, w):
    r = X @ w - y
    return np.mean(r**2), 2 * X.mean(axis=0) * r.mean()


_P = {"wrt": ("p",)}
_W = {"wrt": ("w",)}
_PT = "p: N C, t: N C"
_TRIPLET = "a: N D, p: N D, n: N D"
_REGRESSION = "X: N D, y: N, w: D"

CASES = [
    wrong(
        "squared error: 2 left out", "factor", mse, mse_without_two, _PT, options=_P, corpus="B057",
    ),
    wrong("squared error: divided by N only", "1/N", mse, mse_by_rows, _PT, options=_P),
    wrong("squared error: not divided", "1/N", mse, mse_not_divided, _PT, options=_P),
    wrong("squared error: t - p", "sign", mse, mse_reversed, _PT, options=_P),
    wrong("squared error: same sign for t", "sign", mse, mse_same_sign, _PT),
    wrong(
        "squared error: upstream ignored", "missing chain factor", mse, mse_upstream_ignored, _PT,
        also=("linearity",),
    ),
    wrong("squared error: half and 2", "factor", half_mse, half_with_two, "p: N, t: N", options=_P),
    wrong(
        "squared error: column and row", "specification", column_and_row, column_and_row_gradient,
        "p: N 1, t: N", options={**_P, "spec": squared_error_specification}, corpus="B059",
    ),
    wrong(
        "huber: not clipped", "missing mask", huber, huber_not_clipped, _PT, options=_P,
        also=("wrong derivative",),
    ),
    wrong("huber: sign only", "wrong derivative", huber, huber_sign_only, _PT, options=_P),
    wrong(
        "huber: delta left out", "missing chain factor", huber, huber_without_delta,
        "p: N C, t: N C, delta = 0.5", options=_P, also=("factor",),
    ),
    wrong(
        "hinge: once for the true class", "missing chain factor", hinge, hinge_once,
        "x: N C, y: N in C", also=("wrong derivative", "axis", "missing term", "wrong operand"),
    ),
    wrong(
        "hinge: true class left out", "missing term", hinge, hinge_without_correct,
        "x: N C, y: N in C",
    ),
    wrong(
        "hinge: margins for ones", "extra factor", hinge, hinge_margins, "x: N C, y: N in C",
        also=("wrong operand",),
    ),
    wrong(
        "kullback-leibler: 1 left out", "missing term", kl, kl_without_one,
        "p: N C in (0, 1), q: N C in (0, 1)",
    ),
    wrong(
        "kullback-leibler: sign of dq", "sign", kl, kl_reversed,
        "p: N C in (0, 1), q: N C in (0, 1)",
    ),
    wrong(
        "absolute error: divided by N only", "1/N", l1, l1_batch, "x: N D, t: N D",
        options={"wrt": ("x",)},
    ),
    wrong(
        "l2 penalty: 2 left out", "factor", l2_penalty, penalty_without_two, "W: D M",
        corpus="B063",
    ),
    wrong(
        "l2 penalty: tiny, 2 left out", "factor", l2_penalty, penalty_without_two,
        "W: D M, reg = 1e-6", corpus="B063",
    ),
    wrong(
        "l2 penalty: W squared", "extra factor", l2_penalty, penalty_squared, "W: D M",
        also=("wrong derivative",),
    ),
    wrong(
        "negative log likelihood: every class", "missing mask", nll, nll_all,
        "logp: N C, y: N in C",
    ),
    wrong("triplet: no mask", "missing mask", triplet, triplet_without_mask, _TRIPLET),
    wrong("triplet: anchor", "wrong operand", triplet, triplet_anchor, _TRIPLET),
    wrong("regression: mean not divided", "1/N", sgd_step, None, _REGRESSION, options=_W),
    wrong(
        "regression: product of means", "axis", sgd_sum_of_residuals, None, _REGRESSION, options=_W,
        also=("wrong operand", "1/N"),
    ),
]  # fmt: skip
