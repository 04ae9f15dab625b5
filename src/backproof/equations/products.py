"""What factors side by side mean: products, applications of functions, derivatives.

This is where a reader would have to guess, and where this one refuses to.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from backproof.equations import tree
from backproof.equations.lettering import letter
from backproof.equations.names import FUNCTIONS, INDICATORS, is_function
from backproof.equations.parts import (
    Dash,
    Group,
    Mark,
    Operator,
    Run,
    Scripted,
    Slash,
    condition,
)
from backproof.equations.refusal import Refusal
from backproof.equations.scripts import Scripts, between
from backproof.equations.tree import Node


class Folded(NamedTuple):
    r"""A product with the number of its factors; it may end in one as open as \log x.

    Of a single factor it is the number of parts that it is made of: \log x has two.
    """

    node: Node
    factors: int
    open: bool = False


class Products(Scripts):
    """Settles the parts of a formula; knows which names are functions and which are declared."""

    def __init__(self, functions: Collection[str], declared: Collection[str]) -> None:
        """Read a bracket after one of `functions` as its argument; `declared` are quantities."""
        super().__init__(declared)
        self.functions = functions

    def plain(self, node: Node) -> Node:
        """Return the node of the tree that a part amounts to."""
        settle = SETTLED.get(type(node))
        return settle(self, node) if settle else node

    def is_function(self, node: Node) -> bool:
        """Whether `node` is the name of a function, scripts and primes apart."""
        while isinstance(node, tree.Script | tree.Transpose | tree.Prime):
            node = node.base if isinstance(node, tree.Script) else node.arg
        return isinstance(node, tree.Name) and self._applies(node.name)

    def _applies(self, name: str) -> bool:
        return is_function(name, self.functions, self.declared)

    def fold(self, node: Node) -> Folded:
        """Return a product with the number of its factors."""
        return self._factors(node.factors if isinstance(node, Run) else (node,))

    def _factors(self, factors: Sequence[Node]) -> Folded:
        """Return the product of `factors`, applications and derivatives within it settled."""
        units: list[Node] = []
        at, is_open = 0, False
        while at < len(factors) and not is_open:
            unit, parts, is_open = self._unit(factors, at)
            units.append(unit)
            at += parts
        product = units[0]
        for unit in units[1:]:
            product = tree.Product(product, unit, span=between(product, unit))
        return Folded(product, len(units), is_open)

    def _unit(self, factors: Sequence[Node], at: int) -> Folded:
        """Return the factor that begins at `at`."""
        factor, rest = factors[at], factors[at + 1 :]
        if isinstance(factor, Operator):
            return self._differentiated(factor, rest)
        factor = _word(factor, rest)
        name = _head(factor)
        if name is not None and rest and self._holds_argument(name, factor, rest[0]):
            return Folded(self._applied(factor, rest[0]), 2)
        if name is not None and name.name in FUNCTIONS and self._applies(name.name) and rest:
            return Folded(self._without_brackets(name, factor, rest), 1 + len(rest), open=True)
        unit = self.plain(factor)
        if len(factors) > 1:
            self._check_factor(factor, unit, factors[at - 1] if at else None)
        return Folded(unit, 1)

    # Functions.

    def _holds_argument(self, name: tree.Name, factor: Node, after: Node) -> bool:
        """Whether the bracket `after` a name is an argument; refuse where nobody can tell."""
        group = _base(after)
        if not isinstance(group, Group) or group.bracket == "{":
            return False
        if condition(group) is not None:
            return name.name in INDICATORS
        if self._applies(name.name):
            return True
        if not isinstance(factor, tree.Number) and self._may_be_applied(name, factor, group):
            why = f"Is {letter(name.name)} a function of what the bracket holds, or a factor?"
            mend = (
                f"Declare {letter(name.name)} as a function, or write the product with parentheses."
            )
            raise Refusal("BP205", why, between(factor, after), mend)
        return False

    def _may_be_applied(self, name: tree.Name, factor: Node, group: Group) -> bool:
        scripts = factor.scripts if isinstance(factor, Scripted) else ()
        primed = any(isinstance(script, Dash) for script in scripts)
        unknown = group.bracket == "[" and name.name not in self.declared
        return primed or unknown or len(group.items) > 1

    def _applied(self, factor: Node, after: Node) -> Node:
        scripts = after.scripts if isinstance(after, Scripted) else ()
        group = _base(after)
        assert isinstance(group, Group)  # noqa: S101  _holds_argument has seen it
        applied = self._application(factor, group)
        return self.hang(applied, scripts) if scripts else applied

    def _application(self, factor: Node, group: Group) -> Node:
        compare = condition(group)
        if compare is None:
            function = self._function(factor)
            return tree.Apply(function, group.items, span=between(factor, group))
        if isinstance(factor, Scripted):
            raise Refusal("BP101", "An indicator has no scripts.", factor.span)
        return tree.Indicator(compare, span=between(factor, group))

    def _function(self, factor: Node) -> Node:
        """Return what stands before an argument: a name with indices, powers and primes."""
        function = self.plain(factor)
        if any(isinstance(node, tree.Transpose) for node in function.walk()):
            raise Refusal("BP205", "A function has no transpose.", factor.span)
        return function

    def _without_brackets(self, name: tree.Name, factor: Node, rest: Sequence[Node]) -> Node:
        r"""Return \log applied to the one factor that follows."""
        argument = self._only(rest, f"the argument of {letter(name.name)}")
        return tree.Apply(self._function(factor), (argument,), span=between(factor, argument))

    # Derivatives.

    def _differentiated(self, operator: Operator, rest: Sequence[Node]) -> Folded:
        if not rest:
            raise Refusal("BP101", "Nothing follows that is differentiated.", operator.span)
        if operator.nabla:
            of, parts, is_open = self._unit(rest, 0)
            self._check_gradient(of, rest[parts:])
        else:
            of, parts, is_open = self._only(rest, "what is differentiated"), len(rest), True
        derivative = tree.Derivative(of, operator.by, span=between(operator, of))
        return Folded(derivative, parts + 1, is_open)

    def _check_gradient(self, of: Node, after: Sequence[Node]) -> None:
        if after and isinstance(of, tree.Name) and isinstance(_base(after[0]), Group):
            why = f"Is {letter(of.name)} a function of what the bracket holds, or a factor?"
            raise Refusal("BP205", why, of.span, "Put in parentheses what is differentiated.")

    def _only(self, factors: Sequence[Node], what: str) -> Node:
        folded = self._factors(factors)
        if folded.factors > 1:
            mend = f"Put {what} in parentheses."
            raise Refusal("BP205", f"Where does {what} end?", folded.node.span, mend)
        return folded.node

    def _check_factor(self, factor: Node, unit: Node, before: Node | None) -> None:
        """Refuse beside another factor what is none: a number behind it, words, a function."""
        if isinstance(_base(factor), tree.Number) and not isinstance(before, tree.Dots | None):
            mend = "Write it in front, or in braces if it is an index or a power."
            raise Refusal("BP205", "A number stands behind a factor.", factor.span, mend)
        if any(isinstance(node, tree.Text) and " " in node.words for node in (unit, _base(unit))):
            why = "Words stand beside a quantity, as if they were a factor."
            raise Refusal("BP101", why, factor.span, r"Set them apart with \quad.")
        if self.is_function(unit):
            why = "This is a function, but no bracket with its argument follows."
            mend = "Write f(…), or declare it as a quantity."
            raise Refusal("BP205", why, factor.span, mend)

    # What a part amounts to by itself.

    def group(self, group: Group) -> Node:
        """Return what a bracket amounts to where it is no argument."""
        compare = condition(group)
        if compare is not None:
            if group.bracket == "[":
                return tree.Indicator(compare, span=group.span)
            mend = r"Write the indicator \mathbb{I}[…] before it."
            raise Refusal("BP101", "A condition is no quantity.", group.span, mend)
        if len(group.items) == 1 and group.bracket != r"\{":
            return group.items[0]
        if group.bracket == "(":
            return tree.Tuple(group.items, span=group.span)
        raise Refusal("BP101", "A list or a set is no quantity.", group.span, "Write (a, b).")

    def slash(self, slash: Slash) -> Node:
        """Return a quotient; refuse it where the denominator has no clear end."""
        above, below = self.fold(slash.numerator), self.fold(slash.denominator)
        if above.open or below.open or below.factors > 1:
            why = "How far does the slash reach?"
            raise Refusal("BP205", why, slash.span, r"Write \frac{…}{…}.")
        return tree.Quotient(above.node, below.node, span=slash.span)

    def mark(self, mark: Mark) -> Node:
        """Return the letter T, if it is one."""
        if mark.letter:
            return tree.Name("T", span=mark.span)
        raise Refusal("BP101", "A transpose stands outside a superscript.", mark.span)

    def operator(self, operator: Operator) -> Node:
        """Refuse a derivative of nothing."""
        raise Refusal("BP101", "Nothing follows that is differentiated.", operator.span)

    def scripted(self, node: Scripted) -> Node:
        """Return a base with its scripts."""
        return self.hang(self.plain(node.base), node.scripts)


STARTS = (type(None), tree.Dots)
"""What a number may stand behind: nothing, and dots as in 1 … M."""

SETTLED: dict[type[Node], Callable[..., Node]] = {
    Group: Products.group,
    Run: lambda products, run: products.fold(run).node,
    Slash: Products.slash,
    Mark: Products.mark,
    Operator: Products.operator,
    Scripted: Products.scripted,
}


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Scripted | tree.Script) else node


def _head(factor: Node) -> tree.Name | None:
    """Return the name before a bracket; a plain 1 may be an indicator."""
    if isinstance(factor, tree.Number) and factor.value == 1:
        return tree.Name("1", span=factor.span)
    base = _base(factor)
    return base if isinstance(base, tree.Name) else None


def _word(factor: Node, rest: Sequence[Node]) -> Node:
    r"""Return \text{ReLU} as a name where a bracket follows."""
    base = _base(factor)
    if not isinstance(base, tree.Text) or not rest or not isinstance(_base(rest[0]), Group):
        return factor
    if not re.fullmatch(r"[A-Za-z]{2,}", base.words):
        return factor
    name = tree.Name(base.words, span=base.span)
    return replace(factor, base=name) if isinstance(factor, Scripted) else name
