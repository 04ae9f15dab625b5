"""What hangs on a letter: indices, powers, layers, primes and transposes, wherever each is put."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeVar

from backproof.equations import tree
from backproof.equations.names import INDICATORS
from backproof.equations.parts import Dash, Group, Mark, Run, Scripted, Sub, Sup
from backproof.equations.refusal import Refusal
from backproof.equations.tree import Node, Span

OneScript = TypeVar("OneScript", Sub, Sup)


class Superscript(NamedTuple):
    """What a superscript says: a power or a layer in its bracket, and T or primes behind it."""

    bracket: str = ""
    content: Node | None = None
    marks: Sequence[type[tree.Transpose] | type[tree.Prime]] = ()


def between(first: Node, last: Node) -> Span:
    """Return the span from one node to another."""
    spans = (first.span, last.span)
    return Span(min(span.start for span in spans), max(span.end for span in spans))


class Scripts(ABC):
    """Settles scripts; knows which names are declared, since a declared T is no transpose."""

    def __init__(self, declared: Collection[str]) -> None:
        """Take every T in a superscript for a transpose unless it is `declared`."""
        self.declared = declared

    @abstractmethod
    def plain(self, node: Node) -> Node:
        """Return the node of the tree that a part amounts to."""

    def hang(self, base: Node, scripts: Sequence[Sub | Sup | Dash]) -> Node:
        """Return `base` with its scripts; a layer belongs to the letter, a power to it all."""
        sub = _one([script for script in scripts if isinstance(script, Sub)], "subscript")
        if sub is not None and isinstance(sub.entries[0], tree.Compare):
            return self._indicator(base, sub.entries[0], [s for s in scripts if s is not sub])
        sup = _one([script for script in scripts if isinstance(script, Sup)], "superscript")
        dashes = [script for script in scripts if isinstance(script, Dash)]
        above = self._superscript(sup) if sup is not None else Superscript()
        whole = between(base, scripts[-1])
        power = above if dashes and not above.bracket else Superscript()
        layer = above if power.content is None else Superscript()
        node = _script(base, sub.entries if sub is not None else (), layer, whole)
        for _ in dashes:
            node = tree.Prime(node, span=whole)
        node = _script(node, (), power, whole)
        for mark in above.marks:
            node = mark(node, span=whole)
        return node

    def _indicator(
        self, base: Node, compare: tree.Compare, scripts: Sequence[Sub | Sup | Dash]
    ) -> Node:
        """Return 1_{z > 0}; there is no other letter with a condition below."""
        named = isinstance(base, tree.Name) and base.name in INDICATORS
        if not named and base != tree.Number(Fraction(1), span=base.span):
            raise Refusal("BP101", "A condition stands in a subscript.", compare.span)
        indicator = tree.Indicator(compare, span=between(base, compare))
        return self.hang(indicator, scripts) if scripts else indicator

    def _superscript(self, sup: Sup) -> Superscript:
        r"""Take a superscript apart: ^2, ^{\mathsf T}, ^{[l]}, ^{[l]\mathsf T} or ^{[l]\prime}."""
        factors = list(sup.content.factors) if isinstance(sup.content, Run) else [sup.content]
        first, *rest = factors
        if not rest and self._transposes(first):
            return Superscript(marks=[tree.Transpose])
        layer = _layer(first)
        if layer is not None and not rest:
            return Superscript(layer.bracket, layer.items[0])
        if layer is not None and len(rest) == 1 and self._transposes(rest[0]):
            return Superscript(layer.bracket, layer.items[0], [tree.Transpose])
        if self._transposes(factors[-1]):
            why = "Is T a transpose or a factor of the superscript?"
            raise Refusal("BP205", why, factors[-1].span, r"Write (a^{k})^{\mathsf T}.")
        if not rest and isinstance(first, Scripted) and (layer := _layer(first.base)) is not None:
            return self._scripted_layer(layer, first)
        return Superscript(content=self.plain(sup.content))

    def _scripted_layer(self, layer: Group, whole: Scripted) -> Superscript:
        """Read ^{[l]′}, and (a + b)^2 as a power; refuse ^{[l]^T}, where T is on the layer."""
        if all(isinstance(script, Dash) for script in whole.scripts):
            primes = [tree.Prime for _ in whole.scripts]
            return Superscript(layer.bracket, layer.items[0], primes)
        above = [script.content for script in whole.scripts if isinstance(script, Sup)]
        if layer.bracket == "[" or any(self._transposes(content) for content in above):
            why = "This hangs on the layer, not on the letter."
            raise Refusal("BP205", why, whole.span, r"Write ^{[l]\mathsf T}.")
        return Superscript(content=self.plain(whole))

    def _transposes(self, node: Node) -> bool:
        if isinstance(node, Mark):
            return True
        return isinstance(node, tree.Name) and node.name == "T" and "T" not in self.declared


def _script(base: Node, entries: tuple[Node, ...], above: Superscript, span: Span) -> Node:
    if not entries and above.content is None:
        return base
    return tree.Script(base, entries, above.content, above.bracket, span=span)


def _layer(node: Node) -> Group | None:
    """Return a superscript that is one bracket, as layers are written."""
    if isinstance(node, Group) and len(node.items) == 1 and node.bracket in ("(", "["):
        return node
    return None


def _one(scripts: list[OneScript], what: str) -> OneScript | None:
    if len(scripts) > 1:
        raise Refusal("BP101", f"A second {what} at the same letter.", scripts[1].span)
    return scripts[0] if scripts else None
