"""What the backward pass says exactly on a border, where the forward pass may have a kink.

On a kink there is no derivative, only the slopes of the two sides; each of them, and whatever
lies between, is a convention, and is reported.  Anything else there is a mistake, and so is any
value but the derivative on a border that the forward pass does not feel.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from backproof.checking.functions.exact_run import (
    TOLERANCE,
    ExactRun,
    Point,
    Singular,
    distance,
    shaped,
    values,
)
from backproof.checking.functions.regions import Crossing
from backproof.numbers import exact_real
from backproof.numbers.exact_real import Real, is_finite, wide

JUMP = exact_real.mp.mpf("1e-9")
"""A relative change of the output over a hair's breadth that is a jump."""

PER_QUESTION = 3
"""On how many borders of each question the backward pass is looked at."""


@dataclass(frozen=True, slots=True)
class Kink:
    """What was seen on a border: a `convention`, or `wrong`, the run that shows a mistake."""

    place: tuple[str, int]
    convention: str = ""
    wrong: ExactRun | None = None
    expected: Mapping[str, Any] | None = None


def kinks(crossings: list[Crossing], again: Callable[[Point], ExactRun | None]) -> list[Kink]:
    """Look at the borders of each question, and return what is not simply the derivative."""
    seen: dict[Any, int] = {}
    found = []
    for crossing in crossings:
        site = (crossing.condition.place, crossing.condition.operator)
        if crossing.border is None or seen.get(site, 0) >= PER_QUESTION:
            continue
        seen[site] = seen.get(site, 0) + 1
        kink = _kink(crossing, again)
        if kink is not None:
            found.append(kink)
    return found


def _kink(crossing: Crossing, again: Callable[[Point], ExactRun | None]) -> Kink | None:
    on = again(crossing.border) if crossing.border else None
    before, after = again(crossing.before), again(crossing.after)
    if on is None or before is None or after is None or _jumps(before, after):
        return None
    place = crossing.condition.place
    try:
        slopes = before.true, after.true
    except Singular:
        return None
    if distance(*slopes, before.magnitude)[0] <= TOLERANCE:
        wrong = distance(slopes[0], on.claimed, before.magnitude)[0] > TOLERANCE
        return Kink(place, wrong=on, expected=slopes[0]) if wrong else None
    share = _share(slopes, on.claimed)
    lines = {asked.place for asked in on.conditions[: on.forward_conditions] if asked.tie}
    if share is not None:
        told_elsewhere = bool(lines) and place not in lines
        return None if told_elsewhere else Kink(place, _convention(crossing, share, slopes))
    if len(lines) > 1:  # two kinks at once: what lies between is no longer a line
        return None
    return Kink(place, wrong=on, expected=slopes[0])


def _jumps(before: ExactRun, after: ExactRun) -> bool:
    outputs = [
        {str(index): out for index, out in enumerate(run.outputs)} for run in (before, after)
    ]
    numbers = [{name: _valued(out) for name, out in side.items()} for side in outputs]
    return bool(distance(numbers[0], numbers[1])[0] > JUMP)


def _valued(array: Any) -> Any:
    return shaped(values(array), array.shape)


def _share(
    slopes: tuple[Mapping[str, Any], Mapping[str, Any]], claimed: Mapping[str, Any]
) -> Real | None:
    """Return how far the claim lies on the way from the one slope to the other, if it does."""
    first, second, said = (
        [wide(value) for name in claimed for value in values(side[name])]
        for side in (*slopes, claimed)
    )
    if not all(is_finite(value) for value in said):
        return None
    way = [b - a for a, b in zip(first, second, strict=True)]
    length = sum(step * step for step in way)
    share = sum((c - a) * step for c, a, step in zip(said, first, way, strict=True)) / length
    misses = max(abs(c - a - share * s) for c, a, s in zip(said, first, way, strict=True))
    size = max(abs(step) for step in way)
    if misses > TOLERANCE * size or not -TOLERANCE <= share <= 1 + TOLERANCE:
        return None
    return Fraction(str(round(float(share), 9)))


def _convention(
    crossing: Crossing, share: Real, slopes: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> str:
    asked = crossing.condition
    if share in (0, 1):
        taken = asked.answer if share == 0 else not asked.answer
        where = f"backward takes the slope of the side where this is {'true' if taken else 'false'}"
        name, place = crossing.coordinate
        there = slopes[int(share)].get(name)
        return where + (", which is 0" if there is not None and there[place] == 0 else "")
    if share == Fraction(1, 2):
        return "backward takes the mean of the two slopes"
    return f"backward takes a slope between the two, {float(share):g} of the way"
