"""A plan for examples gives the numbers of `per_example`, in memory taken once."""

import tracemalloc

import numpy as np
import pytest

from backproof import (
    Network,
    Plan,
    forward,
    gelu,
    identity,
    leaky_relu,
    relu,
    softmax_cross_entropy,
    squared_error,
    tanh,
)
from backproof.numbers.integers import small_integer_network, small_integers
from backproof.numbers.rational import as_fractions
from backproof.per_example import clipped_gradient, squared_norms
from backproof.planned import ExamplePlan

SHAPES = [([3, 2], 4), ([3, 5, 2], 1), ([4, 3, 6, 5, 2], 7)]


def whole(widths, N, activation):
    """Return a network of small whole numbers, inputs and targets."""
    generator = np.random.default_rng(sum(widths) + N)
    network = small_integer_network(widths, seed=generator, activation=activation)
    return network, *(small_integers((D, N), generator) for D in (widths[0], widths[-1]))


def parameters(gradient):
    """Return the derivatives by all b and W."""
    return [*gradient.b, *gradient.W]


def by_recursion(network, x, y, loss=squared_error):
    """Return a tape and the start of a loss."""
    tape = forward(network, x)
    return tape, loss.start(tape.output, y)


@pytest.mark.parametrize("activation", [relu, identity, leaky_relu(0.5)], ids=lambda f: f.name)
@pytest.mark.parametrize(("widths", "N"), SHAPES, ids=str)
def test_whole_numbers_bit_for_bit(widths, N, activation):
    """Loss and squared lengths, whatever batch came before, are those of the recursion."""
    network, x, y = whole(widths, N, activation)
    tape, start = by_recursion(network, x, y)
    plan = ExamplePlan(network, squared_error, batch_size=N)
    plan.clipped_gradient(x + 1, y, bound=0.5)
    value, q = plan.squared_norms(x, y)

    assert value == squared_error(tape.output, y)
    assert q.tolist() == squared_norms(network, tape, start).tolist()


@pytest.mark.parametrize("loss", [squared_error, softmax_cross_entropy], ids=lambda f: f.name)
@pytest.mark.parametrize("activation", [relu, tanh, gelu], ids=lambda f: f.name)
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=lambda t: t.__name__)
def test_to_rounding_elsewhere(dtype, activation, loss):
    """The clipped sum of a batch, with some gradients shortened and some left."""
    generator = np.random.default_rng(1)
    network = Network.he([5, 8, 6, 3], seed=2, activation=activation)
    network = network.map(lambda array: array.astype(dtype))
    x, y = (generator.standard_normal((D, 9)).astype(dtype) for D in (5, 3))
    y = y if loss is squared_error else y.argmax(axis=0)
    tape, start = by_recursion(network, x, y, loss)
    norms = squared_norms(network, tape, start)
    bound = float(np.median(np.sqrt(norms)))
    expected = clipped_gradient(network, tape, start, bound=bound)
    plan = ExamplePlan(network, loss, batch_size=9)
    value, clipped = plan.clipped_gradient(x, y, bound=bound)
    tolerance = {"rtol": 1e3 * np.finfo(dtype).eps, "atol": 1e2 * np.finfo(dtype).eps}

    np.testing.assert_allclose(value, loss(tape.output, y), **tolerance)
    np.testing.assert_allclose(plan.squared_norms(x, y)[1], norms, **tolerance)
    for one, other in zip(parameters(clipped), parameters(expected), strict=True):
        np.testing.assert_allclose(one, other, **tolerance)
    assert clipped.x is None


