"""Bad and odd inputs of a checker, each with its message; NumPy lets many of them pass."""

import types

import numpy as np
import pytest

from backproof import check
from backproof.checking.verdict import Status

X, W = (
    np.array([[0.5, -1.25], [2.0, 0.75], [-0.5, 1.5]]),
    np.array([[1.0, 2.0, -3.0], [0.5, -1.5, 4.0]]),
)


def product(x, W):
    return x @ W


def right(dout, x, W):
    return dout @ W.T, x.T @ dout


def only_x(dout, x, W):
    return dout @ W.T, None


RAISED = {
    "integers differentiated": (
        {"x": X.astype(int), "W": W, "wrt": ("x", "W")},
        TypeError,
        "wrt names x, which is not real: a derivative by whole numbers or truth values has no",
    ),
    "bool differentiated": (
        {"x": X > 0, "W": W, "wrt": "x"},
        TypeError,
        "wrt names x, which is not real",
    ),
    "float32 beside float64": (
        {"x": X.astype(np.float32), "W": W},
        TypeError,
        "x has dtype float32; expected float64. Pass x.astype(float)",
    ),
    "float16": (
        {"x": X.astype(np.float16), "W": W},
        TypeError,
        "x has dtype float16; expected float64",
    ),
    "complex": (
        {"x": X + 1j, "W": W},
        TypeError,
        "x has dtype complex128; complex numbers are not supported",
    ),
    "objects that are no numbers": (
        {"x": np.array([["a", "b"]] * 3, dtype=object), "W": W},
        TypeError,
        "x has dtype object, which holds no numbers",
    ),
    "strings": ({"x": X.astype(str), "W": W}, TypeError, "which holds no numbers"),
    "ragged list": ({"x": [[1.0], [1.0, 2.0]], "W": W}, ValueError, "x is no array of one shape"),
    "none": (
        {"x": None, "W": W},
        TypeError,
        'x is None; give an array, or its sizes as in x="N D"',
    ),
    "nan": (
        {"x": np.where(X > 1, np.nan, X), "W": W},
        ValueError,
        "x holds nan at (1, 0); every entry must be finite",
    ),
    "inf": ({"x": np.where(X > 1, np.inf, X), "W": W}, ValueError, "x holds inf at (1, 0)"),
    "masked array": (
        {"x": np.ma.masked_greater(X, 1), "W": W},
        TypeError,
        "x is a numpy MaskedArray, whose * or sum means something else; pass an ndarray",
    ),
    "empty": (
        {"x": np.zeros((0, 2)), "W": W},
        ValueError,
        "x has shape (0, 2): there is nothing in it",
    ),
    "an input that is missing": (
        {"x": X},
        ValueError,
        'forward needs W, which is not declared; add "W: …" with its sizes',
    ),
    "an input too many": (
        {"x": X, "W": W, "b": W},
        ValueError,
        "b is declared, but forward takes x, W; declare the inputs under",
    ),
    "wrt of nothing": (
        {"x": X, "W": W, "wrt": "V"},
        ValueError,
        "wrt names 'V', but the inputs are x, W",
    ),
}


@pytest.mark.parametrize("row", RAISED)
def test_a_bad_example_is_refused_by_name(row):
    given, kind, message = RAISED[row]
    with pytest.raises(kind) as refusal:
        check(product, right, **given)
    assert message in str(refusal.value)


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_numpy_matrix_is_refused():
    with pytest.raises(TypeError, match="x is a numpy matrix"):
        check(product, right, x=np.asmatrix(X), W=W)


def read_only():
    array = X.copy()
    array.flags.writeable = False
    return array


STORED = {
    "read-only": read_only(),
    "stride 0": np.broadcast_to(X[:1], (3, 2)),
    "every second": np.repeat(X, 2, axis=0)[::2],
    "Fortran order": np.asfortranarray(X),
    "negative strides": X[::-1],
    "nested list": X.tolist(),
    "exact numbers": X.astype(object),
}


@pytest.mark.parametrize("row", STORED)
def test_how_an_example_is_stored_does_not_matter(row):
    assert check(product, right, x=STORED[row], W=W).status is Status.PROVED


def said(*arguments, **options):
    verdict = check(*arguments, **options)
    assert not verdict
    return verdict.status, verdict.witness


INPUTS = "x: N D, W: D M"

