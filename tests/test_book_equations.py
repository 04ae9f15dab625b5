"""The book, and the pages kept beside the tests: every displayed equation is checked and holds."""

import re
import runpy
from collections import Counter
from pathlib import Path

import pytest

from backproof.checking.documents import check_document, check_documents
from backproof.checking.report import Outcome
from backproof.checking.watching import labelled_lines
from backproof.equations.documents import read

ROOT = Path(__file__).parent.parent
DECLARATIONS = runpy.run_path(str(ROOT / "conf.py"))["backproof_declarations"]
DOCUMENTS = Path(__file__).parent / "documents"
PAGES = sorted((ROOT / "docs").glob("*.md"))
DERIVATION = (
    "notation",
    "forward",
    "local-jacobians",
    "recursion",
    "first-layer",
    "batch",
    "kink",
)

OUTSIDE = {
    "cases": {2},  # numbers that are given
    "cost": {15},  # an inequality
    "initialisation": {1, 2, 3, 4, 6},  # means over random weights, and choices of a variance
    "numbers": {4},  # the name of a bound
}
"""The equations that are not checked, by page and place; each says why on its page."""

# What is proved in each document beside the tests, and slips in it: what is written, and instead.
PROVED = {"source.md": 8, "layers.md": 7, "rows.rst": 2, "brackets.tex": 2}
SLIPS = {
    "source.md": [
        (r"\boldsymbol{x}_\iota^{\mathsf T}", r"\boldsymbol{x}_\iota"),
        (r"\boldsymbol{W}_\iota^{\mathsf T}", r"\boldsymbol{W}_\iota"),
        (r"\boldsymbol{x}_i^{\mathsf T}", r"\boldsymbol{x}_i"),
        (r"\mathbb{I}[\boldsymbol{z}_{\iota-1} > 0] \odot", ""),
        (r"\boldsymbol{z}_{\iota-1} > 0", r"\boldsymbol{z}_{\iota-1} < 0"),
        (r"\boldsymbol{z}_{\iota-1} > 0", r"\boldsymbol{z}_{\iota-1} \ge 0"),
        (
            r"\boldsymbol{W}_\iota \boldsymbol{x}_\iota",
            r"\boldsymbol{x}_\iota \boldsymbol{W}_\iota",
        ),
        (r"\boldsymbol{b}_0 +", r"\boldsymbol{b}_1 +"),
        (r"\{1, 2, \ldots, M\}", r"\{0, 1, \ldots, M\}"),
        (
            r"\right) \qquad \iota \in \{M, M-1, \ldots, 1",
            r"\right) \qquad \iota \in \{M, M-1, \ldots, 0",
        ),
    ],
    "layers.md": [
        (r"w^l a^{l-1}", r"w^l a^l"),
        (r"w^l a^{l-1}", r"w^{l-1} a^{l-1}"),
        (r"(w^{l+1})^T \delta", r"w^{l+1} \delta"),
        (r"(w^{l+1})^T \delta^{l+1}", r"(w^{l+1})^T \delta^l"),
        (r"\nabla_{a^L} C \odot \sigma'(z^L)", r"\nabla_{a^L} C"),
        (r"a^{l-1}_k \delta^l_j", r"a^{l-1}_j \delta^l_k"),
        (r"{\partial b^l_j} = \delta^l_j", r"{\partial b^l_j} = \delta^l_k"),
        ("notation: layers", "notation: columns"),
    ],
    "rows.rst": [
        (r"\mathbf{1} b^{\mathsf T}", r"\mathbf{1} b"),
        (r"\frac{\partial L}{\partial Z} W^{\mathsf T}", r"\frac{\partial L}{\partial Z} W"),
        (
            r"X^{\mathsf T} \frac{\partial L}{\partial Z}",
            r"\frac{\partial L}{\partial Z} X^{\mathsf T}",
        ),
        (r"X^{\mathsf T} \frac{\partial L}{\partial Z}", r"X \frac{\partial L}{\partial Z}"),
        (r"\Bigr)^{\mathsf T} \mathbf{1}", r"\Bigr) \mathbf{1}"),
        ("rows, weights transposed", "rows"),
    ],
    "brackets.tex": [
        (r"\pd{\cost}{A^{[l]}} \odot g'", r"\pd{\cost}{A^{[l]}} \odot g"),
        (r"W^{[l]\top}", r"W^{[l]}"),
        (r"A^{[l-1]\top}", r"A^{[l]\top}"),
        (r"\pd{\cost}{Z^{[l]}} \mathbf{1}", r"\pd{\cost}{Z^{[l]}}"),
        (r"{W^{[l]}} &= \pd", r"{W^{[l]}} &= \frac{1}{N} \pd"),
        (r"{b^{[l]}} &= ", r"{b^{[l]}} &= -"),
    ],
}


