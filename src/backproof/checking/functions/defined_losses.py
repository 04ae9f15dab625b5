"""Definitions of losses: one number for each example or entry, then their sum or mean."""

from collections.abc import Callable
from functools import wraps
from math import prod
from typing import Any

import numpy as np

from backproof.checking.functions.definitions import (
    DEFINITIONS,
    Array,
    Entry,
    Made,
    define,
    exp,
    log,
    table,
    total,
)

REDUCTIONS: dict[str, tuple[Callable[[Array], Any], str]] = {
    "sum": (total, "summed"),
    "mean": (lambda parts: total(parts) / prod(parts.shape), "and their mean is taken"),
    "each": (lambda parts: parts, "without sum or mean"),
}
"""What is done with the parts of a loss, by name."""


def define_loss(name: str, inputs: str, usual: str = "") -> Callable[[Made], Made]:
    """Define the losses whose parts the decorated function gives; `usual` needs no word."""

    def decorate(parts: Made) -> Made:
        for word in REDUCTIONS:
            define(f"{name}, {word}", inputs)(_reduced(parts, word))
        if usual:
            define(name, inputs)(DEFINITIONS[f"{name}, {usual}"].function)
        return parts

    return decorate


def _reduced(parts: Made, word: str) -> Made:
    reduce, sentence = REDUCTIONS[word]

    @wraps(parts)
    def loss(*arrays: Array) -> Any:
        return reduce(parts(*arrays))

    loss.__doc__ = f"{(parts.__doc__ or '').rstrip('.')}, {sentence}."
    return loss


@define_loss("softmax cross-entropy", "z: N C, y: N in C", usual="mean")
def softmax_cross_entropy(z: Array, y: Array) -> Array:
    """Minus the sum over c of t[n, c] log p[n, c], p[n] the softmax of z[n]; t is 1 at y."""
    t = _targets(y, z.shape)

    def part(*n: int) -> Entry:
        logs = [z[*n, c] - log(sum(exp(entry) for entry in z[n])) for c in range(z.shape[-1])]
        return -sum(t[*n, c] * each for c, each in enumerate(logs))

    return table(z.shape[:-1], part)


def _targets(y: Array, shape: tuple[int, ...]) -> Array:
    """Return labels as targets that are 1 at the label; targets as they are."""
    if np.shape(y) == shape:
        return y
    labels = np.asarray(y)
    return table(shape, lambda *place: int(labels[place[:-1]] == place[-1]))


@define_loss("softmax cross-entropy, columns", "z: C N, y: N in C", usual="mean")
def softmax_cross_entropy_columns(z: Array, y: Array) -> Array:
    """Minus the sum over c of t[c, n] log p[c, n], p[:, n] the softmax of z[:, n]; t is 1 at y."""
    return softmax_cross_entropy(z.T, y.T if np.shape(y) == z.shape else y)


@define_loss("binary cross-entropy with logits", "z: N, t: N in {0, 1}")
def binary_cross_entropy_with_logits(z: Array, t: Array) -> Array:
    """-t log s(z) - (1 - t) log(1 - s(z)) of each entry, s(z) = 1 / (1 + exp(-z))."""
    return table(z.shape, lambda *n: log(1 + exp(z[n])) - t[n] * z[n])


@define_loss("binary cross-entropy", "p: N in (0, 1), t: N in {0, 1}", usual="mean")
def binary_cross_entropy(p: Array, t: Array) -> Array:
    """-t log p - (1 - t) log(1 - p) of each entry, p a probability."""
    return table(p.shape, lambda *n: -t[n] * log(p[n]) - (1 - t[n]) * log(1 - p[n]))


@define_loss("squared error", "p: N D, t: N D")
def squared_error(p: Array, t: Array) -> Array:
    """(p - t)^2 of each entry."""
    return table(p.shape, lambda *n: (p[n] - t[n]) ** 2)


@define("squared error, half", "p: N D, t: N D")
def half_squared_error(p: Array, t: Array) -> Entry:
    """Half the sum of (p - t)^2 over all entries."""
    return total(squared_error(p, t)) / 2


@define("squared error, mean over examples", "p: N D, t: N D")
def squared_error_of_examples(p: Array, t: Array) -> Entry:
    """The sum of (p - t)^2 over all entries, divided by the number of rows."""
    return total(squared_error(p, t)) / p.shape[0]


@define("squared error, half mean over examples", "p: N D, t: N D")
def half_squared_error_of_examples(p: Array, t: Array) -> Entry:
    """Half the sum of (p - t)^2 over all entries, divided by the number of rows."""
    return total(squared_error(p, t)) / p.shape[0] / 2


@define("l2 penalty", "W: D M, lam: scalar")
def l2_penalty(W: Array, lam: Entry) -> Entry:
    """lam / 2 times the sum of the squares of all entries of W."""
    return lam * _squares(W) / 2


@define("l2 penalty, without half", "W: D M, lam: scalar")
def l2_penalty_without_half(W: Array, lam: Entry) -> Entry:
    """lam times the sum of the squares of all entries of W."""
    return lam * _squares(W)


def _squares(W: Array) -> Entry:
    return total(table(W.shape, lambda *place: W[place] ** 2))
