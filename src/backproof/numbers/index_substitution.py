"""Putting an expression in the place of a letter, in index form."""

from typing import Any

from backproof.numbers import index_algebra as algebra
from backproof.numbers.index_algebra import Terms
from backproof.numbers.index_form import Head
from backproof.numbers.index_functions import apply, power

Values = dict[Head, tuple[tuple[int, ...], Terms]]
"""What takes the place of a letter: an expression, and the labels that stand for its indices."""


def substitute(terms: Terms, values: Values) -> Terms:
    """Return `terms` with an expression in the place of each of some letters."""
    if all(value == algebra.single(letter, own) for letter, (own, value) in values.items()):
        return terms
    total: Terms = {}
    for term, coefficient in terms.items():
        total = algebra.add(total, algebra.scale(coefficient, _substituted(term, values)))
    return total


def _substituted(term: Any, values: Values) -> Terms:
    dims = {
        i: dim
        for factor, _, indices in term
        for i, dim in zip(indices, factor.dims, strict=True)
        if i >= 0
    }
    free = {i: algebra.fresh() for i in dims}
    product = algebra.constant(1)
    for factor, exponent, indices in term:
        places = tuple(free.get(i, i) for i in indices)
        product = algebra.multiply(product, power(_value(factor, places, values), exponent))
    for i, label in free.items():
        product = algebra.sum_over(product, label, dims[i])
    return product


def _value(factor: Head, places: tuple[int, ...], values: Values) -> Terms:
    if factor in values:
        own, value = values[factor]
        return algebra.rename(value, dict(zip(own, places, strict=True)))
    if factor.form is None:
        return algebra.single(factor, places)
    inner = substitute(factor.form.at(places), values)
    return inner if factor.kind == "sum" else apply(factor.name, inner)
