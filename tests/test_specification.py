"""The definitions of layers and losses, held to NumPy's short ways of saying the same."""

import inspect
import re
from importlib import import_module
from math import erf, pi, sqrt

import numpy as np
import pytest

from backproof import check
from backproof.checking.functions.definitions import DEFINITIONS
from backproof.checking.functions.inputs import declared, of_sizes, size_of
from backproof.checking.functions.specification import specification
from backproof.numbers.exact_real import exact
from backproof.numbers.traced import Graph, value_of

SIZES = dict(zip("NDMCTSFHV", (3, 4, 2, 3, 3, 2, 5, 2, 4), strict=True))


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def normal(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def entropies(z, y):
    return -np.log(softmax(z))[np.arange(len(y)), y]


def attention(Q, K, V):
    return softmax(Q @ K.T / np.sqrt(K.shape[1])) @ V


def causal(Q, K, V):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    return softmax(np.where(np.tri(len(Q), dtype=bool), scores, -np.inf)) @ V


def lstm(x, h, c, Wx, Wh, b):  # noqa: PLR0917  the cell has six inputs
    i, f, o, g = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    memory = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(memory), memory


def lstm_columns(*inputs):
    x, h, c, Wx, Wh, b = inputs
    return tuple(out.T for out in lstm(x.T, h.T, c.T, Wx.T, Wh.T, b[:, 0]))


def correlation(x, w, b):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("ncijpq,mcpq->nmij", windows, w) + b[:, None, None]


def correlation_columns(x, W, b):
    w = W.reshape(len(W), len(x), 2, 2)
    return np.moveaxis(correlation(np.moveaxis(x, -1, 0), w, b[:, 0]), 0, -1)


def pooled(x, first=2):
    shape = x.shape
    split = x.reshape(*shape[:first], shape[first] // 2, 2, shape[first + 1] // 2, 2, -1)
    out = split.max(axis=(first + 1, first + 3))
    return out.reshape(*out.shape[:-1]) if out.shape[-1] == 1 else out


def logits_losses(z, t):
    return -t * np.log(sigmoid(z)) - (1 - t) * np.log(1 - sigmoid(z))


def probability_losses(p, t):
    return -np.where(t, np.log(p), np.log(1 - p))


SHORT = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softplus": lambda x: np.logaddexp(0, x),
    "gelu": lambda x: x * np.vectorize(lambda v: 0.5 + 0.5 * erf(v / sqrt(2)))(x),
    "gelu, tanh": lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / pi) * (x + 0.044715 * x**3))),
    "silu": lambda x: x * sigmoid(x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "linear": lambda x, W, b: x @ W + b,
    "linear, outputs first": lambda x, W, b: x @ W.T + b,
    "linear, columns": lambda x, W, b: b + W @ x,
    "softmax": softmax,
    "softmax, columns": lambda x: softmax(x, axis=0),
    "log-softmax": lambda x: np.log(softmax(x)),
    "log-softmax, columns": lambda x: np.log(softmax(x, axis=0)),
    "layer norm": lambda x, gamma, beta: gamma * normal(x, 1) + beta,
    "layer norm, columns": lambda x, gamma, beta: gamma * normal(x, 0) + beta,
    "batch norm": lambda x, gamma, beta: gamma * normal(x, 0) + beta,
    "batch norm, columns": lambda x, gamma, beta: gamma * normal(x, 1) + beta,
    "rms norm": lambda x, gamma: gamma * x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-5),
    "rms norm, columns": lambda x, gamma: gamma * x / np.sqrt((x**2).mean(0) + 1e-5),
    "dropout": lambda x, mask: x * mask,
    "residual": lambda x, f: x + f,
    "embedding": lambda idx, E: E[idx],
    "max pooling": pooled,
    "max pooling, columns": lambda x: pooled(x, first=1),
    "convolution": correlation,
    "convolution, columns": correlation_columns,
    "attention": attention,
    "attention, causal": causal,
    "attention, columns": lambda Q, K, V: attention(Q.T, K.T, V.T).T,
    "lstm cell": lstm,
    "lstm cell, columns": lstm_columns,
    "softmax cross-entropy": lambda z, y: entropies(z, y).mean(),
    "softmax cross-entropy, sum": lambda z, y: entropies(z, y).sum(),
    "softmax cross-entropy, mean": lambda z, y: entropies(z, y).mean(),
    "softmax cross-entropy, each": entropies,
    "softmax cross-entropy, columns": lambda z, y: entropies(z.T, y).mean(),
    "softmax cross-entropy, columns, sum": lambda z, y: entropies(z.T, y).sum(),
    "softmax cross-entropy, columns, mean": lambda z, y: entropies(z.T, y).mean(),
    "softmax cross-entropy, columns, each": lambda z, y: entropies(z.T, y),
    "binary cross-entropy with logits, sum": lambda z, t: logits_losses(z, t).sum(),
    "binary cross-entropy with logits, mean": lambda z, t: logits_losses(z, t).mean(),
    "binary cross-entropy with logits, each": logits_losses,
    "binary cross-entropy": lambda p, t: probability_losses(p, t).mean(),
    "binary cross-entropy, sum": lambda p, t: probability_losses(p, t).sum(),
    "binary cross-entropy, mean": lambda p, t: probability_losses(p, t).mean(),
    "binary cross-entropy, each": probability_losses,
    "squared error, sum": lambda p, t: ((p - t) ** 2).sum(),
    "squared error, mean": lambda p, t: ((p - t) ** 2).mean(),
    "squared error, each": lambda p, t: (p - t) ** 2,
    "squared error, half": lambda p, t: ((p - t) ** 2).sum() / 2,
    "squared error, mean over examples": lambda p, t: ((p - t) ** 2).sum(axis=1).mean(),
    "squared error, half mean over examples": lambda p, t: ((p - t) ** 2).sum(axis=1).mean() / 2,
    "l2 penalty": lambda W, lam: lam / 2 * (W**2).sum(),
    "l2 penalty, without half": lambda W, lam: lam * np.linalg.norm(W) ** 2,
}


