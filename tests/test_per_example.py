"""Per-example gradients, their lengths and their clipped sum, held to one example at a time."""

import math
import re
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backproof import (
    Gradient,
    Network,
    backward,
    cost,
    forward,
    gelu,
    identity,
    leaky_relu,
    relu,
    sgd,
    softmax_cross_entropy,
    squared_error,
    tanh,
    tiny,
)
from backproof.numbers.counting import Tally, count
from backproof.numbers.integers import as_integers, small_integer_network, small_integers
from backproof.numbers.rational import as_fractions
from backproof.per_example import clipped_gradient, deltas, per_example_gradient, squared_norms

shapes = {
    "widths": st.lists(st.integers(1, 6), min_size=2, max_size=5),
    "N": st.integers(1, 5),
    "seed": st.integers(0, 99),
}


def whole(widths, N, seed, activation=relu):
    """Return a network of small whole numbers, its tape and a start, kinks among them."""
    generator = np.random.default_rng(seed)
    network = small_integer_network(widths, seed=generator, activation=activation)
    tape = forward(network, small_integers((widths[0], N), generator))
    return network, tape, small_integers((widths[-1], N), generator)


def alone(network, tape, dz_M):
    """Return what `backward` says of each example, run by itself."""
    for i in range(dz_M.shape[1]):
        yield backward(network, forward(network, tape.x[0][:, [i]]), dz_M[:, [i]])


def parameters(gradient):
    """Return the derivatives by all b and W."""
    return [*gradient.b, *gradient.W]


def length(gradient):
    """Return the length of a gradient as Python has it, entry after entry."""
    return math.sqrt(math.fsum(entry * entry for a in parameters(gradient) for entry in a.flat))


def same(one, other):
    """Return whether all arrays of two lists are equal in shape and in every entry."""
    return len(one) == len(other) and all(map(np.array_equal, one, other))


@given(**shapes)
def test_each_gradient_is_that_of_its_example_alone(widths, N, seed):
    """Entry i of every array is what `backward` returns for example i, its x included."""
    network, tape, dz_M = whole(widths, N, seed)
    each = per_example_gradient(network, tape, dz_M)

    for i, one in enumerate(alone(network, tape, dz_M)):
        own = [array[i] for array in [*parameters(each), each.x]]
        assert same(own, [*parameters(one), one.x])
    assert {len(array) for array in [*parameters(each), each.x]} == {N}


@given(**shapes)
def test_each_squared_norm_is_that_of_its_example_alone(widths, N, seed):
    """The sum of the squares of all entries of a gradient, in Python's integers."""
    network, tape, dz_M = whole(widths, N, seed)
    expected = [
        sum(int(entry) ** 2 for a in parameters(one) for entry in a.flat)
        for one in alone(network, tape, dz_M)
    ]

    assert squared_norms(network, tape, dz_M).tolist() == [expected]


@pytest.mark.parametrize("activation", [relu, identity, leaky_relu(0.25)], ids=lambda f: f.name)
def test_the_deltas_are_those_of_the_recursion(activation):
    """Their row sums are ∂L/∂b_k, and the columns of the last are the start."""
    network, tape, dz_M = whole([3, 5, 4, 2], 7, 1, activation)
    found = deltas(network, tape, dz_M)
    gradient = backward(network, tape, dz_M)

    assert same([dz.sum(axis=1, keepdims=True) for dz in found], gradient.b)
    assert same([dz @ x.T for dz, x in zip(found, tape.x, strict=True)], gradient.W)
    assert np.array_equal(found[-1], dz_M)


@pytest.mark.parametrize("kind", [as_fractions, as_integers], ids=["fractions", "integers"])
def test_exact_entries_stay_exact(kind):
    """On other number systems the gradients and norms are those of the floats, unrounded."""
    network, tape, dz_M = whole([3, 5, 4, 2], 7, 1)
    exact = network.map(kind)
    exact_tape, third = forward(exact, kind(tape.x[0])), kind(dz_M) * Fraction(1, 3)
    norms = squared_norms(exact, exact_tape, third)
    each = per_example_gradient(exact, exact_tape, kind(dz_M))

    assert (norms * 9).tolist() == squared_norms(network, tape, dz_M).tolist()
    assert same(parameters(each), parameters(per_example_gradient(network, tape, dz_M)))


def test_symbols_pass_too():
    """On a tiny network of names, the norms are sums of squares of names, region for region."""
    net = tiny(2, 2, 1, batch=2)
    start = squared_error.start(net.tape.output, net.targets[0])
    norms = squared_norms(net.network, net.tape, start)
    each = per_example_gradient(net.network, net.tape, start)

    for i in range(2):
        squares = sum(entry**2 for a in parameters(each) for entry in a[i].flat)
        assert (norms[0, i] - squares).expand() == 0


