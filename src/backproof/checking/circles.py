"""What no definition may be: made of itself, open in an index, or said of one layer and of all."""

from collections.abc import Iterator
from fractions import Fraction

from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.reaching import reached
from backproof.equations.refusal import Refusal
from backproof.equations.rewriting import own_indices
from backproof.equations.terms import SCALAR, Layer, Quantity, Term
from backproof.equations.vocabulary import Vocabulary


def refuse_open(right: Term, names: tuple[str, ...], node: tree.Node) -> None:
    """Refuse a definition by an index that the left side has not: its value would be anyone's."""
    for name in sorted(_free(right)):
        if name not in names:
            raise Refusal(
                "BP202",
                f"{name} stands on the right side only.",
                node.span,
                f"Give the left side the index {name}, or sum over it.",
            )


def _free(term: Term) -> set[str]:
    """Return the names of the indices that no sum in a term binds."""
    bound = {term.index.name} if isinstance(term, t.SumOver) else set()
    inner = (_free(child) for child in term.children())
    return own_indices(term).union(*inner) - bound


def refuse_second(quantity: Quantity, vocabulary: Vocabulary, node: tree.Node) -> None:
    """Refuse a definition for every layer after one for a single layer: nothing compares them."""
    for known in vocabulary.definitions:
        layers = [each.layer for each in (known, quantity) if each.layer is not None]
        if known.name == quantity.name and any(each.base not in ("", "M") for each in layers):
            raise Refusal(
                "BP201",
                f"{quantity.name} is defined for another layer already.",
                node.span,
                "Define it for every layer first.",
            )


def refuse_circles(
    right: Term, quantity: Quantity, vocabulary: Vocabulary, node: tree.Node
) -> None:
    """Refuse what is defined by means of itself, be it through the network's activation."""
    is_function = isinstance(node, tree.Apply)
    for term in _computed_from(right, vocabulary):
        named = term.quantity.name if isinstance(term, t.Variable) else ""
        called = term.function if isinstance(term, t.Call) else ""
        if quantity.name in (named, called) or (is_function and _passes(term)):
            raise Refusal(
                "BP201",
                f"{quantity.name} would be defined by itself.",
                node.span,
                "Say first what it is, such as the derivative that it stands for.",
            )


def _computed_from(body: Term, vocabulary: Vocabulary) -> Iterator[Term]:
    """Yield what `body` speaks of, and every function if some of that passes through one."""
    terms = list(reached([body], vocabulary, vocabulary.loss, batch=True))
    if any(map(_passes, terms)):  # any of the functions may turn out to be the activation
        one = t.Constant(SCALAR, Fraction(1))
        terms += [t.Call(SCALAR, name, 0, one) for name in vocabulary.functions]
    yield from reached(terms, vocabulary, vocabulary.loss, batch=True)


def _passes(term: Term) -> bool:
    """Return whether a term is computed by the network, where activations are applied."""
    if not isinstance(term, t.Variable):
        return isinstance(term, t.Loss)
    is_input = term.quantity == Quantity("x", Layer("", 0))
    return term.quantity.name in ("x", "z") and term.quantity.layer is not None and not is_input
