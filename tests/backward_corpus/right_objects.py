"""Layers as classes, with what they save and their parameters in attributes."""

import numpy as np

from backward_corpus.case import right


class ReLU:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * (1.0 - self.out) * self.out


class Affine:
    def __init__(self):
        generator = np.random.default_rng(0)
        self.W = generator.normal(size=(3, 4))
        self.b = generator.normal(size=4)
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx


class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.sum(np.log(self.y[np.arange(len(t)), t])) / len(t)

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)


class LayerNorm:
    def __init__(self, size=4, eps=1e-5):
        self.gamma = np.linspace(0.5, 2, size)
        self.beta = np.linspace(-1, 1, size)
        self.eps = eps

    def forward(self, x):
        centred = x - x.mean(axis=-1, keepdims=True)
        self.std = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.eps)
        self.norm = centred / self.std
        return self.gamma * self.norm + self.beta

    def backward(self, dout):
        self.dgamma = np.sum(dout * self.norm, axis=0)
        self.dbeta = np.sum(dout, axis=0)
        d = dout * self.gamma
        along = np.mean(d * self.norm, axis=-1, keepdims=True)
        return (d - d.mean(axis=-1, keepdims=True) - self.norm * along) / self.std


class MatMul:
    def forward(self, a, b):
        self.saved = a, b
        return a @ b

    def backward(self, grad_output):
        a, b = self.saved
        return grad_output @ b.T, a.T @ grad_output


class MaxPool:
    def __init__(self, size=2):
        self.size = size

    def forward(self, x):
        N, T = x.shape
        windows = x.reshape(N, T // self.size, self.size)
        self.shape, self.where = windows.shape, windows.argmax(axis=-1)
        return windows.max(axis=-1)

    def backward(self, dout):
        dx = np.zeros(self.shape)
        np.put_along_axis(dx, self.where[..., None], dout[..., None], axis=-1)
        return dx.reshape(dout.shape[0], -1)


CASES = [
    right("class: relu", ReLU, None, "x: N D"),
    right("class: sigmoid", Sigmoid, None, "x: N D"),
    right("class: affine", Affine, None, "x: N 3"),
    right("class: softmax with loss", SoftmaxWithLoss, None, "x: N C, t: N in C"),
    right("class: layer norm", LayerNorm, None, "x: N 4"),
    right("class: matrix product", MatMul, None, "a: N D, b: D M"),
    right("class: max pooling", MaxPool, None, "x: N 6"),
]  # fmt: skip
