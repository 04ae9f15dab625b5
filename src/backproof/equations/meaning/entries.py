"""Entries and columns: what a subscript picks out of an array."""

from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.indices import OneExample
from backproof.equations.meaning.reading import Reading
from backproof.equations.refusal import Refusal
from backproof.equations.terms import BATCH, ONE, SCALAR, Index, Term

ONE_OF_A_SUM = "a sum over the examples, in an equation that speaks of one example."
SPLIT = "Write the sum in an equation of the whole batch."


def entries(reading: Reading, term: Term, subs: tuple[tree.Node, ...], span: tree.Span) -> Term:
    if not subs:
        return term
    rows, columns = (reading.sizes.find(size) for size in term.shape)
    if len(subs) == 2:
        return entry(reading, term, subs, span)
    (sub,) = subs if len(subs) == 1 else (None,)
    if sub is None:
        raise Refusal("BP202", f"{len(subs)} subscripts; an entry has two.", span)
    if (rows, columns) in ((BATCH, ONE), (ONE, BATCH)):
        return single(reading, term, sub, row=columns == ONE)
    if BATCH in (rows, columns):
        raise OneExample
    if (rows, columns) == SCALAR:
        return of_example(reading, term, sub, span)
    if columns == ONE:
        return single(reading, term, sub, row=True)
    if rows == ONE:
        return single(reading, term, sub, row=False)
    raise Refusal("BP202", "an entry of a matrix needs two subscripts.", span)


def of_example(reading: Reading, term: Term, sub: tree.Node, span: tree.Span) -> Term:
    """Return the number that a column with an entry for each example has for the one there is."""
    inner = t.innermost(term)
    symbol = reading.vocabulary.symbols.get(
        inner.quantity.name if isinstance(inner, t.Variable) else ""
    )
    if reading.batch or symbol is None or symbol.shape is None or BATCH not in symbol.shape:
        raise Refusal("BP202", "a number has no entries.", span)
    if not isinstance(sub, tree.Name):
        raise Refusal("BP202", "an example has the name of an index.", sub.span)
    if sub.name in reading.bound:
        raise Refusal("BP205", ONE_OF_A_SUM, span, SPLIT)
    reading.one_example(sub.name, sub.span)
    return term


def column_of(reading: Reading, term: Term, sub: tree.Name) -> Term:
    index = reading.index(sub, term.shape[1])
    if isinstance(term, t.Transposed):
        return t.transposed(t.Column((term.arg.shape[0], ONE), term.arg, index))
    return t.Column((term.shape[0], ONE), term, index)


def entry(reading: Reading, term: Term, subs: tuple[tree.Node, ...], span: tree.Span) -> Term:
    first, second = subs
    if isinstance(second, tree.AllOf) and not isinstance(first, tree.AllOf):
        raise Refusal("BP207", "rows are not taken out of matrices, only columns.", span)
    if isinstance(first, tree.AllOf):
        if not isinstance(second, tree.Name):
            raise Refusal("BP202", "a column has the name of an index.", second.span)
        if not reading.batch and reading.sizes.find(term.shape[1]) == ONE:
            reading.one_example(second.name, second.span)
            return term
        return column_of(reading, term, second)
    label = class_label(reading, first)
    if label is not None:
        check_label(label, second)
        mind_label(reading, label)
        return entry_by_label(reading, term, label, second)
    row = reading.index(first, term.shape[0])
    if not reading.batch and reading.sizes.find(term.shape[1]) == ONE:
        if not isinstance(second, tree.Name):
            raise Refusal("BP202", "an example has the name of an index.", second.span)
        reading.one_example(second.name, second.span)
        return part(term, row, None)
    return part(term, row, reading.index(second, term.shape[1]))


def part(term: Term, row: Index | None, column: Index | None) -> Term:
    """Return one entry; that of a transpose is one of what is transposed."""
    if isinstance(term, t.Transposed):
        return part(term.arg, column, row)
    return t.Entry(SCALAR, term, row, column)


def single(reading: Reading, term: Term, sub: tree.Node, *, row: bool) -> Term:
    if class_label(reading, sub) is not None:
        mind_label(reading, sub)
        return entry_by_label(reading, term, None, None)
    index = reading.index(sub, term.shape[0] if row else term.shape[1])
    return part(term, index if row else None, None if row else index)


def class_label(reading: Reading, node: tree.Node) -> tree.Node | None:
    """Return the node of a class label, y or y_i, standing as an index."""
    name = node.base if isinstance(node, tree.Script) else node
    if isinstance(name, tree.Name) and name.name not in reading.indices:
        symbol = reading.vocabulary.symbols.get(name.name)
        if symbol is not None and symbol.kind == "target":
            return node
    return None


def mind_label(reading: Reading, label: tree.Node) -> None:
    """Note the example that a label y_i belongs to, in an equation of one example."""
    if not isinstance(label, tree.Script) or reading.batch:
        return
    if len(label.sub) != 1 or not isinstance(label.sub[0], tree.Name):
        raise Refusal("BP202", "a label has one index, its example.", label.span)
    reading.one_example(label.sub[0].name, label.span)


def check_label(label: tree.Node, example: tree.Node) -> None:
    """Refuse the label of one example in the column of another."""
    own = label.sub[0] if isinstance(label, tree.Script) and label.sub else None
    if own != example:
        raise Refusal(
            "BP202",
            "the label of one example in the column of another.",
            label.span,
            "Write (z)_{y_i i}.",
        )


def entry_by_label(
    reading: Reading, term: Term, _label: tree.Node | None, example: tree.Node | None
) -> Term:
    """Return the entry that the label picks: a product with the one-hot column, summed."""
    index = Index(reading.sizes.fresh(), term.shape[0])
    hot = t.Variable((term.shape[0], BATCH if reading.batch else ONE), t.ONE_HOT)
    column = None if example is None or not reading.batch else reading.index(example, BATCH)
    entry, pick = (t.Entry(SCALAR, each, index, column) for each in (term, hot))
    return t.SumOver(SCALAR, index, t.Times(SCALAR, pick, entry))
