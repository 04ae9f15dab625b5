"""Sums, products, fractions and derivatives: the rules of the grammar that join quantities."""

from typing import Any

from lark import Token
from lark.visitors import v_args

from backproof.equations import tree
from backproof.equations.names import name_of
from backproof.equations.parts import Operator, Run, Slash, Sub, Sup, condition
from backproof.equations.refusal import Refusal
from backproof.equations.rules import Rules, nodes
from backproof.equations.scripts import between
from backproof.equations.tree import Node, Span

NUMERIC = (tree.Number, tree.Quotient, tree.Root)
"""What may stand in front of a pointwise product: numbers, and fractions and roots of them."""


@v_args(meta=True)
class Operations(Rules):
    """Builds the nodes that have an operator."""

    def sum(self, meta: Any, children: list[Any]) -> Node:
        parts = list(self._bounded(meta, children))
        first = parts.pop(0)
        if isinstance(first, Token):
            total: Node = self._negative(first, self._plain(parts.pop(0)))
        else:
            total = self._plain(first)
        for sign, part in zip(parts[::2], parts[1::2], strict=True):
            term = self._plain(part)
            kind = tree.Add if sign.type == "PLUS" else tree.Subtract
            total = kind(total, term, span=between(total, term))
        return total

    def _negative(self, sign: Token, term: Node) -> Node:
        start, end = self._place(sign), term.span
        span = Span(min(start.start, end.start), max(start.end, end.end))
        return tree.Negative(term, span=span)

    def product(self, meta: Any, children: list[Any]) -> Node:
        return Run(tuple(self._bounded(meta, children)), span=self._span(meta))

    def slash(self, meta: Any, children: list[Any]) -> Node:
        return Slash(children[0], children[2], span=self._span(meta))

    def term(self, meta: Any, children: list[Any]) -> Node:
        parts = self._bounded(meta, children)
        operands, signs = list(parts[::2]), list(parts[1::2])
        odd = [sign for sign in signs if sign.type != signs[0].type]
        if odd:
            raise self._mixed(odd[0])
        return (self._pointwise if signs[0].type == "HADAMARD" else self._dotted)(operands, signs)

    def _dotted(self, operands: list[Node], signs: list[Token]) -> Node:
        result, _, is_open = self._products.fold(operands[0])
        for operand, sign in zip(operands[1:], signs, strict=True):
            self._check_closed(sign, is_open=is_open)
            node, _, is_open = self._products.fold(operand)
            result = tree.Dot(result, node, span=between(result, node))
        return result

    def _pointwise(self, operands: list[Node], signs: list[Token]) -> Node:
        factor, first = self._coefficient(operands[0])
        result, is_open = self._pointwise_factor(first, signs[0])
        for operand, sign in zip(operands[1:], signs, strict=True):
            self._check_closed(sign, is_open=is_open)
            node, is_open = self._pointwise_factor(operand, sign)
            result = tree.Hadamard(result, node, span=between(result, node))
        if factor is None:
            return result
        return tree.Product(factor, result, span=between(factor, result))

    def _coefficient(self, operand: Node) -> tuple[Node | None, Node]:
        """Split a number off the front of `operand`: 2 a ⊙ b can be read in one way only."""
        if not isinstance(operand, Run) or condition(operand.factors[1]) is not None:
            return None, operand
        first, *rest = operand.factors
        if not all(isinstance(node, NUMERIC) for node in first.walk()):
            return None, operand
        return first, rest[0] if len(rest) == 1 else Run(tuple(rest), span=operand.span)

    def _pointwise_factor(self, operand: Node, sign: Token) -> tuple[Node, bool]:
        node, count, is_open = self._products.fold(operand)
        if count > 1 or isinstance(operand, Slash):
            raise self._mixed(sign)
        if self._products.is_function(node):
            why = "Are functions composed here, or values multiplied?"
            raise Refusal("BP205", why, node.span, "Write the argument of the function.")
        return node, is_open

    def _mixed(self, sign: Token) -> Refusal:
        why = "A pointwise product stands beside another product without parentheses."
        mend = r"Parenthesise one of the two, as in a \odot (B c)."
        return Refusal("BP103", why, self._place(sign), mend)

    def _check_closed(self, sign: Token, *, is_open: bool) -> None:
        if is_open:
            why = "Does this belong to the argument of the function before it?"
            raise Refusal("BP205", why, self._place(sign), "Put the argument in parentheses.")

    # Large sums.

    def ending(self, meta: Any, children: list[Any]) -> Node:
        parts = self._bounded(meta, children)
        at = next(place for place, part in enumerate(parts) if isinstance(part, Token))
        start, body = self._place(parts[at]), self._plain(parts[-1])
        span = Span(min(start.start, body.span.start), max(start.end, body.span.end))
        total = self._large(parts[at], list(parts[at + 1 : -1]), body, span)
        return Run((*parts[:at], total), span=self._span(meta)) if at else total

    def _large(self, sign: Token, scripts: list[Node], body: Node, span: Span) -> Node:
        subs = [script for script in scripts if isinstance(script, Sub)]
        sups = [script for script in scripts if isinstance(script, Sup)]
        if len(subs) != 1 or len(sups) > 1 or len(subs) + len(sups) < len(scripts):
            why = "A sum has its index below and one bound above."
            raise Refusal("BP101", why, self._place(sign), r"Write \sum_{i=1}^{N}.")
        last = self._plain(sups[0].content) if sups else None
        indices, first = subs[0].entries, None
        below = indices[0]
        if isinstance(below, tree.Compare) and below.relation == "=":
            indices, first = (below.left,), below.right
        if (first is None) != (last is None) and last is not None:
            why = "A bound above needs one below."
            raise Refusal("BP101", why, self._place(sign), r"Write \sum_{i=1}^{N}.")
        for index in reversed(indices):
            if not isinstance(index, tree.Name | tree.Text):
                raise Refusal("BP101", "A letter was expected, the index of a sum.", index.span)
            product = sign == r"\prod"
            body = tree.Sum(index, first, last, body, product, span=span)
        return body

    # Fractions and derivatives.

    def numerator(self, meta: Any, children: list[Any]) -> Node:
        (child,) = nodes(children) or children
        if not isinstance(child, Token):
            return child  # type: ignore[no-any-return]
        if child.type == "DIGIT":
            return self.number(meta, children)  # type: ignore[attr-defined,no-any-return]
        return tree.Name(name_of(child), span=self._span(meta))

    denominator = numerator

    def fraction(self, meta: Any, children: list[Any]) -> Node:
        _, above, below = children
        differential = self._after_d(above), self._after_d(below)
        if all(differential):
            return self._derivative(*differential, self._span(meta))
        return tree.Quotient(self._plain(above), self._plain(below), span=self._span(meta))

    def _after_d(self, node: Node) -> Node | None:
        """Return x where `node` is d x, with d no letter of the author's own."""
        if not isinstance(node, Run) or "d" in self._declared:
            return None
        first, *rest = node.factors
        if not isinstance(first, tree.Name) or first.name != "d":
            return None
        return rest[0] if len(rest) == 1 else Run(tuple(rest), span=node.span)

    def derivative(self, meta: Any, children: list[Any]) -> Node:
        of, by = nodes(children)
        return self._derivative(of, by, self._span(meta))

    def slash_derivative(self, meta: Any, children: list[Any]) -> Node:
        of, by = nodes(children)
        return self._derivative(of, by, self._span(meta))

    def _derivative(self, of: Any, by: Any, span: Span) -> Node:
        return tree.Derivative(self._one(of), self._one(by), span=span)

    def _one(self, node: Node) -> Node:
        """Return what stands behind ∂, which is one quantity."""
        folded = self._products.fold(node)
        if folded.factors > 1:
            mend = "Put in parentheses what is differentiated."
            raise Refusal("BP205", "How far does ∂ reach?", folded.node.span, mend)
        return folded.node

    def operator(self, meta: Any, children: list[Any]) -> Node:
        (by,) = nodes(children)
        return Operator(self._one(by), nabla=False, span=self._span(meta))

    def nabla(self, meta: Any, children: list[Any]) -> Node:
        (sub,) = nodes(children)
        if len(sub.entries) > 1:
            why = "A gradient is by one quantity."
            raise Refusal("BP101", why, sub.span)
        return Operator(sub.entries[0], nabla=True, span=self._span(meta))

    def root(self, meta: Any, children: list[Any]) -> Node:
        return tree.Root(self._plain(nodes(children)[0]), span=self._span(meta))
