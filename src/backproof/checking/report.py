"""What checking a document says: one result an equation, and what became of them all."""

from dataclasses import dataclass, field
from enum import StrEnum

from backproof.equations.documents import Equation
from backproof.equations.refusal import Refusal
from backproof.equations.tree import Span


class Outcome(StrEnum):
    """What became of an equation.  The first five pass, the last three fail."""

    PROVED = "proved"
    AGREES = "agrees"
    TAKEN = "definition"
    WRONG = "wrong, as expected"
    OUTSIDE = "not checked"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot tell"
    REFUSED = "refused"


FAILURES = frozenset({Outcome.DIFFERS, Outcome.CANNOT_TELL, Outcome.REFUSED})
CHECKED = frozenset({Outcome.PROVED, Outcome.AGREES, Outcome.WRONG})


@dataclass(frozen=True, slots=True)
class StepResult:
    """One relation of a chain, with the span of its right side."""

    span: Span
    outcome: Outcome
    claim: str
    scope: str


@dataclass(frozen=True, slots=True)
class Result:
    """What is established about one equation.

    `claim` and `scope` are for a reader; `problem` says why it fails, if it does.  `shapes`,
    `index_form` and `typeset` show what was understood: the shapes of both sides, the sums over
    entries, and the parse typeset back in LaTeX.  `held_to` is the line of code that computes
    the same.  `defines` and `mentions` name what it says and what it speaks of; from these
    `backproof.checking.links.linked` finds `uses`, the labels of the equations it builds on.
    """

    equation: Equation
    outcome: Outcome
    claim: str
    scope: str = ""
    problem: Refusal | None = None
    steps: tuple[StepResult, ...] = ()
    shapes: str = ""
    index_form: str = ""
    typeset: str = ""
    held_to: str = ""
    defines: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong with the equation, as far as it was checked."""
        return self.outcome not in FAILURES

    @property
    def checked(self) -> bool:
        """Whether something was established: a definition that is taken as given does not count."""
        return self.outcome in CHECKED


@dataclass(frozen=True, slots=True)
class Report:
    """The results of one or more documents, in reading order."""

    results: list[Result] = field(default_factory=list)
    problems: list[tuple[str, int, int, Refusal]] = field(default_factory=list)
    """What is wrong outside the equations: path, line, column, refusal."""

    @property
    def passed(self) -> bool:
        """Whether everything passed and at least one equation was checked."""
        return (
            not self.problems
            and all(result.passed for result in self.results)
            and any(result.checked for result in self.results)
        )