def drawn(text, seed):
    """Return float inputs for a declaration."""
    generator = np.random.default_rng(seed)
    found = {}
    for name, each in declared(text).items():
        shape = tuple(size_of(size, SIZES) for size in each.sizes)
        if each.kind == "whole":
            found[name] = generator.integers(0, size_of(each.bound, SIZES), size=shape)
        elif each.kind == "choice":
            found[name] = generator.choice(each.bound, size=shape)
        elif each.kind == "interval":
            found[name] = generator.uniform(0.1, 0.9, size=shape)
        else:
            found[name] = generator.normal(size=shape)
    return found


def exactly(array):
    """Return the entries of a float array as numbers that functions take, others as they are."""
    graph = Graph()
    if np.asarray(array).dtype != float:
        return array
    return np.frompyfunc(lambda value: graph.entry(exact(value), "input"), 1, 1)(array)


def as_floats(out):
    return np.vectorize(lambda entry: float(value_of(entry)), otypes=[float])(out)


def test_every_definition_has_a_short_form_to_be_held_to():
    assert set(SHORT) == set(DEFINITIONS)


@pytest.mark.parametrize("name", SHORT)
def test_a_definition_is_what_numpy_says_in_short(name):
    for seed in range(3):
        inputs = drawn(DEFINITIONS[name].inputs, seed)
        ours = map(exactly, inputs.values())
        found, wanted = DEFINITIONS[name].function(*ours), SHORT[name](*inputs.values())
        pairs = (
            [*zip(found, wanted, strict=True)] if isinstance(wanted, tuple) else [(found, wanted)]
        )
        for exact_out, numpys in pairs:
            assert np.shape(exact_out) == np.shape(numpys)
            np.testing.assert_allclose(as_floats(exact_out), numpys, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_declares_its_inputs_in_their_order(name):
    definition = DEFINITIONS[name]
    taken = list(inspect.signature(definition.function).parameters)
    assert list(declared(definition.inputs)) == taken[: len(declared(definition.inputs))]
    assert definition.sentence.endswith(".")


def compared_with(verdict):
    """Return what the notes say that forward was compared with."""
    told = "forward was compared with the specification of "
    return next(note.removeprefix(told) for note in verdict.notes if note.startswith(told))


def linear(x, W, b):
    return x @ W + b


def linear_backward(dout, x, W):
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)


