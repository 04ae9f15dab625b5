"""Numbers that an author gives for z_k or x_k, held to what the network computes."""

from collections.abc import Iterator
from typing import Any

import sympy

from backproof.checking.setting import ORDER, setting
from backproof.checking.worlds import worlds
from backproof.equations import terms as t
from backproof.equations.refusal import Refusal
from backproof.equations.terms import Layer, Quantity, Term
from backproof.equations.tree import Span
from backproof.equations.vocabulary import Vocabulary, network_shape


def refuse_contradiction(vocabulary: Vocabulary, span: Span) -> None:
    """Refuse numbers for z_k or x_k other than those that follow from what else is given.

    What does not follow, because a weight or the activation is not known, is taken as it is.
    """
    for quantity, said in vocabulary.numbers.items():
        for computed, given in _entries(quantity, said, vocabulary):
            if computed.is_Rational and given.is_Rational and computed != given:
                raise Refusal(
                    "BP206",
                    f"{quantity} has an entry {given}, but from the other numbers {computed} "
                    "follows.",
                    span,
                    "Mind W, b and x; `example: another` begins another example.",
                )


def _entries(quantity: Quantity, said: Term, vocabulary: Vocabulary) -> Iterator[tuple[Any, Any]]:
    """Yield what each entry is by the forward pass, and what it is said to be."""
    layer = quantity.layer
    if quantity.name not in ORDER or layer is None or quantity == Quantity("x", Layer("", 0)):
        return
    without = vocabulary.copy()
    del without.numbers[quantity]
    left = t.Variable(network_shape(quantity.name, layer, batch=False), quantity)
    try:
        where = setting((left, said), without, batch=False, numbers=True, span=Span(0, 0))
        (world,) = (world for _, world in worlds((left, said), where))
        computed, given = world.values(left, {}), world.values(said, {})
    except (NotImplementedError, ValueError):
        return  # something on the way has no size yet
    if computed.shape == given.shape:
        yield from zip(
            map(sympy.sympify, computed.flat), map(sympy.sympify, given.flat), strict=True
        )
