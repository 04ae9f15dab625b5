"""Each activation and its derivative, held to mpmath at 50 digits and to its values at the kink."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backproof import (
    Activation,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)

leaky = leaky_relu(0.25)
SMOOTH = {
    identity: lambda z: z,
    tanh: mpmath.tanh,
    sigmoid: lambda z: 1 / (1 + mpmath.exp(-z)),
    softplus: lambda z: mpmath.log1p(mpmath.exp(z)),
    gelu: lambda z: z * mpmath.ncdf(z),
    gelu_tanh: lambda z: (
        z * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf("0.044715") * z**3))) / 2
    ),
}
WITH_A_KINK = {
    relu: lambda z: max(z, mpmath.mpf(0)),
    leaky: lambda z: max(z, z / 4),
}
EXACT = SMOOTH | WITH_A_KINK
each = pytest.mark.parametrize("activation", EXACT, ids=lambda f: f.name)

moderate = st.floats(-30, 30)


def close(expected):
    """Return `expected`, an mpmath number, as a float with some rounding allowed."""
    return pytest.approx(float(expected), rel=1e-12, abs=1e-14)


@each
@given(z=moderate)
def test_the_function_is_its_formula(activation, z):
    """f(z) in floats is the textbook formula at 50 digits."""
    with mpmath.workdps(50):
        expected = EXACT[activation](mpmath.mpf(z))

    assert activation(np.array([[z]])).item() == close(expected)


@each
@given(z=moderate.filter(lambda z: abs(z) > 1e-3))
def test_the_derivative_is_the_derivative(activation, z):
    """f′(z) in floats is the derivative of the formula at 50 digits, off the kink."""
    with mpmath.workdps(50):
        expected = mpmath.diff(EXACT[activation], mpmath.mpf(z), h=mpmath.mpf("1e-20"))

    assert activation.derivative(np.array([[z]])).item() == close(expected)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [50.0, 1000.0, 1e4])
def test_nothing_overflows_far_out(activation, dtype, size):
    """Far to the left f and f′ are the left limit, far to the right the right one."""
    z = np.array([[-size, size]], dtype=dtype)
    left = {identity: (-size, 1), leaky: (-size / 4, 0.25), tanh: (-1, 0)}
    right = {tanh: (1, 0), sigmoid: (1, 0)}
    f, df = zip(left.get(activation, (0, 0)), right.get(activation, (size, 1)), strict=True)

    assert activation(z)[0].tolist() == pytest.approx(f, abs=1e-20)
    assert activation.derivative(z)[0].tolist() == pytest.approx(df, abs=1e-20)


@pytest.mark.parametrize(
    ("function", "z"),
    [
        (sigmoid, -50.0),
        (sigmoid, -700.0),
        (sigmoid.derivative, 50.0),
        (sigmoid.derivative, -50.0),
        (softplus, -50.0),
        (softplus.derivative, -50.0),
        (gelu, -10.0),
        (gelu.derivative, -10.0),
    ],
    ids=["σ(-50)", "σ(-700)", "σ′(50)", "σ′(-50)", "ζ(-50)", "ζ′(-50)", "GELU(-10)", "GELU′(-10)"],
)
def test_a_tail_keeps_its_digits(function, z):
    """Where the value is tiny it still has a relative error, not only an absolute one."""
    with mpmath.workdps(50):
        e = mpmath.exp(-abs(mpmath.mpf(z)))
        cdf, density = mpmath.ncdf(-10), mpmath.npdf(10)
        expected = {
            sigmoid: e / (1 + e),
            sigmoid.derivative: e / (1 + e) ** 2,
            softplus: mpmath.log1p(e),
            softplus.derivative: e / (1 + e),
            gelu: -10 * cdf,
            gelu.derivative: cdf - 10 * density,
        }[function]

    assert function(np.array([[z]])).item() == pytest.approx(float(expected), rel=1e-11, abs=0)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_at_the_kink_the_derivative_of_relu_is_0(zero):
    """ReLU(0) = 0 and ReLU′(0) = 0, for either sign of zero."""
    z = np.array([[zero]])

    assert relu(z).item() == 0
    assert relu.derivative(z).item() == 0


def test_at_the_kink_the_derivative_of_leaky_relu_is_its_slope():
    """The leaky ReLU is 0 at 0, and its derivative there is the slope on the left."""
    z = np.array([[0.0]])

    assert leaky(z).item() == 0
    assert leaky.derivative(z).item() == 0.25


@pytest.mark.parametrize("z", [5e-324, -5e-324])
def test_beside_the_kink_the_sign_decides(z):
    """The smallest number above 0 is above the kink, the largest below 0 is below it."""
    assert relu.derivative(np.array([[z]])).item() == (z > 0)
    assert leaky.derivative(np.array([[z]])).item() == (1 if z > 0 else 0.25)


@pytest.mark.parametrize(
    "activation",
    [*EXACT, leaky_relu(Fraction(1, 4)), leaky_relu(np.float64(0.25))],
    ids=[*(f.name for f in EXACT), "leaky, a Fraction", "leaky, a float64"],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(activation, dtype):
    """f(z), and f′(z) times an array like z, have the dtype of z, whatever the slope is."""
    z = np.array([[-1.5, 0.0, 2.0]], dtype=dtype)

    assert activation(z).dtype == dtype
    assert (activation.derivative(z) * z).dtype == dtype


@each
def test_an_activation_acts_entry_by_entry(activation):
    """f and f′ of a matrix hold f and f′ of its entries, in place."""
    z = np.array([[-2.0, 0.5, 3.0], [0.0, -0.25, 1.0]])

    for function in (activation, activation.derivative):
        entries = [[function(np.array([[entry]])).item() for entry in row] for row in z]

        assert function(z).tolist() == entries
        assert function(np.asfortranarray(z)).tolist() == entries


@pytest.mark.parametrize("slope", [0.1, Fraction(1, 10)], ids=["float", "Fraction"])
def test_a_leaky_relu_of_fractions_is_exact(slope):
    """Among exact entries a slope rounds nothing: 0.1 is the fraction that the float is."""
    z = np.array([[Fraction(1, 3), Fraction(0), Fraction(-1, 3)]])
    f, df = leaky_relu(slope)(z), leaky_relu(slope).derivative(z)

    assert f.tolist() == [[Fraction(1, 3), 0, Fraction(slope) / -3]]
    assert df.tolist() == [[1, Fraction(slope), Fraction(slope)]]
    assert not any(isinstance(entry, float) for entry in [*f.flat, *df.flat])


def test_relu_of_fractions_is_exact():
    """ReLU clips fractions at 0 and rounds none."""
    z = np.array([[Fraction(1, 3), Fraction(0), Fraction(-1, 3)]])

    assert relu(z).tolist() == [[Fraction(1, 3), 0, 0]]
    assert relu.derivative(z).tolist() == [[True, False, False]]


def test_an_activation_prints_its_name():
    """What a reader sees at the prompt is the name, with the slope where there is one."""
    assert repr(relu) == "<activation ReLU>"
    assert repr(leaky_relu(Fraction(1, 100))) == "<activation leaky ReLU(1/100)>"


def test_an_activation_is_a_function_beside_its_derivative():
    """Calling it applies the function."""
    square = Activation("square", lambda z: z * z, lambda z: 2 * z)

    assert square(np.array([[3.0]])).tolist() == [[9.0]]
    assert square.derivative(np.array([[3.0]])).tolist() == [[6.0]]
