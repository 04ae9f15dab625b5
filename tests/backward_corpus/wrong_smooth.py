"""Mistakes in the derivatives of smooth activations."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_activations import relu, sigmoid
from backward_corpus.right_smooth import erf, gelu_sigmoid, gelu_tanh, silu, softplus


def tanh(x):
    return np.tanh(x)


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


def normal_distribution(x):
    return (1 + erf(x / np.sqrt(2))) / 2


def clipped_far_out(dout, x):
    return np.clip(dout, -1e4, 1e4) * np.cos(x)


def thin_region(dout, x):
    return np.where((x > 7) & (x < 7.01), 0, dout * np.cos(x))


def single_point(dout, x):
    dx = dout * np.cos(x)
    dx[x == 1] = 0
    return dx


def only_large(dout, x):
    return dout * np.where(np.abs(x) > 20, 1, np.cos(x))


def quotient_for_slope(dout, x):
    h = 1e-5
    return dout * (np.sin(x + h) - np.sin(x - h)) / (2 * h)


def constant_of_few_digits(dout, x):
    return dout * np.exp(-x * x / 2) * 0.3989423


_X = "x: N D"

CASES = [
    wrong(
        "gelu: derivative of the other form", "wrong derivative", gelu_sigmoid, gelu_other_form, _X,
        corpus="B033",
    ),
    wrong(
        "gelu: 3 left out", "factor", gelu_tanh, gelu_without_three, _X, also=("wrong derivative",),
        corpus="B035",
    ),
    wrong(
        "gelu: product rule", "missing term", gelu_sigmoid, gelu_without_product_rule, _X,
        also=("wrong derivative",),
    ),
    wrong(
        "gelu: rounded constant", "wrong derivative", gelu_sigmoid, gelu_rounded, _X,
        also=("factor",),
    ),
    wrong(
        "tanh: x for the output", "wrong operand", tanh, tanh_of_input, _X,
        also=("wrong derivative",), corpus="B037",
    ),
    wrong("tanh: not squared", "wrong derivative", tanh, tanh_not_squared, _X, corpus="B039"),
    wrong("tanh: plus", "sign", tanh, tanh_plus, _X, also=("wrong derivative",)),
    wrong(
        "sigmoid: 1 - y left out", "missing chain factor", sigmoid, sigmoid_first_factor_only, _X,
        corpus="B043",
    ),
    wrong(
        "sigmoid: x for the output", "wrong operand", sigmoid, sigmoid_of_input, _X,
        also=("wrong derivative",),
    ),
    wrong(
        "sigmoid: sigmoid of the output", "wrong operand", sigmoid, sigmoid_twice, _X,
        also=("wrong derivative",),
    ),
    wrong("sigmoid: sign", "sign", sigmoid, sigmoid_sign, _X),
    wrong("silu: first term left out", "missing term", silu, silu_without_first_term, _X),
    wrong("softplus: sign of x", "wrong derivative", softplus, softplus_sign, _X, also=("sign",)),
    wrong(
        "perceptron: no derivative of the output", "missing chain factor", delta_without_derivative,
        None, "x: N D, W: D M, t: N M", options={"wrt": ("W",)}, corpus="B041",
    ),
    wrong("tanh: dout squared", "linearity", tanh, gradient_squared, _X, corpus="B103"),
    wrong("tanh: absolute dout", "linearity", tanh, gradient_absolute, _X),
    wrong("relu: dout clipped", "linearity", relu, gradient_clipped, _X),
    wrong("relu: dout clipped by its norm", "linearity", relu, gradient_clipped_norm, _X),
    wrong(
        "tanh: dout ignored", "missing chain factor", tanh, gradient_ignored, _X,
        also=("linearity",),
    ),
    wrong(
        "sine: one entry 0", "wrong derivative", sine, one_entry_wrong, _X,
        also=("missing term", "wrong mask", "extra factor"), corpus="B121",
    ),
    wrong("sine: sign", "sign", sine, sine_sign, _X),
    wrong("sine: 1e-9 too much", "extra term", sine, nudged, _X, also=("wrong derivative",)),
    wrong(
        "sine: last row 0", "missing term", sine, last_row_wrong, _X,
        also=("wrong mask", "wrong derivative", "extra factor"),
    ),
    wrong("sine: dout clipped far out", "linearity", sine, clipped_far_out, _X),
    wrong(
        "sine: 0 in a thin region", "wrong mask", sine, thin_region, _X,
        also=("extra factor", "wrong derivative", "missing term"),
    ),
    wrong(
        "sine: 0 at a single point", "wrong mask", sine, single_point, _X,
        also=("kink", "extra factor", "wrong derivative", "missing term"),
    ),
    wrong(
        "sine: 1 far out", "wrong derivative", sine, only_large, _X,
        also=("missing chain factor", "wrong mask"),
    ),
    wrong(
        "sine: difference quotient", "wrong derivative", sine, quotient_for_slope, _X,
        also=("factor", "epsilon"),
    ),
    wrong(
        "normal distribution: 7 digits", "factor", normal_distribution, constant_of_few_digits, _X,
        also=("wrong derivative",),
    ),
]  # fmt: skip
