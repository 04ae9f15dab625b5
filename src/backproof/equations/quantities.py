"""Letters, numbers, brackets and scripts: the rules of the grammar for a single quantity."""

import re
from fractions import Fraction
from typing import Any

from lark import Token
from lark.visitors import v_args

from backproof.equations import tree
from backproof.equations.names import accented, name_of
from backproof.equations.parts import Dash, Group, Mark, Run, Scripted, Sub, Sup, condition
from backproof.equations.refusal import Refusal
from backproof.equations.rules import Rules, nodes
from backproof.equations.signs import relation_of, words_of
from backproof.equations.tree import Node

MAX_DIGITS = 40
"""Digits of one number."""

MAX_ACCENTS = 3
"""Accents over one letter."""

UPRIGHT_T = re.compile(r"\\math(rm|sf|it|tt) *(\{ *T *\}|T)")


@v_args(meta=True)
class Quantities(Rules):
    """Builds the nodes of what is neither a sum nor a product."""

    # Letters, words and numbers.

    def name(self, meta: Any, children: list[Any]) -> Node:
        if UPRIGHT_T.fullmatch(children[0]):
            return Mark(letter=True, span=self._span(meta))
        return tree.Name(name_of(children[0]), span=self._span(meta))

    function = name

    def word(self, meta: Any, children: list[Any]) -> Node:
        if re.match(r"\\(mathbf|boldsymbol|bm)\b", children[0]):
            why = "Are these bold letters a word or a product?"
            mend = r"Write \operatorname{…} for a word, a font for each letter of a product."
            raise Refusal("BP205", why, self._span(meta), mend)
        return tree.Name(name_of(children[0]), span=self._span(meta))

    def text(self, meta: Any, children: list[Any]) -> Node:
        words = words_of(children[0])
        if not re.search(r"\w", words):
            raise Refusal("BP101", "These words name no quantity.", self._span(meta))
        return tree.Text(words, span=self._span(meta))

    def number(self, meta: Any, children: list[Any]) -> Node:
        if len(children[0]) > MAX_DIGITS:
            raise Refusal("BP104", f"Over {MAX_DIGITS} digits.", self._span(meta))
        return tree.Number(Fraction(str(children[0])), span=self._span(meta))

    digit = number

    def ellipsis(self, meta: Any, _children: list[Any]) -> Node:
        return tree.Dots(span=self._span(meta))

    def mark(self, meta: Any, _children: list[Any]) -> Node:
        return Mark(letter=False, span=self._span(meta))

    def accent(self, meta: Any, children: list[Any]) -> Node:
        letter = self._plain(children[1])
        assert isinstance(letter, tree.Name)  # noqa: S101  the grammar has only names there
        if letter.name.count(" ") > MAX_ACCENTS:
            raise Refusal("BP104", f"Over {MAX_ACCENTS} accents over a letter.", self._span(meta))
        return tree.Name(accented(children[0], letter.name), span=self._span(meta))

    def font(self, meta: Any, children: list[Any]) -> Node:
        inside = children[1]
        if isinstance(inside, tree.Name | Mark):
            return inside
        return Group((self._plain(inside),), "{", span=self._span(meta))

    # Brackets.

    def group(self, meta: Any, children: list[Any]) -> Node:
        opener, items, _ = children
        bracket = str(opener) if opener in ("(", "[") else r"\{"
        return Group(tuple(items), bracket, span=self._span(meta))

    def braces(self, meta: Any, children: list[Any]) -> Node:
        return Group((self._plain(children[0]),), "{", span=self._span(meta))

    def listed(self, meta: Any, children: list[Any]) -> list[Node]:
        return [self._plain(child) for child in self._bounded(meta, nodes(children))]

    def comparison(self, meta: Any, children: list[Any]) -> Node:
        left, token, right = children
        relation = relation_of(token)
        if relation in (":=", "←"):
            raise Refusal("BP101", f"{token} is no condition.", self._place(token))
        return tree.Compare(relation, self._plain(left), self._plain(right), span=self._span(meta))

    def norm(self, meta: Any, children: list[Any]) -> Node:
        return tree.Norm(self._plain(nodes(children)[0]), span=self._span(meta))

    def absolute(self, meta: Any, children: list[Any]) -> Node:
        return tree.Absolute(self._plain(nodes(children)[0]), span=self._span(meta))

    def ceiling(self, meta: Any, children: list[Any]) -> Node:
        return tree.Ceiling(self._plain(nodes(children)[0]), span=self._span(meta))

    def inner(self, meta: Any, children: list[Any]) -> Node:
        left, right = nodes(children)
        return tree.Inner(self._plain(left), self._plain(right), span=self._span(meta))

    # Scripts.

    def scripted(self, meta: Any, children: list[Any]) -> Node:
        return Scripted(children[0], tuple(children[1:]), span=self._span(meta))

    def subscript(self, meta: Any, children: list[Any]) -> Node:
        parts = [part for child in nodes(children) for part in _each(child)]
        entries = [entry for part in parts for entry in self._entries(part)]
        if len(entries) > 1 and any(isinstance(entry, tree.Compare) for entry in entries):
            raise Refusal("BP101", "A condition stands in a subscript.", self._span(meta))
        return Sub(tuple(entries), span=self._span(meta))

    def entry(self, meta: Any, children: list[Any]) -> list[Node]:
        tokens = [child for child in children if isinstance(child, Token)]
        if len(children) > 2 or (tokens and tokens[0] == r"\times"):
            raise Refusal("BP101", "A subscript was expected here.", self._span(meta))
        return [
            tree.AllOf(span=self._place(child)) if isinstance(child, Token) else child
            for child in children
        ]

    def _entries(self, part: Node) -> list[Node]:
        """Return the subscripts that a part amounts to: letters side by side are several."""
        compare = condition(part)
        if compare is not None:
            return [compare]
        factors = part.factors if isinstance(part, Run) else (part,)
        groups = [factor for factor in factors if _bracketed(factor)]
        if len(factors) == 1 and not groups:
            return [self._single_entry(part)]
        if not groups:
            return self._side_by_side(list(factors))
        folded = self._products.fold(part)
        if folded.factors > 1 or isinstance(part, Group):
            raise Refusal("BP101", "A bracket stands in a subscript.", groups[0].span)
        return [folded.node]

    def _side_by_side(self, factors: list[Node]) -> list[Node]:
        entries = [self._plain(factor) for factor in factors]
        if any(isinstance(entry, tree.Number) for entry in entries[:-1]):
            why = "Is this number a factor, or an index by itself?"
            raise Refusal("BP205", why, entries[0].span, "Write a comma between two indices.")
        return entries

    def _single_entry(self, part: Node) -> Node:
        entry = self._plain(part)
        terms = [entry]
        while terms:
            term = terms.pop()
            if isinstance(term, tree.Product):
                why = "Is this a product, or are these two indices?"
                raise Refusal("BP205", why, term.span, "Write a comma between two indices.")
            if isinstance(term, tree.Add | tree.Subtract | tree.Negative):
                terms += term.children()
        return entry

    def superscript(self, meta: Any, children: list[Any]) -> Node:
        return Sup(nodes(children)[0], span=self._span(meta))

    def prime(self, meta: Any, _children: list[Any]) -> Node:
        return Dash(span=self._span(meta))


def _each(child: Any) -> list[Node]:
    return child if isinstance(child, list) else [child]


def _bracketed(factor: Node) -> bool:
    base = factor.base if isinstance(factor, Scripted) else factor
    return isinstance(base, Group) and base.bracket != "{"
