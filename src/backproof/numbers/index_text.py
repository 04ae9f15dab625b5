"""Expressions in index form, written for a reader: (W_k)_{rs} (x_k)_{sn} with its sums."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from backproof.numbers.index_algebra import Terms, parameter
from backproof.numbers.index_form import (
    COLUMN,
    ROW,
    Dim,
    Factor,
    Head,
    Index,
    Term,
    subscripted,
)

MOST_SHOWN, DEEPEST = 12, 4
"""How many terms of a sum, and how many functions within each other, are written out."""


def text_of(rows: Dim, columns: Dim, terms: Terms) -> str:
    """Return the entry at row r and column c (n, if it is an example) in plain text."""
    return _Writer(latex=False).expression(terms, _frame(rows, columns))


def latex_of(rows: Dim, columns: Dim, terms: Terms) -> str:
    """Return the same in LaTeX."""
    written = _Writer(latex=True).expression(terms, _frame(rows, columns))
    return written.replace("″", "''").replace("′", "'")


def _frame(rows: Dim, columns: Dim) -> dict[int, str]:
    row = "n" if rows.name == "N" else "r"
    column = "n" if columns.name == "N" and row != "n" else "c"
    return {ROW: row, COLUMN: column}


class _Writer:
    def __init__(self, *, latex: bool) -> None:
        self.latex = latex
        self.depth = 0

    def expression(self, terms: Terms, names: dict[int, str]) -> str:
        if not terms:
            return "0"
        written = ""
        for shown, (term, coefficient) in enumerate(terms.items()):
            if shown == MOST_SHOWN:
                return written + (r" + \cdots" if self.latex else " + …")
            sign = "-" if coefficient < 0 else "+"
            if written:
                written += f" {sign} "
            elif coefficient < 0:
                written = "-"
            written += self.product(abs(coefficient), term, names)
        return written

    def product(self, coefficient: Fraction, term: Term, names: dict[int, str]) -> str:
        ordered = list(_in_reading_order(term))
        names = {**names, **_bound_names(ordered, names)}
        sums = "".join(f"{self.sum_sign(names[i])} " for i in _bound(ordered))
        above = [self.factor(*factor, names) for factor in ordered if factor[1] > 0]
        below = [self.factor(h, -e, i, names) for h, e, i in ordered if e < 0]
        if coefficient.numerator != 1 or not above:
            above.insert(0, str(coefficient.numerator))
        if coefficient.denominator != 1:
            below.insert(0, str(coefficient.denominator))
        return sums + self.quotient(above, below)

    def sum_sign(self, name: str) -> str:
        return rf"\sum_{{{name}}}" if self.latex else f"Σ_{name}"

    def quotient(self, above: list[str], below: list[str]) -> str:
        if not below:
            return " ".join(above)
        if self.latex:
            return rf"\frac{{{' '.join(above)}}}{{{' '.join(below)}}}"
        divisor = below[0] if len(below) == 1 else f"({' '.join(below)})"
        return f"{' '.join(above)} / {divisor}"

    def factor(self, head: Head, exponent: Any, indices: tuple[int, ...], names: Any) -> str:
        if head.name == "exp":
            return self.function(head, indices, names, exponent)
        base = self.base(head, indices, names)
        return base if exponent == 1 else f"{base}^{{{exponent}}}"

    def base(self, head: Head, indices: tuple[int, ...], names: dict[int, str]) -> str:
        letters = [names.get(i) or Index.of(i).name for i in indices]
        if head.kind == "size":
            return str(head.name)
        if head.kind == "delta":
            return self.entry(r"\delta" if self.latex else "δ", letters[::-1])
        if head.form is not None:
            return self.function(head, indices, names)
        return self.entry(head.name, letters)

    def entry(self, key: Any, letters: list[str]) -> str:
        name, at = key if isinstance(key, tuple) and len(key) == 2 else (key, None)
        whole = str(name) if at is None else subscripted(str(name), at)
        if not letters:
            return whole
        places = "".join(letters) if all(len(x) == 1 for x in letters) else ",".join(letters)
        return subscripted(whole if at is None else f"({whole})", places)

    def function(
        self, head: Head, indices: tuple[int, ...], names: dict[int, str], times: Any = 1
    ) -> str:
        inner = self.inner(head, indices, names, times)
        if head.kind == "sum":
            return rf"\left({inner}\right)" if self.latex else f"({inner})"
        if head.kind == "maximum":
            return rf"\max\left({inner}\right)" if self.latex else f"max({inner})"
        if not self.latex:
            return f"{head.name}({inner})"
        if head.name == "step":
            return rf"\mathbb{{I}}\left[{inner} > 0\right]"
        known = {"exp": r"\exp", "log": r"\log", "relu": r"\operatorname{ReLU}", "tanh": r"\tanh"}
        return rf"{known.get(head.name, head.name)}\left[{inner}\right]"

    def inner(self, head: Head, indices: tuple[int, ...], names: dict[int, str], times: Any) -> str:
        if self.depth == DEEPEST:
            return r"\cdots" if self.latex else "…"
        letters = list(indices)
        if head.kind == "maximum":
            letters.insert(head.name, 0)
            names = {**names, 0: r"\cdot" if self.latex else "·"}
        at = {parameter(k): names.get(i) or Index.of(i).name for k, i in enumerate(letters)}
        terms = {term: times * c for term, c in head.form.terms.items()}
        self.depth += 1
        written = self.expression(terms, at)
        self.depth -= 1
        return written


def _bound(factors: list[Factor]) -> list[int]:
    """Return the summed indices in the order in which they appear."""
    return list(dict.fromkeys(i for _, _, indices in factors for i in indices if i >= 0))


def _bound_names(factors: list[Factor], names: dict[int, str]) -> dict[int, str]:
    dims = {i: dim for h, _, indices in factors for i, dim in zip(indices, h.dims, strict=True)}
    used = set(names.values()) | {Index.of(i).name for i in dims if i <= -1000}
    chosen: dict[int, str] = {}
    for i in _bound(factors):
        letters = "nmp" if dims[i].name == "N" else "ijklstuvw"
        free = (x + prime for prime in ("", "′", "″") for x in letters if x + prime not in used)
        chosen[i] = next(free, f"i{i}")
        used.add(chosen[i])
    return chosen


def _in_reading_order(term: Term) -> Iterator[Factor]:
    """Yield numbers first, then each factor after one that it shares an index with."""
    numbers = [factor for factor in term if not factor[2]]
    yield from sorted(numbers, key=lambda factor: factor[0].kind != "size")
    left = [factor for factor in term if factor[2]]
    last = ROW
    while left:
        factor = next((factor for factor in left if last in factor[2]), left[0])
        left.remove(factor)
        yield factor
        last = next((i for i in factor[2] if i != last), last)
