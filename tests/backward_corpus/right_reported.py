"""Right code that was reported as wrong; the reason is beside each."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917

import numpy as np

from backward_corpus.case import right
from backward_corpus.right_normalising import batchnorm


def darknet(dout, cache):
    x, mean, var, eps = cache["x"], cache["mean"], cache["var"], cache["eps"]
    N = x.shape[0]
    delta = dout * cache["gamma"]
    variance_delta = np.sum(delta * (x - mean), axis=0) * -0.5 * (var + eps) ** (-3 / 2)
    mean_delta = np.sum(delta, axis=0) * (-1 / np.sqrt(var + eps))
    dx = delta / np.sqrt(var + eps) + variance_delta * 2 * (x - mean) / N + mean_delta / N
    return dx, np.sum(dout * cache["x_hat"], axis=0), np.sum(dout, axis=0)


def caffe(x, eps=1e-5):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def caffe_backward(top_diff, x, out, eps=1e-5):
    scale = np.sqrt(x.var(axis=0) + eps)
    mean_diff = top_diff.mean(axis=0)
    mean_product = (top_diff * out).mean(axis=0)
    return (top_diff - mean_diff - mean_product * out) / scale


def torch_batch_norm_bias(dout, cache):
    x_hat, std, gamma = cache["x_hat"], cache["std"], cache["gamma"]
    N = len(dout)
    grad_bias = dout.sum(0)
    grad_weight = (dout * x_hat).sum(0)
    dx = gamma / std * (dout - grad_bias / N - x_hat * grad_weight / N)
    return dx, grad_weight, grad_bias


def sklearn_relu(X):
    return np.maximum(X, 0)


def inplace_relu_derivative(Z, delta):
    delta = delta.copy()
    delta[Z == 0] = 0
    return delta


def sklearn_relu_backward(dout, out):
    return inplace_relu_derivative(out, dout)


def tanh_derivative(values):
    return 1.0 - values**2


def lstm_gate(x, w):
    g = np.tanh(np.dot(x, w))
    return g, g


def lstm_gate_backward(dout, cache, x, w):
    da = tanh_derivative(cache) * dout
    return np.dot(da, w.T), np.dot(x.T, da)


def micrograd_exp(x):
    out = np.exp(x)
    return out, out


def micrograd_exp_backward(grad, cache):
    return cache * grad


def micrograd_tanh(x):
    t = (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)
    return t, t


def micrograd_tanh_backward(grad, cache):
    return (1 - cache**2) * grad


def coursera(X, W1, b1, W2, b2, Y):
    m = X.shape[1]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    cost = -np.sum(np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)) / m
    return cost, {"A1": A1, "A2": A2}


def coursera_backward(cache, X, W1, b1, W2, b2, Y):
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = 1 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.multiply(np.dot(W2.T, dZ2), 1 - np.power(A1, 2))
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def coursera_from_z(X, W1, b1, W2, b2, Y):
    cost, cache = coursera(X, W1, b1, W2, b2, Y)
    return cost, {**cache, "Z1": np.dot(W1, X) + b1}


def coursera_from_z_backward(cache, X, W1, b1, W2, b2, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.tanh(cache["Z1"]) ** 2)
    return {
        "dW1": np.dot(dZ1, X.T) / m,
        "db1": np.sum(dZ1, axis=1, keepdims=True) / m,
        "dW2": np.dot(dZ2, cache["A1"].T) / m,
        "db2": np.sum(dZ2, axis=1, keepdims=True) / m,
    }


def network2(w, b, x, y):
    z = np.dot(w, x) + b
    a = 1.0 / (1.0 + np.exp(-z))
    cost = np.sum(-y * np.log(a) - (1 - y) * np.log(1 - a))
    delta = a - y
    return cost, np.dot(delta, x.transpose()), delta


def relu_masked_twice(dout, X):
    h = np.maximum(X, 0)
    dh = dout * (h > 0)
    return dh * (X > 0)


def plain_softmax_gradient(z, y):
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p


def plain_cross_entropy(z, y):
    log_z = np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)) + z.max(1)
    return np.sum(log_z - z[np.arange(len(y)), y])


_AFFINE = "x: N D, gamma: D, beta: D"
_COURSERA = "X: D N, W1: H D, b1: H 1, W2: M H, b2: M 1, Y: M N in {0, 1}"
_PARAMETERS = {"wrt": ("W1", "b1", "W2", "b2")}

CASES = [
    right(
        "darknet batch norm", batchnorm, darknet, _AFFINE, corpus="B075",
        why="the term left out is a multiple of the sum of x - mean, which is 0",
    ),
    right(
        "caffe batch norm", caffe, caffe_backward, "x: N D",
        why="x - mean over the standard deviation is the output itself",
    ),
    right(
        "torch batch norm bias", batchnorm, torch_batch_norm_bias, _AFFINE, corpus="B129",
        why="beta is added, so its gradient is the sum of dout, without x",
    ),
    right(
        "sklearn relu derivative", sklearn_relu, sklearn_relu_backward, "X: N D", corpus="B123",
        why="Z is the output of the ReLU, which is 0 exactly where its input is at most 0",
    ),
    right(
        "tanh derivative from its values", lstm_gate, lstm_gate_backward, "x: N D, w: D H",
        corpus="B125", why="values are already tanh; 1 + values**2 belongs to tan",
    ),
    right(
        "micrograd exp", micrograd_exp, micrograd_exp_backward, "x: N", corpus="B127",
        why="the output is exp(x), which is its own derivative",
    ),
    right(
        "micrograd tanh", micrograd_tanh, micrograd_tanh_backward, "x: N",
        why="t is tanh(x), so the derivative is 1 - t**2",
    ),
    right(
        "coursera, from A1", coursera, coursera_backward, _COURSERA, options=_PARAMETERS,
        corpus="B131", why="A1 is tanh(Z1), so 1 - A1**2 is the derivative at Z1",
    ),
    right(
        "coursera, from Z1", coursera_from_z, coursera_from_z_backward, _COURSERA,
        options=_PARAMETERS, corpus="B131", why="the same with tanh(Z1) written out",
    ),
    right(
        "nielsen network2", network2, None, "w: M D, b: M 1, x: D 1, y: M 1 in {0, 1}",
        options={"wrt": ("w", "b")}, corpus="B055",
        why="the cross-entropy cancels the derivative of the sigmoid: delta is a - y",
    ),
    right(
        "relu masked twice", sklearn_relu, relu_masked_twice, "X: N D",
        why="a mask of zeros and ones is its own square",
    ),
    right(
        "cross-entropy without the shift", plain_cross_entropy, plain_softmax_gradient,
        "z: N C, y: N in C", why="the shift cancels in the quotient",
    ),
]  # fmt: skip