def test_a_forward_that_is_the_layer_is_said_to_have_been_compared():
    verdict = check(linear, linear_backward, "x: N D, W: D M, b: M", spec="linear")
    assert verdict
    assert "forward was compared with the specification of linear" in verdict.notes


def test_inputs_of_other_names_are_taken_in_their_order():
    def forward(features, weights):
        return features @ weights

    def backward(dout, features, weights):
        return dout @ weights.T, features.T @ dout

    assert check(forward, backward, "features: N D, weights: D M", spec="Linear")


def test_inputs_of_the_same_names_are_taken_by_name():
    def forward(W, b, x):
        return x @ W + b

    def backward(dout, W, x):
        return x.T @ dout, dout.sum(axis=0), dout @ W.T

    assert check(forward, backward, "W: D M, b: M, x: N D", spec="linear")


def test_labels_are_told_from_scores_by_being_whole():
    def forward(labels, scores):
        p = softmax(scores)
        return -np.log(p[np.arange(len(labels)), labels]).mean(), p

    def backward(labels, p):
        d = p.copy()
        d[np.arange(len(labels)), labels] -= 1
        return d / len(labels)

    inputs = "labels: N in C, scores: N C"
    assert check(forward, backward, inputs, spec="softmax cross-entropy")
    verdict = check(forward, backward, inputs, spec="softmax cross-entropy, sum")
    assert verdict.cause == "specification"
    assert "forward agrees with 'softmax cross-entropy, mean' at these points" in verdict.witness


def test_a_right_derivative_of_a_wrong_function_is_refused_with_a_place():
    def forward(x, W, b):
        return 2 * (x @ W) + b

    def backward(dout, x, W):
        return 2 * dout @ W.T, 2 * x.T @ dout, dout.sum(axis=0)

    verdict = check(forward, backward, "x: N D, W: D M, b: M", spec="linear")
    assert not verdict
    assert verdict.claim == "forward is linear"
    assert re.match(r"out\[\d, \d\] of linear is ", verdict.witness)
    assert "out[n, m] = b[m] + the sum over d of x[n, d] W[d, m]." in verdict.witness


def test_an_option_is_read_from_the_fixed_input_of_its_name():
    def forward(x, alpha):
        return np.where(x > 0, x, alpha * x)

    def backward(dout, x, alpha):
        return np.where(x > 0, dout, alpha * dout)

    assert check(forward, backward, "x: N D, alpha = 0.2", spec="leaky relu")


def leaky(x, slope=0.2):
    return np.where(x > 0, x, slope * x)


def leaky_backward(dout, x):
    return np.where(x > 0, dout, 0.2 * dout)


def test_an_option_is_read_from_the_default_of_forward():
    verdict = check(leaky, leaky_backward, "x: N D", spec="leaky relu")
    assert compared_with(verdict) == "leaky relu with alpha = 0.2"


def test_an_option_is_read_from_the_attributes_of_a_layer():
    class Leaky:
        def __init__(self):
            self.alpha = 0.2

        def forward(self, x):
            self.x = x
            return leaky(x, self.alpha)

        def backward(self, dout):
            return leaky_backward(dout, self.x)

    verdict = check(Leaky(), "x: N D", spec="leaky relu")
    assert compared_with(verdict) == "leaky relu with alpha = 0.2"


def test_an_option_may_be_learned():
    def backward(dout, x, alpha):
        return np.where(x > 0, dout, alpha * dout), np.where(x > 0, 0, x * dout).sum()

    def forward(x, alpha):
        return leaky(x, alpha)

    assert check(forward, backward, "x: N D, alpha: scalar", spec="leaky relu")


def test_a_setting_that_the_definition_does_not_have_is_no_input():
    def forward(x, axis):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    def backward(dout, out):
        return out * (dout - (out * dout).sum(axis=1, keepdims=True))

    assert check(forward, backward, "x: N D, axis = 1", spec="softmax")


def test_a_number_that_the_definition_takes_is_read_from_the_default_of_forward():
    def forward(W, lam=0.1):
        return lam / 2 * (W**2).sum()

    def backward(dout, W, lam=0.1):
        return dout * lam * W

    assert check(forward, backward, "W: D M", spec="l2 penalty")


