"""Losses with their gradients, and penalties."""

import numpy as np

from backward_corpus.case import right


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy(z, y):
    p = softmax(z)
    return -np.sum(np.log(p[np.arange(len(y)), y]))


def cross_entropy_gradient(z, y):
    p = softmax(z)
    p[np.arange(len(y)), y] -= 1
    return p


def mean_cross_entropy(z, y):
    p = softmax(z)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def mean_cross_entropy_gradient(z, y):
    N, C = z.shape
    return (softmax(z) - np.eye(C)[y]) / N


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def one_hot_cross_entropy(z, t):
    return -np.sum(t * np.log(softmax(z)))


def one_hot_gradient(z, t):
    return softmax(z) * np.sum(t, axis=1, keepdims=True) - t


def smoothed(z, y, smoothing=0.1):
    N, C = z.shape
    t = np.full((N, C), smoothing / C)
    t[np.arange(N), y] += 1 - smoothing
    return -np.sum(t * np.log(softmax(z))) / N


def smoothed_gradient(z, y, smoothing=0.1):
    N, C = z.shape
    dz = softmax(z) - smoothing / C
    dz[np.arange(N), y] -= 1 - smoothing
    return dz / N


def bce_with_logits(z, t):
    return np.mean(np.maximum(z, 0) - z * t + np.log(1 + np.exp(-np.abs(z))))


def bce_with_logits_gradient(z, t):
    return (1 / (1 + np.exp(-z)) - t) / z.size


def bce(p, t):
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def bce_gradient(p, t):
    return -(t / p - (1 - t) / (1 - p)) / p.shape[0]


def bce_one_fraction(p, t):
    return (p - t) / (p * (1 - p)) / len(p)


def mse(p, t):
    return np.mean((p - t) ** 2)


def mse_gradient(p, t):
    return 2 * (p - t) / p.size


def mse_both(dout, p, t):
    d = 2 * (p - t) / np.prod(p.shape)
    return dout * d, -dout * d


def sse(p, t):
    return np.sum(np.square(p - t))


def sse_gradient(p, t):
    return 2.0 * (p - t)


def half_mse(p, t):
    return 0.5 * np.sum((p - t) ** 2) / len(p)


def half_mse_gradient(p, t):
    return (p - t) / len(p)


def huber(p, t, delta=1.0):
    r = p - t
    small = np.abs(r) <= delta
    return np.sum(np.where(small, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)))


def huber_gradient(p, t, delta=1.0):
    return np.clip(p - t, -delta, delta)