def run(activation=tanh, dtype=np.float64, loss=softmax_cross_entropy):
    """Return a network that rounds, its tape and the start of a loss."""
    generator = np.random.default_rng(2)
    network = Network.he([4, 6, 5, 3], seed=3, activation=activation)
    network = network.map(lambda array: array.astype(dtype))
    tape = forward(network, 2 * generator.standard_normal((4, 9)).astype(dtype))
    y = generator.integers(0, 3, size=9)
    return network, tape, loss.start(tape.output, y)


@pytest.mark.parametrize("activation", [relu, tanh, gelu], ids=lambda f: f.name)
@pytest.mark.parametrize("quantile", [0, 0.5, 1])
def test_the_clipped_sum_is_that_of_gradients_clipped_one_by_one(activation, quantile):
    """Long ones are shortened to the bound, the others left, whichever of them there are."""
    network, tape, start = run(activation)
    each = list(alone(network, tape, start))
    bound = np.quantile([length(one) for one in each], quantile)
    factors = [min(1, bound / length(one)) for one in each]
    clipped = clipped_gradient(network, tape, start, bound=bound)
    expected = [
        sum(c * array for c, array in zip(factors, arrays, strict=True))
        for arrays in zip(*map(parameters, each), strict=True)
    ]

    for found, wanted in zip(parameters(clipped), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    assert clipped.x is None


def test_a_clipped_sum_of_whole_numbers_is_exact():
    """With lengths 6, 2 and 18 and a bound of 4.5 nothing rounds."""
    network = Network(W=[np.array([[1.0, -1.0]])], b=[np.array([[0.0]])])
    tape = forward(network, np.array([[2.0, 0.0, 4.0], [2.0, 0.0, 8.0]]))
    clipped = clipped_gradient(network, tape, np.array([[-2.0, 2.0, 2.0]]), bound=4.5)

    assert clipped.b[0].tolist() == [[-2 * 0.75 + 2 + 2 * 0.25]]
    assert clipped.W[0].tolist() == [[-4 * 0.75 + 8 * 0.25, -4 * 0.75 + 16 * 0.25]]


def test_one_example_has_at_most_the_length_of_the_bound():
    """Whatever its start, a batch of one leaves no longer a gradient than the bound, but rounds."""
    network, tape, start = run()
    for scale in (1e-9, 1, 1e9):
        for i in range(9):
            alone = forward(network, tape.x[0][:, [i]])
            clipped = clipped_gradient(network, alone, scale * start[:, [i]], bound=0.1)
            assert length(clipped) <= 0.1 * (1 + 1e-14)


def test_a_bound_that_nothing_reaches_changes_no_bit():
    """The clipped sum is then the gradient of the batch, and `sgd` takes it."""
    network, tape, start = run()
    gradient = backward(network, tape, start)
    clipped = clipped_gradient(network, tape, start, bound=1e6)

    assert same(parameters(clipped), parameters(gradient))
    assert same(sgd(network, clipped, 0.1).W, sgd(network, gradient, 0.1).W)


def test_clipping_is_a_backward_pass_from_a_rescaled_start():
    """The sweep is linear in each column, so the factors may go in at its beginning."""
    network, tape, start = run()
    norms = np.sqrt(squared_norms(network, tape, start))
    bound = np.median(norms)
    twice = backward(network, tape, start * np.minimum(1, bound / norms))
    once = clipped_gradient(network, tape, start, bound=bound)

    for one, other in zip(parameters(once), parameters(twice), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_a_gradient_of_length_zero_is_left_as_it_is():
    """No division by zero, and no warning, which would be an error here."""
    network, tape, start = run()
    clipped = clipped_gradient(network, tape, 0 * start, bound=1)

    assert all((array == 0).all() for array in parameters(clipped))


@pytest.mark.parametrize("bound", [1, np.float64(1), np.float32(1), Fraction(1)], ids=repr)
def test_float32_stays_float32(bound):
    """Whatever kind of number the bound is."""
    network, tape, start = run(dtype=np.float32)
    clipped = clipped_gradient(network, tape, start, bound=bound)
    each = per_example_gradient(network, tape, start)
    arrays = [*parameters(clipped), *parameters(each), squared_norms(network, tape, start)]

    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@given(**shapes)
def test_the_norms_cost_what_is_said(widths, N, seed):
    """The multiplications, counted; no unit is at rest, as a plain 0 keeps no tally."""
    tally = Tally()
    network = small_integer_network(widths, seed=seed, activation=identity).map(tally.counted)
    tape = forward(network, tally.counted(np.ones((widths[0], N))))
    dz_M = tally.counted(np.ones((widths[-1], N)))
    counted = count(lambda: squared_norms(network, tape, dz_M), tally)

    assert counted.multiplications == cost.norms_multiplications(widths, N)


@given(**shapes)
def test_the_gradients_hold_what_is_said(widths, N, seed):
    """The numbers of all gradients by b and W are as many as the formula says."""
    each = per_example_gradient(*whole(widths, N, seed))

    assert sum(array.size for array in parameters(each)) == cost.per_example_numbers(widths, N)


def test_the_norms_form_no_gradient():
    """At its peak `squared_norms` holds less than the gradient of one example by W."""
    network = Network.he([200, 200, 200], seed=0)
    tape = forward(network, np.ones((200, 4)))
    start = np.ones((200, 4))
    tracemalloc.start()
    try:
        squared_norms(network, tape, start)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < network.W[0].nbytes / 4


NETWORK, TAPE, START = whole([3, 5, 4, 2], 7, 1)
REFUSED = {
    "zero": (0, ValueError, "bound must be a positive finite number, but is 0."),
    "negative": (-2.5, ValueError, "bound must be a positive finite number, but is -2.5."),
    "infinite": (math.inf, ValueError, "bound must be a positive finite number, but is inf."),
    "no number": (math.nan, ValueError, "bound must be a positive finite number, but is nan."),
    "text": ("1", TypeError, "bound must be a positive number, but is '1'."),
    "truth": (True, TypeError, "bound must be a positive number, but is True."),
    "nothing": (None, TypeError, "bound must be a positive number, but is None."),
    "one for each": (np.ones(7), TypeError, "bound must be a positive number, but is array("),
}


@pytest.mark.parametrize(("bound", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_a_bound_that_is_none_is_refused(bound, error, words):
    """The message names the argument, what was expected and what came."""
    with pytest.raises(error, match=re.escape(words)):
        clipped_gradient(NETWORK, TAPE, START, bound=bound)


def test_exact_entries_are_not_clipped():
    """A fraction has no square root: the message says so, and what is exact."""
    exact = NETWORK.map(as_fractions)
    tape = forward(exact, as_fractions(TAPE.x[0]))

    with pytest.raises(TypeError, match=r"exact numbers \(Fraction\).*squared_norms is exact"):
        clipped_gradient(exact, tape, as_fractions(START), bound=1)


@pytest.mark.parametrize(
    "work",
    [
        deltas,
        per_example_gradient,
        squared_norms,
        lambda *run: clipped_gradient(*run, bound=1),
    ],
    ids=["deltas", "gradients", "norms", "clipped"],
)
@pytest.mark.parametrize(
    ("network", "start", "words"),
    [
        (Network.he([3, 4, 4, 2], seed=0), START, "tape comes from a network with widths"),
        (NETWORK, START.T, "dz_M must have shape (2, 7)"),
        (NETWORK, START[:, :1], "dz_M must have shape (2, 7)"),
        (NETWORK, START + math.inf, "every entry must be finite"),
    ],
    ids=["another network", "transposed", "one example", "infinite"],
)
def test_what_does_not_fit_is_refused_as_by_backward(work, network, start, words):
    """In the words of `backward`, at once."""
    with pytest.raises(ValueError, match=re.escape(words)):
        work(network, TAPE, start)


# Wrong ways to the same end, each of which the comparisons above have to tell from the right one.


def clipped_by_layer(network, tape, dz_M, bound):
    """Clip the gradient of each layer by itself."""
    each = per_example_gradient(network, tape, dz_M)
    of = [np.sqrt((a * a).sum(axis=(1, 2), keepdims=True)) for a in parameters(each)]
    pairs = zip(parameters(each), of, strict=True)
    sums = [(a * np.minimum(1, bound / norm)).sum(axis=0) for a, norm in pairs]
    return Gradient(sums[: network.maps], sums[network.maps :], None)


def clipped_as_a_batch(network, tape, dz_M, bound):
    """Clip the sum."""
    gradient = backward(network, tape, dz_M)
    c = min(1, bound / length(gradient))
    return Gradient([c * b for b in gradient.b], [c * W for W in gradient.W], None)


def clipped_without_biases(network, tape, dz_M, bound):
    """Leave the biases out of the length."""
    norms = sum(
        (dz * dz).sum(axis=0) * (x * x).sum(axis=0)
        for dz, x in zip(deltas(network, tape, dz_M), tape.x, strict=True)
    )
    return backward(network, tape, dz_M * np.minimum(1, bound / np.sqrt(norms)))


def clipped_squares(network, tape, dz_M, bound):
    """Forget the root."""
    norms = squared_norms(network, tape, dz_M)
    return backward(network, tape, dz_M * np.minimum(1, bound / norms))


def normalised(network, tape, dz_M, bound):
    """Lengthen the short ones too."""
    norms = np.sqrt(squared_norms(network, tape, dz_M))
    return backward(network, tape, dz_M * bound / norms)


@pytest.mark.parametrize(
    "wrong",
    [
        clipped_by_layer,
        clipped_as_a_batch,
        clipped_without_biases,
        clipped_squares,
        normalised,
    ],
    ids=lambda wrong: wrong.__name__,
)
def test_the_usual_mistakes_clip_something_else(wrong):
    """Were a mistake equal to the right sum here, the tests above would show nothing."""
    network, tape, start = run()
    bound = float(np.median(np.sqrt(squared_norms(network, tape, start))))
    right = clipped_gradient(network, tape, start, bound=bound)
    other = wrong(network, tape, start, bound)

    assert not any(
        np.allclose(a, b, rtol=1e-3)
        for a, b in zip(parameters(right), parameters(other), strict=True)
    )
