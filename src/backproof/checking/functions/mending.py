"""The code under test with lines put right, so that the check itself can say whether they do."""

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.patches import Line
from backproof.checking.functions.source import Source, helpers_of, source_of


def mended(subject: Subject, lines: Sequence[Line]) -> Subject | None:
    """Return the subject with these lines in its backward pass, None if that cannot be made."""
    backward: Any = subject.backward_function or subject.forward_function
    for part in (backward, *helpers_of(backward)):
        source = source_of(part)
        if source is not None and all(_stands_in(source, line) for line in lines):
            made = source.with_text(_with(source, lines))
            function = made.compiled(made.namespace()) if made is not None else None
            return subject.with_backward(with_part(backward, part, function)) if function else None
    return None


def with_part(backward: Any, part: Any, changed: Callable[..., Any]) -> Callable[..., Any]:
    """Return the backward pass with a changed function in the place of one that it calls."""
    if part is backward:
        return changed
    plain = getattr(backward, "__func__", backward)
    names = dict(plain.__globals__) | {part.__name__: changed}
    made = FunctionType(
        plain.__code__, names, plain.__name__, plain.__defaults__, plain.__closure__
    )
    made.__kwdefaults__ = plain.__kwdefaults__
    return made


def _stands_in(source: Source, line: Line) -> bool:
    start, rows = line.number - source.first, line.written.split("\n")
    return start >= 0 and list(source.lines[start : start + len(rows)]) == rows


def _with(source: Source, lines: Sequence[Line]) -> str:
    rows = list(source.lines)
    for line in sorted(lines, key=lambda one: one.number, reverse=True):
        start = line.number - source.first
        end = start + len(line.written.split("\n"))
        rows[start:end] = line.mended.split("\n") if line.mended else []
    return "\n".join(rows)
