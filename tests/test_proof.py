"""What prove proves, what it refuses, and that its witnesses are true."""

import re
from fractions import Fraction
from itertools import pairwise

import pytest
import scalar_oracle
import sympy
from hypothesis import given
from hypothesis import strategies as st

from backproof import (
    Activation,
    Gradient,
    Loss,
    Network,
    backward,
    binary_cross_entropy,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    losses,
    prove,
    relu,
    sigmoid,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
    tiny,
)
from backproof.checking.lemmas import prove_activation
from backproof.checking.verdict import Status
from backproof.checking.zero import is_zero, nonzero_point
from backproof.numbers.symbolic import relu as symbolic_relu
from backproof.numbers.symbolic import step

ACTIVATIONS = [
    *(relu, leaky_relu(Fraction(1, 100)), identity),
    *(tanh, sigmoid, softplus, gelu, gelu_tanh),
]
x, y, z = sympy.symbols("x y z", real=True)


def entries(*widths, batch=1):
    """Return how many numbers a gradient has: biases, weights and inputs."""
    return sum(D + C * D for C, D in pairwise(widths)) + widths[0] * batch


# What is proved.


@pytest.mark.parametrize(
    ("widths", "batch"),
    [((1, 1), 1), ((3, 2), 2), ((2, 3, 2), 1), ((2, 3, 1), 2), ((1, 2, 3, 1), 1)],
    ids=str,
)
def test_the_gradient_is_proved_for_many_shapes(widths, batch):
    """All entries of the gradient are proved, with and without hidden layers and batches."""
    verdict = prove(tiny(*widths, batch=batch))

    assert verdict.status is Status.PROVED
    assert f"all {entries(*widths, batch=batch)} entries" in verdict.claim
    assert f"batch of {batch}; all real values" in verdict.scope


@pytest.mark.parametrize(
    "loss", [squared_error, softmax_cross_entropy, binary_cross_entropy], ids=lambda f: f.name
)
@pytest.mark.parametrize("widths", [(2, 1), (1, 2, 2)], ids=str)
def test_the_gradient_is_proved_for_every_loss(loss, widths):
    """Every loss and its start fit together, for every choice of labels."""
    verdict = prove(tiny(*widths, loss=loss))

    assert verdict.status is Status.PROVED
    assert loss.name in verdict.scope


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda f: f.name)
def test_the_gradient_is_proved_for_every_activation(activation):
    """Every activation and its derivative fit together inside a network."""
    verdict = prove(tiny(1, 2, 1, activation=activation))

    assert verdict.status is Status.PROVED
    assert activation.name in verdict.scope


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda f: f.name)
def test_every_derivative_is_proved(activation):
    """f′ is the derivative of f, for every z where f has one."""
    assert prove_activation(activation).status is Status.PROVED


# What is refused.


@pytest.mark.parametrize(
    "wrong",
    [
        Activation("tanh", tanh.function, lambda z: 1 - tanh(z)),
        Activation("tanh of tanh", tanh.function, lambda z: 1 - tanh(tanh(z)) * tanh(tanh(z))),
        Activation("sigmoid", sigmoid.function, lambda z: sigmoid(z) * (1 + sigmoid(z))),
        Activation("softplus", softplus.function, tanh.function),
        Activation("GELU", gelu.function, lambda z: 2 * gelu.derivative(z)),
        Activation("square", lambda z: z * z, lambda z: z),
        Activation("ReLU without a mask", relu.function, identity.derivative),
        Activation("ReLU, complement", relu.function, lambda z: 1 - relu.derivative(z)),
        Activation("leaky ReLU", leaky_relu(Fraction(1, 4)).function, relu.derivative),
    ],
    ids=lambda f: f.name,
)
def test_a_wrong_derivative_of_an_activation_is_refused(wrong):
    """A network whose activation has another derivative beside it is not proved."""
    assert prove(tiny(1, 2, 1, activation=wrong)).status is Status.DIFFERS


@pytest.mark.parametrize(
    "start",
    [
        lambda z, y: z - y,
        lambda z, y: 2 * (y - z),
        lambda z, y: 2 * (z + y),
        lambda z, y: 2 * z * (z - y),
    ],
    ids=["no factor 2", "sign", "sum", "a factor too many"],
)
def test_a_wrong_start_is_refused(start):
    """A loss with another start is not proved."""
    wrong = Loss("squared error", squared_error.value, start, lambda _, y: y)

    assert prove(tiny(1, 2, 1, loss=wrong)).status is Status.DIFFERS


