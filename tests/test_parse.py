"""Formulas are read as mathematicians read them, or refused at the right place."""

import logging
import re
from contextlib import suppress

import lark
import pytest
from formulas import BOOK, FUNCTIONS, name, node, number

from backproof.equations import tree
from backproof.equations.names import FUNCTIONS as COMMANDS
from backproof.equations.names import GREEK
from backproof.equations.parse import grammar, grammar_text, parse, parse_expression
from backproof.equations.refusal import Refusal

z, W, x, k, L = (name(letter) for letter in "zWxkL")
T = tree.Transpose
PRODUCT = True


def sub(base, *entries):
    """Return a base with subscripts."""
    return node(tree.Script, base, entries)


def product(*factors):
    """Return factors side by side."""
    left, *rest = factors
    for right in rest:
        left = node(tree.Product, left, right)
    return left


def refusal(source, **options):
    """Return the Refusal of `source`; fail if there is none."""
    with pytest.raises(Refusal) as caught:
        parse(source, **options)
    return caught.value


# The grammar.


def test_the_grammar_is_lalr_without_conflicts(caplog):
    """No two rules apply at once: a shift that hides a reduction is reported by Lark."""
    lark.logger.setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
        lark.Lark(grammar_text(), parser="lalr", start=["display", "expression"], debug=True)
        conflicts = [record.message for record in caplog.records if "onflict" in record.message]
        lark.Lark('s: a? "x"? "x"\na: "x"', parser="lalr", start="s", debug=True)
    lark.logger.setLevel(logging.CRITICAL)

    assert conflicts == []
    assert any("onflict" in record.message for record in caplog.records)


def test_the_grammar_has_no_priorities():
    """Nothing in the file ranks one reading above another."""
    lines = [line.partition("//")[0] for line in grammar_text().splitlines()]

    assert not [line for line in lines if line.partition(":")[0].strip(" ?")[-2:-1] == "."]


def test_the_names_are_those_of_the_grammar():
    """The tables of letters and functions agree with grammar.lark."""
    patterns = {terminal.name: terminal.pattern.value for terminal in grammar().terminals}

    assert all(rf"{letter}|" in patterns["NAME"].replace(")", "|") for letter in GREEK)
    assert set(patterns["FUNCTION"].split("(?:")[1].split(")")[0].split("|")) == COMMANDS


# The book.


def is_read(source):
    """Whether `source` is in the language."""
    with suppress(Refusal):
        return bool(parse(source, functions=FUNCTIONS))
    return False


def test_the_book_is_read_but_for_few_equations():
    """The language is that of the book; what each equation means is checked elsewhere.

    The pages of the zoo have letters of their own, without which some of theirs are not read.
    """
    refused = [source for source in BOOK if not is_read(source)]

    assert len(refused) < 0.15 * len(BOOK)
    assert len(BOOK) > 100


# One formula in several spellings.


