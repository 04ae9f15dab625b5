"""Every knob is refused by name where it means nothing: rates, sizes, labels, lists, other runs."""

import re
from fractions import Fraction

import numpy as np
import pytest

from backproof import (
    Activation,
    Gradient,
    Network,
    backward,
    binary_cross_entropy,
    forward,
    gelu,
    identity,
    leaky_relu,
    relu,
    sgd,
    sigmoid,
    softmax_cross_entropy,
    squared_error,
    tanh,
    tiny,
    train,
)
from backproof.checkpointing import checkpointed
from backproof.numbers.rational import as_fractions
from backproof.per_example import clipped_gradient, per_example_gradient, squared_norms

NETWORK = Network.he([2, 3, 4], seed=0)
X, Y = np.arange(10.0).reshape(2, 5) - 4, np.arange(20.0).reshape(4, 5) / 20
TAPE = forward(NETWORK, X)
GRADIENT = backward(NETWORK, TAPE, Y)
LABELS = np.array([0, 1, 2, 3, 0])


def refused(error, text):
    """Return a context in which `error` is expected, with `text` in its message."""
    return pytest.raises(error, match=re.escape(text))


def trained(loss=squared_error, y=Y, **knobs):
    """Begin a training run; everything is checked before the first epoch."""
    return train(
        NETWORK, X, y, loss, **{"rate": 0.1, "batch_size": 2, "epochs": 1, "seed": 0} | knobs
    )


# The rate.

takes_a_rate = pytest.mark.parametrize(
    "step",
    [lambda rate: sgd(NETWORK, GRADIENT, rate), lambda rate: trained(rate=rate)],
    ids=["sgd", "train"],
)


@takes_a_rate
@pytest.mark.parametrize(
    "rate", [0, -1, 0.0, -0.1, float("nan"), float("inf"), -float("inf"), Fraction(-1, 2)], ids=repr
)
def test_a_rate_must_be_positive_and_finite(step, rate):
    """Zero, negative, NaN and infinite rates are refused, in training before the first step."""
    with refused(ValueError, f"rate must be a positive finite number, but is {rate}."):
        step(rate)


@takes_a_rate
@pytest.mark.parametrize(
    "rate", [None, "0.1", True, np.True_, 1j, [0.1], np.array([0.1]), b"1"], ids=repr
)
def test_a_rate_must_be_a_number(step, rate):
    """What is no number is refused with what it is; an array would be broadcast."""
    with refused(TypeError, f"rate must be a positive number, but is {rate!r}."):
        step(rate)


@pytest.mark.parametrize("rate", [0.1, np.float32(0.1)], ids=repr)
def test_a_float_rate_would_round_an_exact_network(rate):
    """A network of fractions takes no float, and the message names the fraction to pass."""
    exact = NETWORK.map(as_fractions)

    with refused(TypeError, "a float, but the network holds exact numbers. Pass a fractions.Fract"):
        sgd(exact, GRADIENT, rate)


# The gradient that sgd is given.


@pytest.mark.parametrize("gradient", [None, NETWORK, TAPE, (GRADIENT.b, GRADIENT.W)], ids=type)
def test_sgd_takes_what_backward_returns(gradient):
    """A network, or a tape, has arrays of the same names and is yet no gradient."""
    kind = type(gradient).__name__

    with refused(TypeError, f"gradient must be what backward returns, but is a {kind}."):
        sgd(NETWORK, gradient, 0.1)


@pytest.mark.parametrize("network", [None, X, TAPE, GRADIENT], ids=type)
def test_a_step_is_taken_by_a_network(network):
    """Arguments in the wrong order are refused by name, before anything is asked of them."""
    text = f"network must be a Network, but is a {type(network).__name__}. It is the first arg"

    with refused(TypeError, text):
        sgd(network, NETWORK, 0.1)
    with refused(TypeError, text):
        train(network, NETWORK, Y, squared_error, rate=0.1, batch_size=1, epochs=1, seed=0)


