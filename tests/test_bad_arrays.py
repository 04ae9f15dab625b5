"""Every array is accepted as it is or refused by name: what was expected, what came, the mend.

The kinds of bad input follow a survey of what NumPy, scikit-learn and PyTorch do with each of
them.  Shapes that do not fit each other are in test_bad_shapes.py, knobs and labels in
test_bad_arguments.py, what is accepted and never written to in test_untouched_input.py.  These
rows of the survey cannot reach a network, a pass or a loss:

    a transposed square array             no shape tells it from the right one
    `-mask` on bools                      no mask is an argument
    one-hot columns that sum to 2         labels are whole numbers, one an example
    the logarithm of a probability 0      losses take logits, so no probability is an argument
    batch normalisation, eps, axes        there is no such layer, and no axis is an argument
    in-place finite differences of ints   exact differences run in fractions, on copies
    what a judged backward pass returns   test_wrong_backward.py and test_proof.py
    a random or stateful forward pass     the package owns the forward pass
"""

import re
from fractions import Fraction

import numpy as np
import pytest

from backproof import (
    Gradient,
    Network,
    backward,
    binary_cross_entropy,
    forward,
    sgd,
    softmax_cross_entropy,
    squared_error,
    train,
)
from backproof.checkpointing import checkpointed

NETWORK = Network.he([2, 3, 4], seed=0)
X, Y = np.arange(10.0).reshape(2, 5) - 4, np.arange(20.0).reshape(4, 5) / 20
TAPE = forward(NETWORK, X)
GRADIENT = backward(NETWORK, TAPE, Y)
KNOBS = {"rate": 0.1, "batch_size": 2, "epochs": 1, "seed": 0}


def start(z):
    """Return the start of the squared error against Y."""
    return squared_error.start(z, Y)


def step(W):
    """Take a step along a gradient with ∂L/∂W_0 given."""
    return sgd(NETWORK, Gradient(GRADIENT.b, [W, GRADIENT.W[1]], GRADIENT.x), 0.1)


# Where an array enters: its name in messages, a good value, and what takes it.
DOORS = {
    "forward": ("x", X, lambda x: forward(NETWORK, x)),
    "backward": ("dz_M", Y, lambda dz: backward(NETWORK, TAPE, dz)),
    "checkpointed": ("x", X, lambda x: checkpointed(NETWORK, x, start, every=1)),
    "train": ("x", X, lambda x: train(NETWORK, x, Y, squared_error, **KNOBS)),
    "weights": ("W[1]", NETWORK.W[1], lambda W: Network(W=[NETWORK.W[0], W], b=NETWORK.b)),
    "biases": ("b[0]", NETWORK.b[0], lambda b: Network(W=NETWORK.W, b=[b, NETWORK.b[1]])),
    "sgd": ("gradient.W[0]", GRADIENT.W[0], step),
    "targets": ("y", Y, lambda y: squared_error(Y, y)),
    "targets of start": ("y", Y, lambda y: squared_error.start(Y, y)),
    "targets of train": ("y", Y, lambda y: train(NETWORK, X, y, squared_error, **KNOBS)),
    "probabilities": ("y", Y, lambda y: binary_cross_entropy(Y, y)),
}
OUTPUTS = {
    "outputs": ("z", Y, lambda z: squared_error(z, Y)),
    "outputs of start": ("z", Y, lambda z: squared_error.start(z, Y)),
    "logits": ("z", Y, lambda z: softmax_cross_entropy(z, [0, 1, 2, 3, 0])),
}


def filled(entry):
    """Return a function that makes an array of objects, each `entry`, in the shape of another."""

    def fill(good):
        array = np.empty(good.shape, dtype=object)
        for place in np.ndindex(good.shape):
            array[place] = entry
        return array

    return fill


def with_one(entry, among=None):
    """Return a function that puts `entry` last into a copy, or among entries `among`."""

    def plant(good):
        array = good.copy() if among is None else filled(among)(good)
        array[-1, -1] = entry
        return array

    return plant