SAME = [
    (r"z", [r"\boldsymbol{z}", r"\mathbf z", r"\bm{z}", r"\mathrm{z}", r"\mathit z", "{z}", "(z)"]),
    (r"\Omega_k", [r"\boldsymbol\Omega_k", r"\boldsymbol{\Omega_k}", r"\mathbf\Omega_{k}"]),
    (r"z^{\mathsf T}", ["z^T", "z^{T}", r"z^\top", r"z^{\top}", r"z^\intercal", r"z^{\mathrm{T}}"]),
    (r"W_k^{\mathsf T}", [r"W^T_k", r"(W_k)^T", r"{W_k}^\top", r"\left(W_k\right)^{\mathrm T}"]),
    (r"a^{[l-1]\mathsf T}", [r"a^{[l-1]T}", r"a^{[l-1]\top}", r"(a^{[l-1]})^T", r"{a^{[l-1]}}^T"]),
    (r"\frac{1}{2}", [r"\frac12", r"\tfrac1{2}", r"\dfrac{1}2", "1/2"]),
    (r"\frac{1}{N} x", [r"\frac1N x", r"\tfrac1Nx"]),
    (r"\sqrt{2}", [r"\sqrt2", r"\sqrt {2}"]),
    (r"a \odot b", [r"a \circ b", r"a\odot{b}"]),
    (r"3 \cdot 2", [r"3 \times 2"]),
    (r"\mathbb{I}[z > 0]", [r"\mathbb I(z>0)", r"\mathbb{1}_{z>0}", r"\mathbf 1\{z>0\}"]),
    (r"\mathbb{I}[z > 0]", ["[z > 0]", r"1_{z>0}", r"\mathbf{1}[z>0]", r"\mathbb 1_{\{z > 0\}}"]),
    (r"f[z]", ["f(z)", r"f\left(z\right)", r"\mathrm{f}\bigl[ z \bigr]", r"f \, (z)"]),
    (r"\operatorname{ReLU}[z]", [r"\mathrm{ReLU}(z)", r"\text{ReLU}(z)"]),
    (r"\max(0, z)", [r"\max\{0,z\}", r"\max\left\{ 0, z \right\}"]),
    (r"\log(p_y)", [r"\log p_y", r"\log{p_y}", r"\operatorname{log} p_y"]),
    (r"\tanh^2(z)", [r"\tanh^2 z", r"\tanh^{2}z"]),
    (r"\lVert z \rVert_2^2", [r"\| z \|_2^2", r"\left\| z \right\|^2_2", r"\Vert z\Vert_{2}^{2}"]),
    (r"\lvert a - b \rvert", [r"|a - b|", r"\left|a-b\right|", r"\vert a - b \vert"]),
    (r"\lvert \lvert a \rvert - \lvert b \rvert \rvert", ["||a| - |b||"]),
    (r"\frac{\partial L}{\partial z_k}", [r"\dfrac{\partial L}{\partial z_k}", r"\nabla_{z_k} L"]),
    (r"\frac{\partial L}{\partial z_k}", [r"\partial L / \partial z_k", r"\frac{d L}{d z_k}"]),
    (r"\frac{\partial L}{\partial z_k}", [r"\frac{\mathrm{d}L}{\mathrm dz_k}"]),
    (r"\frac{\partial \log(x)}{\partial z}", [r"\frac{\partial}{\partial z} \log x"]),
    (r"\frac{\partial (a + b)}{\partial z}", [r"\frac{\partial}{\partial z} \bigl( a + b \bigr)"]),
    (r"\sum_{i=1}^{N} L_i", [r"\sum\limits_{i=1}^N L_i", r"\sum^N_{i = 1} L_i"]),
    (r"\sum_i \sum_j x_{ij}", [r"\sum_{i,j} x_{i j}", r"\sum_i\sum_{j}x_{i,j}"]),
    (r"x_{\cdot i}", [r"x_{:,i}", r"x_{\cdot, i}", r"x_{: i}"]),
    (r"x_{i \cdot}", [r"x_{i,:}", r"x_{i, \cdot}"]),
    (r"f_k'[z]", ["f'_k(z)", r"f_k^{\prime}(z)", r"f^\prime_k[z]"]),
    (r"g'^{[l]}(z)", [r"g^{[l]'}(z)"]),
    (r"\hat{y}_k", [r"\hat y_k", r"\widehat{y}_k", r"\hat{\boldsymbol{y}}_k"]),
    (r"\begin{pmatrix} 1 & 2 \end{pmatrix}", [r"\begin{bmatrix} 1 & 2 \\ \end{bmatrix}"]),
]


@pytest.mark.parametrize(
    ("canonical", "spelling"),
    [(canonical, spelling) for canonical, spellings in SAME for spelling in spellings],
)
def test_a_formula_has_many_spellings(canonical, spelling):
    """Fonts, braces, brackets, spaces and the order of scripts make no difference."""
    assert parse_expression(spelling) == parse_expression(canonical)


@pytest.mark.parametrize(
    "spelling",
    [
        r"a = b , \qquad c < d .",
        r"a = b \quad c < d",
        r"a = b ;\, c \lt d",
        r"a = b \text{ and } c < d",
        r"a = b \\ c < d",
        r"\begin{aligned} a &= b \\[2pt] c &< d \end{aligned}",
        r"\begin{align*} a & = b, & c & < d \tag{1} \end{align*}",
        r"\begin{split} a &= b \label{eq:x_1} \\ c &< d \nonumber \end{split} .",
        r"\begin{equation} \begin{split} a &= b \\ c &< d \end{split} \end{equation}",
        r"\begin{gathered} a = b, \\ c < d. \end{gathered}",
        "a = b % a remark\n, c < d",
    ],
)
def test_formulas_are_set_apart_in_many_ways(spelling):
    """Punctuation, wide spaces, words and rows all end a formula."""
    first, second = parse(spelling).chains

    assert first == parse("a = b").chains[0]
    assert second == parse("c < d").chains[0]