def test_a_tiny_network_says_where_its_network_is():
    """What a network of symbols holds can be passed on; the network itself cannot."""
    with refused(TypeError, "network must be a Network, but is a Tiny. Pass its .network."):
        sgd(tiny(2, 1), GRADIENT, 0.1)
    with refused(AttributeError, "Pass net.network, the network of its symbols, and net.x"):
        forward(tiny(2, 1), X)
    with refused(AttributeError, "Pass net.network, the network of its symbols, and net.x"):
        backward(tiny(2, 1), TAPE, Y)


@pytest.mark.parametrize(("name", "count"), [("b", 1), ("b", 3), ("W", 1), ("W", 3)])
def test_sgd_needs_an_array_for_each_map(name, count):
    """Too few or too many arrays are refused with the counts, even if the first ones fit."""
    arrays = {"b": GRADIENT.b, "W": GRADIENT.W, "x": GRADIENT.x}
    arrays[name] = (2 * arrays[name])[:count]

    with refused(ValueError, f"gradient.{name} must hold one array for each of 2 affine maps, but"):
        sgd(NETWORK, Gradient(**arrays), 0.1)


# Whole numbers.

NO_COUNTS = [0, -1, 1.0, 2.5, None, "2", True, float("nan")]


@pytest.mark.parametrize("batch_size", [*NO_COUNTS, 6], ids=repr)
def test_a_batch_has_one_to_all_examples(batch_size):
    """A batch size is a whole number from 1 to the number of examples."""
    with refused(ValueError, f"batch_size must be one of 1, ..., 5, but is {batch_size!r}."):
        trained(batch_size=batch_size)


@pytest.mark.parametrize("epochs", NO_COUNTS, ids=repr)
def test_epochs_are_a_positive_whole_number(epochs):
    """No epoch at all would look like a training that ended at once."""
    with refused(ValueError, f"epochs must be a positive whole number, but is {epochs!r}."):
        trained(epochs=epochs)


@pytest.mark.parametrize("every", [*NO_COUNTS, 3], ids=repr)
def test_a_checkpoint_every_one_to_all_maps(every):
    """The distance of checkpoints is a whole number from 1 to the number of maps."""
    text = f"every must be one of 1, ..., 2, the number of affine maps, but is {every!r}."

    with refused(ValueError, text):
        checkpointed(NETWORK, X, np.ones_like, every=every)


@pytest.mark.parametrize(
    "widths",
    [
        *([], [2], None, 5, "23", [2, 0, 1], [2, -1], [2, 1.0], [2, True, 1]),
        *([2, None], [2, "3"], [[2, 3]], [2, float("nan")], np.array([2.0, 3.0])),
    ],
    ids=repr,
)
@pytest.mark.parametrize("draw", [Network.he, Network.glorot], ids=["he", "glorot"])
def test_widths_are_two_or_more_positive_whole_numbers(draw, widths):
    """Anything else is refused with an example of what is meant."""
    text = (
        "widths must be D_0, ..., D_{M+1}: at least two positive whole numbers, such as [2, 16, 1]"
    )

    with refused(ValueError, f"{text}, but is {widths!r}."):
        draw(widths, seed=0)


# Slopes.


@pytest.mark.parametrize("slope", [0, 1, -0.5, 2, float("nan"), float("inf"), True], ids=repr)
def test_a_slope_lies_between_0_and_1(slope):
    """At 0 and 1 the message names the activation that is meant."""
    text = f"slope must lie strictly between 0 and 1, but is {slope}. For slope 0 use relu, for sl"

    with refused(ValueError, text):
        leaky_relu(slope)


@pytest.mark.parametrize("slope", [None, "0.1", 1j, [0.1], np.array([0.1])], ids=repr)
def test_a_slope_is_a_number(slope):
    """What is no float and no fraction is refused with what it is."""
    with refused(TypeError, f"slope must be a float or a fraction, but is {slope!r}."):
        leaky_relu(slope)


# Labels and probabilities.