@pytest.fixture(scope="module")
def report():
    """What is found out about every displayed equation of the book."""
    documents = [read(path, shown=path.stem) for path in PAGES]
    return check_documents(documents, declarations=DECLARATIONS, code="backproof")


def numbered(report):
    """Yield each result with its page and its place among the equations of that page."""
    count = Counter()
    for result in report.results:
        page = result.equation.path
        count[page] += 1
        yield page, count[page], result


def test_every_equation_of_the_book_passes(report):
    """Each is proved, agrees, is a definition, is wrong as expected, or is an exception."""
    failed = [
        f"{page}:{r.equation.line}: {r.problem}" for page, _, r in numbered(report) if not r.passed
    ]

    assert report.problems == []
    assert failed == []
    assert report.passed


def test_the_book_is_checked_and_not_empty(report):
    """Were the pages not found, or all of them excepted, the rest would pass unseen."""
    outcomes = Counter(result.outcome for result in report.results)

    assert outcomes[Outcome.PROVED] >= 80
    assert outcomes[Outcome.AGREES] >= 20
    assert outcomes[Outcome.WRONG] >= 20
    assert outcomes[Outcome.TAKEN] <= 8


def test_what_is_not_checked_is_listed(report):
    """At most eight exceptions, known by name; none in the derivation; each with its reason."""
    outside = [
        (page, number) for page, number, r in numbered(report) if r.outcome is Outcome.OUTSIDE
    ]

    assert outside == [(page, each) for page in OUTSIDE for each in sorted(OUTSIDE[page])]
    assert len(outside) <= 8
    assert not OUTSIDE.keys() & set(DERIVATION)
    assert {path.stem for path in PAGES} >= {*OUTSIDE, *DERIVATION}
    assert all(r.claim for _, _, r in numbered(report) if r.outcome is Outcome.OUTSIDE)


def test_every_labelled_equation_is_held_to_the_line_with_its_label(report):
    """The line exists, and bears the label of the equation and no other."""
    labelled = [r for r in report.results if r.equation.label and r.outcome is not Outcome.OUTSIDE]

    assert len(labelled) >= 50
    for result in labelled:
        place = re.fullmatch(r"(\S+):(\d+) \(\d+ runs, ==\)", result.held_to)
        assert place, f"{result.equation.label}: {result.held_to}"
        line = (ROOT / "src" / place[1]).read_text().splitlines()[int(place[2]) - 1]
        assert line.endswith(f"  # {result.equation.label}")


def test_every_label_in_the_code_is_an_equation_of_the_book(report):
    """No line of code claims an equation that no page shows."""
    labels = {result.equation.label for result in report.results}

    assert {line.label for line in labelled_lines("backproof").values()} <= labels


@pytest.mark.parametrize("name", PROVED)
def test_a_document_in_other_letters_is_proved(name):
    """All that it claims, in its own notation, with the declarations at its head."""
    found = check_document(read(DOCUMENTS / name))

    assert found.problems == []
    assert [r.problem for r in found.results if not r.passed] == []
    assert sum(r.outcome is Outcome.PROVED for r in found.results) == PROVED[name]


@pytest.mark.parametrize(
    ("name", "written", "slip"),
    [(name, *slip) for name, slips in SLIPS.items() for slip in slips],
)
def test_a_slip_in_a_document_fails(name, written, slip, tmp_path):
    """A transpose dropped, an order changed, a mask left out, a range too long: all are seen."""
    text = (DOCUMENTS / name).read_text()
    assert written in text
    path = tmp_path / name
    path.write_text(text.replace(written, slip, 1))

    assert not check_document(read(path)).passed
