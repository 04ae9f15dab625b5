"""The checks of a backward pass, in their order, each with its own message.

First what floats show: counts, shapes, dtypes, side effects, linearity.  Then the derivative,
exactly: at points made to show mistakes, in every region that the code distinguishes, on the
borders between them, and as an identity where the code is made of sums, products and quotients.
A mistake ends the check and is explained.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.checking.functions import wording
from backproof.checking.functions.calling import Misfit, Subject, Unclear
from backproof.checking.functions.exact_run import (
    TOLERANCE,
    ExactRun,
    Point,
    Singular,
    distance,
)
from backproof.checking.functions.explain import Explanation
from backproof.checking.functions.judgement import Judgement
from backproof.checking.functions.kinks import kinks
from backproof.checking.functions.points import (
    GENERIC,
    SPECIAL,
    Failed,
    Laboratory,
    Start,
    agrees_with_floats,
    all_finite,
)
from backproof.checking.functions.purity import findings
from backproof.checking.functions.regions import Exploration, explore
from backproof.checking.functions.structure import structure_problem
from backproof.checking.functions.trial import Place, Trial
from backproof.checking.verdict import Status
from backproof.numbers.traced import Unsupported

REGIONS = 80
"""How many regions are visited at most."""

WORK = 40_000
"""About how many scalar operations are recorded while regions are searched."""


class Ended(Exception):  # noqa: N818  the check has come to its end
    """The check ends here, with this judgement; `point` shows a mistake to be explained."""

    def __init__(self, judgement: Judgement, point: Point | None = None) -> None:
        super().__init__(judgement.claim)
        self.judgement, self.point = judgement, point


def judge(subject: Subject, specification: Any = None) -> tuple[Judgement, list[Place]]:
    """Judge the backward pass of `subject`, and its forward pass if a specification is given.

    With the judgement come the points from which it can be explained, if it should be.
    """
    trial = Trial(Laboratory(subject))
    if subject.unchecked:
        trial.notes.append(f"no gradient of {', '.join(subject.unchecked)} was found or checked")
    try:
        _choose_points(trial)
        _look_at_floats(trial)
        _compare_at_points(trial)
        exploration = _compare_in_regions(trial)
        _look_at_borders(trial, exploration)
        if specification is not None:
            _compare_with(trial, specification)
        return trial.accepted(exploration), trial.points
    except Ended as end:
        shown = [] if end.point is None else [(end.point, subject.inputs.sizes(0)), *trial.points]
        return end.judgement, shown
    except Unclear as reason:
        why = str(reason)
    except Misfit as misfit:
        return trial.refused(str(misfit), [Explanation("count", str(misfit))]), []
    except Unsupported as reason:
        why = f"the code needs {reason}, which exact numbers do not have"
    except Failed as reason:
        why = f"the code runs on floats but not on exact numbers: {reason}"
    return trial.unknown(why), []


def _choose_points(trial: Trial) -> None:
    trial.points = list(_points(trial.laboratory))
    if not trial.points:
        raise Ended(trial.unknown(trial.laboratory.why_not()))


def _points(laboratory: Laboratory) -> Iterator[tuple[Point, dict[str, int]]]:
    inputs = laboratory.subject.inputs
    for start in GENERIC:
        point = _generic(laboratory, start)
        if point is not None:
            yield point, inputs.sizes(start.family)
    example = inputs.examples()
    point = laboratory.at(example, GENERIC[0]) if example is not None else None
    if point is not None:
        yield point, inputs.sizes(0)


def _generic(laboratory: Laboratory, start: Start) -> Point | None:
    """Return a generic point, of another style where forward is not finite on signed numbers."""
    for style in (start.style, "positive", "unit"):
        point = laboratory.point(replace(start, style=style))
        if point is not None:
            return point
    return None


def _look_at_floats(trial: Trial) -> None:
    laboratory, (point, _) = trial.laboratory, trial.points[0]
    with np.errstate(all="ignore"):
        run = trial.subject.run(laboratory.floats(point))
        try:
            claimed = run.backward(laboratory.float_douts(point))
        except (Misfit, MemoryError):
            raise
        except Exception as error:
            message = f"backward raises {type(error).__name__}: {error}"
            raise Ended(trial.refused(message, []), point) from error
    problem = structure_problem(laboratory.floats(point), claimed)
    if problem is not None:
        cause, message = problem
        raise Ended(trial.refused(message, [Explanation(cause, message)]), point)
    _look_at_effects(trial)


def _look_at_effects(trial: Trial) -> None:
    laboratory = trial.laboratory
    points = [(laboratory.floats(p), laboratory.float_douts(p)) for p, _ in trial.points]
    for finding in findings(trial.subject, points):
        if finding.status is Status.CANNOT_TELL:
            unknown = trial.unknown(finding.message)
            cause = Explanation(finding.cause, finding.message)
            raise Ended(replace(unknown, explanations=(cause,)))
        if finding.status is Status.DIFFERS:
            told = Explanation(finding.cause, finding.message)
            raise Ended(trial.refused(finding.message, [told]), trial.points[0][0])
        trial.notes.append(finding.message)


def _compare_at_points(trial: Trial) -> None:
    for point, _ in trial.points:
        run = trial.laboratory.run(point)
        if run is not None:
            _same_code(trial, run)
            _no_odd_broadcast(trial, run)
            _compare_special(trial, run)
    if not trial.runs:
        raise Ended(trial.unknown("no point gives finite outputs on exact numbers"))
    for start in SPECIAL:
        special = trial.laboratory.point(start)
        run = _run_special(trial, special) if special is not None else None
        if run is not None:
            _compare_special(trial, run)


def _run_special(trial: Trial, point: Point) -> ExactRun | None:
    """Return the run, or None with a note where a matrix has no inverse for backward to use."""
    try:
        return trial.laboratory.run(point)
    except Failed as failed:
        if not isinstance(failed.__cause__, np.linalg.LinAlgError):
            raise
        trial.notes.append(f"not judged at {wording.point(point)}, where {failed}")
        return None


def _same_code(trial: Trial, run: ExactRun) -> None:
    difference = agrees_with_floats(run, *trial.laboratory.float_claim(run.point))
    if difference:
        raise Ended(trial.unknown(f"{difference}: what runs exactly is not what runs on floats"))


def _no_odd_broadcast(trial: Trial, run: ExactRun) -> None:
    for odd in run.broadcasts:
        message = (
            f"forward lets shape {odd.column} meet shape {odd.row} in {wording.line(odd.place)}: "
            f"NumPy pairs every entry with every other, to {(*odd.row, odd.row[-1])}. Give both "
            "the same shape, with [:, None] or .ravel(); if all pairs are meant, write [None, :]"
        )
        unknown = trial.unknown(message)
        raise Ended(replace(unknown, explanations=(Explanation("specification", message),)))


def _compare(trial: Trial, run: ExactRun) -> None:
    """End the check if the claim of `run` is not the derivative there."""
    if run.changed:
        message = (
            f"the code changes {', '.join(run.changed)} in place, at {wording.point(run.point)}; "
            "work on a copy"
        )
        raise Ended(trial.refused(message, [Explanation("aliasing", message)]))
    far, name, index = run.far()
    if far > TOLERANCE:
        witness = _small_witness(trial, run) or wording.witness(run, run.true, name, index)
        raise Ended(_wrong(trial, run, run.true, witness), run.point)
    trial.runs.append(run)
    trial.worst = max(trial.worst, far)


def _wrong(trial: Trial, run: ExactRun, true: Mapping[str, Any], witness: str) -> Judgement:
    """Return the judgement that some gradients are wrong, with its explanation."""
    wrong = [
        name
        for name in run.claimed
        if distance({name: true[name]}, {name: run.claimed[name]}, run.magnitude)[0] > TOLERANCE
    ]
    told = [] if true is run.true else _on_border(run)
    return trial.refused(witness, told, ", ".join(f"d{name}" for name in wrong))


def _on_border(run: ExactRun) -> list[Explanation]:
    """Return the cause of a mistake on a border: entries that tie, or the kink of a function."""
    tied = [asked.difference for asked in run.conditions[: run.forward_conditions] if asked.tie]
    several = any(len(run.inputs_of(difference)) > 1 for difference in tied)
    if several:
        says = "where several entries tie, the gradient is neither of one of them nor shared"
        return [Explanation("ties", says)]
    return [Explanation("kink", "on the border, the gradient lies outside of the two slopes")]


def _small_witness(trial: Trial, run: ExactRun) -> str | None:
    """Return a mistake at small whole numbers, if there is one: it can be followed by hand."""
    generator = np.random.default_rng(1)
    for _attempt in range(8):
        point = run.point
        for coordinate, value in list(point.coordinates()):
            small = int(generator.choice([1, 2, -1])) if value else 0
            point = point.moved(coordinate, Fraction(small))
        try:
            again = trial.laboratory.run(point)
            if again is not None and not again.tied:
                far, name, index = again.far()
                if far > TOLERANCE:
                    return wording.witness(again, again.true, name, index)
        except (Singular, Failed, Unsupported):
            continue
    return None


def _compare_special(trial: Trial, run: ExactRun) -> None:
    """Compare where the forward pass is smooth; elsewhere ask only for finite numbers."""
    try:
        if not run.tied:
            _compare(trial, run)
            return
    except Singular:
        pass
    if not all_finite(run.claimed):
        _look_at_singular(trial, run)


def _look_at_singular(trial: Trial, run: ExactRun) -> None:
    """End the check if backward is not finite where the slopes nearby are bounded."""
    near, nearer = (_slopes_near(trial, run.point, Fraction(1, 2**k)) for k in (30, 60))
    where = wording.point(run.point)
    if near is None or nearer is None or nearer > 10 * near:
        trial.notes.append(f"not judged at {where}, where there is no bounded slope")
        return
    message = (
        f"backward is not finite at {where}, though forward is, and the slopes nearby are bounded"
    )
    raise Ended(trial.refused(message, [Explanation("singular", message)]))


def _slopes_near(trial: Trial, point: Point, step: Fraction) -> float | None:
    generator = np.random.default_rng(5)
    for coordinate, value in list(point.coordinates()):
        if coordinate[0] in point.varying:
            point = point.moved(coordinate, value + step * int(generator.integers(1, 99)))
    run = trial.laboratory.run(point)
    try:
        true = run.true if run is not None else {}
    except Singular:
        return None
    return max((abs(float(entry)) for array in true.values() for entry in array.flat), default=None)


def _compare_in_regions(trial: Trial) -> Exploration:
    starts = [run for run in trial.runs[: len(trial.points)] if not run.tied]
    exploration = explore(starts[:2], trial.laboratory.run, regions=REGIONS, work=WORK)
    known = {id(run) for run in trial.runs}
    for run in exploration.runs.values():
        if id(run) not in known:
            try:
                _compare(trial, run)
            except Singular:
                exploration.complete = False
    return exploration


def _look_at_borders(trial: Trial, exploration: Exploration) -> None:
    for kink in kinks(exploration.crossings, trial.laboratory.run):
        if kink.wrong is not None and kink.expected is not None:
            _, name, index = distance(kink.expected, kink.wrong.claimed)
            witness = wording.witness(kink.wrong, kink.expected, name, index)
            on = f"{witness}\non the border of {wording.line(kink.place)}"
            raise Ended(_wrong(trial, kink.wrong, kink.expected, on))
        said = f"{wording.line(kink.place)}: at the kink {kink.convention}"
        if said not in trial.conventions:
            trial.conventions.append(said)


def _compare_with(trial: Trial, specification: Any) -> None:
    compared = specification.compared(trial.runs)
    if compared.problem:
        claim, cause = f"forward is {specification.name}", "specification"
        raise Ended(trial.refused(compared.problem, [Explanation(cause, compared.problem)], claim))
    trial.notes.append(compared.note)
