"""Tiny networks: Jacobians against matrices written by hand, regions that cover, refusals."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import scalar_oracle
import sympy

from backproof import leaky_relu, relu, sigmoid, softmax_cross_entropy, tanh, tiny
from backproof.numbers.symbolic import relu as symbolic_relu
from backproof.numbers.symbolic import step, symbol


def named(text):
    """Return the symbols whose names are in `text`."""
    return [symbol(name) for name in text.split()]


z1, z2, z3 = named("z0_1 z0_2 z0_3")
x1, x2 = named("x0_1 x0_2")
h1, h2, h3 = named("x1_1 x1_2 x1_3")
a11, a12, a21, a22, a31, a32 = named("W0_11 W0_12 W0_21 W0_22 W0_31 W0_32")
c11, c12, c13, c21, c22, c23 = named("W1_11 W1_12 W1_13 W1_21 W1_22 W1_23")
b1, b2, b3, d1, d2, y1, y2, o1, o2 = named("b0_1 b0_2 b0_3 b1_1 b1_2 y_1 y_2 z1_1 z1_2")
s1, s2, s3 = map(step, (z1, z2, z3))

# Written for 2-3-2: entry (j, i) is the derivative of output i by input j.
BY_HAND = {
    ("z0", "x0"): [[a11, a21, a31], [a12, a22, a32]],
    ("z0", "b0"): [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    ("x1", "z0"): [[s1, 0, 0], [0, s2, 0], [0, 0, s3]],
    ("z1", "x1"): [[c11, c21], [c12, c22], [c13, c23]],
    ("z1", "b1"): [[1, 0], [0, 1]],
    ("z1", "z0"): [[c11 * s1, c21 * s1], [c12 * s2, c22 * s2], [c13 * s3, c23 * s3]],
    ("z1", "z1"): [[1, 0], [0, 1]],
    ("L", "z1"): [[2 * (o1 - y1)], [2 * (o2 - y2)]],
    ("L", "b1"): [
        [2 * (c11 * h1 + c12 * h2 + c13 * h3 + d1 - y1)],
        [2 * (c21 * h1 + c22 * h2 + c23 * h3 + d2 - y2)],
    ],
}


@pytest.mark.parametrize(("of", "by"), BY_HAND, ids=[f"d{of} by d{by}" for of, by in BY_HAND])
def test_a_jacobian_is_the_matrix_on_the_page(of, by):
    """∂of/∂by in denominator layout, entry by entry, as written by hand."""
    difference = tiny(2, 3, 2).jacobian(of, by) - sympy.Matrix(BY_HAND[of, by])

    assert difference.expand().is_zero_matrix


def test_an_affine_map_has_the_transposed_weights():
    """∂z_k/∂x_k is W_kᵀ, so it has as many rows as x_k has entries."""
    net = tiny(2, 3, 2)

    assert net.jacobian("z0", "x0") == sympy.Matrix(net.network.W[0]).T
    assert net.jacobian("z1", "x1").shape == (3, 2)


def test_a_jacobian_by_weights_has_three_indices():
    """∂z_0/∂W_0 at (r, c, i) is x_c where i = r and 0 elsewhere: row and column of W_0 first."""
    tensor = tiny(2, 3, 2).jacobian("z0", "W0")

    assert tensor.shape == (3, 2, 3)
    for r, c, i in itertools.product(range(3), range(2), range(3)):
        assert tensor[r, c, i] == (named("x0_1 x0_2")[c] if i == r else 0)


def test_the_loss_has_a_derivative_in_the_shape_of_the_weights():
    """∂L/∂W_1 is the outer product (∂L/∂z_1) x_1ᵀ, in the shape of W_1."""
    slopes = tiny(2, 3, 2).jacobian("L", "W1")
    start = sympy.Matrix(BY_HAND["L", "b1"])

    assert (slopes - start * sympy.Matrix([[h1, h2, h3]])).expand().is_zero_matrix


def test_jacobians_chain_from_the_left():
    """In denominator layout ∂z_1/∂x_0 is ∂z_0/∂x_0 · ∂x_1/∂z_0 · ∂z_1/∂x_1, nearest first."""
    net = tiny(2, 3, 2)
    chain = net.jacobian("z0", "x0") * net.jacobian("x1", "z0") * net.jacobian("z1", "x1")
    at_z = dict(zip((z1, z2, z3), net.tape.z[0][:, 0], strict=True))

    assert (net.jacobian("z1", "x0") - chain.subs(at_z)).expand().is_zero_matrix


def test_a_later_layer_skips_what_lies_before():
    """∂z_2/∂z_1 of a deeper network holds only symbols of its own layer."""
    net = tiny(1, 2, 2, 1)
    z_1, W_2 = [named(f"z1_{i}")[0] for i in (1, 2)], [named(f"W2_1{i}")[0] for i in (1, 2)]

    assert net.jacobian("z2", "z1") == sympy.Matrix(
        [[w * step(z)] for w, z in zip(W_2, z_1, strict=True)]
    )


def test_the_gradient_is_that_of_backward():
    """`gradient` is what the code that trains returns on the symbols, shapes included."""
    net = tiny(2, 3, 2)
    gradient = net.gradient()

    assert [W.shape for W in gradient.W] == [(3, 2), (2, 3)]
    assert [b.shape for b in gradient.b] == [(3, 1), (2, 1)]
    assert sympy.expand(gradient.b[1][0, 0] - net.L().diff(d1)) == 0


def test_the_loss_is_the_one_written_out():
    """L of 1-1-1 is (b_1 + W_1 ReLU(b_0 + W_0 x) - y)²."""
    W0, W1, x, y, b0, b1 = named("W0_1 W1_1 x0_1 y_1 b0_1 b1_1")
    expected = (b1 + W1 * symbolic_relu(b0 + W0 * x) - y) ** 2

    assert sympy.expand(tiny(1, 1, 1).L() - expected) == 0


def test_a_batch_has_one_column_an_example():
    """With a batch of 3 the input is (D_0, 3) and L is a sum over the three."""
    net = tiny(2, 1, batch=3)
    L = sum((b1 + a1 * u + a2 * v - y) ** 2 for u, v, y, b1, a1, a2 in batch_of_three())

    assert net.x.shape == (2, 3)
    assert sympy.expand(net.L() - L) == 0


def batch_of_three():
    """Return for each of three examples its two inputs, its target, and the parameters."""
    shared = named("b0_1 W0_11 W0_12")
    return [named(f"x0_1{n} x0_2{n} y_1{n}") + shared for n in (1, 2, 3)]


def test_class_labels_are_every_assignment():
    """With three classes and two examples there are nine choices of labels, all different."""
    targets = tiny(2, 3, batch=2, loss=softmax_cross_entropy).targets

    assert sorted(targets) == [list(labels) for labels in itertools.product(range(3), repeat=2)]


# Regions.


def test_there_is_a_region_for_every_pattern():
    """2-3-2 has eight patterns of its three units, 2-2-2-1 sixteen of its four."""
    patterns = [region.active for region in tiny(2, 3, 2).regions()]

    assert sorted(patterns) == [(bits,) for bits in itertools.product((0, 1), repeat=3)]
    assert len({region.active for region in tiny(2, 2, 2, 1).regions()}) == 16


@pytest.mark.parametrize("seed", range(20))
def test_the_regions_cover_and_do_not_overlap(seed):
    """Every input lies in exactly one region, on kinks too, and there the network is its map."""
    net, generator = tiny(2, 2, 2, 1), np.random.default_rng(seed)
    b = [generator.integers(-2, 3, size=D).tolist() for D in (2, 2, 1)]
    W = [generator.integers(-2, 3, size=s).tolist() for s in [(2, 2), (2, 2), (1, 2)]]
    x = generator.integers(-2, 3, size=2).tolist()
    _, outputs = scalar_oracle.forward(b, W, x)
    values = dict(zip(net.x[:, 0], x, strict=True))
    for k in range(3):
        values |= dict(zip(net.network.b[k][:, 0], b[k], strict=True))
        values |= dict(zip(net.network.W[k].flat, itertools.chain(*W[k]), strict=True))
    inside = [r for r in net.regions() if all(c.subs(values) == sympy.true for c in r.conditions)]

    assert [region.active for region in inside] == [
        tuple(tuple(int(z > 0) for z in layer) for layer in outputs[:-1])
    ]
    output = inside[0].slope * sympy.Matrix(net.x) + inside[0].intercept
    assert list(output.subs(values)) == outputs[-1]


def test_a_region_has_the_map_written_by_hand():
    """With unit 1 on and unit 2 off, 1-2-1 is W_11 (W_1 x + b_1) + b there."""
    (region,) = (r for r in tiny(1, 2, 1).regions() if r.active == ((1, 0),))
    W, V, x, b, c, B, u = named("W0_1 W1_11 x0_1 b0_1 b1_1 b0_2 W0_2")

    assert region.conditions == [W * x + b > 0, u * x + B <= 0]
    assert region.slope == sympy.Matrix([[V * W]])
    assert sympy.expand(region.intercept[0] - V * b - c) == 0


# What is refused.

WIDTHS = [(), (2,), (2, 0, 1), (2, -1), (2, 1.0), (2, True, 1), ([2, 3, 1],), (2, "3"), (2, None)]


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_widths_must_be_two_or_more_positive_whole_numbers(widths):
    """Anything else is refused with an example of what is meant."""
    with pytest.raises(ValueError, match=r"widths must be D_0, .* such as \[2, 16, 1\], but is"):
        tiny(*widths)


@pytest.mark.parametrize("batch", [0, -1, 1.0, None, "2"], ids=repr)
def test_a_batch_must_be_a_positive_whole_number(batch):
    """Anything else is refused."""
    with pytest.raises(ValueError, match="batch must be a positive whole number, but is"):
        tiny(2, 1, batch=batch)


def test_a_rounded_constant_is_refused():
    """A proof needs exact constants, and the message says how to write them."""
    with pytest.raises(ValueError, match=r"leaky ReLU\(0\.1\) holds a rounded number.*Fraction"):
        tiny(2, 2, 1, activation=leaky_relu(0.1))
    assert tiny(2, 2, 1, activation=leaky_relu(Fraction(1, 10)))


@pytest.mark.parametrize("by", ["q0", "z9", "", "z", "0", "L", "y", "W-1", "z0 "], ids=repr)
def test_by_must_be_an_array_of_the_network(by):
    """`by` names x, z, b or W with a number up to M."""
    with pytest.raises(ValueError, match=r"by must be x, z, b or W with a number 0, \.\.\., 1"):
        tiny(2, 3, 1).jacobian("z1", by)


@pytest.mark.parametrize(
    ("of", "by"),
    [("z0", "z1"), ("x0", "x1"), ("x1", "z1"), ("b1", "b0"), ("Z1", "z0"), (None, "z0")],
    ids=str,
)
def test_of_must_come_later(of, by):
    """What does not depend on `by` is refused with the list of what does."""
    with pytest.raises(ValueError, match=f"of must depend on {by}, so be one of .*z1, L; got"):
        tiny(2, 3, 1).jacobian(of, by)


def test_a_jacobian_is_of_one_example():
    """With a batch there is none."""
    with pytest.raises(ValueError, match="a Jacobian is of one example, but batch is 2"):
        tiny(2, 1, batch=2).jacobian("z0", "x0")


@pytest.mark.parametrize(
    "net", [tiny(2, 2, 1, activation=tanh), tiny(2, 2, 1, batch=2)], ids=["tanh", "batch of 2"]
)
def test_regions_are_those_of_one_example_through_relu(net):
    """Another activation, or a batch, has none."""
    with pytest.raises(ValueError, match="regions are of one example through a ReLU network"):
        next(net.regions())


def test_a_tiny_network_prints_what_it_is():
    """Widths, activation, loss and batch."""
    net = tiny(2, 3, 2, activation=sigmoid, batch=2)

    assert repr(net) == "<tiny network 2-3-2, sigmoid, squared error, batch of 2>"
    assert tiny(2, 3, 2).network.activation is relu
