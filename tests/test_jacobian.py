"""A Jacobian in symbols is the derivative of the code: everywhere, or where it says."""

import re

import numpy as np
import pytest
import sympy

from backproof import gelu, leaky_relu, relu, sigmoid, tanh
from backproof.checking.functions.jacobian import LocalJacobian, jacobian


def softmax(x):
    """Return the softmax of a row, or of each row."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def masked_relu(x):
    """Return the rectified entries, by an assignment to a mask."""
    y = x.copy()
    y[x <= 0] = 0
    return y


def in_a_loop(x):
    """Return a function of each entry, written into zeros."""
    out = np.zeros(x.shape)
    for i in range(len(x)):
        out[i] = np.tanh(x[i]) * x[0]
    return out


def layer_norm(x, eps=1e-5):
    """Return a row less its mean, over its deviation, and a cache."""
    centred = x - x.mean()
    return centred / np.sqrt((centred * centred).mean() + eps), centred


EVERYWHERE = {
    "affine": (lambda x: np.array([[1.0, 2, 3], [4, 5, 6]]) @ x + 1, "x: 3"),
    "relu": (lambda x: np.maximum(0, x), "x: 3"),
    "relu by mask": (lambda x: x * (x > 0), "x: 3"),
    "relu by where": (lambda x: np.where(x > 0, x, 0), "x: 3"),
    "relu by assignment": (masked_relu, "x: 3"),
    "leaky": (lambda x: np.where(x > 0, x, 0.01 * x), "x: 3"),
    "elu": (lambda x: np.where(x > 0, x, np.exp(x) - 1), "x: 3"),
    "abs": (lambda x: np.abs(x) + abs(x), "x: 3"),
    "clip": (lambda x: np.clip(x, -1, 1), "x: 3"),
    "hard tanh": (lambda x: np.minimum(1, np.maximum(-1, x)), "x: 3"),
    "softmax": (softmax, "x: 3"),
    "softmax of rows": (softmax, "x: 2 3"),
    "log-sum-exp": (lambda x: x.max() + np.log(np.exp(x - x.max()).sum()), "x: 3"),
    "maximum of rows": (lambda x: x.max(axis=1), "x: 2 3"),
    "minimum": (lambda x: x.min(), "x: 3"),
    "layer norm": (layer_norm, "x: 3"),
    "variance": (lambda x: x.var(axis=0), "x: 2 2"),
    "deviation": (lambda x: x.std(), "x: 3"),
    "loop": (in_a_loop, "x: 3"),
    "sum of squares": (lambda x: (x**2).sum(), "x: 2 2"),
    "outer": (lambda x: np.outer(x, x), "x: 2"),
    "einsum": (lambda x: np.einsum("ij,kj->ik", x, x), "x: 2 2"),
    "stacked": (lambda x: np.concatenate([x, np.zeros(1), np.stack([x, x])[1]]), "x: 2"),
    "causal": (lambda x: softmax(np.where(np.tri(2).astype(bool), x, -np.inf)), "x: 2 2"),
    "list": (lambda x: np.array([x[0] * x[1], np.sin(x[0])]), "x: 2"),
    "logarithms": (lambda x: np.log1p(x * x) + np.log2(x * x + 1), "x: 2"),
    "number": (lambda s: s**3 - 0.5 * s, "s: scalar"),
    "norm": (np.linalg.norm, "x: 3"),
    "cumulative": (lambda x: np.cumsum(x) * np.prod(x), "x: 3"),
    "tuple": (lambda x: (x * x, "cache"), "x: 2"),
    "book's relu": (relu, "z: 3"),
    "book's leaky": (leaky_relu(0.1), "z: 2"),
    "book's sigmoid": (sigmoid, "z: 2"),
    "book's tanh": (tanh, "z: 2"),
    "book's gelu": (gelu, "z: 2"),
}


def by_differences(function, x, step=1e-6):
    """Return the derivative by central differences, rows by entries of x."""
    first = lambda out: out[0] if isinstance(out, tuple) else out  # noqa: E731
    rows = []
    for place in np.ndindex(x.shape):
        ends = []
        for side in (step, -step):
            moved = x.copy()
            moved[place] += side
            ends.append(np.asarray(first(function(moved)), dtype=float).ravel())
        rows.append((ends[0] - ends[1]) / (2 * step))
    return np.array(rows)


def at(matrix, x, name):
    """Return a symbolic matrix at a point, rows by entries of x."""
    names = sorted(sympy.sympify(matrix).free_symbols, key=str)
    values = {}
    for place in np.ndindex(x.shape):
        index = "".join(str(each + 1) for each in place)
        values[f"{name}_{index}" if index else name] = float(x[place])
    found = sympy.sympify(matrix).subs({each: values[str(each)] for each in names})
    return np.array(found.tolist() if hasattr(found, "tolist") else [[found]], dtype=float)


@pytest.mark.parametrize("case", EVERYWHERE)
def test_the_jacobian_is_the_derivative_everywhere(case):
    """One formula agrees with differences at points on all sides of every kink."""
    function, declaration = EVERYWHERE[case]
    name, _, sizes = declaration.partition(": ")
    shape = () if sizes == "scalar" else tuple(map(int, sizes.split()))
    matrix = jacobian(function, declaration)
    assert not isinstance(matrix, LocalJacobian)
    for seed in range(6):
        x = np.random.default_rng(seed).uniform(-2, 2, size=shape)
        expected = by_differences(function, np.asarray(x))
        found = at(matrix, np.asarray(x), name)
        np.testing.assert_allclose(found.reshape(expected.shape), expected, atol=1e-6)


def test_by_one_of_several_inputs():
    """`wrt` chooses; the other input stays in symbols, and so does its product."""
    W = sympy.Matrix(2, 3, lambda i, j: sympy.Symbol(f"W_{i + 1}{j + 1}", real=True))
    found = jacobian(lambda W, x: W @ x, "W: 2 3, x: 3", wrt="x")
    assert str(found) == str(W.T)
    assert jacobian(lambda W, x: W @ x, "W: 2 3, x: 3", wrt="W").shape == (6, 2)


def test_letters_and_labels():
    """Letters are small sizes; labels that were chosen here are named, those given are not."""

    def loss(z, y):
        return -np.log(softmax(z)[np.arange(len(y)), y]).sum()

    found = jacobian(loss, "z: N 3, y: N in 3")
    assert found.matrix.shape == (2, 3)
    assert re.fullmatch(r"y = \[[012], [012]\]", found.conditions[0])
    given = jacobian(loss, z=np.ones((1, 2)), y=np.array([1]))
    assert str(given[0, 0]) == "exp(z_11)/(exp(z_11) + exp(z_12))"


def test_an_example_array_gives_shape_and_branch():
    """Code that takes a branch is differentiated on the branch of the point, which is named."""

    def larger(x):
        return x[0] ** 2 if x[0] > x[1] else x[1] ** 3

    first = jacobian(larger, x=np.array([2.0, 1.0]))
    second = jacobian(larger, x=np.array([1.0, 2.0]))
    assert str(first).endswith("where x_1 - x_2 > 0")
    assert str(second).endswith("where x_1 - x_2 <= 0")
    assert "2*x_1" in str(first.matrix)
    assert "3*x_2**2" in str(second.matrix)


@pytest.mark.parametrize(
    "function",
    [np.sort, lambda x: x[np.argsort(x)], lambda x: x[x > 0].sum(), np.argmax],
    ids=["sort", "argsort", "mask as index", "argmax"],
)
def test_a_branch_is_never_passed_over(function):
    """What depends on an order or on a sign says where it holds."""
    found = jacobian(lambda x: function(x) * x[0], x=np.array([1.0, 3.0, -2.0]))
    assert isinstance(found, LocalJacobian)
    assert found.conditions


def test_truth_values_are_no_formulas():
    """A number used as a truth value is a branch, even where SymPy would call it true."""

    def truthy(x):
        return np.where(np.asarray(x, dtype=bool), x * 2, x + 1)

    found = jacobian(truthy, x=np.array([1.0, 3.0]))
    assert isinstance(found, LocalJacobian)


def test_a_point_without_a_value_is_refused():
    """Where an output is not a number it has no derivative, not one of 0."""

    def root(x):
        return np.sqrt(x) if x[0] < x[1] else x

    with pytest.raises(ValueError, match="not all is finite"):
        jacobian(root, x=np.array([-2.0, 1.0]))


def test_a_function_of_positive_numbers():
    """Points where the code has no value do not stand against its formula."""
    assert str(jacobian(np.log, "x: 1")[0]) == "1/x_1"


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((lambda W, x: W @ x, "W: 2 3, x: 3"), {}, ValueError, "several real inputs; say by which"),
        ((lambda x: x, "x: 3"), {"wrt": "y"}, ValueError, "wrt names 'y', but the inputs are x"),
        (("x: 3", np.exp), {}, TypeError, "function must be callable, but is 'x: 3'"),
        ((lambda x: {"a": x}, "x: 3"), {}, TypeError, "must return an array"),
        ((lambda x: x.fill(0), "x: 3"), {}, TypeError, "must return an array, but returned None"),
        ((lambda x: x.sort(), "x: 3"), {}, ValueError, "cannot follow ndarray.sort"),
    ],
)
def test_refusals(arguments, options, error, message):
    """What cannot be differentiated is refused by name."""
    with pytest.raises(error, match=message):
        jacobian(*arguments, **options)


def test_the_codes_own_error_is_its_own():
    """What the code itself raises is passed on."""
    with pytest.raises(IndexError, match="out of bounds"):
        jacobian(lambda x: x[5], "x: 2")


def test_unknown_functions_are_named():
    """A function that neither run knows is named."""
    with pytest.raises(ValueError, match=r"cannot follow np\.linalg\.qr"):
        jacobian(lambda x: np.linalg.qr(x)[0], "x: 2 2")


def test_numpy_under_other_names_is_followed():
    """Code that imported zeros by name is followed as code that says np.zeros."""
    names = {}
    exec(  # noqa: S102  a module of its own, with its own imports
        "from numpy import sin, zeros\n"
        "def f(v):\n"
        "    out = zeros(2)\n"
        "    out[0] = sin(v[0])\n"
        "    return out\n",
        names,
    )
    assert str(jacobian(names["f"], "x: 2")) == "Matrix([[cos(x_1), 0], [0, 0]])"
