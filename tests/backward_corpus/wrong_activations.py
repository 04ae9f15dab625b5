"""Mistakes in the derivatives of activations."""

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_activations import (
    elu,
    gelu_sigmoid,
    gelu_tanh,
    leaky_relu,
    prelu,
    relu,
    relu_saving_mask,
    sigmoid,
    silu,
    soft_clipped,
    softplus,
)


def absolute(x):
    return np.abs(x)


def tanh(x):
    return np.tanh(x)


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


def gelu_other_form(dout, x):
    k = np.sqrt(2 / np.pi)
    t = np.tanh(k * (x + 0.044715 * x**3))
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * k * (1 + 3 * 0.044715 * x**2))


def gelu_without_three(dout, x):
    k = np.sqrt(2 / np.pi)
    t = np.tanh(k * (x + 0.044715 * x**3))
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * k * (1 + 0.044715 * x**2))


def gelu_without_product_rule(dout, x):
    return dout * sigmoid(1.702 * x)


def gelu_rounded(dout, x):
    s = sigmoid(1.7 * x)
    return dout * (s + 1.7 * x * s * (1 - s))


def tanh_of_input(dout, x):
    return dout * (1 - x**2)


def tanh_not_squared(dout, x):
    return dout * (1 - np.tanh(x))


def tanh_plus(dout, out):
    return dout * (1 + out**2)


def sigmoid_first_factor_only(dout, x):
    return dout * sigmoid(x)


def sigmoid_of_input(dout, x):
    return dout * x * (1 - x)


def sigmoid_twice(dout, out):
    s = sigmoid(out)
    return dout * s * (1 - s)


def sigmoid_sign(dout, x):
    s = sigmoid(x)
    return dout * s * (s - 1)


def silu_without_first_term(dout, x):
    s = sigmoid(x)
    return dout * x * s * (1 - s)


def softplus_sign(dout, x):
    return dout / (1 + np.exp(x))


def delta_without_derivative(x, W, t):
    y = sigmoid(x @ W)
    return 0.5 * np.sum((y - t) ** 2), x.T @ (y - t)


def gradient_squared(dout, x):
    return (1 - np.tanh(x) ** 2) * dout * dout


def gradient_absolute(dout, x):
    return np.abs(dout) * (1 - np.tanh(x) ** 2)


def gradient_clipped(dout, x):
    return np.clip(dout, -5, 5) * (x > 0)


def gradient_clipped_norm(dout, x):
    d = dout * (x > 0)
    size = np.sqrt(np.sum(d**2))
    return d * np.where(size > 10, 10 / size, 1)


def gradient_ignored(dout, x):
    return 1 - np.tanh(x) ** 2


def sine(x):
    return np.sin(x)


def one_entry_wrong(dout, x):
    d = np.cos(x)
    d[0, 1] = 0
    return dout * d


def sine_sign(dout, x):
    return -dout * np.cos(x)


def nudged(dout, x):
    return dout * (np.cos(x) + 1e-9)


def last_row_wrong(dout, x):
    dx = dout * np.cos(x)
    dx[-1] = 0
    return dx


_X = "x: N D"

