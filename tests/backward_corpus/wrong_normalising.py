"""Mistakes in softmax and batch norm."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_normalising import (
    batchnorm,
    log_softmax,
    softmax,
)


def softmax_copies(dout, x):
    return dout.copy()


def softmax_diagonal(dout, x):
    s = softmax(x)
    return dout * s * (1 - s)


def softmax_without_sum(dout, x):
    s = softmax(x)
    return s * dout


def softmax_other_axis(dout, x):
    s = softmax(x)
    return s * (dout - np.sum(dout * s, axis=0, keepdims=True))


def softmax_mean(dout, x):
    s = softmax(x)
    return s * (dout - np.mean(dout * s, axis=-1, keepdims=True))


def softmax_all_entries(dout, x):
    s = softmax(x)
    return s * (dout - np.sum(dout * s))


def softmax_sign(dout, x):
    s = softmax(x)
    return s * (dout + np.sum(dout * s, axis=-1, keepdims=True))


def log_softmax_added(dout, out):
    return np.exp(out) + dout


def log_softmax_without_sum(dout, out):
    return dout - np.exp(out) * dout


def log_softmax_not_exponential(dout, out):
    return dout - out * dout.sum(axis=1, keepdims=True)


def log_softmax_no_sum_of_dout(dout, out):
    return dout - np.exp(out)


def bn_gamma_missing(dout, cache):
    x_hat, std = cache["x_hat"], cache["std"]
    dgamma, dbeta = (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    N = len(dout)
    return (N * dout - dbeta - x_hat * dgamma) / (N * std), dgamma, dbeta


def bn_variance_path_missing(dout, cache):
    g = dout * cache["gamma"]
    dx = (g - g.mean(axis=0)) / cache["std"]
    return dx, (dout * cache["x_hat"]).sum(axis=0), dout.sum(axis=0)


def bn_mean_path_missing(dout, cache):
    x_hat = cache["x_hat"]
    g = dout * cache["gamma"]
    dx = (g - x_hat * (g * x_hat).mean(axis=0)) / cache["std"]
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def bn_constants(dout, cache):
    return dout * cache["gamma"] / cache["std"], (dout * cache["x_hat"]).sum(0), dout.sum(0)


def bn_mean_added_to(dout, cache):
    x, mean, var, eps = cache["x"], cache["mean"], cache["var"], cache["eps"]
    N = x.shape[0]
    dx_hat = dout * cache["gamma"]
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -0.5 * (var + eps) ** (-3 / 2)
    gmean = np.sum(-dx_hat / cache["std"], axis=0)
    tmp = gmean / N
    gmean += tmp
    dx = dx_hat / cache["std"] + dvar * 2 * (x - mean) / N + gmean / N
    return dx, np.sum(dout * cache["x_hat"], axis=0), np.sum(dout, axis=0)


def bn_without_eps(dout, cache):
    x, mean, gamma = cache["x"], cache["mean"], cache["gamma"]
    std = np.sqrt(cache["var"])
    x_hat = (x - mean) / std
    dgamma, dbeta = (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    N = len(dout)
    return gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma), dgamma, dbeta


def bn_unbiased(dout, cache):
    x_hat, std, gamma = cache["x_hat"], cache["std"], cache["gamma"]
    N = len(dout)
    dgamma, dbeta = (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    dx = gamma / std * (dout - dbeta / N - x_hat * dgamma / (N - 1))
    return dx, dgamma, dbeta


def bn_x_for_x_hat(dout, cache):
    dx_hat, std = dout * cache["gamma"], cache["std"]
    x_hat = cache["x_hat"]
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return dx, (dout * cache["x"]).sum(0), dout.sum(0)


def bn_beta_from_input(dout, cache):
    dx_hat, std = dout * cache["gamma"], cache["std"]
    x_hat = cache["x_hat"]
    dx = (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0)) / std
    return dx, (dout * x_hat).sum(0), cache["x"].sum(0)


def bn_power(dout, cache):
    x, mean, var, eps = cache["x"], cache["mean"], cache["var"], cache["eps"]
    N = x.shape[0]
    dx_hat = dout * cache["gamma"]
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -0.5 * (var + eps) ** (-1 / 2)
    dmean = np.sum(-dx_hat / cache["std"], axis=0)
    dx = dx_hat / cache["std"] + dvar * 2 * (x - mean) / N + dmean / N
    return dx, np.sum(dout * cache["x_hat"], axis=0), np.sum(dout, axis=0)


_X = "x: N C"
_AFFINE = "x: N D, gamma: D, beta: D"

CASES = [
    wrong(
        "softmax: dout copied", "missing chain factor", softmax, softmax_copies, _X,
        also=("wrong derivative", "missing term"), corpus="B045",
    ),
    wrong(
        "softmax: diagonal only", "missing term", softmax, softmax_diagonal, _X,
        also=("wrong derivative",),
    ),
    wrong("softmax: sum left out", "missing term", softmax, softmax_without_sum, _X),
    wrong("softmax: other axis", "axis", softmax, softmax_other_axis, _X),
    wrong("softmax: mean for sum", "1/N", softmax, softmax_mean, _X),
    wrong("softmax: sum of all entries", "axis", softmax, softmax_all_entries, _X),
    wrong("softmax: sign", "sign", softmax, softmax_sign, _X),
    wrong(
        "log-softmax: exp(y) + dout", "wrong derivative", log_softmax, log_softmax_added, _X,
        also=("linearity",), corpus="B047",
    ),
    wrong(
        "log-softmax: sum of dout left out", "axis", log_softmax, log_softmax_without_sum, _X,
        also=("wrong operand",),
    ),
    wrong(
        "log-softmax: y for exp(y)", "wrong operand", log_softmax, log_softmax_not_exponential, _X,
        also=("wrong derivative",),
    ),
    wrong(
        "log-softmax: dout as if it summed to 1", "missing chain factor", log_softmax,
        log_softmax_no_sum_of_dout, _X, also=("linearity",),
    ),
    wrong(
        "batch norm: gamma left out", "missing chain factor", batchnorm, bn_gamma_missing, _AFFINE,
        corpus="B067",
    ),
    wrong(
        "batch norm: variance path left out", "missing term", batchnorm, bn_variance_path_missing,
        _AFFINE, corpus="B069",
    ),
    wrong(
        "batch norm: mean path left out", "missing term", batchnorm, bn_mean_path_missing, _AFFINE,
    ),
    wrong(
        "batch norm: mean and variance constant", "missing term", batchnorm, bn_constants, _AFFINE,
    ),
    wrong(
        "batch norm: added to the mean's gradient", "extra term", batchnorm, bn_mean_added_to,
        _AFFINE, also=("factor",), corpus="B071",
    ),
    wrong(
        "batch norm: eps left out", "epsilon", batchnorm, bn_without_eps, _AFFINE,
        also=("missing term",), corpus="B073",
    ),
    wrong(
        "batch norm: N - 1", "1/N", batchnorm, bn_unbiased, "x: 3 D, gamma: D, beta: D",
        also=("factor",),
    ),
    wrong("batch norm: x for x_hat", "wrong operand", batchnorm, bn_x_for_x_hat, _AFFINE),
    wrong(
        "batch norm: bias gradient from x", "wrong operand", batchnorm, bn_beta_from_input, _AFFINE,
        also=("linearity",), corpus="B129",
    ),
    wrong(
        "batch norm: exponent", "wrong derivative", batchnorm, bn_power, _AFFINE,
        also=("missing chain factor",),
    ),
]  # fmt: skip
