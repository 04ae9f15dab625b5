"""Calling things twice, and in another order: what the code keeps in between shows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.findings import (
    Arrays,
    Douts,
    Finding,
    close,
    copied,
    differs,
    fresh,
    gradients,
    near,
    same,
)


def repetition(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Call things twice, and in another order: what is kept in between shows."""
    arrays, douts = points[0]
    run = subject.run(fresh(arrays))
    first, second = gradients(run, douts), gradients(run, douts)
    if not close(first, second):
        anew = gradients(subject.run(fresh(arrays)), douts)
        yield differs("state", _twice(first, second, anew))
        return
    yield from _later(subject.persistent(), subject, points, first)
    yield from _side_by_side(subject, points, first)
    yield from _stored_apart(subject, points)


def _twice(first: Mapping[str, Any], second: Mapping[str, Any], anew: Mapping[str, Any]) -> str:
    changed = [name for name in first if not near(first[name], second[name])]
    names = ", ".join(f"d{name}" for name in changed)
    if all(near(2 * first[name], second[name]) for name in changed):
        return (
            f"a second call of backward gives twice the {names}: it adds to the gradient of the "
            "call before. Assign with =, or set it to zero first"
        )
    if not close(first, anew):
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
    anew: Subject,
    points: Sequence[tuple[Arrays, Douts]],
    expected: Mapping[str, Any],
) -> Iterator[Finding]:
    (arrays, douts), (others, other_douts) = points[0], points[1 % len(points)]
    run = subject.run(fresh(arrays))
    outputs, kept = tuple(map(copied, run.outputs)), run.backward(tuple(map(copied, douts)))
    before = {name: np.array(gradient) for name, gradient in kept.items()}
    other = subject.run(fresh(others))
    if not all(map(same, outputs, run.outputs)):
        yield differs(
            "aliasing",
            "forward returns the same array every time: the output of an earlier call was "
            "overwritten by the next. Return a new array, or a copy",
        )
        return
    elsewhere = gradients(other, other_douts)
    alone = gradients(anew.run(fresh(others)), other_douts)
    if not close(alone, elsewhere):
        yield differs(
            "state",
            "after a first call, a second one at another input gives a wrong gradient: something "
            "of the first call is kept, a mask or a sum. Compute it anew in every forward",
        )
        return
    if not all(same(before[name], kept[name]) for name in subject.returned):
        yield differs(
            "aliasing",
            "a gradient that was returned is overwritten by the next call; return a copy",
        )
        return
    if not close(expected, gradients(subject.run(fresh(arrays)), douts)):
        yield differs(
            "state", "back at the first input, the gradient is another one: something is kept"
        )


def _side_by_side(
    subject: Subject, points: Sequence[tuple[Arrays, Douts]], expected: Mapping[str, Any]
) -> Iterator[Finding]:
    """Run forward for two layers, and then backward of the first: they must not share anything."""
    (arrays, douts), (others, _) = points[0], points[1 % len(points)]
    run = subject.run(fresh(arrays))
    subject.run(fresh(others))
    try:
        shared = not close(expected, gradients(run, douts))
    except ValueError:  # of another shape, as the second forward left it
        shared = True
    if not shared:
        return
    if run.saves:
        yield differs(
            "aliasing",
            "what forward saved for backward was overwritten by a later forward: it saves a buffer "
            "that it uses again. Save a copy",
        )
    else:
        yield differs(
            "state",
            "two layers that are used one after the other share what forward keeps: the backward "
            "pass of the first uses what the second left. Keep it in the object, or return it",
        )


def _stored_apart(subject: Subject, points: Sequence[tuple[Arrays, Douts]]) -> Iterator[Finding]:
    """Run backward of two layers, and then look at the gradients that lie in the first."""
    (arrays, douts), (others, other_douts) = points[0], points[1 % len(points)]
    run, other = subject.run(fresh(arrays)), subject.run(fresh(others))
    run.backward(tuple(map(copied, douts)))
    before = {name: np.array(gradient) for name, gradient in run.stored().items()}
    other.backward(tuple(map(copied, other_douts)))
    if not all(same(before[name], gradient) for name, gradient in run.stored().items()):
        yield differs(
            "aliasing",
            "two layers share the place where backward puts its gradients, so that the second "
            "overwrites those of the first: it belongs to the class, or is a default argument. "
            "Make it in __init__",
        )
