"""Tensors with open sizes: canonical forms, entries, and what NumPy code may ask of them."""

import operator

import numpy as np
import pytest

from backproof.losses import (
    _log_sum_exp,
)
from backproof.numbers.tensors import (
    UNIT,
    BeyondTensorsError,
    Dim,
    Index,
    Indicator,
    ShapeMismatchError,
    apply,
    atom,
    diag,
    dim,
    equal,
    grad,
    hadamard,
    identity,
    indicator_equal,
    jacobian,
    ones,
    scalar,
)

D, E, N = Dim("D"), Dim("E"), Dim("N")
W, S = atom("W", E, D), atom("S", D, D)
X, Y, Z = atom("X", D, N), atom("Y", D, N), atom("Z", D, N)
x, y = atom("x", D), atom("y", D)
s, c = atom("s"), atom("c")
r, i, j = Index("r", E), Index("i", D), Index("j", D)


# Canonical forms.


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((W @ X).T, X.T @ W.T),
        ((S @ S.T).T, S @ S.T),
        ((X * Y).sum(), (Y.T @ X * identity(N)).sum()),
        (S @ S @ S, S @ (S @ S)),
        ((S @ S.T @ S @ S.T * identity(D)).sum(), ((S.T @ S) ** 1 * (S.T @ S)).sum()),
        (identity(D) @ X, X),
        (X @ identity(N), X),
        (diag(x) @ X, x * X),
        (X.sum(axis=1, keepdims=True), X @ ones(N, UNIT)),
        (ones(D, E) @ ones(E, N), dim(E) * ones(D, N)),
        (identity(D).sum(), dim(D)),
        ((x @ y.T * identity(D)).sum(), x.T @ y),
        (apply("relu", S + S.T).T, apply("relu", S + S.T)),
        (apply("exp", S @ S.T).T, apply("exp", S @ S.T)),
        (apply("f", X * Y), apply("f", Y * X)),
        (X.mean(axis=1, keepdims=True) * dim(N), X @ ones(N, UNIT)),
        ((X + Y) ** 2, X**2 + 2 * X * Y + Y**2),
        ((x.sum() - y.sum()) ** 5, -((y.sum() - x.sum()) ** 5)),
    ],
)
def test_forms_of_one_matrix_are_equal(left, right):
    """Transposes, products, deltas and sums over ones have one canonical form."""
    assert equal(left, right)
    assert not equal(left, 2 * right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (S @ S.T, S.T @ S),
        (S @ S, S * S),
        ((S @ S * identity(D)).sum(), (S * S).sum()),
        (apply("relu", S), apply("relu", S.T).T * 1 + 0 * S + S - S.T),
        (X @ X.T @ S, S @ X @ X.T),
        (apply("relu", X) * Y, X * apply("relu", Y)),
        (apply("exp", X).sum(), apply("exp", X.sum())),
        (dim(D) * s, dim(N) * s),
        (x @ ones(UNIT, D), ones(D, UNIT) @ x.T),
    ],
)
def test_different_matrices_are_not_equal(left, right):
    """What only looks alike is kept apart."""
    assert not equal(left, right)


def test_equal_widths_hide_no_transpose():
    """With one name for all widths the shapes fit, and the values still differ."""
    A, B = atom("A", D, D), atom("B", D, D)
    G = atom("G", D, D)

    assert equal(grad((G * (A @ B)).sum(), A), G @ B.T)
    assert not equal(G @ B.T, G @ B)
    assert not equal(G @ B.T, B @ G.T)


def test_another_shape_is_another_matrix():
    """A row is not its column, and a column not its row of copies."""
    assert not equal(x, x.T)
    assert not equal(x, x * ones(D, N))


def test_equal_factors_are_put_in_order_however_many():
    """Σ_r (Σ_i S_ri)⁹ has nine indices that nothing tells apart."""
    row = S @ ones(D, UNIT)

    assert equal((row**9).sum(), (row.T**4 @ row**5).sum())
    assert not equal((row**9).sum(), (row.T**4 @ row**4).sum())


def test_too_much_to_multiply_out_is_refused():
    """A formula that would have too many terms is an error, not a wait."""
    with pytest.raises(BeyondTensorsError, match="too many terms"):
        _ = ((X + Y + Z + 1) ** 10) ** 2


# Entries.


