"""What the check of one backward pass has established so far, and how a verdict is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.checking.functions import wording
from backproof.checking.functions.calling import Subject
from backproof.checking.functions.exact_run import ExactRun, Point
from backproof.checking.functions.explain import Explanation
from backproof.checking.functions.identity import NotRational, is_identity
from backproof.checking.functions.judgement import Judgement
from backproof.checking.functions.points import Laboratory
from backproof.checking.functions.regions import Exploration
from backproof.checking.verdict import Status

Place = tuple[Point, dict[str, int]]
"""A point, with the sizes that the letters have there."""


@dataclass(slots=True)
class Trial:
    """The points that were chosen, the runs in which the claim held, and what was noticed."""

    laboratory: Laboratory
    points: list[Place] = field(default_factory=list)
    runs: list[ExactRun] = field(default_factory=list)
    worst: Any = 0
    conventions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def subject(self) -> Subject:
        """The pass under test."""
        return self.laboratory.subject

    @property
    def claim(self) -> str:
        """What is claimed: the gradients that backward gives."""
        return ", ".join(f"d{name}" for name in self.subject.wrt)

    @property
    def scope(self) -> str:
        """The sizes that were tried."""
        return "; ".join(dict.fromkeys(wording.shapes(point) for point, _ in self.points))

    def unknown(self, reason: str) -> Judgement:
        """Return the judgement that nothing was established, and why."""
        notes = tuple(self.notes)
        return Judgement(Status.CANNOT_TELL, self.claim, self.scope, reason, notes=notes)

    def refused(
        self, witness: str, explanations: Sequence[Explanation], claim: str = ""
    ) -> Judgement:
        """Return the judgement that something is wrong."""
        return Judgement(
            Status.DIFFERS,
            claim or self.claim,
            self.scope,
            witness,
            explanations=tuple(explanations),
            notes=tuple(self.notes),
        )

    def accepted(self, exploration: Exploration) -> Judgement:
        """Return the strongest verdict that what was seen bears."""
        caps = [f"{wording.line(site[0])}: one answer only" for site in exploration.one_sided()]
        caps += self._axes_of_one()
        proved = not caps and exploration.complete and _identities(exploration)
        return Judgement(
            Status.PROVED if proved else Status.AGREES,
            self.claim,
            self._all_values(exploration) if proved else self._points_tried(exploration),
            conventions=tuple(self.conventions),
            coverage=(*_both_answers(exploration), *caps),
            notes=tuple(self.notes),
        )

    def _all_values(self, exploration: Exploration) -> str:
        regions = _regions(exploration)
        inside = f" inside each of {regions} regions" if regions > 1 else ""
        return f"all values{inside}; {wording.shapes(self.points[0][0])}{_fixed(exploration)}"

    def _points_tried(self, exploration: Exploration) -> str:
        found = _regions(exploration)
        regions = f" in {found} regions" if found > 1 else ""
        far = f"to {float(self.worst):.0e} of the largest entry" if self.worst else "exactly"
        return f"{len(self.runs)} points{regions}, {far}; {self.scope}"

    def _axes_of_one(self) -> list[str]:
        ones = (
            [name for name, array in self.points[0][0].varying.items() if 1 in np.shape(array)]
            if self.subject.inputs.from_examples
            else []
        )
        return [f"{name} has an axis of length 1, where a sum is a mean" for name in ones]


def _regions(exploration: Exploration) -> int:
    """Return how many sets of answers there were, whatever the fixed inputs."""
    return len({run.answers[:-1] for run in exploration.runs.values()})


def _fixed(exploration: Exploration) -> str:
    """Return the inputs that are no real numbers, with every value they were given."""
    values: dict[str, list[str]] = {}
    for run in exploration.runs.values():
        for name, value in run.point.fixed.items():
            values.setdefault(name, []).append(wording.array(np.asarray(value)))
    return "".join(f"; {name} = {' or '.join(dict.fromkeys(v))}" for name, v in values.items())


def _identities(exploration: Exploration) -> bool:
    try:
        return all(is_identity(run) for run in exploration.runs.values())
    except NotRational:
        return False


def _both_answers(exploration: Exploration) -> list[str]:
    answers: dict[tuple[str, int], set[bool]] = {}
    for (place, _), seen in exploration.answers.items():
        answers.setdefault(place, set()).update(seen)
    both = sorted(place for place, seen in answers.items() if len(seen) == 2)
    return [f"{wording.line(place)}: both answers" for place in both]
