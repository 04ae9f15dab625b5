"""Documents are read completely, in order, with true places; what is unclear is refused."""

import json
import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backproof.equations.documents import (
    Declaration,
    Document,
    DocumentRefusal,
    Equation,
    assemble,
    read,
)


@pytest.fixture
def reading(tmp_path):
    """Read a text as the file of a name."""

    def read_text(text, name="notes.md"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read(path, shown=name)

    return read_text


@pytest.fixture
def refused(reading):
    """Read a text that must be refused; return the refusal."""

    def refuse(text, name="notes.md"):
        with pytest.raises(DocumentRefusal) as caught:
            reading(text, name)
        return caught.value

    return refuse


def sources(document):
    return [equation.source for equation in document.equations]


def true_places(document, text):
    """Whether each letter of each equation stands where the equation says."""
    lines = text.split("\n")
    for equation in document.equations:
        for offset, letter in enumerate(equation.source):
            line, column = equation.locate(offset)
            if not letter.isspace() and lines[line - 1][column - 1] != letter:
                return False
    return bool(document.equations)


# What must be refused


@pytest.mark.parametrize("name", ["notes.txt", "notes", "notes.MD2"])
def test_unknown_suffix(refused, name):
    """Only four formats are read."""
    assert refused("$$a$$", name).code == "BP402"


def test_absent_file(tmp_path):
    """A file that is not there is refused by name, not with a traceback."""
    with pytest.raises(DocumentRefusal, match="cannot be opened") as caught:
        read(tmp_path / "absent.md")
    assert caught.value.path.endswith("absent.md")


def test_not_utf8(tmp_path):
    """Another encoding is refused: a guess would move every caret."""
    path = tmp_path / "notes.tex"
    path.write_bytes(b"abc \xe9")
    with pytest.raises(DocumentRefusal, match="byte 4 is not UTF-8"):
        read(path)


@pytest.mark.parametrize(
    ("name", "text", "line", "column"),
    [
        ("notes.md", "text\n\n> $$ a = b\n", 3, 3),
        ("notes.tex", "text\n  \\[ a = b\n", 2, 3),
        ("notes.tex", "\\begin{align} a = b\n", 1, 1),
        ("notes.tex", "a $b\n", 1, 3),
    ],
)
def test_unclosed_display(refused, name, text, line, column):
    """A display that never ends would hide itself, or all that follows it."""
    refusal = refused(text, name)
    assert (refusal.code, refusal.line, refusal.column) == ("BP402", line, column)


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": [1]}', '{"cells": 3}', "[" * 100_000])
def test_broken_notebook(refused, text):
    """A file that is no notebook is refused."""
    assert refused(text, "a.ipynb").code == "BP402"


@pytest.mark.parametrize(
    ("line", "code"),
    [("outside:", "BP403"), ("outside:   ", "BP403"), ("expect: right", "BP206")],
)
def test_bad_word_about_the_next_equation(refused, line, code):
    """An exception needs a reason, and only `wrong` can be expected."""
    refusal = refused(f"text\n\n<!-- backproof\n{line}\n-->\n\n$$a = b$$\n")
    assert (refusal.code, refusal.line) == (code, 4)


@pytest.mark.parametrize("line", ["expect: wrong", "outside: a reason"])
def test_no_equation_follows(refused, line):
    """A word about the next equation must have one, or it was lost."""
    refusal = refused(f"$$a = b$$\n\n% backproof: {line}\n")
    assert (refusal.code, refusal.line, refusal.column) == ("BP206", 3, 14)


def test_wrong_and_outside(refused):
    """What is not checked cannot be shown to be wrong."""
    text = "<!-- backproof\nexpect: wrong\noutside: reason\n-->\n\n$$a = b$$\n"
    assert refused(text).code == "BP206"


def test_two_colons(refused):
    """`.. backproof::` is a directive that nobody knows: its lines would be lost."""
    assert refused(".. backproof:: expect: wrong\n\n.. math:: a\n", "a.rst").code == "BP206"


@pytest.mark.parametrize(
    "macro",
    [r"\newcommand{\be}{\begin{equation}}", r"\newenvironment{e}{\[}{\]}", r"\def\d{$$}"],
)
def test_macro_that_opens_a_display(refused, macro):
    """The equations displayed by such a macro would never be read."""
    assert refused(f"{macro}\n\\[ a \\]\n", "a.tex").code == "BP105"


def test_yaml_escape(refused):
    """YAML would turn backslash e into an escape character."""
    refusal = refused('---\nbackproof:\n  - "\\eta: scalar"\n---\n\n$$a$$\n')
    assert (refusal.code, refusal.line) == ("BP206", 3)


# Markdown


@pytest.mark.parametrize(
    ("text", "source", "label"),
    [
        ("$$\na = b\n$$\n", "a = b", ""),
        ("$$ a = b $$ (one)\n", "a = b", "one"),
        ("$$\na = b\n$$ (one)\n", "a = b", "one"),
        ("words $$a = b$$ words\n", "a = b", ""),
        ("words\n$$a = b$$.\n", "a = b", ""),
        ("```{math}\n:label: one\na = b\n```\n", "a = b", "one"),
        ("```{math}\n---\nlabel: one\n---\na = b\n```\n", "a = b", "one"),
        ("```{math} a = b\n```\n", "a = b", ""),
        (":::{math}\na = b\n:::\n", "a = b", ""),
        ("```math\na = b\n```\n", "a = b", ""),
        ("- item\n\n  $$\n  a = b\n  $$\n", "a = b", ""),
        ("> > $$\n> > a = b\n> > $$\n", "a = b", ""),
        ("````{note}\n```{tip}\n$$\na = b\n$$\n```\n````\n", "a = b", ""),
        (":::{note}\n$$ a = b $$ (one)\n:::\n", "a = b", "one"),
        ("- x\n\n  ```{note}\n  > $$\n  > a = b\n  > $$\n  ```\n", "a = b", ""),
        ("| h |\n|---|\n| $$a = b$$ |\n", "a = b", ""),
        ("term\n: text\n\n  $$\n  a = b\n  $$\n", "a = b", ""),
        ("[^1]\n\n[^1]: note\n\n    $$\n    a = b\n    $$\n", "a = b", ""),
        ("!!! note\n\n    $$\n    a = b\n    $$\n", "a = b", ""),
        ("```{eval-rst}\n.. math:: a = b\n   :label: one\n```\n", "a = b", "one"),
        ("\\begin{align}\na &= b \\label{one}\n\\end{align}\n", None, "one"),
    ],
)
def test_markdown_displays(reading, text, source, label):
    """Every way to display a formula is found, wherever it stands, with true places."""
    document = reading(text)
    (equation,) = document.equations
    assert source is None or equation.source == source
    assert equation.label == label
    assert true_places(document, text)


@pytest.mark.parametrize(
    "text",
    [
        "```python\n$$ a = b $$\n```\n",
        "    $$ a = b $$\n",
        "`$$a = b$$`\n",
        "```{code-block} md\n$$ a = b $$\n```\n",
        "<!-- $$ a = b $$ -->\n",
        "words $a = b$ words, \\$\\$ too\n",
        "% $$ a = b $$\n",
    ],
)
def test_markdown_code_is_not_read(reading, text):
    """Code, comments and formulas within a line are no displays."""
    assert not reading(text).equations


def test_places_of_long_formulas(reading):
    """Each letter of a formula of many lines, in a quote in a list, has its place."""
    text = "- x\n\n  > $$\n  > a = b\n  >   + c\n  > = d $$\n\n$$ e\n= f\n$$\n"
    document = reading(text)
    assert len(document.equations) == 2
    assert true_places(document, text)


def test_equal_formulas_have_their_own_places(reading):
    """The second of two equal formulas is not mistaken for the first."""
    document = reading("$$a$$\n\nx $$a$$ y $$a$$\n")
    assert [(e.line, e.column) for e in document.equations] == [(1, 3), (3, 5), (3, 13)]


def test_blank_line_of_a_directive_ends_a_formula(reading):
    r"""Sphinx sets what a blank line separates on lines of their own; so does `\\`."""
    document = reading("```{math}\na = b\n\nc = d\n```\n")
    assert sources(document) == ["a = b\n\\\\\nc = d"]
    assert document.equations[0].locate(len("a = b\n\\\\\n")) == (4, 1)


def test_markdown_declarations(reading):
    """Declarations stand in comments and in the front matter, and keep order and place."""
    document = reading(
        "---\ntitle: T\nbackproof:\n  - notation: rows\n  - '\\eta: scalar'\nother:\n  - x\n---\n\n"
        "<!-- backproof\nk = 1\n\nA: matrix\n-->\n\n$$a$$\n\n% backproof: B: matrix\n\n"
        "word <!-- backproof: C: scalar -->\n\n```{note}\n% backproof: D: scalar\n```\n"
    )
    declared = [item for item in document.items if isinstance(item, Declaration)]
    assert [(each.text, each.line, each.column) for each in declared] == [
        ("notation: rows", 4, 5),
        (r"\eta: scalar", 5, 6),
        ("k = 1", 11, 1),
        ("A: matrix", 13, 1),
        ("B: matrix", 18, 14),
        ("C: scalar", 20, 22),
        ("D: scalar", 23, 14),
    ]
    assert isinstance(document.items[4], Equation)


@pytest.mark.parametrize("value", ["layout: denominator", "|\n  layout: denominator"])
def test_front_matter_as_text(reading, value):
    """The front matter may hold text in place of a list."""
    (item,) = reading(f"---\nbackproof: {value}\n---\n").items
    assert item.text == "layout: denominator"


def test_words_about_the_next_equation(reading):
    """They are about the next equation, and no other."""
    document = reading(
        "$$a$$\n\n<!-- backproof: expect: wrong -->\n\ntext\n\n$$b$$\n\n$$c$$\n\n"
        "% backproof: outside: the data\n\n$$d$$\n"
    )
    assert [e.expected_wrong for e in document.equations] == [False, True, False, False]
    assert [e.outside for e in document.equations] == ["", "", "", "the data"]
    assert len(document.items) == 4


def test_macros_are_collected(reading):
    """Definitions are collected wherever they stand, and are no equations."""
    document = reading(
        "$$\n\\newcommand{\\T}{^{\\mathsf T}}\n\\def\\b#1{\\mathbf{#1}}\n$$\n\n"
        "$\\newcommand{\\R}[1][n]{\\mathbb{R}^{#1}}$\n\n$$\\newcommand{\\x}{y} a = \\x$$\n"
    )
    assert document.macros.split("\n") == [
        r"\newcommand{\T}{^{\mathsf T}}",
        r"\def\b#1{\mathbf{#1}}",
        r"\newcommand{\R}[1][n]{\mathbb{R}^{#1}}",
        r"\newcommand{\x}{y}",
    ]
    assert sources(document) == [r"a = \x"]


def test_byte_order_mark_and_windows_lines(tmp_path):
    """What an editor on Windows saves is read with the same places."""
    path = tmp_path / "notes.md"
    path.write_bytes(b"\xef\xbb\xbf$$ a\r\n= b $$\r\n")
    (equation,) = read(path).equations
    assert (equation.source, equation.column, equation.locate(3)) == ("a\n= b", 4, (2, 2))


# reStructuredText


@pytest.mark.parametrize(
    ("text", "source", "label"),
    [
        (".. math:: a = b\n", "a = b", ""),
        (".. math:: a\n   = b\n", "a\n   = b", ""),
        (".. math::\n   :label: one\n\n   a = b\n", "a = b", "one"),
        (".. note::\n\n   .. math::\n\n      a = b\n", "a = b", ""),
        ("* * .. math:: a = b\n", "a = b", ""),
        ("1. text::\n\n     code\n\n   .. math:: a = b\n", "a = b", ""),
        ("..\n\n   .. math:: a = b\n", "a = b", ""),
        (".. _target:\n\n.. math:: a = b\n", "a = b", ""),
    ],
)
def test_restructuredtext_displays(reading, text, source, label):
    """A math directive is found wherever it is indented, with true places."""
    document = reading(text, "a.rst")
    assert [(e.source, e.label) for e in document.equations] == [(source, label)]
    assert true_places(document, text)


@pytest.mark.parametrize(
    "text",
    [
        "text::\n\n   .. math:: a = b\n",
        ".. code-block:: rst\n\n   .. math:: a = b\n",
        ".. a comment\n   .. math:: a = b\n",
        "..\n   .. math:: a = b\n",
    ],
)
def test_restructuredtext_code_is_not_read(reading, text):
    """Literal blocks, code and comments hold no displays."""
    assert not reading(text, "a.rst").equations


def test_restructuredtext_declarations(reading):
    """A comment declares on its own line or below it."""
    text = ".. backproof: A: x\n\n.. backproof:\n   B: x\n\n   C: x\n\ntext\n"
    found = [(item.text, item.line, item.column) for item in reading(text, "a.rst").items]
    assert found == [("A: x", 1, 15), ("B: x", 4, 4), ("C: x", 6, 4)]


# LaTeX


@pytest.mark.parametrize(
    ("text", "source", "label"),
    [
        ("\\[ a = b \\]", "a = b", ""),
        ("$$ a = b $$", "a = b", ""),
        ("\\begin{equation}\\label{one}\n  a = b\n\\end{equation}", "a = b", "one"),
        ("\\begin{equation*} a = b \\end{equation*}", "a = b", ""),
        ("\\begin{align*}a &= b\\end{align*}", "\\begin{align*}a &= b\\end{align*}", ""),
        ("a \\\\[2pt] $b$$c$ \\(d\\) \\$ \\[ a = b \\]", "a = b", ""),
        ("\\verb|$$| 5\\% \\[ a = b % \\]\n \\]", "a = b", ""),
    ],
)
def test_tex_displays(reading, text, source, label):
    """Each display is found, whatever stands before it, with true places."""
    document = reading(text, "a.tex")
    assert [(e.source.rstrip(), e.label) for e in document.equations] == [(source, label)]
    assert true_places(document, text)


@pytest.mark.parametrize("name", ["gather", "multline", "eqnarray", "alignat", "flalign"])
def test_tex_environments(reading, name):
    """An environment with rows is kept with its delimiters."""
    text = f"\\begin{{{name}}} a = b \\end{{{name}}}"
    assert sources(reading(text, "a.tex")) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "% \\[ a = b \\]\n",
        "\\begin{verbatim}\n\\[ a \\]\n\\end{verbatim}",
        "\\begin{lstlisting}\n% $$\n\\[ a \\]\n\\end{lstlisting}",
        "\\verb+\\[ a \\]+",
    ],
)
def test_tex_code_is_not_read(reading, text):
    """Comments and listings hold no displays."""
    assert not reading(text, "a.tex").equations


