r"""The range of an index, however it is written: k = 1, \dots, M; k \in \{…\}; 1 \le k \le M."""

from collections.abc import Sequence
from fractions import Fraction

from backproof.equations import tree
from backproof.equations.parts import Membership
from backproof.equations.refusal import Refusal
from backproof.equations.tree import Chain, Node, Range, Span


def first_to_last(chains: Sequence[Chain]) -> tuple[Range, int, Chain | None] | None:
    """Return the range that begins `chains`, how many of them it takes, and what is left over.

    Left over is a chain that goes on with the last value: l = 1, …, L = M + 1.  Return None if no
    range begins here; raise Refusal BP205 if its second value is not next to its first.
    """
    first, *others = chains
    if not _assigns(first):
        return None
    index, start = first.first, first.steps[0].side
    side_by_side = _side_by_side(start)
    if side_by_side is not None:
        return Range(index, *side_by_side, span=first.span), 1, None
    lone = [not chain.steps for chain in others]
    dots = [isinstance(chain.first, tree.Dots) for chain in others]
    if lone[:1] == [True] and dots[:1] == [False] and lone[1:2] == dots[1:2] == [True]:
        _check_next(start, others[0].first)
        others = others[1:]
        used = 4
    elif lone[:1] == dots[:1] == [True]:
        used = 3
    else:
        return None
    if len(others) < 2:
        raise Refusal("BP101", "A range has no end.", first.span, r"Write k = 1, \dots, M.")
    last = others[1]
    span = Span(first.span.start, last.first.span.end)
    rest = last if last.steps else None
    return Range(index, start, last.first, span=span), used, rest


def _assigns(chain: Chain) -> bool:
    return (
        isinstance(chain.first, tree.Name)
        and len(chain.steps) == 1
        and chain.steps[0].relation == "="
    )


def _side_by_side(node: Node) -> tuple[Node, Node] | None:
    r"""Return 1 and M of 1 \dots M, written without commas."""
    match node:
        case tree.Product(tree.Product(first, tree.Dots()), last):
            return first, last
    return None


def _check_next(first: Node, second: Node) -> None:
    one = tree.Number(Fraction(1), span=second.span)
    steps = [kind(first, one, span=second.span) for kind in (tree.Add, tree.Subtract)]
    if isinstance(first, tree.Number) and isinstance(second, tree.Number):
        near = abs(first.value - second.value) == 1
    else:
        near = second in steps
    if not near:
        why = "The second value of a range is not one more or one less than the first."
        raise Refusal("BP205", why, second.span)


def from_members(membership: Membership) -> Range:
    r"""Return the range of k \in \{1, \dots, M\}; raise Refusal BP101 for any other set."""
    index, items = membership.index, list(membership.items)
    if len(items) == 1:
        ends = _side_by_side(items[0])
        items = [ends[0], tree.Dots(span=membership.span), ends[1]] if ends else items
    if len(items) == 4:
        _check_next(items[0], items.pop(1))
    if len(items) != 3 or not isinstance(items[1], tree.Dots) or not isinstance(index, tree.Name):
        mend = r"Write k \in \{1, \dots, M\}."
        raise Refusal("BP101", "This set is no range of an index.", membership.span, mend)
    return Range(index, items[0], items[2], span=membership.span)


def within_bounds(chain: Chain) -> Range | None:
    r"""Return the range of 1 \le k \le M, or None if a chain says something else."""
    relations = [step.relation for step in chain.steps]
    if relations not in (["≤", "≤"], ["≥", "≥"]):
        return None
    index = chain.steps[0].side
    if not isinstance(index, tree.Name):
        return None
    return Range(index, chain.first, chain.steps[1].side, span=chain.span)
