"""The checks that are not prove: what they accept, what they count, and what they promise."""

import re
from itertools import pairwise

import numpy as np
import pytest

from backproof import Network, identity, tanh
from backproof.checking.differences import exact_differences
from backproof.checking.integers import float_is_exact
from backproof.checking.regions import prove_regions
from backproof.checking.schwartz_zippel import schwartz_zippel
from backproof.checking.verdict import Status
from backproof.numbers.integers import small_integer_network, small_integers

WIDTHS = [[3, 2], [4, 3, 2], [3, 5, 4, 6, 2]]
each_size = pytest.mark.parametrize("widths", WIDTHS, ids=lambda widths: "-".join(map(str, widths)))


def data(widths, batch=7):
    """Return inputs and targets of whole numbers."""
    generator = np.random.default_rng(1)
    return tuple(small_integers((D, batch), generator) for D in (widths[0], widths[-1]))


def parameters(widths):
    """Return how many weights and biases there are."""
    return sum(D + C * D for C, D in pairwise(widths))


# Schwartz and Zippel.


@each_size
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("activation", [None, identity], ids=["ReLU", "identity"])
def test_a_random_point_agrees(widths, batch, activation):
    """The backward pass of the package agrees at every random point, for every size and batch."""
    options = {} if activation is None else {"activation": activation}

    for seed in range(5):
        assert schwartz_zippel(widths, batch=batch, seed=seed, **options).status is Status.AGREES


def risk(verdict):
    """Return the probability that a verdict prints."""
    return float(re.search(r"probability at most (\S+)", verdict.claim)[1])


def test_the_risk_is_printed_and_grows_with_the_network():
    """It is tiny, of at most 2^-61 times a degree and the pairs of questions, and no less."""
    small, large = schwartz_zippel([2, 1]), schwartz_zippel([2, 30, 30, 1])

    assert 4 / 2**61 <= risk(small) < 1e-16
    assert risk(small) < risk(large) < 1e-9


def test_a_seed_is_a_point():
    """The verdict of a seed is the same every time, and none is needed."""
    assert str(schwartz_zippel([2, 3, 1], seed=3)) == str(schwartz_zippel([2, 3, 1], seed=3))
    assert schwartz_zippel([2, 3, 1])


def test_random_integers_have_no_tanh():
    """An activation that is no polynomial is refused by name."""
    with pytest.raises(TypeError, match="random integers have no tanh"):
        schwartz_zippel([2, 3, 1], activation=tanh)


# Activation regions.


@pytest.mark.parametrize(
    ("widths", "regions"),
    [([2, 1], 1), ([1, 1, 1], 2), ([2, 3, 2], 8), ([2, 2, 2, 1], 16)],
    ids=str,
)
def test_every_region_is_proved_and_counted(widths, regions):
    """Each on-and-off pattern of the hidden units is a region, and all are visited."""
    verdict = prove_regions(widths)

    assert verdict.status is Status.PROVED
    assert f"each of {regions} activation regions" in verdict.claim


# Exact differences.


@each_size
def test_every_entry_equals_an_exact_difference(widths):
    """All entries of the gradient, inputs included, equal central differences with ==."""
    network = small_integer_network(widths, seed=3).map(lambda array: array + 1 / 8)
    verdict = exact_differences(network, *data(widths))

    assert verdict.status is Status.AGREES
    assert f"all {parameters(widths) + 7 * widths[0]} entries" in verdict.claim


def test_floats_are_differenced_as_the_fractions_they_are():
    """Weights drawn at random are as exact as whole numbers."""
    assert exact_differences(Network.he([3, 4, 2], seed=0), *data([3, 2]))


# Floats without rounding.


@each_size
@pytest.mark.parametrize("seed", range(3))
def test_floats_of_whole_numbers_are_exact(widths, seed):
    """Both passes in float64 equal Python's integers with ==, and every number is counted."""
    network = small_integer_network(widths, seed=seed)
    verdict = float_is_exact(network, *data(widths))
    numbers = parameters(widths) + 7 * widths[0] + 7 * sum(widths[1:])

    assert verdict.status is Status.AGREES
    assert f"all {numbers} numbers of both passes" in verdict.claim


def test_units_on_the_kink_are_counted():
    """Two of three units are dead, so 14 of 21 hidden z are 0; outputs do not count."""
    network = Network(
        b=[np.array([[0.0], [0.0], [1.0]]), np.array([[0.0]])],
        W=[np.zeros((3, 2)), np.zeros((1, 3))],
    )

    assert "; 14 lie on a kink" in float_is_exact(network, *data([2, 1])).claim


def test_rounding_is_found():
    """(2^40 + 1)(2^20 + 1) needs 61 bits and a float64 has 53."""
    network = Network(b=[[[0.0]]], W=[[[2.0**40 + 1]]])
    verdict = float_is_exact(network, [[2.0**20 + 1]], [[0.0]])

    assert verdict.status is Status.DIFFERS
    assert verdict.claim.startswith("z[0]: float64 has rounded")


def test_broken_numbers_have_no_exact_twin():
    """Only whole numbers can be compared with integers."""
    with pytest.raises(ValueError, match=r"0\.5 is no whole number"):
        float_is_exact(Network(b=[[[0.5]]], W=[[[1.0]]]), [[1.0]], [[1.0]])