def test_tex_declarations_and_macros(reading):
    """Comments declare, in order; definitions of the preamble are collected."""
    document = reading(
        "\\newcommand{\\R}{\\mathbb{R}} % a comment\n% backproof: A: x\n\\[ a \\]\n"
        "  %% backproof: expect: wrong\n\\[ b \\]\n",
        "a.tex",
    )
    assert document.macros == r"\newcommand{\R}{\mathbb{R}}"
    assert document.items[0] == Declaration("A: x", "a.tex", 2, 14)
    assert [e.expected_wrong for e in document.equations] == [False, True]


# Notebooks


def test_notebook(reading):
    """Markdown cells are read, each with its number; code is not."""
    cells = [
        {"cell_type": "code", "source": ["$$code$$"]},
        {"cell_type": "markdown", "source": ["text\n", "\n", "$$\n", "a = b\n", "$$ (one)\n"]},
        {"cell_type": "markdown", "source": "% backproof: expect: wrong"},
        {"cell_type": "markdown", "source": "$$c$$"},
    ]
    document = reading(json.dumps({"cells": cells}), "a.ipynb")
    first, second = document.equations
    assert (first.path, first.line, first.label) == ("a.ipynb#cell2", 4, "one")
    assert (second.path, second.expected_wrong) == ("a.ipynb#cell4", True)


