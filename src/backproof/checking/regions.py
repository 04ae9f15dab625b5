"""Every activation region of a tiny ReLU network, one by one, through the literal z > 0."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sympy.polys.domains import QQ
from sympy.polys.rings import ring

from backproof import recursion
from backproof.arrays import Array
from backproof.checking.named import (
    Backward,
    claimed_arrays,
    described,
    input_arrays,
    misfit,
)
from backproof.checking.verdict import Status, Verdict
from backproof.losses import squared_error
from backproof.network import Network, checked_widths
from backproof.numbers.rational import as_fractions
from backproof.numbers.witnessed import polynomial_of, witnessed
from backproof.recursion import Tape

Pattern = list[tuple[int, ...]]


def prove_regions(widths: Sequence[int], *, backward: Backward = recursion.backward) -> Verdict:
    """Prove the gradient of the squared error in every activation region, for one example.

    For each on-and-off pattern of the hidden units a witness in its region is made.  The literal
    code runs on it, and what it returns must be, as a polynomial, the derivative of the loss.

    >>> from backproof.checking.regions import prove_regions
    >>> prove_regions([2, 2, 1])
    proved: the whole gradient in each of 4 activation regions
      scope: 2-2-1, ReLU, squared error, batch of 1; all values inside each region
    """
    widths = checked_widths(widths)
    patterns, strange = list(_patterns(widths[1:-1])), False
    for pattern in patterns:
        questions: set[Any] = set()
        network, x, y = _witness(widths, pattern, questions)
        scope = f"{described(network, squared_error, 1)}; all values inside each region"
        wrong = _wrong_entry(network, x, y, backward)
        if wrong:
            claim = f"{wrong} in the region where the units are {pattern}"
            return Verdict(Status.DIFFERS, claim, scope)
        strange = strange or not questions <= _borders(recursion.forward(network, x))
    if strange:
        reason = "backward asks for other signs than those of z, so a region may be in pieces"
        return Verdict(Status.CANNOT_TELL, "the whole gradient", scope, reason)
    claim = f"the whole gradient in each of {len(patterns)} activation regions"
    return Verdict(Status.PROVED, claim, scope)


def _patterns(hidden: Sequence[int]) -> Iterator[Pattern]:
    return map(list, itertools.product(*(itertools.product((1, 0), repeat=D) for D in hidden)))


def _wrong_entry(network: Network, x: Array, y: Array, backward: Backward) -> str:
    """Return the name of an entry that is not the derivative, or nothing."""
    tape = recursion.forward(network, x)
    L = squared_error(tape.output, y).polynomial
    claimed = claimed_arrays(backward, network, tape, squared_error.start(tape.output, y))
    arrays = input_arrays(network, x)
    wrong_shape = misfit(arrays, claimed)
    if wrong_shape:
        return wrong_shape
    for name, array in arrays.items():
        for place, entry in np.ndenumerate(array):
            if L.diff(entry.polynomial) != polynomial_of(claimed[name][place]):
                return f"∂L/∂{name}{list(place)}"
    return ""


def _borders(tape: Tape) -> set[Any]:
    """Return the polynomials whose signs say which region this is."""
    return {polynomial_of(entry) for z in tape.z[:-1] for entry in z.flat}


def _witness(
    widths: list[int], pattern: Pattern, questions: set[Any]
) -> tuple[Network, Array, Array]:
    """Return a network, input and target whose pre-activations have the signs of `pattern`."""
    generator = np.random.default_rng(0)
    values, x = [], _whole(generator, widths[0], 1)
    inside = x
    for rows, columns, on in zip(widths[1:], widths, [*pattern, (1,) * widths[-1]], strict=False):
        W, size = _whole(generator, rows, columns), 1 + abs(_whole(generator, rows, 1))
        z = np.where(np.array([on]).T, size, -size)
        values += [z - W @ inside, W]  # the bias puts z where the pattern wants it
        inside = np.where(z > 0, z, 0)
    y = _whole(generator, widths[-1], 1)
    named = _with_names([x, y, *values], questions)
    return Network(b=named[2::2], W=named[3::2]), named[0], named[1]


def _whole(generator: np.random.Generator, rows: int, columns: int) -> Array:
    return generator.integers(-5, 5, size=(rows, columns), endpoint=True)


def _with_names(arrays: list[Any], questions: set[Any]) -> list[Array]:
    """Pair every entry of every array with a polynomial indeterminate of its own."""
    names = [f"t{i}" for i in range(sum(array.size for array in arrays))]
    generators = iter(ring(names, QQ)[1:])
    named = []
    for array in arrays:
        polynomials = np.array([next(generators) for _ in range(array.size)], dtype=object)
        polynomials = polynomials.reshape(array.shape)
        named.append(witnessed(as_fractions(array), polynomials, questions))
    return named
