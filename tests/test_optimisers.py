"""Each rule is its equation, entry by entry, in exact numbers; and it works in place."""

import math
import re
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from backproof import SGD, Adam, Momentum, Network, squared_error, train
from backproof.descent import Planned
from backproof.numbers.integers import small_integer_network, small_integers
from backproof.numbers.rational import as_fractions

OPTIMISERS = [SGD(), Momentum(), Momentum(nesterov=True), Adam(), Adam(decay=0.125)]
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def fractions(*numbers):
    """Return an array of fractions."""
    return np.array([Fraction(number) for number in numbers], dtype=object)


def by_the_book(theta, gradients, rate, direction):
    """Return where `direction`, which sees one gradient after the other, leads one entry."""
    for t, g in enumerate(gradients, start=1):
        theta = theta - rate * direction(t, g, theta)
    return theta


def heavy_ball(mu, *, nesterov=False):
    """Return the direction of momentum for one entry."""
    v = 0

    def direction(_t, g, _theta):
        nonlocal v
        v = mu * v + g
        return g + mu * v if nesterov else v

    return direction


def adam(beta, gamma, epsilon, decay):
    """Return the direction of Adam for one entry."""
    m = q = 0

    def direction(t, g, theta):
        nonlocal m, q
        m, q = beta * m + (1 - beta) * g, gamma * q + (1 - gamma) * g**2
        root = math.sqrt(q / (1 - gamma**t))
        return m / (1 - beta**t) / (root + epsilon) + decay * theta

    return direction


@pytest.mark.parametrize(
    ("optimiser", "direction"),
    [
        (SGD(), lambda: lambda _t, g, _theta: g),
        (Momentum(HALF), lambda: heavy_ball(HALF)),
        (Momentum(THIRD, nesterov=True), lambda: heavy_ball(THIRD, nesterov=True)),
    ],
    ids=["plain", "momentum", "nesterov"],
)
def test_a_rule_is_its_equation_in_fractions(optimiser, direction):
    """Five steps with changing gradients, each entry by itself, and nothing is rounded."""
    start, rate = [1, -2, THIRD], Fraction(3, 7)
    gradients = [[3, 1, -1], [HALF, 0, 2], [-4, 5, THIRD], [1, 1, 1], [0, -2, 7]]
    theta = fractions(*start)
    state = optimiser.state(theta)
    for g in gradients:
        optimiser.step(state, theta, fractions(*g), rate)

    assert theta.tolist() == [
        by_the_book(Fraction(entry), map(Fraction, column), rate, direction())
        for entry, column in zip(start, zip(*gradients, strict=True), strict=True)
    ]


@pytest.mark.parametrize("decay", [0, 0.25])
def test_adam_is_its_equation(decay):
    """Five steps with changing gradients; roots are rounded, so to the last digits."""
    start, rate = [1.0, -2.0], 0.125
    gradients = [[3.0, 1.0], [0.5, 0.0], [-4.0, 1000.0], [1.0, 1e-5], [0.0, -2.0]]
    theta, optimiser = np.array(start), Adam(beta=0.75, gamma=0.5, epsilon=0.0625, decay=decay)
    state = optimiser.state(theta)
    for g in gradients:
        optimiser.step(state, theta, np.array(g), rate)

    expected = [
        by_the_book(entry, column, rate, adam(0.75, 0.5, 0.0625, decay))
        for entry, column in zip(start, zip(*gradients, strict=True), strict=True)
    ]
    assert theta.tolist() == pytest.approx(expected, rel=1e-14)


def test_adam_with_roots_that_are_whole_is_exact():
    """A first step: m = g/2 and q = g²/4 unbiased are g and g², so every entry moves by η / 2."""
    theta = np.array([1.0, 2.0, 0.0])
    optimiser = Adam(beta=0.5, gamma=0.75, epsilon=3.0, decay=0.5)
    state = optimiser.state(theta)
    optimiser.step(state, theta, np.array([3.0, -1.0, 0.0]), 0.25)

    assert theta.tolist() == [
        1 - 0.25 * (3 / 6 + 0.5),
        2 - 0.25 * (-1 / 4 + 1.0),
        0.0,
    ]
    assert (state["m"].tolist(), state["q"].tolist()) == ([1.5, -0.5, 0.0], [2.25, 0.25, 0.0])


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_a_step_works_in_place_piece_by_piece(optimiser):
    """What is longer than a piece moves as each of its entries does, in the arrays it was given."""
    generator = np.random.default_rng(0)
    theta, g = generator.standard_normal((2, 40_000))
    short, state, short_state = theta[-3:].copy(), optimiser.state(theta), optimiser.state(g[-3:])
    arrays = dict(state)
    for _ in range(3):
        optimiser.step(state, theta, g, 0.01)
        optimiser.step(short_state, short, g[-3:], 0.01)

    assert theta[-3:].tolist() == short.tolist()
    assert all(state[name] is array for name, array in arrays.items())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_a_step_keeps_the_dtype(optimiser, dtype):
    """Neither a rate of NumPy nor a fraction among the settings makes another kind of number."""
    theta = np.ones(3, dtype)
    state = optimiser.state(theta)
    optimiser.step(state, theta, theta.copy(), np.float64(0.5))

    assert theta.dtype == dtype
    assert {state[name].dtype for name in state if name != "steps"} <= {np.dtype(dtype)}


