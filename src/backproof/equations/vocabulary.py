"""What the letters of a document mean: the usual letters of a network, and those declared.

The network itself is not described here: every notation is a way to write the letters of
`backproof.recursion`, x, z, W and b with their layers, and what those are is for the code to say.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace

from backproof.equations.macros import Macro
from backproof.equations.parse import parse_expression
from backproof.equations.refusal import Refusal
from backproof.equations.terms import (
    BATCH,
    ONE,
    Derived,
    Layer,
    Quantity,
    Shape,
    Size,
    Term,
    Times,
    Total,
    Variable,
    at_layer,
    of_one_example,
    width,
)
from backproof.equations.tree import Name, Script, Span

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
    **{letter: Symbol("loss") for letter in ("L", "cal L", "J", "C", "E", "ell")},
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

KINDS = {
    "pre-activations": "z",
    "activations": "x",
    "weights": "W",
    "biases": "b",
    "loss": "loss",
    "targets": "target",
    "widths": "width",
    "batch size": "batch",
    "hidden layers": "depth",
}
"""Declarations that name the letter of a role: `weights: \\Omega`."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What the author says a quantity is: a term, or one entry of it by its free indices."""

    body: Term
    indices: tuple[str, ...] = ()
    argument: Quantity | None = None
    batch: bool = False
    label: str = ""


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


def plain(name: str) -> str:
    r"""Return the name that the tree gives to a letter written as `\eta` or `eta`."""
    match = re.fullmatch(r"\\mathcal\{?([A-Za-z])\}?", name)
    if match:
        return f"cal {match[1]}"
    match = re.fullmatch(r"\\(?:mathrm|mathbf|boldsymbol|bm|operatorname)\{([A-Za-z]+)\}", name)
    return match[1] if match else name.removeprefix("\\")


def read_size(text: str) -> Size:
    """Return the size that `text` names: a number 1, a letter, or D_k with a layer."""
    text = text.strip()
    match = re.fullmatch(r"([A-Za-z]+)_\{?(\\?[A-Za-z]*)\s*([+-]?\s*\d+)?\}?", text)
    if match:
        offset = int(match[3].replace(" ", "")) if match[3] else 0
        return Size(match[1], Layer(plain(match[2]), offset))
    if re.fullmatch(r"[A-Za-z]+|1", text):
        return Size(text)
    raise ValueError(text)


def declare(vocabulary: Vocabulary, text: str, macros: Mapping[str, Macro] | None = None) -> None:
    """Take one line of declarations into `vocabulary`; raise Refusal BP206 if it says nothing."""
    macros = macros or {}
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not value:
        raise _unreadable(text, "expected `name: what it is`")
    if name in SETTINGS:
        SETTINGS[name](vocabulary, value, text)
    elif name in KINDS:
        if name == "loss":
            vocabulary.loss, vocabulary.loss_letter = None, ""  # another one may follow
        for letter in value.split(","):
            vocabulary.symbols[_letter(letter, text, macros)[0]] = Symbol(
                KINDS[name], layered=KINDS[name] in (*NETWORK, "width")
            )
    else:
        for letter in name.split(","):
            _declare_letter(vocabulary, _letter(letter, text, macros), value, text)


def _letter(letter: str, text: str, macros: Mapping[str, Macro]) -> tuple[str, bool]:
    """Return the name that a letter has in a tree, and whether it is written with a layer."""
    if re.fullmatch(r"\s*[A-Za-z]{2,}\s*", letter):
        return letter.strip(), False  # a word, such as softplus
    try:
        node = parse_expression(letter, functions=(), macros=macros)
    except Refusal as refusal:
        raise _unreadable(text, f"`{letter.strip()}` is no letter: {refusal.message}") from None
    layered = isinstance(node, Script)
    base = node.base if isinstance(node, Script) else node
    if not isinstance(base, Name):
        raise _unreadable(text, f"`{letter.strip()}` is no letter")
    return base.name, layered


def _declare_letter(
    vocabulary: Vocabulary, letter: tuple[str, bool], value: str, text: str
) -> None:
    name, layered = letter
    vocabulary.symbols[name] = replace(_symbol(value, text), layered=layered)
    vocabulary.functions.pop(name, None)  # another function may be defined now


