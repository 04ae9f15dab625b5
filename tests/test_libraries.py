"""The recursion on any array library: here on the one that refuses what the standard leaves open.

array-api-strict has what the array API standard promises, and nothing else.  Two habits of the
book are not promised, although NumPy, PyTorch, JAX, CuPy and Dask all have them: the sum as a
method, and a mask times a number.  `standard` adds these two; no third is needed.

What needs the libraries themselves is in tests_extra, run by `make arrays`.
"""

import re
import subprocess
import sys

import array_api_strict as xp
import numpy as np
import pytest
from array_api_strict._array_object import Array

from backproof import (
    Network,
    backward,
    binary_cross_entropy,
    forward,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    relu,
    sgd,
    sigmoid,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
)
from backproof.checkpointing import checkpointed
from backproof.numbers.integers import small_integer_network, small_integers

WIDTHS, N = [3, 5, 4, 2], 7
GENERATOR = np.random.default_rng(0)
X = small_integers((3, N), GENERATOR)
TARGETS = {
    squared_error: small_integers((2, N), GENERATOR),
    softmax_cross_entropy: GENERATOR.integers(0, 2, N),
    binary_cross_entropy: GENERATOR.random((2, N)),
}
EXACT = [relu, leaky_relu(0.25), identity]
"""Of a network of whole numbers these make numbers without rounding."""
ROUNDED = [tanh, sigmoid, softplus, gelu_tanh]

PRODUCT = Array.__mul__


def masked(self, other):
    """Return a product in which a mask counts as ones and zeros."""
    return PRODUCT(self if self.dtype != xp.bool else xp.astype(self, other.dtype), other)


@pytest.fixture
def standard(monkeypatch):
    """Give the arrays of the standard the two habits that all libraries have."""
    monkeypatch.setattr(Array, "sum", xp.sum, raising=False)
    monkeypatch.setattr(Array, "__mul__", masked)


def run(network, x, y, loss):
    """Return the loss, every array of the gradient, and every parameter after one step."""
    tape = forward(network, x)
    gradient = backward(network, tape, loss.start(tape.output, y))
    after = sgd(network, gradient, 0.5)
    return [loss(tape.output, y), *gradient.W, *gradient.b, gradient.x, *after.W, *after.b]


def both(activation, loss, dtype=float):
    """Run NumPy and the standard on the same numbers; return the pairs of arrays."""
    network = small_integer_network(WIDTHS, seed=1, activation=activation)
    network = network.map(lambda array: array.astype(dtype))
    x, y = X.astype(dtype), TARGETS[loss]
    y = y if loss is softmax_cross_entropy else y.astype(dtype)
    other = run(network.map(xp.asarray), xp.asarray(x), xp.asarray(y), loss)
    return list(zip(run(network, x, y, loss), other, strict=True))


@pytest.mark.usefixtures("standard")
@pytest.mark.parametrize("activation", EXACT, ids=repr)
def test_whole_numbers_give_the_gradient_of_numpy(activation):
    """On small whole numbers, kinks included, every array is equal to NumPy's."""
    for ours, theirs in both(activation, squared_error):
        assert isinstance(theirs, Array)
        assert np.array_equal(np.asarray(theirs), ours)


@pytest.mark.usefixtures("standard")
@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
def test_every_activation_and_loss_runs(activation, loss):
    """Where exponentials round, the two agree as far as floats do."""
    for ours, theirs in both(activation, loss):
        assert np.allclose(np.asarray(theirs), ours, rtol=1e-12, atol=1e-12)


@pytest.mark.usefixtures("standard")
@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
def test_the_dtype_follows_the_input(activation, loss):
    """Nothing on the way makes float64 of float32."""
    for _, theirs in both(activation, loss, np.float32):
        assert theirs.dtype == xp.float32


@pytest.mark.usefixtures("standard")
def test_checkpoints_run_too():
    """The segments are the same recursion, and so is their gradient."""
    network = small_integer_network(WIDTHS, seed=1).map(xp.asarray)
    x, y = xp.asarray(X), xp.asarray(TARGETS[squared_error])
    tape = forward(network, x)
    stored = backward(network, tape, squared_error.start(tape.output, y))
    less = checkpointed(network, x, lambda z: squared_error.start(z, y), every=2)

    assert all(bool(xp.all(a == b)) for a, b in zip(stored.W, less.W, strict=True))


def test_only_two_habits_are_beyond_the_standard(monkeypatch):
    """Without the sum as a method, or without the product with a mask, a run is refused."""
    monkeypatch.setattr(Array, "sum", xp.sum, raising=False)
    with pytest.raises(TypeError, match="Only numeric dtypes are allowed in __mul__"):
        both(relu, squared_error)

    monkeypatch.delattr(Array, "sum")
    monkeypatch.setattr(Array, "__mul__", masked)
    with pytest.raises(AttributeError, match="no attribute 'sum'"):
        both(relu, squared_error)


