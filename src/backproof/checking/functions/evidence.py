"""What the names in an accepted backward pass hold, at each sample, and what they come from."""

import ast
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.places import text_of
from backproof.checking.functions.probe import is_float
from backproof.checking.functions.scope import code_of
from backproof.checking.functions.source import Source, helpers_of, source_of
from backproof.checking.functions.vocabulary import expressions, value_of_text

EXACT = 1e-12
"""How far apart two arrays may be that are the same but for the order of additions."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The source of a function that backward consists of, and its local names at each sample."""

    source: Source
    values: Sequence[Mapping[str, Any]]

    def value(self, node: ast.AST, k: int) -> Any:
        """Return the value of an expression at the k-th sample, if it is a plain array."""
        found = value_of_text(text_of(node), self.source.namespace() | dict(self.values[k]))
        return found if isinstance(found, np.ndarray | float | np.floating) else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The frames of a backward pass, and the arrays of its forward pass by how they are written."""

    frames: Sequence[Frame]
    before: Sequence[Mapping[str, Any]]

    def origin(self, frame: Frame, node: ast.AST, function: Callable[[Any], Any]) -> str:
        """Return what, as it is written, `function` makes this expression of at every sample."""
        wanted = [frame.value(node, k) for k in range(len(self.before))]
        if any(value is None for value in wanted):
            return ""
        own = text_of(node)
        for text in self.before[0]:
            pairs = zip(self.before, wanted, strict=True)
            if own not in text and all(_makes(function, known.get(text), v) for known, v in pairs):
                return text
        return ""


def _makes(function: Callable[[Any], Any], known: Any, value: Any) -> bool:
    if known is None or np.shape(known) != np.shape(value) or np.array_equal(known, value):
        return False
    made = function(known)
    size = np.abs(value).max(initial=0) if np.size(value) else 0
    return bool((np.abs(made - value) <= EXACT * size).all())


def evidence(subject: Subject, samples: Sequence[Any]) -> Evidence:
    """Run forward and backward at each sample, and keep what their names held."""
    function = subject.backward_function or subject.forward_function
    parts = [function, *helpers_of(function)]
    sources = [source for part in parts if (source := source_of(part)) is not None]
    forward = [subject.forward_function, *helpers_of(subject.forward_function)]
    written = [source for part in forward if (source := source_of(part)) is not None]
    codes = [code_of(source.function) for source in (*sources, *written)]
    runs = [_locals(subject, sample, codes) for sample in samples]
    frames = [Frame(s, [run.get(code_of(s.function), {}) for run in runs]) for s in sources]
    pairs = zip(runs, samples, strict=True)
    return Evidence(frames, [_before(written, run, sample.inputs) for run, sample in pairs])


def _locals(
    subject: Subject, sample: Any, codes: Sequence[CodeType | None]
) -> dict[CodeType | None, dict[str, Any]]:
    seen: dict[CodeType | None, dict[str, Any]] = {}

    def watch(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code not in codes:
            return None
        if event == "return":
            seen[frame.f_code] = {name: _kept(value) for name, value in frame.f_locals.items()}
        return watch

    usual = sys.gettrace()
    sys.settrace(watch)
    try:
        run = subject.run({name: _kept(value) for name, value in sample.inputs.items()})
        run.backward(tuple(map(np.array, sample.douts)))
    finally:
        sys.settrace(usual)
    return seen


def _kept(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _before(
    written: Sequence[Source], run: Mapping[CodeType | None, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the inputs, the names of forward, and what is computed there without a name."""
    arrays = dict(inputs)
    for source in reversed(written):
        inside = run.get(code_of(source.function), {})
        names = source.namespace() | inside
        arrays |= inside
        arrays |= {text: value_of_text(text, names) for text in expressions([source])}
    return {text: v for text, v in arrays.items() if is_float(v)}
