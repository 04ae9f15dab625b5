"""Forward passes that are not what their name says, each with the right derivative of its own.

A gradient check accepts every one of them; with `spec` they are refused, and the right form of
each, with the same backward pass or its like, is accepted.
"""

import math

import numpy as np
import pytest

from backproof import check
from backproof.checking.verdict import Status

erf = np.vectorize(lambda x: math.erf(x))  # noqa: PLW0108  math.erf itself, whatever it is by then


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, axis=1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def entrywise(slope):
    """Return the backward pass of an activation with this derivative."""

    def backward(dout, x):
        return dout * slope(x)

    return backward


def density(x):
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def gelu(x):
    return x * (1 + erf(x / np.sqrt(2))) / 2


def quick_gelu(x):
    return x * sigmoid(1.702 * x)


def silu_slope(k):
    """Return the derivative of x s(k x)."""
    return lambda x: sigmoid(k * x) + k * x * sigmoid(k * x) * (1 - sigmoid(k * x))


SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
ACTIVATIONS = [
    ("relu", np.abs, np.sign),
    ("leaky relu", lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1)),
    ("sigmoid", lambda x: sigmoid(-x), lambda x: -sigmoid(x) * sigmoid(-x)),
    ("tanh", lambda x: 2 * sigmoid(x) - 1, lambda x: 2 * sigmoid(x) * sigmoid(-x)),
    ("gelu", quick_gelu, silu_slope(1.702)),
    ("gelu, tanh", quick_gelu, silu_slope(1.702)),
    ("silu", lambda x: x * sigmoid(2 * x), silu_slope(2)),
    ("elu", lambda x: np.where(x > 0, x, np.exp(x)), lambda x: np.where(x > 0, 1, np.exp(x))),
    (
        "selu",
        lambda x: np.where(x > 0, x, ALPHA * (np.exp(x) - 1)),
        lambda x: np.where(x > 0, 1, ALPHA * np.exp(x)),
    ),
    ("softplus", lambda x: np.log2(1 + np.exp(x)), lambda x: sigmoid(x) / np.log(2)),
]

RIGHT_ACTIVATIONS = [
    ("relu", lambda x: np.maximum(x, 0), lambda x: x > 0),
    ("leaky relu", lambda x: np.maximum(x, 0.01 * x), lambda x: np.where(x > 0, 1, 0.01)),
    ("sigmoid", sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    ("tanh", lambda x: 2 * sigmoid(2 * x) - 1, lambda x: 1 - np.tanh(x) ** 2),
    ("softplus", lambda x: np.logaddexp(0, x), sigmoid),
    ("gelu", gelu, lambda x: (1 + erf(x / np.sqrt(2))) / 2 + x * density(x)),
    ("silu", lambda x: x * sigmoid(x), silu_slope(1)),
    ("elu", lambda x: np.where(x > 0, x, np.expm1(x)), lambda x: np.where(x > 0, 1, np.exp(x))),
    (
        "selu",
        lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(x)),
        lambda x: SCALE * np.where(x > 0, 1, ALPHA * np.exp(x)),
    ),
]


def was_compared(verdict, name):
    told = f"forward was compared with the specification of {name}"
    return any(note.startswith(told) for note in verdict.notes)


def refused(verdict):
    return verdict.status is Status.DIFFERS and verdict.cause == "specification"


@pytest.mark.parametrize(("name", "forward", "slope"), ACTIVATIONS)
def test_another_activation_is_refused(name, forward, slope):
    assert check(forward, entrywise(slope), "x: N D")
    assert refused(check(forward, entrywise(slope), "x: N D", spec=name))


@pytest.mark.parametrize(("name", "forward", "slope"), RIGHT_ACTIVATIONS)
def test_the_activation_is_accepted(name, forward, slope):
    verdict = check(forward, entrywise(slope), "x: N D", spec=name)
    assert verdict
    assert was_compared(verdict, name)


def linear(sign=1, bias=1, power=1):
    """Return x W + b and its derivative, with changes."""

    def forward(x, W, b):
        return sign * (x @ W) ** power + bias * b

    def backward(dout, x, W):
        inner = sign * power * (x @ W) ** (power - 1) * dout
        return inner @ W.T, x.T @ inner, bias * dout.sum(axis=0)

    return forward, backward


def softmax_over(axis):
    def forward(x):
        return softmax(x, axis)

    def backward(dout, out):
        return out * (dout - (dout * out).sum(axis=axis, keepdims=True))

    return forward, backward


