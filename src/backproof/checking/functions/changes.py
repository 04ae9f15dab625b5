"""The changes of a function that the search tries: of an expression, a statement, everywhere."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from backproof.checking.functions.additions import additions
from backproof.checking.functions.calls import call_edits
from backproof.checking.functions.edits import Edit, Names, Spot
from backproof.checking.functions.everywhere import everywhere
from backproof.checking.functions.fillings import hole_edits
from backproof.checking.functions.formulas import formula_edits
from backproof.checking.functions.holes import Holes
from backproof.checking.functions.leaves import index_edits, shape_edits
from backproof.checking.functions.places import Place, text_of
from backproof.checking.functions.probe import Probe
from backproof.checking.functions.sites import Change, Site
from backproof.checking.functions.statements import statement_changes


def small_changes(found: Sequence[Place], tree: Any, names: Names, seen: Probe) -> list[Change]:
    """Return the changes that put nothing new there, the likeliest first."""
    spots = (_spot(place, seen) for place in found)
    one = (change for spot in spots for change in _of_edits(spot, _small(spot, names)))
    every = chain(one, statement_changes(tree), everywhere(found, names))
    return sorted(every, key=lambda change: change.cost)


def additions_to(found: Sequence[Place], names: Names, seen: Probe, holes: Holes) -> list[Change]:
    """Return the changes that add a factor or a term, or fill a hole, the likeliest first."""
    order = sorted((p for p in found if p.role == "value"), key=lambda place: not place.whole)
    spots = (_spot(place, seen) for place in order)
    every = (change for spot in spots for change in _of_edits(spot, _added(spot, names, holes)))
    return sorted(every, key=lambda change: change.cost)


def _spot(place: Place, seen: Probe) -> Spot:
    return Spot(place, seen.shape(place.node), text_of(place.node))


def _of_edits(spot: Spot, edits: Iterable[Edit]) -> Iterator[Change]:
    place, tried = spot.place, {spot.text}
    # What is returned by its name alone is wrong where it is computed, not where it is returned.
    more = 0.2 if place.whole and isinstance(place.node, ast.Name) else 0.0
    for edit in edits:
        if edit.new not in tried:
            tried.add(edit.new)
            site = Site(place.put, place.node, edit.new)
            yield Change((site,), edit.cause, edit.cost + more, edit.does)


def _small(spot: Spot, names: Names) -> Iterator[Edit]:
    if spot.place.role == "index":
        yield from index_edits(spot, names)
    if spot.place.role == "size":
        yield from shape_edits(spot, names)
    if spot.place.role in ("value", "condition"):
        yield from formula_edits(spot, names)
        yield from call_edits(spot, names)


def _added(spot: Spot, names: Names, holes: Holes) -> Iterator[Edit]:
    hole = holes.at(spot)
    if hole is not None:
        yield from hole_edits(spot, hole, holes.words, names)
    yield from additions(spot, names, small=hole is not None)
