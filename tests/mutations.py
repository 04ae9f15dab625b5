"""Mutants: a module with one mistake in it, for every slip at every place.

Messages, names, reprs, docstrings and annotations are left alone.
"""

import ast
import copy
from dataclasses import dataclass
from typing import Any, NamedTuple

from slips import NOTES, SLIPS, is_left_alone


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one mistake in it; `old` and `new` are the line before and after."""

    module: str
    function: str
    line: int  # of the statement, if it runs when its function is called; 0 if at import
    slip: str
    old: str
    new: str
    tree: ast.Module

    @property
    def id(self):
        """What names this mutant for as long as its line stays as it is."""
        where = f"{self.module.rpartition('.')[2]}.{self.function}"
        return where.rstrip("."), self.old, self.new

    def __str__(self):
        return f"{self.id[0]}: {self.slip}\n  - {self.old}\n  + {self.new}"


class Inside(NamedTuple):
    """What surrounds a place: its function, its statement, and the names it can use."""

    function: str = ""
    line: int = 0
    names: frozenset = frozenset()
    in_call: bool = False
    is_value: bool = False  # whether a statement assigns or returns this


class Place(NamedTuple):
    """A node, or a list of statements, and where it hangs."""

    node: Any
    parent: ast.AST
    field: str
    index: int | None
    inside: Inside

    def put(self, node):
        """Hang `node` here."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(module, tree):
    """Yield `tree`, the syntax of `module`, with one mistake after another, none twice."""
    for number, unit in enumerate(tree.body):
        before = ast.unparse(unit)
        seen = {before}
        for place, slip, node in edits(tree, number):
            place.put(node)
            after = ast.unparse(tree.body[number])
            if after not in seen:
                seen.add(after)
                function, line = place.inside.function, place.inside.line
                changed = with_statement(tree, number, copy.deepcopy(tree.body[number]))
                yield Mutant(module, function, line, slip, *difference(before, after), changed)
            place.put(place.node)


def edits(tree, number):
    """Yield each place in one statement of a module with each slip that can happen there."""
    for place in list(places(tree, "body", number, Inside())):
        for slip in SLIPS:
            for node in slip(place):
                yield place, slip.__name__.replace("_", " "), node


def with_statement(tree, number, statement):
    body = [*tree.body[:number], statement, *tree.body[number + 1 :]]
    return ast.fix_missing_locations(ast.Module(body, tree.type_ignores))


def difference(before, after):
    """Return the lines that differ and what they have become, each joined to one."""
    before, after = before.splitlines(), after.splitlines()
    for _ in range(2):  # once from the start, once from the end
        while before and after and before[-1] == after[-1]:
            before, after = before[:-1], after[:-1]
        before, after = before[::-1], after[::-1]
    return ("; ".join(map(str.strip, lines)) for lines in (before, after))


def places(parent, field, index, inside):
    """Yield every place at and below a field of `parent`, or at one item of it."""
    node = getattr(parent, field) if index is None else getattr(parent, field)[index]
    if isinstance(node, list):
        if field == "body":
            yield Place(node, parent, field, None, inside)
        for i in range(len(node)):
            yield from places(parent, field, i, inside)
    elif isinstance(node, ast.AST) and not is_left_alone(node):
        inside = around(node, inside)
        yield Place(node, parent, field, index, inside)
        for below in node._fields:
            if below not in NOTES:
                yield from places(node, below, None, within(node, below, inside))


def around(node, inside):
    """Return what surrounds `node`, itself included."""
    if isinstance(node, ast.stmt) and inside.in_call:
        inside = inside._replace(line=node.lineno)
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        inside = inside._replace(function=f"{inside.function}.{node.name}".lstrip("."))
    return inside


def within(node, field, inside):
    """Return what surrounds a field of `node`."""
    if isinstance(node, ast.FunctionDef):
        inside = inside._replace(in_call=True, names=inside.names | set(bound(node)))
    assigned = field == "value" and isinstance(node, ast.Assign | ast.AnnAssign | ast.Return)
    return inside._replace(is_value=assigned or (inside.is_value and isinstance(node, ast.Tuple)))


def bound(function):
    for node in ast.walk(function):
        match node:
            case ast.arg(name) | ast.Name(name, ast.Store()):
                yield name
