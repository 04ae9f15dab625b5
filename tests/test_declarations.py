"""Declarations: each form means what it says, and what is unreadable is refused with its reason."""

import re

import pytest
from asking import vocabulary_of

from backproof.equations.declarations import KINDS, declare, plain, read_size
from backproof.equations.macros import read_macros
from backproof.equations.refusal import Refusal
from backproof.equations.terms import BATCH, ONE, Constant, Layer, Quantity, Size, Variable
from backproof.equations.vocabulary import (
    KNOWN_FUNCTIONS,
    NOTATIONS,
    Definition,
    Symbol,
    Vocabulary,
)

UNREADABLE = {
    "": "expected `name: what it is`",
    "just words": "expected `name: what it is`",
    "u:": "expected `name: what it is`",
    ": scalar": "`` is no letter",
    "u: scaler": "`scaler` is none of scalar, vector[D], row[D], matrix[D, C], function, any, ",
    "u: vector": "`vector` is none of scalar",
    "u: vector[D, C]": "`vector[D, C]` is none of scalar",
    "u: row[D, C]": "`row[D, C]` is none of scalar",
    "u: matrix[D]": "`matrix[D]` is none of scalar",
    "u: matrix[D, C, B]": "`matrix[D, C, B]` is none of scalar",
    "u: tensor[D]": "`tensor[D]` is none of scalar",
    "u: Vector[D]": "`Vector[D]` is none of scalar",
    "u: vector[2]": "`vector[2]` names no sizes",
    "u: vector[]": "`vector[]` names no sizes",
    "u: vector[D+1]": "`vector[D+1]` names no sizes",
    "u: vector[D_k,]": "`vector[D_k,]` names no sizes",
    "u v: scalar": "`u v` is no letter",
    "u + v: scalar": "`u + v` is no letter",
    r"\frac{u}{v}: scalar": r"`\frac{u}{v}` is no letter",
    r"\nosuch: scalar": r"`\nosuch` is no letter",
    "u_{: scalar": "`u_{` is no letter",
    "u, , v: scalar": "`` is no letter",
    "weights: A, B + C": "`B + C` is no letter",
    "loss: 3": "`3` is no letter",
    "notation: Columns": "`Columns` is none of the notations columns, layers, rows,",
    "notation: rows weights transposed": "is none of the notations",
    "layout: numerators": "`numerators` is neither denominator nor numerator",
    "activation: ReLU": "`ReLU` is none of any, identity, relu, sigmoid, softplus, tanh",
    "activation: function": "`function` is none of any,",
    "depth: M": "`M` is no number of hidden layers",
    "depth: -1": "`-1` is no number of hidden layers",
    "depth: ²": "`²` is no number of hidden layers",
    "depth: 2.5": "`2.5` is no number of hidden layers",
    "layer: k-1": "`k-1` is no layer",
    "layer: ab": "`ab` is no layer",
    "example: one": "`example:` says `another`",
    "loss depends on: S": "`S` is no letter of your own",
    "loss depends on: z": "`z` is no letter of your own",
    "loss depends on: f": "`f` is no letter of your own",
}


