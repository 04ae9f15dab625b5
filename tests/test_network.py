"""The network: what it keeps, what it says about itself, and how its weights are drawn."""

import dataclasses

import numpy as np
import pytest

from backproof import Network, identity, relu, tanh
from backproof.numbers.rational import as_fractions

WIDTHS = [3, 5, 4, 2]
drawn = pytest.mark.parametrize("draw", [Network.he, Network.glorot], ids=["he", "glorot"])


def parameters(dtype=float):
    """Return biases and weights for the widths 3-5-4-2, all entries different."""
    shapes = list(zip(WIDTHS[1:], WIDTHS, strict=False))
    W = [np.arange(D * C, dtype=dtype).reshape(D, C) - k for k, (D, C) in enumerate(shapes)]
    b = [np.arange(D, dtype=dtype)[:, None] + k for k, (D, _) in enumerate(shapes)]
    return {"b": b, "W": W}


def test_a_network_knows_its_sizes():
    """M hidden layers, M + 1 maps, the widths D_0, …, D_{M+1}, the dtype, every parameter."""
    network = Network(**parameters())

    assert network.M == 2
    assert network.maps == 3
    assert network.widths == WIDTHS
    assert network.dtype == np.float64
    assert network.size == (5 + 4 + 2) + (15 + 20 + 8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_keeps_its_arrays(dtype):
    """Arrays are kept, not copied, in order, with their dtype."""
    given = parameters(dtype)
    network = Network(**given)

    assert all(kept is b for kept, b in zip(network.b, given["b"], strict=True))
    assert all(kept is W for kept, W in zip(network.W, given["W"], strict=True))
    assert network.dtype == dtype


def test_a_network_takes_lists_of_lists():
    """Nested lists of floats become arrays."""
    network = Network(b=[[[0.5]]], W=[[[1.0, -2.0]]])

    assert network.W[0].tolist() == [[1.0, -2.0]]
    assert network.b[0].tolist() == [[0.5]]


def test_a_network_is_a_relu_network_unless_told():
    """The activation is ReLU by default."""
    assert Network(**parameters()).activation is relu
    assert Network(**parameters(), activation=tanh).activation is tanh


def test_a_network_does_not_change():
    """Its fields cannot be set."""
    network = Network(**parameters())

    with pytest.raises(dataclasses.FrozenInstanceError):
        network.W = []


def test_a_network_prints_what_it_is():
    """Widths, activation, dtype and the number of parameters."""
    network = Network(**parameters(np.float32), activation=identity)

    assert repr(network) == "<network 3-5-4-2, identity, float32, 54 parameters>"


def test_map_converts_every_array():
    """`map` gives a network of converted arrays and leaves the activation and the original."""
    network = Network(**parameters(), activation=tanh)
    doubled, exact = network.map(lambda array: 2 * array), network.map(as_fractions)

    assert [W.tolist() for W in doubled.W] == [(2 * W).tolist() for W in network.W]
    assert [b.tolist() for b in doubled.b] == [(2 * b).tolist() for b in network.b]
    assert exact.dtype == object
    assert doubled.activation is exact.activation is tanh
    assert [W.tolist() for W in network.W] == [W.tolist() for W in parameters()["W"]]


@drawn
def test_a_drawn_network_has_the_widths_zero_biases_and_the_activation(draw):
    """`he` and `glorot` give weights for the widths, biases 0 and the activation asked for."""
    network = draw(WIDTHS, seed=0, activation=tanh)

    assert network.widths == WIDTHS
    assert not any(b.any() for b in network.b)
    assert all(W.all() for W in network.W)
    assert network.activation is tanh
    assert draw(WIDTHS, seed=0).activation is relu


@drawn
def test_a_seed_is_a_network(draw):
    """The same seed draws the same weights, another one others."""
    first, again, other = (draw(WIDTHS, seed=seed) for seed in (1, 1, 2))

    for k in range(first.maps):
        assert first.W[k].tolist() == again.W[k].tolist()
        assert not (first.W[k] == other.W[k]).any()


@drawn
def test_a_generator_goes_on(draw):
    """A numpy Generator is used as it stands, so two networks from one differ."""
    generator = np.random.default_rng(1)
    first, second = draw(WIDTHS, seed=generator), draw(WIDTHS, seed=generator)

    assert first.W[0].tolist() == draw(WIDTHS, seed=1).W[0].tolist()
    assert not (first.W[0] == second.W[0]).any()


@pytest.mark.parametrize(
    ("draw", "variances"),
    [(Network.he, (2 / 400, 2 / 300)), (Network.glorot, (2 / 700, 2 / 500))],
    ids=["he", "glorot"],
)
def test_weights_have_the_variance_that_is_said(draw, variances):
    """He draws variance 2 / D_k, Glorot 2 / (D_k + D_{k+1}), around mean 0."""
    network = draw([400, 300, 200], seed=0)

    for W, variance in zip(network.W, variances, strict=True):
        assert W.var() == pytest.approx(variance, rel=0.02)
        assert W.mean() == pytest.approx(0, abs=4 * np.sqrt(variance / W.size))


@pytest.mark.parametrize(
    "widths", [(2, 3, 1), range(1, 4), np.array([2, 3, 1]), [np.int64(2), 3]], ids=repr
)
def test_widths_may_be_any_whole_numbers(widths):
    """A tuple, a range or NumPy integers are as good as a list of ints."""
    network = Network.he(widths, seed=0)

    assert network.widths == list(map(int, widths))
    assert {type(D) for D in network.widths} == {int}