def _symbol(value: str, text: str) -> Symbol:
    if value in KNOWN_FUNCTIONS or value == "function":
        return Symbol("function", function="any" if value == "function" else value)
    if value == "scalar":
        return Symbol("array", shape=(ONE, ONE))
    match = re.fullmatch(r"(vector|row|matrix)\[(.*)\]", value)
    try:
        sizes = [read_size(part) for part in match[2].split(",")] if match else []
    except ValueError:
        raise _unreadable(text, f"`{value}` names no sizes") from None
    if match and match[1] == "matrix" and len(sizes) == 2:
        return Symbol("array", shape=(sizes[0], sizes[1]))
    if match and len(sizes) == 1:
        return Symbol("array", shape=(sizes[0], ONE) if match[1] == "vector" else (ONE, sizes[0]))
    raise _unreadable(
        text,
        f"`{value}` is none of scalar, vector[D], row[D], matrix[D, C], function, "
        + ", ".join(sorted(KNOWN_FUNCTIONS)),
    )


def _unreadable(text: str, why: str) -> Refusal:
    return Refusal("BP206", f"{why}.", Span(0, len(text)), "See `backproof explain BP206`.")


def _set_notation(vocabulary: Vocabulary, value: str, text: str) -> None:
    if value not in NOTATIONS:
        raise _unreadable(text, f"`{value}` is none of the notations {', '.join(NOTATIONS)}")
    vocabulary.notation = NOTATIONS[value]


def _set_layout(vocabulary: Vocabulary, value: str, text: str) -> None:
    if value not in ("denominator", "numerator"):
        raise _unreadable(text, f"`{value}` is neither denominator nor numerator")
    vocabulary.layout = value


def _set_activation(vocabulary: Vocabulary, value: str, text: str) -> None:
    if value not in KNOWN_FUNCTIONS:
        raise _unreadable(text, f"`{value}` is none of {', '.join(sorted(KNOWN_FUNCTIONS))}")
    for letter in ("f", "g", "sigma", "phi", "psi", "rho"):
        vocabulary.symbols[letter] = Symbol("function", function=value)
    vocabulary.activation = "" if value == "any" else value


def _set_depth(vocabulary: Vocabulary, value: str, text: str) -> None:
    if not value.isdigit():
        raise _unreadable(text, f"`{value}` is no number of hidden layers")
    vocabulary.depth = int(value)


def _set_layer(vocabulary: Vocabulary, value: str, text: str) -> None:
    if not re.fullmatch(r"[A-Za-z]|\d+", value):
        raise _unreadable(text, f"`{value}` is no layer")
    vocabulary.here = Layer("", int(value)) if value.isdigit() else Layer(value, 0)


def _set_layer_index(vocabulary: Vocabulary, value: str, _text: str) -> None:
    vocabulary.layer_indices = frozenset(plain(name.strip()) for name in value.split(","))


def _set_example_index(vocabulary: Vocabulary, value: str, _text: str) -> None:
    vocabulary.example_indices = frozenset(plain(name.strip()) for name in value.split(","))


def _set_example(vocabulary: Vocabulary, value: str, text: str) -> None:
    if value != "another":
        raise _unreadable(text, "`example:` says `another`")
    vocabulary.numbers, vocabulary.depth = {}, None


def _set_loss(vocabulary: Vocabulary, value: str, text: str) -> None:
    name = plain(value)
    symbol = vocabulary.symbols.get(name)
    if symbol is None or symbol.kind != "array" or symbol.shape is None or symbol.layered:
        raise _unreadable(text, f"`{value}` is no letter of your own")
    letter, slope = (
        Variable(symbol.shape, Quantity(letter)) for letter in (name, f"slope by {name}")
    )
    body = Total((ONE, ONE), Times(symbol.shape, slope, letter))
    vocabulary.loss = Definition(body, batch=True)


SETTINGS = {
    "example": _set_example,
    "loss depends on": _set_loss,
    "notation": _set_notation,
    "layout": _set_layout,
    "activation": _set_activation,
    "depth": _set_depth,
    "layer": _set_layer,
    "layer index": _set_layer_index,
    "example index": _set_example_index,
}
"""Declarations that are not about one letter."""
