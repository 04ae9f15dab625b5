"""Terms with other sizes, layers or indices in them."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from backproof.equations.terms import BATCH, ONE, Index, Layer, Quantity, Size, Term


def shown(term: Term, note: Callable[[Any], None]) -> None:
    """Show every size, quantity, index and layer that `term` itself holds to `note`."""
    for each in fields(term):
        _shown(getattr(term, each.name), note)


def _shown(value: Any, note: Callable[[Any], None]) -> None:
    if isinstance(value, Size | Quantity | Index | Layer):
        note(value)
    elif isinstance(value, tuple):
        for part in value:
            _shown(part, note)


@lru_cache(maxsize=10_000)
def index_names(term: Term) -> tuple[str, ...]:
    """Return the names of the indices that stand in `term`, in order."""
    return tuple(sorted(set().union(*map(own_indices, term.walk()))))


def own_indices(term: Term) -> set[str]:
    """Return the names of the indices that `term` itself holds, and not what it is made of."""
    names: set[str] = set()
    shown(term, lambda value: names.add(value.name) if isinstance(value, Index) else None)
    return names


def rebuilt(term: Term, change: Callable[[Any], Any]) -> Term:
    """Return `term` with `change` applied to every size, quantity, index and layer in it."""

    def part(value: Any) -> Any:
        if isinstance(value, Term):
            return rebuilt(value, change)
        if isinstance(value, Size | Quantity | Index | Layer):
            return change(value)
        return tuple(map(part, value)) if isinstance(value, tuple) else value

    return replace(term, **{each.name: part(getattr(term, each.name)) for each in fields(term)})


def of_one_example(term: Term) -> Term:
    """Return what `term`, read in batches, says of a batch of one."""

    def change(value: Any) -> Any:
        if isinstance(value, Index):
            return Index(value.name, change(value.size))
        return ONE if value == BATCH else value

    return rebuilt(term, change)


def at_layer(term: Term, known: Layer, wanted: Layer) -> Term:
    """Return what `term` says of layer `known`, said of layer `wanted`."""

    def change(value: Any) -> Any:
        if isinstance(value, Layer):
            return wanted.moved(value.offset - known.offset) if value.base == known.base else value
        if isinstance(value, Index):
            return Index(value.name, change(value.size))
        return value if value.layer is None else value._replace(layer=change(value.layer))

    return rebuilt(term, change)
