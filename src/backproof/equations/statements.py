"""Chains of relations, ranges of an index, tables: the rules of the grammar for whole formulas."""

import re
from typing import Any

from lark.visitors import v_args

from backproof.equations import tree
from backproof.equations.parts import Apart, Membership, Side
from backproof.equations.ranges import first_to_last, from_members, within_bounds
from backproof.equations.refusal import Refusal
from backproof.equations.rules import Rules, nodes
from backproof.equations.signs import reason_of, relation_of, words_of
from backproof.equations.tree import Chain, Node, Range

CONDITION = re.compile(r"(for|if|when|whenever|provided)\b|\\forall")


@v_args(meta=True)
class Statements(Rules):
    """Builds the display from its formulas."""

    # Tables.

    def row(self, meta: Any, children: list[Any]) -> tuple[Node, ...]:
        return tuple(self._plain(child) for child in self._bounded(meta, nodes(children)))

    def matrix(self, meta: Any, children: list[Any]) -> Node:
        rows = tuple(self._bounded(meta, nodes(children)))
        if len({len(row) for row in rows}) > 1:
            raise Refusal("BP101", "The rows of a matrix have different lengths.", self._span(meta))
        return tree.Matrix(rows, span=self._span(meta))

    def case(self, _meta: Any, children: list[Any]) -> tuple[Node, tree.Compare | None]:
        value, *conditions = nodes(children)
        return self._plain(value), conditions[0] if conditions else None

    def cases(self, meta: Any, children: list[Any]) -> Node:
        values, conditions = zip(*self._bounded(meta, nodes(children)), strict=True)
        return tree.Cases(values, conditions, span=self._span(meta))

    # Chains.

    def side(self, meta: Any, children: list[Any]) -> Side:
        node, *reasons = children
        reason = reason_of(reasons[0]) if reasons else ""
        return Side(self._plain(node), reason, span=self._span(meta))

    def step(self, meta: Any, children: list[Any]) -> tree.Step:
        token, side = children
        span = self._span(meta)
        return tree.Step(relation_of(token), side.node, side.reason, span=span)

    def chain(self, meta: Any, children: list[Any]) -> tuple[Chain, str]:
        first, *steps = self._bounded(meta, children)
        return Chain(first.node, tuple(steps), span=self._span(meta)), first.reason

    def membership(self, meta: Any, children: list[Any]) -> tuple[Membership, str]:
        index, items = nodes(children)
        return Membership(self._plain(index), tuple(items), span=self._span(meta)), ""

    def expression(self, _meta: Any, children: list[Any]) -> Node:
        return self._plain(children[0])

    # Displays.

    def apart(self, meta: Any, children: list[Any]) -> Apart:
        words = [
            words_of(token) if token.type == "CONNECTIVE" else str(token)
            for token in children
            if token.type in ("CONNECTIVE", "FORALL")
        ]
        commas = all(token.type in ("COMMA", "APART") for token in children)
        return Apart(tuple(words), commas, span=self._span(meta))

    def display(self, meta: Any, children: list[Any]) -> tree.Display:
        reader = _Formulas(list(self._bounded(meta, children)))
        reader.read()
        if not reader.chains and not reader.ranges:
            raise Refusal("BP101", "There is no formula here.", self._span(meta))
        return tree.Display(
            tuple(reader.chains),
            tuple(reader.ranges),
            tuple(reader.remarks),
            span=self._span(meta),
        )


class _Formulas:
    """Sorts what stands in a display into chains, ranges and remarks."""

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts
        self.chains: list[Chain] = []
        self.ranges: list[Range] = []
        self.remarks: list[str] = []

    def read(self) -> None:
        """Read all parts from left to right."""
        conditional = False
        while self.parts:
            part = self.parts.pop(0)
            if isinstance(part, Apart):
                self.remarks += [word for word in part.words if not word.startswith("\\")]
                if part.words:
                    conditional = bool(CONDITION.match(part.words[-1]))
                continue
            formula, reason = part
            if reason:
                self.remarks.append(reason)
            self._formula(formula, conditional=conditional)
        self._check_alone()

    def _formula(self, formula: Chain | Membership, *, conditional: bool) -> None:
        if isinstance(formula, Membership):
            self.ranges.append(from_members(formula))
        elif self._take_range(formula, conditional=conditional):
            return
        elif isinstance(formula.first, tree.Text) and not formula.steps:
            self.remarks.append(formula.first.words)
        elif not conditional:
            self.chains.append(formula)
        elif formula.steps or not isinstance(formula.first, tree.Name):
            why = "An equation under a condition is not in the language."
            mend = r"Write a range as in k = 1, \dots, M, or use cases."
            raise Refusal("BP101", why, formula.span, mend)

    def _take_range(self, formula: Chain, *, conditional: bool) -> bool:
        """Read k = 1, …, M or 1 ≤ k ≤ M, if that is what begins here."""
        following = [formula, *self._after_commas()]
        found = first_to_last(following)
        if found is None:
            bounds = within_bounds(formula) if conditional or self.chains else None
            if bounds is not None:
                self.ranges.append(bounds)
            return bounds is not None
        index_range, used, rest = found
        self.ranges.append(index_range)
        del self.parts[: 2 * (used - 1)]
        if rest is not None:
            self.chains.append(rest)
        return True

    def _after_commas(self) -> list[Chain]:
        """Return the formulas that follow, as far as only commas set them apart."""
        chains = []
        for apart, part in zip(self.parts[::2], self.parts[1::2], strict=False):
            if apart.words or not apart.commas or not isinstance(part[0], Chain):
                break
            chains.append(part[0])
        return chains[:3]

    def _check_alone(self) -> None:
        """Refuse a quantity that stands by itself beside equations."""
        for chain in self.chains:
            if not chain.steps and len(self.chains) + len(self.ranges) > 1:
                why = "A quantity stands alone here, where an equation was expected."
                raise Refusal("BP101", why, chain.span)
            if isinstance(chain.first, tree.Dots):
                raise Refusal("BP101", "Nothing says what was left out here.", chain.span)