def test_points_where_the_definition_is_not_finite_are_left_out():
    def forward(p, t):
        return np.where(p > 0, -t * np.log(np.abs(p)) - (1 - t) * np.log(np.abs(1 - p)), p).sum()

    def backward(dout, p, t):
        return dout * np.where(p > 0, -t / p + (1 - t) / (1 - p), 1)

    name, inputs = "binary cross-entropy, sum", "t: N in {0, 1}"
    verdict = check(forward, backward, f"p: N > 0, {inputs}", spec=name)
    assert compared_with(verdict).startswith(f"{name}, wherever that is finite")


@pytest.mark.parametrize(
    "own", [lambda x, k=2: k * x, lambda x, *, k=2: k * x], ids=["parameter", "option"]
)
def test_a_default_of_forward_does_not_change_a_function_of_ones_own(own):
    def forward(x, k=3):
        return k * x

    def backward(dout, k=3):
        return k * dout

    assert check(forward, backward, "x: N D")
    assert not check(forward, backward, "x: N D", spec=own)


def test_small_letters_are_names_too():
    def forward(q, v, k):
        p = softmax(q @ k.T / np.sqrt(q.shape[1]))
        return p @ v, p

    def backward(dout, p):
        return p.T @ dout

    assert check(forward, backward, "q: T D, v: S F, k: S D", wrt="v", spec="attention")


def test_a_row_without_a_shown_key_is_left_out():
    def forward(Q, K, V, mask):
        p = softmax(np.where(mask, Q @ K.T / np.sqrt(Q.shape[1]), -1e9))
        return p @ V, p

    def backward(dout, p):
        return p.T @ dout

    inputs = "Q: T D, K: S D, V: S F, mask: T S in {0, 1}"
    verdict = check(forward, backward, inputs, wrt="V", spec="attention")
    assert verdict
    assert compared_with(verdict).startswith("attention, wherever that is finite")


def test_a_definition_that_is_finite_nowhere_proves_nothing():
    verdict = check(
        np.square, lambda dout, x: 2 * x * dout, "x: N D", spec=lambda x: x * np.log(-(x**2))
    )
    assert verdict.witness == "the function of spec is not finite at any point that was tried"


def test_a_loss_of_one_example_takes_one_label():
    def loss(z, y):
        p = softmax(z)
        return -np.log(p[y]), p

    def gradient(p, y):
        d = p.copy()
        d[y] -= 1
        return d

    assert check(loss, gradient, "z: C, y: in C", spec="cross-entropy")


def test_a_function_of_any_number_of_inputs_takes_them_in_order():
    def forward(x, y):
        return x - y

    def backward(dout):
        return dout.copy(), -dout

    verdict = check(forward, backward, "x: N, y: N", spec=lambda *inputs: inputs[0] - inputs[1])
    assert verdict


def test_a_function_of_numpys_is_a_specification():
    assert check(np.tanh, lambda dout, x: dout * (1 - np.tanh(x) ** 2), "x: N D", spec=np.tanh)


def test_a_hidden_option_is_asked_for():
    def forward(x):
        return np.where(x > 0, x, 0.2 * x)

    def backward(dout, x):
        return np.where(x > 0, dout, 0.2 * dout)

    verdict = check(forward, backward, "x: N D", spec="leaky relu")
    assert "taken: alpha = 0.01; if yours are others, let them be arguments" in verdict.witness


def test_an_output_of_another_shape_is_no_match():
    def forward(p, t):
        return ((p - t) ** 2).sum(axis=1, keepdims=True)

    def backward(dout, p, t):
        return 2 * dout * (p - t)

    verdict = check(forward, backward, "p: N D, t: N D", wrt="p", spec="squared error, sum")
    assert verdict.witness.startswith(
        "out of squared error, sum has shape (), forward gives (2, 1)"
    )


def test_an_activation_may_take_one_number():
    def backward(dout, x):
        return dout * (1 - np.tanh(x) ** 2)

    assert check(np.tanh, backward, "x: scalar", spec="tanh")


def test_a_count_that_cannot_be_is_said_in_names():
    verdict = check(linear, linear_backward, "x: N D, W: D M, b: M", spec="relu")
    assert verdict.witness.startswith("relu takes the inputs x; forward takes x, W, b\n")