@pytest.mark.parametrize(
    "value",
    [
        lambda z, y: ((z - y) * (z - y)).mean(),
        lambda z, y: ((z - y) * (z - y)).sum() / 2,
        lambda z, y: ((z - y) * (z - y) * (z - y)).sum(),
    ],
    ids=["mean", "half", "cubes"],
)
def test_another_loss_with_this_start_is_refused(value):
    """The start of the sum of squares is that of no other loss."""
    wrong = Loss("squared error", value, squared_error.derivative, lambda _, y: y)

    assert prove(tiny(1, 2, loss=wrong)).status is Status.DIFFERS


@pytest.mark.parametrize(
    "log_sum_exp",
    [
        lambda z, m: m.__array_namespace__().log(m.__array_namespace__().exp(z - m).sum(axis=0)),
        lambda z, m: (
            m - m.__array_namespace__().log(m.__array_namespace__().exp(z - m).sum(axis=0))
        ),
        lambda z, m: (
            m + m.__array_namespace__().log(m.__array_namespace__().exp(z + m).sum(axis=0))
        ),
    ],
    ids=["not added again", "wrong sign", "added twice"],
)
def test_a_wrong_shift_of_the_softmax_is_refused(log_sum_exp, monkeypatch):
    """What is subtracted inside log-sum-exp must come back outside, or the loss depends on it."""
    monkeypatch.setattr(
        losses, "_log_sum_exp", lambda z: log_sum_exp(z, z.max(axis=0, keepdims=True))
    )
    verdict = prove(tiny(1, 2, loss=softmax_cross_entropy))

    assert verdict.status is Status.DIFFERS
    assert "∂L/∂shift" in verdict.claim


def test_too_few_arrays_are_refused():
    """A gradient with an array missing is refused with the counts."""
    with pytest.raises(ValueError, match=r"2 arrays in b and in W.*returned 1 and 2"):
        prove(
            tiny(1, 1, 1),
            lambda *run: Gradient(backward(*run).b[:1], backward(*run).W, backward(*run).x),
        )


def test_a_rounded_number_is_not_proved():
    """A factor that floats round to 1 is no proof that the factor is 1."""

    def nearly(network, tape, dz):
        return backward(network, tape, dz * (1 + 1e-20) + 1e-20 * dz)

    assert not prove(tiny(1, 1, 1), nearly)


@pytest.mark.parametrize("other", [None, "2-3-2", [2, 3, 2], Network.he([2, 3], seed=0)], ids=repr)
def test_only_a_network_of_symbols_is_proved(other):
    """Anything else is a TypeError that names what to use instead."""
    with pytest.raises(TypeError, match=r"net must be a network of symbols, such as tiny"):
        prove(other)


# A witness is a point at which the two sides really differ.


def doubled_mask(network, tape, dz):
    """Forget that the indicator is 0 on one side: pass twice, or nothing."""
    gradient = backward(network, tape, dz)
    return Gradient([2 * gradient.b[0], gradient.b[1]], gradient.W, gradient.x)


def no_mask(network, tape, dz):
    """Leave the indicator out."""
    without = Network(b=network.b, W=network.W, activation=identity)
    return Gradient(
        backward(without, tape, dz).b, backward(network, tape, dz).W, network.W[0].T @ dz
    )


@pytest.mark.parametrize("wrong", [doubled_mask, no_mask])
@pytest.mark.parametrize("widths", [(1, 1, 1), (2, 1, 1), (2, 2, 2)], ids=str)
def test_a_witness_is_true(wrong, widths):
    """At the point that is named the derivative and the claim are the numbers that are printed."""
    net = tiny(*widths)
    verdict = prove(net, wrong)
    where, derivative, claimed = re.match(
        r"∂L/∂(\S+\[\d+, \d+\]) is (\S+), backward says (\S+), at ", verdict.witness
    ).groups()
    at = dict(re.findall(r"(\w+) = (-?\d+)", verdict.witness))

    assert verdict.status is Status.DIFFERS
    assert int(derivative) == slope(net, where, at) != int(claimed)


def slope(net, where, at):
    """Return ∂L/∂where at the point `at`, by the loops over scalars."""
    name, place = re.fullmatch(r"(x|[bW]\[\d\])\[(\d+, \d+)\]", where).groups()
    row, column = map(int, place.split(", "))
    b = [[int(at.get(s.name, 0)) for s in b_k[:, 0]] for b_k in net.network.b]
    W = [[[int(at.get(s.name, 0)) for s in row] for row in W_k] for W_k in net.network.W]
    x_0, y_0 = ([int(at.get(s.name, 0)) for s in array[:, 0]] for array in (net.x, net.targets[0]))
    inputs, outputs = scalar_oracle.forward(b, W, x_0)
    start = [2 * (z - y) for z, y in zip(outputs[-1], y_0, strict=True)]
    db, dW, dx = scalar_oracle.backward(W, inputs, outputs, start)
    if name == "x":
        return dx[row]
    return db[int(name[2])][row] if name[0] == "b" else dW[int(name[2])][row][column]