# What is wrong with an array whatever it is for, the exception, and what the message says:
# NAME stands for the argument, \d for a number and .* for anything.
BAD = {
    "None": (lambda _: None, TypeError, "NAME is None; an array was expected"),
    "1-D": (
        lambda good: good[0],
        ValueError,
        r"NAME must have two dimensions, but has shape (\d,). For one column pass NAME[:, None]",
    ),
    "3-D": (
        lambda good: good[None],
        ValueError,
        r"NAME must have two dimensions, but has shape (1, \d, \d).*NAME.reshape(len(NAME), -1).T",
    ),
    "0-D": (
        lambda _: 3.0,
        ValueError,
        "NAME must have two dimensions, but has shape (). For a single number pass [[NAME]]",
    ),
    "no column": (lambda good: good[:, :0], ValueError, r"NAME has shape (\d, 0): there is nothin"),
    "no row": (
        lambda good: good[:0],
        ValueError,
        r"NAME has shape (0, \d): there is nothing in it",
    ),
    "an empty list": (lambda _: [[]], ValueError, "NAME has shape (1, 0): there is nothing in it"),
    "integers": (
        lambda good: good.astype(int),
        TypeError,
        "NAME has dtype int64; expected float64 or float32. Pass NAME.astype(float); or, for exact",
    ),
    "a list of ints": (
        lambda good: good.astype(int).tolist(),
        TypeError,
        "NAME has dtype int64; expected float64 or float32",
    ),
    "bytes of 0 to 255": (
        lambda good: good.astype(np.uint8),
        TypeError,
        "NAME has dtype uint8; expected float64 or float32. Pass NAME.astype(float)",
    ),
    "bools": (
        lambda good: good > 0,
        TypeError,
        "NAME has dtype bool; expected float64 or float32. Pass NAME.astype(float)",
    ),
    "float16": (
        lambda good: good.astype(np.float16),
        TypeError,
        "NAME has dtype float16; expected float64 or float32. Pass NAME.astype(float)",
    ),
    "the other byte order": (
        lambda good: good.astype(">f8"),
        TypeError,
        "NAME has dtype >f8; expected float64 or float32. Pass NAME.astype(float)",
    ),
    "complex": (
        lambda good: good + 0j,
        TypeError,
        "NAME has dtype complex128; expected float64 or float32. Complex numbers have no order",
    ),
    "a string": (
        lambda _: "weights",
        TypeError,
        "NAME has dtype <U7; expected float64 or float32. It holds no numbers",
    ),
    "strings": (lambda good: good.astype(str), TypeError, "NAME has dtype <U.*It holds no numbers"),
    "bytes": (lambda _: b"1", TypeError, "NAME has dtype |S1; expected float64 or float32"),
    "dates": (lambda good: good.astype(int).astype("M8[s]"), TypeError, "NAME has dtype datetime"),
    "a dict": (lambda _: {0: 1.0}, TypeError, "NAME holds {0: 1.0} at (), which is no number"),
    "objects: a string": (
        with_one("1", among=Fraction(1)),
        TypeError,
        r"NAME holds '1' at (\d, \d), which is no number (str does not add, subtract and multiply)",
    ),
    "objects: None": (filled(None), TypeError, "NAME holds None at (0, 0), which is no number"),
    "objects: bools": (filled(entry=True), TypeError, "NAME holds True at (0, 0), which is no num"),
    "objects: NumPy bools": (
        filled(np.True_),
        TypeError,
        "NAME holds np.True_ at (0, 0), which is no number",
    ),
    "objects: complex": (filled(1j), TypeError, "NAME holds 1j at (0, 0). Complex numbers have no"),
    "objects: floats": (
        filled(0.5),
        TypeError,
        (
            "NAME holds 0.5 at (0, 0), a float among exact entries, which would round. Pass "
            "NAME.astype(float), or as_fractions(NAME), from backproof.numbers.rational"
        ),
    ),
    "objects: NumPy floats": (
        filled(np.float32(0.5)),
        TypeError,
        "NAME holds np.float32(0.5) at (0, 0), a float among exact entries",
    ),
    "objects: NaN": (filled(float("nan")), TypeError, "NAME holds nan at (0, 0), a float among"),
    "a ragged list": (
        lambda _: [[1.0], [1.0, 2.0]],
        ValueError,
        "NAME is no array of one shape: setting an array element with a sequence",
    ),
    "NaN": (with_one(np.nan), ValueError, r"NAME holds nan at (\d, \d); every entry must be finit"),
    "infinity": (with_one(np.inf), ValueError, r"NAME holds inf at (\d, \d); every entry must be"),
    "minus infinity": (with_one(-np.inf), ValueError, r"NAME holds -inf at (\d, \d); every entry"),
    "a matrix": (
        lambda good: good.view(np.matrix),
        TypeError,
        "NAME is a numpy matrix, whose `*` or `sum` means something else. Pass numpy.asarray(NAME)",
    ),
    "a masked array": (
        lambda good: np.ma.array(good, mask=good > 0),
        TypeError,
        "NAME is a numpy MaskedArray, whose `*` or `sum` means something.*masked entries filled",
    ),
}

OF_ANOTHER_KIND = {
    "float32 among float64": (
        lambda good: good.astype(np.float32),
        (
            "NAME has dtype float32, but .* has dtype float64. One run, one dtype: pass "
            "NAME.astype(numpy.float64)"
        ),
    ),
    "fractions among floats": (
        filled(Fraction(1, 2)),
        (
            "NAME has dtype object, but .* has dtype float64. One run, one dtype: pass "
            "NAME.astype(numpy.float64)"
        ),
    ),
}


def says(text, name):
    """Return a pattern for `text`, in which NAME is `name`."""
    pattern = re.escape(text.replace("NAME", name))
    return pattern.replace(r"\\d", r"\d+").replace(r"\.\*", ".*")


@pytest.mark.parametrize("door", DOORS | OUTPUTS)
@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_matrix_of_reals_is_refused(door, kind):
    """At every door the message names the argument and says what came."""
    name, good, enter = (DOORS | OUTPUTS)[door]
    spoil, error, message = BAD[kind]

    with pytest.raises(error, match=says(message, name)):
        enter(spoil(good))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", OF_ANOTHER_KIND)
def test_one_run_has_one_dtype(door, kind):
    """Another kind of number than that of the rest is refused, with the conversion to make."""
    name, good, enter = DOORS[door]
    spoil, message = OF_ANOTHER_KIND[kind]

    with pytest.raises(TypeError, match=says(message, name)):
        enter(spoil(good))


def test_floats_among_fractions_are_told_to_become_fractions():
    """For exact numbers the mend is as_fractions, since other objects would round."""
    exact = NETWORK.map(lambda array: array.astype(int).astype(object))

    with pytest.raises(TypeError, match=r"pass as_fractions\(x\), from backproof.numbers.rational"):
        forward(exact, X)


@pytest.mark.parametrize("door", DOORS | OUTPUTS)
def test_a_good_array_passes(door):
    """What the tests above spoil is accepted unspoilt, also as nested lists."""
    _, good, enter = (DOORS | OUTPUTS)[door]

    assert enter(good) is not None
    assert enter(good.tolist()) is not None
