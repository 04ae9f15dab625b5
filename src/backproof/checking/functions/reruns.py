"""Backward passes run again and again at the same points, after forward has run once."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Misfit, Subject
from backproof.checking.functions.gradients import named
from backproof.checking.functions.plans import plan_of

Backward = Callable[..., Any]


class Reruns:
    """The samples of a subject, at which other backward passes may be run in place of its own."""

    def __init__(self, subject: Subject, samples: Sequence[Any]) -> None:
        self.subject, self.samples = subject, samples
        self.plans = [self._plan(sample) for sample in samples]
        plain = type(subject) is Subject and subject.backward_function is not None
        self.kept = plain and all(self._leaves_alone(k) for k in range(len(samples)))

    def right(self, function: Backward, k: int) -> frozenset[str]:
        """Return the inputs whose gradients a backward pass gets right at the k-th sample."""
        true = self.samples[k].true
        with np.errstate(all="ignore"):
            try:
                claimed = self.claimed(function, k)
            except (Misfit, Exception):  # noqa: BLE001  a change that fails is no repair
                return frozenset()
        return frozenset(name for name in true if _same(claimed[name], true[name]))

    def mends(self, function: Backward) -> bool:
        """Return whether a backward pass is right at all samples."""
        every = range(len(self.samples))
        return all(len(self.right(function, k)) == len(self.samples[k].true) for k in every)

    def claimed(self, function: Backward, k: int) -> Mapping[str, Any]:
        """Return what a backward pass claims at the k-th sample; raises whatever it raises."""
        if self.kept:
            return self._of_plan(function, k)
        sample = self.samples[k]
        run = self.subject.with_backward(function).run(_copies(sample.inputs))
        outputs = zip(run.outputs, sample.outputs, strict=False)
        if not all(_same(out, known) for out, known in outputs):
            raise Misfit("forward is another one")
        return run.backward(tuple(np.array(dout) for dout in sample.douts))

    def _plan(self, sample: Any) -> Any:
        backward = self.subject.backward_function
        if type(self.subject) is not Subject or backward is None:
            return None
        arrays = _copies(sample.inputs)
        forward = self.subject.forward_function
        with np.errstate(all="ignore"):
            returned = forward(*arrays.values()) if self.subject.by_position else forward(**arrays)
            plan = plan_of(backward, self.subject.names, returned, forward)
        douts = tuple(np.array(dout) for dout in sample.douts)
        for array in _arrays((arrays, plan.saved, plan.outputs, douts)):
            array.setflags(write=False)
        return plan, arrays, douts

    def _of_plan(self, function: Backward, k: int) -> Mapping[str, Any]:
        plan, arrays, douts = self.plans[k]
        plan = replace(plan, function=function)
        found = named(plan.call(arrays, douts), self.subject.wrt, self.subject.names)
        scaled: Mapping[str, Any] = plan.scaled(found, douts)
        return scaled

    def _leaves_alone(self, k: int) -> bool:
        """Return whether the backward pass runs as it did, twice, if it may write into nothing."""
        backward: Any = self.subject.backward_function
        known = self.samples[k].claimed
        try:
            with np.errstate(all="ignore"):
                twice = [self._of_plan(backward, k) for _ in range(2)]
            return bool(known) and all(_alike(run[n], known[n]) for run in twice for n in known)
        except Exception:  # noqa: BLE001  whatever it raises, it is run in the other way
            return False


def _copies(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: copy.deepcopy(value) for name, value in inputs.items()}


def _arrays(value: Any) -> Iterator[Any]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _arrays(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)
    elif hasattr(value, "__dict__"):
        yield from _arrays(vars(value))


def _alike(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, equal_nan=True))


def _same(claimed: Any, true: Any) -> bool:
    claimed = np.asarray(claimed)
    if claimed.shape != np.shape(true) or claimed.dtype.kind != "f":
        return False
    size = np.abs(true).max(initial=1e-12)
    return bool((np.abs(claimed - true) <= 1e-9 * size).all())
