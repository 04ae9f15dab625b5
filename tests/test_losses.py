"""Each loss and its start, held to mpmath at 50 digits, to sums over examples and to overflow."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backproof import binary_cross_entropy, softmax_cross_entropy, squared_error
from backproof.numbers.rational import as_fractions

LOSSES = [squared_error, softmax_cross_entropy, binary_cross_entropy]
each = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)

logits = st.lists(st.floats(-30, 30), min_size=3, max_size=3)
probability = st.floats(0, 1)


def softmax_loss(z, label):
    """Return -log of the softmax of `z` at `label`, from the definition."""
    return -mpmath.log(mpmath.exp(z[label]) / sum(map(mpmath.exp, z)))


def binary_loss(z, y):
    """Return -y log p - (1 - y) log(1 - p) for p the sigmoid of `z`, from the definition."""
    p = 1 / (1 + mpmath.exp(-z))
    return -y * mpmath.log(p) - (1 - y) * mpmath.log(1 - p)


def slopes(function, z):
    """Return the derivatives of `function` of the list `z` by each entry, at 50 digits."""
    return [
        float(mpmath.diff(lambda t, i=i: function([*z[:i], t, *z[i + 1 :]]), z[i], h="1e-20"))
        for i in range(len(z))
    ]


def column(values):
    """Return a list as an array with one column."""
    return np.array(values)[:, None]


@given(z=logits, label=st.integers(0, 2))
def test_softmax_cross_entropy_is_the_definition(z, label):
    """Value and start in floats are -log softmax and its derivatives at 50 digits."""
    with mpmath.workdps(50):
        exact = [mpmath.mpf(entry) for entry in z]
        value = float(softmax_loss(exact, label))
        start = slopes(lambda z: softmax_loss(z, label), exact)

    assert softmax_cross_entropy(column(z), [label]) == pytest.approx(value, rel=1e-12, abs=1e-14)
    computed = softmax_cross_entropy.start(column(z), [label])[:, 0].tolist()
    assert computed == pytest.approx(start, rel=1e-12, abs=1e-14)


@given(z=st.floats(-30, 30), y=probability)
def test_binary_cross_entropy_is_the_definition(z, y):
    """Value and start are those of the definition, for targets 0, 1 and soft ones between."""
    with mpmath.workdps(50):
        value = float(binary_loss(mpmath.mpf(z), mpmath.mpf(y)))
        (start,) = slopes(lambda z: binary_loss(z[0], mpmath.mpf(y)), [mpmath.mpf(z)])

    assert binary_cross_entropy([[z]], [[y]]) == pytest.approx(value, rel=1e-12, abs=1e-14)
    computed = binary_cross_entropy.start([[z]], [[y]]).item()
    assert computed == pytest.approx(start, rel=1e-12, abs=1e-14)


@given(z=st.lists(st.integers(-9, 9), min_size=6, max_size=6), y=st.integers(-9, 9))
def test_squared_error_is_the_sum_of_squares(z, y):
    """Every difference enters squared, with no half and no mean; the start is twice each."""
    outputs, targets = np.array(z, dtype=float).reshape(3, 2), np.full((3, 2), float(y))

    assert squared_error(outputs, targets) == sum((entry - y) ** 2 for entry in z)
    assert squared_error.start(outputs, targets).ravel().tolist() == [2 * (e - y) for e in z]


def test_squared_error_of_fractions_is_exact():
    """Fractions in, a Fraction out: nothing is rounded."""
    z, y = as_fractions([[1], [2]]) / 3, as_fractions([[1], [-1]])

    assert squared_error(z, y) == Fraction(4, 9) + Fraction(25, 9)
    assert squared_error.start(z, y).tolist() == [[Fraction(-4, 3)], [Fraction(10, 3)]]


def batch(loss):
    """Return outputs (3, 4) and targets for `loss`, of four different examples."""
    z = np.array([[1.0, -2.0, 0.5, 3.0], [0.0, 1.5, -1.0, 2.0], [-0.5, 2.5, 1.0, -3.0]])
    targets = {
        squared_error: z[::-1] - 1,
        softmax_cross_entropy: np.array([2, 0, 1, 1]),
        binary_cross_entropy: abs(z[::-1]) / 4,
    }
    return z, targets[loss]


@each
def test_a_loss_is_the_sum_over_the_batch(loss):
    """L of a batch is the sum of its examples' L_i, and the start holds each one's own."""
    z, y = batch(loss)
    single = [(z[:, [n]], y[..., [n]]) for n in range(4)]

    assert loss(z, y) == pytest.approx(sum(loss(*example) for example in single), rel=1e-14)
    starts = np.hstack([loss.start(*example) for example in single])
    np.testing.assert_allclose(loss.start(z, y), starts, rtol=1e-14)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_start_has_the_shape_and_dtype_of_the_outputs(loss, dtype):
    """∂L/∂z_M is an array like z_M, and so it is for one example."""
    z, y = batch(loss)
    z = z.astype(dtype)
    if loss is not softmax_cross_entropy:
        y = y.astype(dtype)

    assert loss.start(z, y).shape == z.shape
    assert loss.start(z, y).dtype == dtype
    assert type(loss(z, y)) is float
    assert loss.start(z[:, [0]], y[..., [0]]).shape == (3, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_cross_entropy_at_large_logits(dtype):
    """At logits of ±1000 nothing overflows; what is left is the rounding of 1000 itself."""
    rounding = 1000 * float(np.finfo(dtype).eps)
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 1000.0]], dtype=dtype)

    assert softmax_cross_entropy(z[:, [0]], [0]) == 0
    assert softmax_cross_entropy(z[:, [0]], [1]) == 2000
    assert softmax_cross_entropy(z[:, [1]], [2]) == pytest.approx(np.log(2), abs=rounding)
    start = softmax_cross_entropy.start(z, [1, 2])
    np.testing.assert_allclose(start.T, [[1, -1, 0], [0, 0.5, -0.5]], atol=rounding)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_at_large_logits(dtype):
    """At logits of ±1000 nothing overflows: a sure answer costs 0 when right, |z| when wrong."""
    z = np.array([[1000.0, -1000.0, 1000.0, -1000.0]], dtype=dtype)
    y = np.array([[1.0, 0.0, 0.0, 1.0]], dtype=dtype)

    assert binary_cross_entropy(z[:, :2], y[:, :2]) == 0
    assert binary_cross_entropy(z[:, 2:], y[:, 2:]) == 2000
    assert binary_cross_entropy.start(z, y).tolist() == [[0, 0, 1, -1]]


@pytest.mark.parametrize(
    "loss", [softmax_cross_entropy, binary_cross_entropy], ids=lambda f: f.name
)
def test_a_small_loss_keeps_its_digits(loss):
    """A loss and a start of about e^-40 are not lost beside 1."""
    e = float(mpmath.exp(-40))
    z, y = ([[40.0], [0.0]], [0]) if loss is softmax_cross_entropy else ([[40.0]], [[1.0]])
    expected = -e if loss is binary_cross_entropy else e

    assert loss.start(z, y)[-1].item() == pytest.approx(expected, rel=1e-12, abs=0)
    if loss is binary_cross_entropy:
        assert loss(z, y) == pytest.approx(e, rel=1e-12, abs=0)


@given(z=logits, shift=st.integers(-1000, 1000))
def test_a_softmax_does_not_see_a_shift(z, shift):
    """The same number added to every logit changes neither loss nor start."""
    z, moved = column(z), column(z) + shift

    assert softmax_cross_entropy(moved, [1]) == pytest.approx(
        softmax_cross_entropy(z, [1]), rel=1e-9, abs=1e-9
    )
    np.testing.assert_allclose(
        softmax_cross_entropy.start(moved, [1]), softmax_cross_entropy.start(z, [1]), atol=1e-9
    )


@given(z=logits, label=st.integers(0, 2))
def test_the_start_of_a_softmax_sums_to_0(z, label):
    """Probabilities sum to 1 and so does the target: the columns of the start sum to 0."""
    start = softmax_cross_entropy.start(column(z), [label])

    assert start.sum() == pytest.approx(0, abs=1e-14)
    assert start[label] <= 0


@pytest.mark.parametrize("integer", [np.int8, np.uint8, np.int64, np.uint64, list])
def test_labels_may_be_whole_numbers_of_any_kind(integer):
    """Signed or not, wide or not, or a plain list: the same labels are the same loss."""
    z, y = batch(softmax_cross_entropy)
    labels = y.tolist() if integer is list else y.astype(integer)

    assert softmax_cross_entropy(z, labels) == softmax_cross_entropy(z, y)
    assert (
        softmax_cross_entropy.start(z, labels).tolist()
        == softmax_cross_entropy.start(z, y).tolist()
    )


def test_a_loss_prints_its_name():
    """What a reader sees at the prompt is the name."""
    assert repr(squared_error) == "<loss squared error>"