def test_a_network_describes_itself():
    """Parameters are counted and printed for any library."""
    network = Network.he([2, 3, 4], seed=0).map(xp.asarray)

    assert network.size == 2 * 3 + 3 + 3 * 4 + 4
    assert "2-3-4, ReLU" in repr(network)
    assert "float64, 25 parameters" in repr(network)


OURS, THEIRS = Network.he([3, 4, 2], seed=0), Network.he([3, 4, 2], seed=0).map(xp.asarray)
Z = xp.asarray(TARGETS[squared_error])
BAD = {
    "NumPy's data": (
        lambda: forward(THEIRS, X),
        (
            "x is an array of numpy, but the network is one of array_api_strict. "
            "One run, one library: pass array_api_strict.asarray(x)."
        ),
    ),
    "data for NumPy": (
        lambda: forward(OURS, xp.asarray(X)),
        (
            "x is an array of array_api_strict, but the network is one of numpy. "
            "One run, one library: pass numpy.asarray(x)."
        ),
    ),
    "a mixed network": (
        lambda: Network(W=[*THEIRS.W[:1], *OURS.W[1:]], b=THEIRS.b),
        "W[1] is an array of numpy, but W[0] is one of array_api_strict.",
    ),
    "NumPy's labels": (
        lambda: softmax_cross_entropy(Z, TARGETS[softmax_cross_entropy]),
        "y is an array of numpy, but z is one of array_api_strict.",
    ),
    "whole numbers": (
        lambda: forward(THEIRS, xp.asarray(X.astype(int))),
        "x has dtype array_api_strict.int64; expected float64 or float32 of array_api_strict.",
    ),
    "another dtype": (
        lambda: forward(THEIRS, xp.asarray(X.astype(np.float32))),
        (
            "x has dtype array_api_strict.float32, but the network has dtype "
            "array_api_strict.float64. One run, one dtype: pass x converted to "
            "array_api_strict.float64."
        ),
    ),
    "one dimension": (
        lambda: forward(THEIRS, xp.asarray(X[:, 0])),
        "x must have two dimensions, but has shape (3,). For one column pass x[:, None]",
    ),
    "transposed": (
        lambda: forward(THEIRS, xp.asarray(X.T)),
        (
            "x must have shape (3, 7), as tall as W[0], of shape (4, 3), is wide, one column an "
            "example, but has shape (7, 3). Its transpose fits: pass x.T."
        ),
    ),
    "no number": (
        lambda: forward(THEIRS, xp.asarray([[1.0], [2.0], [np.nan]])),
        "x holds nan at (2, 0); every entry must be finite.",
    ),
    "floats for labels": (
        lambda: softmax_cross_entropy(Z, xp.asarray(np.ones(N))),
        "y must hold class labels, whole numbers, but has dtype array_api_strict.float64.",
    ),
    "a label of no class": (
        lambda: softmax_cross_entropy(Z, xp.asarray([0, 1, 2, 0, 0, 0, 0])),
        "y[2] is 2, but with 2 classes a label is one of 0, ..., 1.",
    ),
    "no probability": (
        lambda: binary_cross_entropy(Z, Z),
        "y must hold probabilities of the class 1, between 0 and 1, but ranges from -3.0 to 3.0.",
    ),
    "no erfc": (
        lambda: gelu(Z),
        "array_api_strict has no erfc, which the GELU is made of. Use gelu_tanh.",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_does_not_fit_is_refused_by_name(bad):
    """The doors say of any library's array what was expected, what came, and the mend."""
    call, message = BAD[bad]
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call()


def test_the_package_alone_imports_only_the_core_of_numpy():
    """Drawing numbers loads a quarter as much again; who loads a network draws none."""
    code = "import sys, backproof; print('numpy.random' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "False\n"


def test_the_package_imports_no_library():
    """Who trains with NumPy waits for no other library, nor for the bridge to them."""
    code = (
        "import sys, numpy as np, backproof as b\n"
        "n = b.Network.he([2, 3, 1], seed=0)\n"
        "t = b.forward(n, np.ones((2, 4)))\n"
        "b.backward(n, t, b.squared_error.start(t.output, np.ones((1, 4))))\n"
        "slow = {'torch', 'jax', 'cupy', 'dask', 'array_api_compat', 'scipy', 'sympy'}\n"
        "print(slow & sys.modules.keys())"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "set()\n"
