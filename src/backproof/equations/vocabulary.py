"""What the letters of a document mean: the usual letters of a network, and those declared.

The network itself is not described here: every notation is a way to write the letters of
`backproof.recursion`, x, z, W and b with their layers, and what those are is for the code to say.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from backproof.equations.rewriting import at_layer, of_one_example
from backproof.equations.terms import (
    BATCH,
    ONE,
    Call,
    Derived,
    Layer,
    Quantity,
    Shape,
    Term,
    Variable,
    width,
)

NETWORK = ("x", "z", "W", "b")
BUILT_IN = {
    "exp": "exp",
    "log": "log",
    "ln": "log",
    "tanh": "tanh",
    "sin": "sin",
    "cos": "cos",
    "erfc": "erfc",
    "relu": "relu",
    "ReLU": "relu",
}
"""Functions of one number whose meaning nobody doubts."""

LOSS = "the loss"
"""Its name among letters; no author can give a letter this one."""

SLOPE, BEND = "slope by", "bend by"
"""What an unknown loss is made of, a coefficient for each entry and one for its square."""

KNOWN_FUNCTIONS = {"relu", "tanh", "sigmoid", "softplus", "identity", "any"}
"""What `activation:` may say; `any` is a differentiable function of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a letter stands for.

    `kind` is one of x z W b (the network), loss, target, one-hot, width, batch, depth, function,
    identity, or array for a quantity of the author's own; an array has a shape.  `bare` is how far
    above the current layer the letter stands when no layer is written: the a of a = f(z) is 1.
    """

    kind: str
    shape: Shape | None = None
    layered: bool = False
    bare: int = 0
    function: str = ""


@dataclass(frozen=True, slots=True)
class Notation:
    """How a text writes the network.

    `shift` leads from the number a text gives to a map to ours, which counts maps from 0: -1 where
    W^{[l]} leads *into* layer l.  With `rows` an example is a row, so x and z are written
    transposed; with `stored_transposed` W is too.  `last` is the number a text gives to the
    output's map, as an offset from our M; `closed` says that the output passes an activation too.
    """

    name: str
    shift: int = 0
    rows: bool = False
    stored_transposed: bool = False
    closed: bool = False


NOTATIONS = {
    notation.name: notation
    for notation in (
        Notation("columns"),
        Notation("layers", shift=-1, closed=True),
        Notation("rows", rows=True),
        Notation("rows, weights transposed", rows=True, stored_transposed=True),
        Notation("layers, rows", shift=-1, rows=True, stored_transposed=True, closed=True),
    )
}


def _letters(kind: str, letters: str, bare: int = 0) -> dict[str, Symbol]:
    return {letter: Symbol(kind, layered=True, bare=bare) for letter in letters.split()}


STANDARD: Mapping[str, Symbol] = {
    **_letters("x", "x X"),
    **_letters("x", "a A h H", bare=1),
    **_letters("z", "z Z"),
    **_letters("W", "W w Omega Theta"),
    **_letters("b", "b beta"),
    **{letter: Symbol("loss") for letter in ("L", "cal L", "J", "C", "ell")},
    "y": Symbol("target"),
    "D": Symbol("width", layered=True),
    "N": Symbol("batch"),
    "M": Symbol("depth"),
    "I": Symbol("identity"),
    **{
        letter: Symbol("function", function="any")
        for letter in ("f", "g", "sigma", "phi", "psi", "rho")
    },
    **{name: Symbol("function", function=function) for name, function in BUILT_IN.items()},
}
"""The letters that need no declaration."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What the author says a quantity is: a term, or one entry of it by its free indices."""

    body: Term
    indices: tuple[str, ...] = ()
    argument: Quantity | None = None
    batch: bool = False
    label: str = ""

    def places(self, shape: Shape) -> dict[str, int]:
        """Return whether each index counts rows, 0, or columns, 1, of a quantity of `shape`.

        Two are a row and a column; one counts what there is more than one of.
        """
        if len(self.indices) > 1:
            return dict(zip(self.indices, (0, 1), strict=True))
        own = 1 if shape[0] == ONE and shape[1] != ONE else 0
        return dict.fromkeys(self.indices, own)


