"""NumPy on traced numbers gives what NumPy gives on floats, function by function."""

import math
import re
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest

from backproof.numbers import exact_real, traced_functions, traced_numpy, traced_ufuncs
from backproof.numbers.traced import Graph, Traced, Unsupported, value_of
from backproof.numbers.traced_array import TracedArray, plain, traced_array
from backproof.numbers.traced_numpy import calling_line, patched
from backproof.numbers.traced_sweep import SLOPES, Reals, recorded, sweep

X = np.array([[0.5, -1.25, 2.0], [-0.75, 3.0, 0.25]])
Y = np.array([[1.5, 0.75, -2.5], [0.125, -0.5, 1.0]])
P = np.abs(X) / 4
CUBE = np.arange(1.0, 25.0).reshape(2, 3, 4) / 8 - 1.3125


def where_out(x):
    out = np.zeros_like(x)
    return np.divide(1, x, out=out, where=x > 0)


def add_at(x):
    total = np.zeros((3, 3))
    np.add.at(total, [0, 0, 2], np.concatenate([x, x[:1]]))
    return total


def in_place(x):
    x = x.copy()
    x[x <= 0] = 0
    x[0] += 1.5
    x[:, 1] *= x[:, 2]
    x -= 0.1
    x /= 2
    return x


def put(x):
    x = x.copy()
    np.fill_diagonal(x, 7.0)
    np.put(x, [1], 3.0)
    np.place(x, x < -1, 0.5)
    np.putmask(x, x > 2.9, 0.25)
    np.copyto(x[1], x[0])
    np.put_along_axis(x, np.array([[0], [1]]), 9.0, axis=1)
    return x


def scalar_loops(x):
    total = np.empty(x.shape[0])
    for n in range(x.shape[0]):
        total[n] = sum(math.tanh(x[n, d]) * math.exp(-abs(x[n, d])) for d in range(x.shape[1]))
    return total


