"""Classes that go wrong at a second call, or for the caller."""

import numpy as np

from backward_corpus.case import wrong

GENERATOR = np.random.default_rng(3)


class StaleMask:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        if self.mask is None:
            self.mask = x > 0
        return x * (x > 0)

    def backward(self, dout):
        return dout * self.mask


class ReusedBuffer:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.x = x
        if self.out is None or self.out.shape != x.shape:
            self.out = np.empty_like(x)
        self.out[...] = x * x
        return self.out

    def backward(self, dout):
        return 2 * self.x * dout


class ReusedGradient:
    def __init__(self):
        self.dx = None

    def forward(self, x):
        self.x = x
        return np.tanh(x)

    def backward(self, dout):
        if self.dx is None:
            self.dx = np.zeros_like(self.x)
        self.dx += dout * (1 - np.tanh(self.x) ** 2)
        return self.dx


class Accumulating:
    def __init__(self):
        self.W = np.linspace(-1, 1.2, 12).reshape(3, 4)
        self.dW = np.zeros((3, 4))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW += self.x.T @ dout
        return dout @ self.W.T


class UpdatingFirst:
    def __init__(self):
        self.W = np.linspace(-1, 1.2, 12).reshape(3, 4)
        self.dW = np.zeros((3, 4))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.W -= 0.01 * self.dW
        return dout @ self.W.T


class SharedMask:
    mask = []  # noqa: RUF012  the mistake: one list for all layers

    def forward(self, x):
        self.mask.append(x > 0)
        return x * (x > 0)

    def backward(self, dout):
        return dout * self.mask[0]


class RandomDropout:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = GENERATOR.uniform(size=x.shape) > 0.5
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class WrongMaskOfClass:
    def forward(self, x):
        self.mask = x < 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        return dout * self.mask


class BiasMeanOfClass:
    def __init__(self):
        self.W = np.linspace(-1, 1.2, 12).reshape(3, 4)
        self.b = np.linspace(0.5, 1, 4)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0)
        return dout @ self.W.T


_X = "x: N D"

CASES = [
    wrong("class: stale mask", "state", StaleMask, None, _X),
    wrong("class: reused buffer", "aliasing", ReusedBuffer, None, _X, also=("state",)),
    wrong(
        "class: reused gradient", "accumulation", ReusedGradient, None, _X,
        also=("state", "aliasing"),
    ),
    wrong(
        "class: gradient never zeroed", "accumulation", Accumulating, None, "x: N 3",
        also=("state",), corpus="B113",
    ),
    wrong(
        "class: weights moved before dx", "order", UpdatingFirst, None, "x: N 3",
        also=("state", "aliasing"),
    ),
    wrong("class: mask shared by layers", "state", SharedMask, None, _X),
    wrong("class: random mask", "state", RandomDropout, None, _X),
    wrong("class: mask reversed", "wrong mask", WrongMaskOfClass, None, _X),
    wrong("class: mean for db", "1/N", BiasMeanOfClass, None, "x: N 3"),
]  # fmt: skip
