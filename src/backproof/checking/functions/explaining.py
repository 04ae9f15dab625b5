"""A judgement gets its explanation after the verdict stands: a search must not cost the verdict.

No line is shown that the check itself refutes: it is run once more on the code with that line, and
where that is wrong still, the search goes on with the point that shows it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any, cast
from warnings import catch_warnings

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.equivalent import suspicious_but_right
from backproof.checking.functions.explain import Explanation, explain
from backproof.checking.functions.isolation import Stopped, isolated, spent
from backproof.checking.functions.judge import judge
from backproof.checking.functions.judgement import Judgement
from backproof.checking.functions.mending import mended
from backproof.checking.functions.points import Laboratory
from backproof.checking.functions.samples import samples
from backproof.checking.functions.source import written
from backproof.checking.functions.trial import Place
from backproof.checking.verdict import Status

FORMULA = {"extra term", "wrong operand"}
"""Causes that say more about code that is not linear in dout than that it is not."""

OF_VALUES = {"shape", "axis", "transpose", "order"}
"""Causes that the check tells itself and that a change of a line may mend."""

ANOTHER = {"aliasing", "state", "kink", "ties", "specification"}
"""Findings that are one mistake more, and say nothing against a line that was mended."""

ROUNDS = 3
"""So often a mend may be refuted and another one be looked for."""


def explained(
    subject: Subject, judgement: Judgement, points: Sequence[Place], *, seconds: float, memory: int
) -> Judgement:
    """Return the judgement with the causes of a mistake, or with notes on what looks like one."""
    judgement = replace(judgement, notes=(*judgement.notes, *_without_source(subject, judgement)))
    end, told = spent() + seconds, judgement
    for _ in range(ROUNDS):
        found = _isolated(partial(_searched, subject, judgement, points), end, memory)
        if isinstance(found, Stopped):
            note = f"no explanation was found: the search {found.reason}"
            return told if told.explanations else replace(told, notes=(*told.notes, note))
        shown = any(one.lines for one in found.explanations[:1])
        against = _isolated(partial(_against, subject, found), end, memory) if shown else None
        if isinstance(against, Stopped) or against is None:
            return cast("Judgement", found)
        points, told = [*points, *against], _without_lines(found)
    return told


def _without_source(subject: Subject, judgement: Judgement) -> Iterator[str]:
    """Yield why no line can be named, where Python itself has no text of the code."""
    function = subject.backward_function or subject.forward_function
    plain = getattr(function, "__func__", function)
    if (
        judgement.status is Status.DIFFERS
        and isinstance(plain, FunctionType)
        and not written(plain)
    ):
        yield (
            f"no line is named, as Python has not kept the source of {plain.__name__}; it has that "
            "of a file, a notebook or the session that the command backproof opens"
        )


def _isolated(function: Any, end: float, memory: int) -> Any:
    def silent() -> Any:
        with _silence():
            return function()

    try:
        return isolated(silent, seconds=max(0.1, end - spent()), memory=memory)
    except Exception as error:  # noqa: BLE001  the source of others holds surprises
        return Stopped(f"raised {type(error).__name__}: {error}")


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


def _searched(subject: Subject, judgement: Judgement, points: Sequence[Place]) -> Judgement:
    found = samples(Laboratory(subject), points)
    if judgement:
        notes = (*judgement.notes, *suspicious_but_right(subject, found))
        return replace(judgement, notes=notes)
    causes = _ordered(judgement.explanations, explain(subject, found))
    return replace(judgement, explanations=tuple(causes))


def _against(subject: Subject, told: Judgement) -> Sequence[Place] | None:
    """Return the point that refutes the lines of the first explanation, None if nothing does."""
    first = told.explanations[0]
    other = mended(subject, first.lines)
    if other is None:
        return None
    judgement, points = judge(other)
    another = judgement.cause in ANOTHER and judgement.cause != first.cause
    less = first.partly and set(judgement.claim.split(", ")) < set(told.claim.split(", "))
    is_wrong = judgement.status is Status.DIFFERS and not another and not less
    return points[:1] if is_wrong else None


def _without_lines(told: Judgement) -> Judgement:
    first, *rest = told.explanations
    sentence = f"{first.sentence}, at the points of the check, but not everywhere"
    return replace(told, explanations=(replace(first, sentence=sentence, lines=()), *rest))


def _ordered(told: Sequence[Explanation], found: Sequence[Explanation]) -> list[Explanation]:
    """Return what the check told before what was found, unless a line says more."""
    if not told or not found:
        return [*told, *found]
    first, *others = told
    if first.cause == "missing chain factor" or (
        first.cause == "linearity" and found[0].cause in FORMULA
    ):
        return [*found, *told]
    if first.cause == "linearity":  # what the search found says why it is not linear
        why = f"{found[0].cause}; {found[0].sentence}"
        return [replace(found[0], cause="linearity", sentence=why), *found[1:]]
    lines = found[0].lines if first.cause in OF_VALUES else ()
    return [replace(first, lines=lines), *others, *found]
