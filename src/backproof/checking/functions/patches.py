"""A change of a source text: what comes in the place of which characters, and the lines it makes.

Lines are counted from 1 and columns in bytes from 0, as in a tree of Python.
"""

import ast
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backproof.checking.functions.places import parsed

KEPT = ast.Call | ast.Subscript | ast.Attribute
"""What is written as it was wherever it stands: it needs no brackets."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source, or a few that belong together, as they are and as they should be.

    `number` is the first one's, in its file; `mended` is empty if they should not be there.
    """

    number: int
    written: str
    mended: str


@dataclass(frozen=True, slots=True)
class Patch:
    """`text` in the place of what stands from `start` up to `end`, each a line and a column."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str

    def holds(self, other: "Patch") -> bool:
        """Return whether the other patch lies within this one."""
        wider = (self.start, self.end) != (other.start, other.end)
        return wider and self.start <= other.start and other.end <= self.end


def in_place_of(node: Any, text: str) -> Patch:
    """Return the patch that writes `text` for an expression or statement."""
    return Patch((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset), text)


def without(node: ast.stmt) -> Patch:
    """Return the patch that takes away the lines of a statement."""
    return Patch((node.lineno, 0), (node.end_lineno or node.lineno, sys.maxsize), "")


def before(node: ast.stmt, text: str) -> Patch:
    """Return the patch that writes a line in front of a statement."""
    here = (node.lineno, node.col_offset)
    return Patch(here, here, f"{text}\n{' ' * node.col_offset}")


def outdented(node: ast.stmt, column: int) -> Patch:
    """Return the patch that moves a statement of one line to another column."""
    return Patch((node.lineno, 0), (node.lineno, node.col_offset), " " * column)


def patched(lines: Sequence[str], patches: Iterable[Patch]) -> str:
    """Return the text of the lines with the patches in it."""
    text = [line.encode() for line in lines]
    in_order = sorted(patches, key=lambda one: one.start)
    for patch in in_order[::-1]:
        (first, start), (last, end) = patch.start, patch.end
        new = text[first - 1][:start] + patch.text.encode() + text[last - 1][end:]
        text[first - 1 : last] = [new]
    return b"\n".join(text).decode()


def changed_lines(lines: Sequence[str], first: int, patches: Iterable[Patch]) -> tuple[Line, ...]:
    """Return the lines that the patches change; `first` is the number of the first one."""
    return tuple(_line(lines, first, group) for group in _groups(list(patches)))


def _groups(patches: Sequence[Patch]) -> Iterator[list[Patch]]:
    """Yield the patches that share lines together; what lies within another one is left out."""
    outer = [one for one in patches if not any(other.holds(one) for other in patches)]
    group: list[Patch] = []
    for patch in sorted(outer, key=lambda one: one.start):
        if group and patch.start[0] > max(one.end[0] for one in group):
            yield group
            group = []
        group.append(patch)
    if group:
        yield group


def _line(lines: Sequence[str], first: int, group: Sequence[Patch]) -> Line:
    top, bottom = group[0].start[0], max(patch.end[0] for patch in group)
    own = lines[top - 1 : bottom]
    moved = [
        Patch((p.start[0] - top + 1, p.start[1]), (p.end[0] - top + 1, p.end[1]), p.text)
        for p in group
    ]
    mended = patched(own, moved)
    return Line(first + top - 1, "\n".join(own), mended if mended.strip() else "")


def in_place_of_expression(lines: Sequence[str], old: ast.expr, text: str) -> Patch:
    """Return the patch of the smallest part that differs, in brackets if it needs them."""
    old, new = _smallest(old, parsed(text))
    bare = in_place_of(old, _like(lines, old, new))
    if not isinstance(new, ast.BinOp | ast.UnaryOp | ast.Compare | ast.BoolOp):
        return bare
    safe = in_place_of(old, f"({bare.text})")
    alike = _tree(patched(lines, [bare])) == _tree(patched(lines, [safe]))
    return bare if alike else safe


def _smallest(old: ast.expr, new: ast.expr) -> tuple[ast.expr, ast.expr]:
    """Return the parts of two expressions in which alone they differ."""
    parts = list(zip(ast.iter_child_nodes(old), ast.iter_child_nodes(new), strict=False))
    apart = [(a, b) for a, b in parts if ast.dump(a) != ast.dump(b)]
    if len(apart) == 1 and _without_parts(old) == _without_parts(new):
        a, b = apart[0]
        if isinstance(a, ast.expr) and isinstance(b, ast.expr):
            return _smallest(a, b)
    return old, new


def _without_parts(node: ast.AST) -> tuple[Any, ...]:
    """Return what an expression is besides its parts: its kind, their number, a name."""
    fields = [value for _, value in ast.iter_fields(node) if not isinstance(value, ast.AST | list)]
    return type(node), len(list(ast.iter_child_nodes(node))), *fields


def _like(lines: Sequence[str], old: ast.expr, new: ast.expr) -> str:
    """Return the text of an expression, what it shares with the old one as it is written there."""
    text, kept = "\n".join(lines), dict[str, str]()
    known = {ast.dump(part): part for part in ast.walk(old) if isinstance(part, KEPT)}

    class Keeper(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            part = known.get(ast.dump(node))
            if part is None:
                return self.generic_visit(node)
            kept[f"__{len(kept)}__"] = ast.get_source_segment(text, part) or ast.unparse(part)
            return ast.Name(list(kept)[-1], ast.Load())

    start = lines[old.lineno - 1].encode()[old.col_offset :].decode()[:1]
    written = ast.unparse(Keeper().visit(parsed(ast.unparse(new))))
    if isinstance(new, ast.Constant) and start == '"':
        return written.replace("'", start)
    for name, own in kept.items():
        written = written.replace(name, own)
    return written


def _tree(text: str) -> str:
    text = textwrap.dedent(text)
    for candidate in (text, f"({text.strip()})", f"f({text.strip().rstrip(',')}"):
        try:
            return ast.dump(ast.parse(candidate))
        except SyntaxError:
            continue
    return text
