"""Pooling and convolution, by loops, by reshaping, by strides and as matrix products."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917, RUF059

import numpy as np

from backward_corpus.case import right


def maxpool(x, size=2, stride=2):
    N, C, H, W = x.shape
    oh, ow = (H - size) // stride + 1, (W - size) // stride + 1
    out = np.zeros((N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            out[:, :, i, j] = np.max(window, axis=(2, 3))
    return out


def maxpool_backward(dout, x, size=2, stride=2):
    dx = np.zeros_like(x)
    N, C, oh, ow = dout.shape
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    h, w = i * stride, j * stride
                    window = x[n, c, h : h + size, w : w + size]
                    a, b = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, h + a, w + b] += dout[n, c, i, j]
    return dx


def maxpool_reshape(x):
    N, H, W = x.shape
    blocks = x.reshape(N, H // 2, 2, W // 2, 2)
    out = blocks.max(axis=2).max(axis=3)
    return out, (x, blocks, out)


def maxpool_reshape_backward(dout, cache):
    x, blocks, out = cache
    dblocks = np.zeros_like(blocks)
    out_ = out[:, :, np.newaxis, :, np.newaxis]
    mask = blocks == out_
    dout_ = dout[:, :, np.newaxis, :, np.newaxis]
    dout_broadcast, _ = np.broadcast_arrays(dout_, dblocks)
    dblocks[mask] = dout_broadcast[mask]
    dblocks /= np.sum(mask, axis=(2, 4), keepdims=True)
    return dblocks.reshape(x.shape)


def maxpool1d(x, k=3):
    windows = np.lib.stride_tricks.sliding_window_view(x, k, axis=1)
    return windows.max(axis=-1), windows.argmax(axis=-1)


def maxpool1d_backward(dout, cache, x):
    dx = np.zeros_like(x)
    n, t = np.indices(dout.shape)
    np.add.at(dx, (n, t + cache), dout)
    return dx


def avgpool(x):
    N, H, W = x.shape
    return x.reshape(N, H // 2, 2, W // 2, 2).mean(axis=(2, 4))


def avgpool_backward(dout):
    return np.repeat(np.repeat(dout, 2, axis=1), 2, axis=2) / 4


def global_avgpool(x):
    return x.mean(axis=(2, 3))


def global_avgpool_backward(dout, x):
    H, W = x.shape[2:]
    return np.ones_like(x) * dout[:, :, None, None] / (H * W)


def conv1d(x, w, b):
    N, T = x.shape
    K = len(w)
    out = np.zeros((N, T - K + 1))
    for t in range(T - K + 1):
        out[:, t] = x[:, t : t + K] @ w + b
    return out


def conv1d_backward(dout, x, w, b):
    K = len(w)
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(dout.shape[1]):
        dx[:, t : t + K] += dout[:, t : t + 1] * w
        dw += dout[:, t] @ x[:, t : t + K]
    return dx, dw, dout.sum()


def conv(x, w, b, stride=1, pad=1):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    oh, ow = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, oh, ow))
    for n in range(N):
        for f in range(F):
            for i in range(oh):
                for j in range(ow):
                    h, k = i * stride, j * stride
                    out[n, f, i, j] = np.sum(xp[n, :, h : h + HH, k : k + WW] * w[f]) + b[f]
    return out, (x, w, b, stride, pad)


def conv_backward(dout, cache):
    x, w, b, stride, pad = cache
    F, _, HH, WW = w.shape
    N, _, oh, ow = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    dxp, dw, db = np.zeros_like(xp), np.zeros_like(w), np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            db[f] += dout[n, f].sum()
            for i in range(oh):
                for j in range(ow):
                    h, k = i * stride, j * stride
                    dw[f] += xp[n, :, h : h + HH, k : k + WW] * dout[n, f, i, j]
                    dxp[n, :, h : h + HH, k : k + WW] += w[f] * dout[n, f, i, j]
    return dxp[:, :, pad:-pad, pad:-pad], dw, db


def im2col(x, K, stride, pad):
    N, C, H, W = x.shape
    oh, ow = (H + 2 * pad - K) // stride + 1, (W + 2 * pad - K) // stride + 1
    xp = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.zeros((N, C, K, K, oh, ow))
    for i in range(K):
        for j in range(K):
            col[:, :, i, j] = xp[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * oh * ow, -1)


def col2im(col, shape, K, stride, pad):
    N, C, H, W = shape
    oh, ow = (H + 2 * pad - K) // stride + 1, (W + 2 * pad - K) // stride + 1
    col = col.reshape(N, oh, ow, C, K, K).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H + 2 * pad + stride - 1, W + 2 * pad + stride - 1))
    for i in range(K):
        for j in range(K):
            img[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += col[:, :, i, j]
    return img[:, :, pad : H + pad, pad : W + pad]


def conv_im2col(x, W, b, stride=2, pad=1):
    N, _, H, _ = x.shape
    F, _, K, _ = W.shape
    o = (H + 2 * pad - K) // stride + 1
    col = im2col(x, K, stride, pad)
    out = col @ W.reshape(F, -1).T + b
    return out.reshape(N, o, o, F).transpose(0, 3, 1, 2), col


def conv_im2col_backward(dout, cache, x, W, b, stride=2, pad=1):
    F, C, K, _ = W.shape
    dout = dout.transpose(0, 2, 3, 1).reshape(-1, F)
    db = np.sum(dout, axis=0)
    dW = (cache.T @ dout).transpose(1, 0).reshape(F, C, K, K)
    dcol = dout @ W.reshape(F, -1)
    return col2im(dcol, x.shape, K, stride, pad), dW, db


def depthwise(x, w):
    win = np.lib.stride_tricks.sliding_window_view(x, w.shape[1:], axis=(2, 3))
    return np.einsum("nchwij,cij->nchw", win, w)


def depthwise_backward(dout, x, w):
    K, L = w.shape[1:]
    win = np.lib.stride_tricks.sliding_window_view(x, (K, L), axis=(2, 3))
    dw = np.einsum("nchwij,nchw->cij", win, dout)
    padded = np.pad(dout, ((0, 0), (0, 0), (K - 1, K - 1), (L - 1, L - 1)))
    back = np.lib.stride_tricks.sliding_window_view(padded, (K, L), axis=(2, 3))
    dx = np.einsum("nchwij,cij->nchw", back, w[:, ::-1, ::-1])
    return dx, dw


def upsample(x):
    return x.repeat(2, axis=1).repeat(2, axis=2)


def upsample_backward(dout):
    N, H, W = dout.shape
    return dout.reshape(N, H // 2, 2, W // 2, 2).sum(axis=(2, 4))


CASES = [
    right("max pooling, loops", maxpool, maxpool_backward, "x: N 1 4 4"),
    right("max pooling, overlapping", maxpool, maxpool_backward, "x: 1 C 3 3, stride = 1"),
    right("max pooling, reshape", maxpool_reshape, maxpool_reshape_backward, "x: N 2 4"),
    right("max pooling in a row", maxpool1d, maxpool1d_backward, "x: N 5"),
    right("average pooling", avgpool, avgpool_backward, "x: N 2 4"),
    right("global average pooling", global_avgpool, global_avgpool_backward, "x: N C 2 3"),
    right("convolution in a row", conv1d, conv1d_backward, "x: N 5, w: 3, b: scalar"),
    right("convolution, loops", conv, conv_backward, "x: 2 1 3 3, w: 2 1 2 2, b: 2"),
    right(
        "convolution as a product", conv_im2col, conv_im2col_backward,
        "x: 2 2 3 3, W: 3 2 2 2, b: 3",
    ),
    right("depthwise convolution", depthwise, depthwise_backward, "x: 2 3 3 4, w: 3 2 2"),
    right("nearest upsampling", upsample, upsample_backward, "x: N H W"),
]  # fmt: skip
