"""Is backward linear in dout, as every derivative is?"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.findings import (
    ROUNDING,
    Arrays,
    Douts,
    Finding,
    differs,
    fresh,
    gradients,
    near,
)

MILLION = 2.0**20
"""A power of two, so that what is linear in dout is so without any rounding."""

VAST = 2.0**60
"""So large that no bound on a gradient that anybody chose is out of reach."""


def linearity(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Backward must be linear in dout: with signs, with large values, and 0 for 0."""
    arrays, douts = points[0]
    run = subject.run(fresh(arrays))

    def at(scale: float, other: float = 0.0) -> dict[str, Any]:
        return gradients(run, tuple(scale * d + other * np.flip(d) for d in douts))

    one, flipped, none = at(1.0), at(0.0, 1.0), at(0.0)
    for name, gradient in none.items():
        if np.abs(gradient).max(initial=0) > 1e-9 * np.abs(one[name]).max(initial=0):
            yield differs(
                "linearity" if not near(gradient, one[name]) else "missing chain factor",
                f"for dout = 0, d{name} is not 0: backward adds something that is not multiplied "
                "by dout",
            )
            return
    for scale, other in ((-1.0, 0.0), (3.0, -2.0), (MILLION, 1.0), (-MILLION, 0.0), (VAST, 0.0)):
        mixed = at(scale, other)
        for name in one:
            expected = scale * one[name] + other * flipped[name]
            if not near(mixed[name], expected, ROUNDING * abs(scale)):
                yield differs("linearity", _how_not_linear(name, at))
                return


def _how_not_linear(name: str, at: Callable[..., dict[str, Any]]) -> str:
    scales = (1.0, -1.0, 2.0, MILLION, VAST)
    one, minus, twice, large, vast = (at(scale)[name] for scale in scales)
    says = f"backward is not linear in dout: d{name} for "
    if near(minus, one):
        even = "dout is squared" if near(twice, 4 * one) else "dout goes in without its sign"
        return f"{says}-dout is that for dout; {even}"
    if not near(large, MILLION * one, ROUNDING * MILLION):
        return f"{says}a million times dout is not a million times as large; it is clipped or bent"
    if not near(vast, VAST * one, ROUNDING * VAST):
        return f"{says}2**60 times dout is not 2**60 times as large; it is clipped or bent"
    return f"{says}-dout is not the negative; a sign of dout is asked for"