DIFFERS = {
    "none for a gradient": (
        lambda dout, x, W: (dout @ W.T, None),
        "backward returned None for W; every input in wrt needs a gradient",
    ),
    "too few gradients": (
        lambda dout, x, W: dout @ W.T,
        "backward returned 1 gradient, but 2 are wanted, of x, W. If it is meant to give only some",
    ),
    "too many gradients": (
        lambda dout, x, W: (dout @ W.T, x.T @ dout, dout),
        "backward returned 3 gradients, but 2 are wanted, of x, W",
    ),
    "another name": (
        lambda dout, x, W: {"dx": dout @ W.T, "dV": x.T @ dout},
        "backward gives no gradient of W: it returned dx, dV",
    ),
    "a name too many": (
        lambda dout, x, W: {"dx": dout @ W.T, "dW": x.T @ dout, "dV": x},
        "backward returned 'dV', which names the gradient of none of x, W",
    ),
    "gradient transposed": (
        lambda dout, x, W: (dout @ W.T, dout.T @ x),
        "dW has shape (4, 3), but W has shape (3, 4). Its transpose fits: return dW.T",
    ),
    "gradient of another shape": (
        lambda dout, x, W: (dout @ W.T, np.zeros(5)),
        "dW has shape (5,), but W has shape (3, 4).",
    ),
    "a row too long": (
        lambda dout, x, W: ((dout @ W.T)[None], x.T @ dout),
        "dx has shape (1, 2, 3), but x has shape (2, 3). The entries are as many: return dx.resh",
    ),
    "float32 gradient": (
        lambda dout, x, W: (dout @ W.T, (x.T @ dout).astype(np.float32)),
        "dW has dtype float32, but W is float64.",
    ),
    "integer gradient": (
        lambda dout, x, W: ((dout @ W.T).astype(int), x.T @ dout),
        "dx has dtype int64, but x is float64.",
    ),
    "complex gradient": (
        lambda dout, x, W: (dout @ W.T + 0j, x.T @ dout),
        "dx has dtype complex128, but x is float64.",
    ),
    "a numpy matrix": (
        lambda dout, x, W: (np.asmatrix(dout @ W.T), x.T @ dout),
        "dx is a numpy matrix, whose * or sum means something else; return an ndarray",
    ),
    "a masked array": (
        lambda dout, x, W: (np.ma.masked_less(dout @ W.T, 0), x.T @ dout),
        "dx is a numpy MaskedArray, whose * or sum means something else; return an ndarray",
    ),
    "a text": (lambda dout, x, W: ("dx", x.T @ dout), "dx is a str; expected an array"),
    "not a number": (
        lambda dout, x, W: (dout @ W.T / (x - x), x.T @ dout),
        "dx[0, 0] is ",
    ),
    "nothing": (lambda dout, x, W: None, "backward returned None; expected the gradients of x, W"),
    "a generator": (
        lambda dout, x, W: (part for part in (dout @ W.T, x.T @ dout)),
        "backward returned a generator; expected arrays: one, a tuple, or a dict by name",
    ),
    "keepdims": (
        lambda dout, x, W: (dout @ W.T, (x.T @ dout)[:, None]),
        (
            "dW has shape (3, 1, 4), but W has shape (3, 4). The entries are as many: return "
            "dW.reshape(W.shape), or sum without keepdims"
        ),
    ),
    "summed too far": (
        lambda dout, x, W: (dout @ W.T, (x.T @ dout).sum(axis=0)),
        "dW has shape (4,), but W has shape (3, 4). Sum only over the axes along which forward",
    ),
    "dout changed": (
        lambda dout, x, W: (dout @ W.T, x.T @ np.negative(dout, out=dout) * -1),
        "backward changes dout in place",
    ),
    "an input changed": (
        lambda dout, x, W: (np.add(dout @ W.T, 0), np.multiply(x, 0.5, out=x).T @ dout * 2),
        "backward changes x in place",
    ),
    "it raises": (lambda dout, x, W: (dout @ W, x.T @ dout), "backward raises ValueError: matmul"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("row", DIFFERS)
def test_what_is_wrong_around_the_formula_is_told(row):
    backward, message = DIFFERS[row]
    status, witness = said(product, backward, INPUTS)
    assert status is Status.DIFFERS
    assert witness.startswith(message)


def test_a_bias_gradient_that_is_not_summed_is_told_with_the_axis():
    status, witness = said(lambda x, b: x + b, lambda dout, x, b: (dout, dout), "x: N D, b: D")
    assert status is Status.DIFFERS
    assert "sum over it, db.sum(axis=0)" in witness


def test_a_column_for_a_row_is_told():
    status, witness = said(lambda b: 2 * b, lambda dout, b: 2 * dout[:, None], "b: D")
    assert status is Status.DIFFERS
    assert witness.startswith("db has shape (2, 1), but b has shape (2,)")


def test_a_column_against_a_row_in_the_forward_pass_is_told():
    def loss(p, t):
        return np.mean((p - t) ** 2)

    def gradient(p, t):
        return 2 * np.mean(p - t, axis=1, keepdims=True) / len(t)

    status, reason = said(loss, gradient, "p: N 1, t: N", wrt="p")
    assert status is Status.CANNOT_TELL
    assert "shape (2, 1) meet shape (2,)" in reason
    assert "[:, None]" in reason


def test_a_random_forward_pass_is_told():
    generator = np.random.default_rng(0)
    status, reason = said(lambda x: x * generator.normal(), lambda dout, x: dout, "x: N D")
    assert status is Status.CANNOT_TELL
    assert reason.startswith("forward is random, or keeps something between calls")


def test_a_batch_of_one_in_batch_norm_is_not_called_right():
    def forward(x):
        return (x - x.mean(axis=0)) / x.std(axis=0)

    verdict = check(forward, lambda dout, x: 0 * dout, x=np.array([[1.0, 2.0]]))
    assert verdict.status is Status.CANNOT_TELL
    assert "forward gives nothing finite" in verdict.witness


def test_a_constant_feature_with_a_small_eps_is_looked_at():
    def forward(x):
        return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-30)

    def wrong(dout, x):
        s = np.sqrt(x.var(axis=0) + 1e-24)
        y = (x - x.mean(axis=0)) / s
        return (dout - dout.mean(axis=0) - y * (dout * y).mean(axis=0)) / s

    assert not check(forward, wrong, "x: N D")


def test_an_axis_that_does_not_exist_is_told_as_numpy_tells_it():
    status, reason = said(lambda x: x.sum(axis=2), lambda dout, x: x, "x: N D")
    assert status is Status.CANNOT_TELL
    assert "AxisError: axis 2 is out of bounds for array of dimension 2" in reason


def test_attributes_of_an_object_are_gradients():
    def backward(dout, x, W):
        return types.SimpleNamespace(dx=dout @ W.T, dW=x.T @ dout)

    assert check(product, backward, INPUTS)


def test_an_axis_of_length_one_caps_the_verdict():
    verdict = check(product, right, x=X[:1], W=W)
    assert verdict.status is Status.AGREES
    assert "x has an axis of length 1, where a sum is a mean" in verdict.coverage
