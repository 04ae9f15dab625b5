"""A judgement gets its explanation after the verdict stands: a search must not cost the verdict."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from warnings import catch_warnings

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.equivalent import suspicious_but_right
from backproof.checking.functions.explain import Explanation, explain
from backproof.checking.functions.judgement import Judgement
from backproof.checking.functions.points import Laboratory
from backproof.checking.functions.samples import samples
from backproof.checking.functions.trial import Place

FORMULA = {"extra term", "wrong operand"}
"""Causes that say more about code that is not linear in dout than that it is not."""


def explained(subject: Subject, judgement: Judgement, points: Sequence[Place]) -> Judgement:
    """Return the judgement with the causes of a mistake, or with notes on what looks like one."""
    with _silence():
        found = samples(Laboratory(subject), points)
        if judgement:
            notes = (*judgement.notes, *suspicious_but_right(subject, found))
            return replace(judgement, notes=notes)
        causes = _ordered(judgement.explanations, explain(subject, found))
    return replace(judgement, explanations=tuple(causes))


@contextmanager
def _silence() -> Iterator[None]:
    """Let nothing be seen of what the code prints or warns of: it runs in a thousand variants."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        catch_warnings(action="ignore"),
    ):
        yield


def _ordered(told: Sequence[Explanation], found: Sequence[Explanation]) -> list[Explanation]:
    """Return what the check told before what was found, unless a line says more."""
    if not told or not found:
        return [*told, *found]
    of_formula = told[0].cause == "missing chain factor" or (
        told[0].cause == "linearity" and found[0].cause in FORMULA
    )
    if of_formula:
        return [*found, *told]
    if told[0].cause == "linearity":  # what the search found says why it is not linear
        why = f"{found[0].cause}; {found[0].sentence}"
        return [replace(found[0], cause="linearity", sentence=why), *found[1:]]
    return [*told, *found]
