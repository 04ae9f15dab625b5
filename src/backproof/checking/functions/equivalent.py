"""Lines of a right backward pass that look wrong, and are often reported, and why they are right.

Nothing is said that the samples do not show: what a name holds, or that the change which is
commonly proposed makes no difference, or breaks the gradient.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.evidence import Evidence, Frame, evidence
from backproof.checking.functions.places import text_of
from backproof.checking.functions.proposals import Trials


def suspicious_but_right(subject: Subject, samples: Sequence[Any]) -> list[str]:
    """Return a note on each line of an accepted backward pass that is often taken for wrong."""
    try:
        return list(dict.fromkeys(_notes(subject, samples)))
    except Exception:  # noqa: BLE001  a note is worth nothing that costs the verdict
        return []


def _notes(subject: Subject, samples: Sequence[Any]) -> Iterator[str]:
    if not samples:
        return
    known = evidence(subject, samples)
    for frame in known.frames:
        for node in ast.walk(frame.source.node):
            for form in (_mask_of_output, _slope_of_tanh, _own_derivative):
                for told in form(known, frame, node):
                    yield _told(frame, node, told)
    for node, told in Trials(subject, samples, known).notes() if known.frames else ():
        yield _told(known.frames[0], node, told)


def _told(frame: Frame, node: ast.AST, told: str) -> str:
    line = frame.source.first + getattr(node, "lineno", 1) - 1
    return f"line {line}: `{text_of(node)}` is right: {told}"


def _mask_of_output(known: Evidence, frame: Frame, node: ast.AST) -> Iterator[str]:
    """Look at a comparison with 0 of what the largest of x and 0 is."""
    if isinstance(node, ast.Compare) and text_of(node.comparators[0]) in ("0", "0.0"):
        origin = known.origin(frame, node.left, lambda x: np.maximum(x, 0))
        if origin:
            yield f"{text_of(node.left)} is 0 exactly where {origin} is at most 0"


def _slope_of_tanh(known: Evidence, frame: Frame, node: ast.AST) -> Iterator[str]:
    """Look at 1 - y ** 2, in its spellings, where y is the tangent already."""
    match node:
        case ast.BinOp(ast.Constant(1 | 1.0), ast.Sub(), square):
            out = _squared(square)
        case _:
            out = None
    origin = known.origin(frame, out, np.tanh) if out is not None else ""
    if out is not None and origin and not isinstance(out, ast.Call):
        yield f"{text_of(out)} is np.tanh({origin}) already"


def _squared(node: ast.AST) -> ast.AST | None:
    match node:
        case ast.BinOp(out, ast.Pow(), ast.Constant(2)):
            return out
        case ast.BinOp(a, ast.Mult(), b) if text_of(a) == text_of(b):
            return a
        case ast.Call(ast.Attribute(_, "power"), [out, ast.Constant(2)]):
            return out
        case ast.Call(ast.Attribute(_, "square"), [out]):
            return out
    return None


def _own_derivative(known: Evidence, frame: Frame, node: ast.AST) -> Iterator[str]:
    """Look at a product with a name that is the exponential of something."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for part in (node.left, node.right):
            origin = known.origin(frame, part, np.exp) if isinstance(part, ast.Name) else ""
            if origin:
                yield f"{text_of(part)} is np.exp({origin}), which is its own derivative"
