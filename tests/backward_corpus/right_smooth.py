"""Smooth activations and their backward passes, each in the forms that are met."""

import math

import numpy as np

from backward_corpus.case import right
from backward_corpus.right_activations import sigmoid

SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772


def sigmoid_from_input(dout, x):
    s = sigmoid(x)
    return dout * s * (1 - s)


def sigmoid_with_output(x):
    s = 1.0 / (1.0 + np.exp(-x))
    return s, s


def sigmoid_from_output(dout, cache):
    return dout * (cache - cache**2)


def sigmoid_exponentials(dout, x):
    return dout * np.exp(-x) / (1 + np.exp(-x)) ** 2


def stable_sigmoid(x):
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    out[~positive] = e / (1 + e)
    return out


def stable_sigmoid_backward(dout, x):
    s = stable_sigmoid(x)
    return dout * s * (1 - s)


def tanh_from_input(dout, x):
    return dout * (1 - np.tanh(x) ** 2)


def tanh_from_output(dout, out):
    return dout * (1 - out * out)


def tanh_cosh(dout, x):
    return dout / np.cosh(x) ** 2


def silu(x):
    return x / (1 + np.exp(-x))


def silu_backward(dout, x):
    s = 1 / (1 + np.exp(-x))
    return dout * (s + x * s * (1 - s))


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def softplus_backward(dout, x):
    return dout / (1 + np.exp(-x))


def mish(x):
    return x * np.tanh(np.log1p(np.exp(x)))


def mish_backward(dout, x):
    sp = np.log1p(np.exp(x))
    t = np.tanh(sp)
    return dout * (t + x * (1 - t**2) * sigmoid(x))


def erf(x):
    return np.array([math.erf(v) for v in x.ravel()]).reshape(x.shape)


def gelu(x):
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def gelu_backward(dout, x):
    cdf = 0.5 * (1 + erf(x / np.sqrt(2)))
    pdf = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return dout * (cdf + x * pdf)


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_tanh_backward(dout, x):
    k = np.sqrt(2 / np.pi)
    t = np.tanh(k * (x + 0.044715 * x**3))
    dinner = k * (1 + 3 * 0.044715 * x**2)
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * dinner)


def gelu_sigmoid(x):
    return x * sigmoid(1.702 * x)


def gelu_sigmoid_backward(dout, x):
    s = sigmoid(1.702 * x)
    return dout * (s + 1.702 * x * s * (1 - s))


def gelu_vectorised(x):
    return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def gelu_vectorised_backward(dout, x):
    phi = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return dout * ((1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2 + x * phi)


def gaussian(x, mu, log_sigma):
    sigma = np.exp(log_sigma)
    z = (x - mu) / sigma
    return -0.5 * z**2 - log_sigma - 0.5 * np.log(2 * np.pi)


def gaussian_backward(dout, x, mu, log_sigma):
    z = (x - mu) * np.exp(-log_sigma)
    dx = -dout * z * np.exp(-log_sigma)
    return {
        "grad_x": dx,
        "grad_mu": -dx.sum(axis=0),
        "grad_log_sigma": (dout * (z**2 - 1)).sum(axis=0),
    }


CASES = [
    right("sigmoid", sigmoid, sigmoid_from_input, "x: N D"),
    right("sigmoid from its output", sigmoid_with_output, sigmoid_from_output, "x: N D"),
    right("sigmoid in exponentials", sigmoid, sigmoid_exponentials, "x: N D"),
    right("sigmoid by sign", stable_sigmoid, stable_sigmoid_backward, "x: N D"),
    right("tanh from its input", np.tanh, tanh_from_input, "x: N D"),
    right("tanh from its output", np.tanh, tanh_from_output, "x: N D"),
    right("tanh by cosh", np.tanh, tanh_cosh, "x: N D"),
    right("silu", silu, silu_backward, "x: N D"),
    right("softplus", softplus, softplus_backward, "x: N D"),
    right("mish", mish, mish_backward, "x: N D"),
    right("gelu", gelu, gelu_backward, "x: N D"),
    right("gelu, tanh form", gelu_tanh, gelu_tanh_backward, "x: N D"),
    right("gelu, sigmoid form", gelu_sigmoid, gelu_sigmoid_backward, "x: N D"),
    right("gelu, vectorised erf", gelu_vectorised, gelu_vectorised_backward, "x: N D"),
    right("gaussian log density", gaussian, gaussian_backward, "x: N D, mu: D, log_sigma: D"),
]  # fmt: skip
