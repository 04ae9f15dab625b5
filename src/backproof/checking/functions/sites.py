"""A change of the source as it is tried: what is put where, and how the lines read then."""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backproof.checking.functions.patches import Patch, in_place_of, in_place_of_expression
from backproof.checking.functions.places import parsed, text_of


@dataclass(frozen=True, slots=True)
class Site:
    """One place that changes: how to put something there, what is there, and what comes there.

    `patch` is the change of the text, where it is another one than writing `new` for `old`;
    `moved` marks a statement that stands elsewhere in the source already.
    """

    put: Callable[[Any], None]
    old: Any
    new: Any
    patch: Patch | None = None
    moved: bool = False

    def span(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return where the text changes: the line and column of the start and of the end."""
        patch = self.patch or in_place_of(self.old, "")
        return patch.start, patch.end

    def written(self, lines: Sequence[str]) -> Patch:
        """Return the change of the text."""
        if self.patch is not None:
            return self.patch
        if isinstance(self.new, str):
            return in_place_of_expression(lines, self.old, self.new)
        own = ast.get_source_segment("\n".join(lines), self.new) if self.moved else None
        return in_place_of(self.old, own or text_of(self.new))


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed, the cause that it would mend, and how unlikely it is."""

    sites: tuple[Site, ...]
    cause: str
    cost: float
    does: str

    def apart(self, other: "Change") -> bool:
        """Return whether two changes do not lie one within the other."""
        pairs = [(a.span(), b.span()) for a in self.sites for b in other.sites]
        return all(a[1] <= b[0] or b[1] <= a[0] for a, b in pairs)

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

    def names(self) -> set[str]:
        """Return the names in what comes there."""
        trees = (_tree_of(site) for site in self.sites)
        nodes = (node for tree in trees if isinstance(tree, ast.AST) for node in ast.walk(tree))
        return {node.id for node in nodes if isinstance(node, ast.Name)}


def _tree_of(site: Site) -> Any:
    """Return what comes there; text is parsed, and what was made here gets a place in the text."""
    if isinstance(site.new, str) and isinstance(site.old, ast.AST):
        return parsed(site.new)
    if isinstance(site.new, ast.stmt) and not site.moved:
        return ast.fix_missing_locations(ast.copy_location(site.new, site.old))
    return site.new