def test_entries_have_named_indices():
    """An entry is 1 by 1, can be summed, and can be made a matrix again."""
    entry = W.entry(r, i)

    assert (entry.rows, entry.columns) == (UNIT, UNIT)
    assert set(entry.free) == {r, i}
    assert equal(entry.from_entry(r, i), W)
    assert equal(entry.from_entry(i, r), W.T)
    assert equal((W.column(i) * X.row(i)).sum_over(i), W @ X)
    assert equal((W.entry(r, i) * x.entry(i)).sum_over(i).from_entry(r), W @ x)
    assert equal(scalar(1).sum_over(i), dim(D))
    assert equal((indicator_equal(i, j) * x.entry(j)).sum_over(j), x.entry(i))
    assert equal(W.row(r) @ x, (W @ x).entry(r))
    assert not equal(S.entry(i, j), S.entry(j, i))


def test_a_function_on_the_diagonal_is_a_function_of_the_diagonal():
    """f(S_ij S_ji) and f(S_ij²) are the same where i = j, and nowhere else."""
    first, second = apply("f", S * S.T), apply("f", S * S)

    assert equal(first.entry(i, i), second.entry(i, i))
    assert equal((first * identity(D)).sum(), (second * identity(D)).sum())
    assert not equal(first.entry(i, j), second.entry(i, j))


def test_an_index_runs_over_its_own_size():
    """An index of another size is refused, and so is one where there is none."""
    with pytest.raises(ShapeMismatchError, match="run over"):
        W.entry(i, r)
    with pytest.raises(ShapeMismatchError, match="run over"):
        x.entry(i, j)
    with pytest.raises(ShapeMismatchError):
        indicator_equal(i, r)


# What NumPy code does.


def test_the_functions_of_numpy_take_tensors():
    """NumPy's own functions give the same as the operators."""
    assert equal(np.maximum(X, 0), apply("relu", X))
    assert equal(np.maximum(0, X), apply("relu", X))
    assert equal(np.where(X > 0, X, 0), apply("relu", X))
    assert equal(np.where(X > 0, Y, 0), apply("step", X) * Y)
    assert equal(np.where(X > 0, 1, Y), apply("step", X) * (1 - Y) + Y)
    assert equal(np.heaviside(X, 0), apply("step", X))
    assert equal(np.sum(X, axis=1, keepdims=True), X.sum(axis=1, keepdims=True))
    assert equal(np.sum(X), X.sum())
    assert equal(np.exp(np.log(1 + Y * Y)), 1 + Y * Y)
    assert equal(np.tanh(X) + np.sqrt(np.exp(Y)), apply("tanh", X) + apply("exp", Y / 2))
    assert equal(np.int64(3) * X, 3 * X)
    assert equal(np.matmul(W, X), W @ X)
    assert equal(np.transpose(X), X.T)
    assert equal(X / X.shape[1], X / dim(N))
    assert equal(1 / X.shape[1] * X, X / dim(N))
    assert np.shape(X) == X.shape == (X.shape[0], X.shape[1])


NO_ANSWER = {
    "X >= 0": lambda: X >= 0,
    "X < 0": lambda: X < 0,
    "X > 1": lambda: X > 1,
    "X > Y": lambda: X > Y,
    "X == Y": lambda: X == Y,
    "X != Y": lambda: X != Y,
    "bool(X)": lambda: bool(X),
    "float(s)": lambda: float(s),
    "list(X)": lambda: list(X),
    "len(X)": lambda: len(X),
    "X[0, 0]": lambda: X[0, 0],
    "X[:, :1]": lambda: X[:, :1],
    "abs(X)": lambda: abs(X),
    "0.5 * X": lambda: 0.5 * X,
    "X + np.float64(2)": lambda: X + np.float64(2),
    "X * np.ones((2, 2))": lambda: X * np.ones((2, 2)),
    "np.ones((2, 2)) @ X": lambda: np.ones((2, 2)) @ X,
    "np.asarray(X)": lambda: np.asarray(X),
    "np.clip(X, -1, 1)": lambda: np.clip(X, -1, 1),
    "np.array_equal(X, X)": lambda: np.array_equal(X, X),
    "np.add(X, Y, out=X)": lambda: np.add(X, Y, out=X),
    "np.add.reduce(X)": lambda: np.add.reduce(X),
    "X.sum(axis=1)": lambda: X.sum(axis=1),
    "X**0.5": lambda: X**0.5,
    "X**s": lambda: X**s,
    "1 / (X > 0)": lambda: 1 / (X > 0),
    '1 / apply("relu", X)': lambda: 1 / apply("relu", X),
    "np.where(X, X, 0)": lambda: np.where(X, X, 0),
    "np.maximum(X, Y)": lambda: np.maximum(X, Y),
    "np.heaviside(X, 1)": lambda: np.heaviside(X, 1),
    "X.astype(bool)": lambda: X.astype(bool),
    "(X > 0) + (Y > 0)": lambda: (X > 0) + (Y > 0),
    "(X > 0) - (Y > 0)": lambda: (X > 0) - (Y > 0),
    "-(X > 0)": lambda: -(X > 0),
    "(S > 0) @ (S > 0)": lambda: (S > 0) @ (S > 0),
    "range(X.shape[0])": lambda: range(X.shape[0]),
    "X.shape[0] == X.shape[1]": lambda: X.shape[0] == X.shape[1],
    "X.shape[1] == 1": lambda: X.shape[1] == 1,
    "X.shape[1] > 1": lambda: X.shape[1] > 1,
    "bool(X.shape[1])": lambda: bool(X.shape[1]),
    'apply("log", scalar(-1))': lambda: apply("log", scalar(-1)),
}


