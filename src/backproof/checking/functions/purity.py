"""Side effects, state and linearity: what goes wrong around a derivative, looked for on floats."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Run, Subject
from backproof.checking.verdict import Status

ROUNDING = 1e-12
"""How far apart floats may be that come from numbers around 1, which may have cancelled."""

MILLION = 2.0**20
"""A power of two, so that what is linear in dout is so without any rounding."""

Arrays = Mapping[str, Any]
Douts = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or cannot be judged, with its cause in a word."""

    status: Status
    cause: str
    message: str


def findings(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Yield what is wrong with a pass besides its formula; the first explains the others."""
    with np.errstate(all="ignore"):
        for look in (_randomness, _changes, _repetition, _memory, _linearity, _remarks):
            yield from look(subject, points)


def _note(cause: str, message: str) -> Finding:
    return Finding(Status.AGREES, cause, message)


def _differs(cause: str, message: str) -> Finding:
    return Finding(Status.DIFFERS, cause, message)


def copied(value: Any) -> Any:
    """Return a copy of an array, and anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _fresh(arrays: Arrays) -> dict[str, Any]:
    return {name: copied(value) for name, value in arrays.items()}


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True))


def _close(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return all(_near(a[name], b[name]) for name in a)


def _near(a: Any, b: Any, floor: float = ROUNDING) -> bool:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return a.shape == b.shape and bool((np.abs(a - b) <= 1e-9 * size + floor).all())


def _randomness(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    arrays, _ = points[0]
    lasting = subject.persistent()
    first, *more = (
        tuple(map(copied, each.run(_fresh(arrays)).outputs))
        for each in (subject, subject, lasting, lasting)
    )
    if not all(all(map(_same, first, again)) for again in more):
        yield Finding(
            Status.CANNOT_TELL,
            "state",
            "forward is random, or keeps something between calls: two calls on the same input give "
            "different outputs. Pass the random mask as an input, or fix the seed inside forward",
        )


def _changes(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Look for inputs, cotangents and outputs that are overwritten."""
    arrays, douts = points[0]
    given, cotangents = _fresh(arrays), tuple(map(copied, douts))
    run = subject.run(given)
    for name in _changed(arrays, given):
        yield _differs("aliasing", f"forward changes its input {name} in place; work on a copy")
        return
    outputs = tuple(map(copied, run.outputs))
    run.backward(cotangents)
    for name in _changed(arrays, {**given, **run.now()}):
        yield _differs(
            "order" if name in subject.wrt and name != subject.names[0] else "aliasing",
            f"backward changes {name} in place: what is computed after that uses the new {name}, "
            "and so does the caller; work on a copy, and update parameters outside of backward",
        )
        return
    if not all(map(_same, douts, cotangents)):
        yield _differs(
            "aliasing",
            "backward changes dout in place; a caller that uses dout again, as at a residual "
            "branch, gets wrong numbers. Work on a copy, or use dout * … instead of dout *= …",
        )
    elif not all(map(_same, outputs, run.outputs)):
        yield _differs("aliasing", "backward overwrites the output of forward; work on a copy")


def _changed(before: Arrays, after: Arrays) -> list[str]:
    return [
        name
        for name in before
        if isinstance(before[name], np.ndarray) and not _same(before[name], after[name])
    ]


def _gradients(run: Run, douts: Douts) -> dict[str, Any]:
    return {name: np.array(g) for name, g in run.backward(tuple(map(copied, douts))).items()}


def _repetition(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Call things twice, and in another order: what is kept in between shows."""
    arrays, douts = points[0]
    run = subject.run(_fresh(arrays))
    first, second = _gradients(run, douts), _gradients(run, douts)
    if not _close(first, second):
        anew = _gradients(subject.run(_fresh(arrays)), douts)
        yield _differs("state", _twice(first, second, anew))
        return
    yield from _later(subject.persistent(), subject, points, first)
    yield from _side_by_side(subject, points, first)


def _twice(
    first: Mapping[str, Any], second: Mapping[str, Any], anew: Mapping[str, Any]
) -> str:
    changed = [name for name in first if not _near(first[name], second[name])]
    names = ", ".join(f"d{name}" for name in changed)
    if all(_near(2 * first[name], second[name]) for name in changed):
        return (
            f"a second call of backward gives twice the {names}: it adds to the gradient of the "
            "call before. Assign with =, or set it to zero first"
        )
    if not _close(first, anew):
        return (
            f"backward is random, or keeps something between calls: {names} is another one each "
            "time, though input and dout are the same"
        )
    return (
        f"a second call of backward gives another {names}: the first changed what forward saved. "
        "Work on a copy of it"
    )


def _later(
    subject: Subject,
    fresh: Subject,
    points: Sequence[tuple[Arrays, Douts]],
    expected: Mapping[str, Any],
) -> Iterator[Finding]:
    (arrays, douts), (others, other_douts) = points[0], points[1 % len(points)]
    run = subject.run(_fresh(arrays))
    outputs, kept = tuple(map(copied, run.outputs)), run.backward(tuple(map(copied, douts)))
    before = {name: np.array(gradient) for name, gradient in kept.items()}
    other = subject.run(_fresh(others))
    if not all(map(_same, outputs, run.outputs)):
        yield _differs(
            "aliasing",
            "forward returns the same array every time: the output of an earlier call was "
            "overwritten by the next. Return a new array, or a copy",
        )
        return
    elsewhere = _gradients(other, other_douts)
    alone = _gradients(fresh.run(_fresh(others)), other_douts)
    if not _close(alone, elsewhere):
        yield _differs(
            "state",
            "after a first call, a second one at another input gives a wrong gradient: something "
            "of the first call is kept, a mask or a sum. Compute it anew in every forward",
        )
        return
    if not all(_same(before[name], kept[name]) for name in subject.returned):
        yield _differs(
            "aliasing",
            "a gradient that was returned is overwritten by the next call; return a copy",
        )
        return
    if not _close(expected, _gradients(subject.run(_fresh(arrays)), douts)):
        yield _differs(
            "state", "back at the first input, the gradient is another one: something is kept"
        )


def _side_by_side(
    subject: Subject, points: Sequence[tuple[Arrays, Douts]], expected: Mapping[str, Any]
) -> Iterator[Finding]:
    """Run forward for two layers, and then backward of the first: they must not share anything."""
    (arrays, douts), (others, _) = points[0], points[1 % len(points)]
    run = subject.run(_fresh(arrays))
    subject.run(_fresh(others))
    try:
        shared = not _close(expected, _gradients(run, douts))
    except ValueError:  # of another shape, as the second forward left it
        shared = True
    if not shared:
        return
    if run.saves:
        yield _differs(
            "aliasing",
            "what forward saved for backward was overwritten by a later forward: it saves a buffer "
            "that it uses again. Save a copy",
        )
    else:
        yield _differs(
            "state",
            "two layers that are used one after the other share what forward keeps: the backward "
            "pass of the first uses what the second left. Keep it in the object, or return it",
        )


def _memory(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Note a gradient that is an input, a cotangent or another gradient itself."""
    arrays, douts = points[0]
    given, cotangents = _fresh(arrays), tuple(map(copied, douts))
    gradients = subject.run(given).backward(cotangents)
    others = [*given.items(), *(("dout", dout) for dout in cotangents)]
    for name, gradient in gradients.items():
        for other, value in others:
            if isinstance(value, np.ndarray) and np.shares_memory(np.asarray(gradient), value):
                yield _note(
                    "aliasing",
                    f"d{name} shares its memory with {other}; who changes one changes the other",
                )
        others.append((f"d{name}", gradient))


def _remarks(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Note what was taken to be no part of the question."""
    for note in subject.run(_fresh(points[0][0])).notes:
        yield _note("count", note)
    for name, each in subject.inputs.declared.items():
        value = np.asarray(each.bound) if isinstance(each.bound, np.ndarray | list) else None
        if each.kind == "fixed" and value is not None and value.dtype.kind in "iu":
            yield _note(
                "count",
                f"{name} holds whole numbers and was kept fixed: no derivative by it was checked",
            )


def _linearity(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Backward must be linear in dout: with signs, with large values, and 0 for 0."""
    arrays, douts = points[0]
    run = subject.run(_fresh(arrays))

    def at(scale: float, other: float = 0.0) -> dict[str, Any]:
        return _gradients(run, tuple(scale * d + other * np.flip(d) for d in douts))

    one, flipped, none = at(1.0), at(0.0, 1.0), at(0.0)
    for name, gradient in none.items():
        if np.any(gradient != 0):
            yield _differs(
                "linearity" if not _near(gradient, one[name]) else "missing chain factor",
                f"for dout = 0, d{name} is not 0: backward adds something that is not multiplied "
                "by dout",
            )
            return
    for scale, other in ((-1.0, 0.0), (3.0, -2.0), (MILLION, 1.0), (-MILLION, 0.0)):
        mixed = at(scale, other)
        for name in one:
            expected = scale * one[name] + other * flipped[name]
            if not _near(mixed[name], expected, ROUNDING * abs(scale)):
                yield _differs("linearity", _how_not_linear(name, at))
                return


def _how_not_linear(name: str, at: Callable[..., dict[str, Any]]) -> str:
    one, minus, twice, large = (at(scale)[name] for scale in (1.0, -1.0, 2.0, MILLION))
    says = f"backward is not linear in dout: d{name} for "
    if _near(minus, one):
        even = "dout is squared" if _near(twice, 4 * one) else "dout goes in without its sign"
        return f"{says}-dout is that for dout; {even}"
    if not _near(large, MILLION * one, ROUNDING * MILLION):
        return f"{says}a million times dout is not a million times as large; it is clipped or bent"
    return f"{says}-dout is not the negative; a sign of dout is asked for"
