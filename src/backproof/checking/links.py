"""Which equation builds on which: by the letters that one defines and another uses."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from backproof.checking.report import Result
from backproof.equations import terms as t
from backproof.equations.terms import Term

if TYPE_CHECKING:
    from backproof.checking.claims import Claim


def defined_by(found: Sequence["Claim"]) -> tuple[str, ...]:
    """Return what the left sides of an equation say: z, f, L, or ∂L/∂z."""
    firsts = [claim.left for claim in found[:1]]
    names = [_key(term) for term in firsts]
    functions = [
        name
        for claim in found[:1]
        for name, known in claim.reading.vocabulary.functions.items()
        if claim.definition and known.body == claim.right
    ]
    return tuple(dict.fromkeys([*filter(None, names), *functions]))


def mentioned_by(found: Sequence["Claim"]) -> tuple[str, ...]:
    """Return what an equation speaks of besides what it says."""
    keys: list[str] = []
    for claim in found:
        for side in (claim.left, claim.right):
            keys += filter(None, map(_key, side.walk()))
    return tuple(dict.fromkeys(keys))


def _key(term: Term) -> str:
    if isinstance(term, t.Derived):
        of, by = _key(term.of), _key(term.by)
        return f"∂{of}/∂{by}" if of and by else ""
    while isinstance(term, t.Entry | t.Column | t.Transposed):
        term = term.arg
    if isinstance(term, t.Loss):
        return "L"
    if isinstance(term, t.Call):
        return term.function + "'" * term.primes
    return term.quantity.name if isinstance(term, t.Variable) else ""


def linked(results: Iterable[Result]) -> list[Result]:
    """Fill in `uses`: the labels of the equations that say what this one speaks of."""
    results = list(results)
    sources: dict[str, list[str]] = {}
    for result in results:
        for key in result.defines if result.equation.label else ():
            sources.setdefault(key, []).append(result.equation.label)
    return [replace(result, uses=_uses(result, sources)) for result in results]


def _uses(result: Result, sources: dict[str, list[str]]) -> tuple[str, ...]:
    own = result.equation.label
    labels = [
        label
        for key in result.mentions
        if key not in result.defines
        for label in sources.get(key, ())
        if label != own
    ]
    return tuple(dict.fromkeys(labels))
