"""Whole documents: what one equation says holds for the next, and for no other document."""

import pytest

from backproof.checking.documents import check_document, check_documents, found_notation
from backproof.checking.report import CHECKED, FAILURES, Outcome, Report, Result
from backproof.equations.documents import Equation, read
from backproof.equations.macros import read_macros
from backproof.equations.vocabulary import NOTATIONS, Vocabulary


@pytest.fixture
def document(tmp_path):
    """Write a page: `% …` is a declaration, anything else a formula, perhaps `… (label)`."""

    def write(*lines, name="notes.md"):
        blocks = [
            f"<!-- backproof\n{line[2:]}\n-->"
            if line.startswith("% ")
            else "$$\n" + line.replace(" (label ", "\n$$ (") + "\n$$" * (" (label " not in line)
            for line in lines
        ]
        path = tmp_path / name
        path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
        return read(path, shown=name)

    return write


@pytest.fixture
def outcomes(document):
    """Return what became of each equation of a page."""

    def check(*lines, **options):
        return [each.outcome for each in check_document(document(*lines), **options).results]

    return check


P, A, T, W, D, R, C = (
    Outcome.PROVED,
    Outcome.AGREES,
    Outcome.TAKEN,
    Outcome.WRONG,
    Outcome.DIFFERS,
    Outcome.REFUSED,
    Outcome.CANNOT_TELL,
)


# In reading order


def test_what_is_defined_holds_from_there_on(outcomes):
    """Not before, and not where the equation that defines it is refused."""
    own = "% u, v: vector[D]"

    assert outcomes(own, "u = 2 v", "u = v + v", "u = v") == [T, P, D]
    assert outcomes(own, "u + u = 4 v", "u = 2 v", "u + u = 4 v") == [D, T, P]
    assert outcomes(own, "u = 2 v = q", "u = 3 v", "u = 3 v") == [R, T, P]


def test_what_is_declared_holds_from_there_on(outcomes):
    """And may be said anew."""
    assert outcomes("u = u", "% u: vector[D]", "2 u = u + u") == [R, P]
    relu = r"x_k = \max(0, z_{k-1})"
    assert outcomes("% activation: relu", relu, "% activation: tanh", relu) == [P, D]


def test_what_is_wrong_as_expected_defines_nothing(outcomes):
    """Nor does what is not checked."""
    own = "% u, v: vector[D]"

    assert outcomes(own, "% expect: wrong", "u = 2 v = 3 v", "u = 3 v") == [W, T]
    assert outcomes(own, "% outside: a guess", "u = 2 v", "u = 3 v")[1] is T


def test_each_document_begins_anew(document):
    """With the declarations that are common to all, and none of the one before."""
    first = document("% u, v: vector[D]", "u = 2 v", "u = 2 v", name="first.md")
    second = document("u = 2 v", name="second.md")
    third = document("u = 3 v", name="third.md")
    alone = check_documents([first, second])
    common = check_documents([first, third], declarations=["u, v: vector[D]"])

    assert [each.outcome for each in alone.results] == [T, P, R]
    assert [each.outcome for each in common.results] == [T, P, T]
    assert [each.equation.path for each in common.results] == ["first.md", "first.md", "third.md"]


def test_macros_are_known_in_formulas_and_in_declarations(document):
    """And are refused where nobody has said them."""
    macros = read_macros(r"\newcommand{\err}{\epsilon}\newcommand{\two}{2}")
    page = document(r"% \err: vector[D]", r"\two \err = \err + \err")

    assert check_document(page, macros=macros).passed
    assert not check_document(page).passed


def test_a_declaration_that_cannot_be_read_is_a_problem_of_the_document(document):
    """With its place; the equations are checked all the same, and nothing passes."""
    report = check_document(document("% u: vectr[D]", "z_k = W_k x_k + b_k"))
    ((path, line, column, refusal),) = report.problems

    assert (path, line, column > 0, refusal.code) == ("notes.md", 2, True, "BP206")
    assert [each.outcome for each in report.results] == [P]
    assert not report.passed


def test_a_common_declaration_that_cannot_be_read_stops_everything(document):
    """It is nobody's page, so no page could show it."""
    with pytest.raises(ValueError, match="vectr"):
        check_document(document("z_k = z_k"), declarations=["u: vectr[D]"])


