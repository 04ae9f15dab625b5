"""How the rate changes while a network trains: docs/optimisers.md.

A schedule is a function of the time t, in epochs since the beginning and with fractions: after
half of the third epoch t = 2.5.  What it returns is multiplied into the rate.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.arrays import namespace


@dataclass(frozen=True, slots=True)
class Schedule:
    """A factor for the rate at each time; calling it gives the factor.  `name` says all of it."""

    name: str
    factor: Callable[[Any], Any] = field(compare=False)

    def __call__(self, t: Any) -> Any:
        """Return the factor at time `t`, in epochs since the beginning."""
        return self.factor(t)

    def __repr__(self) -> str:
        return f"<schedule {self.name}>"


def step_decay(factor: Any, *, every: Any) -> Schedule:
    """Return the schedule that multiplies by `factor` after every `every` epochs, at once."""
    gamma, a = _checked_factor(factor), _checked_epochs("every", every)

    def at(t: Any) -> Any:
        return gamma ** (t // a)  # schedule-step

    return Schedule(f"step_decay({factor}, every={every})", at)


def exponential(factor: Any) -> Schedule:
    """Return the schedule that multiplies by `factor` in each epoch, little by little."""
    gamma = _checked_factor(factor)

    def at(t: Any) -> Any:
        return gamma**t  # schedule-exponential

    return Schedule(f"exponential({factor})", at)


def cosine(epochs: Any, *, last: Any = 0) -> Schedule:
    """Return the schedule that falls from 1 to `last` along half a wave, in `epochs` epochs.

    After that it stays at `last`.  At 0 no step can be taken, so training has to end by then.
    """
    T, c = _checked_epochs("epochs", epochs), _checked_share("last", last)

    def at(t: Any) -> Any:
        return half_wave(t) if T - t > 0 else c

    def half_wave(t: Any) -> Any:
        xp = _functions(t)
        return c + (1 - c) * (1 + xp.cos(xp.pi * t / T)) / 2  # schedule-cosine

    return Schedule(f"cosine({epochs}, last={last})", at)


def warm_up(epochs: Any, then: Callable[[Any], Any] | None = None, *, start: Any = 0.1) -> Schedule:
    """Return the schedule that rises evenly from `start` to 1 in `epochs`, and goes on as `then`.

    For `then`, time begins when the warm-up is over; without it the factor stays 1.
    """
    r = checked_schedule("then", constant if then is None else then)
    w, a = _checked_epochs("epochs", epochs), _checked_share("start", start)
    if a == 0:
        raise ValueError("start must be more than 0, or the first step could not be taken.")

    def at(t: Any) -> Any:
        return a + (1 - a) * t / w if w - t > 0 else r(t - w)  # schedule-warm-up

    return Schedule(f"warm_up({epochs}, {r.name}, start={start})", at)


def checked_schedule(name: str, value: Any) -> Schedule:
    """Return `value`, a schedule or any function of the time, as a schedule, or raise TypeError."""
    if isinstance(value, Schedule):
        return value
    if value in (step_decay, exponential, cosine, warm_up):
        raise TypeError(
            f"{name} is {value.__name__}, which makes schedules: pass one, such as cosine(15)."
        )
    if not callable(value):
        raise TypeError(
            f"{name} must be a function of the time in epochs, such as cosine(15), "
            f"but is {value!r}."
        )
    return Schedule(getattr(value, "__qualname__", type(value).__name__), value)


def _functions(t: Any) -> Any:
    return namespace(t) if isinstance(t, np.ndarray) else math


def _checked_factor(factor: Any) -> Any:
    _check_number("factor", factor)
    if not 0 < factor < math.inf:
        raise ValueError(f"factor must be a positive finite number, but is {factor}.")
    return factor


def _checked_epochs(name: str, epochs: Any) -> Any:
    _check_number(name, epochs)
    if not 0 < epochs < math.inf:
        raise ValueError(f"{name} must be a positive finite number of epochs, but is {epochs}.")
    return epochs


def _checked_share(name: str, share: Any) -> Any:
    _check_number(name, share)
    if not 0 <= share <= 1:
        raise ValueError(f"{name} must lie between 0 and 1, a share of the rate, but is {share}.")
    return share


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool | np.bool_ | np.ndarray) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, but is {value!r}.")


constant = Schedule("constant", lambda _t: 1)