@pytest.mark.parametrize("optimiser", [Momentum(HALF), Momentum(HALF, nesterov=True)], ids=repr)
def test_training_with_fractions_is_training_with_floats(optimiser):
    """On whole numbers, the plan and the recursion take the same two steps, bit for bit."""
    generator = np.random.default_rng(1)
    network = small_integer_network([2, 3, 2], seed=generator)
    x, y = (small_integers((2, 4), generator) for _ in range(2))
    knobs = {"batch_size": 4, "epochs": 2, "seed": 0, "optimiser": optimiser}
    (*_, floats) = train(network, x, y, squared_error, rate=2**-4, **knobs)
    exact = network.map(as_fractions)
    x, y = as_fractions(x), as_fractions(y)
    (*_, fractions) = train(exact, x, y, squared_error, rate=Fraction(1, 16), **knobs)

    assert floats.loss == fractions.loss
    for one, other in zip(floats.network.W, fractions.network.W, strict=True):
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_an_optimiser_is_settings_only(optimiser):
    """Two runs with one and the same object are the same run."""
    network = Network.he([2, 3, 2], seed=0)
    x = np.random.default_rng(1).standard_normal((2, 10))
    knobs = {"rate": 0.01, "batch_size": 4, "epochs": 2, "seed": 0, "optimiser": optimiser}
    first, again = (
        [epoch.loss for epoch in train(network, x, x, squared_error, **knobs)] for _ in range(2)
    )

    assert first == again


def peak(optimiser, batch_size, width):
    """Return the most memory that three steps have asked for beyond what they gave back."""
    x = np.random.default_rng(0).standard_normal((width, 600))
    network = Network.he([width, width, width], seed=0)
    steps = Planned(network, squared_error, x, x, batch_size=batch_size, by=optimiser)
    batches = np.arange(600).reshape(-1, batch_size)
    steps.step(batches[0], 0.01)
    tracemalloc.start()
    try:
        for batch in batches[:2]:
            steps.step(batch, 0.01)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_no_step_asks_for_memory_that_grows(optimiser):
    """Neither with the batch nor, past one piece, with the network.

    All sizes are beyond the 8192 numbers that NumPy takes at a time where it has to convert.
    """
    small, larger_batch = peak(optimiser, 100, 128), peak(optimiser, 300, 128)
    larger_network = peak(optimiser, 100, 256)

    assert abs(larger_batch - small) < 4096
    assert abs(larger_network - small) < 4096
    assert optimiser != SGD() or small < 100 * 128 * 8


# Refusals.


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Momentum(1), "factor must be at least 0 and less than 1, such as 0.9, but is 1."),
        (
            lambda: Momentum(-0.1),
            "factor must be at least 0 and less than 1, such as 0.9, but is -",
        ),
        (
            lambda: Momentum(math.nan),
            "factor must be at least 0 and less than 1, such as 0.9, but is n",
        ),
        (lambda: Adam(beta=1.5), "beta must be at least 0 and less than 1, such as 0.9, but is 1."),
        (lambda: Adam(gamma=1), "gamma must be at least 0 and less than 1, such as 0.999"),
        (lambda: Adam(epsilon=0), "epsilon must be a positive finite number, such as 1e-8"),
        (lambda: Adam(epsilon=float("inf")), "epsilon must be a positive finite number"),
        (lambda: Adam(decay=-1), "decay must be a finite number of at least 0, such as 0.01"),
    ],
)
def test_settings_without_sense_are_refused(make, text):
    """The message names the setting and a usual value."""
    with pytest.raises(ValueError, match=re.escape(text)):
        make()


@pytest.mark.parametrize("value", [None, "0.9", True, [0.9], np.array(0.9)], ids=repr)
def test_settings_are_numbers(value):
    """What is no number is refused with what it is."""
    with pytest.raises(TypeError, match=r"factor must be a number, such as 0\.9, but is"):
        Momentum(value)
    with pytest.raises(TypeError, match=r"decay must be a number, such as 0\.01, but is"):
        Adam(decay=value)


@pytest.mark.parametrize(
    ("optimiser", "text"),
    [
        (Adam, "optimiser is the class Adam: pass Adam()."),
        ("adam", "optimiser must be one such as Momentum() or Adam(), but is 'adam'."),
        (None, "optimiser must be one such as Momentum() or Adam(), but is None."),
        (lambda: None, "optimiser must be one such as Momentum() or Adam(), but is <function"),
    ],
)
def test_train_refuses_what_is_no_optimiser(optimiser, text):
    """Before the first epoch, and a class gets its parentheses."""
    network, x = Network.he([2, 2], seed=0), np.ones((2, 3))
    knobs = {"rate": 0.1, "batch_size": 1, "epochs": 1, "seed": 0}

    with pytest.raises(TypeError, match=re.escape(text)):
        train(network, x, x, squared_error, **knobs, optimiser=optimiser)


def test_exact_numbers_take_no_float_and_no_root():
    """A float would round them, and Adam needs roots that fractions do not have."""
    theta = fractions(1, 2)

    with pytest.raises(TypeError, match=r"factor is 0\.9, a float, but the network holds exact"):
        Momentum().step(Momentum().state(theta), theta, theta, HALF)
    with pytest.raises(TypeError, match=r"no square root, and Adam needs it\. Pass fl"):
        Adam().state(theta)


def test_a_rate_is_not_taken_for_another_setting():
    """The rate is an argument of `train`, and in other libraries the first one of an optimiser."""
    with pytest.raises(TypeError, match=r"nesterov must be True or False, but is 0\.9"):
        Momentum(0.01, 0.9)
    with pytest.raises(TypeError, match="positional"):
        Adam(0.001)
