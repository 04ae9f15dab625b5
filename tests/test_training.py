"""One step, exactly; a whole training run, equal to the loop one would write by hand."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from backproof import (
    Gradient,
    Network,
    backward,
    forward,
    sgd,
    softmax_cross_entropy,
    squared_error,
    tanh,
    train,
)
from backproof.numbers.integers import small_integer_network, small_integers
from backproof.numbers.rational import as_fractions

KNOBS = {"rate": 0.25, "batch_size": 4, "epochs": 3, "seed": 7}


def data(loss=squared_error, examples=10):
    """Return a network 2-3-2, inputs and targets."""
    generator = np.random.default_rng(3)
    x = generator.standard_normal((2, examples))
    y = np.arange(examples) % 2 if loss is softmax_cross_entropy else x[::-1] - 0.5
    return Network.he([2, 3, 2], seed=1), x, y


def lists(network):
    """Return all parameters as nested lists."""
    return [array.tolist() for array in [*network.b, *network.W]]


def step(rate):
    """Return a network of whole numbers, a gradient of whole numbers, and the network after."""
    generator = np.random.default_rng(0)
    network = small_integer_network([2, 3, 1], seed=generator, activation=tanh)
    gradient = Gradient(
        [small_integers(b.shape, generator) for b in network.b],
        [small_integers(W.shape, generator) for W in network.W],
        np.zeros((2, 5)),
    )
    return network, gradient, sgd(network, gradient, rate)


@pytest.mark.parametrize("rate", [0.25, 2, np.float32(0.5)], ids=repr)
def test_a_step_goes_against_the_gradient(rate):
    """Every parameter θ becomes θ - rate ∂L/∂θ, exactly for whole numbers and a power of two."""
    network, gradient, after = step(rate)

    for name in "bW":
        for old, slope, new in zip(
            *(getattr(n, name) for n in (network, gradient, after)), strict=True
        ):
            rows = [zip(*pair, strict=True) for pair in zip(old, slope, strict=True)]
            assert new.tolist() == [[a - rate * d for a, d in row] for row in rows]


def test_a_step_leaves_the_network_as_it_was():
    """A new network is returned, with the same activation; the old one has its old numbers."""
    network, gradient, after = step(0.25)
    again = sgd(network, gradient, 0.25)

    assert after.activation is tanh
    assert lists(again) == lists(after)
    assert lists(network) == lists(step(1)[0])
    assert lists(network) != lists(after)


@pytest.mark.parametrize("rate", [0.5, np.float64(0.5), Fraction(1, 2)], ids=repr)
def test_a_step_keeps_the_dtype(rate):
    """A float32 network stays float32, whatever kind of number the rate is."""
    network, gradient, _ = step(1)
    network = network.map(lambda array: array.astype(np.float32))
    b, W = ([a.astype(np.float32) for a in getattr(gradient, name)] for name in "bW")

    assert sgd(network, Gradient(b, W, gradient.x), rate).dtype == np.float32


def test_a_step_of_fractions_is_exact():
    """A network of fractions takes a rate that is a fraction, and rounds nothing."""
    network, gradient, _ = step(1)
    b, W = (list(map(as_fractions, getattr(gradient, name))) for name in "bW")
    after = sgd(network.map(as_fractions), Gradient(b, W, gradient.x), Fraction(1, 3))

    assert after.W[0][0, 0] == network.W[0][0, 0] - Fraction(1, 3) * Fraction(gradient.W[0][0, 0])


def test_a_small_step_decreases_the_loss():
    """To first order L falls by rate times the squared length of the gradient."""
    network, x, y = data()
    tape = forward(network, x)
    gradient = backward(network, tape, squared_error.start(tape.output, y))
    length = sum((array * array).sum() for array in gradient.b + gradient.W)
    after = sgd(network, gradient, 1e-7)
    fall = squared_error(tape.output, y) - squared_error(forward(after, x).output, y)

    assert fall / 1e-7 == pytest.approx(length, rel=1e-3)


def by_hand(network, x, y, loss, *, rate, batch_size, epochs, seed):
    """Yield parameters and mean loss after each epoch, from a plain loop over batches."""
    generator = np.random.default_rng(seed)
    for _ in range(epochs):
        order, losses = generator.permutation(x.shape[1]).tolist(), []
        while order:
            batch, order = order[:batch_size], order[batch_size:]
            tape = forward(network, x[:, batch])
            losses.append(loss(tape.output, y[..., batch]))
            gradient = backward(network, tape, loss.start(tape.output, y[..., batch]))
            mean = rate / len(batch)
            b = [b - mean * db for b, db in zip(network.b, gradient.b, strict=True)]
            W = [W - mean * dW for W, dW in zip(network.W, gradient.W, strict=True)]
            network = Network(b=b, W=W)
        yield lists(network), sum(losses) / x.shape[1]


def flat(parameters):
    """Return nested lists of numbers as one list."""
    if not isinstance(parameters, list):
        return [parameters]
    return [number for part in parameters for number in flat(part)]


@pytest.mark.parametrize("loss", [squared_error, softmax_cross_entropy], ids=lambda loss: loss.name)
@pytest.mark.parametrize("batch_size", [1, 3, 4, 10])
def test_training_is_the_loop_one_would_write(loss, batch_size):
    """Each epoch shuffles, steps against the mean of each batch, the last one shorter."""
    network, x, y = data(loss)
    knobs = KNOBS | {"batch_size": batch_size, "rate": 0.01}
    epochs = list(train(network, x, y, loss, **knobs))

    for epoch, (parameters, mean) in zip(
        epochs, by_hand(network, x, y, loss, **knobs), strict=True
    ):
        assert flat(lists(epoch.network)) == pytest.approx(flat(parameters), rel=1e-12, abs=1e-14)
        assert epoch.loss == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("convert", [np.array, as_fractions], ids=["floats", "fractions"])
@pytest.mark.parametrize(("batch_size", "epochs"), [(4, 1), (8, 1), (8, 2)])
def test_training_on_whole_numbers_is_that_loop_exactly(convert, batch_size, epochs):
    """With two steps at most no float rounds: bit for bit, in place and in fractions."""
    generator = np.random.default_rng(0)
    network = small_integer_network([2, 3, 2], seed=generator).map(convert)
    x, y = (convert(small_integers((2, 8), generator)) for _ in range(2))
    rate = convert(np.array([[2.0**-6]]))[0, 0]
    knobs = {"rate": rate, "batch_size": batch_size, "epochs": epochs, "seed": 7}
    seen = [(lists(e.network), e.loss) for e in train(network, x, y, squared_error, **knobs)]

    assert seen == [
        (parameters, float(mean))
        for parameters, mean in by_hand(network, x, y, squared_error, **knobs)
    ]


def test_a_seed_is_a_training_run():
    """The same seed gives the same run bit for bit, another seed another order and another run."""
    first, again, other = (
        [lists(epoch.network) for epoch in train(*data(), squared_error, **KNOBS | {"seed": seed})]
        for seed in (7, 7, 8)
    )

    assert first == again
    assert first[0] != other[0]


def test_an_epoch_says_where_it_stands():
    """Epochs are numbered from 1 to the last, each with its own network."""
    network, x, y = data()
    epochs = list(train(network, x, y, squared_error, **KNOBS))

    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    assert len({str(lists(epoch.network)) for epoch in epochs}) == 3
    assert lists(network) == lists(data()[0])


def test_training_makes_progress():
    """On a function that the network can learn the mean loss falls to nearly nothing."""
    network, x, _ = data(examples=40)
    network = Network.he([2, 16, 1], seed=2)
    knobs = {"rate": 0.05, "batch_size": 8, "epochs": 150, "seed": 1}
    losses = [e.loss for e in train(network, x, abs(x[:1]), squared_error, **knobs)]

    assert losses[-1] < 0.01 * losses[0]


def test_training_may_be_stopped_at_any_epoch():
    """Epochs are made as they are asked for."""
    network, x, y = data()
    epochs = train(network, x, y, squared_error, **KNOBS | {"epochs": 10**9})

    assert [epoch.number for epoch in itertools.islice(epochs, 2)] == [1, 2]


def test_training_takes_lists():
    """Inputs and labels may be plain lists."""
    network, x, y = data(softmax_cross_entropy)
    from_arrays = train(network, x, y, softmax_cross_entropy, **KNOBS)
    from_lists = train(network, x.tolist(), y.tolist(), softmax_cross_entropy, **KNOBS)

    assert [e.loss for e in from_lists] == [e.loss for e in from_arrays]
