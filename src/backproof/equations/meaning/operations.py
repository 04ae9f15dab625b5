"""Sums, products and quotients: which kind each is, and whether the shapes fit."""

from fractions import Fraction

from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.meaning.reading import Reading, reads
from backproof.equations.refusal import Misfit, Refusal
from backproof.equations.terms import BATCH, ONE, SCALAR, Size, Term


@reads(tree.Add, tree.Subtract)
def read_plus(reading: Reading, node: tree.Add | tree.Subtract) -> Term:
    left, right = reading.read(node.left), reading.read(node.right)
    left, right = spread(reading, left, right), spread(reading, right, left)
    left, right = constant(reading, left, right), constant(reading, right, left)
    reading.same_shape(left, right, node.span, "a sum")
    if isinstance(node, tree.Subtract):
        right = t.negative(right)
    return t.Plus(left.shape, left, right)


def spread(reading: Reading, term: Term, like: Term) -> Term:
    """Spread a bias over the examples, as the code does; nothing else is spread."""
    rows = reading.vocabulary.notation.rows
    bias = term.arg if rows and isinstance(term, t.Transposed) else term
    if not isinstance(bias, t.Variable) or bias.quantity.name != "b" or not reading.batch:
        return term
    if BATCH not in (reading.sizes.find(size) for size in like.shape):
        return term
    if rows:
        row = t.transposed(bias)
        return t.MatMul((BATCH, row.shape[1]), t.Ones((BATCH, ONE)), row)
    return t.MatMul((bias.shape[0], BATCH), bias, t.Ones((ONE, BATCH)))


def constant(reading: Reading, term: Term, like: Term) -> Term:
    """Spread a number in digits, as in 1 - y; nothing else that is a single number."""
    in_digits = isinstance(term, t.Constant) and isinstance(term.value, Fraction)
    if in_digits and not reading.is_number(like):
        return t.Times(like.shape, term, t.Ones(like.shape))
    return term


@reads(tree.Product, tree.Dot)
def read_product(reading: Reading, node: tree.Product | tree.Dot) -> Term:
    left, right = reading.read(node.left), reading.read(node.right)
    if reading.is_number(left):
        return t.Times(right.shape, left, right)
    if reading.is_number(right):
        return t.Times(left.shape, left, right)
    if isinstance(node, tree.Dot):
        raise Refusal(
            "BP205",
            f"a dot between {reading.shape_text(left)} and {reading.shape_text(right)}.",
            node.span,
            r"Write a matrix product without a sign, a pointwise product as \odot.",
        )
    if not reading.sizes.unify(left.shape[1], right.shape[0]):
        raise Misfit(
            "BP203",
            f"a product of {reading.shape_text(left)} and {reading.shape_text(right)}.",
            node.span,
        )
    return t.MatMul((left.shape[0], right.shape[1]), left, right)


@reads(tree.Hadamard)
def read_hadamard(reading: Reading, node: tree.Hadamard) -> Term:
    left, right = reading.read(node.left), reading.read(node.right)
    reading.same_shape(left, right, node.span, "a pointwise product")
    return t.Times(left.shape, left, right)


@reads(tree.Negative)
def read_negative(reading: Reading, node: tree.Negative) -> Term:
    return t.negative(reading.read(node.arg))


@reads(tree.Transpose)
def read_transpose(reading: Reading, node: tree.Transpose) -> Term:
    arg = reading.read(node.arg)
    if reading.is_number(arg):
        raise Refusal("BP203", "the transpose of a number.", node.span, "Take it away.")
    return t.transposed(arg)


@reads(tree.Quotient)
def read_quotient(reading: Reading, node: tree.Quotient) -> Term:
    numerator, denominator = reading.read(node.numerator), reading.read(node.denominator)
    if not reading.is_number(denominator):
        raise Refusal(
            "BP203",
            f"a division by {reading.shape_text(denominator)}.",
            node.denominator.span,
        )
    return t.Times(numerator.shape, t.Power(SCALAR, denominator, -1), numerator)


@reads(tree.Root)
def read_root(reading: Reading, node: tree.Root) -> Term:
    arg = reading.read(node.arg)
    if isinstance(node.arg, tree.Negative) and isinstance(node.arg.arg, tree.Number):
        raise Refusal("BP207", "the root of a negative number.", node.span)
    return t.Call(arg.shape, "sqrt", 0, arg)


@reads(tree.Norm)
def read_norm(reading: Reading, node: tree.Norm) -> Term:
    arg = reading.read(node.arg)
    return t.Call(SCALAR, "sqrt", 0, t.Total(SCALAR, t.Times(arg.shape, arg, arg)))


@reads(tree.Inner)
def read_inner_product(reading: Reading, node: tree.Inner) -> Term:
    left, right = reading.read(node.left), reading.read(node.right)
    reading.same_shape(left, right, node.span, "an inner product")
    return t.Total(SCALAR, t.Times(left.shape, left, right))


@reads(tree.Number)
def read_number(_reading: Reading, node: tree.Number) -> Term:
    return t.Constant(SCALAR, node.value)


@reads(tree.Ceiling)
def read_ceiling(reading: Reading, node: tree.Ceiling) -> Term:
    arg = reading.read(node.arg)
    return t.Ceil(arg.shape, arg)


@reads(tree.Matrix)
def read_matrix(reading: Reading, node: tree.Matrix) -> Term:
    rows = tuple(tuple(reading.read(entry) for entry in row) for row in node.rows)
    if len({len(row) for row in rows}) != 1:
        raise Refusal("BP203", "rows of different lengths.", node.span)
    for entry in (entry for row in rows for entry in row):
        if not reading.is_number(entry):
            raise Refusal("BP207", "an entry of a matrix that is no number.", node.span)
    return t.Literal((_count(len(rows)), _count(len(rows[0]))), rows)


@reads(tree.Tuple)
def read_tuple(reading: Reading, node: tree.Tuple) -> Term:
    rows = tuple((reading.read(item),) for item in node.items)
    # Written flat for a column; its transpose sign is the reader's reminder of that.
    return t.Literal((ONE, _count(len(rows))), (tuple(row[0] for row in rows),))


def _count(number: int) -> Size:
    return ONE if number == 1 else Size(str(number))
