"""What a displayed equation claims, one step of its chains at a time, and what it defines.

`a = b = c` claims that a is b and that b is c.  A first step whose left side is a letter that
nothing has determined yet is a definition: it is taken, and claims nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from backproof.checking.circles import refuse_circles, refuse_open, refuse_second
from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.indices import OneExample, Sizes, mentioned_layers
from backproof.equations.meaning import Reading
from backproof.equations.meaning.calls import COMPOSED, function_name
from backproof.equations.meaning.letters import in_words
from backproof.equations.reaching import reached
from backproof.equations.refusal import Refusal
from backproof.equations.rewriting import rebuilt
from backproof.equations.terms import SCALAR, Layer, Quantity, Size, Term
from backproof.equations.vocabulary import Definition, Symbol, Vocabulary

RELATIONS = {"=", ":=", "≡", "←"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One step of a chain, read: left = right, or a definition of left, or an update of it."""

    left: Term
    right: Term
    span: tree.Span
    reading: Reading
    ranges: tuple[tree.Range, ...]
    definition: bool = False
    update: bool = False


def claims(display: tree.Display, vocabulary: Vocabulary) -> Iterator[Claim]:
    """Yield what a displayed equation claims, and take its definitions into `vocabulary`."""
    if not any(chain.steps for chain in display.chains):
        span = display.chains[0].first.span if display.chains else tree.Span(0, 0)
        raise Refusal("BP207", "this says nothing that could be true or false.", span)
    for chain in display.chains:
        if not chain.steps:
            raise Refusal("BP207", "a part without a relation.", chain.first.span)
        yield from _chain(chain, display, vocabulary)


def take(display: tree.Display, vocabulary: Vocabulary) -> None:
    """Take what an equation says as given: a number, or what a letter stands for."""
    for chain in display.chains:
        if len(chain.steps) != 1:
            raise Refusal("BP206", "`given:` takes one equation.", chain.first.span)
        for claim in _chain(chain, display, vocabulary):
            inner = t.innermost(claim.left)
            if claim.definition:
                continue
            if not isinstance(inner, t.Variable) or not _is_numeric(claim.right):
                raise Refusal("BP206", "`given:` says what a letter is, in numbers.", claim.span)
            flipped = isinstance(claim.left, t.Transposed)
            vocabulary.numbers[inner.quantity] = (
                t.transposed(claim.right) if flipped else claim.right
            )


def _chain(chain: tree.Chain, display: tree.Display, vocabulary: Vocabulary) -> Iterator[Claim]:
    """Read a chain in batches or, where that makes no sense, as one of one example."""
    for step in chain.steps:
        if step.relation not in RELATIONS:
            raise Refusal("BP207", f"`{step.relation}` is not checked.", step.side.span)
    numbers = any(isinstance(node, tree.Matrix | tree.Tuple) for node in display.walk())
    for batch in (False,) if numbers else (True, False):
        trial = vocabulary.copy()
        reading = Reading(trial, batch=batch, sizes=Sizes(numbers=numbers))
        try:
            found = [_settled(claim) for claim in list(_read(chain, display.ranges, reading))]
        except OneExample:
            if not batch:
                raise Refusal(
                    "BP205", "this is neither of a batch nor of one example.", chain.first.span
                ) from None
            continue
        _settle(trial, reading.sizes)
        vocabulary.take_over(trial)
        yield from found
        return


def _read(chain: tree.Chain, ranges: tuple[tree.Range, ...], reading: Reading) -> Iterator[Claim]:
    vocabulary = reading.vocabulary
    nodes = [chain.first, *(step.side for step in chain.steps)]
    named = {r.index.name for r in ranges if isinstance(r.index, tree.Name)}
    reading.layers = frozenset(named & vocabulary.layer_indices).union(
        *(mentioned_layers(node, vocabulary) for node in nodes)
    )
    argument = _argument(chain.first, vocabulary)
    hidden = vocabulary.symbols.get(argument)
    if argument:
        vocabulary.symbols[argument] = Symbol("array", shape=SCALAR)
    left = None if argument else _left(chain.first, chain.steps[0], reading)
    for step in chain.steps:
        right = reading.read(step.side)
        definition = step is chain.steps[0] and _defines(chain.first, left, right, reading)
        side = right if left is None else left
        reading.same_shape(side, right, step.side.span, "an equation")
        span = tree.Span(chain.first.span.start, step.side.span.end)
        yield Claim(side, right, span, reading, ranges, definition, step.relation == "←")
        left = right
    if argument:  # the letter of an argument means nothing outside
        vocabulary.symbols.pop(argument)
        vocabulary.symbols |= {argument: hidden} if hidden is not None else {}


# Definitions.


def _argument(node: tree.Node, vocabulary: Vocabulary) -> str:
    """Return the argument of the function that f[z] = … defines, or nothing."""
    if not isinstance(node, tree.Apply):
        return ""
    name = function_name(node.function)
    symbol = vocabulary.symbols.get(name.partition("_")[0])  # f_1 is a function if f is
    if name in COMPOSED or not name or name in vocabulary.functions:
        return ""
    if symbol is None or (symbol.kind, symbol.function) != ("function", "any"):
        return ""
    (argument, *more) = node.arguments
    return argument.name if isinstance(argument, tree.Name) and not more else ""


def _left(node: tree.Node, step: tree.Step, reading: Reading) -> Term:
    """Return the left side; words, and letters for a derivative, may be new."""
    symbols = reading.vocabulary.symbols
    if isinstance(node, tree.Text):
        symbols[in_words(node)] = Symbol("array", shape=SCALAR)
    letter = node.base if isinstance(node, tree.Script) else node
    new = isinstance(letter, tree.Name) and letter.name not in symbols
    if new and isinstance(step.side, tree.Derivative):
        assert isinstance(letter, tree.Name)  # noqa: S101  `new` has looked
        side = reading.read(step.side)
        whole = t.innermost(side.by).shape if isinstance(side, t.Derived) else side.shape
        symbols[letter.name] = Symbol("array", whole, layered=isinstance(node, tree.Script))
    return reading.read(node)


