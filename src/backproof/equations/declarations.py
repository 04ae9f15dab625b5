"""What an author declares, line by line: letters of his own, and how the usual ones are used."""

import re
from collections.abc import Mapping
from dataclasses import replace

from backproof.equations.macros import Macro
from backproof.equations.parse import parse_expression
from backproof.equations.reaching import reached
from backproof.equations.refusal import Refusal
from backproof.equations.terms import (
    ONE,
    Layer,
    Loss,
    Plus,
    Quantity,
    Shape,
    Size,
    Times,
    Total,
    Variable,
)
from backproof.equations.tree import Name, Script, Span
from backproof.equations.vocabulary import (
    BEND,
    KNOWN_FUNCTIONS,
    LOSS,
    NETWORK,
    NOTATIONS,
    SLOPE,
    Definition,
    Symbol,
    Vocabulary,
)

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
    match = re.fullmatch(r"([A-Za-z]+)_(\w|\\[A-Za-z]+|\{[^{}]+\})", text)
    place = match and re.fullmatch(r"(\d+)|(\\?[A-Za-z]+)\s*([+-]\s*\d+)?", match[2].strip("{} "))
    if match and place:
        offset = int((place[1] or place[3] or "0").replace(" ", ""))
        return Size(match[1], Layer(plain(place[2] or ""), offset))
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
    symbol = replace(_symbol(value, text), layered=layered)
    if symbol.kind == "array" and layered and name in ("x", "z"):
        raise _unreadable(text, f"`{name}` with layers is the network's own; take another letter")
    if symbol != vocabulary.symbols.get(name) and LOSS in vocabulary.made_of(name):
        _set_loss_anew(vocabulary, name, symbol, text)
    vocabulary.forget(name)
    vocabulary.symbols[name] = symbol


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
    if match and match[1] != "matrix" and len(sizes) == 1:
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
    if not re.fullmatch("[0-9]+", value):
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
    own = [Variable(symbol.shape, Quantity(name))]
    if any(isinstance(term, Loss) for term in reached(own, vocabulary, None, batch=True)):
        raise _unreadable(text, f"`{value}` is made of the loss itself; declare it anew first")
    vocabulary.loss = _any_loss_of(name, symbol.shape)


def _any_loss_of(name: str, shape: Shape) -> Definition:
    """Return any quadratic: its gradient is arbitrary, and it is not taken for a linear one."""
    letter, slope, bend = (
        Variable(shape, Quantity(letter)) for letter in (name, f"{SLOPE} {name}", f"{BEND} {name}")
    )
    bent = Times(shape, bend, Times(shape, letter, letter))
    sloped = Times(shape, slope, letter)
    return Definition(Total((ONE, ONE), Plus(shape, sloped, bent)), batch=True)


def _set_loss_anew(vocabulary: Vocabulary, name: str, symbol: Symbol, text: str) -> None:
    """Let an unknown loss depend on what a letter is from now on; refuse for any other loss."""
    unknown = _is_unknown_loss_of(name, vocabulary)
    if not unknown or symbol.shape is None or symbol.layered:
        raise _unreadable(text, f"the loss is made of `{name}`; say `loss: L` before")
    vocabulary.loss = _any_loss_of(name, symbol.shape)


def _is_unknown_loss_of(name: str, vocabulary: Vocabulary) -> bool:
    """Return whether the loss is an unknown one that was said to depend on this letter."""
    terms = vocabulary.loss.body.walk() if vocabulary.loss is not None else ()
    slope = Quantity(f"{SLOPE} {name}")
    return any(isinstance(term, Variable) and term.quantity == slope for term in terms)


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
