"""The words of which a missing factor or term may be made: arrays at hand, and slopes of them."""

import ast
import builtins
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.checking.functions.edits import HIDDEN, Names, bracketed, broadcasts
from backproof.checking.functions.places import text_of
from backproof.checking.functions.source import Source

SLOPES = {
    "{0}": 1.4, "({0} > 0)": 1.4, "(1 - {0})": 1.8, "{0} * (1 - {0})": 1.8, "(1 - {0} ** 2)": 1.8,
    "np.exp({0})": 1.9, "np.sign({0})": 1.9, "{0} ** 2": 1.9, "np.exp(-{0})": 2.2,
    "(1 + {0})": 2.2, "({0} ** 2 - 1)": 2.4, "np.tanh({0})": 2.2, "(1 - np.tanh({0}) ** 2)": 2.0,
    "({0} < 0)": 1.7, "np.sqrt({0})": 2.2, "np.log({0})": 2.2, "np.cos({0})": 2.3,
    "np.abs({0})": 2.3,
}  # fmt: skip
"""Functions of an array that derivatives are made of, and how unlikely each is."""

SLOPES_OF_EXPRESSIONS = {
    "{0}": 2.0, "({0} > 0)": 2.2, "(1 - {0})": 2.3, "{0} * (1 - {0})": 2.4, "(1 - {0} ** 2)": 2.4,
}  # fmt: skip
"""The same for what is computed on the way, and would have to be computed again."""

NUMBERS = {"-1": 1.0, "2": 1.0, "0.5": 1.0, "1": 1.2, "3": 1.3, "0.25": 1.3, "4": 1.3}
"""Constants that are forgotten, or there for nothing."""

WORDS = 260
"""How many words are looked at, at most."""


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a formula, its value at one sample, and how unlikely it is."""

    text: str
    value: Any
    cost: float

    @property
    def is_number(self) -> bool:
        """Whether it is a constant."""
        return self.text.lstrip("-").replace(".", "").isdigit()

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Return whether an array of this shape keeps it in a product with this word."""
        return broadcasts(np.shape(self.value), shape)


def vocabulary(
    names: Names, sources: Sequence[Source | None], known: Mapping[str, Any]
) -> list[Word]:
    """Return the words, each value once, the likeliest first."""
    found: dict[tuple[Any, ...], Word] = {}
    with np.errstate(all="ignore"):
        for text, cost in _texts(names, sources):
            word = _word(text, cost, known)
            if word is not None:
                # A size of 2 and the number 2 part at the other samples.
                value = np.asarray(word.value, dtype=float).round(12)
                key = (word.is_number, value.shape, value.tobytes())
                if key not in found or word.cost < found[key].cost:
                    found[key] = word
    return sorted(found.values(), key=lambda word: word.cost)[:WORDS]


def _texts(names: Names, sources: Sequence[Source | None]) -> Iterator[tuple[str, float]]:
    yield from NUMBERS.items()
    yield from _numbers(names)
    yield from ((name, 1.2) for name in names.masks)
    for known, more in ((names.shapes, 0.0), (names.hidden, HIDDEN)):
        for name in known:
            for slope, cost in SLOPES.items():
                yield slope.format(name), cost + more
    yield from _of_indices(names)
    yield from _of_bounds(names)
    for text in expressions(sources):
        hidden = {*names.hidden, *names.only_before} & set(re.findall(r"\w+", text))
        for slope, cost in SLOPES_OF_EXPRESSIONS.items():
            yield slope.format(text), cost + HIDDEN * bool(hidden)
    yield from _products(names)


def _numbers(names: Names) -> Iterator[tuple[str, float]]:
    for name in names.numbers:
        yield name, 1.4
        yield f"(1 - {name})", 1.9
        yield f"(1 + {name})", 2.0
    for name, shape in list(names.shapes.items())[:2]:
        yield f"{name}.size", 1.5
        yield from ((f"{name}.shape[{axis}]", 1.5) for axis in range(len(shape)))
        yield f"np.sqrt({name}.shape[-1])", 1.9
    yield from ((name, 1.4 + HIDDEN) for name in names.only_before)


def _of_bounds(names: Names) -> Iterator[tuple[str, float]]:
    """Yield where an array is between bounds, and the slopes of two straight lines."""
    for name, bound in itertools.product(list(names.shapes)[:4], names.numbers[:4]):
        yield f"({name} < {bound})", 1.9
        yield f"({name} > {bound})", 1.9
        yield f"(np.abs({name}) < {bound})", 1.9
        yield f"np.where({name} > 0, 1, {bound})", 1.9


def _of_indices(names: Names) -> Iterator[tuple[str, float]]:
    """Yield the matrix that has a 1 in each row, at the place that an array of labels says."""
    for labels, shape in names.indices.items():
        for name, other in names.shapes.items():
            if len(shape) == 1 and len(other) == 2 and name.isidentifier():
                yield f"np.eye({name}.shape[1])[{labels}]", 1.7


def _products(names: Names) -> Iterator[tuple[str, float]]:
    """Yield the products of two matrices at hand, with one of them transposed."""
    flat = {
        name: shape
        for name, shape in names.shapes.items()
        if len(shape) == 2 and not name.endswith(")")
    }
    for a, left in flat.items():
        for b, right in flat.items():
            if a != b and left[1] == right[1]:
                yield f"{a} @ {b}.T", 1.9
            if a != b and left[0] == right[0]:
                yield f"{a}.T @ {b}", 2.0


def expressions(sources: Sequence[Source | None]) -> Iterator[str]:
    """Yield what is computed on the way, as it is written there."""
    seen = set()
    nodes = (node for source in sources if source is not None for node in ast.walk(source.node))
    for node in nodes:
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.Subscript) or _is_pure(
            node
        ):
            text = bracketed(node, text_of(node))
            if text not in seen and len(text) < 70:
                seen.add(text)
                yield text


def _is_pure(call: ast.AST) -> bool:
    """Return whether it is a call that leaves nothing behind, as far as its name tells."""
    if not isinstance(call, ast.Call):
        return False
    text = text_of(call.func)
    of_numpy = text.startswith("np.") and text.count(".") == 1
    return of_numpy or (text.isidentifier() and not hasattr(builtins, text))


def value_of_text(text: str, names: Mapping[str, Any]) -> Any:
    """Return what a piece of the code under test gives, None if it cannot be computed by itself."""
    try:
        with np.errstate(all="ignore"):
            return eval(text, dict(names))  # noqa: S307  it is the user's own code
    except Exception:  # noqa: BLE001  whatever it raises
        return None


def _word(text: str, cost: float, known: Mapping[str, Any]) -> Word | None:
    value = value_of_text(text, known)
    if not isinstance(value, np.ndarray | float | int | np.generic):
        return None
    value = np.asarray(value)
    if value.dtype.kind not in "fbi" or not value.size:
        return None
    value = value.astype(float)
    tells = np.isfinite(value).any() and not (value.ndim and (value == 1).all())
    return Word(text, value, cost) if tells else None