EXAMPLES = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / y,
    lambda x, y: -x + 2 * y - 0.1,
    lambda x, y: 1 / x,
    lambda x, y: x**2 - y**3,
    lambda x, y: abs(x) ** 0.5,
    lambda x, y: np.float_power(np.fabs(x), -1.5),
    lambda x, y: np.power(2.0, x),
    lambda x, y: np.abs(x) ** y,
    lambda x, y: x @ y.T,
    lambda x, y: np.matmul(x.T, y),
    lambda x, y: np.dot(x, y.T),
    lambda x, y: x.dot(y.T),
    lambda x, y: np.vecdot(x, y),
    lambda x, y: np.matvec(x, y[0]),
    lambda x, y: np.vecmat(y[:, 0], x),
    lambda x, y: np.einsum("ij,kj->ik", x, y, optimize=True),
    lambda x, y: np.tensordot(x, y, axes=([1], [1])),
    lambda x, y: np.inner(x, y),
    lambda x, y: np.outer(x[0], y[1]),
    lambda x, y: np.kron(x, y),
    lambda x, y: np.vdot(x, y),
    lambda x, y: np.cross(x, y),
    lambda x, y: np.trace(x @ y.T),
    lambda x, y: np.multiply.outer(x[0], y[0]),
    lambda x, y: np.exp(x),
    lambda x, y: np.expm1(x),
    lambda x, y: np.log(np.abs(x)),
    lambda x, y: np.log1p(np.exp(x)),
    lambda x, y: np.sqrt(np.square(x) + 1),
    lambda x, y: np.tanh(x),
    lambda x, y: np.sinh(x),
    lambda x, y: np.cosh(x),
    lambda x, y: np.sin(x),
    lambda x, y: np.cos(x),
    lambda x, y: np.tan(x),
    lambda x, y: np.arctan(x),
    lambda x, y: np.arcsin(x / 4),
    lambda x, y: np.arccos(x / 4),
    lambda x, y: np.arcsinh(x),
    lambda x, y: np.log2(np.exp2(x)),
    lambda x, y: np.log10(abs(y)),
    lambda x, y: np.logaddexp(x, y),
    lambda x, y: np.hypot(x, y),
    lambda x, y: np.reciprocal(x),
    lambda x, y: np.sign(x),
    lambda x, y: np.heaviside(x, 0.5),
    lambda x, y: np.negative(np.positive(np.conjugate(x))),
    lambda x, y: np.absolute(x),
    lambda x, y: np.maximum(x, y),
    lambda x, y: np.minimum(0, x),
    lambda x, y: np.fmax(x, 0.0),
    lambda x, y: np.fmin(x, y),
    lambda x, y: np.clip(x, -1, 1),
    lambda x, y: x.clip(0),
    lambda x, y: np.clip(x, None, 0.5),
    lambda x, y: np.where(x > 0, x, 0.01 * x),
    lambda x, y: (x > y) * x,
    lambda x, y: np.where((x >= 0) & (y < 1) | ~(x <= y), x, y),
    lambda x, y: np.where(np.logical_and(x > 0, y > 0), x, y),
    lambda x, y: np.where(np.logical_or(x > 0, y > 0), x, y),
    lambda x, y: np.where(np.logical_xor(x > 0, y > 0), x, y),
    lambda x, y: np.logical_not(x > 0) * y,
    lambda x, y: np.where(np.isfinite(x) & ~np.isnan(x) & ~np.isinf(x) & ~np.signbit(x), x, y),
    lambda x, y: x.sum(),
    lambda x, y: np.sum(x, axis=0),
    lambda x, y: x.sum(axis=1, keepdims=True),
    lambda x, y: np.sum(x, axis=(0, 1)),
    lambda x, y: x.mean(axis=0),
    lambda x, y: np.mean(x, axis=-1, keepdims=True),
    lambda x, y: np.mean(x),
    lambda x, y: x.var(axis=0),
    lambda x, y: np.var(x, axis=1, ddof=1, keepdims=True),
    lambda x, y: np.std(x),
    lambda x, y: x.std(axis=0),
    lambda x, y: np.average(x, axis=0),
    lambda x, y: np.prod(x, axis=0),
    lambda x, y: x.prod(),
    lambda x, y: np.cumsum(x, axis=1),
    lambda x, y: np.cumsum(x),
    lambda x, y: np.cumprod(x, axis=0),
    lambda x, y: np.max(x, axis=1),
    lambda x, y: x.max(),
    lambda x, y: x.min(axis=0, keepdims=True),
    lambda x, y: np.amax(x) - np.amin(y, axis=0),
    lambda x, y: np.min(x, axis=0),
    lambda x, y: np.diff(x, axis=1),
    lambda x, y: np.maximum.accumulate(x, axis=1),
    lambda x, y: np.add.reduce(x, axis=None),
    lambda x, y: x[np.arange(2), np.argmax(x, axis=1)],
    lambda x, y: x[np.arange(2), x.argmin(axis=1)],
    lambda x, y: x.ravel()[np.argmax(x)],
    lambda x, y: np.take_along_axis(x, np.argmax(x, axis=1, keepdims=True), axis=1),
    lambda x, y: np.take_along_axis(x, np.argmin(x, axis=0)[None], axis=0),
    lambda x, y: np.sort(x, axis=1),
    lambda x, y: np.take_along_axis(x, np.argsort(x, axis=0), axis=0),
    lambda x, y: np.linalg.norm(x),
    lambda x, y: np.linalg.norm(x, axis=1, keepdims=True),
    lambda x, y: np.linalg.norm(x[0], 1),
    lambda x, y: np.linalg.norm(x[0], np.inf),
    lambda x, y: np.linalg.inv(x @ y.T),
    lambda x, y: np.linalg.inv(np.stack([x @ y.T, y @ x.T])),
    lambda x, y: np.linalg.solve(x @ y.T, x),
    lambda x, y: np.linalg.solve(x @ y.T, x[:, 0]),
    lambda x, y: np.linalg.solve(np.stack([x @ y.T, y @ x.T]), x),
    lambda x, y: np.linalg.det(x.T @ y),
    lambda x, y: np.linalg.det(np.stack([x @ y.T, y @ x.T])),
    lambda x, y: sum(np.linalg.slogdet(x @ y.T)),
    lambda x, y: np.linalg.cholesky(x @ x.T),
    lambda x, y: np.linalg.cholesky(x @ x.T, upper=True),
    lambda x, y: np.linalg.matrix_power(x @ y.T, 3) + np.linalg.matrix_power(x @ y.T, -2),
    lambda x, y: np.linalg.matrix_power(x @ y.T, 0),
    lambda x, y: np.linalg.multi_dot([x, y.T, x]),
    lambda x, y: np.convolve(x[0], y[1, :2]) + np.convolve(x[0, :2], y[1]),
    lambda x, y: np.convolve(x.ravel(), y[1], mode="same"),
    lambda x, y: np.convolve(x.ravel(), y.ravel()[:4], "same"),
    lambda x, y: np.convolve(x[1], y.ravel(), mode="valid"),
    lambda x, y: np.correlate(x[0], y.ravel()) + np.correlate(x.ravel(), y[0]),
    lambda x, y: np.correlate(x[0, :2], y[1], mode="full"),
    lambda x, y: np.correlate(x[0, :2], y.ravel()[:5], mode="same"),
    lambda x, y: np.median(x) + np.median(y, axis=0) + np.median(x, axis=1, keepdims=True),
    lambda x, y: np.ptp(x, axis=1) + np.ptp(y),
    lambda x, y: np.nansum(np.log(x), axis=0) + np.nansum(y),
    lambda x, y: np.trapezoid(x) + np.trapezoid(y, dx=0.5, axis=1),
    lambda x, y: np.trapezoid(x, np.array([0.0, 1.0, 3.0])),
    lambda x, y: np.partition(x, 1, axis=1)[:, 1] + np.partition(y.ravel(), 3)[3],
    lambda x, y: np.take_along_axis(x, np.argpartition(x, 1, axis=1)[:, 1:2], axis=1),
    lambda x, y: np.bincount([0, 3, 3], weights=x[0]),
    lambda x, y: np.bincount(np.array([0, 3, 3]), x[0], minlength=6),
    lambda x, y: np.apply_along_axis(lambda row: row / row.sum(), 1, x),
    lambda x, y: np.apply_along_axis(lambda row: row.sum(), 0, x),
    lambda x, y: np.apply_along_axis(lambda row: np.outer(row, row), 1, x[None]),
    lambda x, y: np.piecewise(x, [x < 0, x >= 0.5], [lambda v: -v, lambda v: v**2]),
    lambda x, y: np.piecewise(x, [x < 0], [0.5, lambda v: v**2]),
    lambda x, y: np.piecewise(x[0], x[0] < 0, [lambda v: -v]),
    lambda x, y: np.add.reduceat(x, [0, 2], axis=1) + np.maximum.reduceat(y, [1, 0], axis=1),
    lambda x, y: np.logaddexp.reduce(x, axis=1) + np.cbrt(x[:, 0]) + np.cbrt(y[:, 0]),
    lambda x, y: np.r_[x[0], 1.0, y[1, 1], 0:3],
    lambda x, y: x[:, np.array([3, 1, 2, 0])[np.r_[1:3]]],
    lambda x, y: np.c_[x, np.ones(2)] + np.c_[y, x[:, 0]],
    lambda x, y: x.reshape(3, -1).T,
    lambda x, y: np.reshape(x, (1, 6)),
    lambda x, y: np.ravel(x),
    lambda x, y: x.flatten()[::-1],
    lambda x, y: np.transpose(x),
    lambda x, y: np.swapaxes(x, 0, 1),
    lambda x, y: np.moveaxis(x[None], 0, 2),
    lambda x, y: np.rollaxis(x, 1),
    lambda x, y: np.matrix_transpose(x),
    lambda x, y: np.permute_dims(x, (1, 0)),
    lambda x, y: np.expand_dims(x, 1),
    lambda x, y: np.squeeze(x[None]),
    lambda x, y: np.atleast_1d(x) + np.atleast_2d(y) + np.atleast_3d(x)[..., 0],
    lambda x, y: np.concatenate([x, y], axis=1),
    lambda x, y: np.stack([x, y]),
    lambda x, y: np.vstack([x, y]),
    lambda x, y: np.hstack([x, y]),
    lambda x, y: np.dstack([x, y]),
    lambda x, y: np.column_stack([x, y]),
    lambda x, y: np.block([[x, y], [y, x]]),
    lambda x, y: np.append(x, y, axis=0),
    lambda x, y: np.split(x, 3, axis=1)[1],
    lambda x, y: np.array_split(x, 2, axis=1)[0],
    lambda x, y: np.vsplit(x, 2)[1],
    lambda x, y: np.hsplit(x, 3)[2],
    lambda x, y: np.dsplit(x[None], 3)[0],
    lambda x, y: np.unstack(x)[1],
    lambda x, y: np.tile(x, (2, 1)),
    lambda x, y: np.repeat(x, 2, axis=1),
    lambda x, y: np.roll(x, 1, axis=1),
    lambda x, y: np.flip(x) - np.fliplr(x) + np.flipud(x),
    lambda x, y: np.rot90(x),
    lambda x, y: np.pad(x, ((1, 0), (0, 2))),
    lambda x, y: np.pad(x, 1, mode="edge"),
    lambda x, y: np.delete(x, 1, axis=1),
    lambda x, y: np.insert(x, 1, 5.0, axis=1),
    lambda x, y: np.resize(x, (2, 2)),
    lambda x, y: np.broadcast_to(x, (2, 2, 3)),
    lambda x, y: np.broadcast_arrays(x, y[:1])[1],
    lambda x, y: np.diag(x[0]),
    lambda x, y: np.diag(x @ y.T),
    lambda x, y: np.diagonal(x),
    lambda x, y: np.diagflat(x),
    lambda x, y: np.tril(x) + np.triu(y, 1),
    lambda x, y: (
        (x @ y.T)[np.tril_indices_from(x @ y.T)] + (x @ y.T)[np.triu_indices_from(x @ y.T)]
    ),
    lambda x, y: np.take(x, [2, 0], axis=1),
    lambda x, y: np.choose([0, 1, 0], [x[0], y[1]]),
    lambda x, y: np.compress([True, False, True], x, axis=1),
    lambda x, y: np.extract(np.array([[True, False, True], [False, True, False]]), x),
    lambda x, y: np.select([x > 1, x > 0], [x, y], -1.0),
    lambda x, y: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1).sum(axis=-1),
    lambda x, y: np.lib.stride_tricks.as_strided(x, (2, 2), x.strides).sum(),
    lambda x, y: (
        np.copy(x)
        if not np.shares_memory(np.copy(x), x) and not np.may_share_memory(np.copy(x), x)
        else 0 * x
    ),
    lambda x, y: x * np.size(x) + np.ndim(x) + np.shape(x)[0],
    lambda x, y: (
        np.zeros(x.shape)
        + np.ones((2, 3))
        + np.full((2, 3), 0.1)
        + np.eye(2, 3)
        + np.identity(3)[:2]
        + np.tri(2, 3)
    ),
    lambda x, y: np.zeros_like(x) + np.ones_like(x, dtype=float),
    lambda x, y: np.full_like(x, 0.3) * x,
    lambda x, y: np.array([x[0], y[1]]) + np.nan_to_num(0 * np.empty_like(x)),
    lambda x, y: np.asarray([[x[0, 0], 1.0], [y[0, 0], 0.5]]),
    lambda x, y: np.asanyarray(x) + np.ascontiguousarray(y),
    lambda x, y: np.array([[1, 2, 3], [4, 5, 6]], dtype=float) * x,
    lambda x, y: x.astype(np.float64) + x.astype(float),
    lambda x, y: np.where(np.isclose(x, 0.5), y, x),
    lambda x, y: x if np.allclose(x, x) and not np.array_equal(x, y) else y,
    lambda x, y: np.nan_to_num(np.log(x)),
    lambda x, y: x[np.nonzero(x > 0)],
    lambda x, y: x.ravel()[np.flatnonzero(x > 1)],
    lambda x, y: np.count_nonzero(x) * y,
    lambda x, y: x[tuple(np.argwhere(x > 2)[0])],
    lambda x, y: np.any(x > 2) * x + np.all(x > 2) * y + x.any() + y.all(),
    lambda x, y: np.real(x) if np.isrealobj(x) and not np.iscomplexobj(x) else y,
    lambda x, y: x * (np.result_type(x, y) == np.float64) * np.finfo(x.dtype).eps,
    lambda x, y: np.einsum(*["ij,ij->i", x, y], optimize=np.einsum_path("ij,ij->i", x, y)[0]),
    lambda x, y: where_out(x),
    lambda x, y: add_at(x),
    lambda x, y: in_place(x),
    lambda x, y: put(x),
    lambda x, y: scalar_loops(x),
    lambda x, y: math.sqrt(x[0, 0]) * math.log(y[0, 0]) + math.fabs(x[0, 1]),
    lambda x, y: np.vectorize(math.erf)(x),
    lambda x, y: x.T[1] if x[0, 0] > 0 else y.T[1],
    lambda x, y: sum(x) + max(x[0]) + min(y[1]),
    lambda x, y: np.sum([x[0, 0], y[0, 0]]),
    lambda x, y: x[:, None, :] * y[None],
    lambda x, y: x.swapaxes(0, 1) @ y,
    lambda x, y: np.maximum(x, 0).max(axis=0) + np.nan_to_num(x),
    lambda x, y: x.item(2) + float(y[0, 0]),
    lambda x, y: np.exp2(x) + np.sum(x * y, where=True),
    lambda x, y: (
        np.where(np.greater(x, y), x, y)
        + np.less(x, y)
        + np.greater_equal(x, 0)
        + np.less_equal(x, 0)
        + np.equal(x, 0.5)
        + np.not_equal(x, 0.5)
    ),
    lambda x, y: np.exp(np.maximum(x, 5.0)[0, 0]) * x + np.log(np.ones(3)[0]),
    lambda x, y: np.bitwise_and(x > 0, y > 0) * x + np.bitwise_or(x > 0, y > 0) + np.invert(x > 0),
    lambda x, y: np.round(3) * x,
]


