"""Arrays in any layout are accepted with the same numbers, and nothing is ever written to."""

import numpy as np
import pytest

from backproof import (
    Gradient,
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
    train,
)
from backproof.checkpointing import checkpointed
from backproof.numbers.integers import small_integer_network, small_integers


def read_only(array):
    """Return a copy that refuses to be written to."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def strided(array):
    """Return the same numbers as every second row and third column of a larger array."""
    larger = np.full((2 * array.shape[0], 3 * array.shape[1]), np.nan, dtype=array.dtype)
    larger[::2, ::3] = array
    return larger[::2, ::3]


def reversed_twice(array):
    """Return the same numbers with negative strides."""
    return array[::-1, ::-1].copy()[::-1, ::-1]


LAYOUTS = {
    "read-only": read_only,
    "Fortran order": np.asfortranarray,
    "strided": strided,
    "negative strides": reversed_twice,
    "transposed": lambda array: array.T.copy().T,
    "nested lists": lambda array: array.tolist(),
    "memory map": lambda array: array.view(np.memmap),
}


def whole_numbers():
    """Return a network of whole numbers, inputs and a start, on which floats do not round."""
    generator = np.random.default_rng(4)
    network = small_integer_network([3, 5, 4, 2], seed=generator)
    return network, small_integers((3, 7), generator), small_integers((2, 7), generator)


def everything(network, x, y):
    """Return every number that passes, losses, sgd, checkpointing and training make of these."""
    tape = forward(network, x)
    gradient = backward(network, tape, y)
    labels, chances = np.arange(7) % 2, np.abs(np.asarray(y)) / 4
    losses = [(squared_error, y), (softmax_cross_entropy, labels), (binary_cross_entropy, chances)]
    made = [*tape.x, *tape.z, *gradient.b, *gradient.W, gradient.x]
    for loss, targets in losses:
        made += [loss(tape.output, targets), loss.start(tape.output, targets)]
    less = checkpointed(network, x, lambda _: y, every=2)
    step = sgd(network, gradient, 0.25)
    knobs = {"rate": 2.0**-20, "batch_size": 3, "epochs": 1, "seed": 0}
    (epoch,) = train(network, x, y, squared_error, **knobs)
    made += [*less.b, *less.W, less.x, *step.b, *step.W]
    return [np.asarray(array) for array in made], [*epoch.network.b, *epoch.network.W]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_in_memory_does_not_matter(layout):
    """Read-only, strided, reversed, transposed or listed: exact runs give the same numbers."""
    network, x, y = whole_numbers()
    convert = LAYOUTS[layout]
    exact, trained = everything(network, x, y)
    other = Network(b=list(map(convert, network.b)), W=list(map(convert, network.W)))
    exact_again, trained_again = everything(other, convert(x), convert(y))

    for array, again in zip(exact, exact_again, strict=True):
        assert again.tolist() == array.tolist()
    for array, again in zip(trained, trained_again, strict=True):
        np.testing.assert_allclose(again, array, rtol=1e-12)


def test_one_example_may_stand_for_many():
    """A batch that repeats one column without copying it is accepted, and each gets its own dx."""
    network, x, _ = whole_numbers()
    repeated = np.broadcast_to(x[:, :1], (3, 4))
    start = np.broadcast_to(np.array([[1.0], [-2.0]]), (2, 4))
    gradient = backward(network, forward(network, repeated), start)
    once = backward(network, forward(network, x[:, :1]), start[:, :1])

    assert gradient.x.tolist() == np.repeat(once.x, 4, axis=1).tolist()
    assert gradient.W[1].tolist() == (4 * once.W[1]).tolist()


def test_nothing_is_written_to():
    """Parameters, data, targets and starts that refuse to be written to pass through everything."""
    network, x, y = whole_numbers()
    frozen = network.map(read_only)
    before = [array.copy() for array in [*network.b, *network.W, x, y]]
    everything(network, x, y)
    everything(frozen, read_only(x), read_only(y))

    for array, copy in zip([*network.b, *network.W, x, y], before, strict=True):
        assert array.tobytes() == copy.tobytes()


def test_the_passes_leave_the_tape_and_the_gradient_alone():
    """backward writes to no array of the tape, and sgd to none of the gradient."""
    network, x, y = whole_numbers()
    tape = forward(network, x)
    for array in [*tape.x, *tape.z]:
        array.flags.writeable = False
    gradient = backward(network, tape, read_only(y))
    frozen = Gradient(
        list(map(read_only, gradient.b)), list(map(read_only, gradient.W)), gradient.x
    )

    assert sgd(network, frozen, 0.5).widths == network.widths


def test_a_gradient_shares_no_memory_with_what_it_came_from():
    """Changing a gradient in place changes neither network nor tape nor start, M = 0 included."""
    for widths in ([3, 2], [3, 5, 2]):
        network = small_integer_network(widths, seed=0)
        dz = np.ones((2, 4))
        tape = forward(network, np.ones((3, 4)))
        gradient = backward(network, tape, dz)
        given = [*network.b, *network.W, *tape.x, *tape.z, dz]

        for made in [*gradient.b, *gradient.W, gradient.x]:
            assert not any(np.shares_memory(made, array) for array in given)


def test_a_step_shares_no_memory_with_the_network():
    """The network after a step has arrays of its own."""
    network, x, y = whole_numbers()
    after = sgd(network, backward(network, forward(network, x), y), 0.5)

    for old, new in zip(network.b + network.W, after.b + after.W, strict=True):
        assert not np.shares_memory(old, new)


@pytest.mark.parametrize(
    "activation",
    [relu, leaky_relu(0.1), identity, tanh, sigmoid, softplus, gelu, gelu_tanh],
    ids=lambda f: f.name,
)
def test_an_activation_writes_to_nothing(activation):
    """f and f′ leave their argument as it was."""
    z = read_only(np.array([[-2.0, 0.0, 3.0]]))

    assert activation(z).shape == z.shape
    assert activation.derivative(z).shape == z.shape
    assert z.tolist() == [[-2.0, 0.0, 3.0]]