@pytest.mark.parametrize(
    "spelling",
    [
        r"k = M, \dots, 1",
        r"k=M,\ldots,1",
        r"k = M, M-1, \dots, 1",
        r"k = M \dots 1",
        r"\text{for } k = M, \dots, 1",
        r"\forall k \in \{M, \dots, 1\}",
        r"k \in \{ M, M - 1, \dots, 1 \}",
        r"M \ge k \ge 1",
        r"\text{for all } M \geq k \geq 1",
    ],
)
def test_a_range_has_many_spellings(spelling):
    """The values of an index are a range, and no equation."""
    display = parse(r"x = z, \qquad " + spelling)

    assert len(display.chains) == 1
    assert display.ranges == (node(tree.Range, k, name("M"), number(1)),)


# Trees.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"z_{k-1}", sub(z, node(tree.Subtract, k, number(1)))),
        (r"W_{rs}", sub(W, name("r"), name("s"))),
        (r"W_{r1}", sub(W, name("r"), number(1))),
        (r"(W_k)_{rs}", sub(sub(W, k), name("r"), name("s"))),
        (r"z_{y_i i}", sub(z, sub(name("y"), name("i")), name("i"))),
        (r"x_{\cdot i}", sub(x, node(tree.AllOf), name("i"))),
        (r"x^2", node(tree.Script, x, (), number(2))),
        (r"(x_k)^2", node(tree.Script, sub(x, k), (), number(2))),
        (r"x_k^2", node(tree.Script, x, (k,), number(2))),
        (r"x^{(l)}", node(tree.Script, x, (), name("l"), "(")),
        (r"x^{[l]}_k", node(tree.Script, x, (k,), name("l"), "[")),
        (r"x_k^T", node(T, sub(x, k))),
        (r"2 W x", product(number(2), W, x)),
        (r"W (z x)", product(W, product(z, x))),
        (r"-W x", node(tree.Negative, product(W, x))),
        (r"-x + z", node(tree.Add, node(tree.Negative, x), z)),
        (r"x - z - W", node(tree.Subtract, node(tree.Subtract, x, z), W)),
        (r"x z / 2", node(tree.Quotient, product(x, z), number(2))),
        (r"x z \cdot W", node(tree.Dot, product(x, z), W)),
        (r"2 x \odot z", product(number(2), node(tree.Hadamard, x, z))),
        (r"\tfrac12 x \odot z", product(node(tree.Quotient, number(1), number(2)),
                                       node(tree.Hadamard, x, z))),
        (r"\mathbf{1} x", product(name("1"), x)),
        (r"1 x", product(number(1), x)),
        (r"\mathcal{L} \mathbb{R}", product(name("cal L"), name("bb R"))),
        (r"\bar{x} \ell \varepsilon", product(name("bar x"), name("ell"), name("varepsilon"))),
        (r"0.5", number("1/2")),
        (r"(2, 1)^T", node(T, node(tree.Tuple, (number(2), number(1))))),
        (r"W_1 \cdots x", product(sub(W, number(1)), node(tree.Dots), x)),
        (r"\text{forward  additions}", node(tree.Text, "forward additions")),
        (r"\langle x, z \rangle", node(tree.Inner, x, z)),
        (r"\lceil x \rceil", node(tree.Ceiling, x)),
        (r"\mathrm{ReLU}", name("ReLU")),
        (r"\prod_{k} x z", node(tree.Sum, k, None, None, product(x, z), PRODUCT)),
        (r"\sum_k x + z", node(tree.Add, node(tree.Sum, k, None, None, x), z)),
        (r"x \odot \sum_k z", node(tree.Hadamard, x, node(tree.Sum, k, None, None, z))),
        (r"f(z)^2", node(tree.Script, node(tree.Apply, name("f"), (z,)), (), number(2))),
        (r"\nabla_z L \odot x", node(tree.Hadamard, node(tree.Derivative, L, z), x)),
        (r"\nabla_z L x", product(node(tree.Derivative, L, z), x)),
        (r"e^{-x^2/2}", node(tree.Script, name("e"), (), node(tree.Negative, node(
            tree.Quotient, node(tree.Script, x, (), number(2)), number(2))))),
    ],
)  # fmt: skip
def test_the_tree_says_what_is_written(source, expected):
    """Each construction has one tree."""
    assert parse_expression(source) == expected


def test_cases_have_conditions():
    """With or without words, and one of them may be `otherwise`."""
    rows = r"z, & z > 0 \\ x & \text{if } i \ne r , \\ 0 & \text{otherwise.}"
    (chain,) = parse(rf"f = \begin{{cases}} {rows} \end{{cases}}").chains

    assert chain.steps[0].side == node(
        tree.Cases,
        (z, x, number(0)),
        (
            node(tree.Compare, ">", z, number(0)),
            node(tree.Compare, "≠", name("i"), name("r")),
            None,
        ),
    )