def test_sizes_that_cannot_be_are_said():
    def forward(x, W):
        return x @ W.T

    def backward(dout, x, W):
        return dout @ W, dout.T @ x

    verdict = check(forward, backward, "x: N D, W: M D", spec="linear")
    assert not verdict
    assert "linear is not defined for these inputs" in verdict.witness
    assert "forward agrees with 'linear, outputs first' at these points" in verdict.witness


def test_a_function_of_ones_own_is_a_specification_too():
    def own(x, W, b):
        out = np.zeros((len(x), len(b)))
        for n in range(len(x)):
            out[n] = x[n].dot(W) + b
        return out

    inputs = "x: N D, W: D M, b: M"
    assert check(linear, linear_backward, inputs, spec=own)
    verdict = check(linear, linear_backward, inputs, spec=lambda x, W, b: x @ W - b)
    assert re.match(r"out\[\d, \d\] of the function of spec is ", verdict.witness)


ZOO = {
    "attention": ("attention", "Q: D T, K: D S, V: F S"),
    "batch_norm": ("batch norm", "x: D N, gamma: D 1, beta: D 1"),
    "convolution": ("convolution", "x: C 3 4 N, W: M 4*C, b: M 1"),
    "layer_norm": ("layer norm", "x: D N, gamma: D 1, beta: D 1"),
    "lstm": ("lstm cell", "x: D N, h: H N, c: H N, V: 4*H D, U: 4*H H, b: 4*H 1"),
    "rms_norm": ("rms norm", "x: D N, gamma: D 1"),
}


@pytest.mark.parametrize("module", ZOO)
def test_a_layer_of_the_zoo_is_what_its_name_says(module):
    layer, (name, inputs) = import_module(f"backproof.zoo.{module}"), ZOO[module]
    verdict = check(layer.forward, layer.backward, inputs, spec=f"{name}, columns")
    assert compared_with(verdict).startswith(f"{name}, columns")


@pytest.mark.parametrize("name", ["Layer-Norm", "layernorm", "LAYER NORM", "layer_norm"])
def test_a_name_is_known_however_it_is_written(name):
    assert specification(name).name == "layer norm"


def test_an_unknown_name_gets_those_that_are_near():
    with pytest.raises(ValueError, match="'sofmax'; near it are 'softmax'"):
        specification("sofmax")


def test_a_name_like_no_other_gets_all_that_are_known():
    with pytest.raises(ValueError, match="known are relu, leaky relu"):
        specification("quux 77")


def test_what_is_neither_name_nor_function_is_refused():
    with pytest.raises(TypeError, match="name of a layer or loss, or a function, not 3"):
        specification(3)


@pytest.mark.parametrize("seed", range(3))
def test_padding_and_stride_are_those_of_zeros_around_the_image(seed):
    found = drawn("x: N C 4 5, w: M C 2 3, b: M", seed)
    x, w, b = map(exactly, found.values())
    out = DEFINITIONS["convolution"].function(x, w, b, stride=(2, 1), padding=(1, 2))
    padded = np.pad(found["x"], [(0, 0), (0, 0), (1, 1), (2, 2)])
    wanted = correlation(padded, found["w"], found["b"])[:, :, ::2]
    np.testing.assert_allclose(as_floats(out), wanted, rtol=1e-12)


def test_an_example_of_one_number_is_normalised_to_its_bias():
    x, gamma, beta = exactly(np.ones((2, 1))), exactly(np.ones(1)), exactly(np.full(1, 0.5))
    assert as_floats(DEFINITIONS["layer norm"].function(x, gamma, beta)).tolist() == [[0.5], [0.5]]


def test_a_mask_hides_keys():
    found = drawn("Q: N T F, K: N S F, V: N S D", 0)
    Q, K, V = map(exactly, found.values())
    mask = np.array([[1, 0], [1, 1], [0, 1]])
    out = DEFINITIONS["attention"].function(Q, K, V, mask)
    scores = found["Q"] @ found["K"].transpose(0, 2, 1) / np.sqrt(SIZES["F"])
    wanted = softmax(np.where(mask, scores, -np.inf)) @ found["V"]
    np.testing.assert_allclose(as_floats(out), wanted, rtol=1e-12)


def test_every_input_of_a_definition_can_be_declared():
    for definition in DEFINITIONS.values():
        for name, each in declared(definition.inputs).items():
            assert of_sizes(name, " ".join(each.sizes)).sizes == each.sizes
