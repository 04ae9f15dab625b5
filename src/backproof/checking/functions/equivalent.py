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
from backproof.checking.functions.places import Place, places, text_of
from backproof.checking.functions.reruns import Reruns
from backproof.checking.functions.sites import Change, Site
from backproof.checking.functions.source import source_of

Notes = Iterator[tuple[ast.AST, str]]
"""An expression that looks wrong, and why it is right."""


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
    trials = _Trials(subject, samples, known)
    for node, told in trials.notes():
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


class _Trials:
    """Changes that are commonly proposed, made in an accepted backward pass."""

    def __init__(self, subject: Subject, samples: Sequence[Any], known: Evidence) -> None:
        self.known, self.reruns = known, Reruns(subject, samples)
        source = source_of(subject.backward_function or subject.forward_function)
        self.source, self.outputs = source, [sample.outputs for sample in samples]

    def notes(self) -> Notes:
        """Yield the expressions that a proposed change leaves right, or breaks."""
        if self.source is None or not self._stays_right():
            return
        self.frame = Frame(self.source, self.known.frames[0].values)
        found = list(places(self.source.node))
        for place in found:
            for form in (self._unshifted, self._normalised):
                for told in form(place):
                    yield place.node, told
        yield from self._masked_twice(found)
        yield from self._sums_of_dout(found)
        yield from self._terms_left_out(found)

    def _stays_right(self, *sites: Site) -> bool:
        assert self.source is not None
        with Change(sites, "", 0, "").made():
            function = self.source.compiled(self.source.namespace())
        return function is not None and self.reruns.mends(function)

    def _with(self, place: Place, new: str) -> bool:
        return self._stays_right(Site(place.put, place.node, new, place.statement))

    def _masked_twice(self, found: Sequence[Place]) -> Notes:
        """Look at the last mask without which nothing changes."""
        for place in reversed(found):
            match place.node:
                case ast.BinOp(rest, ast.Mult(), ast.Compare() as mask):
                    if self._with(place, text_of(rest)):
                        yield (
                            place.node,
                            f"what {text_of(mask)} masks is 0 already; once more changes nothing",
                        )
                        return

    def _sums_of_dout(self, found: Sequence[Place]) -> Notes:
        """Look at the gradient of a bias next to that of a scale, which has one factor more."""
        products = [place.node for place in found if isinstance(place.node, ast.BinOp)]
        for place in found:
            match place.node:
                case ast.Call(ast.Attribute(ast.Name(d), "sum"), [ast.Constant(0)]) if place.target:
                    for product in products:
                        if isinstance(product.op, ast.Mult) and text_of(product.left) == d:
                            yield from self._bias(place, product)

    def _bias(self, place: Place, product: ast.BinOp) -> Notes:
        values = [self.frame.value(product.right, k) for k in range(len(self.outputs))]
        if all(_is_normal(value, 0) for value in values):
            other = text_of(product.right)
            if not self._with(place, f"({text_of(product)}).sum(axis=0)"):
                yield (
                    place.node,
                    f"what is added gets the sum; with the factor {other} it would be wrong",
                )

    def _unshifted(self, place: Place) -> Iterator[str]:
        """Look at the exponential of a softmax from which the largest entry is not taken off."""
        match place.node:
            case ast.Call(ast.Attribute(_, "exp"), [ast.Name(z)]) if not place.factor:
                value = self.frame.value(ast.Name(z), 0)
                new = f"np.exp({z} - {z}.max(axis=-1, keepdims=True))"
                if np.ndim(value) == 2 and place.whole and self._with(place, new):
                    yield (
                        f"the largest entry of a row may be taken off {z} or not, it cancels; but "
                        "without that, large entries overflow"
                    )

    def _normalised(self, place: Place) -> Iterator[str]:
        """Look at a product with the output of a layer that normalises."""
        match place.node:
            case ast.BinOp(_, ast.Mult(), ast.Name(out) as name) if self._is_output(name):
                for axis in (0, -1):
                    if all(_is_normal(value, axis) for value in self._values(name)):
                        yield f"{out} is the normalised input, which is what belongs here"

    def _values(self, name: ast.Name) -> list[Any]:
        return [self.frame.value(name, k) for k in range(len(self.outputs))]

    def _is_output(self, name: ast.Name) -> bool:
        pairs = zip(self._values(name), self.outputs, strict=True)
        return all(value is not None and _near(value, out[0]) for value, out in pairs)

    def _terms_left_out(self, found: Sequence[Place]) -> Notes:
        """Look at the gradient of a mean that leaves out the sum of what is centred, which is 0."""
        assert self.source is not None
        lines = [node for node in ast.walk(self.source.node) if isinstance(node, ast.Assign)]
        for later, line in enumerate(lines):
            for earlier in lines[:later]:
                for told in self._left_out(earlier, line, found):
                    yield line, told

    def _left_out(
        self, variance: ast.Assign, mean: ast.Assign, found: Sequence[Place]
    ) -> Iterator[str]:
        """Add, to the gradient of the mean, the term from the gradient of the variance."""
        names = [text_of(line.targets[0]) for line in (variance, mean)]
        if any("var" not in names[0] or "mean" not in name for name in names[1:]):
            return
        if any(isinstance(n, ast.Name) and n.id == names[0] for n in ast.walk(mean.value)):
            return
        place = next(p for p in found if p.node is mean.value)
        for part in ast.walk(variance.value):
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
                centred = text_of(part)
                term = f"{names[0]} * np.sum(-2 * ({centred}), axis=0)"
                if self._sums_to_zero(part) and self._with(
                    place, f"{text_of(mean.value)} + {term}"
                ):
                    yield f"the term with the sum of {centred} is left out, and that sum is 0"

    def _sums_to_zero(self, node: ast.AST) -> bool:
        values = [self.frame.value(node, k) for k in range(len(self.outputs))]
        return all(
            np.ndim(v) > 1 and np.abs(v.sum(axis=0)).max() < 1e-9 * np.abs(v).max() for v in values
        )


def _is_normal(value: Any, axis: int) -> bool:
    if np.ndim(value) < 2:
        return False
    mean, square = value.mean(axis=axis), (value**2).mean(axis=axis)
    return bool(np.abs(mean).max() < 1e-9 and np.abs(square - 1).max() < 0.1)


def _near(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=1e-12, atol=1e-12))
