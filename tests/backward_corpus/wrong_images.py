"""Mistakes in pooling and convolution."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, RUF059

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_images import avgpool, conv, conv1d, global_avgpool, maxpool


def pool_rows(x):
    return x.max(axis=1)


def all_ties(dout, x, out):
    return dout[:, None] * (x == out[:, None])


def close_values(dout, x, out):
    mask = np.isclose(x, out[:, None])
    return dout[:, None] * mask


def values_for_mask(dout, x, out):
    return dout[:, None] * np.where(x == out[:, None], x, 0)


def overwritten(dout, x, size=2, stride=2):
    dx = np.zeros_like(x)
    N, C, oh, ow = dout.shape
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    h, w = i * stride, j * stride
                    window = x[n, c, h : h + size, w : w + size]
                    a, b = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, h + a, w + b] = dout[n, c, i, j]
    return dx


def minimum(dout, x, size=2, stride=2):
    dx = np.zeros_like(x)
    N, C, oh, ow = dout.shape
    for i in range(oh):
        for j in range(ow):
            h, w = i * stride, j * stride
            window = x[:, :, h : h + size, w : w + size]
            mask = window == window.min(axis=(2, 3), keepdims=True)
            dx[:, :, h : h + size, w : w + size] += mask * dout[:, :, i : i + 1, j : j + 1]
    return dx


def max_of_whole_batch(dout, x, size=2, stride=2):
    dx = np.zeros_like(x)
    N, C, oh, ow = dout.shape
    for i in range(oh):
        for j in range(ow):
            h, w = i * stride, j * stride
            window = x[:, :, h : h + size, w : w + size]
            mask = window == window.max()
            dx[:, :, h : h + size, w : w + size] += mask * dout[:, :, i : i + 1, j : j + 1]
    return dx


def average_not_divided(dout):
    return np.repeat(np.repeat(dout, 2, axis=1), 2, axis=2)


def average_tiled(dout):
    return np.tile(dout, (1, 2, 2)) / 4


def global_by_height(dout, x):
    return np.ones_like(x) * dout[:, :, None, None] / x.shape[2]


def first_window_only(dout, x, w, b):
    K = len(w)
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(dout.shape[1]):
        dx[:, t : t + K] += dout[:, t : t + 1] * w
        dw += dout[:, t] @ x[:, t : t + K]
        return dx, dw, dout.sum()  # too early: the mistake
    return None


def windows_overwrite(dout, x, w, b):
    K = len(w)
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(dout.shape[1]):
        dx[:, t : t + K] = dout[:, t : t + 1] * w
        dw += dout[:, t] @ x[:, t : t + K]
    return dx, dw, dout.sum()


def kernel_overwritten(dout, x, w, b):
    K = len(w)
    dx = np.zeros_like(x)
    for t in range(dout.shape[1]):
        dx[:, t : t + K] += dout[:, t : t + 1] * w
        dw = dout[:, t] @ x[:, t : t + K]
    return dx, dw, dout.sum()


def kernel_flipped(dout, x, w, b):
    K = len(w)
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(dout.shape[1]):
        dx[:, t : t + K] += dout[:, t : t + 1] * w[::-1]
        dw += dout[:, t] @ x[:, t : t + K]
    return dx, dw, dout.sum()


def bias_mean(dout, x, w, b):
    K = len(w)
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(dout.shape[1]):
        dx[:, t : t + K] += dout[:, t : t + 1] * w
        dw += dout[:, t] @ x[:, t : t + K]
    return dx, dw, dout.mean()


def _conv_gradients(dout, cache, examples):
    x, w, b, stride, pad = cache
    F, _, HH, WW = w.shape
    N, _, oh, ow = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for n in range(N):
        for f in range(F):
            for i in range(oh):
                for j in range(ow):
                    h, k = i * stride, j * stride
                    if n < examples:
                        dw[f] += xp[n, :, h : h + HH, k : k + WW] * dout[n, f, i, j]
                    dxp[n, :, h : h + HH, k : k + WW] += w[f] * dout[n, f, i, j]
    return dxp[:, :, pad:-pad, pad:-pad], dw, dout.sum(axis=(0, 2, 3))


def first_example_only(dout, cache):
    return _conv_gradients(dout, cache, 1)


def padding_kept_wrong_side(dout, cache):
    x, w, b, stride, pad = cache
    F, _, HH, WW = w.shape
    N, _, oh, ow = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(oh):
        for j in range(ow):
            h, k = i * stride, j * stride
            window = xp[:, :, h : h + HH, k : k + WW]
            dw += np.einsum("ncij,nf->fcij", window, dout[:, :, i, j])
            dxp[:, :, h : h + HH, k : k + WW] += np.einsum("fcij,nf->ncij", w, dout[:, :, i, j])
    return dxp[:, :, : -2 * pad, : -2 * pad], dw, dout.sum(axis=(0, 2, 3))


def filters_swapped(dout, cache):
    x, w, b, stride, pad = cache
    dx, dw, db = _conv_gradients(dout, cache, len(x))
    return dx, dw[::-1].copy(), db


def bias_of_one_axis(dout, cache):
    x, w, b, stride, pad = cache
    dx, dw, db = _conv_gradients(dout, cache, len(x))
    return dx, dw, dout.sum(axis=(0, 2))


def depth_windows(x):
    D, T = x.shape
    out = np.zeros((D, T - 1))
    for d in range(D):
        for t in range(T - 1):
            out[d, t] = x[d, t] * x[d, t + 1]
    return out


def depth_index(dout, x):
    dx = np.zeros_like(x)
    D, T = dout.shape
    for d in range(D):
        for t in range(T):
            m = min(t, D - 1)
            dx[m, t] += dout[d, t] * x[d, t + 1]
            dx[m, t + 1] += dout[d, t] * x[d, t]
    return dx


def off_diagonal(x):
    return np.diagonal(x, offset=1, axis1=1, axis2=0)


def off_diagonal_transposed(dout, x):
    dx = np.zeros_like(x)
    i = np.arange(len(dout))
    dx[i, i + 1] = dout
    return dx


_ROW = "x: N 5, w: 3, b: scalar"
_CONV = "x: 2 1 3 3, w: 2 1 2 2, b: 2"

CASES = [
    wrong("max: every tie in full", "ties", pool_rows, all_ties, "x: N D", corpus="B091"),
    wrong("max: close values", "ties", pool_rows, close_values, "x: N D", also=("wrong mask",)),
    wrong("max: values for the mask", "extra factor", pool_rows, values_for_mask, "x: N D"),
    wrong(
        "max pooling: overwritten", "accumulation", maxpool, overwritten, "x: 1 C 3 3, stride = 1",
    ),
    wrong("max pooling: mask of the minimum", "wrong mask", maxpool, minimum, "x: N 1 4 4"),
    wrong(
        "max pooling: maximum of the batch", "wrong mask", maxpool, max_of_whole_batch,
        "x: N 1 4 4", also=("axis",),
    ),
    wrong(
        "average pooling: not divided", "factor", avgpool, average_not_divided, "x: N 2 4",
        also=("1/N",),
    ),
    wrong(
        "average pooling: tiled", "wrong operand", avgpool, average_tiled, "x: N 2 4",
        also=("order", "axis"),
    ),
    wrong(
        "global average: divided by the height", "1/N", global_avgpool, global_by_height,
        "x: N C 2 3", also=("factor",),
    ),
    wrong(
        "convolution: return in the loop", "missing term", conv1d, first_window_only, _ROW,
        also=("accumulation",), corpus="B089",
    ),
    wrong("convolution: windows overwrite", "accumulation", conv1d, windows_overwrite, _ROW),
    wrong(
        "convolution: kernel gradient overwritten", "accumulation", conv1d, kernel_overwritten,
        _ROW, also=("missing term",),
    ),
    wrong(
        "convolution: kernel flipped", "wrong operand", conv1d, kernel_flipped, _ROW,
        also=("order", "transpose"),
    ),
    wrong("convolution: mean for db", "1/N", conv1d, bias_mean, _ROW),
    wrong(
        "convolution: first example only", "missing term", conv, first_example_only, _CONV,
        also=("axis", "wrong operand"), corpus="B095",
    ),
    wrong(
        "convolution: padding cut at one side", "wrong operand", conv, padding_kept_wrong_side,
        _CONV, also=("order",),
    ),
    wrong(
        "convolution: filters swapped", "wrong operand", conv, filters_swapped, _CONV,
        also=("order",),
    ),
    wrong("convolution: db of one axis", "axis", conv, bias_of_one_axis, _CONV, also=("shape",)),
    wrong(
        "windows: depth index", "wrong operand", depth_windows, depth_index, "x: D 4",
        corpus="B093",
    ),
    wrong(
        "diagonal: axes in the other order", "transpose", off_diagonal, off_diagonal_transposed,
        "x: 4 4", corpus="B119",
    ),
]  # fmt: skip
