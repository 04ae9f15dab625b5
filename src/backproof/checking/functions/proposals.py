"""Changes that are commonly proposed for a right backward pass, and what they would do to it."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.evidence import Evidence
from backproof.checking.functions.places import Place, places, text_of
from backproof.checking.functions.reruns import Reruns
from backproof.checking.functions.sites import Change, Site

Notes = Iterator[tuple[ast.AST, str]]
"""An expression that looks wrong, and why it is right."""


class Trials:
    """Changes that are commonly proposed, made in an accepted backward pass."""

    def __init__(self, subject: Subject, samples: Sequence[Any], known: Evidence) -> None:
        self.known, self.reruns = known, Reruns(subject, samples)
        self.frame, self.source = known.frames[0], known.frames[0].source
        self.outputs = [sample.outputs for sample in samples]

    def notes(self) -> Notes:
        """Yield the expressions that a proposed change leaves right, or breaks."""
        if not self._stays_right():
            return
        found = list(places(self.source.node))
        for place in found:
            for form in (self._fused, self._unshifted, self._normalised):
                for told in form(place):
                    yield place.node, told
        yield from self._masked_twice(found)
        yield from self._sums_of_dout(found)
        yield from self._terms_left_out(found)

    def _stays_right(self, *sites: Site) -> bool:
        with Change(sites, "", 0, "").made():
            function = self.source.compiled(self.source.namespace())
        return function is not None and self.reruns.mends(function)

    def _with(self, place: Place, new: str) -> bool:
        return self._stays_right(Site(place.put, place.node, new))

    def _fused(self, place: Place) -> Iterator[str]:
        """Look at p - y, to which the slope of the sigmoid or softmax is often added."""
        match place.node:
            case ast.BinOp(ast.Name() | ast.Subscript() as name, ast.Sub(), ast.Name() as labels):
                p = text_of(name)
                new = f"({text_of(place.node)}) * {p} * (1 - {p})"
                for function, called in ((_sigmoid, "sigmoid"), (_softmax, "softmax")):
                    origin = self.known.origin(self.frame, name, function)
                    if (
                        origin
                        and self._is_cross_entropy(name, labels)
                        and not self._with(place, new)
                    ):
                        yield (
                            f"{p} is the {called} of {origin}, and the loss cancels its slope; "
                            f"times {p} * (1 - {p}) it would be wrong"
                        )

    def _is_cross_entropy(self, name: ast.expr, labels: ast.expr) -> bool:
        """Return whether the output is the loss of which p - y, or its mean, is the gradient."""
        if _stands_outside_of_logs(self.source.node, f"1 - {text_of(name)}"):
            return False  # the slope stands on a line of its own
        pairs = zip(self._values(name), self._values(labels), self.outputs, strict=True)
        return all(y is not None and _is_loss(p, y, out[0]) for p, y, out in pairs)

    def _masked_twice(self, found: Sequence[Place]) -> Notes:
        """Look at the last mask without which nothing changes."""
        for place in reversed(found):
            match place.node:
                case ast.BinOp(rest, ast.Mult(), ast.Compare() as mask):
                    if self._with(place, text_of(rest)):
                        told = f"what {text_of(mask)} masks is 0 already; once more changes nothing"
                        yield place.node, told
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
                told = f"what is added gets the sum without {other}, with which it would be wrong"
                yield place.node, told

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
                values = self._values(name)
                if any(all(_is_normal(value, axis) for value in values) for axis in (0, -1)):
                    yield f"{out} is the normalised input, which is what belongs here"

    def _values(self, name: ast.expr) -> list[Any]:
        return [self.frame.value(name, k) for k in range(len(self.outputs))]

    def _is_output(self, name: ast.Name) -> bool:
        pairs = zip(self._values(name), self.outputs, strict=True)
        return all(value is not None and _near(value, out[0]) for value, out in pairs)

    def _terms_left_out(self, found: Sequence[Place]) -> Notes:
        """Look at the slope of a variance, 2 (x - mean), whose sum is 0 and may be left out."""
        if any(self._adds_up_to_zero(node) for node in ast.walk(self.source.node)):
            return
        for place in found:
            parts = list(_factors(place.node))
            centred = [part for part in parts if _is_difference(part) and self._sums_to_zero(part)]
            if len(parts) > 2 and centred and any(text_of(part) in ("2", "2.0") for part in parts):
                what = text_of(centred[0])
                yield centred[0], f"the term with the sum of {what} is left out, and that sum is 0"
                return

    def _adds_up_to_zero(self, node: ast.AST) -> bool:
        """Return whether a sum that is 0 stands in the source: then no term is left out."""
        parts = [part for part in _factors(_summed(node)) if not isinstance(part, ast.Constant)]
        return len(parts) == 1 and self._sums_to_zero(parts[0])

    def _sums_to_zero(self, node: ast.AST) -> bool:
        values = [self.frame.value(node, k) for k in range(len(self.outputs))]
        return all(
            np.ndim(v) > 1
            and np.abs(v).max() > 0
            and np.abs(v.sum(axis=0)).max() < 1e-9 * np.abs(v).max()
            for v in values
        )


def _is_difference(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)


def _factors(node: ast.AST | None) -> Iterator[ast.AST]:
    """Yield what an expression is a product of, or a quotient by."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.Div(), right):
            yield from _factors(left)
            yield from _factors(right)
        case ast.UnaryOp(_, operand):
            yield from _factors(operand)
        case ast.AST():
            yield node


def _summed(node: ast.AST) -> ast.AST | None:
    """Return what is added up, if the expression is a sum or a mean."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np" | "numpy"), "sum" | "mean"), [inner, *_]):
            return inner
        case ast.Call(ast.Attribute(inner, "sum" | "mean")):
            return inner
    return None


def _stands_outside_of_logs(tree: ast.AST, text: str) -> bool:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    logs = [call for call in calls if text_of(call.func).endswith("log")]
    inside = {id(node) for log in logs for node in ast.walk(log)}
    return any(text_of(n) == text and id(n) not in inside for n in ast.walk(tree))


def _is_normal(value: Any, axis: int) -> bool:
    if np.ndim(value) < 2:
        return False
    mean, square = value.mean(axis=axis), (value**2).mean(axis=axis)
    return bool(np.abs(mean).max() < 1e-9 and np.abs(square - 1).max() < 0.1)


def _is_loss(p: Any, y: Any, out: Any) -> bool:
    if np.shape(p) != np.shape(y) or np.ndim(out):
        return False
    classes = -np.sum(y * np.log(p))
    sums = [classes, classes - np.sum((1 - y) * np.log(1 - p))]
    return any(_near(total / count, out) for total in sums for count in (1, p.size, *p.shape))


def _near(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=1e-12, atol=1e-12))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _softmax(x: Any) -> Any:
    if np.ndim(x) < 2:
        return np.full(np.shape(x), np.nan)
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
