"""Activations and their backward passes, each in the forms that are met."""

import math

import numpy as np

from backward_corpus.case import right


def relu(x):
    return np.maximum(0, x)


def relu_product(dout, x):
    return dout * (x > 0)


def relu_where(dout, x):
    return np.where(x > 0, dout, 0)


def relu_boolean_assignment(dout, x):
    dx = dout.copy()
    dx[x <= 0] = 0
    return dx


def relu_with_cache(x):
    out = x * (x > 0)
    cache = x
    return out, cache


def relu_from_cache(dout, cache):
    x = cache
    dx = np.array(dout, copy=True)
    dx[x <= 0] = 0.0
    return dx


def relu_saving_mask(x):
    mask = x <= 0
    out = x.copy()
    out[mask] = 0
    return out, mask


def relu_from_mask(dout, mask):
    dx = dout.copy()
    dx[mask] = 0
    return dx


def relu_from_output(dout, out):
    return dout * (out > 0).astype(float)


def relu_loop_forward(x):
    out = np.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if x[i, j] > 0:
                out[i, j] = x[i, j]
    return out


def relu_loop_backward(dout, x):
    dx = np.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            dx[i, j] = dout[i, j] if x[i, j] > 0 else 0
    return dx


def leaky_relu(x, alpha=0.01):
    return np.where(x > 0, x, alpha * x)


def leaky_relu_backward(dout, x, alpha=0.01):
    dx = np.ones_like(x)
    dx[x < 0] = alpha
    return dx * dout


def prelu(x, a):
    return np.maximum(x, 0) + a * np.minimum(x, 0)


def prelu_backward(dout, x, a):
    dx = dout * np.where(x > 0, 1, a)
    da = np.sum(dout * np.minimum(x, 0), axis=0)
    return {"x": dx, "a": da}


def elu(x, alpha=1.5):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def elu_backward(dout, x, alpha=1.5):
    return dout * np.where(x > 0, 1, alpha * np.exp(x))


def elu_from_output(dout, out, alpha=1.5):
    return dout * np.where(out > 0, 1, out + alpha)


SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772


def selu(x):
    return SCALE * np.where(x > 0, x, ALPHA * np.expm1(x))


def selu_backward(dout, x):
    grad = np.where(x > 0, 1, ALPHA * np.exp(x))
    return SCALE * dout * grad


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


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


def hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


def hard_sigmoid_backward(dout, x):
    inside = (x > -2.5) & (x < 2.5)
    return dout * 0.2 * inside


def hard_tanh(x):
    return np.clip(x, -1, 1)


def hard_tanh_backward(dout, x):
    dx = dout.copy()
    dx[(x < -1) | (x > 1)] = 0
    return dx


def hard_swish(x):
    return x * np.minimum(np.maximum(x + 3, 0), 6) / 6


def hard_swish_backward(dout, x):
    dx = np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6))
    return dout * dx


def softsign(x):
    return x / (1 + np.abs(x))


def softsign_backward(dout, x):
    return dout / (1 + np.abs(x)) ** 2


def soft_clipped(x, threshold=5.0):
    clipped = np.clip(x, -threshold, threshold)
    return np.log(1 + np.exp(clipped))


def soft_clipped_backward(dout, x, threshold=5.0):
    mask = (x > -threshold) & (x < threshold)
    return dout * mask * sigmoid(x)


CASES = [
    right("relu, product with the mask", relu, relu_product, "x: N D"),
    right("relu, where", relu, relu_where, "x: N D"),
    right("relu, boolean assignment", relu, relu_boolean_assignment, "x: N D"),
    right("relu, cached input", relu_with_cache, relu_from_cache, "x: N D"),
    right("relu, cached mask", relu_saving_mask, relu_from_mask, "x: N D"),
    right("relu, mask of the output", relu, relu_from_output, "x: N D"),
    right("relu, loops", relu_loop_forward, relu_loop_backward, "x: N D"),
    right("relu, three axes", relu, relu_where, "x: N T D"),
    right("leaky relu", leaky_relu, leaky_relu_backward, "x: N D"),
    right("leaky relu, given slope", leaky_relu, leaky_relu_backward, "x: N D, alpha = 0.3"),
    right("prelu", prelu, prelu_backward, "x: N D, a: D"),
    right("elu", elu, elu_backward, "x: N D"),
    right("elu from its output", elu, elu_from_output, "x: N D"),
    right("selu", selu, selu_backward, "x: N D"),
    right("sigmoid", sigmoid, sigmoid_from_input, "x: N D"),
    right("sigmoid from its output", sigmoid_with_output, sigmoid_from_output, "x: N D"),
    right("sigmoid in exponentials", sigmoid, sigmoid_exponentials, "x: N D"),
    right("sigmoid by sign", stable_sigmoid, stable_sigmoid_backward, "x: N D"),
    right("tanh from its input", lambda x: np.tanh(x), tanh_from_input, "x: N D"),
    right("tanh from its output", lambda x: np.tanh(x), tanh_from_output, "x: N D"),
    right("tanh by cosh", lambda x: np.tanh(x), tanh_cosh, "x: N D"),
    right("silu", silu, silu_backward, "x: N D"),
    right("softplus", softplus, softplus_backward, "x: N D"),
    right("mish", mish, mish_backward, "x: N D"),
    right("gelu", gelu, gelu_backward, "x: N D"),
    right("gelu, tanh form", gelu_tanh, gelu_tanh_backward, "x: N D"),
    right("gelu, sigmoid form", gelu_sigmoid, gelu_sigmoid_backward, "x: N D"),
    right("hard sigmoid", hard_sigmoid, hard_sigmoid_backward, "x: N D"),
    right("hard tanh", hard_tanh, hard_tanh_backward, "x: N D"),
    right("hard swish", hard_swish, hard_swish_backward, "x: N D"),
    right("softsign", softsign, softsign_backward, "x: N D"),
    right("softplus of a clipped input", soft_clipped, soft_clipped_backward, "x: N D"),
]
