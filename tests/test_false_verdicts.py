"""Wrong things that once passed, and right things that once failed: never again.

A check is only as good as what it refuses.  Each case here has led some version of a check to a
verdict that was stronger than the truth, or to a wrong one.
"""

import contextlib
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from backproof import (
    Activation,
    Gradient,
    Network,
    backward,
    identity,
    leaky_relu,
    prove,
    relu,
    sigmoid,
    softmax_cross_entropy,
    tanh,
    tiny,
)
from backproof.checking.differences import exact_differences
from backproof.checking.lemmas import is_piecewise_linear, prove_activation
from backproof.checking.regions import prove_regions
from backproof.checking.schwartz_zippel import schwartz_zippel
from backproof.checking.verdict import Status
from backproof.numbers.symbolic import SymbolicArray, symbols

NETWORK, X, Y = Network.he([2, 3, 1], seed=1), [[-1.0], [1.5]], [[2.0]]

CHECKS = {
    "prove": lambda backward: prove(tiny(2, 2, 1), backward),
    "regions": lambda backward: prove_regions([2, 2, 1], backward=backward),
    "zippel": lambda backward: schwartz_zippel([2, 3, 1], backward=backward, seed=0),
    "differences": lambda backward: exact_differences(NETWORK, X, Y, backward=backward),
}


def total(dz):
    """Sum the columns."""
    return dz.sum(axis=1, keepdims=True)


def rules(bias=total, below=lambda z, _x, dx: (z > 0) * dx):
    """Return a backward pass with these rules for the bias and for the step down."""

    def judged(network, tape, dz):
        db, dW, dx = [], [], None
        for k in range(network.M, -1, -1):
            db.insert(0, bias(dz))
            dW.insert(0, dz @ tape.x[k].T)
            dx = network.W[k].T @ dz
            if k > 0:
                dz = below(tape.z[k - 1], tape.x[k], dx)
        return Gradient(db, dW, dx)

    return judged


def unless_positive(network, tape, dz):
    """Spoil a gradient on a condition that an indeterminate entry cannot decide."""
    gradient = backward(network, tape, dz)
    if not (dz > 0).all():
        gradient.W[0][:] = 0
    return gradient


WRONG = {
    "one and a half": rules(bias=lambda dz: 1.5 * total(dz)),
    "three halves": rules(bias=lambda dz: Fraction(3, 2) * total(dz)),
    "seven where a unit is off": rules(below=lambda z, _x, dx: np.where(z > 0, dx, 7)),
    "on a condition": unless_positive,
    "not a number": rules(bias=lambda dz: total(dz) * float("nan")),
}


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_backward_pass_never_passes(wrong, check):
    """It differs, cannot be told, or is refused with a TypeError; a true verdict it never gets."""
    verdict = None
    with contextlib.suppress(TypeError):
        verdict = check(wrong)

    assert not verdict


