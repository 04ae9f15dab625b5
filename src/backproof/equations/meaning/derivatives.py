"""Sums over an index, and derivatives."""

from dataclasses import replace

from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.indices import OneExample, layer_of, mentioned_layers
from backproof.equations.meaning.entries import ONE_OF_A_SUM, SPLIT
from backproof.equations.meaning.reading import Reading, is_digit, reads
from backproof.equations.reaching import reached
from backproof.equations.refusal import Misfit, Refusal
from backproof.equations.terms import BATCH, ONE, Index, Size, Term
from backproof.equations.vocabulary import NETWORK


@reads(tree.Sum)
def read_sum(reading: Reading, node: tree.Sum) -> Term:
    if not isinstance(node.index, tree.Name):
        raise Refusal("BP202", "a sum runs over the name of an index.", node.index.span)
    name = node.index.name
    if name in mentioned_layers(node.body, reading.vocabulary):
        return sum_layers(reading, node, name)
    if node.product:
        raise Refusal("BP207", "products are known over layers only.", node.span)
    with reading.binding(name):
        body = reading.read(node.body)
        index = reading.indices.get(name)
        if index is None:
            raise Refusal("BP202", f"nothing in this sum depends on {name}.", node.span)
        check_bounds(reading, node, index)
        if not reading.batch and index_size(reading, index) == ONE:
            raise Refusal("BP205", ONE_OF_A_SUM, node.span, SPLIT)
    return t.SumOver(body.shape, index, body)


def check_bounds(reading: Reading, node: tree.Sum, index: Index) -> None:
    if node.first is None and node.last is None:
        return
    if not is_digit(node.first, 1) or node.last is None:
        raise Refusal("BP202", "a sum over entries runs from 1.", node.span)
    if isinstance(node.last, tree.Name) and index_size(reading, index) == Size(node.last.name):
        return
    last = reading.read(node.last)
    if not isinstance(last, t.Constant) or not isinstance(last.value, Size):
        raise Refusal("BP202", "this is not the name of a size.", node.last.span)
    if not reading.sizes.unify(index.size, last.value):
        raise Misfit(
            "BP203",
            f"the sum runs to {last.value}, but {index.name} runs to "
            f"{reading.sizes.find(index.size)}.",
            node.last.span,
        )


def index_size(reading: Reading, index: Index) -> Size:
    """Return what an index is known to run to."""
    return reading.sizes.find(index.size)


def sum_layers(reading: Reading, node: tree.Sum, name: str) -> Term:
    if node.first is None or node.last is None:
        raise Refusal("BP202", "a sum over layers needs both bounds.", node.span)
    inner = replace(reading, layers=reading.layers | {name}, bound=(*reading.bound, name))
    body = inner.read(node.body)
    first, last = layer_of(node.first), layer_of(node.last)
    return t.SumLayers(body.shape, name, first, last, body, node.product)


@reads(tree.Derivative)
def read_derivative(reading: Reading, node: tree.Derivative) -> Term:
    of, by = reading.read(node.of), reading.read(node.by)
    flipped = isinstance(by, t.Transposed)
    variable = by.arg if isinstance(by, t.Transposed) else by
    variable = same_example(of, variable)
    if not isinstance(variable, t.Variable | t.Entry | t.Column) or not isinstance(
        t.innermost(variable), t.Variable
    ):
        raise Refusal("BP207", "a derivative is by a quantity with a name.", node.by.span)
    check_dependence(reading, of, variable, node)
    if reading.is_number(of):
        term: Term = t.Derived(variable.shape, of, variable, denominator=True)
        numerator = reading.vocabulary.layout == "numerator" and not reading.is_number(variable)
        return t.transposed(term) if numerator != flipped else term
    if flipped:
        raise Refusal(
            "BP204",
            "a Jacobian by a transpose, of which the layout is in doubt.",
            node.by.span,
            "Write ∂z/∂x in the declared layout, or its transpose.",
        )
    return jacobian(reading, node, of, variable)


def check_dependence(reading: Reading, of: Term, by: Term, node: tree.Derivative) -> None:
    """Refuse a second derivative, and that of an unknown loss by what it may not depend on."""
    vocabulary, variable = reading.vocabulary, t.innermost(by)
    terms = list(reached([of], vocabulary, vocabulary.loss, batch=True))
    if any(isinstance(term, t.Derived | t.Ceil) for term in terms):
        what = "a derivative, or of a number that is rounded up,"
        raise Refusal("BP207", f"the derivative of {what} is not known.", node.span)
    unknown = vocabulary.loss is None and any(isinstance(term, t.Loss) for term in terms)
    own = isinstance(variable, t.Variable) and variable.quantity.layer is None
    if unknown and (own or variable.quantity.name not in NETWORK):  # type: ignore[attr-defined]
        raise Refusal(
            "BP207",
            f"nothing says how the loss depends on {variable.quantity}.",  # type: ignore[attr-defined]
            node.by.span,
            "Say what the loss is, or `loss depends on: S` for a letter S.",
        )


def same_example(of: Term, by: Term) -> Term:
    """Return the column of `by` on which the loss of one example depends."""
    if isinstance(of, t.Loss) and of.example is not None and by.shape[1] == BATCH:
        return t.Column((by.shape[0], ONE), by, of.example)
    return by


def jacobian(reading: Reading, node: tree.Derivative, of: Term, by: Term) -> Term:
    if reading.batch:
        raise OneExample
    rows = reading.vocabulary.notation.rows
    if rows or of.shape[1] != ONE or by.shape[1] != ONE:
        raise Refusal(
            "BP207",
            f"the derivative of {reading.shape_text(of)} by {reading.shape_text(by)}; known are "
            "those of a number by anything and of a column by a column.",
            node.span,
        )
    if not reading.vocabulary.layout:
        raise Refusal(
            "BP204",
            "a Jacobian, and its layout is not declared.",
            node.span,
            "Say `layout: denominator` or `layout: numerator`.",
        )
    denominator = reading.vocabulary.layout == "denominator"
    shape = (by.shape[0], of.shape[0]) if denominator else (of.shape[0], by.shape[0])
    return t.Derived(shape, of, by, denominator)
