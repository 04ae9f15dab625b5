"""Mistakes in the derivatives of activations with a kink."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_activations import (
    elu,
    leaky_relu,
    prelu,
    relu,
    relu_saving_mask,
    sigmoid,
    soft_clipped,
)


def absolute(x):
    return np.abs(x)


def clipped(x, low=-1.0, high=1.0):
    return np.clip(x, low, high)


def relu_overwrites(dout, x):
    return (x > 0).astype(float)


def relu_guided(dout, x):
    return dout * (x > 0) * (dout > 0)


def relu_deconvolution(dout, x):
    return np.maximum(dout, 0)


def relu_times_input(dout, x):
    return dout * x * (x > 0)


def relu_identity(dout, x):
    return dout.copy()


def relu_reversed(dout, x):
    return dout * (x < 0)


def relu_saved_mask_reversed(dout, mask):
    return dout * mask


def relu_threshold(dout, x):
    return dout * (x > 0.01)


def relu_one_at_zero(dout, x):
    return dout * (x >= 0)


def relu_half_at_zero(dout, x):
    return dout * np.where(x > 0, 1, np.where(x == 0, 0.5, 0))


def relu_two_at_zero(dout, x):
    return dout * ((x > 0) + 2 * (x == 0))


def absolute_one_at_zero(dout, x):
    return np.where(x >= 0, dout, -dout)


def absolute_without_sign(dout, x):
    return dout


def clip_includes_edges(dout, x, low=-1.0, high=1.0):
    return dout * ((x >= low) & (x <= high))


def clip_lower_only(dout, x, low=-1.0, high=1.0):
    return dout * (x > low)


def leaky_from_output(dout, out, alpha=0.01):
    return dout * np.where(out > 0, 1, alpha)


def leaky_zero(dout, x, alpha=0.01):
    return dout * (x > 0)


def leaky_inverse_slope(dout, x, alpha=0.01):
    return dout * np.where(x > 0, 1, 1 - alpha)


def prelu_slope_not_summed(dout, x, a):
    return dout * np.where(x > 0, 1, a), dout * np.minimum(x, 0)


def prelu_slope_of_all(dout, x, a):
    return dout * np.where(x > 0, 1, a), np.sum(dout * x, axis=0)


def elu_on_input(dout, x, alpha=1.5):
    return dout * np.where(x > 0, 1, x + alpha)


def elu_without_alpha(dout, x, alpha=1.5):
    return dout * np.where(x > 0, 1, np.exp(x))


def soft_clipped_from_output(dout, x, out, threshold=5.0):
    mask = (out > -threshold) & (out < threshold)
    return dout * mask * sigmoid(x)


def soft_clipped_no_mask(dout, x, threshold=5.0):
    return dout * sigmoid(x)


_X = "x: N D"

CASES = [
    wrong(
        "relu: 1 and 0 for dout", "missing chain factor", relu, relu_overwrites, _X,
        also=("linearity",), corpus="B017",
    ),
    wrong(
        "relu: guided", "linearity", relu, relu_guided, _X, also=("wrong mask", "extra factor"),
        corpus="B019",
    ),
    wrong(
        "relu: mask of dout", "linearity", relu, relu_deconvolution, _X,
        also=("wrong mask", "wrong operand"),
    ),
    wrong("relu: x for 1", "extra factor", relu, relu_times_input, _X, corpus="B025"),
    wrong("relu: dout as it is", "missing mask", relu, relu_identity, _X, corpus="B021"),
    wrong("relu: mask reversed", "wrong mask", relu, relu_reversed, _X),
    wrong(
        "relu: saved mask reversed", "wrong mask", relu_saving_mask, relu_saved_mask_reversed, _X,
    ),
    wrong("relu: threshold 0.01", "wrong mask", relu, relu_threshold, _X),
    wrong("relu: 1 at 0", "kink", relu, relu_one_at_zero, _X, convention=True),
    wrong("relu: 1/2 at 0", "kink", relu, relu_half_at_zero, _X, convention=True),
    wrong("relu: 2 at 0", "kink", relu, relu_two_at_zero, _X),
    wrong(
        "absolute value: 1 at 0", "kink", absolute, absolute_one_at_zero, _X, convention=True,
        corpus="B023",
    ),
    wrong(
        "absolute value: no sign", "missing chain factor", absolute, absolute_without_sign, _X,
        also=("sign", "wrong derivative", "missing mask"),
    ),
    wrong("clip: 1 at the edges", "kink", clipped, clip_includes_edges, _X, convention=True),
    wrong(
        "clip: upper edge forgotten", "wrong mask", clipped, clip_lower_only, _X,
        also=("missing mask",),
    ),
    wrong(
        "leaky relu: mask of the output", "wrong mask", leaky_relu, leaky_from_output,
        "x: N D, alpha = -0.3", also=("wrong operand",), corpus="B027",
    ),
    wrong(
        "leaky relu: 0 below 0", "missing term", leaky_relu, leaky_zero, _X,
        also=("wrong derivative", "wrong mask"),
    ),
    wrong(
        "leaky relu: 1 - alpha", "wrong derivative", leaky_relu, leaky_inverse_slope, _X,
        also=("factor", "extra term"),
    ),
    wrong(
        "prelu: slope not summed", "shape", prelu, prelu_slope_not_summed, "x: N D, a: D",
        also=("axis",),
    ),
    wrong(
        "prelu: slope from all x", "missing mask", prelu, prelu_slope_of_all, "x: N D, a: D",
        also=("wrong operand", "extra term"),
    ),
    wrong(
        "elu: x for the output", "wrong operand", elu, elu_on_input, _X, also=("wrong derivative",),
        corpus="B029",
    ),
    wrong(
        "elu: alpha left out", "missing chain factor", elu, elu_without_alpha, _X,
        also=("factor", "wrong derivative"),
    ),
    wrong(
        "clipped softplus: mask of the output", "wrong mask", soft_clipped,
        soft_clipped_from_output, _X, also=("wrong operand",), corpus="B031",
    ),
    wrong("clipped softplus: no mask", "missing mask", soft_clipped, soft_clipped_no_mask, _X),
]  # fmt: skip
