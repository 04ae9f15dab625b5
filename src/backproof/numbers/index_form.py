"""Products of indexed factors with every size left open, in one canonical form.

A term is a product such as W[i, j] x[j, n]², in which an index that does not name a row, a column
or a free index is summed over.  The name of a summed index and the order of the factors say
nothing, so both are chosen here: two terms are the same product if their canonical forms are.

An index is an integer.  0, 1, 2, … are summed; -1 and -2 are the row and the column of the tensor
that the term belongs to; other negative numbers are free.  A dimension of size 1 has no index.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

ROW, COLUMN = -1, -2
MOST_TIES = 2000
"""How many numberings of one term are tried before it is refused."""


class BeyondTensorsError(TypeError):
    """What was asked has no answer in the theory of tensors with open sizes."""


@dataclass(frozen=True, slots=True)
class Dim:
    """A size that is left open, such as D_3 or N: a letter and what it is subscripted with.

    `at` is a number, a letter with an offset such as ("k", -1), or anything hashable.
    """

    name: str
    at: Hashable = None

    def __str__(self) -> str:
        return self.name if self.at is None else subscripted(self.name, self.at)


UNIT = Dim("1")
"""The size 1, of a column's width and a row's height; it carries no index."""


@dataclass(frozen=True, slots=True)
class Index:
    """A free index with a name, which runs over a dimension."""

    name: str
    dim: Dim

    @property
    def label(self) -> int:
        """The negative number that stands for this index in a term."""
        return _LABELS.setdefault(self, -1000 - len(_LABELS))

    @staticmethod
    def of(label: int) -> "Index":
        """Return the index with this `label`."""
        return list(_LABELS)[-1000 - label]


_LABELS: dict[Index, int] = {}


def subscripted(name: str, at: Hashable) -> str:
    """Return `name` with its subscript: W_3, or W_{k-1} for the subscript ("k", -1)."""
    text = subscript(at)
    return f"{name}_{text}" if len(text) == 1 else f"{name}_{{{text}}}"


def subscript(at: Hashable) -> str:
    """Return a subscript in letters: 3, k-1, k."""
    if isinstance(at, tuple) and len(at) == 2 and isinstance(at[1], int):
        return f"{at[0]}{at[1]:+d}" if at[1] else str(at[0])
    if isinstance(at, tuple):
        return ",".join(map(subscript, at))
    return str(at)


class Head:
    """What a factor is without its indices: an atom, a size, a function of an expression, ….

    The same kind, name and form are the same object.  `dims` says what each index runs over.
    Indices in slots of one group may be exchanged, as in δ[i, j] = δ[j, i].  What else is known:
    an `idempotent` factor is its own square, a product with the factor `absorbs` is this factor
    alone, and `reduced(factors, position)` may know a simpler expression for the product.
    """

    __slots__ = (
        "__weakref__",
        "absorbs",
        "dims",
        "form",
        "groups",
        "idempotent",
        "kind",
        "name",
        "order",
        "reduced",
        "slopes",
        "spelled",
    )

    def __init__(self, kind: str, name: Any, form: Any, dims: tuple[Dim, ...]) -> None:
        self.kind, self.name, self.form, self.dims = kind, name, form, dims
        self.groups = tuple(range(len(dims)))
        self.order = (kind, str(name), next(_NUMBERS))
        self.idempotent = False
        self.absorbs: Head | None = None
        self.reduced: Callable[..., Any] | None = None
        self.slopes: dict[Head, Any] = {}
        self.spelled: tuple[bool, Any] | None = None

    @property
    def symmetric(self) -> bool:
        """Whether some indices may be exchanged."""
        return len(set(self.groups)) < len(self.groups)

    def arranged(self, indices: tuple[int, ...]) -> tuple[int, ...]:
        """Return `indices` in ascending order within each group of slots."""
        if not self.symmetric:
            return indices
        slots = sorted(range(len(indices)), key=lambda slot: (self.groups[slot], slot))
        ascending = sorted(zip(self.groups, indices, strict=True))
        placed = {slot: i for slot, (_, i) in zip(slots, ascending, strict=True)}
        return tuple(placed[slot] for slot in range(len(indices)))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


_NUMBERS = count()
_HEADS: WeakValueDictionary[tuple[Any, ...], Head] = WeakValueDictionary()

Factor = tuple[Head, Any, tuple[int, ...]]
"""A head, its exponent, its indices."""
Term = tuple[Factor, ...]


def interned(kind: str, name: Any, dims: tuple[Dim, ...] = (), form: Any = None) -> Head:
    """Return the one head with these properties."""
    key = (kind, name, form, dims)
    found = _HEADS.get(key)
    if found is None:
        found = _HEADS[key] = Head(kind, name, form, dims)
    return found


def size(dim: Dim) -> Head:
    """Return the head of the number |dim|."""
    return interned("size", dim)


def delta(dim: Dim) -> Head:
    """Return the head of the Kronecker delta over `dim`."""
    found = interned("delta", "δ", (dim, dim))
    found.groups, found.idempotent = (0, 0), True
    return found


def bound_count(term: Iterable[Factor]) -> int:
    """Return the first number that is free to name another summed index."""
    return 1 + max((i for _, _, indices in term for i in indices if i >= 0), default=-1)


def sort_key(term: Term) -> tuple[Any, ...]:
    """Return what terms are ordered by."""
    return tuple((head.order, exponent, indices) for head, exponent, indices in term)


def canonical(factors: list[Factor]) -> Term:
    """Return the product of `factors` in canonical form.

    Raises BeyondTensorsError for a term so symmetric that too many numberings compete.
    """
    heads = {head for head, _, _ in factors}
    if len(heads) == len(factors) and not any(head.symmetric for head in heads):
        return _numbered(sorted(factors, key=lambda factor: factor[0].order))
    parts = sorted((_least(part) for part in connected(factors)), key=sort_key)
    term: list[Factor] = []
    for part in parts:
        term += shifted(part, bound_count(term))
    return tuple(term)


def shifted(term: Iterable[Factor], by: int) -> list[Factor]:
    """Return the factors with `by` added to each summed index."""
    return [
        (head, exponent, tuple(i + by if i >= 0 else i for i in indices))
        for head, exponent, indices in term
    ]


def _numbered(factors: list[Factor]) -> Term:
    """Number the summed indices in the order in which they appear."""
    numbers: dict[int, int] = {}
    return tuple(
        (
            head,
            exponent,
            tuple(i if i < 0 else numbers.setdefault(i, len(numbers)) for i in indices),
        )
        for head, exponent, indices in factors
    )


def connected(factors: Iterable[Factor]) -> list[list[Factor]]:
    """Return the factors in groups that share no summed index."""
    groups: list[tuple[set[int], list[Factor]]] = []
    for factor in factors:
        touched = {i for i in factor[2] if i >= 0}
        members = [factor]
        apart = []
        for indices, others in groups:
            if touched & indices:
                touched |= indices
                members = others + members
            else:
                apart.append((indices, others))
        groups = [*apart, (touched, members)]
    return [members for _, members in groups]


def _least(factors: list[Factor]) -> Term:
    """Return the least of all numberings that colour refinement cannot tell apart."""
    colours = {i: 0 for _, _, indices in factors for i in indices if i >= 0}
    best: Term | None = None
    tried, waiting = 0, [_refined(factors, colours)]
    while waiting:
        colours = waiting.pop()
        tied = _first_tie(colours)
        if tied:
            chosen = _not_exchangeable(factors, tied)
            waiting += [_refined(factors, _singled_out(colours, i)) for i in chosen]
            tried += len(chosen)
            if tried > MOST_TIES:
                raise BeyondTensorsError("a product is too symmetric to be put in one form")
            continue
        term = _coloured(factors, colours)
        if best is None or sort_key(term) < sort_key(best):
            best = term
    return best or ()


def _first_tie(colours: dict[int, int]) -> list[int]:
    classes: dict[int, list[int]] = {}
    for i, colour in colours.items():
        classes.setdefault(colour, []).append(i)
    return next((classes[c] for c in sorted(classes) if len(classes[c]) > 1), [])


def _not_exchangeable(factors: list[Factor], tied: list[int]) -> list[int]:
    """Return one of each set of summed indices that can be exchanged without any change."""
    chosen: list[int] = []
    places = _places(factors, {})
    for i in tied:
        if not any(_places(factors, {i: k, k: i}) == places for k in chosen):
            chosen.append(i)
    return chosen


def _places(factors: list[Factor], names: dict[int, int]) -> Counter[Factor]:
    return Counter(
        (head, exponent, head.arranged(tuple(names.get(i, i) for i in indices)))
        for head, exponent, indices in factors
    )


def _singled_out(colours: dict[int, int], chosen: int) -> dict[int, int]:
    return {i: 2 * colour + (i != chosen) for i, colour in colours.items()}


def _coloured(factors: list[Factor], colours: dict[int, int]) -> Term:
    named = [
        (head, exponent, head.arranged(tuple(colours.get(i, i) for i in indices)))
        for head, exponent, indices in factors
    ]
    return tuple(sorted(named, key=lambda f: (f[0].order, f[1], f[2])))


def _refined(factors: list[Factor], colours: dict[int, int]) -> dict[int, int]:
    """Tell summed indices apart by the factors they stand in, as far as that goes."""
    classes = 0
    while classes < len(set(colours.values())):
        classes = len(set(colours.values()))
        seen: dict[int, list[Any]] = {i: [] for i in colours}
        for head, exponent, indices in factors:
            shades = head.arranged(tuple(colours.get(i, i) for i in indices))
            for group, i in zip(head.groups, indices, strict=True):
                if i >= 0:
                    seen[i].append((head.order, exponent, shades, group))
        marks = {i: (colours[i], tuple(sorted(seen[i]))) for i in colours}
        ranks = {mark: rank for rank, mark in enumerate(sorted(set(marks.values())))}
        colours = {i: ranks[marks[i]] for i in colours}
    return colours
