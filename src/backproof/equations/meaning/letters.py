"""Letters: what a name, with its subscripts and its superscript, stands for."""

from dataclasses import replace

from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.indices import OneExample, layer_of
from backproof.equations.meaning.entries import column_of, entries
from backproof.equations.meaning.reading import Reading, is_digit, reads
from backproof.equations.reaching import reached
from backproof.equations.refusal import Refusal
from backproof.equations.terms import BATCH, ONE, SCALAR, Index, Layer, Quantity, Size, Term
from backproof.equations.typeset import typeset
from backproof.equations.vocabulary import NETWORK, Symbol, network_shape

MOST_POWER = 100
"""The largest whole power that is written out."""


@reads(tree.Name)
def read_name(reading: Reading, node: tree.Name) -> Term:
    if node.name == "pi" and node.name not in reading.vocabulary.symbols:
        return t.Constant(SCALAR, "pi")
    if node.name == "1":
        return t.Ones((reading.sizes.unknown(), ONE))
    if node.name in reading.layers and node.name not in reading.bound:
        raise Refusal(
            "BP202", f"{node.name} counts layers; as a number it is not known.", node.span
        )
    if node.name in reading.layers:
        return t.Constant(SCALAR, Size("layer", Layer(node.name, 0)))
    return quantity(reading, reading.symbol(node), node.name, None, node.span)


@reads(tree.Text)
def read_text(reading: Reading, node: tree.Text) -> Term:
    """Read words that name a quantity; an equation has to have said which."""
    if in_words(node) not in reading.vocabulary.symbols:
        raise Refusal("BP201", f"nothing says what “{node.words}” is.", node.span)
    return t.Variable(SCALAR, Quantity(in_words(node)))


def in_words(node: tree.Text) -> str:
    """Return the name under which a quantity that is named in words is kept."""
    return " ".join(node.words.split()).join("“”")


@reads(tree.Script)
def read_script(reading: Reading, node: tree.Script) -> Term:
    base = node.base
    if _is_exponential(reading, node):
        assert node.sup is not None  # noqa: S101  _is_exponential has looked
        arg = reading.read(node.sup)
        return t.Call(arg.shape, "exp", 0, arg)
    if isinstance(base, tree.Name) and base.name == "1" and _is_label(node.sub):
        examples = BATCH if reading.batch else ONE
        return t.Variable((t.width(reading.vocabulary.counted(Layer("M", 1))), examples), t.ONE_HOT)
    if isinstance(base, tree.Norm) and node.sub == (tree.Name("F", span=node.span),):
        return read_script(reading, replace(node, sub=()))  # the norm of Frobenius
    if isinstance(base, tree.Norm) and is_digit(node.sup, 2) and not node.sub:
        arg = reading.read(base.arg)
        return t.Total(SCALAR, t.Times(arg.shape, arg, arg))
    if isinstance(base, tree.Name):
        return scripted_name(reading, node, base)
    return powered(reading, node, entries(reading, reading.read(base), node.sub, node.span))


def scripted_name(reading: Reading, node: tree.Script, base: tree.Name) -> Term:
    symbol = reading.symbol(base)
    if symbol.kind == "loss":
        return powered(reading, node, loss(reading, node))
    subs, sup, layer = list(node.sub), node.sup, None
    if symbol.layered and subs and isinstance(sup, tree.Number) and not node.bracket:
        entry = typeset(replace(node, sup=None))
        raise Refusal(
            "BP205",
            f"is {sup.value} a power of this entry, or a layer?",
            node.span,
            f"Write `({entry})^{{{sup.value}}}` for a power, `{entry}^{{({sup.value})}}` for a "
            "layer.",
        )
    if symbol.layered and sup is not None and is_layer(reading, sup, node.bracket):
        layer, sup = layer_of(sup), None
    elif symbol.layered and subs and is_layer(reading, subs[0], ""):
        layer = layer_of(subs.pop(0))
    is_data = symbol.kind == "target" or (symbol.kind == "x" and not symbol.bare)
    if is_data and layer is None and reading.is_example(subs):
        return powered(reading, replace(node, sup=sup), of_example(reading, symbol, subs[0]))
    if symbol.kind in NETWORK and layer is not None and node.sub and subs and node.sup is None:
        raise Refusal(
            "BP205",
            "a layer and an entry in one subscript.",
            node.span,
            r"Write (W_k)_{ij}.",
        )
    if subs and (symbol.kind in ("width", "batch", "depth") or symbol.shape == SCALAR):
        raise Refusal("BP202", f"{base.name} is one number and has no entries.", node.span)
    term = quantity(reading, symbol, base.name, layer, node.span)
    left = replace(node, sup=sup) if sup is not node.sup else node
    return powered(reading, left, entries(reading, term, tuple(subs), node.span))


