"""Affine maps, products and small networks."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917, RUF059

import numpy as np

from backward_corpus.case import right


def linear(x, W, b):
    return x @ W + b


def linear_backward(dout, x, W, b):
    dx = dout @ W.T
    dW = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dW, db


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def no_bias(x, W):
    return np.dot(x, W)


def no_bias_backward(dout, x, W):
    return {"x": np.dot(dout, W.T), "W": np.dot(x.T, dout)}


def of_one_example(x, W, b):
    return W @ x + b


def of_one_example_backward(dout, x, W, b):
    return W.T @ dout, np.outer(dout, x), dout


def einsum_linear(x, W, b):
    return np.einsum("ntd,dm->ntm", x, W) + b


def einsum_linear_backward(dout, x, W, b):
    dx = np.einsum("ntm,dm->ntd", dout, W)
    dW = np.einsum("ntd,ntm->dm", x, dout)
    return dx, dW, dout.sum(axis=(0, 1))


def columns(W, x, b):
    return W @ x + b


def columns_backward(dz, W, x, b):
    return dz @ x.T, W.T @ dz, dz.sum(axis=1, keepdims=True)


def bilinear(x, W, y):
    return np.einsum("ni,ijk,nj->nk", x, W, y)


def bilinear_backward(dout, x, W, y):
    dx = np.einsum("nk,ijk,nj->ni", dout, W, y)
    dW = np.einsum("nk,ni,nj->ijk", dout, x, y)
    dy = np.einsum("nk,ni,ijk->nj", dout, x, W)
    return dx, dW, dy


def outer(a, b):
    return np.outer(a, b)


def outer_backward(dout, a, b):
    return dout @ b, dout.T @ a


def chain(A, B, C):
    return A @ B @ C


def chain_backward(dout, A, B, C):
    return dout @ (B @ C).T, A.T @ dout @ C.T, (A @ B).T @ dout


def batched_product(A, B):
    return A @ B


def batched_product_backward(dout, A, B):
    return dout @ B.transpose(0, 2, 1), A.swapaxes(-1, -2) @ dout


def quadratic(x, A):
    return np.sum(x * (x @ A), axis=1)


def quadratic_backward(dout, x, A):
    dx = dout[:, None] * (x @ (A + A.T))
    dA = (x * dout[:, None]).T @ x
    return dx, dA


def two_layers(x, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h = np.maximum(z1, 0)
    out = h @ W2 + b2
    return out, (x, z1, h, W1, W2)


def two_layers_backward(dout, cache):
    x, z1, h, W1, W2 = cache
    dW2 = h.T @ dout
    db2 = dout.sum(axis=0)
    dh = dout @ W2.T
    dz1 = dh * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0)
    dx = dz1 @ W1.T
    return dx, dW1, db1, dW2, db2


def network_loss(X, y, W1, b1, W2, b2, W3, b3):
    N = X.shape[0]
    h1 = np.maximum(0, X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    scores = h2 @ W3 + b3
    shifted = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(N), y]).mean()
    grads = {}
    d3 = probs.copy()
    d3[np.arange(N), y] -= 1
    d3 /= N
    grads["W3"] = h2.T @ d3
    grads["b3"] = d3.sum(axis=0)
    d2 = (d3 @ W3.T) * (1 - h2**2)
    grads["W2"] = h1.T @ d2
    grads["b2"] = d2.sum(axis=0)
    d1 = d2 @ W2.T
    d1[h1 <= 0] = 0
    grads["W1"] = X.T @ d1
    grads["b1"] = d1.sum(axis=0)
    return loss, grads


def residual(x, W1, W2):
    return x + np.maximum(x @ W1, 0) @ W2


def residual_backward(dout, x, W1, W2):
    z = x @ W1
    h = np.maximum(z, 0)
    dW2 = h.T @ dout
    dz = (dout @ W2.T) * (z > 0)
    dx = dout + dz @ W1.T
    return dx, x.T @ dz, dW2


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def highway(x, W, T):
    h = np.tanh(x @ W)
    t = _sigmoid(x @ T)
    return t * h + (1 - t) * x, (h, t)


def highway_backward(dout, cache, x, W, T):
    h, t = cache
    dh = dout * t * (1 - h**2)
    dt = dout * (h - x) * t * (1 - t)
    dx = dout * (1 - t) + dh @ W.T + dt @ T.T
    return dx, x.T @ dh, x.T @ dt


def glu(x, W, V):
    return (x @ W) * _sigmoid(x @ V)


def glu_backward(dout, x, W, V):
    a, s = x @ W, _sigmoid(x @ V)
    da = dout * s
    dv = dout * a * s * (1 - s)
    return da @ W.T + dv @ V.T, x.T @ da, x.T @ dv


def swiglu(x, W, V, U):
    g = x @ W
    s = _sigmoid(g)
    return (g * s * (x @ V)) @ U


def swiglu_backward(dout, x, W, V, U):
    g, v = x @ W, x @ V
    s = _sigmoid(g)
    swish = g * s
    dU = (swish * v).T @ dout
    dh = dout @ U.T
    dv = dh * swish
    dg = dh * v * (s + swish * (1 - s))
    return {"x": dg @ W.T + dv @ V.T, "W": x.T @ dg, "V": x.T @ dv, "U": dU}


def maxout(x, W):
    return np.max(np.einsum("nd,dkm->nkm", x, W), axis=1)


def maxout_backward(dout, x, W):
    z = np.einsum("nd,dkm->nkm", x, W)
    winner = np.argmax(z, axis=1)
    dz = np.zeros_like(z)
    n, m = np.indices(winner.shape)
    dz[n, winner, m] = dout
    return np.einsum("nkm,dkm->nd", dz, W), np.einsum("nkm,nd->dkm", dz, x)


def scale_shift(x, gamma, beta):
    return gamma * x + beta


def scale_shift_backward(dout, x, gamma, beta):
    return dout * gamma, (dout * x).sum(axis=0), dout.sum(axis=0)


def keras_style(x, W, b):
    return np.maximum(np.matmul(x, W) + b, 0.0)


def keras_style_backward(x, W, b, grad_output):
    delta = grad_output * (np.matmul(x, W) + b > 0)
    return np.matmul(delta, W.T), np.matmul(x.T, delta), np.sum(delta, 0)


_MLP = "x: N D, W1: D H, b1: H, W2: H M, b2: M"

CASES = [
    right("linear", linear, linear_backward, "x: N D, W: D M, b: M"),
    right("linear, flattened rows", affine_forward, affine_backward, "x: N 2 D, w: 2*D M, b: M"),
    right("linear, no bias", no_bias, no_bias_backward, "x: N D, W: D M"),
    right("linear, one example", of_one_example, of_one_example_backward, "x: D, W: M D, b: M"),
    right("linear, three axes", einsum_linear, einsum_linear_backward, "x: N T D, W: D M, b: M"),
    right("linear, columns", columns, columns_backward, "W: M D, x: D N, b: M 1"),
    right("bilinear", bilinear, bilinear_backward, "x: N D, W: D E M, y: N E"),
    right("outer product", outer, outer_backward, "a: N, b: M"),
    right("three matrices", chain, chain_backward, "A: N D, B: D M, C: M K"),
    right("batched product", batched_product, batched_product_backward, "A: K N D, B: K D M"),
    right("quadratic form", quadratic, quadratic_backward, "x: N D, A: D D"),
    right("two layers", two_layers, two_layers_backward, _MLP),
    right(
        "three layers with cross-entropy", network_loss, None,
        "X: N D, y: N in C, W1: D H, b1: H, W2: H K, b2: K, W3: K C, b3: C",
        options={"wrt": ("W1", "b1", "W2", "b2", "W3", "b3")},
    ),
    right("residual block", residual, residual_backward, "x: N D, W1: D H, W2: H D"),
    right("highway", highway, highway_backward, "x: N D, W: D D, T: D D"),
    right("gated linear unit", glu, glu_backward, "x: N D, W: D M, V: D M"),
    right("swiglu", swiglu, swiglu_backward, "x: N D, W: D H, V: D H, U: H D"),
    right("maxout", maxout, maxout_backward, "x: N D, W: D K M"),
    right("scale and shift", scale_shift, scale_shift_backward, "x: N D, gamma: D, beta: D"),
    right("dense with relu", keras_style, keras_style_backward, "x: N D, W: D M, b: M"),
]  # fmt: skip