@pytest.mark.parametrize(("text", "why"), UNREADABLE.items(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused(text, why):
    """The reason names the part, the span is the whole line, and nothing has been declared."""
    vocabulary = Vocabulary()

    with pytest.raises(Refusal) as caught:
        declare(vocabulary, text)

    assert caught.value.code == "BP206"
    assert caught.value.message.startswith(why) or why in caught.value.message
    assert tuple(caught.value.span) == (0, len(text))
    assert caught.value.mend == "See `backproof explain BP206`."


def test_a_layered_letter_is_not_what_the_loss_depends_on():
    """Of which layer it would be, nobody has said."""
    with pytest.raises(Refusal, match="is no letter of your own"):
        vocabulary_of("S_k: vector[D_k]", "loss depends on: S")


SHAPES = {
    "u: scalar": (ONE, ONE),
    "u: vector[D]": (Size("D"), ONE),
    "u: row[D]": (ONE, Size("D")),
    "u: matrix[D, C]": (Size("D"), Size("C")),
    "u: matrix[C,D]": (Size("C"), Size("D")),
    "u: matrix[1, N]": (ONE, BATCH),
    "u_k: vector[D_{k+1}]": (Size("D", Layer("k", 1)), ONE),
    "u_k: matrix[D_{k - 1}, D_k]": (Size("D", Layer("k", -1)), Size("D", Layer("k", 0))),
    r"u_\ell: vector[D_\ell]": (Size("D", Layer("ell", 0)), ONE),
    "u: vector[D_2]": (Size("D", Layer("", 2)), ONE),
}


@pytest.mark.parametrize(("text", "shape"), SHAPES.items(), ids=SHAPES)
def test_an_array_has_the_shape_that_is_declared(text, shape):
    """Rows first; a subscript on the letter makes it one for each layer."""
    layered = "_" in text.partition(":")[0]

    assert vocabulary_of(text).symbols["u"] == Symbol("array", shape, layered=layered)


@pytest.mark.parametrize("kind", sorted(KNOWN_FUNCTIONS))
def test_a_letter_may_stand_for_a_known_function(kind):
    """And for no other."""
    assert vocabulary_of(f"q: {kind}").symbols["q"] == Symbol("function", function=kind)


def test_an_unknown_function_is_any_function():
    """`function` says no more than that it has an argument, and forgets what it was before."""
    vocabulary = Vocabulary()
    vocabulary.functions["f"] = Definition(Constant((ONE, ONE), BATCH))
    declare(vocabulary, "f: function")

    assert vocabulary.symbols["f"] == Symbol("function", function="any")
    assert vocabulary.functions == {}


@pytest.mark.parametrize(("role", "kind"), KINDS.items())
def test_a_role_may_have_another_letter(role, kind):
    """`weights: \\Omega, V` declares both; only the network's letters and widths have layers."""
    symbols = vocabulary_of(rf"{role}: \Xi, \mathcal{{V}}").symbols

    for name in ("Xi", "cal V"):
        assert symbols[name] == Symbol(kind, layered=kind in ("x", "z", "W", "b", "width"))


def test_another_loss_makes_room_for_another_definition():
    """The loss that was defined before is no longer meant."""
    vocabulary = Vocabulary(loss=Definition(Constant((ONE, ONE), BATCH)), loss_letter="L")
    declare(vocabulary, r"loss: \mathcal{J}")

    assert (vocabulary.loss, vocabulary.loss_letter) == (None, "")
    assert vocabulary.symbols["cal J"].kind == "loss"


def test_letters_are_read_as_in_formulas():
    """Fonts, accents, words and the author's macros name the same letter as in an equation."""
    macros = read_macros(r"\newcommand{\err}{\boldsymbol{\delta}}")
    vocabulary = Vocabulary()
    for text in (
        r"\err_k: vector[D_k]",
        r"\hat{y}: vector[D]",
        "energy: scalar",
        r"\mathbb{E}: scalar",
    ):
        declare(vocabulary, text, macros)

    assert vocabulary.symbols["delta"].layered
    assert {"hat y", "energy", "bb E"} <= vocabulary.symbols.keys()


def test_several_letters_in_one_line():
    """Each is declared by itself."""
    symbols = vocabulary_of("u, v_k: vector[D]").symbols

    assert (symbols["u"].layered, symbols["v"].layered) == (False, True)


def test_settings_are_set():
    """Every declaration that is not about a letter."""
    vocabulary = vocabulary_of(
        "notation: layers, rows",
        "layout: numerator",
        "activation: tanh",
        "depth: 3",
        "layer: m",
        r"layer index: m, \iota",
        "example index: n, j",
    )

    assert vocabulary.notation == NOTATIONS["layers, rows"]
    assert (vocabulary.layout, vocabulary.activation, vocabulary.depth) == ("numerator", "tanh", 3)
    assert vocabulary.here == Layer("m", 0)
    assert vocabulary.layer_indices == {"m", "iota"}
    assert vocabulary.example_indices == {"n", "j"}
    assert vocabulary.symbols["sigma"] == Symbol("function", function="tanh")


def test_an_arbitrary_activation_has_no_name():
    """`any` takes back what was said before."""
    assert vocabulary_of("activation: relu", "activation: any").activation == ""
    assert vocabulary_of("layer: 2").here == Layer("", 2)


def test_another_example_has_other_numbers():
    """Neither the values nor the depth of the one before are kept."""
    vocabulary = vocabulary_of("depth: 2")
    vocabulary.numbers[Quantity("y")] = Constant((ONE, ONE), BATCH)
    declare(vocabulary, "example: another")

    assert (vocabulary.numbers, vocabulary.depth) == ({}, None)


def test_the_loss_may_depend_on_a_letter_of_ones_own():
    """It is then a quadratic in its entries, of which no one knows the coefficients."""
    loss = vocabulary_of("S: vector[D]", "loss depends on: S").loss

    assert loss is not None
    letters = {v.quantity.name for v in loss.body.walk() if isinstance(v, Variable)}
    assert letters == {"S", "slope by S", "bend by S"}


def test_names_and_sizes_as_they_are_written():
    """LaTeX and plain letters name the same."""
    assert [plain(name) for name in (r"\eta", "eta", r"\mathcal{L}", r"\boldsymbol{w}")] == [
        "eta",
        "eta",
        "cal L",
        "w",
    ]
    assert read_size(r" D_{\ell - 2} ") == Size("D", Layer("ell", -2))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "2",
        "D_",
        "D_{}",
        "D_{k",
        "D_k}",
        "D_k+1",
        "D_12",
        "D_{k2}",
        "D_{k*2}",
        "D_{+1}",
        "D k",
    ],
)
def test_a_size_that_cannot_be_read(text):
    """A brace or a sign that is missing is not supplied."""
    with pytest.raises(ValueError, match="^" + re.escape(text) + "$"):
        read_size(text)
