"""Checkpointing: the same gradient, from less memory."""

import tracemalloc

import numpy as np
import pytest

from backproof import Network, backward, forward, gelu, relu, squared_error, tanh
from backproof.checkpointing import checkpointed

WIDTHS = [3, 5, 4, 6, 2, 7, 3]
CASES = [(maps, every) for maps in range(1, 7) for every in range(1, maps + 1)]


def run(maps, activation=relu):
    """Return a network of `maps` affine maps, inputs, and the start of a loss as a function."""
    network = Network.he(WIDTHS[: maps + 1], seed=maps, activation=activation)
    generator = np.random.default_rng(0)
    x, y = (generator.standard_normal((D, 8)) for D in (network.widths[0], network.widths[-1]))
    return network, x, lambda z: squared_error.start(z, y)


def bits(gradient):
    """Return every number of `gradient` as bytes."""
    return [array.tobytes() for array in [*gradient.b, *gradient.W, gradient.x]]


@pytest.mark.parametrize("activation", [relu, tanh, gelu], ids=lambda f: f.name)
@pytest.mark.parametrize(("maps", "every"), CASES)
def test_the_gradient_is_that_of_backward_bit_for_bit(maps, every, activation):
    """For every depth and every distance of checkpoints no bit differs."""
    network, x, start = run(maps, activation)
    tape = forward(network, x)
    stored = backward(network, tape, start(tape.output))

    assert bits(checkpointed(network, x, start, every=every)) == bits(stored)


def test_any_whole_number_says_how_often():
    """A NumPy integer of eight bits is as good as an int."""
    network, x, start = run(6)

    assert bits(checkpointed(network, x, start, every=np.int8(4))) == bits(
        checkpointed(network, x, start, every=4)
    )


@pytest.mark.parametrize("every", [1, 3, 6])
def test_the_start_is_asked_once_for_the_output(every):
    """The loss sees the output of the whole network, once."""
    network, x, start = run(6)
    seen = []
    checkpointed(network, x, lambda z: seen.append(z) or start(z), every=every)

    assert len(seen) == 1
    assert seen[0].tolist() == forward(network, x).output.tolist()


def peak(work):
    """Return the most memory that `work` held at once, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_less_is_held_at_once():
    """With 36 maps and a checkpoint every 6, the peak is less than half of that of the tape."""
    network = Network.he([8] * 37, seed=0)
    x = np.ones((8, 512))
    stored = peak(lambda: backward(network, forward(network, x), np.ones((8, 512))))
    less = peak(lambda: checkpointed(network, x, np.ones_like, every=6))

    assert less < stored / 2
