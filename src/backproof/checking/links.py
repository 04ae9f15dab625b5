"""Which equation builds on which: by the letters that one defines and another uses."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from backproof.checking.report import Result
from backproof.equations import terms as t
from backproof.equations.terms import Term
from backproof.equations.vocabulary import NETWORK

if TYPE_CHECKING:
    from backproof.checking.claims import Claim


NETWORK_KEYS = frozenset({"x", "z", *(f"∂L/∂{letter}" for letter in "xzWb")})
"""What is said once for a whole book; anything else counts on the page where it is said."""


def defined_by(found: Sequence["Claim"]) -> tuple[str, ...]:
    """Return what an equation says: z, L, ∂L/∂z, or the function that it defines."""
    first = found[0]
    functions = [
        name
        for name, known in first.reading.vocabulary.functions.items()
        if first.definition and known.body == first.right
    ]
    return tuple(functions or filter(None, [_key(first.left)]))


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
    if not isinstance(term, t.Variable):
        return ""
    of_network = term.quantity.layer is not None or term.quantity.name not in NETWORK
    return term.quantity.name if of_network else ""  # else the z of f[z], which is any number


def linked(results: Iterable[Result]) -> list[Result]:
    """Fill in `uses`: the labels of the equations that say what this one speaks of."""
    results = list(results)
    return [
        replace(result, uses=_uses(number, results)) if result.equation.label else result
        for number, result in enumerate(results)
    ]


def _uses(number: int, results: Sequence[Result]) -> tuple[str, ...]:
    result = results[number]
    sources = [
        source
        for key in result.mentions
        if key not in result.defines or key in NETWORK_KEYS
        for source in _sources(key, number, results)
    ]
    return tuple(dict.fromkeys(label for label in sources if label != result.equation.label))


def _sources(key: str, number: int, results: Sequence[Result]) -> list[str]:
    """Return the labels that say `key`: the last before on the page, or those of the network."""
    page = results[number].equation.path
    saying = [each for each in results if key in each.defines and each.equation.label]
    if key in NETWORK_KEYS:
        return [each.equation.label for each in saying]
    before = [each for each in results[:number] if each in saying and each.equation.path == page]
    return [each.equation.label for each in before[-1:]]
