"""What `check` says about a case, held to what is known about it."""

from dataclasses import dataclass
from typing import Any

from backproof import check
from backward_corpus.case import Case


@dataclass(frozen=True)
class Outcome:
    """A case with the verdict on it."""

    case: Case
    verdict: Any

    @property
    def is_as_known(self) -> bool:
        """Whether a right case was accepted, a wrong one refused, a convention named."""
        if self.case.convention:
            return bool(self.verdict.conventions)
        return bool(self.verdict) is not self.case.wrong

    @property
    def names_the_cause(self) -> bool:
        """Whether what is wrong was called by a name that fits, first of all."""
        return self.verdict.cause in (self.case.cause, *self.case.also)


def outcome(case: Case) -> Outcome:
    """Return the verdict of `check` on a case."""
    return Outcome(case, check(*case.arguments, **case.options))