def of_example(reading: Reading, symbol: Symbol, index: tree.Node) -> Term:
    """Return x_i or y_i: the data, or the targets, of one example."""
    if symbol.kind == "x":
        term = of_network(reading, "x", Layer("", 0))
    else:
        term = without_layer(reading, symbol, "y", index.span)
    if not isinstance(index, tree.Name):
        raise Refusal("BP202", "an example has the name of an index.", index.span)
    if index.name in reading.bound and reading.batch:
        return column_of(reading, term, index)
    reading.one_example(index.name, index.span)
    return term


def is_layer(reading: Reading, node: tree.Node, bracket: str) -> bool:
    names = {name.name for name in node.walk() if isinstance(name, tree.Name)}
    if bracket and names & reading.vocabulary.example_indices - reading.layers:
        raise Refusal(
            "BP205",
            "this may be an example or a layer.",
            node.span,
            "Write an example as x_i, or declare `example index:` with another letter.",
        )
    if bracket:
        return True
    if not names:
        return isinstance(node, tree.Number)
    return names <= reading.layers | {"M", "L"} and layer_of(node, quiet=True) is not None


def loss(reading: Reading, node: tree.Script) -> Term:
    if not node.sub:
        return whole_loss(reading, _loss_letter(node), node.span)
    if len(node.sub) != 1 or not isinstance(node.sub[0], tree.Name):
        raise Refusal("BP202", "a loss has one index, its example.", node.span)
    one_letter(reading, _loss_letter(node), node.span)
    return t.Loss(SCALAR, example(reading, node.sub[0]))


def one_letter(reading: Reading, name: str, span: tree.Span) -> None:
    """Refuse a second letter for the loss: nothing says how the two differ."""
    known = reading.vocabulary.loss_letter
    if known not in ("", name):
        raise Refusal(
            "BP201",
            f"{name} beside {known}, which is the loss.",
            span,
            f"Declare {name}, or say `loss: {name}` where it takes the place of {known}.",
        )
    reading.vocabulary.loss_letter = name


def _loss_letter(node: tree.Script) -> str:
    assert isinstance(node.base, tree.Name)  # noqa: S101  scripted_name has looked
    return node.base.name


def whole_loss(reading: Reading, name: str, span: tree.Span) -> Term:
    """Return L, of the batch or, where nothing names an example, of the one there is."""
    one_letter(reading, name, span)
    reading.whole = True
    reading.refuse_both(span)
    return t.Loss(SCALAR, None)


def example(reading: Reading, node: tree.Name) -> Index | None:
    """Return the index of an example; a free one means that the equation is of one example."""
    reading.check_index(node)
    if node.name in reading.bound:
        return reading.index(node, BATCH if reading.batch else ONE)
    reading.one_example(node.name, node.span)
    return None


def powered(reading: Reading, node: tree.Script, term: Term) -> Term:
    if node.sup is None:
        return term
    negative = isinstance(node.sup, tree.Negative)
    exponent = node.sup.arg if isinstance(node.sup, tree.Negative) else node.sup
    if not reading.is_number(term) or not isinstance(exponent, tree.Number):
        raise Refusal(
            "BP205",
            "a superscript that is neither a layer, nor a transpose, nor the whole power of a "
            "number.",
            node.sup.span,
            "Write a layer as ^{[l]}, a transpose as ^{\\mathsf T}.",
        )
    power = to_the_power(reading, term, exponent)
    return t.Power(term.shape, power, -1) if negative else power


