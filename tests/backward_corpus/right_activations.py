"""Activations with a kink and their backward passes, each in the forms that are met."""

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
    right("hard sigmoid", hard_sigmoid, hard_sigmoid_backward, "x: N D"),
    right("hard tanh", hard_tanh, hard_tanh_backward, "x: N D"),
    right("hard swish", hard_swish, hard_swish_backward, "x: N D"),
    right("softsign", softsign, softsign_backward, "x: N D"),
    right("softplus of a clipped input", soft_clipped, soft_clipped_backward, "x: N D"),
]  # fmt: skip