def log_softmax_over(axis):
    def forward(x):
        return np.log(softmax(x, axis))

    def backward(dout, out):
        return dout - np.exp(out) * dout.sum(axis=axis, keepdims=True)

    return forward, backward


def cross_entropy(divisor, shift=0, offset=0.0):
    """Return a softmax loss: what it is divided by, for labels moved by `shift`."""

    def loss(z, y):
        rows, labels = np.arange(len(y)), (y + shift) % z.shape[1]
        p = softmax(z)
        return -np.log(p[rows, labels] + offset).sum() / divisor(z)

    def gradient(z, y):
        rows, labels = np.arange(len(y)), (y + shift) % z.shape[1]
        p = softmax(z)
        chosen = p[rows, labels][:, None]
        d = p * chosen / (chosen + offset)
        d[rows, labels] -= (chosen / (chosen + offset))[:, 0]
        return d / divisor(z)

    return loss, gradient


def rows(x):
    return len(x)


def entries(x):
    return x.size


def one(_):
    return 1


def two(_):
    return 2


def binary(divisor, zeros=1):
    """Return the loss of logits; with `zeros` 0, without the part of the targets that are 0."""

    def loss(z, t):
        return -(t * np.log(sigmoid(z)) + zeros * (1 - t) * np.log(sigmoid(-z))).sum() / divisor(z)

    def gradient(z, t):
        return (zeros * (1 - t) * sigmoid(z) - t * sigmoid(-z)) / divisor(z)

    return loss, gradient


def squares(divisor):
    def loss(p, t):
        return ((p - t) ** 2).sum() / divisor(p)

    def gradient(p, t):
        return 2 * (p - t) / divisor(p)

    return loss, gradient


def norm(axis, ddof=0, outside=0, bias=1, eps=1e-5):
    """Return a normalising layer, and its derivative by beta."""

    def forward(x, gamma, beta):
        variance = x.var(axis=axis, ddof=ddof, keepdims=True)
        root = np.sqrt(variance) + eps if outside else np.sqrt(variance + eps)
        return gamma * (x - x.mean(axis=axis, keepdims=True)) / root + bias * beta

    def backward(dout):
        return bias * dout.sum(axis=0)

    return forward, backward


def rms_norm(mean, eps=1e-5):
    def forward(x, gamma):
        normal = x / np.sqrt(mean(x**2) + eps)
        return gamma * normal, normal

    def backward(dout, normal):
        return (dout * normal).sum(axis=0)

    return forward, backward


def dropout(scale):
    def forward(x, mask, p):
        return x * mask * scale(p)

    def backward(dout, mask, p):
        return dout * mask * scale(p)

    return forward, backward


def embedding(shift):
    def forward(idx, E):
        return E[(idx + shift) % len(E)]

    def backward(dout, idx, E):
        dE = np.zeros_like(E)
        np.add.at(dE, (idx + shift) % len(E), dout)
        return dE

    return forward, backward


def pooling(sign):
    """Return the largest of two by two, or the smallest if `sign` is -1; those that tie share."""

    def forward(x):
        return sign * split(sign * x).max(axis=(3, 5))

    def backward(dout, x):
        parts = split(x)
        chosen = parts == sign * (sign * parts).max(axis=(3, 5), keepdims=True)
        share = dout[:, :, :, None, :, None] / chosen.sum(axis=(3, 5), keepdims=True)
        return (chosen * share).reshape(x.shape)

    return forward, backward


