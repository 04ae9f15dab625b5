"""What fills a hole: factors, terms and other values, made of one word or of two."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backproof.checking.functions.edits import (
    Edit,
    Names,
    Spot,
    bracketed,
    cause_of_factor,
    is_product,
    is_size,
)
from backproof.checking.functions.holes import Hole
from backproof.checking.functions.places import parsed
from backproof.checking.functions.vocabulary import Word

PAIRED = 60
"""Of so many words each pair is tried."""

Found = Iterator[Edit]


def hole_edits(spot: Spot, hole: Hole, words: Sequence[Word], names: Names) -> Found:
    """Yield the factors, terms and other values that make a gradient right in this place."""
    # A size and one that is larger by 1 are hard to tell apart: no number belongs to a size.
    plain = is_size(spot.node, names)
    words = [w for w in words if w.fits(hole.value.shape) and not (plain and w.is_number)]
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
        cause = "extra factor" if words[k].text == "1" else cause
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
