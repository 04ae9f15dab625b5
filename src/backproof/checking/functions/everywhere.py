"""Changes that are made everywhere at once: another name, another axis, a mean for a sum."""

import ast
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from backproof.checking.functions.edits import Names
from backproof.checking.functions.patches import Patch
from backproof.checking.functions.places import Place, of_numpy, text_of
from backproof.checking.functions.sites import Change, Site

_AXES = (("0", "1"), ("1", "0"), ("-1", "0"), ("0", "-1"))
"""Which axis is taken for which."""


def everywhere(found: Sequence[Place], names: Names) -> Iterator[Change]:
    """Yield the changes of all places of a kind, in the function and in each statement."""
    groups = [(0.3, list(found))]
    groups += [(0.0, list(own)) for _, own in groupby(found, lambda place: id(place.statement))]
    for more, group in groups:
        yield from _folds(group, more)
        yield from _axes(group, more)
        yield from _unsliced(group, more)
    yield from _renamed(found, names)


def _change(sites: list[Site], cause: str, cost: float, does: str) -> Iterator[Change]:
    if len(sites) > 1:
        yield Change(tuple(sites), cause, cost, does)


def _folds(found: Sequence[Place], more: float) -> Iterator[Change]:
    for old, new in (("sum", "mean"), ("mean", "sum")):
        sites = [
            Site(_attribute(place.node.func), old, new, _last_word(place.node.func, new))
            for place in found
            if isinstance(place.node, ast.Call)
            and isinstance(place.node.func, ast.Attribute)
            and place.node.func.attr == old
        ]
        yield from _change(sites, "1/N", 1.6 + more, f"{new} for {old} everywhere")


def _last_word(node: ast.Attribute, new: str) -> Patch:
    line, column = node.end_lineno or 1, node.end_col_offset or 0
    return Patch((line, column - len(node.attr)), (line, column), new)


def _attribute(node: ast.Attribute) -> Any:
    return lambda new: setattr(node, "attr", new)


def _axes(found: Sequence[Place], more: float) -> Iterator[Change]:
    for old, new in _AXES:
        sites = [
            Site(place.put, place.node, new)
            for place in found
            if place.role == "axis" and text_of(place.node) == old
        ]
        yield from _change(sites, "axis", 1.6 + more, f"axis {new} for {old} everywhere")
        kept = [
            Site(place.put, place.node, _over(place.node, new))
            for place in found
            if isinstance(place.node, ast.Call) and _axis(place.node) == old
        ]
        yield from _change(kept, "axis", 1.6 + more, f"axis {new}, kept, for {old} everywhere")
    kept = [
        Site(place.put, place.node, _kept(place.node))
        for place in found
        if isinstance(place.node, ast.Call)
        and text_of(place.node.func).endswith((".sum", ".mean"))
        and not any(keyword.arg == "keepdims" for keyword in place.node.keywords)
    ]
    yield from _change(kept, "axis", 1.7 + more, "the axes kept everywhere")


def _axis(node: ast.Call) -> str:
    """Return the axis that a call names, if that is all that it is told."""
    arguments = [text_of(k).removeprefix("axis=") for k in node.keywords]
    arguments += map(text_of, node.args[of_numpy(node) :])
    return arguments[0] if len(arguments) == 1 else ""


def _over(node: ast.Call, axis: str) -> str:
    arguments = [*map(text_of, node.args[: of_numpy(node)]), f"axis={axis}", "keepdims=True"]
    return f"{text_of(node.func)}({', '.join(arguments)})"


def _kept(node: ast.Call) -> str:
    arguments = [text_of(part) for part in (*node.args, *node.keywords)]
    if not node.keywords and len(node.args) == of_numpy(node):
        arguments.append("axis=-1")
    return f"{text_of(node.func)}({', '.join([*arguments, 'keepdims=True'])})"


def _unsliced(found: Sequence[Place], more: float) -> Iterator[Change]:
    sites = [
        Site(place.put, place.node, text_of(place.node.value))
        for place in found
        if isinstance(place.node, ast.Subscript)
        and isinstance(place.node.slice, ast.Slice)
        and isinstance(place.node.value, ast.Name)
    ]
    yield from _change(sites, "missing term", 1.7 + more, "all entries, no slices")


def _renamed(found: Sequence[Place], names: Names) -> Iterator[Change]:
    for name in names.shapes:
        own = [p for p in found if p.role != "size" and text_of(p.node) == name]
        others = [*names.alike(name), *((f"{f}({name})", 0.2) for f in names.functions)]
        for other, cost in others if len(own) > 1 else ():
            sites = [Site(place.put, place.node, other) for place in own]
            yield from _change(sites, "wrong operand", 1.9 + cost, f"{other} for {name}")
        if len(own) > 1 and name in names.masks:
            sites = [Site(place.put, place.node, f"(1 - {name})") for place in own]
            yield from _change(sites, "wrong mask", 1.4, f"the reverse of {name}")