# Whatever is in the file

PIECES = (
    r"$$·$·> ·- ·  ·    ·TAB·a = b·\\·{·}·%·|·```·```{math}NL·```{note}NL·```{eval-rst}NL·:::·(x)"
    r"·:label: xNL·---NL·<!-- backproof·-->·% backproof: ·expect: wrong·outside: y·backproof:·NL·NL"
    r"·.. math::·.. backproof:·::·   ·.. ·1. ·* ·[^1]: ·: ·!!! xNL·\[·\]·\begin{align}·\end{align}"
    r"·\verb|·\label{l}·\newcommand{\x}·\begin{verbatim}·\end{verbatim}·\def\y#1·\·é·NLNL"
)
ODD = ["\r", "\x0c", "\x00", "\u2028", "\ufeff"]
pieces = st.sampled_from(PIECES.replace("NL", "\n").replace("TAB", "\t").split("·") + ODD)


@example("$$a\x00\n\nb$$", ".md")  # the parser replaces NUL: the formula is nowhere in the file
@given(st.lists(pieces, max_size=25).map("".join), st.sampled_from([".md", ".rst", ".tex"]))
def test_any_text_is_read_or_refused(tmp_path_factory, text, suffix):
    """A document or a placed refusal, never another exception; places lie within the file."""
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(text.encode())
    rows = path.read_text(encoding="utf-8-sig").count("\n") + 1
    try:
        places = [(item.line, item.column) for item in read(path).items]
    except DocumentRefusal as refusal:
        places = [(refusal.line, refusal.column)]
    assert all(1 <= line <= rows and column >= 1 for line, column in places)


# What documents are made of


def test_equation_without_starts():
    """An equation made by hand can be located too."""
    equation = Equation("ab\ncd", "x.md", 3, 5)
    assert (equation.locate(1), equation.locate(4)) == ((3, 6), (4, 2))


def test_assemble_keeps_other_declarations():
    """Only what is about the next equation is taken out."""
    items = [Declaration("k = 1", "x.md", 1, 1), Equation("a", "x.md", 2, 1)]
    assert assemble("x.md", items) == Document("x.md", tuple(items))


def test_refusal_survives_pickling():
    """Sphinx hands refusals from process to process."""
    refusal = DocumentRefusal("BP402", "no.", ("a.md", 2, 3), "mend.")
    again = pickle.loads(pickle.dumps(refusal))  # noqa: S301  these bytes are our own
    assert (str(again), again.path, again.line, again.column) == (str(refusal), "a.md", 2, 3)
