"""The mend: the smallest change that makes a false equation true, found by trying.

Only the right side of a step is changed, one place at a time, in the ways in which people slip: a
transpose, an order, ⊙ against a product, an index, a mask, a sign, a factor, a sum over the batch.
What is offered has passed the same checks as any other equation.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

from backproof.checking.claims import claims
from backproof.checking.equation import judge, proved_in_index_form
from backproof.checking.report import CHECKED
from backproof.equations import tree
from backproof.equations.refusal import Refusal
from backproof.equations.typeset import typeset
from backproof.equations.vocabulary import Vocabulary

MOST = 400
"""How many changes are tried before giving up."""

OPPOSITES = {">": "≥", "≥": ">", "<": "≤", "≤": "<"}


class Edit(NamedTuple):
    """A changed node, and the change in words."""

    node: tree.Node
    words: str


def mend(display: tree.Display, vocabulary: Vocabulary) -> str:
    """Return in words the change that makes the equation true, or nothing if none was found."""
    for changed, words in islice(_displays(display), MOST):
        if _holds(changed, vocabulary.copy()):
            return f"True if {words}."
    return ""


def _holds(display: tree.Display, vocabulary: Vocabulary) -> bool:
    try:
        found = list(claims(display, vocabulary))
        # The index form is quick, and what it does not prove is not offered.
        if not all(claim.definition or proved_in_index_form(claim) for claim in found):
            return False
        results = [judge(claim)[0] for claim in found]
    except Refusal:
        return False
    return any(result.outcome in CHECKED for result in results) and all(
        result.outcome in CHECKED or result.claim.startswith("a definition") for result in results
    )


def _displays(display: tree.Display) -> Iterator[tuple[tree.Display, str]]:
    for number, chain in enumerate(display.chains):
        left: tree.Node = chain.first
        for place, step in enumerate(chain.steps):
            for edit in _edits_of_side(left, step.side):
                if edit.node == left:
                    continue  # a = a is true, and says nothing
                steps = list(chain.steps)
                steps[place] = replace(step, side=edit.node)
                chains = list(display.chains)
                chains[number] = replace(chain, steps=tuple(steps))
                yield replace(display, chains=tuple(chains)), edit.words
            left = step.side


def _edits_of_side(left: tree.Node, side: tree.Node) -> Iterator[Edit]:
    yield from _edits(side)
    yield from _whole(left, side)


def _edits(node: tree.Node) -> Iterator[Edit]:
    """Yield the node with one change in it, here or below."""
    yield from _here(node)
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, tree.Node):
            for edit in _edits(value):
                yield Edit(_with(node, each.name, edit.node), edit.words)
        elif isinstance(value, tuple) and not isinstance(value, tree.Span):
            yield from _within(node, each.name, value)


def _with(node: tree.Node, name: str, value: object) -> tree.Node:
    changes: dict[str, Any] = {name: value}
    return replace(node, **changes)


def _within(node: tree.Node, name: str, parts: tuple[object, ...]) -> Iterator[Edit]:
    for place, part in enumerate(parts):
        if isinstance(part, tree.Node):
            for edit in _edits(part):
                changed = (*parts[:place], edit.node, *parts[place + 1 :])
                yield Edit(_with(node, name, changed), edit.words)


def _here(node: tree.Node) -> Iterator[Edit]:
    shown = _shown(node)
    if isinstance(node, tree.Transpose):
        yield Edit(node.arg, f"{_shown(node.arg)} is not transposed")
    elif isinstance(node, tree.Name | tree.Script | tree.Derivative | tree.Product):
        yield Edit(tree.Transpose(node, span=node.span), f"{shown} is transposed")
    if isinstance(node, tree.Product):
        swapped = tree.Product(node.right, node.left, span=node.span)
        yield Edit(swapped, f"the order is {_shown(swapped)}")
        both = tree.Product(_flipped(node.left), _flipped(node.right), span=node.span)
        yield Edit(both, f"it is {_shown(both)}")
        pointwise = tree.Hadamard(node.left, node.right, span=node.span)
        yield Edit(pointwise, f"the product is pointwise, {_shown(pointwise)}")
    if isinstance(node, tree.Hadamard):
        product = tree.Product(node.left, node.right, span=node.span)
        yield Edit(product, f"the product is a matrix product, {_shown(product)}")
        swapped = tree.Product(node.right, node.left, span=node.span)
        yield Edit(swapped, f"it is the matrix product {_shown(swapped)}")
    if isinstance(node, tree.Hadamard | tree.Product | tree.Dot):
        yield Edit(node.left, f"{_shown(node.right)} is left out")
        yield Edit(node.right, f"{_shown(node.left)} is left out")
    yield from _signs(node)
    yield from _indices(node)
    yield from _functions(node)


def _flipped(node: tree.Node) -> tree.Node:
    return node.arg if isinstance(node, tree.Transpose) else tree.Transpose(node, span=node.span)


def _signs(node: tree.Node) -> Iterator[Edit]:
    if isinstance(node, tree.Negative):
        yield Edit(node.arg, f"the sign of {_shown(node.arg)} is plus")
    if isinstance(node, tree.Add):
        changed: tree.Node = tree.Subtract(node.left, node.right, span=node.span)
        yield Edit(changed, f"{_shown(node.right)} is subtracted")
    if isinstance(node, tree.Subtract):
        changed = tree.Add(node.left, node.right, span=node.span)
        yield Edit(changed, f"{_shown(node.right)} is added")
        changed = tree.Subtract(node.right, node.left, span=node.span)
        yield Edit(changed, f"it is {_shown(changed)}")
    if isinstance(node, tree.Compare) and node.relation in OPPOSITES:
        changed = replace(node, relation=OPPOSITES[node.relation])
        yield Edit(changed, f"the condition is {_shown(changed)}")


def _indices(node: tree.Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Script):
        return
    for by in (-1, 1):
        if node.sub and isinstance(node.sub[0], tree.Name | tree.Add | tree.Subtract):
            changed = replace(node, sub=(_moved(node.sub[0], by), *node.sub[1:]))
            yield Edit(changed, f"{_shown(node)} is {_shown(changed)}")
        if node.sup is not None and not isinstance(node.sup, tree.Number):
            changed = replace(node, sup=_moved(node.sup, by))
            yield Edit(changed, f"{_shown(node)} is {_shown(changed)}")
    if len(node.sub) == 2:
        changed = replace(node, sub=node.sub[::-1])
        yield Edit(changed, f"{_shown(node)} is {_shown(changed)}")


def _moved(node: tree.Node, by: int) -> tree.Node:
    number = by
    if isinstance(node, tree.Add | tree.Subtract) and isinstance(node.right, tree.Number):
        number += int(node.right.value) * (1 if isinstance(node, tree.Add) else -1)
        node = node.left
    if not number:
        return node
    size = tree.Number(Fraction(abs(number)), span=node.span)
    kind = tree.Add if number > 0 else tree.Subtract
    return kind(node, size, span=node.span)


def _functions(node: tree.Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Apply):
        return
    if isinstance(node.function, tree.Prime):
        changed = replace(node, function=node.function.arg)
    else:
        changed = replace(node, function=tree.Prime(node.function, span=node.span))
    yield Edit(changed, f"{_shown(node)} is {_shown(changed)}")


def _whole(left: tree.Node, side: tree.Node) -> Iterator[Edit]:
    """Yield changes of the side as a whole: a sign, a factor, a mask, a sum over the batch."""
    span = side.span
    yield Edit(tree.Negative(side, span=span), "its sign is minus")
    for factor in (2, Fraction(1, 2)):
        number = tree.Number(Fraction(factor), span=span)
        yield Edit(tree.Product(number, side, span=span), f"it is multiplied by {factor}")
    batch = tree.Name("N", span=span)
    mean = tree.Quotient(tree.Number(Fraction(1), span=span), batch, span=span)
    yield Edit(tree.Product(batch, side, span=span), "it is multiplied by N")
    yield Edit(tree.Product(mean, side, span=span), "it is divided by N")
    ones = tree.Name("1", span=span)
    summed = tree.Product(side, ones, span=span)
    yield Edit(summed, "it is summed over the examples, as by the column 1 on its right")
    if isinstance(left, tree.Derivative):
        zero = tree.Number(Fraction(0), span=span)
        mask = tree.Indicator(tree.Compare(">", left.by, zero, span=span), span=span)
        masked = tree.Hadamard(mask, side, span=span)
        yield Edit(masked, f"it is masked by {_shown(mask)}")
        for letter in ("f", "g", "sigma"):
            prime = tree.Prime(tree.Name(letter, span=span), span=span)
            slope = tree.Apply(prime, (left.by,), span=span)
            yield Edit(
                tree.Hadamard(slope, side, span=span),
                f"it is multiplied pointwise by {_shown(slope)}",
            )


def _shown(node: tree.Node) -> str:
    return f"`{typeset(node)}`"
