"""`check` on layers as people write them: right ones accepted, wrong ones refused and explained.

`python tests/backward_corpus` judges the whole corpus, and more mutants than here.
"""

import ast
from pathlib import Path

import pytest
from backward_corpus import Case, right_cases, wrong_cases
from backward_corpus.judging import outcome
from backward_corpus.mutants import Kind, kind, sample
from backward_corpus.numerics import error

CORPUS = Path(__file__).parent / "backward_corpus"
MUTANTS = sample(80)
UNSEEN = {"aliasing", "state", "linearity", "kink", "ties", "singular", "specification"}
"""What central differences at one generic point do not show."""

NAMED = []
"""Whether the cause came first, for every wrong case judged so far."""


@pytest.mark.parametrize("case", right_cases(), ids=str)
def test_a_right_case_agrees_with_central_differences(case):
    assert max(error(case, family, seed=1) for family in (0, 1)) < 1e-6


@pytest.mark.parametrize("case", right_cases(), ids=str)
def test_a_right_case_is_accepted(case):
    judged = outcome(case)
    assert judged.is_as_known, judged.verdict


@pytest.mark.parametrize("case", wrong_cases(), ids=str)
def test_a_wrong_case_is_refused(case):
    judged = outcome(case)
    assert judged.is_as_known, judged.verdict
    if not case.convention:
        NAMED.append(judged.names_the_cause)


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_is_refused(mutant):
    judged = outcome(mutant.case)
    assert judged.is_as_known, judged.verdict
    NAMED.append(judged.names_the_cause)


@pytest.mark.parametrize("mutant", sample(20, Kind.EQUIVALENT), ids=str)
def test_a_mutant_that_is_right_after_all_is_accepted(mutant):
    judged = outcome(mutant.as_right)
    assert judged.is_as_known, judged.verdict


def test_four_of_five_causes_are_named_first():
    if len(NAMED) < 100:
        pytest.skip("needs the wrong cases, which were not run")
    assert sum(NAMED) >= 0.8 * len(NAMED)


def test_the_corpus_is_as_large_as_it_should_be():
    assert len(right_cases()) >= 90
    assert len(wrong_cases()) >= 200
    assert len(MUTANTS) == 80
    assert all(kind(mutant) is Kind.WRONG for mutant in MUTANTS)


def test_every_name_is_used_once():
    names = [case.name for case in (*right_cases(), *wrong_cases())]
    assert len(set(names)) == len(names)


def test_the_corpus_shares_no_code_with_the_checker():
    for path in CORPUS.glob("*.py"):
        if path.name in ("judging.py", "__main__.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("backproof"), path.name


def test_a_case_needs_a_known_cause():
    with pytest.raises(ValueError, match="no cause"):
        Case("x", abs, abs, "x: N", wrong=True, cause="magic")
