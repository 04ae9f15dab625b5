"""Derivatives in index form: matrices, deltas, chain rule, and what has none."""

from fractions import Fraction

import pytest

from backproof import activations
from backproof.losses import (
    _binary_cross_entropy,
    _binary_cross_entropy_start,
    _log_sum_exp,
    _softmax,
    _squared_error,
    _squared_error_start,
)
from backproof.numbers.tensors import (
    UNIT,
    BeyondTensorsError,
    Dim,
    Index,
    apply,
    atom,
    derivative_entry,
    diag,
    dim,
    equal,
    grad,
    identity,
    indicator_equal,
    jacobian,
    ones,
    scalar,
)

D, E, N = Dim("D"), Dim("E"), Dim("N")
W, S = atom("W", E, D), atom("S", D, D)
X, Y = atom("X", D, N), atom("Y", D, N)
x = atom("x", D)
s = atom("s")
r, q, i, j = Index("r", E), Index("q", E), Index("i", D), Index("j", D)


@pytest.mark.parametrize(
    ("of", "by", "gradient"),
    [
        ((atom("G", E, N) * (W @ X)).sum(), W, atom("G", E, N) @ X.T),
        ((atom("G", E, N) * (W @ X)).sum(), W.T, X @ atom("G", E, N).T),
        ((S * identity(D)).sum(), S, identity(D)),
        (x.T @ S @ x, x, (S + S.T) @ x),
        (x.T @ S @ x, S, x @ x.T),
        ((S @ S * identity(D)).sum(), S, 2 * S.T),
        ((apply("relu", X) * Y).sum(), X, apply("step", X) * Y),
        ((apply("step", X) * Y).sum(), X, 0 * X),
        ((apply("f", X) * Y).sum(), X, apply("f'", X) * Y),
        ((apply("f'", X) * Y).sum(), X, apply("f''", X) * Y),
        (1 / x.sum(), x, -ones(D, UNIT) / x.sum() ** 2),
        (_log_sum_exp(X).sum(), X, _softmax(X)),
        (_log_sum_exp(X).sum() - (Y * X).sum(), X, _softmax(X) - Y),
        (_squared_error(X, Y), X, _squared_error_start(X, Y)),
        (_binary_cross_entropy(X, Y), X, _binary_cross_entropy_start(X, Y)),
        (dim(N) * s**3, s, 3 * dim(N) * s**2),
        (diag(x).sum(), x, ones(D, UNIT)),
    ],
)
def test_derivatives_of_matrices(of, by, gradient):
    """The derivative has the shape of what it is by; a diagonal has a Kronecker delta."""
    assert equal(grad(of, by), gradient)
    assert (grad(of, by).rows, grad(of, by).columns) == (by.rows, by.columns)


@pytest.mark.parametrize(
    "activation",
    [
        activations.identity,
        activations.relu,
        activations.tanh,
        activations.sigmoid,
        activations.softplus,
        activations.gelu,
        activations.gelu_tanh,
        activations.leaky_relu(Fraction(1, 10)),
    ],
)
def test_the_activations_run_unchanged(activation):
    """The code of each activation, and of its derivative, agree."""
    assert equal(grad((Y * activation(X)).sum(), X), Y * activation.derivative(X))
    assert not activation(X).assumed


def test_a_jacobian_is_in_denominator_layout():
    """Entry j, i is ∂of_i/∂by_j: the Jacobian of W x is Wᵀ."""
    assert equal(jacobian(W @ x, x), W.T)
    assert equal(jacobian(apply("relu", x), x), diag(apply("step", x)))
    p = apply("exp", x) / apply("exp", x).sum()
    assert equal(jacobian(p, x), diag(p) - p @ p.T)


def test_a_derivative_by_one_entry_has_deltas():
    """∂(W x)_q / ∂W_ri = δ_qr x_i, also where both indices are one."""
    entry = (W @ x).entry(q)

    assert equal(derivative_entry(entry, W, r, i), indicator_equal(q, r) * x.entry(i))
    assert equal(derivative_entry(entry, W, q, i), x.entry(i))
    assert equal(derivative_entry(S.entry(i, i), S, i, j), indicator_equal(i, j))
    assert equal(grad(S.entry(i, j), S.entry(i, j)), scalar(1))


def test_there_is_no_derivative_through_a_maximum():
    """Where the maximum of a column does not cancel, none is given."""
    with pytest.raises(BeyondTensorsError, match="maximum"):
        grad(X.max(axis=0, keepdims=True).sum(), X)


@pytest.mark.parametrize("by", [2 * W, W @ X, X + X, scalar(3), apply("relu", W)])
def test_a_derivative_is_by_a_variable(by):
    """Not by an expression."""
    with pytest.raises(BeyondTensorsError, match="no variable"):
        grad(s * W.sum(), by)
