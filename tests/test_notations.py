"""Equations as books and lecture notes write them: no wrong one passes, no right one is refuted.

The corpus is written from the mathematics, not from what the checker can do; what it proves of the
right ones is pinned, so that no change loses a notation unnoticed.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from backproof.checking.documents import check_equation, declared
from backproof.checking.report import Outcome
from backproof.equations.documents import Equation
from backproof.equations.refusal import Refusal
from backproof.equations.vocabulary import Vocabulary

CORPUS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "notation_corpus.toml").read_text(encoding="utf-8")
)["equation"]
NOT_PASSED = {Outcome.DIFFERS, Outcome.CANNOT_TELL, Outcome.REFUSED}
HOLDS = {"proved": {Outcome.PROVED}, "agrees": {Outcome.PROVED, Outcome.AGREES}}
"""What an entry of the corpus may be found to be, by what it pins."""


def outcome(entry: dict[str, Any]) -> Outcome:
    """Return what the checker says of an equation after its declarations."""
    vocabulary = Vocabulary()
    try:
        for line in entry["declarations"]:
            declared(line, vocabulary, {})
    except Refusal:
        return Outcome.REFUSED
    return check_equation(Equation(entry["source"], "corpus.md", 1, 1), vocabulary).outcome


def of_kind(*, right: bool) -> list[Any]:
    """Return the right or the wrong equations, each under its note and its source as its name."""
    return [
        pytest.param(entry, id=f"{entry['note']}: {entry['source']}")
        for entry in CORPUS
        if entry["right"] is right
    ]


def test_the_corpus_is_as_large_as_promised() -> None:
    """A corpus that was emptied by mistake would pass every other test."""
    assert len(of_kind(right=True)) >= 60
    assert len(of_kind(right=False)) >= 90


@pytest.mark.parametrize("entry", of_kind(right=False))
def test_a_wrong_equation_never_passes(entry: dict[str, Any]) -> None:
    """It differs, cannot be told or is refused; it is not proved, nor taken as a definition."""
    assert outcome(entry) in NOT_PASSED, entry["note"]


@pytest.mark.parametrize("entry", of_kind(right=True))
def test_a_right_equation_is_never_refuted(entry: dict[str, Any]) -> None:
    """It is proved, or agrees, where the corpus says so; elsewhere it may be left alone."""
    found = outcome(entry)
    assert found is not Outcome.DIFFERS
    for pin in HOLDS.keys() & entry.keys():
        assert found in HOLDS[pin]
