"""Mistakes in affine maps and small networks."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917, RUF059

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_maps import columns, linear, no_bias, residual, two_layers


def weight_transposed(dout, x, W, b):
    return dout @ W.T, dout.T @ x, dout.sum(axis=0)


def weight_transposed_square(dout, x, W):
    return dout @ W.T, dout.T @ x


def input_not_transposed(dout, x, W):
    return dout @ W, x.T @ dout


def bias_mean(dout, x, W, b):
    return dout @ W.T, x.T @ dout, np.mean(dout, axis=0)


def bias_not_summed(dout, x, W, b):
    return dout @ W.T, x.T @ dout, dout


def bias_keeps_axis(dout, x, W, b):
    return dout @ W.T, x.T @ dout, dout.sum(axis=0, keepdims=True)


def bias_wrong_axis(dout, x, W, b):
    return dout @ W.T, x.T @ dout, dout.sum(axis=1)


def bias_of_three_axes(dout, x, W, b):
    dx = np.einsum("ntm,dm->ntd", dout, W)
    dW = np.einsum("ntd,ntm->dm", x, dout)
    return dx, dW, dout.sum(axis=0)


def linear_three(x, W, b):
    return x @ W + b


def cbow(x, W1, b1):
    return W1 @ x + b1


def cbow_backward(dl1, x, W1, b1):
    return W1.T @ dl1, dl1 @ x.T, np.sum(np.dot(dl1, x.T), axis=1, keepdims=True)


def updated_weights(dout, cache):
    x, z1, h, W1, W2 = cache
    lr = 1e-3
    dW2 = h.T @ dout
    db2 = dout.sum(axis=0)
    W2 = W2 - lr * dW2
    dz1 = (dout @ W2.T) * (z1 > 0)
    return dz1 @ W1.T, x.T @ dz1, dz1.sum(axis=0), dW2, db2


def no_mask(dout, cache):
    x, z1, h, W1, W2 = cache
    dz1 = dout @ W2.T
    return dz1 @ W1.T, x.T @ dz1, dz1.sum(axis=0), h.T @ dout, dout.sum(axis=0)


def mask_forgotten_for_input(dout, cache):
    x, z1, h, W1, W2 = cache
    dh = dout @ W2.T
    dz1 = dh * (z1 > 0)
    return dh @ W1.T, x.T @ dz1, dz1.sum(axis=0), h.T @ dout, dout.sum(axis=0)


def input_for_hidden(dout, cache):
    x, z1, h, W1, W2 = cache
    dz1 = (dout @ W2.T) * (z1 > 0)
    return dz1 @ W1.T, x.T @ dz1, dz1.sum(axis=0), z1.T @ dout, dout.sum(axis=0)


def other_weights(dout, cache):
    x, z1, h, W1, W2 = cache
    dz1 = (dout @ W1) * (z1 > 0)
    return dz1 @ W1.T, x.T @ dz1, dz1.sum(axis=0), h.T @ dout, dout.sum(axis=0)


def batch_average(dout, cache):
    x, z1, h, W1, W2 = cache
    m = x.shape[0]
    dz1 = (dout @ W2.T) * (z1 > 0)
    return dz1 @ W1.T, x.T @ dz1 / m, dz1.sum(axis=0) / m, h.T @ dout / m, dout.sum(axis=0) / m


def coursera(X, W1, b1, W2, b2, Y):
    m = X.shape[1]
    Z1 = np.dot(W1, X) + b1
    A1 = np.maximum(0, Z1)
    A2 = 1 / (1 + np.exp(-(np.dot(W2, A1) + b2)))
    cost = -1 / m * np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    return cost, (Z1, A1, A2)


def coursera_factor_two(cache, X, W1, b1, W2, b2, Y):
    Z1, A1, A2 = cache
    m = X.shape[1]
    dZ2 = A2 - Y
    dW2 = 1.0 / m * np.dot(dZ2, A1.T) * 2
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(W2.T, dZ2) * (Z1 > 0)
    dW1 = 1.0 / m * np.dot(dZ1, X.T)
    db1 = 4.0 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def coursera_m_twice(cache, X, W1, b1, W2, b2, Y):
    Z1, A1, A2 = cache
    m = X.shape[1]
    dZ2 = A2 - Y
    dW2 = 1.0 / m * np.dot(dZ2, A1.T)
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = 1.0 / m * np.dot(W2.T, dZ2) * (Z1 > 0)
    dW1 = 1.0 / m * np.dot(dZ1, X.T)
    db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def no_skip(dout, x, W1, W2):
    z = x @ W1
    dz = (dout @ W2.T) * (z > 0)
    return dz @ W1.T, x.T @ dz, np.maximum(z, 0).T @ dout


def regularised(X, y, W, b, reg=0.1):
    r = X @ W + b - y
    return 0.5 * np.sum(r**2) + reg * (np.sum(W**2) + np.sum(b**2)), r


def bias_not_regularised(cache, X, y, W, b, reg=0.1):
    r = cache
    return X.T @ r + 2 * reg * W, r.sum(axis=0)


def penalty_without_factor(cache, X, y, W, b, reg=0.1):
    return X.T @ cache + reg * W, cache.sum(axis=0) + 2 * reg * b


def penalty_forgotten(cache, X, y, W, b, reg=0.1):
    return X.T @ cache, cache.sum(axis=0) + 2 * reg * b


def columns_mean(dz, W, x, b):
    m = x.shape[1]
    return dz @ x.T / m, W.T @ dz, np.sum(dz, axis=1, keepdims=True) / m


def columns_reversed(dz, W, x, b):
    return dz @ x.T, W @ dz, dz.sum(axis=1, keepdims=True)


def first_example(dout, x, W, b):
    return dout @ W.T, x[:1].T @ dout[:1], dout.sum(axis=0)


def first_weights_only(dout, x, W, b):
    return dout @ W.T, x.T @ dout


def weight_none(dout, x, W, b):
    return dout @ W.T, None, dout.sum(axis=0)


def gradients_swapped(dout, x, W):
    return x.T @ dout, dout @ W.T


def sign_of_loss(dout, x, W, b):
    return -(dout @ W.T), -(x.T @ dout), -dout.sum(axis=0)


_LINEAR = "x: N D, W: D M, b: M"
_MLP = "x: N D, W1: D H, b1: H, W2: H M, b2: M"
_COLUMNS = "W: M D, x: D N, b: M 1"
_SQUARE = "x: N D, W: D D"
_COURSERA = "X: D N, W1: H D, b1: H 1, W2: M H, b2: M 1, Y: M N in {0, 1}"
_PARAMETERS = {"wrt": ("W1", "b1", "W2", "b2")}
_RIDGE = "X: N D, y: N M, W: D M, b: M"
_WB = {"wrt": ("W", "b")}

CASES = [
    wrong(
        "linear: dW transposed", "transpose", linear, weight_transposed, _LINEAR, also=("shape",),
        corpus="B001",
    ),
    wrong(
        "linear: dW transposed, square", "transpose", no_bias, weight_transposed_square, _SQUARE,
        corpus="B001",
    ),
    wrong(
        "linear: W for its transpose, square", "transpose", no_bias, input_not_transposed, _SQUARE,
    ),
    wrong("linear: mean for db", "1/N", linear, bias_mean, _LINEAR, corpus="B003"),
    wrong(
        "linear: db not summed", "shape", linear, bias_not_summed, _LINEAR, also=("axis",),
        corpus="B005",
    ),
    wrong("linear: db keeps the axis", "shape", linear, bias_keeps_axis, _LINEAR, also=("axis",)),
    wrong(
        "linear: db along the wrong axis", "axis", linear, bias_wrong_axis, _LINEAR,
        also=("shape",),
    ),
    wrong(
        "linear: db of three axes", "axis", linear_three, bias_of_three_axes,
        "x: N T D, W: D M, b: M", also=("shape",), corpus="B007",
    ),
    wrong(
        "cbow: db from dW", "wrong operand", cbow, cbow_backward, "x: V B, W1: H V, b1: H 1",
        also=("extra factor",), corpus="B009",
    ),
    wrong(
        "mlp: weights moved before use", "order", two_layers, updated_weights, _MLP,
        also=("extra term", "wrong operand", "linearity"), corpus="B011",
    ),
    wrong("mlp: no mask", "missing mask", two_layers, no_mask, _MLP, corpus="B021"),
    wrong(
        "mlp: mask missing in dx", "missing mask", two_layers, mask_forgotten_for_input, _MLP,
        also=("wrong operand",),
    ),
    wrong(
        "mlp: z1 for h", "wrong operand", two_layers, input_for_hidden, _MLP,
        also=("missing mask",),
    ),
    wrong(
        "mlp: W1 for W2", "wrong operand", two_layers, other_weights,
        "x: N D, W1: D H, b1: H, W2: H D, b2: D",
    ),
    wrong("mlp: divided by the batch size", "1/N", two_layers, batch_average, _MLP),
    wrong(
        "coursera: planted factors", "factor", coursera, coursera_factor_two, _COURSERA,
        options=_PARAMETERS, corpus="B013",
    ),
    wrong(
        "coursera: 1/m twice", "1/N", coursera, coursera_m_twice, _COURSERA, options=_PARAMETERS,
        corpus="B015",
    ),
    wrong(
        "residual: skip path left out", "missing term", residual, no_skip,
        "x: N D, W1: D H, W2: H D", corpus="B111",
    ),
    wrong(
        "ridge: bias not regularised", "missing term", regularised, bias_not_regularised, _RIDGE,
        options=_WB, corpus="B065",
    ),
    wrong(
        "ridge: penalty without 2", "factor", regularised, penalty_without_factor, _RIDGE,
        options=_WB, also=("missing term",), corpus="B063",
    ),
    wrong(
        "ridge: penalty left out", "missing term", regularised, penalty_forgotten, _RIDGE,
        options=_WB,
    ),
    wrong("columns: mean for sum", "1/N", columns, columns_mean, _COLUMNS),
    wrong(
        "columns: W for its transpose", "transpose", columns, columns_reversed,
        "W: D D, x: D N, b: D 1",
    ),
    wrong(
        "linear: first example only", "missing term", linear, first_example, _LINEAR,
        also=("axis", "wrong operand"), corpus="B095",
    ),
    wrong("linear: db left out", "count", linear, first_weights_only, _LINEAR),
    wrong("linear: None for dW", "count", linear, weight_none, _LINEAR),
    wrong(
        "linear: gradients swapped", "order", no_bias, gradients_swapped, "x: N D, W: D M",
        also=("shape", "count", "wrong operand", "transpose"),
    ),
    wrong("linear: all signs flipped", "sign", linear, sign_of_loss, _LINEAR),
]  # fmt: skip
