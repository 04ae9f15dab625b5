"""Mistakes in softmax, norms and normalising layers."""

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_normalising import (
    batchnorm,
    dropout,
    l2_normalise,
    layernorm,
    log_softmax,
    norm,
    rmsnorm,
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


def ln_mean_twice(dout, cache):
    xhat, rstd, gamma = cache
    g = dout * gamma
    dx = g - 2 * g.mean(-1, keepdims=True) - xhat * (g * xhat).mean(-1, keepdims=True)
    return dx * rstd, (dout * xhat).sum(0), dout.sum(0)


def ln_sums_for_means(dout, cache):
    xhat, rstd, gamma = cache
    g = dout * gamma
    dx = g - g.sum(-1, keepdims=True) - xhat * (g * xhat).sum(-1, keepdims=True)
    return dx * rstd, (dout * xhat).sum(0), dout.sum(0)


def ln_over_batch(dout, cache):
    xhat, rstd, gamma = cache
    g = dout * gamma
    dx = g - g.mean(0) - xhat * (g * xhat).mean(0)
    return dx * rstd, (dout * xhat).sum(0), dout.sum(0)


def ln_parameters_forgotten(dout, cache):
    xhat, rstd, gamma = cache
    g = dout * gamma
    dx = g - g.mean(-1, keepdims=True) - xhat * (g * xhat).mean(-1, keepdims=True)
    return dx * rstd, None, None


def ln_divided_by_batch(dout, cache):
    xhat, rstd, gamma = cache
    N = dout.shape[0]
    g = dout * gamma
    dx = g - g.sum(-1, keepdims=True) / N - xhat * (g * xhat).sum(-1, keepdims=True) / N
    return dx * rstd, (dout * xhat).sum(0), dout.sum(0)


def ln_gamma_after(dout, cache):
    xhat, rstd, gamma = cache
    dx = dout - dout.mean(-1, keepdims=True) - xhat * (dout * xhat).mean(-1, keepdims=True)
    return dx * rstd * gamma, (dout * xhat).sum(0), dout.sum(0)


def rms_cube_missing(dout, x, g, eps=1e-6):
    r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    h = dout * g
    return r * h - x * r * np.mean(h * x, axis=-1, keepdims=True), np.sum(dout * x * r, axis=0)


def rms_projection_missing(dout, x, g, eps=1e-6):
    r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    return r * dout * g, np.sum(dout * x * r, axis=0)


def rms_gamma_of_x(dout, x, g, eps=1e-6):
    r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    h = dout * g
    dx = r * h - x * r**3 * np.mean(h * x, axis=-1, keepdims=True)
    return dx, np.sum(dout * x, axis=0)


def l2_projection_missing(dout, x):
    return dout / np.sqrt(np.sum(x**2, axis=1, keepdims=True))


def l2_not_divided(dout, x):
    r = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    y = x / r
    return dout - y * np.sum(dout * y, axis=1, keepdims=True)


def l2_x_for_y(dout, x):
    r = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    return (dout - x * np.sum(dout * x, axis=1, keepdims=True)) / r


def norm_nan_at_zero(dout, x):
    return dout[:, None] * x / np.linalg.norm(x, axis=1, keepdims=True)


def norm_squared(dout, x):
    return dout[:, None] * 2 * x


def dropout_without_mask(dout, mask, p=0.5):
    return dout / (1 - p)


def dropout_without_scale(dout, mask, p=0.5):
    return dout * mask


def dropout_kept_probability(dout, mask, p=0.3):
    return dout * mask / p


def dropout_from_ratio(dout, x, mask, out, p=0.5):
    safe = np.where(x == 0, 1, x)
    return np.where(x == 0, dout, out / safe * dout)


_X = "x: N C"
_AFFINE = "x: N D, gamma: D, beta: D"
_DROPOUT = "x: N D, mask: N D in {0, 1}"

CASES = [
    wrong("softmax: dout copied", "missing chain factor", softmax, softmax_copies, _X, also=("wrong derivative", "missing term"), corpus="B045"),
    wrong("softmax: diagonal only", "missing term", softmax, softmax_diagonal, _X, also=("wrong derivative",)),
    wrong("softmax: sum left out", "missing term", softmax, softmax_without_sum, _X),
    wrong("softmax: other axis", "axis", softmax, softmax_other_axis, _X),
    wrong("softmax: mean for sum", "1/N", softmax, softmax_mean, _X),
    wrong("softmax: sum of all entries", "axis", softmax, softmax_all_entries, _X),
    wrong("softmax: sign", "sign", softmax, softmax_sign, _X),
    wrong("log-softmax: exp(y) + dout", "wrong derivative", log_softmax, log_softmax_added, _X, also=("linearity",), corpus="B047"),
    wrong("log-softmax: sum of dout left out", "axis", log_softmax, log_softmax_without_sum, _X, also=("wrong operand",)),
    wrong("log-softmax: y for exp(y)", "wrong operand", log_softmax, log_softmax_not_exponential, _X, also=("wrong derivative",)),
    wrong("log-softmax: dout as if it summed to 1", "missing chain factor", log_softmax, log_softmax_no_sum_of_dout, _X, also=("linearity",)),
    wrong("batch norm: gamma left out", "missing chain factor", batchnorm, bn_gamma_missing, _AFFINE, corpus="B067"),
    wrong("batch norm: variance path left out", "missing term", batchnorm, bn_variance_path_missing, _AFFINE, corpus="B069"),
    wrong("batch norm: mean path left out", "missing term", batchnorm, bn_mean_path_missing, _AFFINE),
    wrong("batch norm: mean and variance constant", "missing term", batchnorm, bn_constants, _AFFINE),
    wrong("batch norm: added to the mean's gradient", "extra term", batchnorm, bn_mean_added_to, _AFFINE, also=("factor",), corpus="B071"),
    wrong("batch norm: eps left out", "epsilon", batchnorm, bn_without_eps, _AFFINE, also=("missing term",), corpus="B073"),
    wrong("batch norm: N - 1", "1/N", batchnorm, bn_unbiased, "x: 3 D, gamma: D, beta: D", also=("factor",)),
    wrong("batch norm: x for x_hat", "wrong operand", batchnorm, bn_x_for_x_hat, _AFFINE),
    wrong("batch norm: bias gradient from x", "wrong operand", batchnorm, bn_beta_from_input, _AFFINE, also=("linearity",), corpus="B129"),
    wrong("batch norm: exponent", "wrong derivative", batchnorm, bn_power, _AFFINE, also=("missing chain factor",)),
    wrong("layer norm: mean twice", "extra term", layernorm, ln_mean_twice, _AFFINE, also=("factor",), corpus="B077"),
    wrong("layer norm: sums for means", "1/N", layernorm, ln_sums_for_means, _AFFINE),
    wrong("layer norm: over the batch", "axis", layernorm, ln_over_batch, _AFFINE),
    wrong("layer norm: no parameter gradients", "count", layernorm, ln_parameters_forgotten, _AFFINE, corpus="B079"),
    wrong("layer norm: divided by N for D", "1/N", layernorm, ln_divided_by_batch, _AFFINE, also=("axis",)),
    wrong("layer norm: gamma too late", "order", layernorm, ln_gamma_after, _AFFINE, also=("wrong operand", "missing chain factor", "extra factor")),
    wrong("rms norm: cube missing", "missing chain factor", rmsnorm, rms_cube_missing, "x: N D, g: D", also=("wrong derivative", "factor")),
    wrong("rms norm: projection left out", "missing term", rmsnorm, rms_projection_missing, "x: N D, g: D"),
    wrong("rms norm: dg from x", "missing chain factor", rmsnorm, rms_gamma_of_x, "x: N D, g: D", also=("wrong operand",)),
    wrong("l2 normalise: projection left out", "missing term", l2_normalise, l2_projection_missing, "x: N D"),
    wrong("l2 normalise: not divided", "missing chain factor", l2_normalise, l2_not_divided, "x: N D"),
    wrong("l2 normalise: x for y", "wrong operand", l2_normalise, l2_x_for_y, "x: N D", also=("missing chain factor",)),
    wrong("norm: not a number at 0", "singular", norm, norm_nan_at_zero, "x: N D", corpus="B081"),
    wrong("norm: of the square", "wrong derivative", norm, norm_squared, "x: N D", also=("missing chain factor", "factor", "extra factor")),
    wrong("dropout: no mask", "missing mask", dropout, dropout_without_mask, _DROPOUT, corpus="B083"),
    wrong("dropout: no scale", "factor", dropout, dropout_without_scale, _DROPOUT, also=("missing chain factor",)),
    wrong("dropout: p for 1 - p", "factor", dropout, dropout_kept_probability, _DROPOUT + ", p = 0.3", also=("wrong operand",)),
    wrong("dropout: mask from the ratio", "wrong mask", dropout, dropout_from_ratio, _DROPOUT, also=("missing mask", "extra term"), corpus="B085"),
]