def test_an_exact_case_of_clipping():
    """With lengths 6, 2 and 18 and a bound of 2.25 nothing rounds; nor where all are zero."""
    network = Network(W=[np.array([[1.0, -1.0]])], b=[np.array([[0.0]])])
    x, y = np.array([[2.0, 0.0, 4.0], [2.0, 0.0, 8.0]]), np.array([[1.0, -1.0, -5.0]])
    plan = ExamplePlan(network, squared_error, batch_size=3, input_gradient=True)
    _, clipped = plan.clipped_gradient(x, y, bound=2.25)

    assert clipped.b[0].tolist() == [[1.5]]
    assert clipped.W[0].tolist() == [[-0.5, 0.5]]
    assert clipped.x is None
    _, clipped = plan.clipped_gradient(x, forward(network, x).output, bound=1)
    assert not any(array.any() for array in parameters(clipped))


def test_it_is_a_plan_besides():
    """Gradients and steps are those of a plan; a resized one shares the parameters."""
    network, x, y = whole([4, 3, 6, 5, 2], 7, relu)
    plan, usual = (make(network, squared_error, batch_size=7) for make in (ExamplePlan, Plan))
    plan.clipped_gradient(x, y, bound=1)
    pairs = zip(
        parameters(plan.gradient(x, y)[1]), parameters(usual.gradient(x, y)[1]), strict=True
    )
    smaller = plan.resized(3)
    _, before = smaller.squared_norms(x[:, :3], y[:, :3])
    plan.theta[:] = 0
    tape, start = by_recursion(plan.network, x[:, :3], y[:, :3])

    assert all(map(np.array_equal, *zip(*pairs, strict=True)))
    assert before.all()
    smaller.squared_norms(x[:, :3], y[:, :3])
    assert before.tolist() == squared_norms(plan.network, tape, start).tolist()


def test_memory_is_as_said():
    """What a plan reserves for a batch is `memory()`, to five per cent."""
    network = Network.he([40, 60, 50, 30], seed=0)
    small = ExamplePlan(network, squared_error, batch_size=1)
    tracemalloc.start()
    try:
        plan = small.resized(4096)
        reserved = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert reserved == pytest.approx(plan.memory(), rel=0.05)


@pytest.mark.parametrize("activation", [relu, identity, tanh], ids=lambda f: f.name)
def test_nothing_of_the_size_of_a_batch_is_allocated(activation):
    """After the first call no array of activations is asked for, not even of the outputs."""
    network, N = Network.he([40, 60, 50, 30], seed=0, activation=activation), 4096
    x, y = np.ones((40, N)), np.ones((30, N))
    plan = ExamplePlan(network, squared_error, batch_size=N)
    plan.clipped_gradient(x, y, bound=1)
    tracemalloc.start()
    try:
        plan.clipped_gradient(x, y, bound=1)
        plan.squared_norms(x, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8192 * 8 + 2 * N * 8 < 30 * N * 8  # NumPy's own buffer has 8192 numbers


def test_what_does_not_fit_is_refused():
    """In the words of the plan and of `clipped_gradient`."""
    network, x, y = whole([3, 5, 2], 4, relu)
    plan = ExamplePlan(network, squared_error, batch_size=4)

    with pytest.raises(ValueError, match="bound must be a positive finite number, but is 0"):
        plan.clipped_gradient(x, y, bound=0)
    with pytest.raises(ValueError, match="x must have 4 columns"):
        plan.squared_norms(x[:, :2], y[:, :2])
    with pytest.raises(TypeError, match="a plan runs on float32 or float64"):
        ExamplePlan(network.map(as_fractions), squared_error, batch_size=4)


def test_the_lengths_may_be_the_next_input():
    """They lie where the next ones are written to."""
    plan = ExamplePlan(Network.he([1, 4, 2], seed=0), squared_error, batch_size=5)
    x, y = np.linspace(-1, 1, 5)[None, :], np.ones((2, 5))
    _, q = plan.squared_norms(x, y)
    given = q.copy()
    expected = plan.clipped_gradient(given, y, bound=1.0)[1].W[0].copy()
    q[...] = given
    assert np.array_equal(plan.clipped_gradient(q, y, bound=1.0)[1].W[0], expected)
