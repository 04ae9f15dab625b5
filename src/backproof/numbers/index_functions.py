"""Functions of one number, entry by entry, of expressions in index form; powers and quotients.

A function of an expression is one factor.  Its head holds the expression as a form, which is
interned, so that a deep network is as many forms as it has layers.
"""

import math
from collections.abc import Callable, Hashable
from fractions import Fraction
from functools import reduce
from itertools import chain, groupby, permutations, product
from typing import Any
from weakref import WeakValueDictionary

from backproof.numbers.index_algebra import (
    Terms,
    add,
    constant,
    fresh,
    labels,
    multiply,
    normal,
    parameter,
    rename,
    renamed,
    scale,
    substituted,
)
from backproof.numbers.index_form import (
    BeyondTensorsError,
    Dim,
    Factor,
    Head,
    Term,
    bound_count,
    canonical,
    connected,
    interned,
    sort_key,
)

MOST_ORDERS, MOST_POWERS = 720, 64
"""How many orders of free indices, and how many equal factors, are tried before a refusal."""

Rule = Callable[[Terms], Terms | None]
RULES: dict[str, Rule] = {}
"""What backproof.numbers.index_facts knows of a function: a simpler expression, or None."""


class Form:
    """An expression in parameters, with the size that each parameter runs over.

    The same expression is the same object, however its free indices were called.  Parameters of
    one group may be exchanged without changing it.
    """

    __slots__ = ("__weakref__", "dims", "groups", "spelled", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.spelled: Terms | None = None
        dims = dims_of(terms)
        self.dims = tuple(dims[parameter(slot)] for slot in range(len(dims)))
        self.groups = tuple(_group(terms, dims, slot) for slot in range(len(dims)))

    def at(self, indices: tuple[int, ...]) -> Terms:
        """Return the expression with free indices for its parameters."""
        return rename(self.terms, {parameter(slot): i for slot, i in enumerate(indices)})


_FORMS: WeakValueDictionary[Hashable, Form] = WeakValueDictionary()


def abstract(terms: Terms) -> tuple[Form, tuple[int, ...]]:
    """Return the form of an expression and the free indices that its parameters stand for."""
    orders = _orders(terms)
    named = [rename(terms, {i: parameter(k) for k, i in enumerate(order)}) for order in orders]
    best = 0
    if len(named) > 1:
        keys = [sorted((sort_key(term), c) for term, c in each.items()) for each in named]
        best = min(range(len(keys)), key=keys.__getitem__)
    key = frozenset(named[best].items())
    form = _FORMS.get(key)
    if form is None:
        form = _FORMS[key] = Form(named[best])
    return form, orders[best]


def dims_of(terms: Terms) -> dict[int, Dim]:
    """Return what each free index of an expression runs over."""
    return {
        i: dim
        for term in terms
        for head, _, indices in term
        for i, dim in zip(indices, head.dims, strict=True)
        if i < 0
    }


def _group(terms: Terms, dims: dict[int, Dim], slot: int) -> int:
    """Return the first parameter that may be exchanged with this one."""
    for other in range(slot):
        i, j = parameter(slot), parameter(other)
        if dims[i] == dims[j] and rename(terms, {i: j, j: i}) == terms:
            return other
    return slot


def _orders(terms: Terms) -> list[tuple[int, ...]]:
    """Return the orders of the free indices that their places in the factors leave open."""
    places: dict[int, list[Any]] = {i: [] for i in labels(terms)}
    for term, coefficient in terms.items():
        for head, exponent, indices in term:
            for group, i in zip(head.groups, indices, strict=True):
                if i < 0:
                    places[i].append((head.order, exponent, group, coefficient, len(term)))
    marks = {i: sorted(places[i]) for i in places}
    ordered = sorted(places, key=lambda i: (marks[i], -i))
    ties = [list(tied) for _, tied in groupby(ordered, key=marks.__getitem__)]
    if math.prod(math.factorial(len(tied)) for tied in ties) > MOST_ORDERS:
        raise BeyondTensorsError("an expression has too many free indices of the same kind")
    return [tuple(chain(*order)) for order in product(*map(permutations, ties))]


def apply(name: str, terms: Terms) -> Terms:
    """Return the function `name` of an expression, entry by entry."""
    rule = RULES.get(name)
    value = rule(terms) if rule else None
    return opaque(name, terms) if value is None else value


def opaque(name: str, terms: Terms, exponent: Any = 1, kind: str = "function") -> Terms:
    """Return a function of an expression as one factor, or as a power of one."""
    form, indices = abstract(terms)
    return normal(Fraction(1), [(function(name, form, kind), exponent, indices)])


def function(name: str, form: Form, kind: str = "function") -> Head:
    """Return the head of the function `name` of the expression `form`."""
    found = interned(kind, name, form.dims, form)
    if found.reduced is None:
        found.groups, found.reduced = form.groups, _reduced
        found.idempotent = name == "step"
        found.absorbs = function("step", form) if name == "relu" else None
    return found


# What a power of a function may be besides.


def _reduced(factors: list[Factor], position: int) -> Terms | None:
    """Return a simpler form of a product because of the function at `position`, if there is one."""
    head, exponent, indices = factors[position]
    if len(set(indices)) < len(indices):
        return _with(factors, position, power(_at_repeated(head, indices), exponent))
    if head.kind == "sum":
        return _without_quotient(factors, position)
    if head.name == "sqrt" and exponent != 1:
        slots = tuple(parameter(slot) for slot in range(len(indices)))
        root = {canonical([(head, 1, slots)]): Fraction(1)}
        value = power(head.form.terms, exponent // 2)
        return _with(factors, position, multiply(value, root) if exponent % 2 else value)
    return None


def _at_repeated(head: Head, indices: tuple[int, ...]) -> Terms:
    """Return the function with one parameter for indices that are the same."""
    inner: Terms = head.form.at(tuple(parameter(indices.index(i)) for i in indices))
    return inner if head.kind == "sum" else apply(head.name, inner)


def _with(factors: list[Factor], position: int, value: Terms) -> Terms:
    beside = factors[:position] + factors[position + 1 :]
    return substituted(Fraction(1), value, factors[position][2], beside, factors)


def _without_quotient(factors: list[Factor], position: int) -> Terms | None:
    head, exponent, _ = factors[position]
    if exponent > 0:
        return _with(factors, position, power(head.form.terms, exponent))
    if len(head.form.terms) == 1:
        return _cancelled(factors, position)
    return _logistic(factors, position)


def _cancelled(factors: list[Factor], position: int) -> Terms | None:
    """Cancel a sum against its reciprocal: Σ_i a_i / Σ_i a_i = 1."""
    head, _, indices = factors[position]
    fixed = {i: fresh() for i in indices if i >= 0}
    back = {new: old for old, new in fixed.items()}
    (term,) = head.form.terms
    places = {parameter(slot): fixed.get(i, i) for slot, i in enumerate(indices)}
    wanted = canonical(renamed(term, places))
    parts = connected(renamed(factors, fixed))
    for part in parts:
        if len(part) == len(wanted) and canonical(part) == wanted:
            rest = [factor for other in parts if other is not part for factor in other]
            return normal(Fraction(1), [*renamed(rest, back), (head, 1, indices)])
    return None


def _logistic(factors: list[Factor], position: int) -> Terms | None:
    """Write exp(a) / (1 + c exp(a)) as (1 - 1 / (1 + c exp(a))) / c, and its like."""
    head, _, indices = factors[position]
    exponentials = [term for term in head.form.terms if term]
    if len(head.form.terms) != 2 or len(exponentials) != 1:
        return None
    (term,), names = exponentials, {parameter(slot): i for slot, i in enumerate(indices)}
    if any(h.name != "exp" for h, _, _ in term):
        return None
    c, exps = head.form.terms[term], renamed(term, names)
    powers = {(h, i): exponent for h, exponent, i in factors}
    times = min(powers.get((h, h.arranged(i)), 0) // exponent for h, exponent, i in exps)
    if not 0 < abs(times) <= MOST_POWERS:
        return None
    one_less = (head, 1, indices)
    if times < 0:
        return add(normal(Fraction(1), [*factors, one_less]), normal(-c, [*factors, *exps]))
    divided = [*factors, *((h, -exponent, i) for h, exponent, i in exps)]
    return add(normal(1 / c, [*divided, one_less]), normal(-1 / c, divided))


# Powers.


def power(terms: Terms, exponent: Any) -> Terms:
    """Return a power with an integer exponent; below 0, of an expression that is not 0."""
    if len(terms) == 1 and exponent:
        ((term, coefficient),) = terms.items()
        if bound_count(term) == 0 and (exponent > 0 or not may_vanish(term)):
            raised = [(head, own * exponent, indices) for head, own, indices in term]
            return normal(Fraction(coefficient**exponent), raised)
    if exponent != int(exponent) or abs(exponent) > MOST_POWERS:
        raise BeyondTensorsError(f"the power {exponent} of a sum")
    base = inverse(terms) if exponent < 0 else terms
    return reduce(multiply, [base] * abs(int(exponent)), constant(1))


def inverse(terms: Terms) -> Terms:
    """Return 1 / terms, for an expression that is not 0."""
    if not terms:
        raise ZeroDivisionError("a division by 0")
    common = common_factor(terms)
    if may_vanish(common):
        raise BeyondTensorsError("a division by an indicator or a ReLU, which may be 0")
    value = normal(Fraction(1), reciprocal(common))
    rest = multiply(terms, value)
    value = scale(1 / lead(rest), value)
    rest = scale(1 / lead(rest), rest)
    if len(rest) > 1:
        return multiply(value, opaque("Σ", rest, -1, "sum"))
    (term,) = rest
    for part in connected(term) if term else []:
        value = multiply(value, opaque("Σ", {canonical(part): Fraction(1)}, -1, "sum"))
    return value


def may_vanish(factors: Term | list[Factor]) -> bool:
    """Return whether a factor is one that is 0 as often as not."""
    return any(head.idempotent or head.name == "relu" for head, _, _ in factors)


def common_factor(terms: Terms, wanted: Callable[[Head], bool] = lambda _: True) -> list[Factor]:
    """Return the greatest product, of `wanted` heads at free indices, that divides every term."""
    powers: list[dict[Any, Any]] = [
        {(h, i): e for h, e, i in term if all(k < 0 for k in i) and wanted(h)} for term in terms
    ]
    places = dict.fromkeys(place for each in powers for place in each)
    least = {place: min(each.get(place, 0) for each in powers) for place in places}
    return [(head, exponent, indices) for (head, indices), exponent in least.items() if exponent]


def reciprocal(factors: list[Factor]) -> list[Factor]:
    """Return the factors with opposite exponents."""
    return [(head, -exponent, indices) for head, exponent, indices in factors]


def lead(terms: Terms) -> Fraction:
    """Return the coefficient by which an expression is divided to make multiples the same."""

    def place(item: tuple[Term, Fraction]) -> Any:
        return sorted((head.order, exponent) for head, exponent, _ in item[0]), item[1]

    return min(terms.items(), key=place)[1]