def split(x):
    n, c, height, width = x.shape
    return x.reshape(n, c, height // 2, 2, width // 2, 2)


def convolution(turn):
    """Return a convolution with the kernel as it is, or turned, and its derivative by b."""

    def forward(x, w, b):
        kernel = w[:, :, ::-1, ::-1] if turn else w
        out = np.zeros((len(x), len(w), x.shape[2] - 1, x.shape[3] - 1))
        for i, j in np.ndindex(2, 2):
            part = x[:, :, i : i + out.shape[2], j : j + out.shape[3]]
            out += np.einsum("nchw,mc->nmhw", part, kernel[:, :, i, j])
        return out + b[:, None, None]

    def backward(dout):
        return dout.sum(axis=(0, 2, 3))

    return forward, backward


def attention(scale, axis=1):
    """Return attention with scores divided by scale(Q, K), and its derivative by V."""

    def forward(Q, K, V):
        p = softmax(Q @ K.T / scale(Q, K), axis)
        return p @ V, p

    def backward(dout, p):
        return p.T @ dout

    return forward, backward


def unscaled(*_):
    return 1


def width(Q, _):
    return Q.shape[1]


def root_of_width(Q, _):
    return np.sqrt(Q.shape[1])


def root_of_keys(_, K):
    return np.sqrt(len(K))


def lstm(gates="ifog", biases="ifog", bounded=1):
    """Return an LSTM cell with the gates and biases in this order, and its derivative by c."""

    def forward(x, h, c, Wx, Wh, b):  # noqa: PLR0917  the cell has six inputs
        H = h.shape[1]
        z = {g: (x @ Wx + h @ Wh)[:, k * H : (k + 1) * H] for k, g in enumerate(gates)}
        z = {g: z[g] + b[biases.index(g) * H : (biases.index(g) + 1) * H] for g in gates}
        f, o = sigmoid(z["f"]), sigmoid(z["o"])
        memory = f * c + sigmoid(z["i"]) * np.tanh(z["g"])
        return o * (np.tanh(memory) if bounded else memory), memory, (f, o, memory)

    def backward(dh, dc, cache):
        f, o, memory = cache
        slope = 1 - bounded * np.tanh(memory) ** 2
        return (dc + dh * o * slope) * f

    return forward, backward


def penalty(half):
    def forward(W, lam):
        return half * lam * (W**2).sum()

    def backward(dout, W, lam):
        return 2 * half * dout * lam * W, half * dout * (W**2).sum()

    return forward, backward


def residual(sign):
    return lambda x, f: x + sign * f, lambda dout: (1 * dout, sign * dout)


LINEAR, SCORES = "x: N D, W: D M, b: M", "z: N C, y: N in C"
NORMAL, GATES = "x: N D, gamma: D, beta: D", "x: N D, h: N H, c: N H, Wx: D 4*H, Wh: H 4*H, b: 4*H"
PAIRS, KEYS = "p: N D, t: N D", "Q: T D, K: S D, V: S F"
LOGITS, IMAGE = "z: N, t: N in {0, 1}", "x: 1 C 3 4, w: M C 2 2, b: M"
DROPPED = "x: N D, mask: N D in {0, 1}, p = 0.2"
MISTAKES = {
    "minus": ("linear", LINEAR, linear(sign=-1), None),
    "b subtracted": ("linear", LINEAR, linear(bias=-1), None),
    "b twice": ("linear", LINEAR, linear(bias=2), None),
    "squared": ("linear", LINEAR, linear(power=2), None),
    "softmax of columns": ("softmax", "x: N C", softmax_over(0), None),
    "log-softmax of columns": ("log-softmax", "x: N C", log_softmax_over(0), None),
    "sum for mean": ("cross-entropy", SCORES, cross_entropy(one), None),
    "mean over classes": ("cross-entropy", SCORES, cross_entropy(entries), None),
    "mean for sum": ("softmax cross-entropy, sum", SCORES, cross_entropy(rows), None),
    "labels from one": ("cross-entropy", SCORES, cross_entropy(rows, shift=-1), None),
    "eps in the log": ("cross-entropy", SCORES, cross_entropy(rows, offset=1e-7), None),
    "binary sum": ("binary cross-entropy with logits, mean", LOGITS, binary(one), "z"),
    "zeros": ("binary cross-entropy with logits, sum", LOGITS, binary(one, zeros=0), "z"),
    "half": ("squared error, half", PAIRS, squares(one), "p"),
    "mean of rows": ("squared error, mean", PAIRS, squares(rows), "p"),
    "mean of entries": ("squared error, mean over examples", PAIRS, squares(entries), "p"),
    "N - 1": ("layer norm", NORMAL, norm(1, ddof=1), "beta"),
    "eps outside of the root": ("layer norm", NORMAL, norm(1, outside=1), "beta"),
    "layer norm of columns": ("layer norm", NORMAL, norm(0), "beta"),
    "beta subtracted": ("layer norm", NORMAL, norm(1, bias=-1), "beta"),
    "another eps": ("layer norm", NORMAL, norm(1, eps=1e-6), "beta"),
    "batch norm, N - 1": ("batch norm", NORMAL, norm(0, ddof=1), "beta"),
    "batch norm of rows": ("batch norm", NORMAL, norm(1), "beta"),
    "rms, sum": (
        "rms norm", "x: N D, gamma: D", rms_norm(lambda v: v.sum(axis=1, keepdims=True)), "gamma"
    ),
    "rms of everything": (
        "rms norm", "x: N D, gamma: D", rms_norm(lambda v: v.mean()), "gamma"
    ),
    "dropout unscaled": ("dropout", DROPPED, dropout(one), "x"),
    "dropout by p": ("dropout", DROPPED, dropout(lambda p: 1 / p), "x"),
    "previous row": ("embedding", "idx: N in V, E: V D", embedding(-1), None),
    "smallest": ("max pooling", "x: 1 1 4 4", pooling(-1), None),
    "kernel turned": ("convolution", IMAGE, convolution(turn=True), "b"),
    "unscaled": ("attention", KEYS, attention(unscaled), "V"),
    "scaled by keys": ("attention", KEYS, attention(root_of_keys), "V"),
    "scaled by d": ("attention", KEYS, attention(width), "V"),
    "over queries": ("attention", KEYS, attention(root_of_width, axis=0), "V"),
    "bo for bf": ("lstm cell", GATES, lstm(biases="iofg"), "c"),
    "other order": ("lstm cell", GATES, lstm("ifgo", "ifgo"), "c"),
    "no tanh of c": ("lstm cell", GATES, lstm(bounded=0), "c"),
    "without half": ("l2 penalty", "W: D M, lam: scalar", penalty(1), None),
    "difference": ("residual", "x: N D, f: N D", residual(-1), None),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_right_derivative_of_another_function_is_refused(mistake):
    name, inputs, (forward, backward), wrt = MISTAKES[mistake]
    assert check(forward, backward, inputs, wrt=wrt)
    verdict = check(forward, backward, inputs, wrt=wrt, spec=name)
    assert refused(verdict)
    assert verdict.witness.startswith("out")


RIGHT = [
    ("linear", LINEAR, linear(), None),
    ("softmax", "x: N C", softmax_over(1), None),
    ("softmax, columns", "x: N C", softmax_over(0), None),
    ("log-softmax", "x: N C", log_softmax_over(1), None),
    ("softmax cross-entropy", SCORES, cross_entropy(rows), None),
    ("softmax cross-entropy, sum", SCORES, cross_entropy(one), None),
    ("binary cross-entropy with logits, mean", LOGITS, binary(entries), "z"),
    ("squared error, sum", PAIRS, squares(one), "p"),
    ("squared error, mean", PAIRS, squares(entries), "p"),
    ("squared error, half", PAIRS, squares(two), "p"),
    ("squared error, mean over examples", PAIRS, squares(rows), "p"),
    ("layer norm", NORMAL, norm(1), "beta"),
    ("batch norm", NORMAL, norm(0), "beta"),
    (
        "rms norm", "x: N D, gamma: D", rms_norm(lambda v: v.mean(axis=1, keepdims=True)), "gamma"
    ),
    ("dropout", DROPPED, dropout(lambda p: 1 / (1 - p)), "x"),
    ("embedding", "idx: N in V, E: V D", embedding(0), None),
    ("max pooling", "x: 1 1 4 4", pooling(1), None),
    ("convolution", IMAGE, convolution(turn=False), "b"),
    ("attention", KEYS, attention(root_of_width), "V"),
    ("lstm cell", GATES, lstm(), "c"),
    ("l2 penalty", "W: D M, lam: scalar", penalty(0.5), None),
    ("l2 penalty, without half", "W: D M, lam: scalar", penalty(1), None),
    ("residual", "x: N D, f: N D", residual(1), None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "pair", "wrt"), RIGHT)
def test_the_layer_or_loss_itself_is_accepted(name, inputs, pair, wrt):
    verdict = check(*pair, inputs, wrt=wrt, spec=name)
    assert verdict, verdict
    assert was_compared(verdict, name)


def test_a_column_against_a_row_is_not_accepted():
    def loss(p, t):
        return ((p - t) ** 2).mean()

    def gradient(p, t):
        return 2 * (len(t) * p - t.sum()) / len(t) ** 2

    assert not check(loss, gradient, "p: N 1, t: N", wrt="p", spec="squared error, mean")


def test_gates_in_another_order_are_right_where_they_are_declared():
    _, backward = lstm("ifgo", "ifgo")

    def forward(x, h, c, Wx, Wh, b, gates="ifgo"):  # noqa: PLR0917  the cell has six inputs
        return lstm(gates, gates)[0](x, h, c, Wx, Wh, b)

    verdict = check(forward, backward, GATES, wrt="c", spec="lstm cell")
    assert was_compared(verdict, "lstm cell with gates = 'ifgo'")