def test_no_witness_is_no_verdict():
    """A difference that is 0 at every whole number is neither proved nor said to differ."""

    def hidden(network, tape, dz):
        gradient = backward(network, tape, dz)
        zero_at_integers = sympy.sin(sympy.pi * network.W[0][0, 0])
        return Gradient([gradient.b[0], gradient.b[1] + zero_at_integers], gradient.W, gradient.x)

    verdict = prove(tiny(1, 1, 1), hidden)

    assert verdict.status is Status.CANNOT_TELL
    assert "1 of 5 entries" in verdict.claim
    assert not verdict


# Is it zero?

ZERO = {
    "(x + 1)² - x² - 2x - 1": (x + 1) ** 2 - x**2 - 2 * x - 1,
    "e^x e^-x - 1": sympy.exp(x) * sympy.exp(-x) - 1,
    "1 / (1 + e^-x) - e^x / (1 + e^x)": 1 / (1 + sympy.exp(-x)) - sympy.exp(x) / (1 + sympy.exp(x)),
    "relu(x) (y + z) - relu(x) y - relu(x) z": (
        symbolic_relu(x) * (y + z) - symbolic_relu(x) * y - symbolic_relu(x) * z
    ),
    "(tanh x + 1)(tanh x - 1) - tanh² x + 1": (
        (sympy.tanh(x) + 1) * (sympy.tanh(x) - 1) - sympy.tanh(x) ** 2 + 1
    ),
    "0": sympy.Integer(0),
}

NOT_ZERO = {
    "x (x - 1) (x + 1) (x - 2) (x + 2)": x * (x - 1) * (x + 1) * (x - 2) * (x + 2),
    "x y z": x * y * z,
    "step(x) step(y) step(z)": step(x) * step(y) * step(z),
    "relu(x) - x": symbolic_relu(x) - x,
    "relu(x) - relu(y)": symbolic_relu(x) - symbolic_relu(y),
    "step(x) - step(x + 1)": step(x) - step(x + 1),
    "1 - step(x) - step(-x), at 0 only": 1 - step(x) - step(-x),
    "e^x - 1": sympy.exp(x) - 1,
    "x / 10^20": x / 10**20,
    "1": sympy.Integer(1),
}


@pytest.mark.parametrize("expression", ZERO.values(), ids=ZERO)
def test_zero_is_recognised(expression):
    """An identity of quotients of polynomials in function values is decided, and has no witness."""
    assert is_zero(expression)
    assert nonzero_point(expression) is None


def test_a_quotient_is_zero_wherever_it_is_defined():
    """1/x - 1/y - (y - x)/(x y) is 0, though at x = 0 it is nothing."""
    assert is_zero(1 / x - 1 / y - (y - x) / (x * y))
    assert not is_zero(1 / x - 1 / y - (x - y) / (x * y))


@pytest.mark.parametrize("expression", NOT_ZERO.values(), ids=NOT_ZERO)
def test_not_zero_is_not_called_zero(expression):
    """Vanishing at many points is not vanishing; a point of difference is found and is one."""
    point = nonzero_point(expression)

    assert not is_zero(expression)
    assert expression.subs(point) != 0
    assert all(value.is_Integer for value in point.values())


@pytest.mark.parametrize(
    "expression",
    [sympy.sin(sympy.pi * x), sympy.sin(x) ** 2 + sympy.cos(x) ** 2 - 1],
    ids=["zero at the integers", "zero everywhere"],
)
def test_what_cannot_be_told_is_not_told(expression):
    """Beyond quotients of polynomials neither a proof nor a witness: no claim either way."""
    assert not is_zero(expression)
    assert nonzero_point(expression) is None


polynomials = st.recursive(
    st.sampled_from([x, y, symbolic_relu(x - y), sympy.tanh(y), sympy.log(x)])
    | st.integers(-3, 3).map(sympy.Integer),
    lambda inner: st.tuples(inner, inner, st.booleans()).map(
        lambda parts: parts[0] * parts[1] if parts[2] else parts[0] + parts[1]
    ),
    max_leaves=6,
)


@given(a=polynomials, b=polynomials)
def test_a_rearrangement_is_zero_and_anything_added_is_not(a, b):
    """(a + b)² - a² - 2ab - b² is 0; the same plus x y² z is not."""
    rearranged = (a + b) ** 2 - sympy.expand(a * a) - 2 * sympy.expand(a * b) - b * b

    assert is_zero(rearranged)
    assert not is_zero(rearranged + x * y**2 * z)
