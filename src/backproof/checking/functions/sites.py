"""A change of the source as it is tried: what is put where, and how the line reads then."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backproof.checking.functions.places import parsed, text_of
from backproof.checking.functions.source import Source


@dataclass(frozen=True, slots=True)
class Site:
    """One place that changes: how to put something there, what is there, and what comes there."""

    put: Callable[[Any], None]
    old: Any
    new: Any
    statement: ast.AST


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed, the cause that it would mend, and how unlikely it is."""

    sites: tuple[Site, ...]
    cause: str
    cost: float
    does: str

    def apart(self, other: "Change") -> bool:
        """Return whether two changes do not lie one within the other."""
        pairs = [(a.old, b.old) for a in self.sites for b in other.sites]
        return not any(_within(a, b) or _within(b, a) for a, b in pairs)

    @contextmanager
    def made(self) -> Iterator[None]:
        """Change the tree, for as long as the block lasts."""
        try:
            for site in self.sites:
                site.put(_tree_of(site))
            yield
        finally:
            for site in reversed(self.sites):
                site.put(site.old)

    def told(self, source: Source) -> tuple[int, str, str]:
        """Return the number of the line to show, the line, and how it should read."""
        first = self.sites[0]
        if len(self.sites) == 1 and isinstance(first.old, ast.expr):
            line = getattr(first.old, "lineno", 1)
            return source.first + line - 1, source.line(line), _spliced(source, first)
        line = getattr(first.statement, "lineno", 1)
        with self.made():
            mended = _statement(first)
        return source.first + line - 1, source.line(line), mended


def _within(inner: Any, outer: Any) -> bool:
    return isinstance(outer, ast.AST) and any(part is inner for part in ast.walk(outer))


def _statement(site: Site) -> str:
    tree = site.new if isinstance(site.old, ast.stmt) else site.statement
    return text_of(tree)


def _tree_of(site: Site) -> Any:
    """Return what comes there; text is parsed, and what was made here gets a place in the text."""
    if isinstance(site.new, str) and isinstance(site.old, ast.AST):
        return parsed(site.new)
    if isinstance(site.new, ast.stmt) and not _stands_elsewhere(site):
        return ast.fix_missing_locations(ast.copy_location(site.new, site.old))
    return site.new


def _stands_elsewhere(site: Site) -> bool:
    return bool(getattr(site.new, "lineno", site.old.lineno) != site.old.lineno)


def _spliced(source: Source, site: Site) -> str:
    """Return the line with the new expression in it, the rest as it was written."""
    old = site.old
    if old.lineno != old.end_lineno or old.end_col_offset is None:
        return text_of(parsed(site.new))
    line = source.line(old.lineno).encode()
    before, after = line[: old.col_offset].decode(), line[old.end_col_offset :].decode()
    new = parsed(site.new)
    text = text_of(new)
    bare = f"{before}{text}{after}"
    if not isinstance(new, ast.BinOp | ast.UnaryOp | ast.Compare) or _reads_alike(site, bare):
        return bare
    return f"{before}({text}){after}"


def _reads_alike(site: Site, line: str) -> bool:
    """Return whether a line without brackets around the change means the changed statement."""
    site.put(parsed(site.new))
    try:
        wanted = text_of(site.statement)
    finally:
        site.put(site.old)
    try:
        return ast.dump(_first_line(line)) == ast.dump(_first_line(wanted))
    except SyntaxError:
        return False


def _first_line(text: str) -> ast.AST:
    """Return the tree of a statement; of `if x:` or `for t in x:`, with nothing in it."""
    line = text.strip().splitlines()[0]
    return ast.parse(f"{line} pass" if line.endswith(":") else line)