CASES = [
    wrong("relu: 1 and 0 for dout", "missing chain factor", relu, relu_overwrites, _X, also=("linearity",), corpus="B017"),
    wrong("relu: guided", "linearity", relu, relu_guided, _X, also=("wrong mask", "extra factor"), corpus="B019"),
    wrong("relu: mask of dout", "linearity", relu, relu_deconvolution, _X, also=("wrong mask", "wrong operand")),
    wrong("relu: x for 1", "extra factor", relu, relu_times_input, _X, corpus="B025"),
    wrong("relu: dout as it is", "missing mask", relu, relu_identity, _X, corpus="B021"),
    wrong("relu: mask reversed", "wrong mask", relu, relu_reversed, _X),
    wrong("relu: saved mask reversed", "wrong mask", relu_saving_mask, relu_saved_mask_reversed, _X),
    wrong("relu: threshold 0.01", "wrong mask", relu, relu_threshold, _X),
    wrong("relu: 1 at 0", "kink", relu, relu_one_at_zero, _X, convention=True),
    wrong("relu: 1/2 at 0", "kink", relu, relu_half_at_zero, _X, convention=True),
    wrong("relu: 2 at 0", "kink", relu, relu_two_at_zero, _X),
    wrong("absolute value: 1 at 0", "kink", absolute, absolute_one_at_zero, _X, convention=True, corpus="B023"),
    wrong("absolute value: no sign", "missing chain factor", absolute, absolute_without_sign, _X, also=("sign", "wrong derivative", "missing mask")),
    wrong("clip: 1 at the edges", "kink", clipped, clip_includes_edges, _X, convention=True),
    wrong("clip: upper edge forgotten", "wrong mask", clipped, clip_lower_only, _X, also=("missing mask",)),
    wrong("leaky relu: mask of the output", "wrong mask", leaky_relu, leaky_from_output, "x: N D, alpha = -0.3", also=("wrong operand",), corpus="B027"),
    wrong("leaky relu: 0 below 0", "missing term", leaky_relu, leaky_zero, _X, also=("wrong derivative", "wrong mask")),
    wrong("leaky relu: 1 - alpha", "wrong derivative", leaky_relu, leaky_inverse_slope, _X, also=("factor", "extra term")),
    wrong("prelu: slope not summed", "shape", prelu, prelu_slope_not_summed, "x: N D, a: D", also=("axis",)),
    wrong("prelu: slope from all x", "missing mask", prelu, prelu_slope_of_all, "x: N D, a: D", also=("wrong operand", "extra term")),
    wrong("elu: x for the output", "wrong operand", elu, elu_on_input, _X, also=("wrong derivative",), corpus="B029"),
    wrong("elu: alpha left out", "missing chain factor", elu, elu_without_alpha, _X, also=("factor", "wrong derivative")),
    wrong("clipped softplus: mask of the output", "wrong mask", soft_clipped, soft_clipped_from_output, _X, also=("wrong operand",), corpus="B031"),
    wrong("clipped softplus: no mask", "missing mask", soft_clipped, soft_clipped_no_mask, _X),
    wrong("gelu: derivative of the other form", "wrong derivative", gelu_sigmoid, gelu_other_form, _X, corpus="B033"),
    wrong("gelu: 3 left out", "factor", gelu_tanh, gelu_without_three, _X, also=("wrong derivative",), corpus="B035"),
    wrong("gelu: product rule", "missing term", gelu_sigmoid, gelu_without_product_rule, _X, also=("wrong derivative",)),
    wrong("gelu: rounded constant", "wrong derivative", gelu_sigmoid, gelu_rounded, _X, also=("factor",)),
    wrong("tanh: x for the output", "wrong operand", tanh, tanh_of_input, _X, also=("wrong derivative",), corpus="B037"),
    wrong("tanh: not squared", "wrong derivative", tanh, tanh_not_squared, _X, corpus="B039"),
    wrong("tanh: plus", "sign", tanh, tanh_plus, _X, also=("wrong derivative",)),
    wrong("sigmoid: 1 - y left out", "missing chain factor", sigmoid, sigmoid_first_factor_only, _X, corpus="B043"),
    wrong("sigmoid: x for the output", "wrong operand", sigmoid, sigmoid_of_input, _X, also=("wrong derivative",)),
    wrong("sigmoid: sigmoid of the output", "wrong operand", sigmoid, sigmoid_twice, _X, also=("wrong derivative",)),
    wrong("sigmoid: sign", "sign", sigmoid, sigmoid_sign, _X),
    wrong("silu: first term left out", "missing term", silu, silu_without_first_term, _X),
    wrong("softplus: sign of x", "wrong derivative", softplus, softplus_sign, _X, also=("sign",)),
    wrong("perceptron: no derivative of the output", "missing chain factor", delta_without_derivative, None, "x: N D, W: D M, t: N M", options={"wrt": ("W",)}, corpus="B041"),
    wrong("tanh: dout squared", "linearity", tanh, gradient_squared, _X, corpus="B103"),
    wrong("tanh: absolute dout", "linearity", tanh, gradient_absolute, _X),
    wrong("relu: dout clipped", "linearity", relu, gradient_clipped, _X),
    wrong("relu: dout clipped by its norm", "linearity", relu, gradient_clipped_norm, _X),
    wrong("tanh: dout ignored", "missing chain factor", tanh, gradient_ignored, _X, also=("linearity",)),
    wrong("sine: one entry 0", "wrong derivative", sine, one_entry_wrong, _X, also=("missing term", "wrong mask", "extra factor"), corpus="B121"),
    wrong("sine: sign", "sign", sine, sine_sign, _X),
    wrong("sine: 1e-9 too much", "extra term", sine, nudged, _X, also=("wrong derivative",)),
    wrong("sine: last row 0", "missing term", sine, last_row_wrong, _X, also=("wrong mask", "wrong derivative", "extra factor")),
]
