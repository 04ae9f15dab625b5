"""What a backward pass has at hand: the names in it, with the shapes they have when it runs."""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import CodeType
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.edits import SMALL, Names, Shape
from backproof.checking.functions.places import text_of
from backproof.checking.functions.source import Source, source_of

ENTRIES = 12
"""A longer list is no cache."""

FUNCTIONS = ("np.tanh", "np.exp", "np.sign", "np.cos")


def names_in_scope(subject: Subject, source: Source, sample: Any) -> Names:
    """Return the arrays and numbers that formulas of the backward pass may use."""
    inside, before = locals_of(subject, source, sample)
    values = _unpacked(source, inside)
    shapes = {name: value.shape for name, value in values.items() if _is_array(value)}
    indices = {name: np.shape(value) for name, value in values.items() if _is_index(value)}
    own = _functions_of_forward(subject)
    return Names(
        shapes=shapes | dict(_calls(source, shapes)),
        hidden={
            name: value.shape
            for name, value in before.items()
            if _is_array(value) and name not in inside and not _is_known(value, values)
        },
        numbers=[name for name, value in values.items() if _is_number(value)],
        only_before=[name for name, v in before.items() if _is_number(v) and name not in inside],
        sizes=[name for name, value in values.items() if _is_size(value, shapes | indices)],
        indices=indices,
        functions=(*own, *FUNCTIONS),
        epsilons=_constants(subject, small=True),
        masks=[name for name, value in values.items() if _is_mask(name, value)],
        douts=[name for name, v in values.items() if any(_equal(v, d) for d in sample.douts)],
        constants=_constants(subject, small=False),
    )


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fb" and value.ndim > 0


def _is_number(value: Any) -> bool:
    whole = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return whole or (isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind == "f")


def _is_size(value: Any, shapes: Mapping[str, Shape]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    sizes = {size for shape in shapes.values() for size in (*shape, int(np.prod(shape)))}
    return value > 1 and value in sizes


def _is_index(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iu" and value.ndim > 0


def _is_mask(name: str, value: Any) -> bool:
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        return False
    zeros = value.dtype.kind == "f" and bool(((value == 0) | (value == 1)).all())
    return value.dtype == bool or "mask" in name or (zeros and bool((value == 1).any()))


def _is_known(value: Any, values: Mapping[str, Any]) -> bool:
    return any(_equal(value, other) for other in values.values())


def _equal(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b)


def locals_of(
    subject: Subject, source: Source, sample: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the local names at the end of backward and of forward, as far as they come."""
    backward, forward = code_of(source.function), code_of(subject.forward_function)
    seen: dict[CodeType | None, dict[str, Any]] = {backward: {}, forward: {}}

    def watch(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code not in seen:
            return None
        if event == "return":
            seen[frame.f_code] = dict(frame.f_locals)
        return watch

    arrays = {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in sample.inputs.items()}
    usual = sys.gettrace()
    sys.settrace(watch)
    try:
        # Whatever is raised, what was seen until then is enough.
        with suppress(Exception), np.errstate(all="ignore"):
            subject.run(arrays).backward(tuple(np.array(dout) for dout in sample.douts))
    finally:
        sys.settrace(usual)
    before = {} if backward is forward else seen[forward]
    return seen[backward], before


def code_of(function: Callable[..., Any]) -> CodeType | None:
    """Return the code of a function or method, None for one that is not written in Python."""
    return getattr(getattr(function, "__func__", function), "__code__", None)


def _unpacked(source: Source, inside: Mapping[str, Any]) -> dict[str, Any]:
    """Return the local names, and what a cache or self holds: used by that name, or by none yet."""
    flat = dict(inside)
    used = {
        text_of(n) for n in ast.walk(source.node) if isinstance(n, ast.Attribute | ast.Subscript)
    }
    for name, holder in inside.items():
        for text, value in _entries(name, holder):
            if text in used or not _is_known(value, flat):
                flat[text] = value
    return flat


def _entries(name: str, holder: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a dict, a tuple or an object holds, as it is written."""
    if isinstance(holder, dict):
        for key, value in holder.items():
            yield f"{name}[{key!r}]", value
    elif isinstance(holder, tuple | list) and len(holder) <= ENTRIES:
        yield from ((f"{name}[{place}]", value) for place, value in enumerate(holder))
    else:
        for attribute, value in getattr(holder, "__dict__", {}).items():
            yield f"{name}.{attribute}", value


def _calls(source: Source, shapes: Mapping[str, Shape]) -> Iterator[tuple[str, Shape]]:
    """Yield the calls f(x) of a known array that stand in the source, with their shape."""
    for node in ast.walk(source.node):
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            inside, function = text_of(node.args[0]), text_of(node.func)
            if inside in shapes and ("." not in function or function in FUNCTIONS):
                yield text_of(node), shapes[inside]


def _functions_of_forward(subject: Subject) -> list[str]:
    """Return the functions of one argument that forward calls by a plain name."""
    source = source_of(subject.forward_function)
    backward = subject.backward_function or subject.forward_function
    known = getattr(getattr(backward, "__func__", backward), "__globals__", {})
    if source is None:
        return []
    found = (
        node.func.id
        for node in ast.walk(source.node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1
    )
    own = [subject.forward_function.__name__] if len(subject.names) == 1 else []
    return [name for name in dict.fromkeys([*own, *found]) if callable(known.get(name))]


def _constants(subject: Subject, *, small: bool) -> list[str]:
    """Return the constants of the forward pass, as they are written: the epsilons or the others."""
    source = source_of(subject.forward_function)
    if source is None:
        return []
    found = (
        repr(node.value)
        for node in ast.walk(source.node)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, float)
        and (0 < node.value < SMALL) is small
    )
    return list(dict.fromkeys(found))[:4]
