"""Runs of the code in which every labelled line computes something: what held.py compares with.

Networks of small whole numbers, kinks among them, with one example and with several; losses and
activations on symbols; costs with every width left open.
"""

from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import sympy

from backproof import (
    activations,
    cost,
    descent,
    losses,
    optimisers,
    per_example,
    recursion,
    schedules,
)
from backproof.checking.entry_functions import unknown
from backproof.checking.watching import Observed, watched
from backproof.network import Network
from backproof.numbers.symbolic import SymbolicArray, entrywise, symbols

WIDTHS = (2, 3, 4, 2)


RATE, SLOPE = sympy.Rational(1, 3), Fraction(1, 100)
BOUND = sympy.Integer(40)  # some of the gradients are longer, some are not


@cache
def observations(package: str) -> tuple[Observed, ...]:
    """Run the code once, and return what every labelled line computed."""
    with watched(package) as seen:
        for seed in range(3):
            for examples in (1, 5):
                _training_step(seed, examples)
        _activations()
        _losses()
        _optimisers()
        _schedules()
        _costs()
    return tuple(seen)


def _numbers(seed: int, rows: int, columns: int) -> Any:
    """Return small whole numbers, among them zeros, the same for the same seed."""
    return SymbolicArray.of(
        [
            [sympy.Integer((7 * i * i + 5 * j + 3 * seed + i * j) % 7 - 3) for j in range(columns)]
            for i in range(rows)
        ]
    )


def _training_step(seed: int, examples: int) -> None:
    pairs = list(enumerate(pairwise(WIDTHS)))
    net = Network(
        b=[_numbers(seed + k, above, 1) for k, (_, above) in pairs],
        W=[_numbers(seed + 2 * k + 1, above, below) for k, (below, above) in pairs],
    )
    tape = recursion.forward(net, _numbers(seed, WIDTHS[0], examples))
    start = losses.squared_error.start(tape.output, _numbers(seed + 4, WIDTHS[-1], examples))
    descent.sgd(net, recursion.backward(net, tape, start), RATE)
    per_example.squared_norms(net, tape, start)
    per_example.clipped_gradient(net, tape, start, bound=BOUND)


def _activations() -> None:
    z = symbols("z in the code", 1, 1)  # no letter of a page has this name
    for each in (
        activations.identity,
        activations.relu,
        activations.leaky_relu(SLOPE),
        activations.tanh,
        activations.softplus,
        activations.sigmoid,
        activations.gelu,
        activations.gelu_tanh,
    ):
        each(z)
        each.derivative(z)


def _losses() -> None:
    for examples in (1, 2):
        z, y = symbols("z", 3, examples), symbols("y", 3, examples)
        labels = [2, 1][:examples]
        for loss, targets in (
            (losses.squared_error, y),
            (losses.binary_cross_entropy, y),
            (losses.softmax_cross_entropy, labels),
        ):
            loss.value(z, loss.checked_targets(z, targets))
            loss.derivative(z, loss.checked_targets(z, targets))


def _optimisers() -> None:
    """Take a step from symbols, as if two had been taken before."""
    factor, fast, slow = sympy.Rational(4, 5), sympy.Rational(2, 3), sympy.Rational(3, 4)
    for rule in (
        optimisers.Momentum(factor),
        optimisers.Momentum(factor, nesterov=True),
        optimisers.Adam(
            beta=fast, gamma=slow, epsilon=sympy.Rational(1, 7), decay=sympy.Rational(1, 5)
        ),
    ):
        theta, g, m, q, v = (symbols(f"{name} in the code", 1, 1) for name in "θgmqv")
        rule.step({"m": m, "q": q, "v": v, "steps": np.array([2])}, theta, g, RATE)


def _schedules() -> None:
    share, factor = sympy.Rational(1, 9), sympy.Rational(1, 2)
    for schedule in (
        schedules.step_decay(factor, every=3),
        schedules.exponential(factor),
        schedules.cosine(5, last=share),
        schedules.warm_up(3, entrywise(unknown("r")), start=share),
    ):
        for t in (0, sympy.Rational(1, 2), 1, 2, 3, sympy.Rational(7, 2), 4):
            schedule(SymbolicArray.of([[sympy.sympify(t)]]))


def _costs() -> None:
    N = sympy.Symbol("N", positive=True, integer=True)
    for maps in (1, 2, 4):
        D = [sympy.Symbol(f"D_{k}", positive=True, integer=True) for k in range(maps + 1)]
        for formula in (
            cost.forward_multiplications,
            cost.forward_additions,
            cost.forward_comparisons,
            cost.backward_multiplications,
            cost.backward_additions,
            cost.backward_comparisons,
            cost.input_gradient_multiplications,
            cost.norms_multiplications,
            cost.per_example_numbers,
            cost.tape_numbers,
        ):
            formula(D, N)
        _costs_of_machines(D, N)
    for every in (1, 2, 3):
        cost.checkpointed_numbers(D[0], 7, N, every)


def _costs_of_machines(D: list[Any], N: Any) -> None:
    p, S, m, a, g, c, Q = sympy.symbols("p S m a g c Q", positive=True)
    cost.parameters(D)
    cost.all_reduce_numbers(Q, p)
    cost.all_reduce_seconds(Q, p, a, g)
    cost.bubble(S, m)
    cost.machine_numbers(D, N, p, S)
    cost.step_seconds(D, N, p=p, S=S, m=m, a=a, g=g, c=c)
