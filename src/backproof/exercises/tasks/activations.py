"""Activations that the book does not treat, and two numbers about the slopes of others."""

from fractions import Fraction
from typing import Any

import numpy as np

from backproof import Activation, Network, backward, forward, sigmoid, squared_error
from backproof.numbers.symbolic import symbols

Array = Any


def softsign(z: Array) -> Array:
    """Return z / (1 + |z|), of the shape of z."""
    return z / (1 + np.abs(z))


def softsign_slope(z: Array) -> Array:
    """Return the derivative of softsign at z."""
    return 1 / (1 + np.abs(z)) ** 2


def moved_by_a_step() -> int:
    """Return how many entries of ∂L/∂W_0 are not 0 if the activation is a step."""
    step = Activation("step", lambda z: (z > 0) * 1.0, lambda z: z * 0)
    start = Network.he([3, 4, 2], seed=0)
    network = Network(W=start.W, b=start.b, activation=step)
    tape = forward(network, np.arange(15.0).reshape(3, 5) - 7)
    gradient = backward(network, tape, squared_error.start(tape.output, np.ones((2, 5))))
    return int(np.count_nonzero(gradient.W[0]))


def ten_slopes() -> Fraction:
    """Return the tenth power of the largest slope of the sigmoid, which is the one at 0."""
    z = symbols("z", 1, 1)
    steepest = sigmoid.derivative(z)[0, 0].subs(z[0, 0], 0)
    return Fraction(int(steepest.p), int(steepest.q)) ** 10
