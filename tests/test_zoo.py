"""Each layer of the zoo, held to a definition that loops over single numbers.

The definition is differentiated by central differences: with 50 digits, and on fractions where the
layer is at most quadratic in each single number, so that a central difference is exact.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest

from backproof.zoo import LAYERS, activations, max_pooling


def over(*sizes):
    """Return an empty array of objects and its places, to be filled one by one."""
    return np.empty(sizes, dtype=object), np.ndindex(*sizes)


def each(function):
    """Return the layer that applies a function of one number to every entry."""

    def layer(z, **settings):
        v, places = over(*z.shape)
        for place in places:
            v[place] = function(z[place], **settings)
        return v

    return layer


def sigmoid(u):
    return 1 / (1 + mpmath.exp(-u))


def gelu(u):
    inner = mpmath.sqrt(2 / mpmath.pi) * (u + mpmath.mpf("0.044715") * u**3)
    return u * (1 + mpmath.tanh(inner)) / 2


def linear(x, W, b):
    z, places = over(len(W), x.shape[1])
    for r, i in places:
        z[r, i] = b[r, 0] + sum(W[r, s] * x[s, i] for s in range(len(x)))
    return z


def softmax(z):
    p, places = over(*z.shape)
    for j, i in places:
        p[j, i] = mpmath.exp(z[j, i]) / sum(mpmath.exp(z[n, i]) for n in range(len(z)))
    return p


def log_softmax(z):
    return each(mpmath.log)(softmax(z))


def cross_entropy(z, y):
    return -sum(log_softmax(z)[y[i], i] for i in range(len(y)))


def binary_cross_entropy(z, t):
    return -sum(
        mpmath.log(sigmoid(z[place]) if t[place] else 1 - sigmoid(z[place]))
        for place in np.ndindex(*z.shape)
    )


def normalised(entries):
    mean = sum(entries) / len(entries)
    variance = sum((entry - mean) ** 2 for entry in entries) / len(entries)
    return [(entry - mean) / mpmath.sqrt(variance + mpmath.mpf("1e-5")) for entry in entries]


def layer_norm(x, gamma, beta):
    columns = np.array([normalised(list(column)) for column in x.T], dtype=object).T
    return linear_in_each_row(columns, gamma, beta)


def batch_norm(x, gamma, beta):
    rows = np.array([normalised(list(row)) for row in x], dtype=object)
    return linear_in_each_row(rows, gamma, beta)


def linear_in_each_row(u, gamma, beta):
    v, places = over(*u.shape)
    for d, i in places:
        v[d, i] = gamma[d, 0] * u[d, i] + beta[d, 0]
    return v


def rms_norm(x, gamma):
    v, places = over(*x.shape)
    for d, i in places:
        mean_square = sum(x[n, i] ** 2 for n in range(len(x))) / len(x)
        v[d, i] = gamma[d, 0] * x[d, i] / mpmath.sqrt(mean_square + mpmath.mpf("1e-5"))
    return v


def dropout(x, mask, keep=Fraction(1, 2)):
    v, places = over(*x.shape)
    for place in places:
        v[place] = x[place] / keep if mask[place] else 0
    return v


def embedding(E, index):
    v, places = over(len(E), len(index))
    for d, i in places:
        v[d, i] = E[d, index[i]]
    return v


def max_pooling_by_two(x):
    C, A, B, N = x.shape
    v, places = over(C, A // 2, B // 2, N)
    for c, a, b, n in places:
        v[c, a, b, n] = max(x[c, 2 * a + p, 2 * b + q, n] for p in (0, 1) for q in (0, 1))
    return v


def convolution(x, W, b, K, stride):
    C, A, B, N = x.shape
    z, places = over(len(W), (A - K) // stride + 1, (B - K) // stride + 1, N)
    for m, a, e, n in places:
        z[m, a, e, n] = b[m, 0] + sum(
            W[m, K * K * c + K * p + q] * x[c, stride * a + p, stride * e + q, n]
            for c, p, q in np.ndindex(C, K, K)
        )
    return z


def attention(Q, K, V):
    scores, places = over(K.shape[1], Q.shape[1])
    for s, t in places:
        scores[s, t] = sum(K[d, s] * Q[d, t] for d in range(len(Q))) / mpmath.sqrt(len(Q))
    weights = softmax(scores)
    out, places = over(len(V), Q.shape[1])
    for f, t in places:
        out[f, t] = sum(V[f, s] * weights[s, t] for s in range(V.shape[1]))
    return out


def lstm(x, h, c, V, U, b):  # noqa: PLR0917  the cell has six inputs
    H, N = h.shape
    memory, places = over(H, N)
    output = np.empty_like(memory)
    for k, n in places:
        bars = [
            b[r, 0]
            + sum(V[r, d] * x[d, n] for d in range(len(x)))
            + sum(U[r, j] * h[j, n] for j in range(H))
            for r in (k, H + k, 2 * H + k, 3 * H + k)
        ]
        let_in, forget, let_out = map(sigmoid, bars[:3])
        memory[k, n] = forget * c[k, n] + let_in * mpmath.tanh(bars[3])
        output[k, n] = let_out * mpmath.tanh(memory[k, n])
    return output, memory


def residual(x, W):
    v, places = over(*x.shape)
    for r, i in places:
        v[r, i] = x[r, i] + sum(W[r, s] * max(x[s, i], 0) for s in range(len(x)))
    return v


def l2_penalty(W, strength):
    return sum(strength * entry**2 / 2 for entry in W.flat)


class Case(NamedTuple):
    """A definition, the shapes of what is differentiated, and the inputs that are given."""

    definition: Callable[..., Any]
    shapes: dict[str, tuple[int, ...]]
    given: dict[str, Any]


QUARTER = Fraction(1, 4)
MASK = np.array([[1, 0, 1], [1, 1, 0]])
WORDS = np.array([2, 0, 2, 3, 2])

RATIONAL = {
    "linear": Case(linear, {"x": (2, 3), "W": (4, 2), "b": (4, 1)}, {}),
    "relu": Case(each(lambda u: max(u, 0)), {"z": (2, 3)}, {}),
    "leaky relu": Case(each(lambda u, slope: max(u, slope * u)), {"z": (2, 3)}, {"slope": QUARTER}),
    "dropout": Case(dropout, {"x": (2, 3)}, {"mask": MASK, "keep": QUARTER}),
    "embedding": Case(embedding, {"E": (2, 4)}, {"index": WORDS}),
    "max pooling": Case(max_pooling_by_two, {"x": (3, 4, 5, 2)}, {}),
    "convolution": Case(  # windows overlap, and the last column is in none
        convolution,
        {"x": (2, 5, 6, 2), "W": (3, 18), "b": (3, 1)},
        {"K": 3, "stride": 2},
    ),
    "residual": Case(residual, {"x": (2, 3), "W": (2, 2)}, {}),
    "l2 penalty": Case(l2_penalty, {"W": (2, 3)}, {"strength": QUARTER}),
}

NORM = {"x": (4, 3), "gamma": (4, 1), "beta": (4, 1)}

CASES = RATIONAL | {
    "sigmoid": Case(each(sigmoid), {"z": (2, 3)}, {}),
    "tanh": Case(each(mpmath.tanh), {"z": (2, 3)}, {}),
    "softplus": Case(each(lambda u: mpmath.log(1 + mpmath.exp(u))), {"z": (2, 3)}, {}),
    "gelu": Case(each(gelu), {"z": (2, 3)}, {}),
    "silu": Case(each(lambda u: u * sigmoid(u)), {"z": (2, 3)}, {}),
    "softmax": Case(softmax, {"z": (4, 3)}, {}),
    "cross-entropy": Case(cross_entropy, {"z": (4, 5)}, {"y": WORDS}),
    "log-softmax": Case(log_softmax, {"z": (4, 3)}, {}),
    "binary cross-entropy": Case(binary_cross_entropy, {"z": (2, 3)}, {"t": MASK}),
    "layer norm": Case(layer_norm, NORM, {}),
    "rms norm": Case(rms_norm, {"x": (4, 3), "gamma": (4, 1)}, {}),
    "batch norm": Case(batch_norm, NORM, {}),
    "attention": Case(attention, {"Q": (2, 3), "K": (2, 4), "V": (5, 4)}, {}),
    "lstm": Case(
        lstm,
        {"x": (2, 4), "h": (3, 4), "c": (3, 4), "V": (12, 2), "U": (12, 3), "b": (12, 1)},
        {},
    ),
}


def drawn(case, kind):
    """Return inputs of both signs in eighths, none zero and no two equal, as numbers of a kind."""
    generator, inputs = np.random.default_rng(5), {}
    for name, shape in case.shapes.items():
        size = int(np.prod(shape))
        eighths = 2 * generator.permutation(size) - size + (size + 1) % 2
        inputs[name] = numbers(eighths.reshape(shape), kind) / kind(8)
    return inputs


def numbers(whole, kind):
    """Return an array of whole numbers as one of `kind`."""
    if kind is float:
        return whole.astype(float)
    return np.array([kind(int(entry)) for entry in whole.flat], dtype=object).reshape(whole.shape)


def run(layer, inputs, given):
    """Return the outputs as a list, and a function from their derivatives to those by name."""
    out, cache = layer.forward(**inputs, **given)
    several = isinstance(out, tuple)

    def backward(douts):
        grads = layer.backward(tuple(douts) if several else douts[0], cache)
        return dict(zip(inputs, grads if isinstance(grads, tuple) else (grads,), strict=True))

    return list(out) if several else [out], backward


def defined(case, inputs):
    """Return the outputs of the definition, as a list."""
    out = case.definition(**inputs, **case.given)
    return list(out) if isinstance(out, tuple) else [out]


def derivatives(outs, kind):
    """Return a derivative from above for each output: whole numbers of both signs, none zero."""
    generator = np.random.default_rng(6)
    return [numbers(generator.choice([-3, -2, -1, 1, 2], np.shape(out)), kind) for out in outs]


def differences(case, inputs, douts, h):
    """Return the central differences of the sum of douts times outputs, by each entry."""

    def loss(name, place, step):
        moved = inputs[name].copy()
        moved[place] += step
        outs = defined(case, inputs | {name: moved})
        return sum(np.sum(dout * out) for dout, out in zip(douts, outs, strict=True))

    slopes = {name: np.empty(array.shape, dtype=object) for name, array in inputs.items()}
    for name, array in inputs.items():
        for place in np.ndindex(*array.shape):
            slopes[name][place] = (loss(name, place, h) - loss(name, place, -h)) / (2 * h)
    return slopes


def close(found, wanted):
    """Whether floats are those of 50 digits, to 1e-12 of the largest of them."""
    wanted = np.asarray(wanted).astype(float)
    return np.shape(found) == wanted.shape and np.abs(found - wanted).max() <= 1e-12 * max(
        1, np.abs(wanted).max()
    )


def floating(given):
    """Return the given inputs with floats for fractions, as they are used in training."""
    return {name: float(v) if isinstance(v, Fraction) else v for name, v in given.items()}


def test_every_layer_has_a_definition_here():
    assert set(CASES) == set(LAYERS)


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_its_definition_and_backward_its_derivative(name):
    case = CASES[name]
    outs, backward = run(LAYERS[name], drawn(case, float), floating(case.given))
    grads = backward(derivatives(outs, float))
    with mpmath.workdps(50):
        inputs = drawn(case, mpmath.mpf)
        given = {
            n: mpmath.mpf(v) if n == "strength" else v for n, v in floating(case.given).items()
        }
        exact = case._replace(given=given)
        wanted = defined(exact, inputs)
        slopes = differences(exact, inputs, derivatives(wanted, mpmath.mpf), mpmath.mpf("1e-20"))
        assert all(map(close, outs, wanted))
        assert grads.keys() == slopes.keys()
        assert all(close(grads[which], slopes[which]) for which in slopes)


@pytest.mark.parametrize("name", RATIONAL)
def test_without_roots_and_exponentials_a_layer_is_exact_on_fractions(name):
    case = RATIONAL[name]
    inputs = drawn(case, Fraction)
    outs, backward = run(LAYERS[name], inputs, case.given)
    wanted = defined(case, inputs)
    assert all(np.array_equal(*pair) for pair in zip(outs, wanted, strict=True))
    douts = derivatives(outs, Fraction)
    grads, slopes = backward(douts), differences(case, inputs, douts, Fraction(1, 2**20))
    assert all(np.array_equal(grads[which], slopes[which]) for which in slopes)


@pytest.mark.parametrize("name", CASES)
def test_a_second_call_of_backward_gives_the_same_and_nothing_is_changed(name):
    case = CASES[name]
    inputs, given = drawn(case, float), floating(case.given)
    before = {which: array.copy() for which, array in inputs.items()}
    outs, backward = run(LAYERS[name], inputs, given)
    douts = derivatives(outs, float)
    kept = [np.copy(dout) for dout in douts]
    first = {which: np.copy(grad) for which, grad in backward(douts).items()}
    second = backward(douts)
    assert all(np.array_equal(first[which], second[which]) for which in inputs)
    assert all(np.array_equal(before[which], inputs[which]) for which in inputs)
    assert all(map(np.array_equal, kept, douts))


def test_at_a_kink_the_activations_take_the_slope_on_the_left():
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    assert activations.relu_backward(one, activations.relu(zero)[1]) == 0
    assert activations.leaky_relu_backward(one, activations.leaky_relu(zero, 0.25)[1]) == 0.25


def test_of_equal_entries_in_a_window_the_first_wins():
    out, cache = max_pooling.forward(np.full((1, 2, 2, 1), 3.0))
    assert max_pooling.backward(np.ones_like(out), cache).ravel().tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("name", ["softplus", "softmax", "cross-entropy", "log-softmax"])
def test_large_scores_do_not_overflow(name):
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    given = {"y": np.array([1, 1])} if name == "cross-entropy" else {}
    outs, _ = run(LAYERS[name], {"z": z}, given)
    assert np.isfinite(outs[0]).all()
