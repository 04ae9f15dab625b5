"""What becomes of a gradient before the step: docs/optimisers.md.

An optimiser holds its settings only.  What it remembers from step to step is a `State`, arrays by
name, so that one optimiser serves any number of networks and a state can be saved.  Each rule acts
on every entry alike, so parameters are one long vector, and it is changed piece by piece in place:
apart from the state, no step needs more memory for a larger network.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from backproof.arrays import Array, namespace

State = dict[str, Array]
"""What an optimiser remembers from one step to the next."""

_PIECE = 16384  # small enough for a processor's nearest memories, and for calls to cost little


class Optimiser(Protocol):
    """A rule for the step; its repr names all its settings."""

    def state(self, theta: Array) -> State:
        """Return what is remembered before the first step, for parameters `theta`."""

    def step(self, state: State, theta: Array, g: Array, rate: Any) -> None:
        """Change `theta` and `state` in place, given the mean gradient `g` and the rate."""


@dataclass(frozen=True, slots=True)
class SGD:
    """The step against the gradient itself, which remembers nothing."""

    def state(self, theta: Array) -> State:  # noqa: ARG002  there is none
        """Return nothing."""
        return {}

    def step(self, state: State, theta: Array, g: Array, rate: Any) -> None:  # noqa: ARG002
        """Move `theta` by `rate` against `g`, in place."""
        rate = _like(theta, "rate", rate)
        for piece in _pieces(theta):
            theta[piece] = _moved(theta[piece], g[piece], rate)


def _moved(theta: Array, d: Array, rate: Any) -> Array:
    return theta - rate * d  # optimiser-step


@dataclass(frozen=True, slots=True)
class Momentum:
    """The step against a sum of all gradients so far, older ones weighing less and less.

    A gradient counts `factor` times as much with every step that has been taken since.  With
    `nesterov` it already counts what it will in the step after this one.
    """

    factor: Any = 0.9
    nesterov: bool = False

    def __post_init__(self) -> None:
        """Refuse a factor for which old gradients would not fade."""
        _check_between("factor", self.factor, "0.9")
        if not isinstance(self.nesterov, bool | np.bool_):
            raise TypeError(
                f"nesterov must be True or False, but is {self.nesterov!r}. "
                "The rate is an argument of train."
            )

    def state(self, theta: Array) -> State:
        """Return the velocity v, at first 0."""
        return {"v": np.zeros_like(theta)}

    def step(self, state: State, theta: Array, g: Array, rate: Any) -> None:
        """Move `theta` and the velocity, in place."""
        rate, mu = _like(theta, "rate", rate), _like(theta, "factor", self.factor)
        for piece in _pieces(theta):
            next_v = _velocity(state["v"][piece], g[piece], mu)
            d = _ahead(next_v, g[piece], mu) if self.nesterov else next_v
            theta[piece], state["v"][piece] = _moved(theta[piece], d, rate), next_v


def _velocity(v: Array, g: Array, mu: Any) -> Array:
    return mu * v + g  # momentum-velocity


def _ahead(next_v: Array, g: Array, mu: Any) -> Array:
    return g + mu * next_v  # nesterov-direction


@dataclass(frozen=True, slots=True, kw_only=True)  # a first number would be taken for the rate
class Adam:
    """The mean gradient over the root of the mean square, entry by entry; both means fade.

    `beta` and `gamma` say how slowly, and are often called β1 and β2.  `epsilon` keeps the quotient
    finite.  With `decay` every parameter, biases too, also shrinks by `rate * decay` times itself
    in each step, which is known as AdamW.
    """

    beta: Any = 0.9
    gamma: Any = 0.999
    epsilon: Any = 1e-8
    decay: Any = 0

    def __post_init__(self) -> None:
        """Refuse settings by name."""
        _check_between("beta", self.beta, "0.9")
        _check_between("gamma", self.gamma, "0.999")
        _check_at_least("epsilon", self.epsilon, "1e-8", zero=False)
        _check_at_least("decay", self.decay, "0.01", zero=True)

    def state(self, theta: Array) -> State:
        """Return the fading means m of g and q of g², and how many steps were taken: all 0."""
        _check_roots(theta)
        return {
            "m": np.zeros_like(theta),
            "q": np.zeros_like(theta),
            "steps": np.zeros(1, np.int64),
        }

    def step(self, state: State, theta: Array, g: Array, rate: Any) -> None:
        """Move `theta` and both means, in place."""
        settings = {name: _like(theta, name, getattr(self, name)) for name in self.__slots__}
        rate = _like(theta, "rate", rate)
        state["steps"] += 1
        t = int(state["steps"][0])
        for piece in _pieces(theta):
            m, q = state["m"][piece], state["q"][piece]
            d, m, q = _adam(theta[piece], m, q, g[piece], t, **settings)
            theta[piece] = _moved(theta[piece], d, rate)
            state["m"][piece], state["q"][piece] = m, q


def _adam(
    theta: Array,
    m: Array,
    q: Array,
    g: Array,
    t: int,
    *,
    beta: Any,
    gamma: Any,
    epsilon: Any,
    decay: Any,
) -> tuple[Array, Array, Array]:
    """Return the direction of the step, and both means with the gradient `g` of step number `t`."""
    p, r = beta**t, gamma**t
    next_m = beta * m + (1 - beta) * g  # adam-mean
    next_q = gamma * q + (1 - gamma) * g * g  # adam-square
    unbiased_m = next_m / (1 - p)  # adam-unbiased-mean
    unbiased_q = next_q / (1 - r)  # adam-unbiased-square
    u = unbiased_m / (namespace(q).sqrt(unbiased_q) + epsilon)  # adam-quotient
    d = u + decay * theta  # adam-direction
    return d, next_m, next_q


def _pieces(theta: Array) -> Iterator[slice]:
    """Yield slices that cut the first axis of `theta` into pieces."""
    for first in range(0, theta.shape[0], _PIECE):
        yield slice(first, first + _PIECE)


def _like(theta: Array, name: str, number: Any) -> Any:
    """Return a setting as a number that leaves the entries of `theta` the kind that they are."""
    if theta.dtype != object:
        return float(number)
    if isinstance(number, float | np.floating):
        raise TypeError(
            f"{name} is {number}, a float, but the network holds exact numbers. "
            "Pass a fractions.Fraction."
        )
    return number


def _check_roots(theta: Array) -> None:
    exact = theta.dtype == object and namespace(theta) is np
    without = [entry for entry in theta.flat if not hasattr(entry, "sqrt")] if exact else []
    if without:
        raise TypeError(
            f"network holds exact numbers ({type(without[0]).__name__}), which have no square "
            "root, and Adam needs it. Pass floats, or use Momentum."
        )


def _check_number(name: str, value: Any, example: str) -> None:
    if isinstance(value, bool | np.bool_ | np.ndarray) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, such as {example}, but is {value!r}.")


def _check_between(name: str, value: Any, example: str) -> None:
    _check_number(name, value, example)
    if not 0 <= value < 1:
        raise ValueError(
            f"{name} must be at least 0 and less than 1, such as {example}, but is {value}."
        )


def _check_at_least(name: str, value: Any, example: str, *, zero: bool) -> None:
    _check_number(name, value, example)
    if not (value >= 0 if zero else value > 0) or value == math.inf:
        kind = "a finite number of at least 0" if zero else "a positive finite number"
        raise ValueError(f"{name} must be {kind}, such as {example}, but is {value}.")


def check_optimiser(optimiser: Any) -> None:
    """Raise TypeError unless `optimiser` can be asked for a state and a step."""
    if isinstance(optimiser, type):
        raise TypeError(
            f"optimiser is the class {optimiser.__name__}: pass {optimiser.__name__}()."
        )
    if not callable(getattr(optimiser, "state", None)) or not hasattr(optimiser, "step"):
        raise TypeError(
            f"optimiser must be one such as Momentum() or Adam(), but is {optimiser!r}."
        )


def check_named(optimiser: Optimiser) -> None:
    """Raise TypeError unless the repr of `optimiser` tells it from others in another process."""
    if type(optimiser).__repr__ is object.__repr__:
        raise TypeError(
            f"optimiser is a {type(optimiser).__name__}, whose repr does not name its settings, "
            "and a file tells runs apart by it. Write __repr__, or make the class a dataclass."
        )
