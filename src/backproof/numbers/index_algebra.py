"""Sums of terms in index form: adding, multiplying, renaming and summing over an index.

An expression is a dictionary from terms in canonical form to their coefficients, none of them 0.
So two expressions in sums and products are equal if the dictionaries are.  What is known about a
factor beyond that, such as step² = step, its head says: see backproof.numbers.index_functions.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import count
from typing import Any

from backproof.numbers.index_form import (
    BeyondTensorsError,
    Dim,
    Factor,
    Head,
    Term,
    bound_count,
    canonical,
    delta,
    shifted,
    size,
)

Terms = dict[Term, Fraction]
MOST_TERMS = 20_000
"""How many terms an expression may have before it is refused."""

_FRESH = count(-1_000_000_000, -1)


def constant(number: Fraction | int) -> Terms:
    """Return a number as an expression."""
    return {(): Fraction(number)} if number else {}


def single(head: Head, indices: tuple[int, ...] = (), exponent: Any = 1) -> Terms:
    """Return one factor as an expression; its indices are free."""
    return normal(Fraction(1), [(head, exponent, indices)])


def of_size(dim: Dim) -> Terms:
    """Return the number |dim| as an expression."""
    return single(size(dim))


def kronecker(dim: Dim, i: int, j: int) -> Terms:
    """Return δ[i, j], one where both indices are the same and zero elsewhere."""
    return normal(Fraction(1), [(delta(dim), 1, (i, j))])


def add(first: Terms, second: Terms) -> Terms:
    """Return the sum."""
    total = dict(first)
    for term, coefficient in second.items():
        _include(total, term, coefficient)
    return total


def scale(number: Fraction | int, terms: Terms) -> Terms:
    """Return a multiple."""
    return {term: number * coefficient for term, coefficient in terms.items()} if number else {}


def multiply(first: Terms, second: Terms) -> Terms:
    """Return the product, multiplied out."""
    if len(first) * len(second) > MOST_TERMS:
        raise BeyondTensorsError("an expression has too many terms when multiplied out")
    total: Terms = {}
    for a, m in first.items():
        for b, n in second.items():
            _accumulate(total, normal(m * n, [*a, *shifted(b, bound_count(a))]))
    return total


def rename(terms: Terms, names: Mapping[int, int]) -> Terms:
    """Return the expression with its free indices renamed, all at once."""
    if all(old == new for old, new in names.items()):
        return terms
    total: Terms = {}
    for term, coefficient in terms.items():
        _accumulate(total, normal(coefficient, renamed(term, names)))
    return total


def renamed(term: Iterable[Factor], names: Mapping[int, int]) -> list[Factor]:
    """Return the factors with their indices renamed."""
    return [
        (head, exponent, tuple(names.get(i, i) for i in indices))
        for head, exponent, indices in term
    ]


def sum_over(terms: Terms, label: int, dim: Dim) -> Terms:
    """Return the sum over a free index; what does not depend on it is counted |dim| times."""
    total: Terms = {}
    for term, coefficient in terms.items():
        bound = renamed(term, {label: bound_count(term)})
        if not depends_on(term, label):
            bound.append((size(dim), 1, ()))
        _accumulate(total, normal(coefficient, bound))
    return total


def contract(first: Terms, i: int, second: Terms, j: int, dim: Dim) -> Terms:
    """Return Σ first[i] second[j] over i = j, the sum in a matrix product."""
    middle = fresh()
    product = multiply(rename(first, {i: middle}), rename(second, {j: middle}))
    return sum_over(product, middle, dim)


def depends_on(term: Term, label: int) -> bool:
    """Return whether a free index stands in the term."""
    return any(label in indices for _, _, indices in term)


def labels(terms: Terms) -> list[int]:
    """Return the free indices of an expression, -1 before -2 and so on."""
    found = {i for term in terms for _, _, indices in term for i in indices if i < 0}
    return sorted(found, reverse=True)


def fresh() -> int:
    """Return a free index that stands nowhere yet."""
    return next(_FRESH)


def parameter(slot: int) -> int:
    """Return the free index that stands for a slot of a head in its form."""
    return -10 - slot


def normal(coefficient: Fraction, factors: list[Factor]) -> Terms:
    """Return a product as an expression in canonical form."""
    if not coefficient:
        return {}
    merged: dict[tuple[Head, tuple[int, ...]], Any] = {}
    factors = _without_deltas(factors)
    for head, exponent, indices in factors:
        place = head, head.arranged(indices)
        merged[place] = merged.get(place, 0) + exponent
    absorbed = {(head.absorbs, i) for (head, i), exponent in merged.items() if exponent}
    kept = [
        (head, _own_power(head, exponent), indices)
        for (head, indices), exponent in merged.items()
        if exponent and (head, indices) not in absorbed
    ]
    if not all(merged.values()):
        kept, complete = _counted(kept, factors)
        if not complete:
            return normal(coefficient, kept)
    for position, (head, _, _) in enumerate(kept):
        simpler = head.reduced(kept, position) if head.reduced else None
        if simpler is not None:
            return scale(coefficient, simpler)
    return {canonical(kept): coefficient}


def substituted(
    coefficient: Fraction,
    value: Terms,
    indices: tuple[int, ...],
    beside: list[Factor],
    whole: list[Factor],
) -> Terms:
    """Return the product of `beside` and an expression in parameters, which are put at `indices`.

    It takes the place of the factors by which `whole` is more than `beside`.
    """
    names = {parameter(slot): i for slot, i in enumerate(indices)}
    total: Terms = {}
    for term, number in value.items():
        factors = [*beside, *renamed(shifted(term, bound_count(whole)), names)]
        _accumulate(total, normal(coefficient * number, _counted(factors, whole)[0]))
    return total


def _counted(factors: list[Factor], whole: Iterable[Factor]) -> tuple[list[Factor], bool]:
    """Count each index that was summed in `whole` and has vanished: Σ_i 1 is the size of i.

    Returns the factors, and whether none had vanished.
    """
    dims = {
        i: dim
        for head, _, indices in whole
        for i, dim in zip(indices, head.dims, strict=True)
        if i >= 0
    }
    present = {i for _, _, indices in factors for i in indices}
    lost: list[Factor] = [(size(dim), 1, ()) for i, dim in dims.items() if i not in present]
    return factors + lost, not lost


def _own_power(head: Head, exponent: Any) -> Any:
    if not head.idempotent:
        return exponent
    if exponent < 0:
        raise BeyondTensorsError(f"a division by {head.name}, which may be 0")
    return 1


def _without_deltas(factors: list[Factor]) -> list[Factor]:
    """Replace indices by what a Kronecker delta says they are equal to."""
    pairs = [indices for head, _, indices in factors if head.kind == "delta"]
    if not pairs:
        return factors
    for head, exponent, _ in factors:
        _own_power(head, exponent)
    same: dict[int, int] = {}
    for pair in pairs:
        least, other = sorted(_root(same, i) for i in pair)
        if least != other:
            same[other] = least
    names = {i: _root(same, i) for pair in pairs for i in pair}
    dims = {i: head.dims[0] for head, _, pair in factors if head.kind == "delta" for i in pair}
    kept = renamed((factor for factor in factors if factor[0].kind != "delta"), names)
    present = {i for _, _, indices in kept for i in indices}
    for i, root in names.items():
        if i == root and i >= 0 and i not in present:
            kept.append((size(dims[i]), 1, ()))
        elif i != root and i < 0:
            kept.append((delta(dims[i]), 1, (root, i)))
    return kept


def _root(same: Mapping[int, int], i: int) -> int:
    while i in same:
        i = same[i]
    return i


def _accumulate(total: Terms, more: Terms) -> None:
    for term, coefficient in more.items():
        _include(total, term, coefficient)
    if len(total) > MOST_TERMS:
        raise BeyondTensorsError("an expression has too many terms when multiplied out")


def _include(total: Terms, term: Term, coefficient: Fraction) -> None:
    value = total.get(term, 0) + coefficient
    if value:
        total[term] = value
    else:
        total.pop(term, None)
