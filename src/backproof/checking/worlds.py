"""What each oracle says of left = right: it holds, it does not, or the oracle cannot tell."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import sympy

from backproof.checking.entrywise import Entrywise, assignments
from backproof.checking.indexed import Indexed, Unsupported
from backproof.checking.sameness import FAILS, HOLDS, Opinion, same
from backproof.checking.setting import Setting, position
from backproof.equations import terms as t
from backproof.equations.reaching import reached
from backproof.equations.rewriting import shown
from backproof.equations.terms import BATCH, Index, Layer, Quantity, Size, Term


class Kind(NamedTuple):
    """The widths of neighbouring layers, over and over, and the number of examples."""

    widths: tuple[int, ...]
    examples: int


RECTANGULAR = Kind((2, 3, 4), 5)
"""All sizes different, so that no transpose goes unnoticed."""
SQUARE = Kind((2,), 2)
"""All alike, so that what differs only in its shape elsewhere has to differ in its values."""
SINGLE, PAIR = Kind((1,), 1), Kind((1,), 2)
"""The smallest, for witnesses: one unit a layer, and one or two examples."""
NUMBERS = "these numbers"
DEPTHS = (1, 2, 3)


def index_opinion(left: Term, right: Term, where: Setting) -> Opinion:
    """Ask the index form, which can only prove: what it does not prove may be true all the same."""
    try:
        indexed = Indexed(where)
        return Opinion(HOLDS if indexed.equal(left, right) else None, "all sizes")
    except (Unsupported, ZeroDivisionError) as error:
        return Opinion(None, witness=str(error))


def entrywise_opinion(left: Term, right: Term, where: Setting, free: list[Index]) -> Opinion:
    """Ask SymPy, in one world after another, for every entry and every value of free indices."""
    scopes = []
    try:
        for scope, world in worlds((left, right), where):
            opinion = _in_world(left, right, world, free)
            if opinion.holds is False:
                return _smallest(replace(opinion, scope=scope), (left, right), where, free)
            if not opinion.holds:
                return replace(opinion, scope=scope)
            scopes.append(scope)
    except NotImplementedError as error:
        return Opinion(None, witness=str(error))
    scope = "; ".join(dict.fromkeys(filter(None, scopes)))
    sized = scope not in ("", NUMBERS) and "every" not in scope
    return Opinion(HOLDS, scope or "every real value", sized=sized)


def _smallest(
    found: Opinion, sides: tuple[Term, Term], where: Setting, free: list[Index]
) -> Opinion:
    """Return a refutation in the smallest world that has one."""
    for smaller, world in worlds(sides, where, (SINGLE, PAIR)):
        opinion = _in_world(*sides, world, free)
        if opinion.holds is False:
            return replace(opinion, scope=smaller)
    return found


def _in_world(left: Term, right: Term, world: Entrywise, free: list[Index]) -> Opinion:
    for env in assignments([(index.name, world.size(index.size)) for index in free]):
        try:
            sides = world.values(left, env), world.values(right, env)
        except (NotImplementedError, ValueError, TypeError) as error:
            return Opinion(None, witness=str(error))
        if sides[0].shape != sides[1].shape:
            return Opinion(FAILS, witness=f"{sides[0].shape} is not {sides[1].shape}")
        for place in range(sides[0].size):
            opinion = same(*(sympy.sympify(side.flat[place]) for side in sides))
            if not opinion.holds:
                return opinion
    return Opinion(HOLDS)


def worlds(
    sides: tuple[Term, Term], where: Setting, kinds: tuple[Kind, ...] = (RECTANGULAR, SQUARE)
) -> Iterator[tuple[str, Entrywise]]:
    """Yield the worlds in which sides are compared, each with its scope in words."""
    terms = list(reached(sides, where.vocabulary, where.loss, batch=where.batch))
    found = _sizes(terms, where)
    if any(isinstance(term, t.SumLayers) for term in terms):
        yield from _deep_worlds(terms, found, where)
    elif where.numbers:
        yield _numeric_world(sides, found, where)
    elif not found:
        yield "", Entrywise(where, {}, {})
    else:
        hot = next((term for term in terms if _is_one_hot(term)), None)
        for kind in kinds:
            sizes, bases = _assigned(found, kind, batch=where.batch)
            names = ", ".join(f"{size} = {number}" for size, number in _shown(found, sizes, bases))
            world = Entrywise(where, sizes, bases)
            for label in range(1 if hot is None else world.size(hot.shape[0])):
                # A world of its own: what it has computed holds for its label only.
                yield names, Entrywise(where, sizes, bases, label=label)


def _is_one_hot(term: Term) -> bool:
    return isinstance(term, t.Variable) and term.quantity == t.ONE_HOT


def _numeric_world(
    sides: tuple[Term, Term], found: set[Size], where: Setting
) -> tuple[str, Entrywise]:
    world = Entrywise(where, {}, {})
    for term in (term for side in sides for term in side.walk()):
        if isinstance(term, t.Variable) and all(size.letter.isdigit() for size in term.shape):
            rows, columns = (int(size.letter) for size in term.shape)
            world.sizes |= _sizes_of(term.quantity, (rows, columns))
    numbers = {q: world.values(term, {}) for q, term in where.vocabulary.numbers.items()}
    world.given = numbers
    for quantity, value in numbers.items():
        world.sizes |= _sizes_of(quantity, value.shape)
    world.sizes[BATCH] = 1
    for size in found:
        if size.layer is None or not size.layer.base:
            world.sizes.setdefault(size, 1)
    return NUMBERS, world


def _sizes_of(quantity: Quantity, shape: tuple[int, ...]) -> dict[Size, int]:
    layer = quantity.layer
    if layer is None:
        return {}
    above, below = t.width(layer.moved(1)), t.width(layer)
    if quantity.name == "W":
        return {above: shape[0], below: shape[1]}
    return {below if quantity.name == "x" else above: shape[0]}


def _deep_worlds(
    terms: list[Term], found: set[Size], where: Setting
) -> Iterator[tuple[str, Entrywise]]:
    """Yield worlds of several depths in which every width is left open."""
    bound = {term.index for term in terms if isinstance(term, t.SumLayers)}
    open_layers = {size.layer.base for size in found if size.layer is not None} - bound
    if open_layers - {"", "M"}:
        raise NotImplementedError("a layer left open beside a sum over layers")
    letters = {size.letter for size in found if size.layer is not None} | {"D"}
    for M in DEPTHS:
        sizes: dict[Size, Any] = {
            Size(letter, Layer("", k)): _positive(f"{letter}_{k}")
            for letter in letters
            for k in range(M + 2)
        }
        sizes |= {size: _positive(size.letter) for size in found if size.layer is None}
        yield f"every width and M = {M}", Entrywise(where, sizes, {"M": M})


def _positive(name: str) -> Any:
    return sympy.Symbol(name, positive=True, integer=True)


def _sizes(terms: list[Term], where: Setting) -> set[Size]:
    """Return every size that is met on the way from the lowest quantity to the sides."""
    found: set[Size] = set()

    def note(value: Any) -> None:
        if isinstance(value, Size):
            found.add(value)
        elif isinstance(value, Index):
            found.add(value.size)

    for term in terms:
        shown(term, note)
    found |= set(_widths_between(where))
    found |= {BATCH} if where.batch and where.lowest is not None else set()
    return {
        size for size in found if not size.letter.isdigit() and size.letter not in ("layer", "M")
    }


def _widths_between(where: Setting) -> Iterator[Size]:
    """Yield the width of everything from the lowest to the highest quantity."""
    if where.lowest is None or where.highest is None:
        return
    first, last = position(where.lowest), position(where.highest)
    assert where.lowest.layer is not None  # noqa: S101  x and z have layers
    base = where.lowest.layer.base
    for place in range(first, last + 1):
        yield t.width(Layer(base, (place + 1) // 2))


def _assigned(
    found: set[Size], kind: Kind, *, batch: bool
) -> tuple[dict[Size, int], dict[str, int]]:
    widths = kind.widths
    layered = {size.layer for size in found if size.layer is not None}
    bases = {
        base: max(1, *(-layer.offset for layer in layered if layer.base == base))
        for base in {layer.base for layer in layered} - {""}
    }
    numbers = {bases.get(layer.base, 0) + layer.offset for layer in layered}
    letters = sorted({size.letter for size in found if size.layer is not None})
    sizes: dict[Size, int] = {
        Size(letter, Layer("", number)): widths[(number + place) % len(widths)]
        for place, letter in enumerate(letters)
        for number in numbers
    }
    plain = sorted(size for size in found if size.layer is None and size != BATCH)
    sizes |= {size: widths[place % len(widths)] for place, size in enumerate(plain)}
    sizes[BATCH] = kind.examples if batch else 1
    return sizes, bases


def _shown(
    found: set[Size], sizes: dict[Size, int], bases: dict[str, int]
) -> Iterator[tuple[Size, int]]:
    for size in sorted(found, key=str):
        if size.layer is None:
            yield size, sizes[size]
        else:
            number = bases.get(size.layer.base, 0) + size.layer.offset
            yield size, sizes[Size(size.letter, Layer("", number))]
