"""Schedules: their values at the ends and corners, the rates that training takes, refusals."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest

from backproof import Network, squared_error, train
from backproof.schedules import constant, cosine, exponential, step_decay, warm_up


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (constant, {0: 1, 2.5: 1, 100: 1}),
        (step_decay(0.5, every=2), {0: 1, 1.99: 1, 2: 0.5, 3.99: 0.5, 4: 0.25, 7: 0.125}),
        (step_decay(0.5, every=0.5), {0: 1, 0.25: 1, 0.5: 0.5, 1: 0.25}),
        (step_decay(2, every=1), {0: 1, 1: 2, 3.5: 8}),
        (exponential(0.25), {0: 1, 0.5: 0.5, 1: 0.25, 2: 0.0625}),
        (cosine(4), {0: 1, 2: 0.5, 4: 0, 5: 0}),
        (cosine(3, last=0.25), {0: 1, 1.5: 0.625, 3: 0.25, 100: 0.25}),
        (warm_up(2, start=0.5), {0: 0.5, 1: 0.75, 1.5: 0.875, 2: 1, 9: 1}),
        (warm_up(2, step_decay(0.5, every=1), start=0.5), {1: 0.75, 2: 1, 2.5: 1, 3: 0.5, 4: 0.25}),
        (warm_up(1, lambda t: 7 + t), {0: 0.1, 1: 7, 3: 9}),
    ],
    ids=repr,
)
def test_the_factor_at_a_time(schedule, values):
    """On both sides of each corner."""
    for t, value in values.items():
        assert schedule(t) == pytest.approx(value, abs=1e-15)


def test_exact_times_have_exact_factors():
    """Fractions stay fractions, where the formula has no cosine and no root."""
    third = Fraction(1, 3)

    assert step_decay(third, every=2)(Fraction(9, 2)) == Fraction(1, 9)
    assert warm_up(2, start=third)(Fraction(1, 2)) == Fraction(1, 2)
    assert isinstance(step_decay(third, every=2)(Fraction(9, 2)), Fraction)


def test_a_schedule_has_a_name():
    """It tells runs apart, so all that it is made of is in it."""
    names = [
        repr(each)
        for each in (
            constant,
            step_decay(0.5, every=2),
            exponential(0.5),
            cosine(9, last=0.5),
            warm_up(1, cosine(8)),
        )
    ]

    assert names == [
        "<schedule constant>",
        "<schedule step_decay(0.5, every=2)>",
        "<schedule exponential(0.5)>",
        "<schedule cosine(9, last=0.5)>",
        "<schedule warm_up(1, cosine(8, last=0), start=0.1)>",
    ]


def trained(schedule, convert=np.array, rate=0.5, epochs=2):
    """Train one weight, on four examples in batches of two, whose gradient is always -2 rate."""
    network = Network(b=[convert([[0.0]])], W=[convert([[0.0]])])
    x, y = convert([[0.0, 0.0, 0.0, 0.0]]), convert([[1.0, 1.0, 1.0, 1.0]])
    knobs = {"rate": rate, "batch_size": 2, "epochs": epochs, "seed": 0}
    return train(network, x, y, squared_error, **knobs, schedule=schedule)


def test_training_asks_before_each_step():
    """With the epochs that are over and the share of examples since; the factor is the rate's."""
    asked = []

    def schedule(t):
        asked.append(t)
        return 2.0 ** -(1 + 2 * t)

    *_, last = trained(schedule)

    assert asked == [0, 0.5, 1, 1.5]
    b = 0
    for t in (0, 0.5, 1, 1.5):  # ∂L/∂b is 2 (b - 1) for each example, and so is their mean
        b -= 0.5 * schedule(t) * 2 * (b - 1)
    assert last.network.b[0].tolist() == [[b]]


def test_exact_training_asks_with_fractions():
    """Neither the time nor the rate is rounded."""

    def fractions(rows):
        return np.array([[Fraction(entry) for entry in row] for row in rows], dtype=object)

    asked = []

    def schedule(t):
        asked.append(t)
        return Fraction(1, 3)

    *_, last = trained(schedule, fractions, Fraction(1, 2), epochs=1)

    assert asked == [0, Fraction(1, 2)]
    assert last.network.b[0].tolist() == [[Fraction(1, 3) + Fraction(1, 3) * Fraction(2, 3)]]


@pytest.mark.parametrize("factor", [0, -1, math.nan, math.inf, None, "1"], ids=repr)
def test_a_factor_that_is_no_positive_number_ends_training(factor):
    """The message says when it came and what to do."""
    text = f"schedule gives {factor!r} at t = 0.5 epochs, where a positive finite number was"

    with pytest.raises(ValueError, match=re.escape(text)):
        list(trained(lambda t: 1 if t < 0.5 else factor))


def test_a_cosine_must_be_as_long_as_the_training():
    """Down to 0 it ends with it; one epoch more and no step can be taken."""
    assert len(list(trained(cosine(2)))) == 2
    with pytest.raises(ValueError, match=r"schedule gives 0 at t = 2 epochs"):
        list(trained(cosine(2), epochs=3))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: step_decay(0, every=1), "factor must be a positive finite number, but is 0."),
        (lambda: step_decay(0.5, every=0), "every must be a positive finite number of epochs"),
        (lambda: exponential(math.inf), "factor must be a positive finite number, but is inf."),
        (lambda: cosine(-1), "epochs must be a positive finite number of epochs, but is -1."),
        (lambda: cosine(5, last=2), "last must lie between 0 and 1, a share of the rate, but is 2"),
        (lambda: warm_up(1, start=0), "start must be more than 0, or the first step could not be"),
        (lambda: warm_up(1, start=1.5), "start must lie between 0 and 1"),
    ],
)
def test_settings_without_sense_are_refused(make, text):
    """By the name of the argument."""
    with pytest.raises(ValueError, match=re.escape(text)):
        make()


@pytest.mark.parametrize("value", [None, "2", True, [2], 1j], ids=repr)
def test_settings_are_numbers(value):
    """What is no number is refused with what it is."""
    for make in (exponential, cosine, warm_up, lambda n: step_decay(0.5, every=n)):
        with pytest.raises(TypeError, match=r"(factor|epochs|every) must be a number, but is"):
            make(value)


@pytest.mark.parametrize("schedule", [0.5, None, "cosine"], ids=repr)
def test_a_schedule_is_a_function(schedule):
    """A number is none; the message shows one."""
    text = "schedule must be a function of the time in epochs, such as cosine(15), but is "

    with pytest.raises(TypeError, match=re.escape(f"{text}{schedule!r}.")):
        trained(schedule)


@pytest.mark.parametrize("maker", [cosine, warm_up, exponential, step_decay])
def test_a_maker_of_schedules_is_no_schedule(maker):
    with pytest.raises(TypeError, match=f"then is {maker.__name__}, which makes schedules"):
        warm_up(2, maker)
