"""One step, exactly; a whole training run, equal to the loop one would write by hand."""

import itertools
import re
from fractions import Fraction

import numpy as np
import pytest

from backproof import (
    SGD,
    Gradient,
    Network,
    backward,
    forward,
    identity,
    sgd,
    softmax_cross_entropy,
    squared_error,
    tanh,
    train,
    training,
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


# Looking at examples held out.


def held_out(network, x, y):
    """Return the mean loss of a network, by itself."""
    return squared_error(forward(network, x).output, y) / x.shape[1]


def test_validation_measures_the_network_after_the_epoch():
    """The mean over the examples held out, whatever the batch size is; the best is remembered."""
    network, x, y = data(examples=30)
    knobs = KNOBS | {"rate": 0.02, "epochs": 12}
    other, targets = x[:, :7], y[:, :7] / 2  # what it learns passes by them
    epochs = list(train(network, x, y, squared_error, **knobs, validation=(other, targets)))
    losses = [epoch.validation_loss for epoch in epochs]

    assert losses == pytest.approx([held_out(e.network, other, targets) for e in epochs])
    for number, epoch in enumerate(epochs, start=1):
        lowest = min(range(number), key=losses.__getitem__)
        assert epoch.best_number == lowest + 1
        assert epoch.best is epochs[lowest].network
        assert epoch.best_validation_loss == losses[lowest]
    assert len({epoch.best_number for epoch in epochs}) > 1
    assert epochs[-1].best_number < 12


def test_validation_changes_nothing():
    """The network trains as it does when nobody looks; then the best is the last."""
    network, x, y = data()
    looked_at, plain = (
        list(train(network, x, y, squared_error, **KNOBS, **more))
        for more in ({"validation": (x, y)}, {})
    )

    assert [lists(e.network) for e in looked_at] == [lists(e.network) for e in plain]
    assert all(e.best is e.network and e.best_number == e.number for e in plain)
    assert [e.validation_loss for e in plain] == [None, None, None]


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_patience_ends_training(patience):
    """So many epochs after the best, and not before."""
    network, x, y = data(examples=30)
    knobs = KNOBS | {"rate": 0.02, "epochs": 1000, "validation": (x[:, :7], y[:, :7] / 2)}
    numbers = [
        (epoch.number, epoch.best_number)
        for epoch in train(network, x, y, squared_error, **knobs, patience=patience)
    ]

    assert [number - best >= patience for number, best in numbers] == (
        [False] * (len(numbers) - 1) + [True]
    )


def test_exact_numbers_are_validated_too():
    """In fractions, and the mean as a float."""
    network, x, y = (
        data()[0].map(as_fractions),
        as_fractions(data()[1]),
        as_fractions(data()[2]),
    )
    knobs = KNOBS | {"rate": Fraction(1, 100), "epochs": 1, "validation": (x, y)}
    (epoch,) = train(network, x, y, squared_error, **knobs)

    assert epoch.validation_loss == pytest.approx(float(held_out(epoch.network, x, y)))


# The bar, and what goes wrong.


def test_progress_draws_a_bar(capsys):
    """With the number of epochs and the loss; the epochs are the same."""
    network, x, y = data()
    quiet = [epoch.loss for epoch in train(network, x, y, squared_error, **KNOBS)]
    drawn = [epoch.loss for epoch in train(network, x, y, squared_error, **KNOBS, progress=True)]

    assert drawn == quiet
    assert "3/3" in capsys.readouterr().err


def test_without_tqdm_there_is_a_mend(monkeypatch):
    """Before the first epoch."""
    monkeypatch.setattr(training, "find_spec", lambda _name: None)

    with pytest.raises(ModuleNotFoundError, match=r"progress needs tqdm, .* Run pip"):
        train(*data(), squared_error, **KNOBS, progress=True)


@pytest.mark.parametrize("loss", [squared_error, softmax_cross_entropy], ids=lambda loss: loss.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_divergence_is_an_error(loss, dtype):
    """Numbers without bound end the run, without a warning before; the message has a mend."""
    network, x, y = data(loss)
    network = Network.he([2, 3, 2], seed=1, activation=identity)
    network, x = network.map(lambda array: array.astype(dtype)), x.astype(dtype)
    y = y if loss is softmax_cross_entropy else y.astype(dtype)
    knobs = KNOBS | {"rate": 1e30, "epochs": 500}

    with pytest.raises(FloatingPointError, match=r"in epoch \d+: the steps were too"):
        list(train(network, x, y, loss, **knobs))


def test_divergence_is_seen_after_the_last_step():
    """Where only the step after the last loss that was seen is too long."""
    network, x, y = data()
    knobs = KNOBS | {"rate": 1e308, "epochs": 1, "batch_size": 10}

    with pytest.raises(FloatingPointError, match=r"\w\[\d\] holds .*, in epoch 1"):
        list(train(network, 10 * x, y, squared_error, **knobs))


@pytest.mark.parametrize(
    ("knobs", "error", "text"),
    [
        ({"validation": data()[1]}, TypeError, "validation must be a pair (x, y), but is a ndarr"),
        ({"validation": (data()[1],)}, TypeError, "validation must be a pair (x, y), but is a tu"),
        ({"validation": (data()[1], [1.0])}, ValueError, "validation: y must have two dimensions"),
        ({"validation": (data()[1][:1], 1)}, ValueError, "validation: x must have shape (2, 10)"),
        ({"patience": 2}, ValueError, "patience waits for examples held out: pass validation=(x,"),
        ({"patience": 0}, ValueError, "patience must be a positive whole number, but is 0."),
        ({"patience": 1.5}, ValueError, "patience must be a positive whole number, but is 1.5."),
    ],
    ids=["array", "one", "targets", "inputs", "alone", "zero", "half"],
)
def test_what_is_held_out_is_checked(knobs, error, text):
    """Before the first epoch, and the message says of which x and y it speaks."""
    with pytest.raises(error, match=re.escape(text)):
        train(*data(), squared_error, **KNOBS, **knobs)


def test_the_step_of_a_kind_of_sgd_is_taken():
    class Still(SGD):
        def step(self, *_):
            pass

    network, x = Network.he([3, 4, 2], seed=0), np.ones((3, 5))
    *_, last = train(
        network,
        x,
        x[:2],
        squared_error,
        rate=0.1,
        batch_size=5,
        epochs=1,
        seed=0,
        optimiser=Still(),
    )
    assert np.array_equal(last.network.W[0], network.W[0])