@pytest.mark.parametrize("work", NO_ANSWER.values(), ids=NO_ANSWER)
def test_what_has_no_answer_is_refused(work):
    """No branch is taken on an entry or a size, nothing is rounded, nothing is changed in place."""
    with pytest.raises(TypeError):
        work()


@pytest.mark.parametrize(
    "change",
    [
        operator.iadd,
        operator.isub,
        operator.imul,
        operator.itruediv,
        operator.ipow,
        operator.imatmul,
    ],
)
def test_nothing_is_changed_in_place(change):
    """`a += b` changes an array that may have another name, so it is refused."""
    with pytest.raises(BeyondTensorsError, match="in place"):
        change(S, S)


def test_an_entry_cannot_be_set():
    """A tensor is no container."""
    with pytest.raises(BeyondTensorsError, match="in place"):
        X[:] = 0


def test_a_division_by_zero_is_an_error():
    """1 / 0 is nothing."""
    with pytest.raises(ZeroDivisionError):
        _ = 1 / (X - X)


def test_an_indicator_is_a_number_in_products():
    """As in NumPy: a product of masks is a mask, and 1 - mask is a number."""
    mask = X > 0

    assert isinstance(mask * mask, Indicator)
    assert isinstance(mask.T, Indicator)
    assert equal(mask * mask, mask)
    assert equal(1 - mask, 1 - apply("step", X))
    assert equal(Y - mask, Y - apply("step", X))
    assert equal(mask.astype(float) + mask.astype(float), 2 * apply("step", X))
    assert equal(mask @ Y.T, apply("step", X) @ Y.T)
    assert equal(X > 0, mask)


NO_FIT = {
    "W @ W": lambda: W @ W,
    "W @ x.T": lambda: W @ x.T,
    "W + W.T": lambda: W + W.T,
    "X * x.T": lambda: X * x.T,
    "x * W": lambda: x * W,
    "X + S": lambda: X + S,
    "diag(X)": lambda: diag(X),
    "hadamard(X, x)": lambda: hadamard(X, x),
    "grad(X, X)": lambda: grad(X, X),
    "jacobian(X, x)": lambda: jacobian(X, x),
    "X.from_entry(i, r)": lambda: X.from_entry(i, r),
}


@pytest.mark.parametrize("work", NO_FIT.values(), ids=NO_FIT)
def test_shapes_that_do_not_fit_for_every_size_are_refused(work):
    """Only a size 1 is broadcast; another size may be 1, but need not be."""
    with pytest.raises(ShapeMismatchError):
        work()


def test_a_mismatch_names_both_shapes():
    """The message has both shapes and the operation."""
    with pytest.raises(ShapeMismatchError, match=r"^\(E, D\) @ \(E, D\)$"):
        _ = W @ W


def test_columns_rows_and_numbers_are_broadcast():
    """(D, 1) and (1, N) with (D, N), and with each other."""
    row = atom("t", UNIT, N)

    assert (x + row).rows, (x + row).columns == (D, N)
    assert equal(x * X + row * X, (x + row) * X)
    assert equal((x + row).sum(axis=1, keepdims=True), dim(N) * x + row.sum())


# What is assumed.


def test_what_a_division_assumes_is_said():
    """A quotient carries that its divisor is not 0, unless that is certain."""
    assert (X / Y).assumed == {"Y_{rn} ≠ 0"}
    assert (s / c * c).assumed == {"c ≠ 0"}
    assert apply("log", s).assumed == {"s > 0"}
    assert not (X / (1 + Y * Y)).assumed
    assert not (X / dim(N) / apply("exp", Y).sum() / 3).assumed
    assert not _log_sum_exp(X).assumed
