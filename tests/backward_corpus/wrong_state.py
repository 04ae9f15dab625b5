"""Right numbers once, but arrays changed: a second call, or the caller, goes wrong."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, RUF059

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_activations import relu
from backward_corpus.right_maps import linear, no_bias, two_layers

GENERATOR = np.random.default_rng(3)
SAVED = {}


def dout_in_place(dout, x):
    dout *= x > 0
    return dout


def dout_by_assignment(dout, x):
    dx = dout
    dx[x <= 0] = 0
    return dx


def input_zeroed(dout, x):
    x[x <= 0] = 0
    return dout * (x > 0)


def forward_in_place(x):
    x[x <= 0] = 0
    return x


def forward_in_place_backward(dout, out):
    return dout * (out > 0)


def normalised_in_place(x):
    x -= x.mean(axis=0)
    return x**2


def normalised_in_place_backward(dout, x):
    d = 2 * dout * x
    return d - d.mean(axis=0)


def cache_changed(dout, cache):
    x, z1, h, W1, W2 = cache
    dW2, db2 = h.T @ dout, dout.sum(axis=0)
    h[h > 0] = 1
    dz1 = (dout @ W2.T) * h
    return dz1 @ W1.T, x.T @ dz1, dz1.sum(axis=0), dW2, db2


def cache_list(x):
    return np.tanh(x), [x, np.tanh(x)]


def cache_popped(dout, cache):
    t = cache.pop()
    return dout * (1 - t**2)


def weights_moved_first(dout, x, W):
    W -= 0.1 * x.T @ dout
    return dout @ W.T, x.T @ dout


def weights_moved_last(dout, x, W):
    dx, dW = dout @ W.T, x.T @ dout
    W -= 0.1 * dW
    return dx, dW


def kept_by_default_argument(dout, x, W, b, grads={}):  # noqa: B006  the mistake
    grads["W"] = grads.get("W", 0) + x.T @ dout
    return {"x": dout @ W.T, "W": grads["W"], "b": dout.sum(axis=0)}


def mask_in_global(x):
    SAVED.setdefault("mask", x > 0)
    return x * (x > 0)


def mask_from_global(dout):
    return dout * SAVED["mask"]


def labels_moved(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y -= 1
    return -np.sum(np.log(p[np.arange(len(y)), y])), (p, y)


def labels_moved_gradient(cache, z, y):
    p, shifted = cache
    d = p.copy()
    d[np.arange(len(shifted)), shifted] -= 1
    return d


def random_mask(x):
    mask = (GENERATOR.uniform(size=x.shape) < 0.5) / 0.5
    return x * mask, mask


def random_mask_backward(dout, mask):
    return dout * mask


def noise_in_backward(dout, x):
    return dout * (x > 0) + 1e-3 * GENERATOR.normal(size=x.shape)


def probabilities_in_place(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.sum(np.log(p[np.arange(len(y)), y])), p


def probabilities_in_place_gradient(cache, z, y):
    cache[np.arange(len(y)), y] -= 1
    return cache


def relu6(x):
    return np.minimum(np.maximum(x, 0), 6)


def dout_changed_above_six(dout, x):
    dout[x > 6] = 0
    return dout * (x > 0)


def input_changed_in_a_branch(dout, x):
    x[0, 0] = min(x[0, 0], 3)
    return dout * np.cos(x)


def sine(x):
    return np.sin(x)


_X = "x: N D"
_LABELS = "z: N C, y: N in C"
_MLP = "x: N D, W1: D H, b1: H, W2: H M, b2: M"

CASES = [
    wrong("dout multiplied in place", "aliasing", relu, dout_in_place, _X, corpus="B115"),
    wrong("dout assigned to", "aliasing", relu, dout_by_assignment, _X, corpus="B115"),
    wrong("x zeroed by backward", "aliasing", relu, input_zeroed, _X, corpus="B117"),
    wrong(
        "x zeroed by forward", "aliasing", forward_in_place, forward_in_place_backward, _X,
        corpus="B117",
    ),
    wrong(
        "x centred by forward", "aliasing", normalised_in_place, normalised_in_place_backward, _X,
        corpus="B117",
    ),
    wrong(
        "hidden layer changed by backward", "aliasing", two_layers, cache_changed, _MLP,
        also=("state",),
    ),
    wrong("cache used up by backward", "state", cache_list, cache_popped, _X, also=("aliasing",)),
    wrong(
        "probabilities changed by backward", "aliasing", probabilities_in_place,
        probabilities_in_place_gradient, _LABELS, also=("state",),
    ),
    wrong("labels changed by forward", "aliasing", labels_moved, labels_moved_gradient, _LABELS),
    wrong(
        "weights moved before dx", "aliasing", no_bias, weights_moved_first, "x: N D, W: D M",
        also=("order",),
    ),
    wrong(
        "weights moved after dx", "aliasing", no_bias, weights_moved_last, "x: N D, W: D M",
        also=("order",),
    ),
    wrong(
        "gradients kept by a default argument", "state", linear, kept_by_default_argument,
        "x: N D, W: D M, b: M", also=("accumulation",),
    ),
    wrong("mask kept in a global", "state", mask_in_global, mask_from_global, _X),
    wrong("random mask in forward", "state", random_mask, random_mask_backward, _X),
    wrong("noise in backward", "state", relu, noise_in_backward, _X),
    wrong(
        "dout changed above 6 only", "aliasing", relu6, dout_changed_above_six, _X, corpus="B115",
    ),
    wrong(
        "x changed above 3 only", "aliasing", sine, input_changed_in_a_branch, _X,
        also=("wrong derivative", "wrong operand"),
    ),
]  # fmt: skip
