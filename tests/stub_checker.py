"""A checker that judges by a word in the LaTeX: tests of the faces need every outcome at will."""

import sys
import types

from backproof.checking.report import Outcome, Report, Result
from backproof.equations.refusal import Refusal
from backproof.equations.tree import Span


def judged(equation):
    source = equation.source
    if equation.outside:
        return Result(equation, Outcome.OUTSIDE, equation.outside)
    if equation.expected_wrong:
        return Result(equation, Outcome.WRONG, "false, as said")
    if "bad" in source:
        at = source.index("bad")
        problem = Refusal("BP203", "shapes: (m,) against (n,).", Span(at, at + 3), "Transpose it.")
        return Result(equation, Outcome.REFUSED, "shapes that do not fit", problem=problem)
    if "given" in source:
        return Result(equation, Outcome.TAKEN, "a definition")
    return Result(
        equation,
        Outcome.PROVED,
        "both sides are the same",
        "all sizes",
        shapes="(D_1, N) = (D_1, N)",
        index_form="z_{i}",
        typeset="z",
        held_to="recursion.py:12",
        defines=("z",) if equation.label == "first" else (),
        mentions=("z",),
        uses=("first",),
    )


def check_documents(documents, code=""):
    report = Report([judged(equation) for each in documents for equation in each.equations])
    if code == "refused":
        report.problems.append(("notes.md", 3, 1, Refusal("BP206", "no.", Span(0, 1))))
    return report


def module():
    stub = types.ModuleType("backproof.checking.documents")
    stub.check_documents = check_documents
    stub.check_document = lambda document: check_documents([document])
    return stub


def install(monkeypatch):
    """Put the stub in the place of the checker."""
    monkeypatch.setitem(sys.modules, "backproof.checking.documents", module())
