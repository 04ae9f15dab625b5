"""A plan is the recursion: equal to it on whole numbers, and it allocates nothing."""

import itertools
import threading
import tracemalloc
from fractions import Fraction

import array_api_strict
import numpy as np
import pytest

from backproof import (
    Activation,
    Loss,
    Network,
    Plan,
    backward,
    binary_cross_entropy,
    forward,
    gelu,
    identity,
    leaky_relu,
    relu,
    sgd,
    sigmoid,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
)
from backproof.planned import binomial, every, input_gradient, planned_bytes, sign_bytes, store_all
from backproof.planned.activations import applied, pulled
from backproof.planned.order import Back, Make, Turn

WIDTHS = ([2, 3], [2, 3, 1], [3, 4, 2], [4, 5, 6, 7, 3], [3, 5, 2, 4, 2, 5, 3, 2, 4, 5, 2])
ORDERS = {
    "all": store_all,
    "every 1": every(1),
    "every 3": every(3),
    "binomial 0": binomial(0),
    "binomial 1": binomial(1),
    "binomial 2": binomial(2),
}
LOSSES = (squared_error, softmax_cross_entropy, binary_cross_entropy)
WHOLE = (relu, identity, leaky_relu(0.5), leaky_relu(Fraction(1, 4)))
DIGITS = {np.float64: 1e-12, np.float32: 1e-4}
OTHERS = (tanh, sigmoid, gelu, softplus)

cubed = Loss(  # not the same, nor but for the sign, with z and y swapped
    "cubes",
    lambda z, y: (z**3 - y * z).sum(),
    lambda z, y: 3 * z**2 - y,
    lambda _z, y: np.asarray(y),
)


def whole(widths, activation=relu, dtype=np.float64):
    """A network of small whole numbers, with zeros among them, so that the kink is met."""
    draw = np.random.default_rng(sum(widths))
    W = [draw.integers(-2, 3, (b, a)).astype(dtype) for a, b in itertools.pairwise(widths)]
    b = [draw.integers(-2, 3, (width, 1)).astype(dtype) for width in widths[1:]]
    return Network(b=b, W=W, activation=activation)


def batch(network, loss, N):
    draw = np.random.default_rng(N)
    shape = (network.widths[-1], N)
    x = draw.integers(-3, 4, (network.widths[0], N)).astype(network.dtype)
    if loss is softmax_cross_entropy:
        return x, draw.integers(0, shape[0], N)
    if loss is binary_cross_entropy:
        return x, draw.random(shape).astype(network.dtype)
    return x, draw.integers(-3, 4, shape).astype(network.dtype)


def by_recursion(network, loss, x, y):
    tape = forward(network, x)
    return loss(tape.output, y), backward(network, tape, loss.start(tape.output, y))


def arrays_of(gradient):
    return [*gradient.W, *gradient.b, gradient.x]


