"""SciPy's functions on traced numbers give what SciPy gives on floats."""

import numpy as np
import pytest
from test_traced import floats, traced

from backproof import check
from backproof.numbers.traced_numpy import patched

signal = pytest.importorskip("scipy.signal")
special = pytest.importorskip("scipy.special")

GENERATOR = np.random.default_rng(0)
MODES = ("full", "same", "valid")
SHAPES = ((4, 5), (5, 3), (2, 2), (3, 2))


def agree(function, *arrays):
    expected = function(*arrays)
    with patched([function]):
        found = floats(function(*map(traced, arrays)))
    assert found.shape == np.shape(expected)
    assert np.allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["convolve2d", "correlate2d", "convolve", "correlate"])
def test_convolutions_of_planes(name, mode):
    for shape in SHAPES:
        for kernel in ((2, 2), (1, 2), (2, 1), (3, 2), (3, 3)):
            if mode == "valid" and np.sign(np.subtract(shape, kernel)).prod() < 0:
                continue
            x, w = GENERATOR.normal(size=shape), GENERATOR.normal(size=kernel)
            agree(lambda a, b: getattr(signal, name)(a, b, mode), x, w)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_functions_of_logits(name, axis):
    agree(lambda x: getattr(special, name)(x, axis=axis), GENERATOR.normal(size=(2, 3)))


def test_logsumexp_with_weights_and_with_its_axis_kept():
    x, b = GENERATOR.normal(size=(2, 3)), np.array([1.0, 2.0, 0.5])
    agree(lambda x: special.logsumexp(x, axis=1, b=b, keepdims=True), x)
    agree(special.xlogy, np.abs(x), x**2)


def test_what_is_not_known_of_them_is_left_to_scipy():
    with patched([]), pytest.raises(Exception, match="not available"):
        signal.convolve2d(traced(np.ones((3, 3))), np.ones((2, 2)), boundary="wrap")


def forward(x, w):
    return signal.correlate2d(x, w, "valid")


def backward(dout, x, w):
    return signal.convolve2d(dout, w, "full"), signal.correlate2d(x, dout, "valid")


def without_flip(dout, x, w):
    return signal.correlate2d(dout, w, "full"), signal.correlate2d(x, dout, "valid")


def test_a_convolution_of_scipy_is_proved_and_a_wrong_one_refused():
    assert check(forward, backward, "x: 4 5, w: 2 3").status.value == "proved"
    assert check(forward, without_flip, "x: 4 5, w: 2 3").status.value == "differs"