NO_LABELS = {
    "-1": (
        [0, -1, 2, 3, 0],
        ValueError,
        "y[1] is -1, but with 4 classes a label is one of 0, ..., 3.",
    ),
    "4": (
        [0, 1, 2, 4, 0],
        ValueError,
        "y[3] is 4, but with 4 classes a label is one of 0, ..., 3.",
    ),
    "floats": (
        LABELS * 1.0,
        TypeError,
        "y must hold class labels, whole numbers, but has dtype fl",
    ),
    "NaN": ([0, np.nan, 1, 2, 3], TypeError, "y must hold class labels, whole numbers, but has dt"),
    "bools": (
        LABELS > 1,
        TypeError,
        "y must hold class labels, whole numbers, but has dtype bool.",
    ),
    "strings": (
        ["a"] * 5,
        TypeError,
        "y must hold class labels, whole numbers, but has dtype <U1.",
    ),
    "objects": (
        LABELS.astype(object),
        TypeError,
        "y must hold class labels, whole numbers, but ha",
    ),
    "(N, 1)": (
        LABELS[:, None],
        ValueError,
        "(5,), one label an example, but has shape (5, 1). For",
    ),
    "(1, N)": (
        LABELS[None],
        ValueError,
        "y must have shape (5,), one label an example, but has sha",
    ),
    "one-hot": (np.eye(4)[:, LABELS], TypeError, "For one-hot columns pass y.argmax(axis=0)"),
    "one-hot ints": (
        np.eye(4, dtype=int)[:, LABELS],
        ValueError,
        "but has shape (4, 5). For one-hot columns pass y.argmax(axis=0).",
    ),
    "one-hot rows": (
        np.eye(4, dtype=int)[LABELS],
        ValueError,
        "but has shape (5, 4). For one-hot rows pass y.argmax(axis=1).",
    ),
    "a row": (
        np.array(LABELS)[None, :],
        ValueError,
        "but has shape (1, 5). For one label a column pass y.ravel().",
    ),
    "too few": (
        [0, 1],
        ValueError,
        "y must have shape (5,), one label an example, but has shape (2,)",
    ),
    "one": (3, ValueError, "y must have shape (5,), one label an example, but has shape ()."),
    "None": (None, TypeError, "y is None; an array was expected."),
    "ragged": ([[1], [1, 2]], ValueError, "y is no array of one shape"),
    "matrix": (LABELS.view(np.matrix), TypeError, "y is a numpy matrix"),
    "masked": (np.ma.array(LABELS), TypeError, "y is a numpy MaskedArray"),
}


@pytest.mark.parametrize(
    "use",
    [
        lambda y: softmax_cross_entropy(Y, y),
        lambda y: softmax_cross_entropy.start(Y, y),
        lambda y: trained(softmax_cross_entropy, y),
    ],
    ids=["value", "start", "train"],
)
@pytest.mark.parametrize("kind", NO_LABELS)
def test_labels_are_one_class_an_example(use, kind):
    """-1 would be the last class, (N, 1) would be N × N labels: each is refused with the mend."""
    y, error, text = NO_LABELS[kind]

    with refused(error, text):
        use(y)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 1.5), (-1e-9, 0.5), (2.0, 3.0)])
def test_probabilities_lie_between_0_and_1(low, high):
    """What ranges further is refused with its range and the mend for labels -1 and 1."""
    y = np.full((4, 5), low)
    y[0, 0] = high
    text = (
        f"between 0 and 1, but ranges from {low} to {high}. For labels -1 and 1 pass (y + 1) / 2."
    )

    for use in (binary_cross_entropy, binary_cross_entropy.start):
        with refused(ValueError, text):
            use(Y, y)
    with refused(ValueError, text):
        trained(binary_cross_entropy, y)


@pytest.mark.parametrize(
    "loss", [softmax_cross_entropy, binary_cross_entropy], ids=lambda f: f.name
)
def test_exact_numbers_have_no_exponential(loss):
    """Fractions have no e^z, and the message names the loss that does without."""
    z, y = as_fractions([[1]]), ([0] if loss is softmax_cross_entropy else as_fractions([[1]]))

    for use in (loss, loss.start):
        with refused(TypeError, "z holds exact numbers (Fraction), which have no exponential"):
            use(z, y)


@pytest.mark.parametrize("loss", [None, "squared error", lambda _z, _y: 1], ids=type)
def test_a_loss_knows_its_start(loss):
    """A function alone has no start, so training takes a Loss."""
    with refused(TypeError, f"loss must be a Loss, such as squared_error, but is {loss!r}."):
        trained(loss)


