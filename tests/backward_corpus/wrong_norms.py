"""Mistakes in layer norm, norms and dropout."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_normalising import (
    dropout,
    l2_normalise,
    layernorm,
    norm,
    rmsnorm,
)


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


_AFFINE = "x: N D, gamma: D, beta: D"
_DROPOUT = "x: N D, mask: N D in {0, 1}"

CASES = [
    wrong(
        "layer norm: mean twice", "extra term", layernorm, ln_mean_twice, _AFFINE, also=("factor",),
        corpus="B077",
    ),
    wrong("layer norm: sums for means", "1/N", layernorm, ln_sums_for_means, _AFFINE),
    wrong("layer norm: over the batch", "axis", layernorm, ln_over_batch, _AFFINE),
    wrong(
        "layer norm: no parameter gradients", "count", layernorm, ln_parameters_forgotten, _AFFINE,
        corpus="B079",
    ),
    wrong(
        "layer norm: divided by N for D", "1/N", layernorm, ln_divided_by_batch, _AFFINE,
        also=("axis",),
    ),
    wrong(
        "layer norm: gamma too late", "order", layernorm, ln_gamma_after, _AFFINE,
        also=("wrong operand", "missing chain factor", "extra factor"),
    ),
    wrong(
        "rms norm: cube missing", "missing chain factor", rmsnorm, rms_cube_missing, "x: N D, g: D",
        also=("wrong derivative", "factor"),
    ),
    wrong(
        "rms norm: projection left out", "missing term", rmsnorm, rms_projection_missing,
        "x: N D, g: D",
    ),
    wrong(
        "rms norm: dg from x", "missing chain factor", rmsnorm, rms_gamma_of_x, "x: N D, g: D",
        also=("wrong operand",),
    ),
    wrong(
        "l2 normalise: projection left out", "missing term", l2_normalise, l2_projection_missing,
        "x: N D",
    ),
    wrong(
        "l2 normalise: not divided", "missing chain factor", l2_normalise, l2_not_divided, "x: N D",
    ),
    wrong(
        "l2 normalise: x for y", "wrong operand", l2_normalise, l2_x_for_y, "x: N D",
        also=("missing chain factor",),
    ),
    wrong("norm: not a number at 0", "singular", norm, norm_nan_at_zero, "x: N D", corpus="B081"),
    wrong(
        "norm: of the square", "wrong derivative", norm, norm_squared, "x: N D",
        also=("missing chain factor", "factor", "extra factor"),
    ),
    wrong(
        "dropout: no mask", "missing mask", dropout, dropout_without_mask, _DROPOUT, corpus="B083",
    ),
    wrong(
        "dropout: no scale", "factor", dropout, dropout_without_scale, _DROPOUT,
        also=("missing chain factor",),
    ),
    wrong(
        "dropout: p for 1 - p", "factor", dropout, dropout_kept_probability, _DROPOUT + ", p = 0.3",
        also=("wrong operand",),
    ),
    wrong(
        "dropout: mask from the ratio", "wrong mask", dropout, dropout_from_ratio, _DROPOUT,
        also=("missing mask", "extra term"), corpus="B085",
    ),
]  # fmt: skip