def to_the_power(_reading: Reading, term: Term, exponent: tree.Number) -> Term:
    if exponent.value > MOST_POWER:
        raise Refusal("BP104", f"a power above {MOST_POWER}.", exponent.span)
    if exponent.value.denominator != 1:
        raise Refusal("BP207", "only whole powers are known.", exponent.span)
    return t.Power(term.shape, term, int(exponent.value))


def quantity(
    reading: Reading, symbol: Symbol, name: str, layer: Layer | None, span: tree.Span
) -> Term:
    """Return the variable that a symbol stands for at a layer."""
    notation = reading.vocabulary.notation
    if symbol.kind in NETWORK:
        if layer is None:
            ours = reading.vocabulary.counted(reading.vocabulary.here).moved(symbol.bare)
        else:
            shift = notation.shift if symbol.kind != "x" else 0
            ours = reading.vocabulary.counted(layer).moved(shift)
        return of_network(reading, symbol.kind, ours)
    if symbol.kind == "width":
        if layer is None:
            raise Refusal("BP202", f"{name} has no layer here.", span, f"Write {name}_k.")
        return t.Constant(SCALAR, t.width(reading.vocabulary.counted(layer)))
    if symbol.kind == "array":
        shape = symbol.shape or SCALAR
        reading.vector |= shape[0] != ONE and shape[1] == ONE
        if not reading.batch:
            shape = (_of_one(shape[0]), _of_one(shape[1]))
        if symbol.layered:
            layer = reading.vocabulary.counted(reading.vocabulary.here if layer is None else layer)
            shape = (_moved(shape[0], layer), _moved(shape[1], layer))
        _mind_example(reading, Quantity(name, layer))
        return t.Variable(shape, Quantity(name, layer))
    if layer is not None:
        raise Refusal("BP202", f"{name} has no layers.", span)
    return without_layer(reading, symbol, name, span)


def of_network(reading: Reading, kind: str, layer: Layer) -> Term:
    term: Term = t.Variable(network_shape(kind, layer, batch=reading.batch), Quantity(kind, layer))
    notation = reading.vocabulary.notation
    flipped = (notation.rows and kind in "xz") or (notation.stored_transposed and kind == "W")
    return t.transposed(term) if flipped else term


def _mind_example(reading: Reading, quantity: Quantity) -> None:
    """Read as of one example what is made of letters that were said of one example."""
    known = reading.vocabulary.definition(quantity, batch=True)
    if not reading.batch or known is None or known.batch:
        return
    for term in reached([known.body], reading.vocabulary, reading.vocabulary.loss, batch=True):
        per_example = isinstance(term, t.Variable) and term.quantity.name in PER_EXAMPLE
        if per_example or isinstance(term, t.Loss):
            raise OneExample


PER_EXAMPLE = frozenset({"x", "z", "y", t.ONE_HOT.name})


def without_layer(reading: Reading, symbol: Symbol, name: str, span: tree.Span) -> Term:
    if symbol.kind == "loss":
        return whole_loss(reading, name, span)
    if symbol.kind == "target":
        examples = BATCH if reading.batch else ONE
        term = t.Variable((t.width(reading.vocabulary.counted(Layer("M", 1))), examples), t.TARGET)
        return t.transposed(term) if reading.vocabulary.notation.rows else term
    if symbol.kind == "batch":
        return t.Constant(SCALAR, BATCH)
    if symbol.kind == "depth":
        return t.Constant(SCALAR, Size("M"))
    if symbol.kind == "identity":
        size = reading.sizes.unknown()
        return t.Identity((size, size))
    raise Refusal("BP205", f"{name} is a function; what is its argument?", span)


def _moved(size: Size, layer: Layer) -> Size:
    if size.layer is None or not size.layer.base:
        return size
    return Size(size.letter, layer.moved(size.layer.offset))


def _of_one(size: Size) -> Size:
    return ONE if size == BATCH else size


def _is_exponential(reading: Reading, node: tree.Script) -> bool:
    is_e = isinstance(node.base, tree.Name) and node.base.name == "e"
    free = "e" not in reading.vocabulary.symbols
    return is_e and free and node.sup is not None and not node.sub


def _is_label(subs: tuple[tree.Node, ...]) -> bool:
    return len(subs) == 1 and isinstance(subs[0], tree.Name) and subs[0].name == "y"
