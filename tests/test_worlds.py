"""The worlds in which equations are compared: every class label has one of its own."""

import pytest

from backproof.checking.documents import check_equation
from backproof.checking.report import Outcome
from backproof.equations.documents import Equation
from backproof.equations.vocabulary import Vocabulary


def outcome(source):
    """Return what becomes of one equation with the usual letters."""
    return check_equation(Equation(source, "notes.md", 1, 1), Vocabulary(), mends=False).outcome


@pytest.mark.parametrize("entry", ["y - 1", "1", "2"])
def test_no_class_is_privileged(entry):
    """What holds for one class label is not taken for what holds for all."""
    assert outcome(rf"(z_M)_{{y}} = (z_M)_{{{entry}}}") not in (Outcome.PROVED, Outcome.AGREES)


def test_a_statement_about_one_class_is_refuted_by_another():
    """Σ_j I[j = y] z_j is z_y for every class, but not twice that for any."""
    assert outcome(r"(z_M)_y = \sum_j \mathbb{I}[j = y] (z_M)_j") in (
        Outcome.PROVED,
        Outcome.AGREES,
    )
    assert outcome(r"(z_M)_y = 2 \sum_j \mathbb{I}[j = y] (z_M)_j") is Outcome.DIFFERS


def test_worlds_of_different_labels_share_nothing():
    """Each label gives another one-hot column, although the sizes are the same."""
    from backproof.checking.claims import claims
    from backproof.checking.equation import setting_of
    from backproof.checking.worlds import worlds
    from backproof.equations import terms as t
    from backproof.equations.parse import parse

    (claim,) = claims(parse(r"(z_M)_y = \sum_j \mathbb{I}[j = y] (z_M)_j"), Vocabulary())
    hot = next(
        term
        for term in claim.right.walk()
        if isinstance(term, t.Variable) and term.quantity == t.ONE_HOT
    )
    found = [
        tuple(world.values(hot, {})[:, 0])
        for names, world in worlds((claim.left, claim.right), setting_of(claim))
    ]

    assert len(set(found)) == len(found) == 6