# Lists of arrays, activations, tapes, functions.


@pytest.mark.parametrize(
    ("W", "b"),
    [([], []), (NETWORK.W, NETWORK.b[:1]), (NETWORK.W[:1], NETWORK.b)],
    ids=["none", "b too short", "W too short"],
)
def test_weights_and_biases_come_in_pairs(W, b):
    """Lists of different lengths, or empty ones, are refused with their lengths."""
    text = f"at least one, but len(W) is {len(W)} and len(b) is {len(b)}."

    with refused(ValueError, text):
        Network(W=W, b=b)


@pytest.mark.parametrize(
    "value", [None, NETWORK.W[0], "ab", {0: NETWORK.W[0]}, iter(NETWORK.W), 3], ids=type
)
def test_weights_and_biases_are_lists(value):
    """A single array, or anything else that is no list, is refused with the mend."""
    kind = type(value).__name__
    for name, arrays in (("W", {"W": value, "b": NETWORK.b}), ("b", {"W": NETWORK.W, "b": value})):
        text = f"{name} must be a list of arrays, one for each affine map, but is a {kind}. For one"

        with refused(TypeError, text):
            Network(**arrays)


@pytest.mark.parametrize("activation", [None, "relu", np.tanh, Activation], ids=repr)
def test_an_activation_knows_its_derivative(activation):
    """A function alone has no derivative, so a network takes an Activation."""
    text = f"activation must be an Activation, which carries its derivative, but is {activation!r}."

    with refused(TypeError, text):
        Network(W=NETWORK.W, b=NETWORK.b, activation=activation)


@pytest.mark.parametrize("activation", [relu, identity, tanh, sigmoid, gelu], ids=lambda f: f.name)
@pytest.mark.parametrize("z", [None, 1.5, [[1.0]], "z"], ids=repr)
def test_an_activation_acts_on_arrays(activation, z):
    """What is no array is refused, by the identity too."""
    with refused(TypeError, f"z must be an array, but is {z!r}, a {type(z).__name__}."):
        activation(z)


OTHERS = [[2, 7, 4], [2, 3, 4, 4], [2, 4], [3, 3, 4], [2, 3, 5]]


@pytest.mark.parametrize("widths", OTHERS, ids=str)
def test_a_tape_belongs_to_its_network(widths):
    """The tape of a network with other widths is refused, with the widths of both."""
    tape = forward(Network.he(widths, seed=1), np.ones((widths[0], 5)))
    text = f"tape comes from a network with widths {widths}, but this one has [2, 3, 4]."

    with refused(ValueError, text):
        backward(NETWORK, tape, Y)


def test_a_tape_has_the_dtype_of_its_network():
    """A float32 tape would make a gradient of mixed dtypes."""
    tape = forward(NETWORK.map(np.float32), X.astype(np.float32))

    with refused(TypeError, "tape.output has dtype float32, but the network has dtype float64."):
        backward(NETWORK, tape, Y)


@pytest.mark.parametrize("start", [None, Y, "start"], ids=type)
def test_a_start_is_a_function(start):
    """Checkpointing asks for the start when it has the output, so it needs a function."""
    with refused(TypeError, "start must be a function of the output, such as lambda z: loss.start"):
        checkpointed(NETWORK, X, start, every=1)


@pytest.mark.parametrize("door", [backward, squared_norms, clipped_gradient, per_example_gradient])
def test_a_tape_is_what_forward_returns(door):
    network = Network.he([3, 4, 2], seed=0)
    more = {"bound": 1.0} if door is clipped_gradient else {}
    with pytest.raises(TypeError, match=r"tape must be what forward returns, but is a ndarray"):
        door(network, np.ones((3, 5)), np.ones((2, 5)), **more)


def test_labels_are_no_targets_of_squared_error():
    with pytest.raises(ValueError, match=r"pass numpy.eye\(4\)\[:, y\], or use softmax_cross_ent"):
        squared_error(np.ones((4, 5)), LABELS)