def traced(array):
    graph = Graph(where=calling_line)
    made = np.frompyfunc(lambda v: graph.entry(exact_real.exact(v), "input"), 1, 1)(array)
    return traced_array(made)


def floats(result):
    array = np.asarray(plain(result), dtype=object)
    return np.array([float(value_of(entry)) for entry in array.flat]).reshape(array.shape)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_traced_numbers_do_what_floats_do(example):
    expected = np.asarray(example(X.copy(), Y.copy()), dtype=float)
    with patched([example, where_out, add_at], floats=True):
        result = example(traced(X), traced(Y))
    assert floats(result).shape == expected.shape
    assert np.allclose(floats(result), expected, rtol=1e-13, atol=1e-13, equal_nan=True)


def test_every_function_that_is_listed_has_an_example():
    source = re.sub(r"\s+", " ", Path(__file__).read_text())
    listed = {
        *traced_ufuncs.UFUNCS,
        *traced_functions.STRUCTURAL,
        *traced_functions.WRITTEN,
        *traced_functions.BY_UFUNC,
        *traced_numpy.CREATED,
    } - {
        "divide",
        "add",
        "subtract",
        "multiply",
        "expit",
        "xlogy",
        "erf",
    }  # fmt: skip  the operators; SciPy's
    missing = {
        name for name in listed if not re.search(rf"\b(np|linalg|stride_tricks)\.{name}\(", source)
    }
    assert not missing


