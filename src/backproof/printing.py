"""How a report is printed: for a person, as JSON, or as annotations for GitHub.

JSON has the keys `passed`, `totals`, `equations` and `problems`.  An equation has `path`, `line`,
`column`, `label`, `source`, `outcome`, `claim`, `scope`, `held_to`, `uses` and `problem`, which
is null or has `code`, `title`, `message`, `mend`, `line` and `column`.  A key, once there, stays.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backproof.checking.report import Outcome, Report, Result
from backproof.equations.documents import Equation
from backproof.equations.refusal import CODES, Refusal, caret

COUNTED = {
    Outcome.PROVED: ("proved", "proved"),
    Outcome.AGREES: ("agrees", "agree"),
    Outcome.WRONG: ("wrong, as expected", "wrong, as expected"),
    Outcome.TAKEN: ("definition taken as given", "definitions taken as given"),
    Outcome.OUTSIDE: ("not checked", "not checked"),
    Outcome.DIFFERS: ("false", "false"),
    Outcome.CANNOT_TELL: ("neither proved nor refuted", "neither proved nor refuted"),
    Outcome.REFUSED: ("refused", "refused"),
}
ALWAYS = frozenset({Outcome.PROVED, Outcome.OUTSIDE})
"""The outcomes that are counted aloud even when there are none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong, and where: in an equation, or outside all of them (`equation` is None)."""

    path: str
    line: int
    column: int
    refusal: Refusal
    equation: Equation | None = None

    @property
    def place(self) -> str:
        """Return path:line:column, which editors and terminals turn into a link."""
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        """Return the code, what is wrong, the line with carets below it, and the mend."""
        refusal = self.refusal
        lines = [f"{refusal.code} {CODES[refusal.code]}: {refusal.message}"]
        if self.equation:
            shown = caret(self.equation.source, refusal.span)
            lines += [f"    {line}" for line in shown.split("\n")]
        return "\n".join([*lines, *([f"  {refusal.mend}"] if refusal.mend else [])])

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def failure(result: Result) -> Failure | None:
    """Return what is wrong with the equation of `result`, or None if it passed."""
    if result.passed:
        return None
    equation, refusal = result.equation, result.problem
    if refusal is None:
        raise ValueError(f"{result.outcome} without a problem: {result.claim}")
    place = equation.locate(refusal.span.start)
    return Failure(equation.path, *place, refusal, equation)


def failures(report: Report) -> list[Failure]:
    """Return all that is wrong, the equations first."""
    found = [failure(result) for result in report.results]
    problems = [Failure(*problem) for problem in report.problems]
    return [each for each in found if each] + problems


def totals(results: Sequence[Result]) -> str:
    """Return how many equations there are, and how many of each outcome."""
    count = Counter(result.outcome for result in results)
    parts = [
        f"{count[outcome]} {words[count[outcome] != 1]}"
        for outcome, words in COUNTED.items()
        if count[outcome] or outcome in ALWAYS
    ]
    noun = "equation" if len(results) == 1 else "equations"
    return f"{len(results)} {noun}: {', '.join(parts)}"


def human(report: Report, *, verbose: bool = False) -> str:
    """Return what is wrong, with carets and mends, and the totals; all equations if `verbose`."""
    lines: list[str] = []
    for result in report.results:
        wrong = failure(result)
        lines += [f"{wrong}\n"] if wrong else list(_passing(result)) if verbose else []
    lines += [f"{Failure(*problem)}\n" for problem in report.problems]
    if nothing_checked(report):
        lines.append(f"BP401 {CODES['BP401']}: {advice(report)}")
    return "\n".join([*lines, totals(report.results)])


def _passing(result: Result) -> Iterator[str]:
    equation = result.equation
    label = f" {equation.label}" if equation.label else ""
    scope = f" ({result.scope})" if result.scope else ""
    place = f"{equation.path}:{equation.line}:{equation.column}"
    yield f"{place}:{label} {result.outcome}: {result.claim}{scope}"


def nothing_checked(report: Report) -> bool:
    """Whether nothing was established at all, which is never a success."""
    return not any(result.checked for result in report.results)


def advice(report: Report) -> str:
    """Return what to do when nothing was checked."""
    if not report.results:
        return "no displayed equation was found. Displayed is what stands in $$, \\[ or math."
    return "no equation was proved or compared; definitions taken as given do not count."


def as_json(report: Report) -> str:
    """Return the report as JSON."""
    count = Counter(result.outcome for result in report.results)
    content = {
        "passed": report.passed,
        "totals": {outcome.value: count[outcome] for outcome in Outcome},
        "equations": [_equation(result) for result in report.results],
        "problems": [
            {"path": each.path, **_problem(each)}
            for each in (Failure(*problem) for problem in report.problems)
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _equation(result: Result) -> dict[str, object]:
    equation, wrong = result.equation, failure(result)
    return {
        "path": equation.path,
        "line": equation.line,
        "column": equation.column,
        "label": equation.label,
        "source": equation.source,
        "outcome": result.outcome.value,
        "claim": result.claim,
        "scope": result.scope,
        "held_to": result.held_to,
        "uses": list(result.uses),
        "problem": _problem(wrong) if wrong else None,
    }


def _problem(wrong: Failure) -> dict[str, object]:
    return {
        "code": wrong.refusal.code,
        "title": CODES[wrong.refusal.code],
        "message": wrong.refusal.message,
        "mend": wrong.refusal.mend,
        "line": wrong.line,
        "column": wrong.column,
    }


def github(report: Report) -> str:
    """Return an annotation for each thing that is wrong, in the workflow commands of GitHub."""
    lines = [_annotation(wrong) for wrong in failures(report)]
    if nothing_checked(report):
        lines.append(f"::error title=BP401::{_escaped(advice(report))}")
    return "\n".join([*lines, totals(report.results)])


def _annotation(wrong: Failure) -> str:
    keys = {
        "file": wrong.path,
        "line": wrong.line,
        "col": wrong.column,
        "title": wrong.refusal.code,
    }
    where = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in keys.items())
    text = f"{wrong.refusal.message} {wrong.refusal.mend}".strip()
    return f"::error {where}::{_escaped(text)}"


def _escaped(text: str, more: Iterable[str] = "") -> str:
    for letter in ("%", "\r", "\n", *more):
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