RIGHT = {
    "where": rules(below=lambda z, _x, dx: np.where(z > 0, dx, 0)),
    "minus minus": rules(below=lambda z, _x, dx: -np.where(z > 0, -dx, 0)),
    "from the other side": rules(below=lambda z, _x, dx: 0 - (z > 0) * -dx),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("right", RIGHT.values(), ids=RIGHT)
def test_a_right_backward_pass_in_other_words_passes(right, check):
    """The usual ways to write a mask in NumPy are recognised by every check."""
    assert check(right)


def test_a_region_is_not_proved_where_something_else_decides():
    """A threshold, or a clipped gradient, cuts the regions into pieces that were not visited."""
    with pytest.raises(TypeError, match="only ever compared as z > 0"):
        prove_regions([2, 2, 1], backward=rules(below=lambda z, _x, dx: (z > 0.5) * dx))

    harmless = rules(below=lambda z, _x, dx: np.where(dx > 0, dx, dx) * (z > 0))

    assert prove_regions([2, 2, 1], backward=harmless).status is Status.CANNOT_TELL


def softmax(z):
    """Return a function that mixes the entries of a column."""
    e = z.__array_namespace__().exp(z)
    return e / e.sum(axis=0, keepdims=True)


def where(z, *branches):
    """Return `branches` by the sign of z, for any number."""
    return z.__array_namespace__().where(z > 0, *branches)


def ones(z):
    """Return 1 for every entry."""
    return z.__array_namespace__().ones_like(z)


UNFIT = {
    "each entry": Activation("softmax", softmax, lambda z: softmax(z) * (1 - softmax(z))),
    "defined": Activation("1/z", lambda z: 1 / z, lambda z: -1 / (z * z)),
    "defined for": Activation("log", lambda z: z.__array_namespace__().log(z), lambda z: 1 / z),
    "elsewhere": Activation("late", lambda z: where(z - 1, z - 1, 0), lambda z: z - 1 > 0),
    "jumps": Activation("jump", lambda z: where(z, z + 1, z), ones),
}


@pytest.mark.parametrize(("reason", "activation"), UNFIT.items(), ids=UNFIT)
def test_nothing_is_proved_about_an_activation_that_does_not_fit(reason, activation):
    """Entry by entry, everywhere defined, continuous, with a kink at 0 at most: or no proof."""
    for verdict in (prove(tiny(2, 2, 1, activation=activation)), prove_activation(activation)):
        assert verdict.status is Status.CANNOT_TELL
        assert reason in verdict.witness


def test_a_backward_pass_may_use_what_only_this_activation_has():
    """tanh′ = 1 - x² and σ′ = x (1 - x) are right though they are wrong for an arbitrary f."""
    squared = rules(below=lambda _z, x, dx: dx * (1 - x * x))
    logistic = rules(below=lambda _z, x, dx: dx * x * (1 - x))

    assert prove(tiny(1, 2, 1, activation=tanh), squared).status is Status.PROVED
    assert prove(tiny(1, 2, 1, activation=sigmoid), logistic).status is Status.PROVED
    assert prove(tiny(1, 2, 1, activation=tanh), logistic).status is Status.DIFFERS


def test_a_loss_of_labels_may_be_ones_own():
    """What asks for labels is given labels, whatever its name."""
    own = replace(softmax_cross_entropy, name="own")
    doubled = replace(own, derivative=lambda z, y: 2 * softmax_cross_entropy.derivative(z, y))

    assert prove(tiny(1, 2, loss=own)).status is Status.PROVED
    assert prove(tiny(1, 2, loss=doubled)).status is Status.DIFFERS


def test_a_float_buffer_is_not_called_wrong():
    """Fractions that a float has rounded can be told neither right nor wrong."""
    buffered = rules(bias=lambda dz: np.zeros((dz.shape[0], 1)) + total(dz))

    assert CHECKS["differences"](buffered).status is Status.CANNOT_TELL


def test_exact_differences_are_for_piecewise_linear_activations():
    """Elsewhere the central difference has an error, and right code would be called wrong."""
    square = Activation("square", lambda z: z * z, lambda z: 2 * z)

    assert [is_piecewise_linear(f) for f in (relu, identity, leaky_relu(Fraction(1, 3)))] == [
        True
    ] * 3
    assert [is_piecewise_linear(f) for f in (tanh, square)] == [False] * 2
    with pytest.raises(TypeError, match="not linear on both sides"):
        exact_differences(Network(b=NETWORK.b, W=NETWORK.W, activation=square), X, Y)


@pytest.mark.parametrize(
    "ask",
    [np.any, np.all, np.nonzero, lambda z: z.all(), lambda z: z.astype(bool), bool],
    ids=["any", "all", "nonzero", ".all", "astype", "bool"],
)
def test_an_indeterminate_entry_is_neither_true_nor_false(ask):
    """What would take a branch on an open indicator is refused."""
    z = SymbolicArray.of(symbols("z", 1, 1))

    with pytest.raises(TypeError):
        ask(z > 0)