@pytest.mark.parametrize("name", sorted(SLOPES))
def test_the_slope_of_a_function_is_its_derivative(name):
    graph = Graph()
    x = graph.entry(Fraction(3, 8), "input")
    y = -x if name == "negative" else getattr(x, name)()
    slope = sweep([(y, Fraction(1))], recorded, Reals())[x.index]
    function = exact_real.FUNCTIONS.get(name, lambda a: -a)
    expected = exact_real.mp.diff(lambda a: function(a), exact_real.mp.mpf(3) / 8)
    assert abs(exact_real.wide(slope) - expected) < mpmath.mpf("1e-25")


REFUSED = {
    "np.linalg.eigh": lambda x: np.linalg.eigh(x @ x.T),
    "np.linalg.det": lambda x: np.linalg.det(np.resize(x, (10, 10))),
    "np.floor": lambda x: np.floor(x),
    "np.percentile": lambda x: np.percentile(x, 30),
    "int()": lambda x: int(x[0, 0]),
    "float()": lambda x: float(x[0, 0]),
    "astype(int64)": lambda x: x.astype(int),
    "np.round": lambda x: np.round(x),
    "ndarray.sort": lambda x: x.sort(),
    "writing into an array of float64": lambda x: np.add(x, 1, out=X.copy()),
    "np.linalg.norm(ord=3)": lambda x: np.linalg.norm(x[0], 3),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_known_is_refused_by_name(name):
    with patched([]), pytest.raises(Unsupported) as refusal:
        REFUSED[name](traced(X))
    assert name in str(refusal.value)


def test_a_float_array_made_beforehand_is_no_place_for_exact_numbers():
    with pytest.raises(Unsupported, match="float"):
        X.copy()[0] = traced(X)[0]


def test_numpy_is_itself_again_afterwards():
    before = np.zeros, math.exp
    with patched([traced]):
        assert np.zeros is not before[0]
        assert isinstance(np.zeros(2), TracedArray)
    assert (np.zeros, math.exp) == before


def test_every_question_is_noted_with_its_line():
    graph = Graph(where=calling_line)
    x = graph.entry(Fraction(-1, 4), "input")
    assert abs(x) > 0
    asked = graph.conditions
    assert [(each.operator, each.answer) for each in asked] == [("<", True), (">", True)]
    assert {each.place[0] for each in asked} == {__file__}


def test_a_traced_number_is_not_what_varies_if_it_is_multiplied_by_zero():
    x = Graph().entry(Fraction(3), "input")
    assert x * 0 == 0
    assert not isinstance(x * 0, Traced)
    assert not isinstance(x - x, Traced)
