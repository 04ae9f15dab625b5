"""What would have to stand in the place of an expression, found by numbers before any code is run.

A gradient depends on most expressions of a backward pass in a linear way.  The slope of that
dependence tells of any array whether it would make the gradients right in that place: thousands
of products of two things at hand are tried in the time that one run takes.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.checking.functions.edits import (
    Edit,
    Names,
    Spot,
    bracketed,
    cause_of_factor,
    is_product,
)
from backproof.checking.functions.places import parsed
from backproof.checking.functions.probe import Probe, is_float
from backproof.checking.functions.reruns import Reruns
from backproof.checking.functions.vocabulary import Word

ENTRIES = 40
"""An expression with more entries than this is left alone: each entry takes a run."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place with the value that is there, and what the gradients make of another one.

    `slopes` has a row for each entry of the value and a column for each gradient, which is a sum of
    the gradient's entries with weights; `lacks` are the same sums of what is missing there.
    """

    value: Any
    slopes: Any
    lacks: Any

    def filled(self, tried: Any) -> list[int]:
        """Return which of the arrays make a wrong gradient right, and spoil none."""
        moves = (tried - self.value.ravel()) @ self.slopes
        right = np.abs(moves - self.lacks) <= 1e-7 * (np.abs(self.lacks) + np.abs(moves)) + 1e-12
        wrong = self.lacks != 0
        fits = right[:, wrong].any(axis=1) & right[:, ~wrong].all(axis=1)
        return [int(k) for k in np.flatnonzero(fits)]


PAIRED = 60
"""Of so many words each pair is tried."""

RUNS = 1500
"""How many runs all holes together may take."""

Found = Iterator[Edit]


def hole_edits(spot: Spot, hole: Hole, words: Sequence[Word], names: Names) -> Found:
    """Yield the factors, terms and other values that make a gradient right in this place."""
    words = [word for word in words if word.fits(hole.value.shape)]
    if not words:
        return
    table = np.array([np.broadcast_to(word.value, hole.value.shape).ravel() for word in words])
    table = np.where(np.isfinite(table), table, 1e300)
    with np.errstate(all="ignore"):
        yield from _single(spot, hole, words, table, names)
        yield from _double(spot, hole, words, table, names)
        yield from _projected(spot, hole, words, table)
        if spot.place.whole or is_product(spot.node):
            yield from _normalised(hole, words, names)


def _single(spot: Spot, hole: Hole, words: Sequence[Word], table: Any, names: Names) -> Found:
    own, text = hole.value.ravel(), spot.bracketed
    for k in hole.filled(own * table):
        word = words[k]
        cause = cause_of_factor(parsed(word.text), names, "missing chain factor")
        if not spot.place.factor and word.text != spot.text:
            new = f"-{text}" if word.text == "-1" else f"{text} * {word.text}"
            yield Edit(new, cause, 0.2 + word.cost, f"times {word.text}")
    for k in hole.filled(own / table):
        word = words[k]
        cause = cause_of_factor(parsed(word.text), names, "missing chain factor")
        divisor = bracketed(parsed(word.text), word.text)
        more = 0.8 if np.ndim(word.value) else 0.4  # an array may be 0 somewhere
        yield Edit(f"{text} / {divisor}", cause, more + word.cost, f"divided by {word.text}")
    for sign, moved in (("+", own + table), ("-", own - table)):
        for k in hole.filled(moved):
            new = f"{spot.text} {sign} {words[k].text}"
            does = f"{'plus' if sign == '+' else 'minus'} {words[k].text}"
            yield Edit(new, "missing term", 0.5 + words[k].cost, does)
    for k in hole.filled(table):
        cause = "wrong operand" if isinstance(spot.node, ast.Name) else "wrong derivative"
        yield Edit(words[k].text, cause, 0.6 + words[k].cost, f"{words[k].text} here")
    for k in hole.filled(table - own):
        yield Edit(f"{words[k].text} - {text}", "missing term", 0.7 + words[k].cost, "a difference")


def _double(spot: Spot, hole: Hole, words: Sequence[Word], table: Any, names: Names) -> Found:
    """Yield what two words make together: a product of them as a factor, a term or the value."""
    plain = [k for k, word in enumerate(words) if word.cost <= 2.5 and not word.is_number]
    first, second = (
        np.array(plain, dtype=int)[chosen] for chosen in np.triu_indices(len(plain[:PAIRED]))
    )
    numbers = [k for k, word in enumerate(words) if word.text in ("2", "0.5")]
    if numbers:
        first = np.concatenate([first, np.repeat(numbers, len(plain))])
        second = np.concatenate([second, np.tile(plain, len(numbers))])
    if not plain:
        return
    own, products = hole.value.ravel(), table[first] * table[second]

    def found(tried: Any) -> Iterator[tuple[str, float]]:
        for k in hole.filled(tried):
            a, b = words[first[k]], words[second[k]]
            yield f"{a.text} * {b.text}", a.cost + b.cost

    if not spot.place.factor:
        for both, cost in found(own * products):
            new = f"{spot.bracketed} * {both}"
            cause = cause_of_factor(parsed(both), names, "missing chain factor")
            yield Edit(new, cause, cost - 0.9, f"times {both}")
    for sign, moved in (("+", own + products), ("-", own - products)):
        for both, cost in found(moved):
            does = f"{'plus' if sign == '+' else 'minus'} {both}"
            yield Edit(f"{spot.text} {sign} {both}", "missing term", cost - 0.6, does)
    for both, cost in found(products):
        yield Edit(both, "wrong derivative", cost - 0.5, f"{both} here")


def _projected(spot: Spot, hole: Hole, words: Sequence[Word], table: Any) -> Found:
    """Yield the expression less its mean, and less its part along another array."""
    shape = hole.value.shape
    chosen = [k for k, w in enumerate(words) if w.cost <= 2.2 and np.shape(w.value) == shape]
    others = table[chosen].reshape(-1, *shape)
    for axis in range(len(shape)) if chosen else ():
        for fold in ("sum", "mean"):
            kept = f"{fold}(axis={_axis(axis, shape)}, keepdims=True)"
            for form, (tried, cause) in enumerate(_forms(hole.value, others, axis, fold)):
                for k in hole.filled(tried.reshape(len(chosen), -1)):
                    word = words[chosen[k]]
                    new = _FORMS[form].format(v=spot.bracketed, p=word.text, kept=kept)
                    yield Edit(new, cause, 0.9 + 0.1 * form + word.cost, f"{new} here")


_FORMS = (
    "{v} - {v}.{kept}", "{v} - ({v} * {p}).{kept}", "{v} - {p} * ({v} * {p}).{kept}",
    "{v} - {p} * {v}.{kept}", "{v} - {v}.{kept} - {p} * ({v} * {p}).{kept}",
    "{p} * ({v} - ({v} * {p}).{kept})",
)  # fmt: skip


def _forms(value: Any, others: Any, axis: int, fold: str) -> list[tuple[Any, str]]:
    """Return the values of these forms, for all other arrays at once."""
    folded = getattr(np, fold)
    along = folded(value * others, axis=axis + 1, keepdims=True)
    own = folded(value, axis=axis, keepdims=True)
    less = value - own
    return [
        (np.broadcast_to(less, others.shape), "missing term"),
        (value - along, "missing term"),
        (value - others * along, "missing term"),
        (value - others * own, "missing term"),
        (less - others * along, "missing term"),
        (others * (value - along), "missing chain factor"),
    ]


def _normalised(hole: Hole, words: Sequence[Word], names: Names) -> Found:
    """Yield the derivative of what is divided by a sum over an axis, as softmax is."""
    whole = [word for word in words if np.shape(word.value) == hole.value.shape and word.cost < 2.5]
    table = np.array([word.value for word in whole])
    for dout in (word for word in whole if word.text.isidentifier()):
        more = 0.8 if dout.text in names.douts else 1.0
        for axis in range(hole.value.ndim):
            along = (dout.value * table).sum(axis=axis + 1, keepdims=True)
            for k in hole.filled((table * (dout.value - along)).reshape(len(whole), -1)):
                p, kept = whole[k], f"sum(axis={_axis(axis, hole.value.shape)}, keepdims=True)"
                new = f"{p.text} * ({dout.text} - ({dout.text} * {p.text}).{kept})"
                yield Edit(new, "missing term", p.cost + more, f"{new} here")


def _axis(axis: int, shape: tuple[int, ...]) -> int:
    return -1 if axis and axis == len(shape) - 1 else axis


class Holes:
    """The holes of one function at one sample, as long as there are runs left for them."""

    def __init__(self, seen: Probe, reruns: Reruns, k: int, words: Sequence[Word]) -> None:
        self.seen, self.reruns, self.k, self.words = seen, reruns, k, words
        self.runs = RUNS
        self.true = reruns.samples[k].true
        self.weights = {n: np.cos(3 + 11.0 * np.arange(np.size(v))) for n, v in self.true.items()}
        self.usual: Mapping[str, Any] = self._claimed() or {}
        self.lacks: Any = ()
        if self.usual:
            lacks = {n: _lack(self.usual[n], true) for n, true in self.true.items()}
            self.lacks = _sums(lacks, self.weights)

    @property
    def wrong(self) -> set[str]:
        """The inputs whose gradients are wrong here, or all if backward cannot tell."""
        wrong = {name for name, lack in zip(self.weights, self.lacks, strict=False) if lack}
        return wrong or set(self.weights)

    def at(self, spot: Spot) -> Hole | None:
        """Return the hole at an expression that is come to once and has few entries."""
        key = id(spot.node)
        value = self.seen.values.get(key)
        if not self.usual or not is_float(value) or self.seen.visits[key] != 1:
            return None
        array = np.asarray(value)
        if not np.isfinite(array).all() or array.size > min(ENTRIES, self.runs):
            return None
        self.runs -= array.size
        return self._hole(key, array)

    def _hole(self, key: int, value: Any) -> Hole | None:
        rows = []
        for index in np.ndindex(value.shape):
            moved = value.copy()
            moved[index] += 1
            claimed = self._claimed(key, moved)
            if claimed is None:
                return None
            rows.append(_sums({n: claimed[n] - self.usual[n] for n in claimed}, self.weights))
        return Hole(value, np.array(rows), self.lacks) if rows and np.any(rows) else None

    def _claimed(self, key: int = -2, value: Any = None) -> dict[str, Any] | None:
        """Return the claim with a value at one place, None if it fails or has other shapes."""
        claimed = self.seen.run(self.reruns, self.k, key, value) if self.seen.function else None
        fits = claimed is not None and all(
            claimed[n].shape == np.shape(true) for n, true in self.true.items()
        )
        return claimed if fits else None


def _sums(gradients: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:
    return np.array([gradients[name].ravel() @ own for name, own in weights.items()])


def _lack(claimed: Any, true: Any) -> Any:
    lack = np.asarray(true) - claimed
    return np.where(np.abs(lack) <= 1e-9 * np.abs(true).max(initial=1e-12), 0, lack)