@pytest.mark.parametrize("activation", WHOLE, ids=str)
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
@pytest.mark.parametrize("N", [1, 6])
@pytest.mark.parametrize("loss", [squared_error, cubed], ids=str)
def test_whole_numbers_bit_for_bit(activation, order, widths, N, loss):
    network = whole(widths, activation)
    x, y = batch(network, loss, N)
    plan = Plan(network, loss, batch_size=N, order=order, input_gradient=True)
    plan.gradient(x + 1, y)  # what is left of another batch must not matter
    value, gradient = plan.gradient(x, y)
    right, expected = by_recursion(network, loss, x, y)
    assert value == right
    assert type(value) is float
    for ours, theirs in zip(arrays_of(gradient), arrays_of(expected), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("activation", [*WHOLE, *OTHERS], ids=str)
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("dtype", DIGITS)
@pytest.mark.parametrize("N", [1, 5])
def test_to_rounding_elsewhere(activation, order, loss, dtype, N):
    digits = DIGITS[dtype]
    network = Network.he([4, 6, 5, 7, 3], seed=1, activation=activation)
    network = network.map(lambda array: array.astype(dtype))
    x, y = batch(network, loss, N)
    plan = Plan(network, loss, batch_size=N, order=order, input_gradient=True)
    value, gradient = plan.gradient(x, y)
    right, expected = by_recursion(network, loss, x, y)
    assert value == pytest.approx(right, rel=digits)
    assert type(value) is float
    for ours, theirs in zip(arrays_of(gradient), arrays_of(expected), strict=True):
        assert ours.dtype == dtype
        assert np.allclose(ours, theirs, rtol=digits, atol=digits * np.abs(theirs).max())


def test_a_factor_one_off_is_more_than_rounding():
    """The tolerances above refuse a gradient that is wrong by a thousandth."""
    network = Network.he([4, 6, 3], seed=1)
    x, y = batch(network, squared_error, 5)
    _, gradient = by_recursion(network, squared_error, x, y)
    wrong = gradient.W[0] * 1.001
    assert not np.allclose(wrong, gradient.W[0], rtol=1e-4, atol=1e-4 * np.abs(gradient.W[0]).max())


@pytest.mark.parametrize("layout", ["C", "F"])
def test_columns_of_either_layout(layout):
    network = whole([4, 5, 3])
    x, y = batch(network, squared_error, 6)
    plan = Plan(network, squared_error, batch_size=6)
    _, gradient = plan.gradient(np.asarray(x, order=layout), np.asarray(y, order=layout))
    _, expected = by_recursion(network, squared_error, x, y)
    assert np.array_equal(gradient.W[0], expected.W[0])
    assert gradient.x is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_signs_of_zero_and_what_is_no_number(dtype):
    """-0.0 and infinities of both signs: as where(z > 0, z, 0) and I[z > 0] have it."""
    tiny = np.nextafter(dtype(0), dtype(1))
    z = np.array([[-0.0, 0.0, tiny, -tiny, np.inf, -np.inf, 2.0, -2.0]], dtype)
    x, dx = z.copy(), np.full_like(z, -3.0)
    for call in applied(relu, x, x, np.zeros(x.size, dtype)):
        call()
    assert np.array_equal(x, relu(z))
    assert not np.signbit(x).any()
    for call in pulled(relu, x, x, dx, x):
        call()
    assert np.array_equal(dx, np.where(z > 0, dtype(-3), dtype(0)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_no_number(dtype):
    """A NaN with its sign bit set is as in where(z > 0, z, 0); another stays a NaN, to be seen."""
    z = np.copysign(np.full((1, 9), np.nan, dtype), np.array([1, -1, 1, -1, 1, -1, 1, -1, 1]))
    x, dx = z.astype(dtype), np.full_like(z, -3.0, dtype)
    for call in applied(relu, x, x, np.zeros(x.size, dtype)):
        call()
    assert np.array_equal(x, np.where(np.signbit(z), 0, np.nan), equal_nan=True)
    dx[0, 1] = np.inf  # is blocked like any other number
    for call in pulled(relu, x, x, dx, x):
        call()
    assert np.array_equal(dx, np.where(np.signbit(z), 0, -3))


@pytest.mark.parametrize("N", [1, 6])
def test_a_step_is_that_of_sgd(N):
    network = whole([4, 5, 6, 3])
    x, y = batch(network, squared_error, N)
    plan = Plan(network, squared_error, batch_size=N)
    value = plan.step(x, y, 0.25)
    right, gradient = by_recursion(network, squared_error, x, y)
    after = sgd(network, gradient, 0.25)
    assert value == right
    for name in ("W", "b"):
        for ours, theirs in zip(getattr(plan.network, name), getattr(after, name), strict=True):
            assert np.array_equal(ours, theirs)
    assert not np.array_equal(plan.network.W[0], network.W[0])  # the caller's stays


def test_a_resized_plan_shares_its_parameters():
    network = whole([4, 5, 3])
    plan = Plan(network, squared_error, batch_size=6)
    small = plan.resized(2)
    x, y = batch(network, squared_error, 2)
    small.step(x, y, 0.5)
    assert plan.theta is small.theta
    assert np.array_equal(plan.network.W[0], small.network.W[0])
    assert plan.batch_size == 6
    assert not np.array_equal(plan.network.W[0], network.W[0])


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("order", ["all", "every 3", "binomial 2"])
@pytest.mark.parametrize(
    "activation", [relu, identity, tanh, leaky_relu(0.1), sigmoid, softplus], ids=str
)
def test_nothing_of_the_size_of_a_batch_is_allocated(loss, order, activation):
    N, widths = 4096, [8, 32, 32, 32, 32, 32, 32, 10]
    network = Network.he(widths, seed=0, activation=activation)
    x, y = batch(network, loss, N)
    plan = Plan(network, loss, batch_size=N, order=ORDERS[order])
    plan.step(x, y, 1e-6)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    plan.step(x, y, 1e-6)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    # No array of activations, not even of the outputs; NumPy's own buffer has 8192 numbers.
    assert peak < 8192 * 8 + 4000 < N * widths[-1] * 8


@pytest.mark.parametrize("N", [1, 3])
def test_a_gradient_may_be_the_next_input(N):
    """It lies where the next one is written to."""
    network = whole([3, 3, 3, 3])
    x, y = batch(network, squared_error, N)
    plan = Plan(network, squared_error, batch_size=N)
    for k in range(3):
        _, gradient = plan.gradient(x, y)
        own = gradient.W[k] if N == 3 else gradient.b[k]
        right, expected = by_recursion(network, squared_error, own.copy(), own.copy())
        value, again = plan.gradient(own, own)
        assert value == right
        assert all(map(np.array_equal, [*again.W, *again.b], [*expected.W, *expected.b]))


def test_that_allocation_is_seen():
    network = Network.he([8, 64, 64, 10], seed=0)
    x, y = batch(network, squared_error, 512)
    tracemalloc.start()
    by_recursion(network, squared_error, x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak > 4 * 512 * 64 * 8


@pytest.mark.parametrize("order", [store_all, every(8), binomial(5)], ids=["all", "8", "binomial"])
@pytest.mark.parametrize("activation", [relu, tanh, softplus], ids=str)
def test_memory_is_what_was_said(order, activation):
    widths, N = [64] * 65, 2048
    network = Network.he(widths, seed=0, activation=activation)
    x, y = batch(network, squared_error, N)
    small = Plan(network, squared_error, batch_size=1, order=order)
    tracemalloc.start()
    plan = small.resized(N)
    plan.gradient(x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    said = planned_bytes(widths, N, activation=activation, order=order)
    assert plan.memory() == said
    assert 0.999 * said < peak < 1.05 * said


@pytest.mark.parametrize("N", [1, 3, 8])
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
@pytest.mark.parametrize("activation", WHOLE, ids=str)
def test_the_input_gradient_from_bits(widths, N, activation):
    network = whole(widths, activation)
    x, y = batch(network, cubed, N)
    value, dx = input_gradient(network, cubed, x, y)
    right, expected = by_recursion(network, cubed, x, y)
    assert value == right
    assert dx.dtype == network.dtype
    assert np.array_equal(dx, expected.x)


def test_the_input_gradient_from_bits_on_fractions():
    network = whole([3, 4, 2], leaky_relu(Fraction(1, 3))).map(fractions)
    x, y = (fractions(array) for array in batch(network.map(np.float64), squared_error, 5))
    _, dx = input_gradient(network, squared_error, x, y)
    assert np.array_equal(dx, by_recursion(network, squared_error, x, y)[1].x)


def test_the_bits_are_all_that_is_kept():
    widths, N = [16, *[64] * 60, 4], 1024
    network = Network.he(widths, seed=0)
    x, y = batch(network, squared_error, N)
    tracemalloc.start()
    input_gradient(network, squared_error, x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sign_bytes(widths, N) == 60 * 64 * N // 8
    assert sign_bytes(widths, N) < peak < sign_bytes(widths, N) + 5 * 64 * N * 8


def test_counted_calls():
    """The work of a gradient, counted: three products a map but one, and five calls beside."""
    plan = Plan(Network.he([8, 7, 6, 5, 4], seed=0), squared_error, batch_size=3)
    names = [getattr(call, "func", call).__name__ for call in plan._sweep._calls]  # noqa: SLF001
    products = names.count("dot") + names.count("<lambda>")
    sums = 4  # ∂L/∂b_k is a product with ones
    assert products - sums == 3 * 4 - 1
    assert len(names) - products == 4 + 3 + 2 * 3 + 1  # biases, ReLUs, signs and masks, the loss


def test_counted_calls_for_a_single_example():
    """The biases are part of the products, and ∂L/∂b_k is ∂L/∂z_k; x_0 is copied behind a 1."""
    plan = Plan(Network.he([8, 7, 6, 5, 4], seed=0), squared_error, batch_size=1)
    assert len(plan._sweep._calls) == 3 * 4 - 1 + 3 + 2 * 3 + 1 + 1  # noqa: SLF001


@pytest.mark.parametrize("activation", [relu, tanh, softplus], ids=str)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("widths", [[9, 2], [9, *WIDTHS[-1]]], ids=str)
@pytest.mark.parametrize("N", [1, 6])
def test_memory_is_that_of_the_arrays(activation, order, widths, N):
    network = Network.he(widths, seed=0, activation=activation)
    plan = Plan(network, squared_error, batch_size=N, order=ORDERS[order])
    own = vars(plan._sweep)  # noqa: SLF001
    arrays = [*own["_slots"], own["_zeros"], own["_ones"], own["_one_x_0"]]
    assert plan.memory() == sum(array.nbytes for array in arrays)


def test_one_thread_at_a_time():
    network = Network.he([4, 5, 3], seed=0)
    x, y = batch(network, squared_error, 6)
    waiting, go_on = threading.Event(), threading.Event()

    def slow_start(z, y):
        waiting.set()
        go_on.wait(10)
        return 2 * (z - y)

    slow = Loss("slow", lambda z, y: ((z - y) ** 2).sum(), slow_start, lambda _z, y: y)
    plan = Plan(network, slow, batch_size=6)
    worker = threading.Thread(target=plan.gradient, args=(x, y))
    worker.start()
    waiting.wait(10)
    for other in (plan, plan.resized(6)):
        with pytest.raises(RuntimeError, match="at work in another thread"):
            other.gradient(x, y)
    go_on.set()
    worker.join()
    plan.gradient(x, y)  # and the plan is free again


def test_a_step_ends_before_another_thread_may_begin(monkeypatch):
    plan = Plan(Network.he([4, 5, 3], seed=0), squared_error, batch_size=6)
    x, y = batch(plan.network, squared_error, 6)
    held, subtract = [], np.subtract

    def watched(a, b, out):
        held.append((out is plan.theta, plan._lock.locked()))  # noqa: SLF001
        return subtract(a, b, out)

    monkeypatch.setattr(np, "subtract", watched)
    plan.step(x, y, rate=0.1)
    assert held == [(False, True), (True, True)]


PLAN = Plan(Network.he([4, 5, 3], seed=0), squared_error, batch_size=6)
LABELS = Plan(Network.he([4, 5, 3], seed=0), softmax_cross_entropy, batch_size=6)
PROBABILITIES = Plan(Network.he([4, 5, 3], seed=0), binary_cross_entropy, batch_size=6)
X, Y = np.ones((4, 6)), np.ones((3, 6))
WRONG_ORDERS = (  # for one hidden layer
    ("every", every, "order must be a function .* but is every"),
    ("number", 10, "order must be a function .* but is 10"),
    ("no step", lambda _M: [], r"order ends before Back\(1\)"),
    ("no end", lambda _M: [Make(1), Turn(), Back(1)], r"order ends before Back\(0\)"),
    ("no x_1", lambda _M: [Turn(), Back(1), Back(0)], r"order gives Turn\(\)"),
    ("x_2", lambda _M: [Make(1), Make(2), Turn(), Back(1), Back(0)], r"order gives Make\(k=2\)"),
    ("x_0", lambda _M: [Make(0), Make(1), Turn(), Back(1), Back(0)], r"order gives Make\(k=0\)"),
    ("two turns", lambda _M: [Make(1), Turn(), Turn(), Back(1), Back(0)], "order gives Turn"),
    ("no turn", lambda _M: [Make(1), Back(1), Back(0)], r"order gives Back\(k=1\)"),
    ("twice", lambda _M: [Make(1), Turn(), Back(1), Back(1), Back(0)], "order gives Back"),
    ("upwards", lambda _M: [Make(1), Turn(), Back(0), Back(1)], r"order gives Back\(k=0\)"),
    ("other", lambda _M: [Make(1), Turn(), Back(1), Back(0), "stop"], "order gives stop"),
)


def refused():
    """Yield the name of a misuse, the misuse, and how it is refused."""
    network, tanh_network = PLAN.network, Network.he([4, 5, 3], seed=0, activation=tanh)
    exact = network.map(fractions)
    wrong_labels = np.array([0, 1, 2, 3, 0, 1])

    def make(*arguments, **options):
        return lambda: Plan(*arguments, **({"batch_size": 6} | options))

    yield "no network", make([4, 5], squared_error), TypeError, "network must be a Network"
    yield "no loss", make(network, "mse"), TypeError, "loss must be a Loss"
    yield "no example", make(network, squared_error, batch_size=0), ValueError, "batch_size must"
    yield "half", make(network, squared_error, batch_size=2.5), ValueError, "batch_size must"
    yield "exact", make(exact, squared_error), TypeError, "use forward and backward"
    yield "fewer", lambda: PLAN.gradient(X[:, :5], Y), ValueError, r"plan\.resized\(5\)"
    yield "rows", lambda: PLAN.gradient(X.T, Y), ValueError, "x must have shape"
    yield "float32", lambda: PLAN.gradient(X.astype("f"), Y), TypeError, "x has dtype float32"
    yield "y short", lambda: PLAN.gradient(X, Y[:2]), ValueError, "y must have shape"
    yield "y column", lambda: PLAN.gradient(X, Y[:, :1]), ValueError, "y must have shape"
    yield "no array", lambda: PLAN.gradient("x", Y), TypeError, "x"
    yield "class 3 of 3", lambda: LABELS.gradient(X, wrong_labels), ValueError, "y"
    yield "class -1", lambda: LABELS.gradient(X, wrong_labels - 1), ValueError, "y"
    yield "no labels", lambda: LABELS.gradient(X, Y), TypeError, "class labels"
    yield "rate 0", lambda: PLAN.step(X, Y, 0), ValueError, "rate must be a positive finite number"
    yield "rate nan", lambda: PLAN.step(X, Y, float("nan")), ValueError, "rate must be"
    yield "rate text", lambda: PLAN.step(X, Y, "0.1"), TypeError, "rate must be a positive number"
    yield "rate true", lambda: PLAN.step(X, Y, rate=True), TypeError, "rate must be a positive"
    beyond = lambda: PROBABILITIES.gradient(X, 5 * Y)  # noqa: E731
    yield "probability 5", beyond, ValueError, "y"
    for name, order, said in WRONG_ORDERS:
        error = ValueError if said.startswith("order gives") or "ends" in said else TypeError
        yield f"order {name}", make(network, squared_error, order=order), error, said
    deep = Network.he([4, 5, 6, 3], seed=0)
    jump = lambda _M: [Make(2), Make(1), Turn(), Back(2), Back(1), Back(0)]  # noqa: E731
    yield "order jump", make(deep, squared_error, order=jump), ValueError, r"gives Make\(k=2\)"
    yield "bytes of a network", lambda: planned_bytes(network, 6), TypeError, "network.widths"
    yield "bytes of -1", lambda: planned_bytes([4, 5, 3], -1), ValueError, "N must be a positive"
    yield "every 0", lambda: every(0), ValueError, "maps must be"
    yield "every -1", lambda: every(-1), ValueError, "maps must be"
    yield "every 2.5", lambda: every(2.5), ValueError, "maps must be"
    yield "every true", lambda: every(maps=True), ValueError, "maps must be"
    yield "snapshots false", lambda: binomial(snapshots=False), ValueError, "snapshots must be"
    bits_of = lambda *given: lambda: input_gradient(*given)  # noqa: E731
    yield "bits of a list", bits_of([4, 5], squared_error, X, Y), TypeError, "network must be"
    yield "bits, rows", bits_of(network, squared_error, X.T, Y), ValueError, "x must have shape"
    yield "snapshots -1", lambda: binomial(-1), ValueError, "snapshots must be"
    yield "snapshots true", lambda: binomial(snapshots=True), ValueError, "snapshots must be"
    short = lambda: input_gradient(network, squared_error, X, Y[:2])  # noqa: E731
    yield "bits, y short", short, ValueError, "y must have shape"
    smooth = lambda: input_gradient(tanh_network, squared_error, X, Y)  # noqa: E731
    yield "bits of tanh", smooth, ValueError, "ReLU or leaky ReLU, but has tanh"


def fractions(array):
    return np.vectorize(Fraction, otypes=[object])(array)


REFUSED = {name: rest for name, *rest in refused()}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name):
    call, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        call()


def test_lists_are_taken_as_they_are_elsewhere():
    value, _ = PLAN.gradient(X.tolist(), Y.tolist())
    assert value == PLAN.gradient(X, Y)[0]


@pytest.mark.parametrize("slope", [-1, -0.5, 0, 1, 2])
@pytest.mark.parametrize("N", [1, 6])
def test_any_slope(slope, N):
    """The larger of z and the slope times z is the function for slopes from 0 to 1 only."""
    bent = Activation(
        "bent",
        lambda z: np.where(z > 0, z, slope * z),
        lambda z: np.where(z > 0, 1.0, slope),
        slope=slope,
    )
    network = whole([3, 5, 4, 2], bent)
    x, y = batch(network, squared_error, N)
    value, gradient = Plan(network, squared_error, batch_size=N).gradient(x, y)
    right, expected = by_recursion(network, squared_error, x, y)
    assert value == right
    assert all(map(np.array_equal, [*gradient.W, *gradient.b], [*expected.W, *expected.b]))


def test_arrays_of_a_plan_cannot_be_exchanged():
    """Or the next gradient would be written past the new one, and the old parameters be used."""
    plan = Plan(Network.he([3, 4, 2], seed=0), squared_error, batch_size=5)
    x, y = batch(plan.network, squared_error, 5)
    _, gradient = plan.gradient(x, y)
    for arrays in (gradient.W, gradient.b, plan.network.W, plan.network.b):
        with pytest.raises(TypeError, match="item assignment"):
            arrays[0] = np.ones(arrays[0].shape)


@pytest.mark.parametrize(
    "view",
    [
        lambda a: np.lib.stride_tricks.as_strided(a, a.shape, a.strides),
        lambda a: np.asarray(memoryview(a)),
        lambda a: a[:, ::-1],
        np.from_dlpack,
    ],
    ids=["strided", "buffer", "slice", "dlpack"],
)
def test_a_gradient_may_be_the_next_input_in_disguise(view):
    network = whole([2, 2, 2])
    plan = Plan(network, squared_error, batch_size=2)
    x, y = batch(network, squared_error, 2)
    own = view(plan.gradient(x, y)[1].W[1])
    _, expected = by_recursion(network, squared_error, own.copy(), y)
    _, again = plan.gradient(own, y)
    assert np.array_equal(again.W[0], expected.W[0])


@pytest.mark.parametrize("wrong", [np.float32, lambda dz: dz.sum(axis=1, keepdims=True), np.sum])
def test_a_start_of_another_shape_or_dtype_is_refused(wrong):
    odd = Loss("odd", cubed.value, lambda z, y: wrong(z - y), cubed.checked_targets)
    plan = Plan(whole([3, 4, 2]), odd, batch_size=5)
    with pytest.raises((TypeError, ValueError), match="derivative of <loss odd> "):
        plan.gradient(*batch(plan.network, odd, 5))


@pytest.mark.parametrize("wrong", [np.float32, lambda x: x.mean(axis=1, keepdims=True)])
def test_a_function_that_is_not_entrywise_is_refused(wrong):
    x, y = batch(whole([3, 4, 2]), squared_error, 5)
    odd = Activation("odd", wrong, np.ones_like)
    with pytest.raises((TypeError, ValueError), match="function of <activation odd> "):
        Plan(whole([3, 4, 2], odd), squared_error, batch_size=5).gradient(x, y)
    odd = Activation("odd", np.copy, lambda z: z[:, :1])
    with pytest.raises(ValueError, match="derivative of <activation odd> must have shape"):
        Plan(whole([3, 4, 2], odd), squared_error, batch_size=5).gradient(x, y)


def test_targets_of_a_loss_of_ones_own_are_looked_at_once():
    halved = Loss("halved", cubed.value, cubed.derivative, lambda _z, y: np.asarray(y) / 2)
    network = whole([3, 4, 2])
    x, y = batch(network, cubed, 5)
    plan = Plan(network, halved, batch_size=5)
    for targets in (y, y.astype(int), y.tolist()):
        assert plan.gradient(x, targets)[0] == by_recursion(network, halved, x, targets)[0]
    unchecked = Loss("unchecked", cubed.value, cubed.derivative, lambda _z, y: y)
    with pytest.raises(TypeError, match="must return an array of NumPy, but returned a list"):
        Plan(network, unchecked, batch_size=5).gradient(x, y.tolist())


def test_labels_of_any_whole_numbers():
    network = Network.he([3, 4], seed=0)
    x = np.random.default_rng(0).standard_normal((3, 5))
    y = np.array([0, 3, 1, 1, 2])
    plan = Plan(network, softmax_cross_entropy, batch_size=5)
    expected, _ = plan.gradient(x, y)
    for dtype in (np.uint64, np.uint8, np.int8):
        assert plan.gradient(x, y.astype(dtype))[0] == expected
    with pytest.raises(TypeError, match="masked"):
        plan.gradient(x, np.ma.array(y, mask=[0, 1, 0, 0, 0]))


def test_orders_of_small_integers_and_many_snapshots():
    assert every(np.int8(10))(300) == every(10)(300)
    assert binomial(np.int8(127))(300) == binomial(127)(300)
    assert binomial(np.uint8(0))(5) == binomial(0)(5)
    assert binomial(1500)(1500) == store_all(1500)


def test_bytes_of_widths_of_numpy():
    few = [np.int16(4096)] * 100
    assert planned_bytes(few, N=np.int16(4096)) == planned_bytes([4096] * 100, N=4096)
    with pytest.raises(TypeError, match="activation must be an Activation"):
        planned_bytes([3, 4], N=5, activation="tanh")


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("widths", [[8, 40], [40, 16, 2]], ids=str)
def test_memory_counts_the_loss_and_the_input_gradient(widths, loss):
    network, N = Network.he(widths, seed=0), 20_000
    small = Plan(network, loss, batch_size=1, input_gradient=True)
    tracemalloc.start()
    plan = small.resized(N)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert plan.memory() <= taken < plan.memory() + 20_000


def test_the_input_gradient_of_fractions_for_a_slope_that_is_a_float():
    network = whole([3, 4, 2], leaky_relu(0.1)).map(fractions)
    x, y = (fractions(array) for array in batch(network.map(np.float64), squared_error, 5))
    _, dx = input_gradient(network, squared_error, x, y)
    assert np.array_equal(dx, by_recursion(network, squared_error, x, y)[1].x)
    assert all(isinstance(entry, Fraction) for entry in dx.flat)


def test_targets_may_have_another_shape_than_the_outputs():
    total = Loss(
        "total",
        lambda z, y: ((z.sum(axis=0) - y) ** 2).sum(),
        lambda z, y: 2 * (z.sum(axis=0) - y) * np.ones_like(z),
        lambda _z, y: np.asarray(y),
    )
    network = whole([3, 4, 2])
    x, y = batch(network, squared_error, 5)[0], np.arange(5.0)
    value, gradient = Plan(network, total, batch_size=5).gradient(x, y)
    right, expected = by_recursion(network, total, x, y)
    assert value == right
    assert np.array_equal(gradient.W[0], expected.W[0])


def test_the_input_gradient_needs_a_loss():
    with pytest.raises(TypeError, match="loss must be a Loss"):
        input_gradient(whole([3, 4, 2]), None, X, Y)


def test_arrays_of_another_library_are_not_planned():
    network = Network.he([3, 4, 2], seed=0).map(array_api_strict.asarray)
    with pytest.raises(TypeError, match=r"but a plan writes in place.*map\(numpy.asarray\), or"):
        Plan(network, squared_error, batch_size=5)