def test_every_step_of_a_chain_is_one():
    """Relations have one sign each, reasons stand beside their step, rows go on."""
    display = parse(
        r"""\begin{aligned}
        x &:= z && \text{(the case } k = 1 \text{ of (2))} \\
          &\equiv W \\
          &\qquad - z
          \quad \text{(simply)} \\
          &\le k \leftarrow z
        \end{aligned} \qquad \text{for the ReLU.}"""
    )
    (chain,) = display.chains

    assert [step.relation for step in chain.steps] == [":=", ":=", "≤", "←"]
    assert [step.reason for step in chain.steps] == [
        "(the case $k = 1$ of (2))",
        "(simply)",
        "",
        "",
    ]
    assert chain.steps[1].side == node(tree.Subtract, W, z)
    assert display.remarks == ("for the ReLU.",)


def test_a_lone_expression_is_a_chain_without_steps():
    """An expression may stand by itself."""
    assert parse("x + z").chains == (node(tree.Chain, node(tree.Add, x, z)),)


def test_declarations_decide_what_a_letter_is():
    """Functions apply to their bracket; a declared T is no transpose, a declared d no ∂."""
    assert parse_expression("u[z]", functions={"u"}) == node(tree.Apply, name("u"), (z,))
    assert parse_expression("u[z]", declared={"u"}) == product(name("u"), z)
    assert parse_expression("f(z)", functions=()) == product(name("f"), z)
    assert parse_expression(r"\mathrm{step} (z)", declared={"step"}) == product(name("step"), z)
    assert parse_expression("x^T", declared="T") == node(tree.Script, x, (), name("T"))
    assert parse_expression(r"x^{\mathsf T}", declared="T") == node(T, x)
    assert isinstance(parse_expression(r"\frac{d x}{d z}", declared="d"), tree.Quotient)


def test_a_node_knows_where_it_stands():
    """Spans are places in the source as the author wrote it."""
    source = r"\boldsymbol{x}_k = f\bigl[ z_{k-1} \bigr] \, W"
    (chain,) = parse(source).chains
    application = chain.steps[0].side.left
    place = [
        source[slice(*part.span)] for part in (chain.first, application, application.arguments[0])
    ]

    assert place == [r"\boldsymbol{x}_k", r"f\bigl[ z_{k-1} \bigr]", r"z_{k-1}"]


# Refusals.


