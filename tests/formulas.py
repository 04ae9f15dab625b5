"""Formulas to try the equation language on: those of the book, random trees, and random text."""

import re
from fractions import Fraction
from pathlib import Path

from hypothesis import strategies as st

from backproof.equations import tree
from backproof.equations.documents import Equation, read
from backproof.equations.names import DEFAULT_FUNCTIONS
from backproof.equations.tree import Span

ROOT = Path(__file__).parent.parent
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)

ITEMS = [item for page in sorted(ROOT.glob("docs/**/*.md")) for item in read(page).items]
BOOK = list(dict.fromkeys(item.source for item in ITEMS if isinstance(item, Equation)))
"""The displayed equations of the book, each once."""

FUNCTIONS = DEFAULT_FUNCTIONS | {"u", "q"}
"""What the book writes as functions."""

NOWHERE = Span(0, 1)


def node(kind, *arguments):
    """Return a node that stands nowhere in particular."""
    return kind(*arguments, span=NOWHERE)


def name(text):
    """Return the name `text`."""
    return node(tree.Name, text)


def number(value):
    """Return the number `value`."""
    return node(tree.Number, Fraction(value))


# Random trees, all of which the parser can produce.

LETTERS = ["z", "W", "x", "T", "d", "eta", "ell", "cal L", "bb R", "hat y", "bar cal L", "1", "e"]
names = st.sampled_from(LETTERS).map(name)
numbers = st.sampled_from([0, 1, 2, 10, Fraction(1, 2), Fraction(8943, 200000)]).map(number)
words = st.sampled_from(["slope", "active"]).map(lambda text: node(tree.Text, text))
relations = st.sampled_from(["=", "≠", "<", "≤", ">", "≥"])


@st.composite
def functions(draw):
    """Draw what stands before an argument: f, f_k, f′, f^{[l]}, tanh^2."""
    function = name(draw(st.sampled_from(["f", "sigma", "log", "max", "softmax", "diag"])))
    form = draw(st.sampled_from(["plain", "sub", "prime", "layer", "power", "both"]))
    if form in ("sub", "both"):
        function = node(tree.Script, function, (name("k"),))
    if form == "layer":
        function = node(tree.Script, function, (), name("l"), "[")
    if form in ("prime", "both"):
        function = node(tree.Prime, function)
    if form in ("power", "both"):
        function = node(tree.Script, function, (), number(2))
    return function


@st.composite
def scripts(draw, parts):
    """Draw a base with indices, a power or a layer."""
    index = st.one_of(
        names,
        numbers,
        words,
        st.just(node(tree.AllOf)),
        st.builds(lambda left, right: node(tree.Add, left, right), names, numbers),
        st.builds(lambda base, sub: node(tree.Script, base, (sub,)), names, names),
    )
    sub = tuple(draw(st.lists(index, max_size=3)))
    sup = draw(st.none() | parts) if sub else draw(parts)
    bracket = draw(st.sampled_from(["", "[", "("])) if sup else ""
    return node(tree.Script, draw(parts), sub, sup, bracket)


@st.composite
def sums(draw, parts):
    """Draw a sum or product sign with its index, with or without bounds."""
    bounds = (draw(parts), draw(st.none() | parts)) if draw(st.booleans()) else (None, None)
    return node(tree.Sum, draw(names), *bounds, draw(parts), draw(st.booleans()))


@st.composite
def cases(draw, parts):
    """Draw a distinction of cases."""
    values = tuple(draw(st.lists(parts, min_size=1, max_size=3)))
    some = st.none() | st.builds(lambda *arguments: node(tree.Compare, *arguments), *_two(parts))
    return node(tree.Cases, values, tuple(draw(some) for _ in values))


@st.composite
def matrices(draw, parts):
    """Draw a matrix of up to three columns."""
    row = st.tuples(*[parts] * draw(st.integers(1, 3)))
    return node(tree.Matrix, tuple(draw(st.lists(row, min_size=1, max_size=3))))


def _two(parts):
    return relations, parts, parts


def _larger(parts):
    """Return a strategy for what is made of `parts`."""

    def of(kind, *arguments):
        return st.builds(lambda *drawn: node(kind, *drawn), *arguments)

    one = (tree.Negative, tree.Root, tree.Transpose, tree.Prime, tree.Norm, tree.Absolute)
    two = (tree.Add, tree.Subtract, tree.Product, tree.Dot, tree.Hadamard, tree.Quotient)
    dots = of(tree.Product, parts, st.just(node(tree.Dots)))
    return st.one_of(
        *(of(kind, parts) for kind in (*one, tree.Ceiling)),
        *(of(kind, parts, parts) for kind in (*two, *two, tree.Derivative, tree.Inner)),
        of(tree.Product, dots, parts),
        of(tree.Apply, functions(), st.lists(parts, min_size=1, max_size=2).map(tuple)),
        of(tree.Indicator, of(tree.Compare, *_two(parts))),
        of(tree.Tuple, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        scripts(parts),
        sums(parts),
        cases(parts),
        matrices(parts),
    )


quantities = st.recursive(st.one_of(names, numbers, words), _larger, max_leaves=12)
"""Trees of one quantity."""


@st.composite
def displays(draw):
    """Draw a display of equations and ranges."""
    relation = st.one_of(relations, st.sampled_from([":=", "←"]))
    step = st.builds(lambda *drawn: node(tree.Step, *drawn), relation, quantities)
    chain = st.builds(
        lambda first, steps: node(tree.Chain, first, tuple(steps)),
        quantities,
        st.lists(step, min_size=1, max_size=3),
    ).filter(lambda chain: not _looks_like_range(chain))
    span = st.builds(lambda *drawn: node(tree.Range, *drawn), names, quantities, quantities)
    chains = tuple(draw(st.lists(chain, min_size=1, max_size=3)))
    return node(tree.Display, chains, tuple(draw(st.lists(span, max_size=2))))


def _looks_like_range(chain):
    between = [step.relation for step in chain.steps] in (["≤", "≤"], ["≥", "≥"])
    return between or any(isinstance(part, tree.Dots) for part in chain.walk())


# Random text.

PIECES = sorted({token for source in BOOK for token in TOKEN.findall(source)}) + re.findall(
    r"\S+",
    r"""\nabla \mathbf \boldsymbol \mathsf T \top ' '' \quad & && \\ \text{if} \text{for} \text{a~b}
    \text{otherwise} \begin{aligned} \end{aligned} \begin{cases} \end{cases} \begin{pmatrix}
    \end{pmatrix} | \| \left \right \in \{ \} \forall , . ; : := \hat \bar \mathcal \mathbb 1 2 0 I
    f g \log \max \tanh d \partial \frac \sqrt \sum \prod / \odot \cdot ^ _ { } ( ) [ ] - + = < >
    \dots \langle \rangle \lceil \rceil \operatorname{diag} \mathrm{ab} \prime % ~ \, \unknown $ # é
    \text \begin \end \label \tag \\[2pt]""",
)


def _joined(pieces):
    return "".join(piece + " " * piece[-1:].isalpha() for piece in pieces)


@st.composite
def mutants(draw):
    """Draw an equation of the book, or a part of one, with up to four tokens changed."""
    pieces = TOKEN.findall(draw(st.sampled_from(BOOK)))
    start = draw(st.integers(0, len(pieces) - 1))
    pieces = pieces[start:] if draw(st.booleans()) else pieces
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces)))
        pieces[at : at + draw(st.integers(0, 2))] = draw(
            st.lists(st.sampled_from(PIECES), max_size=2)
        )
    return _joined(pieces)


texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=20).map(_joined), mutants())
"""Texts of which most are no formula."""
