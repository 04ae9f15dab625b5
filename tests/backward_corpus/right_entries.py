"""What is done to entries and axes: selections, sums along axes, elementary functions."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001

import numpy as np

from backward_corpus.case import right


def row_max(x):
    return x.max(axis=1)


def row_max_backward(dout, x):
    dx = np.zeros_like(x)
    dx[np.arange(len(x)), x.argmax(axis=1)] = dout
    return dx


def row_min(x):
    return np.min(x, axis=1, keepdims=True)


def row_min_backward(dout, x, out):
    mask = x == out
    return dout * mask / mask.sum(axis=1, keepdims=True)


def larger_of(a, b):
    return np.maximum(a, b)


def larger_of_backward(dout, a, b):
    return dout * (a >= b), dout * (a < b)


def prod(x):
    return np.prod(x, axis=1)


def prod_backward(dout, x):
    dx = np.ones_like(x)
    for j in range(x.shape[1]):
        dx[:, j] = dout * np.prod(np.delete(x, j, axis=1), axis=1)
    return dx


def cumsum(x):
    return np.cumsum(x, axis=1)


def cumsum_backward(dout):
    return np.cumsum(dout[:, ::-1], axis=1)[:, ::-1]


def concat(a, b):
    return np.concatenate([a, b], axis=1)


def concat_backward(dout, a, b):
    da, db = np.split(dout, [a.shape[1]], axis=1)
    return da.copy(), db.copy()


def split(x):
    return x[:, :2], x[:, 2:]


def split_backward(da, db):
    return np.hstack([da, db])


def transpose(x):
    return x.transpose(1, 2, 0)


def transpose_backward(dout):
    return dout.transpose(2, 0, 1).copy()


def pad(x):
    return np.pad(x, ((1, 1), (0, 2)))


def pad_backward(dout):
    return dout[1:-1, :-2].copy()


def gather(x, idx):
    return x[np.arange(len(x)), idx]


def gather_backward(dout, x, idx):
    dx = np.zeros(x.shape)
    dx[range(len(x)), idx] = dout
    return dx


def take_columns(x, idx):
    return np.take(x, idx, axis=1)


def take_columns_backward(dout, x, idx):
    dx = np.zeros_like(x)
    np.add.at(dx, (slice(None), idx), dout)
    return dx


def every_second(x):
    return x[:, ::2]


def every_second_backward(dout, x):
    dx = np.zeros_like(x)
    dx[:, ::2] = dout
    return dx


def mean(x):
    return x.mean(axis=0)


def mean_backward(dout, x):
    return np.broadcast_to(dout / x.shape[0], x.shape).copy()


def variance(x):
    return np.var(x, axis=1)


def variance_backward(dout, x):
    return 2 * (x - x.mean(axis=1, keepdims=True)) / x.shape[1] * dout[:, None]


def standard_deviation(x, eps=1e-3):
    return np.sqrt(x.var(axis=0, ddof=1) + eps)


def standard_deviation_backward(dout, x, out):
    return dout * (x - x.mean(axis=0)) / ((len(x) - 1) * out)


def polynomial(x, a, b, c):
    return a * x**2 + b * x + c


def polynomial_backward(dout, x, a, b, c):
    return dout * (2 * a * x + b), np.sum(dout * x**2), np.sum(dout * x), np.sum(dout)


def sqrt(v):
    return np.sqrt(v)


def sqrt_backward(dout, out):
    return dout / (2 * out)


def log(v):
    return np.log(v)


def log_backward(dout, v):
    return dout / v


def exp_backward(dout, out):
    return dout * out


def reciprocal(v):
    return 1 / v


def reciprocal_backward(dout, v):
    return -dout / v**2


def absolute(x):
    return np.abs(x)


def absolute_backward(dout, x):
    return dout * np.sign(x)


def clip(x, low=-0.5, high=2.0):
    return np.clip(x, low, high)


def clip_backward(dout, x, low=-0.5, high=2.0):
    dx = dout.copy()
    dx[x < low] = 0
    dx[x > high] = 0
    return dx


def divide(a, v):
    return a / v


def divide_backward(dout, a, v):
    return dout / v, -dout * a / (v * v)


def multiply_broadcast(x, s):
    return x * s[:, None]


def multiply_broadcast_backward(dout, x, s):
    return dout * s[:, None], np.sum(dout * x, axis=1)


def power(v, p):
    return v**p


def power_backward(dout, v, p):
    return dout * p * v ** (p - 1), np.sum(dout * v**p * np.log(v))


def sine(x):
    return np.sin(x) * np.cos(2 * x)


def sine_backward(dout, x):
    return dout * (np.cos(x) * np.cos(2 * x) - 2 * np.sin(x) * np.sin(2 * x))


def sum_and_product(x, y):
    return x + y, x * y


def sum_and_product_backward(dsum, dproduct, x, y):
    return dsum + dproduct * y, dsum + dproduct * x


def arctangent(x):
    return np.arctan(x)


def arctangent_backward(dout, x):
    return dout / (1 + x**2)


def distances(x, c):
    return ((x[:, None, :] - c[None, :, :]) ** 2).sum(axis=2)


def distances_backward(dout, x, c):
    diff = x[:, None, :] - c[None, :, :]
    d = 2 * dout[:, :, None] * diff
    return d.sum(axis=1), -d.sum(axis=0)


CASES = [
    right("maximum of rows", row_max, row_max_backward, "x: N D"),
    right("minimum of rows", row_min, row_min_backward, "x: N D"),
    right("larger of two", larger_of, larger_of_backward, "a: N D, b: N D"),
    right("product of rows", prod, prod_backward, "x: N D"),
    right("running sum", cumsum, cumsum_backward, "x: N D"),
    right("concatenation", concat, concat_backward, "a: N D, b: N E"),
    right("split in two", split, split_backward, "x: N 5"),
    right("transpose of three axes", transpose, transpose_backward, "x: N D M"),
    right("padding", pad, pad_backward, "x: N D"),
    right("one entry a row", gather, gather_backward, "x: N C, idx: N in C"),
    right("columns taken", take_columns, take_columns_backward, "x: N D, idx: K in D"),
    right("every second column", every_second, every_second_backward, "x: N 5"),
    right("mean over the batch", mean, mean_backward, "x: N D"),
    right("variance", variance, variance_backward, "x: N D"),
    right("standard deviation", standard_deviation, standard_deviation_backward, "x: 3 D"),
    right("polynomial", polynomial, polynomial_backward, "x: N D, a: scalar, b: scalar, c: scalar"),
    right("square root", sqrt, sqrt_backward, "v: N D > 0"),
    right("logarithm", log, log_backward, "v: N D > 0"),
    right("exponential", np.exp, exp_backward, "x: N D"),
    right("reciprocal", reciprocal, reciprocal_backward, "v: N D > 0"),
    right("absolute value", absolute, absolute_backward, "x: N D"),
    right("clip", clip, clip_backward, "x: N D"),
    right("quotient", divide, divide_backward, "a: N D, v: N D > 0"),
    right("rows times numbers", multiply_broadcast, multiply_broadcast_backward, "x: N D, s: N"),
    right("power", power, power_backward, "v: N D > 0, p: scalar"),
    right("sine and cosine", sine, sine_backward, "x: N D"),
    right("two outputs", sum_and_product, sum_and_product_backward, "x: N D, y: N D"),
    right("arc tangent", arctangent, arctangent_backward, "x: N D"),
    right("squared distances", distances, distances_backward, "x: N D, c: K D"),
]  # fmt: skip