@pytest.mark.parametrize(
    ("source", "code", "caret_under"),
    [
        (r"a \odot W x", "BP103", r"\odot"),
        (r"W x \odot a", "BP103", r"\odot"),
        (r"\mathbb{I}[z > 0] \odot W^T x", "BP103", r"\odot"),
        (r"a \odot b \cdot c", "BP103", r"\cdot"),
        (r"a / b \odot c", "BP103", r"\odot"),
        (r"x = \boldsymbl{z}", "BP102", r"\boldsymbl"),
        (r"x = (a + b", "BP101", "("),
        (r"x = a + b)", "BP101", ")"),
        (r"x = \left( a \right]", "BP101", "]"),
        (r"x = a + = b", "BP101", "="),
        (r"x = a * b", "BP101", "*"),
        (r"x = + b", "BP101", "+"),
        (r"x = a +", "BP101", "+"),
        (r"x = a - -b", "BP101", "-"),
        (r"x^2^3", "BP101", "^3"),
        (r"x_2_3", "BP101", "_3"),
        (r"x'^{2}{}^T", "BP101", "}"),
        (r"x = \frac{1}", "BP101", "}"),
        (r"x \approx z", "BP101", r"\approx"),
        (r"\frac{\partial^2 L}{\partial z^2}", "BP101", "^"),
        (r"{\partial L \over \partial z}", "BP101", r"\over"),
        (r"\int z", "BP101", r"\int"),
        (r"x \in \mathbb{R}^n", "BP101", r"\mathbb{R}"),
        (r"\sum_{i \in B} x", "BP101", r"\in"),
        (r"\sum_{i \ne j} x", "BP101", r"i \ne j"),
        (r"\sum x", "BP101", r"\sum"),
        (r"\sum_i^N x", "BP101", r"\sum"),
        (r"p(y | x)", "BP101", ")"),
        (r"\left. x \right|", "BP101", r"\left"),
        (r"a (z > 0)", "BP101", "(z > 0)"),
        (r"\{1, 2\}", "BP101", r"\{1, 2\}"),
        (r"\nabla L", "BP101", "L"),
        (r"\frac{\partial}{\partial z}", "BP101", r"\frac{\partial}{\partial z}"),
        (r"\begin{array}{c} 1 \end{array}", "BP101", r"\begin{array}"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", "BP101", None),
        (r"\begin{pmatrix} 1 & \\ 3 & 4 \end{pmatrix}", "BP101", r"\\"),
        (r"a = b, c", "BP101", "c"),
        (r"z = x \text{ if } k > 0", "BP101", "k > 0"),
        (r"L = \text{the sum of } x", "BP101", r"\text{the sum of }"),
        (r"\text{nothing but words}", "BP101", None),
        ("", "BP101", ""),
        (r"\text{if $z > 0$}", "BP101", r"\text"),
        (r"x_{(i)}", "BP101", "(i)"),
        (r"x_{z > 0}", "BP101", "z > 0"),
        (r"x^\top y_\top", "BP101", r"\top"),
        (r"\mathbb{I}[0 < z < 1]", "BP101", "<"),
        (r"x_{2k}", "BP205", "2"),
        (r"x_{k - 1 j}", "BP205", "1 j"),
        (r"W^{[l]^T}", "BP205", "[l]^T"),
        (r"W^{lT}", "BP205", "T"),
        (r"\mathbf{ab}", "BP205", r"\mathbf{ab}"),
        (r"x = z 2", "BP205", "2"),
        (r"\log a b", "BP205", "a b"),
        (r"\log a \odot b", "BP205", r"\odot"),
        (r"\log a / b", "BP205", r"\log a / b"),
        (r"1/2 x", "BP205", "1/2 x"),
        (r"\frac{\partial}{\partial z} a b", "BP205", "a b"),
        (r"\frac{\partial W x}{\partial x}", "BP205", "W x"),
        (r"\nabla_z L(z)", "BP205", "L"),
        (r"u[z]", "BP205", "u[z]"),
        (r"u'(z)", "BP205", "u'(z)"),
        (r"u(x, z)", "BP205", "u(x, z)"),
        (r"f z", "BP205", "f"),
        (r"\operatorname{diag} z", "BP205", r"\operatorname{diag}"),
        (r"g \circ f", "BP205", "g"),
        (r"k = 2, 4, \dots, M", "BP205", "4"),
        (r"k = M, M - 2, \dots, 1", "BP205", "M - 2"),
        (r"\begin{align} a &= b \\ &- c = d \end{align}", "BP205", "-"),
        ("x" * 10_001, "BP104", None),
        ("(" * 61 + "x" + ")" * 61, "BP104", "("),
        (" + ".join("x" * 80), "BP104", None),
        ("x" + "'" * 200, "BP104", None),
        (r"\hat" * 200 + "{x}", "BP104", None),
        ("& " * 4_900, "BP101", None),
        ("9" * 5_000, "BP104", None),
        (r"\sum_i " * 150 + "x", "BP104", None),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_not_certain_is_refused(source, code, caret_under):
    """The code and the caret say what is wrong and where."""
    reason = refusal(source)

    assert reason.code == code
    if caret_under is not None:
        assert source[slice(*reason.span)] == caret_under


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"x = (a + b", r"BP101: A closing \) is missing\.$"),
        (r"p(y | x)", r"A closing \| is missing: \) closes nothing"),
        (r"a \odot W x", r"without parentheses\. Parenthesise one of the two"),
        (r"\boldsymbl{z}", r"unknown\. Did you mean \\boldsymbol\?$"),
        (r"\xyzzy", r"unknown\. Define it as a macro, or write it out\.$"),
        (r"x = a +", r"ends too early"),
        (r"x = a + = b", r"= stands where a quantity was expected"),
        (r"a * b", r"Write \\cdot for numbers, \\odot for a pointwise product"),
        (r"1/2 x", r"How far does the slash reach\? Write \\frac"),
        (r"u[z]", r"Declare u as a function"),
        (r"\begin{tabular} \end{tabular}", r"The environment tabular is not in the language"),
    ],
)  # fmt: skip
def test_a_refusal_speaks_of_mathematics(source, words):
    """Messages name what the author wrote and the mend, and no rule of the grammar."""
    with pytest.raises(Refusal) as caught:
        parse(source)

    assert caught.match(words)


SIGNS = [*r"+-)(]}{^_&,.'=/", r"\\", *re.findall(r"\S+", r"\odot \in \partial \sum \text{a} \frac")]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("place", ["x = {}", "{} x", "x = z {0} {0} W", "x_{}"])
def test_a_refusal_names_no_terminal(sign, place):
    """Whatever single sign is put into a formula, the message has no word of the grammar in it."""
    terminals = {terminal.name for terminal in grammar().terminals}
    source = place.format(sign)
    message = "" if is_read(source) else str(refusal(source))

    assert not terminals & set(re.findall(r"\w{3,}", message))