def _defines(node: tree.Node, left: Term | None, right: Term, reading: Reading) -> bool:
    """Take what the first step of a chain defines; return whether it defines anything."""
    vocabulary = reading.vocabulary
    if left is None:
        assert isinstance(node, tree.Apply)  # noqa: S101  _argument has looked
        name, argument = function_name(node.function), node.arguments[0]
        assert isinstance(argument, tree.Name)  # noqa: S101  _argument has looked
        refuse_open(right, (), node)
        refuse_circles(right, Quantity(name), vocabulary, node)
        vocabulary.functions[name] = Definition(right, argument=Quantity(argument.name))
        return True
    inner = t.innermost(left)
    if isinstance(inner, t.Loss):
        return _defines_loss(node, inner, right, reading)
    return isinstance(inner, t.Variable) and _defines_variable(node, left, right, reading)


def _defines_variable(node: tree.Node, left: Term, right: Term, reading: Reading) -> bool:
    vocabulary, inner = reading.vocabulary, t.innermost(left)
    assert isinstance(inner, t.Variable)  # noqa: S101  _defines has looked
    if _is_data(inner.quantity) and _is_numeric(right):
        value = t.transposed(right) if isinstance(left, t.Transposed) else right
        return _gives(inner.quantity, value, vocabulary, node)
    symbol = vocabulary.symbols.get(inner.quantity.name)
    if symbol is None or symbol.kind != "array":
        return False
    if vocabulary.definition(inner.quantity, batch=True) is not None:
        return False
    return _defines_letter(left, right, reading, node)


def _defines_loss(node: tree.Node, left: t.Loss, right: Term, reading: Reading) -> bool:
    vocabulary = reading.vocabulary
    losses = [term for term in right.walk() if isinstance(term, t.Loss)]
    if vocabulary.loss is not None or any(term.example is None for term in losses):
        return False
    if losses and (left.example is not None or isinstance(right, t.SumOver)):
        return False  # L = Σ L_i says what L is by itself
    inner = reached([right], vocabulary, None, batch=True)
    if not losses and any(isinstance(term, t.Loss) for term in inner):
        why = "the loss would be defined by its own derivative, or by a letter made of it."
        raise Refusal("BP201", why, node.span, "Say what it is by the output.")
    indices = (left.example.name,) if left.example is not None else ()
    refuse_open(right, indices, node)
    vocabulary.loss = Definition(right, indices, batch=reading.batch)
    return True


def _gives(quantity: Quantity, right: Term, vocabulary: Vocabulary, node: tree.Node) -> bool:
    if quantity in vocabulary.numbers and vocabulary.numbers[quantity] != right:
        raise Refusal(
            "BP205",
            f"{quantity} has another value already.",
            node.span,
            "Say `example: another` where another example begins.",
        )
    vocabulary.numbers[quantity] = right
    return True


def _defines_letter(left: Term, right: Term, reading: Reading, node: tree.Node) -> bool:
    inner = t.innermost(left)
    assert isinstance(inner, t.Variable)  # noqa: S101  _defines has looked
    names: tuple[str, ...] = ()
    if isinstance(left, t.Entry):
        names = tuple(index.name for index in (left.row, left.column) if index is not None)
    if not isinstance(left, t.Variable | t.Entry) or len(set(names)) < len(names):
        return False
    refuse_open(right, names, node)
    refuse_circles(right, inner.quantity, reading.vocabulary, node)
    refuse_second(inner.quantity, reading.vocabulary, node)
    known = Definition(right, names, batch=reading.batch)
    reading.vocabulary.definitions[inner.quantity] = known
    return True


def _is_numeric(term: Term) -> bool:
    return isinstance(t.innermost(term), t.Literal | t.Constant)


def _is_data(quantity: Quantity) -> bool:
    """Return whether nothing but the author can say what a quantity is: W, b, y and x_0."""
    return quantity.name in ("W", "b", "y") or quantity == Quantity("x", Layer("", 0))


# Sizes.


def _settled(claim: Claim) -> Claim:
    """Return the claim with every size that was found out put in its place."""
    sizes = claim.reading.sizes
    return replace(
        claim, left=_with_sizes(claim.left, sizes), right=_with_sizes(claim.right, sizes)
    )


def _with_sizes(term: Term, sizes: Sizes) -> Term:
    def change(value: Any) -> Any:
        if isinstance(value, Size):
            return sizes.find(value)
        return value._replace(size=sizes.find(value.size)) if isinstance(value, t.Index) else value

    return rebuilt(term, change)


def _settle(vocabulary: Vocabulary, sizes: Sizes) -> None:
    """Put the sizes that were found out into what has just been defined."""
    for definitions in (vocabulary.definitions, vocabulary.functions):
        for name, known in definitions.items():
            definitions[name] = replace(known, body=_with_sizes(known.body, sizes))  # type: ignore[index]
    for quantity, value in vocabulary.numbers.items():
        vocabulary.numbers[quantity] = _with_sizes(value, sizes)
    if vocabulary.loss is not None:
        body = _with_sizes(vocabulary.loss.body, sizes)
        vocabulary.loss = replace(vocabulary.loss, body=body)


def free_indices(claim: Claim) -> list[t.Index]:
    """Return the indices that an equation leaves free: it claims to hold for all their values."""
    sizes = claim.reading.sizes
    return [index._replace(size=sizes.find(index.size)) for index in claim.reading.indices.values()]
