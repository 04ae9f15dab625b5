"""The author's macros are expanded as TeX would, within bounds, and carets stay in the source."""

from itertools import pairwise

import pytest

from backproof.equations.macros import Macro, macros_of, read_macros
from backproof.equations.parse import parse, parse_expression
from backproof.equations.refusal import Refusal

GRAD = Macro(2, r"\frac{\partial #1}{\partial #2}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\newcommand{\R}{\mathbb{R}}", {"R": Macro(0, r"\mathbb{R}")}),
        (r"\newcommand\R{\mathbb R}", {"R": Macro(0, r"\mathbb R")}),
        (r"\newcommand*{\v}[1]{\boldsymbol{#1}}", {"v": Macro(1, r"\boldsymbol{#1}")}),
        (r"\newcommand{\d}[2][L]{#1_{#2}}", {"d": Macro(2, "#1_{#2}", "L")}),
        (r"\renewcommand{\vec}[1]{#1}", {"vec": Macro(1, "#1")}),
        (r"\providecommand { \T } { ^{T} }", {"T": Macro(0, " ^{T} ")}),
        (r"\def\grad#1#2{\frac{#1}{#2}}", {"grad": Macro(2, r"\frac{#1}{#2}")}),
        (r"\DeclareMathOperator{\diag}{diag}", {"diag": Macro(0, r"\operatorname{diag}")}),
        (r"\DeclareMathOperator*\relu{ReLU}", {"relu": Macro(0, r"\operatorname{ReLU}")}),
        (r"\newcommand{\a}{1} words \newcommand{\a}{2}", {"a": Macro(0, "2")}),
        (r"\newcommand{\open}{\{ x", {}),
        (r"no definition \R here", {}),
    ],
)
def test_definitions_are_found(text, expected):
    """All the usual commands that define a macro are understood, wherever they stand."""
    assert read_macros(text) == expected


def test_tables_of_mathjax_are_understood():
    """A value is a text, or a list of text, number of arguments and default."""
    table = {
        "R": r"\mathbb{R}",
        r"\v": [r"\mathbf{#1}", 1],
        "w": ["#1", 1, "x"],
        "one": ["1"],
        "two": "#1#2",
    }

    assert macros_of(table) == {
        "R": Macro(0, r"\mathbb{R}"),
        "v": Macro(1, r"\mathbf{#1}"),
        "w": Macro(1, "#1", "x"),
        "one": Macro(0, "1"),
        "two": Macro(2, "#1#2"),
    }


@pytest.mark.parametrize("value", [1, None, [], [1], ["x", "y"], {"x": 1}])
def test_other_tables_are_refused(value):
    """The message names the macro and says what is expected."""
    with pytest.raises(TypeError, match=r"macro 'R' must be a text or \[text, number"):
        macros_of({"R": value})


@pytest.mark.parametrize(
    ("source", "macros", "meaning"),
    [
        (r"\v x + \v{z}", {"v": Macro(1, r"\boldsymbol{#1}")}, "x + z"),
        (r"\grad{L}{z_k}", {"grad": GRAD}, r"\frac{\partial L}{\partial z_k}"),
        (r"\grad L \grad L z", {"grad": Macro(1, "#1_k")}, "L_k L_k z"),
        (r"\d x + \d[y]{x}", {"d": Macro(2, "#1_{#2}", "z")}, "z_x + y_x"),
        (r"W\T x", {"T": Macro(0, r"^{\mathsf T}")}, r"W^{\mathsf T} x"),
        (r"\e x", {"e": Macro(0, r"\eta")}, r"\eta x"),
        (r"\outer{\inner x}", {"outer": Macro(1, "(#1)"), "inner": Macro(0, "2")}, "(2x)"),
        (r"\vec{x}", {"vec": Macro(1, r"\mathbf{#1}")}, "x"),
        (r"\two{a}{b}", {"two": Macro(2, "#2 #1")}, "b a"),
        (r"\R % \R{", {"R": Macro(0, "x")}, "x"),
    ],
)
def test_a_macro_stands_for_its_body(source, macros, meaning):
    """Arguments are groups or single tokens, may be optional, and may hold macros."""
    assert parse_expression(source, macros=macros) == parse_expression(meaning)


def test_carets_point_at_the_call_or_its_argument():
    """What the body adds stands at the call; an argument stands where the author wrote it."""
    source = r"x = \grad{L}{z_k} + \grad{\foo}{y}"
    with pytest.raises(Refusal) as caught:
        parse(source, macros={"grad": GRAD})
    assert source[slice(*caught.value.span)] == r"\foo"

    derivative = parse(source.replace(r"\foo", "L"), macros={"grad": GRAD}).chains[0].steps[0].side
    assert source[slice(*derivative.left.span)] == r"\grad{L}{z_k}"
    assert source[slice(*derivative.left.by.span)] == "z_k"


def test_arguments_may_change_places():
    """A span runs from the first letter to the last, in whatever order a macro puts them."""
    source = r"\swap{a_1}{b_2}"
    product = parse_expression(source, macros={"swap": Macro(2, "#2 #1")})

    assert source[slice(*product.span)] == "a_1}{b_2"


def test_a_mistake_in_a_body_is_shown_at_the_call():
    """The reader sees the call, for the body stands elsewhere."""
    source = r"x = \bad + z"
    with pytest.raises(Refusal) as caught:
        parse(source, macros={"bad": Macro(0, r"y \odot W z")})

    assert caught.value.code == "BP103"
    assert source[slice(*caught.value.span)] == r"\bad"


@pytest.mark.parametrize(
    ("source", "macros", "code"),
    [
        (r"\a", {"a": Macro(0, r"\a")}, "BP105"),
        (r"\a", {"a": Macro(0, r"\b"), "b": Macro(0, r"\a")}, "BP105"),
        (r"\a", {"a": Macro(0, r"x \a \a")}, "BP105"),
        (r"\a", {"a": Macro(0, r"\b\b"), "b": Macro(0, "x " * 4_000)}, "BP104"),
        (r"\a", {"a": Macro(1, "#1")}, "BP105"),
        (r"\a{x", {"a": Macro(1, "#1")}, "BP105"),
        (r"\a{x}", {"a": Macro(1, "#2")}, "BP105"),
        (r"\a[x", {"a": Macro(1, "#1", "y")}, "BP105"),
    ],
)
def test_a_macro_that_cannot_be_expanded_is_refused(source, macros, code):
    """Recursion, growth without bound and missing arguments are no hang and no crash."""
    with pytest.raises(Refusal) as caught:
        parse(source, macros=macros)

    assert caught.value.code == code
    assert 0 <= caught.value.span.start < caught.value.span.end <= len(source)


def test_doubling_macros_do_not_grow_without_bound():
    """Thirty macros that each call the next twice would make a thousand million letters."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDE"
    macros = {one: Macro(0, rf"\{two}\{two}") for one, two in pairwise(letters)}
    with pytest.raises(Refusal, match="BP10"):
        parse(r"\a", macros=macros)