@dataclass(slots=True)
class Vocabulary:
    """The letters of a document, and what has been defined so far, in reading order."""

    notation: Notation = NOTATIONS["columns"]
    symbols: dict[str, Symbol] = field(default_factory=lambda: dict(STANDARD))
    layout: str = ""
    here: Layer = field(default_factory=lambda: Layer("k", 0))
    layer_indices: frozenset[str] = frozenset({"k", "l", "ell", "iota"})
    example_indices: frozenset[str] = frozenset({"i"})
    definitions: dict[Quantity, Definition] = field(default_factory=dict)
    functions: dict[str, Definition] = field(default_factory=dict)
    loss: Definition | None = None
    activation: str = ""
    loss_letter: str = ""
    """The letters for the activation and the loss that this text uses, once it has used them."""
    numbers: dict[Quantity, Term] = field(default_factory=dict)
    """Values of an example in numbers; they count where an equation speaks of numbers."""
    depth: int | None = None
    """M, in an example."""

    def copy(self) -> "Vocabulary":
        """Return the same vocabulary, to be changed by itself."""
        return replace(
            self,
            symbols=dict(self.symbols),
            definitions=dict(self.definitions),
            functions=dict(self.functions),
            numbers=dict(self.numbers),
        )

    def take_over(self, other: "Vocabulary") -> None:
        """Take everything from `other`, a copy of this one that has been read on with."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))

    def made_of(self, letter: str) -> set[str]:
        """Return the letter, and what is defined by means of it; LOSS if the loss is."""
        found, more = set[str](), {letter}
        while more:
            found |= more
            more = {
                name for name, known in self._said() if found.intersection(_names(known.body))
            } - found
        return found

    def forget(self, letter: str) -> None:
        """Drop what was said of a letter, and what was defined by means of it, but for the loss."""
        gone, own = self.made_of(letter), Quantity(letter)
        self.definitions = {q: said for q, said in self.definitions.items() if q.name not in gone}
        self.functions = {name: f for name, f in self.functions.items() if name not in gone}
        self.numbers = {
            q: value
            for q, value in self.numbers.items()
            if q != own and (q.name != letter or letter in NETWORK)
        }

    def _said(self) -> Iterator[tuple[str, Definition]]:
        yield from ((quantity.name, known) for quantity, known in self.definitions.items())
        yield from self.functions.items()
        if self.loss is not None:
            yield LOSS, self.loss

    def definition(self, quantity: Quantity, *, batch: bool) -> Definition | None:
        """Return the author's definition of a quantity, moved to its layer."""
        known = self._definition(quantity)
        if known is None or batch:
            return known
        return replace(known, body=of_one_example(known.body))

    def _definition(self, quantity: Quantity) -> Definition | None:
        exact = self.definitions.get(quantity)
        if exact is not None or quantity.layer is None:
            return exact
        for known, definition in self.definitions.items():
            if known.name == quantity.name and known.layer is not None:
                general = known.layer.base not in ("", "M")  # said of every layer
                if general or isinstance(definition.body, Derived):
                    body = at_layer(definition.body, known.layer, quantity.layer)
                    return replace(definition, body=body)
        return None

    def counted(self, layer: Layer) -> Layer:
        """Return a layer as the text counts it, with the number of its last layer made ours."""
        kind = self.symbols.get(layer.base)
        if kind is not None and kind.kind == "depth":
            layer = Layer("M", layer.offset)
        elif layer.base == "L" and self.notation.shift:
            layer = Layer("M", layer.offset - self.notation.shift)
        if layer.base == "M" and self.depth is not None:
            return Layer("", self.depth + layer.offset)
        return layer

    @property
    def function_names(self) -> Iterable[str]:
        """The letters after which a bracket holds an argument."""
        return [name for name, symbol in self.symbols.items() if symbol.kind == "function"]


def _names(body: Term) -> Iterator[str]:
    """Yield the functions, and the letters that are not the network's, of a definition."""
    for term in body.walk():
        if isinstance(term, Call):
            yield term.function
        elif isinstance(term, Variable):
            quantity = term.quantity
            if quantity.layer is None or quantity.name not in NETWORK:
                yield quantity.name


def network_shape(kind: str, layer: Layer, *, batch: bool) -> Shape:
    """Return the shape of x, z, W or b at `layer`; without `batch` there is one example."""
    examples = BATCH if batch else ONE
    above = layer.moved(1)
    return {
        "x": (width(layer), examples),
        "z": (width(above), examples),
        "W": (width(above), width(layer)),
        "b": (width(above), ONE),
    }[kind]
