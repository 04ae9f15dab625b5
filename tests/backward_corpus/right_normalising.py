"""Softmax and its kin, norms, and the normalising layers."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917, RUF059

import numpy as np

from backward_corpus.case import right


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_backward(dout, x):
    s = softmax(x)
    return s * (dout - np.sum(dout * s, axis=-1, keepdims=True))


def softmax_jacobian(dout, out):
    dx = np.empty_like(dout)
    for i in range(len(out)):
        s = out[i].reshape(-1, 1)
        dx[i] = (np.diagflat(s) - s @ s.T) @ dout[i]
    return dx


def log_softmax(x):
    m = x.max(axis=1, keepdims=True)
    return x - m - np.log(np.exp(x - m).sum(axis=1, keepdims=True))


def log_softmax_backward(dout, out):
    return dout - np.exp(out) * dout.sum(axis=1, keepdims=True)


def logsumexp(x):
    m = np.max(x, axis=1)
    return m + np.log(np.sum(np.exp(x - m[:, None]), axis=1))


def logsumexp_backward(dout, x, out):
    return dout[:, None] * np.exp(x - out[:, None])


def l2_normalise(x):
    return x / np.sqrt(np.sum(x**2, axis=1, keepdims=True))


def l2_normalise_backward(dout, x):
    r = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    y = x / r
    return (dout - y * np.sum(dout * y, axis=1, keepdims=True)) / r


def norm(x):
    return np.linalg.norm(x, axis=1)


def norm_backward(dout, x):
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return dout[:, None] * x / np.where(length > 0, length, 1)


def cosine(x, y):
    return np.sum(x * y, axis=1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))


def cosine_backward(dout, x, y):
    nx = np.sqrt((x * x).sum(1, keepdims=True))
    ny = np.sqrt((y * y).sum(1, keepdims=True))
    c = (x * y).sum(1, keepdims=True) / (nx * ny)
    g = dout[:, None]
    return g * (y / (nx * ny) - c * x / nx**2), g * (x / (nx * ny) - c * y / ny**2)


def layernorm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    rstd = 1 / np.sqrt(var + eps)
    xhat = (x - mu) * rstd
    return gamma * xhat + beta, (xhat, rstd, gamma)


def layernorm_backward(dout, cache):
    xhat, rstd, gamma = cache
    D = xhat.shape[-1]
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxhat = dout * gamma
    dx = (
        rstd
        / D
        * (
            D * dxhat
            - dxhat.sum(axis=-1, keepdims=True)
            - xhat * (dxhat * xhat).sum(axis=-1, keepdims=True)
        )
    )
    return dx, dgamma, dbeta


def layernorm_means(dout, cache):
    xhat, rstd, gamma = cache
    g = dout * gamma
    dx = g - g.mean(-1, keepdims=True) - xhat * (g * xhat).mean(-1, keepdims=True)
    return dx * rstd, (dout * xhat).sum(0), dout.sum(0)


def layernorm_steps(dout, x, gamma, beta, eps=1e-5):
    D = x.shape[1]
    mu = x.mean(1, keepdims=True)
    xc = x - mu
    var = (xc**2).mean(1, keepdims=True)
    std = np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xc, axis=1, keepdims=True) * -0.5 * (var + eps) ** -1.5
    dmu = -np.sum(dxhat / std, axis=1, keepdims=True) - 2 * dvar * xc.mean(1, keepdims=True)
    dx = dxhat / std + 2 * dvar * xc / D + dmu / D
    return dx, np.sum(dout * xc / std, axis=0), np.sum(dout, axis=0)


def rmsnorm(x, g, eps=1e-6):
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps) * g


def rmsnorm_backward(dout, x, g, eps=1e-6):
    r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    dg = np.sum(dout * x * r, axis=0)
    h = dout * g
    dx = r * h - x * r**3 * np.mean(h * x, axis=-1, keepdims=True)
    return dx, dg


def batchnorm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    cache = {
        "x": x,
        "mean": mean,
        "var": var,
        "std": std,
        "x_hat": x_hat,
        "gamma": gamma,
        "eps": eps,
    }
    return out, cache


def batchnorm_steps(dout, cache):
    x, mean, var, eps = cache["x"], cache["mean"], cache["var"], cache["eps"]
    N = x.shape[0]
    dx_hat = dout * cache["gamma"]
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -0.5 * (var + eps) ** (-3 / 2)
    dmean = np.sum(-dx_hat / cache["std"], axis=0) + dvar * np.mean(-2 * (x - mean), axis=0)
    dx = dx_hat / cache["std"] + dvar * 2 * (x - mean) / N + dmean / N
    return dx, np.sum(dout * cache["x_hat"], axis=0), np.sum(dout, axis=0)


def batchnorm_compact(dout, cache):
    x_hat, std, gamma = cache["x_hat"], cache["std"], cache["gamma"]
    N = len(dout)
    dgamma = (dout * x_hat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


def batchnorm_graph(dout, cache):
    x, mean, std, gamma = cache["x"], cache["mean"], cache["std"], cache["gamma"]
    N, D = dout.shape
    xmu = x - mean
    ivar = 1 / std
    dgammax = dout
    dgamma = np.sum(dgammax * xmu * ivar, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1 / std**2 * divar
    dvar = 0.5 / std * dsqrtvar
    dsq = np.ones((N, D)) / N * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dx1, axis=0)
    return dx1 + np.ones((N, D)) / N * dmu, dgamma, np.sum(dout, axis=0)


def spatial_batchnorm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(0, 2, 3), keepdims=True)
    xhat = (x - mu) / np.sqrt(x.var(axis=(0, 2, 3), keepdims=True) + eps)
    return gamma[None, :, None, None] * xhat + beta[None, :, None, None]


def spatial_batchnorm_backward(dout, x, gamma, beta, eps=1e-5):
    axes = (0, 2, 3)
    m = x.size // x.shape[1]
    mu = x.mean(axis=axes, keepdims=True)
    rstd = 1 / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    xhat = (x - mu) * rstd
    dbeta = dout.sum(axis=axes)
    dgamma = (dout * xhat).sum(axis=axes)
    shape = (1, -1, 1, 1)
    dx = dout - dbeta.reshape(shape) / m - xhat * dgamma.reshape(shape) / m
    return gamma.reshape(shape) * rstd * dx, dgamma, dbeta


def groupnorm(x, gamma, beta, groups=2, eps=1e-5):
    N, C, L = x.shape
    g = x.reshape(N, groups, C // groups * L)
    xhat = (g - g.mean(-1, keepdims=True)) / np.sqrt(g.var(-1, keepdims=True) + eps)
    return xhat.reshape(N, C, L) * gamma + beta


def groupnorm_backward(dout, x, gamma, beta, groups=2, eps=1e-5):
    N, C, L = x.shape
    g = x.reshape(N, groups, -1)
    rstd = 1 / np.sqrt(g.var(-1, keepdims=True) + eps)
    xhat = (g - g.mean(-1, keepdims=True)) * rstd
    dgamma = (dout * xhat.reshape(x.shape)).sum(axis=(0, 2), keepdims=True)
    dbeta = dout.sum(axis=(0, 2), keepdims=True)
    d = (dout * gamma).reshape(g.shape)
    d = d - d.mean(-1, keepdims=True) - xhat * (d * xhat).mean(-1, keepdims=True)
    return (d * rstd).reshape(x.shape), dgamma[0], dbeta[0]


def instancenorm(x, eps=1e-5):
    mu = x.mean(axis=(2, 3), keepdims=True)
    return (x - mu) / np.sqrt(x.var(axis=(2, 3), keepdims=True) + eps)


def instancenorm_backward(dout, x, out, eps=1e-5):
    rstd = 1 / np.sqrt(x.var(axis=(2, 3), keepdims=True) + eps)
    mean = dout.mean(axis=(2, 3), keepdims=True)
    along = (dout * out).mean(axis=(2, 3), keepdims=True)
    return rstd * (dout - mean - out * along)


def dropout(x, mask, p=0.5):
    return x * mask / (1 - p)


def dropout_backward(dout, mask, p=0.5):
    return dout * mask / (1 - p)


_AFFINE = "x: N D, gamma: D, beta: D"

CASES = [
    right("softmax", softmax, softmax_backward, "x: N C"),
    right("softmax, jacobian of each row", softmax, softmax_jacobian, "x: N C"),
    right("log-softmax", log_softmax, log_softmax_backward, "x: N C"),
    right("log-sum-exp", logsumexp, logsumexp_backward, "x: N C"),
    right("l2 normalise", l2_normalise, l2_normalise_backward, "x: N D"),
    right("norm", norm, norm_backward, "x: N D"),
    right("cosine similarity", cosine, cosine_backward, "x: N D, y: N D"),
    right("layer norm", layernorm, layernorm_backward, _AFFINE),
    right("layer norm, means", layernorm, layernorm_means, _AFFINE),
    right(
        "layer norm, step by step", lambda x, gamma, beta: layernorm(x, gamma, beta)[0],
        layernorm_steps, _AFFINE,
    ),
    right("rms norm", rmsnorm, rmsnorm_backward, "x: N D, g: D"),
    right("batch norm, step by step", batchnorm, batchnorm_steps, _AFFINE),
    right("batch norm, compact", batchnorm, batchnorm_compact, _AFFINE),
    right("batch norm, whole graph", batchnorm, batchnorm_graph, _AFFINE),
    right(
        "batch norm of images", spatial_batchnorm, spatial_batchnorm_backward,
        "x: N C 2 2, gamma: C, beta: C",
    ),
    right("group norm", groupnorm, groupnorm_backward, "x: N 4 L, gamma: 4 1, beta: 4 1"),
    right("instance norm", instancenorm, instancenorm_backward, "x: N C 2 2"),
    right("dropout, given mask", dropout, dropout_backward, "x: N D, mask: N D in {0, 1}"),
]  # fmt: skip
