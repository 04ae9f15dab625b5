"""The small network of whole numbers that the exercises follow by hand, run by the package."""

from typing import Any

import numpy as np

from backproof import Gradient, Network, backward, forward, squared_error
from backproof.exercises.answers import Answer, right, wrong

NETWORK = Network(
    W=[[[1.0, -2.0], [3.0, 1.0], [-1.0, 3.0]], [[2.0, 1.0, -3.0], [0.0, -1.0, 2.0]]],
    b=[[[1.0], [-2.0], [-3.0]], [[1.0], [4.0]]],
)
INPUT, TARGET = [[2.0], [1.0]], [[5.0], [1.0]]


def output() -> Any:
    """Return z_1 for the input."""
    return forward(NETWORK, INPUT).output


def gradient() -> Gradient:
    """Return the gradient of the squared error."""
    tape = forward(NETWORK, INPUT)
    return backward(NETWORK, tape, squared_error.start(tape.output, TARGET))


def start_of_first() -> Any:
    """Return ∂L/∂z_0, which for one example is that of b_0."""
    return gradient().b[0]


def by_the_data() -> Any:
    """Return ∂L/∂x_0."""
    return gradient().x


def all_off(x: Any) -> Answer:
    """Judge whether no hidden unit is on for the column `x`."""
    return _units(x, lambda z: z <= 0, "off")


def all_on(x: Any) -> Answer:
    """Judge whether every hidden unit is on for the column `x`."""
    return _units(x, lambda z: z > 0, "on, and a forgotten mask changes nothing")


def one_on_kink(x: Any) -> Answer:
    """Judge whether exactly one hidden unit is on its kink."""
    z = hidden(x)
    if z is None:
        return _misfit()
    count = int((z == 0).sum())
    seen = f"z_0 is {_shown(z)}; on the kink: {count}"
    return right(seen) if count == 1 else wrong(seen)


def hidden(x: Any) -> Any:
    """Return z_0 for a column of two numbers, exactly, or None for another shape."""
    if x.shape != (2, 1):
        return None
    return np.vectorize(int)(NETWORK.b[0]) + np.vectorize(int)(NETWORK.W[0]) @ x


def _units(x: Any, holds: Any, state: str) -> Answer:
    z = hidden(x)
    if z is None:
        return _misfit()
    good = bool(np.all(holds(z)))
    return (
        right(f"z_0 is {_shown(z)}, every unit {state}") if good else wrong(f"z_0 is {_shown(z)}")
    )


def _misfit() -> Answer:
    return wrong("a column of two numbers is asked for, such as [[7], [5]].")


def _shown(column: Any) -> str:
    return "(" + ", ".join(map(str, column.ravel())) + ")"
