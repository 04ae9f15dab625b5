"""What is typeset reads as the same tree, and looks like the book."""

import pytest
from formulas import BOOK, FUNCTIONS, displays, quantities, texts
from hypothesis import given, settings

from backproof.equations.parse import parse, parse_expression
from backproof.equations.refusal import Refusal
from backproof.equations.typeset import typeset

MANY = settings(max_examples=max(300, settings.default.max_examples))
"""Some hundred examples; --hypothesis-profile=long searches a hundred thousand."""


@pytest.mark.parametrize(
    "source",
    [
        r"\frac{\partial L}{\partial z_{k}}",
        r"W_{k}^{\mathsf T} x_{k} + b_{k}",
        r"\mathbb{I}[z_{k - 1} > 0] \odot (W x)",
        r"f'[z] \operatorname{softmax}[z] \log(z)",
        r"\sum_{i=1}^{N} L_{i} - y",
        r"a^{[l - 1]\mathsf T} (x_{k})_{\cdot i} (W_{k})_{r s}",
        r"2 (a \odot b \odot c)",
        r"(W x)^{\mathsf T} (a - b)^{2} (-a)",
        r"a - (b - c) + (a - b)",
        r"a (b c) \cdot \lVert x \rVert_{2}^{2} \cdot \lvert a \rvert",
        r"f^{2}[z] f[z]^{2} f_{k}'[z] f'^{[l]}[z] x'^{2}",
        r"\left( \sum_{i} x_{i} \right) y",
        r"\begin{pmatrix} 1 & 2 \\ 3 & -4 \end{pmatrix} + (2, 1)^{\mathsf T}",
        r"\begin{cases} z & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\langle a, b \rangle + \lceil \sqrt{2} \rceil + \text{slope} + 0.044715",
        r"\hat{y} \bar{\mathcal{L}} \mathbf{1} \mathbb{R} \ell \eta",
        r"e^{{(a - b)^{2}}} e^{(a)} e^{a - b}",
        r"W_{1} \cdots W_{M}",
        r"\frac{d x}{(d z)}",
    ],
)
def test_the_spelling_of_the_book_stays(source):
    """What is in this spelling already is typeset letter by letter."""
    assert typeset(parse_expression(source)) == source


def test_a_display_has_its_ranges_last():
    """Chains come first, then ranges; reasons and remarks are left out."""
    source = r"z_k &= W_k x_k && \text{(so)} \\ k &\in \{1,\dots,M\},\quad y := \text{out}"

    assert typeset(parse(source)) == (
        r"z_{k} = W_{k} x_{k}, \quad y := \text{out}, \quad k = 1, \dots, M"
    )


@pytest.mark.parametrize("source", BOOK)
def test_the_book_survives(source):
    """Every equation of the book that is read is read as the same again."""
    try:
        display = parse(source, functions=FUNCTIONS)
    except Refusal:
        return

    assert parse(typeset(display), functions=FUNCTIONS) == display


@MANY
@given(quantities)
def test_any_quantity_survives(quantity):
    """A random tree is typeset and read back unchanged."""
    assert parse_expression(typeset(quantity)) == quantity


@MANY
@given(displays())
def test_any_display_survives(display):
    """So is a random display."""
    assert parse(typeset(display)) == display


def display_or_refusal(text):
    """Return what becomes of `text`: a display or a Refusal, and nothing else."""
    try:
        return parse(text)
    except Refusal as refusal:
        return refusal


@MANY
@given(texts)
def test_any_text_survives_or_is_refused(text):
    """Random text is a tree that survives, or a Refusal with its place in the text."""
    found = display_or_refusal(text)
    spans = [found.span] if isinstance(found, Refusal) else [part.span for part in found.walk()]

    assert all(0 <= span.start < max(span.end, not text) <= max(len(text), 1) for span in spans)
    assert isinstance(found, Refusal) or parse(typeset(found)) == found
