"""What a backward pass has at hand: the names in it, with the shapes they have when it runs."""

import ast
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.edits import SMALL, Names, text_of
from backproof.checking.functions.source import Source, source_of

HOLDERS = {"cache", "caches", "ctx", "grads", "self"}
FUNCTIONS = ("np.tanh", "np.exp", "np.sign", "np.cos")


def names_in_scope(subject: Subject, source: Source, sample: Any) -> Names:
    """Return the arrays and numbers that formulas of the backward pass may use."""
    values = _locals(subject, source, sample)
    shapes = {name: np.shape(value) for name, value in values.items() if _is_array(value)}
    numbers = [name for name, value in values.items() if _is_number(value)]
    called = list(_calls(source, shapes))
    shape = shapes.get(called[0][1]) if called else None
    shapes |= {text: shapes[inside] for text, inside in called[:4]} if shape is not None else {}
    own = _functions_of_forward(subject)
    for name in subject.names:
        if name in shapes:
            shapes |= {f"{function}({name})": shapes[name] for function in own[:1]}
    masks = [n for n, v in values.items() if _is_array(v) and (v.dtype == bool or "mask" in n)]
    return Names(shapes, numbers, (*own, *FUNCTIONS), _epsilons(subject), masks)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fb" and value.ndim > 0


def _is_number(value: Any) -> bool:
    whole = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return whole or (isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind == "f")


def _locals(subject: Subject, source: Source, sample: Any) -> dict[str, Any]:
    """Return the local names at the end of backward, as far as it comes."""
    code = getattr(source.function, "__func__", source.function).__code__
    seen: dict[str, Any] = {}

    def watch(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event == "return":
            seen.update(frame.f_locals)
        return watch

    arrays = {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in sample.inputs.items()}
    before = sys.gettrace()
    sys.settrace(watch)
    try:
        subject.run(arrays).backward(tuple(np.array(dout) for dout in sample.douts))
    except Exception:  # noqa: BLE001  what was seen until then is enough
        pass
    finally:
        sys.settrace(before)
    flat = {name: value for name, value in seen.items() if name not in HOLDERS}
    return _unpacked(source, seen, flat)


def _unpacked(source: Source, seen: Mapping[str, Any], flat: dict[str, Any]) -> dict[str, Any]:
    """Add the attributes of self and the entries of a cache that the source mentions."""
    for node in ast.walk(source.node):
        if isinstance(node, ast.Attribute) and text_of(node.value) == "self":
            flat[text_of(node)] = getattr(seen.get("self"), node.attr, None)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            holder, key = seen.get(node.value.id), node.slice
            if isinstance(holder, dict) and isinstance(key, ast.Constant):
                flat[text_of(node)] = holder.get(key.value)
    return flat


def _calls(source: Source, shapes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the calls f(x) of a known array that stand in the source, with the array."""
    for node in ast.walk(source.node):
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            inside = text_of(node.args[0])
            if inside in shapes and not isinstance(node.func, ast.Attribute | ast.Subscript):
                yield text_of(node), inside
            elif inside in shapes and text_of(node.func) in FUNCTIONS:
                yield text_of(node), inside


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


def _epsilons(subject: Subject) -> list[str]:
    """Return the small constants of the forward pass, as they are written."""
    source = source_of(subject.forward_function)
    if source is None:
        return []
    small = (
        repr(node.value)
        for node in ast.walk(source.node)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, float)
        and 0 < node.value < SMALL
    )
    return list(dict.fromkeys(small))[:2]
