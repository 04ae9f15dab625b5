"""Side effects, state and linearity: what goes wrong around a derivative, looked for on floats."""

from collections.abc import Iterator, Sequence

import numpy as np

from backproof.checking.functions.calling import Misfit, Subject
from backproof.checking.functions.findings import (
    Arrays,
    Douts,
    Finding,
    copied,
    differs,
    fresh,
    note,
    same,
)
from backproof.checking.functions.linearity import linearity
from backproof.checking.functions.repetition import repetition
from backproof.checking.verdict import Status

__all__ = ["Finding", "findings"]


def findings(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Yield what is wrong with a pass besides its formula; the first explains the others.

    At the first of the points the code has run once.
    """
    try:
        with np.errstate(all="ignore"):
            for look in (_randomness, _changes, repetition, _memory, linearity, _remarks):
                yield from look(subject, points)
    except (Misfit, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  whatever the code raises
        yield differs(
            "state",
            f"called again, the code raises {type(error).__name__}: {error}; the calls before left "
            "something changed",
        )


def _randomness(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    arrays, _ = points[0]
    lasting = subject.persistent()
    first, *more = (
        tuple(map(copied, each.run(fresh(arrays)).outputs))
        for each in (subject, subject, lasting, lasting)
    )
    if not all(all(map(same, first, again)) for again in more):
        yield Finding(
            Status.CANNOT_TELL,
            "state",
            "forward is random, or keeps something between calls: two calls on the same input give "
            "different outputs. Pass the random mask as an input, or fix the seed inside forward",
        )


def _changes(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Look for inputs, cotangents and outputs that are overwritten."""
    arrays, douts = points[0]
    given, cotangents = fresh(arrays), tuple(map(copied, douts))
    run = subject.run(given)
    for name in _changed(arrays, given):
        yield differs("aliasing", f"forward changes its input {name} in place; work on a copy")
        return
    outputs = tuple(map(copied, run.outputs))
    run.backward(cotangents)
    for name in _changed(arrays, {**given, **run.now()}):
        yield differs(
            "order" if name in subject.wrt and name != subject.names[0] else "aliasing",
            f"backward changes {name} in place: what is computed after that uses the new {name}, "
            "and so does the caller; work on a copy, and update parameters outside of backward",
        )
        return
    if not all(map(same, douts, cotangents)):
        yield differs(
            "aliasing",
            "backward changes dout in place; a caller that uses dout again, as at a residual "
            "branch, gets wrong numbers. Work on a copy, or use dout * … instead of dout *= …",
        )
    elif not all(map(same, outputs, run.outputs)):
        yield differs("aliasing", "backward overwrites the output of forward; work on a copy")


def _changed(before: Arrays, after: Arrays) -> list[str]:
    return [
        name
        for name in before
        if isinstance(before[name], np.ndarray) and not same(before[name], after[name])
    ]


def _memory(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Note a gradient that is an input, a cotangent or another gradient itself."""
    arrays, douts = points[0]
    given, cotangents = fresh(arrays), tuple(map(copied, douts))
    gradients = subject.run(given).backward(cotangents)
    others = [*given.items(), *(("dout", dout) for dout in cotangents)]
    for name, gradient in gradients.items():
        for other, value in others:
            if isinstance(value, np.ndarray) and np.shares_memory(np.asarray(gradient), value):
                yield note(
                    "aliasing",
                    f"d{name} shares its memory with {other}; who changes one changes the other",
                )
        others.append((f"d{name}", gradient))


def _remarks(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Note what was taken to be no part of the question."""
    for remark in subject.run(fresh(points[0][0])).notes:
        yield note("count", remark)
    for name, each in subject.inputs.declared.items():
        value = np.asarray(each.bound) if isinstance(each.bound, np.ndarray | list) else None
        if each.kind == "fixed" and value is not None and value.dtype.kind in "iu":
            yield note(
                "count",
                f"{name} holds whole numbers and was kept fixed: no derivative by it was checked",
            )