def hinge(x, y):
    N = x.shape[0]
    correct = x[np.arange(N), y]
    margins = np.maximum(0, x - correct[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    return np.sum(margins) / N, margins


def hinge_gradient(cache, x, y):
    N = x.shape[0]
    dx = np.zeros_like(x)
    dx[cache > 0] = 1
    dx[np.arange(N), y] -= np.sum(cache > 0, axis=1)
    return dx / N


def kl(p, q):
    return np.sum(p * np.log(p / q))


def kl_gradient(dout, p, q):
    return dout * (np.log(p / q) + 1), -dout * p / q


def l1(x, t):
    return np.mean(np.abs(x - t))


def l1_gradient(x, t):
    return np.sign(x - t) / x.size


def l2_penalty(W, reg=0.01):
    return reg * np.sum(W * W)


def l2_penalty_gradient(W, reg=0.01):
    return 2 * reg * W


def ridge(X, y, w, b, reg=1e-3):
    r = X @ w + b - y
    loss = np.mean(r**2) + 0.5 * reg * np.sum(w**2)
    dw = 2 * X.T @ r / len(y) + reg * w
    db = 2 * np.mean(r)
    return loss, {"w": dw, "b": db}


def logistic(X, y, w):
    s = 1 / (1 + np.exp(-(X @ w)))
    cost = -np.mean(y * np.log(s) + (1 - y) * np.log(1 - s))
    return cost, X.T @ (s - y) / X.shape[0]


def nll(logp, y):
    return -logp[np.arange(len(y)), y].mean()


def nll_gradient(dout, logp, y):
    d = np.zeros_like(logp)
    d[np.arange(len(y)), y] = -1 / len(y)
    return dout * d


def poisson(z, t):
    return np.mean(np.exp(z) - t * z)


def poisson_gradient(z, t):
    return (np.exp(z) - t) / z.size


def triplet(a, p, n, margin=0.5):
    d = np.sum((a - p) ** 2, axis=1) - np.sum((a - n) ** 2, axis=1) + margin
    return np.sum(np.maximum(d, 0))


def triplet_gradient(a, p, n, margin=0.5):
    d = np.sum((a - p) ** 2, axis=1) - np.sum((a - n) ** 2, axis=1) + margin
    on = (d > 0)[:, None]
    return 2 * (n - p) * on, 2 * (p - a) * on, 2 * (a - n) * on


def binary_focal(z, t):
    p = 1 / (1 + np.exp(-z))
    return -np.sum(t * (1 - p) ** 2 * np.log(p))


def binary_focal_gradient(z, t):
    p = 1 / (1 + np.exp(-z))
    return t * (1 - p) ** 2 * (2 * p * np.log(p) - (1 - p))


_LABELS = "z: N C, y: N in C"
_TARGETS = "p: N C, t: N C"
_P = {"wrt": ("p",)}
_Z = {"wrt": ("z",)}

CASES = [
    right("cross-entropy, sum", cross_entropy, cross_entropy_gradient, _LABELS),
    right("cross-entropy, mean", mean_cross_entropy, mean_cross_entropy_gradient, _LABELS),
    right("softmax loss, cs231n", softmax_loss, None, "x: N C, y: N in C"),
    right(
        "cross-entropy, any targets", one_hot_cross_entropy, one_hot_gradient, "z: N C, t: N C",
        options=_Z,
    ),
    right("cross-entropy, smoothed", smoothed, smoothed_gradient, _LABELS),
    right(
        "binary cross-entropy of logits", bce_with_logits, bce_with_logits_gradient,
        "z: N C, t: N C in {0, 1}",
    ),
    right("binary cross-entropy", bce, bce_gradient, "p: N in (0, 1), t: N in {0, 1}"),
    right(
        "binary cross-entropy, one fraction", bce, bce_one_fraction,
        "p: N in (0, 1), t: N in {0, 1}",
    ),
    right("squared error, mean", mse, mse_gradient, _TARGETS, options=_P),
    right("squared error, both gradients", mse, mse_both, _TARGETS),
    right("squared error, sum", sse, sse_gradient, _TARGETS, options=_P),
    right("squared error, half", half_mse, half_mse_gradient, "p: N, t: N", options=_P),
    right("huber", huber, huber_gradient, _TARGETS, options=_P),
    right("hinge", hinge, hinge_gradient, "x: N C, y: N in C"),
    right("kullback-leibler", kl, kl_gradient, "p: N C in (0, 1), q: N C in (0, 1)"),
    right("absolute error", l1, l1_gradient, "x: N D, t: N D", options={"wrt": ("x",)}),
    right("l2 penalty", l2_penalty, l2_penalty_gradient, "W: D M"),
    right("ridge", ridge, None, "X: N D, y: N, w: D, b: scalar", options={"wrt": ("w", "b")}),
    right(
        "logistic regression", logistic, None, "X: N D, y: N in {0, 1}, w: D",
        options={"wrt": ("w",)},
    ),
    right("negative log likelihood", nll, nll_gradient, "logp: N C, y: N in C"),
    right("poisson loss", poisson, poisson_gradient, "z: N D, t: N D", options=_Z),
    right("triplet loss", triplet, triplet_gradient, "a: N D, p: N D, n: N D"),
    right("focal loss", binary_focal, binary_focal_gradient, "z: N, t: N in {0, 1}"),
]  # fmt: skip