# The notation


NETWORKS = {
    "columns": "z_k = W_k x_k + b_k",
    "layers": "z_l = W_l a_{l-1} + b_l",
    "rows": r"Z_k = X_k W_k^T + \mathbf{1} b_k^T",
    "rows, weights transposed": r"Z_k = X_k W_k + \mathbf{1} b_k^T",
    "layers, rows": r"Z_l = A_{l-1} W_l + \mathbf{1} b_l^T",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_notation_is_found_by_the_affine_map(document, name):
    """It is the one in which the author's own map is true, wherever on the page that stands."""
    page = document("2 N = N + N", NETWORKS[name])

    assert found_notation(page, Vocabulary(), {}) == NOTATIONS[name]
    assert check_document(page).passed


def test_a_notation_that_is_declared_is_not_guessed(outcomes):
    """Nor one where the maps contradict each other, are wrong, or are exceptions."""
    assert outcomes("% notation: columns", NETWORKS["rows"]) == [R]
    assert outcomes(NETWORKS["columns"], NETWORKS["rows"]) == [P, R]
    assert outcomes("z_k = x_k W_k W_k + b_k") == [R]
    assert outcomes("z_0 = z_0", declarations=["notation: layers"]) == [R]
    assert outcomes("% outside: no", NETWORKS["rows"], "x_k^T W_k^T = (W_k x_k)^T")[1] is P


# What passes


def result(outcome):
    return Result(Equation("", "notes.md", 1, 1), outcome, "")


def test_what_counts_as_checked_and_as_failed():
    """A definition and an exception pass and are not counted; each other outcome is one or both."""
    assert {each for each in Outcome if result(each).checked} == CHECKED == {P, A, W}
    assert {each for each in Outcome if not result(each).passed} == FAILURES == {D, R, C}


@pytest.mark.parametrize(
    ("found", "passed"),
    [([], False), ([T], False), ([Outcome.OUTSIDE], False), ([P], True), ([T, A], True),
     ([W], True), ([P, D], False), ([P, C], False), ([R], False)],
)  # fmt: skip
def test_a_report_passes_if_something_was_checked_and_nothing_failed(found, passed):
    """Zero things checked is a failure."""
    assert Report([result(each) for each in found]).passed is passed


def test_what_is_shown_of_an_equation(document):
    """Its shapes, index form, and the parse typeset back."""
    (shown,) = check_document(document("z_k = b_k + W_k x_k")).results

    assert shown.shapes == "D_{k+1} × N"
    assert shown.index_form == r"(b_k)_r + \sum_{i} (W_k)_{ri} (x_k)_{in}"
    assert shown.typeset == "z_{k} = b_{k} + W_{k} x_{k}"
    assert shown.held_to == ""


# Links


def test_which_equation_builds_on_which(document):
    """By what one defines and another speaks of: never itself, nor one without a label."""
    page = document(
        "% u, v, w: vector[D]",
        "u = 2 v (label first)",
        "w = u + v (label second)",
        "w + w = 2 w (label third)",
        "v + v = 2 v (label fourth)",
        "u = v + v (label again)",
        "w - u = v (label last)",
        "v + u = u + v",
    )
    report = check_documents([page])
    uses = {each.equation.label: each.uses for each in report.results}

    assert uses["first"] == uses["fourth"] == uses["again"] == ()
    assert uses["last"] == ("second", "again")
    assert uses["second"] == ("first",)
    assert uses["third"] == ("second",)
    assert uses[""] == ()
    assert [each.defines for each in report.results][:2] == [("u",), ("w",)]


def test_links_lead_across_documents(document):
    """The gradient of one page is that of another."""
    dz, dx = r"\frac{\partial L}{\partial z_k}", r"\frac{\partial L}{\partial x_k}"
    slope = r"\frac{\partial L}{\partial z_{k-1}} = f'(z_{k-1}) \odot "
    first = document(f"{dx} = W_k^T {dz} (label below)", name="a.md")
    second = document(f"{slope} {dx} (label through)", name="b.md")
    uses = {r.equation.label: r.uses for r in check_documents([first, second]).results}

    assert uses == {"below": ("through",), "through": ("below",)}
