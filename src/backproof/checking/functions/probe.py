"""What a backward pass computes on its way: the shape of each expression, and its use."""

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.checking.functions.places import Place
from backproof.checking.functions.reruns import Reruns

HOOK = "__seen__"
"""The name under which the code under test finds the function that looks at its values."""

FAR = (1, -3e3, 3e6)
"""How far an expression is moved, in parts of 500: what is compared shows only far away."""

PROBES = 250
"""How many expressions are disturbed at most."""


@dataclass(slots=True)
class Probe:
    """The shapes of expressions at one sample, and the gradients that each one changes."""

    shapes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    reach: dict[int, frozenset[str]] = field(default_factory=dict)
    values: dict[int, Any] = field(default_factory=dict)
    visits: Counter[int] = field(default_factory=Counter)
    disturbed: int = -1
    instead: Any = None
    function: Any = None

    def shape(self, node: ast.AST) -> tuple[int, ...] | None:
        """Return the shape of an expression, None if it was not come to or is no array."""
        return self.shapes.get(id(node))

    def reached(self, node: Any) -> frozenset[str] | None:
        """Return the gradients that depend on an expression or statement, None if unknown."""
        inner = getattr(node, "value", None) if isinstance(node, ast.stmt) else node
        return self.reach.get(id(inner))

    def see(self, key: int, value: Any) -> Any:
        """Return the value of an expression, or another one if it is the one to disturb."""
        if self.disturbed == key:
            return self.instead
        if self.disturbed == -1:
            self.visits[key] += 1
            if key not in self.values:
                self.values[key] = _kept(value)
                if isinstance(value, np.ndarray | np.floating | float):
                    self.shapes[key] = np.shape(value)
        return value

    def run(
        self, reruns: Reruns, k: int, key: int = -2, instead: Any = None
    ) -> dict[str, Any] | None:
        """Return what is claimed at the k-th sample with another value in one place, or None."""
        self.disturbed, self.instead = key, instead
        with np.errstate(all="ignore"):
            try:
                claimed = reruns.claimed(self.function, k)
                return {n: np.array(claimed[n], dtype=float) for n in reruns.samples[k].true}
            except Exception:  # noqa: BLE001  then nothing is known of what it changes
                return None
            finally:
                self.disturbed = -2


def _kept(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def probe(found: Sequence[Place], reruns: Reruns, k: int, made: Callable[..., Any]) -> Probe:
    """Return what is seen of the expressions when `made`, the backward pass, runs at a sample."""
    seen = Probe()
    watched = [place for place in found if place.role in ("value", "condition")]
    for place in watched:
        key = ast.Constant(id(place.node))
        place.put(_located(ast.Call(ast.Name(HOOK, ast.Load()), [key, place.node], [])))
    try:
        seen.function = made(**{HOOK: seen.see})
    finally:
        for place in watched:
            place.put(place.node)
    usual = seen.run(reruns, k, -1) if seen.function is not None else None
    if usual is not None:
        _disturb(seen, reruns, k, usual)
    return seen


def _disturb(seen: Probe, reruns: Reruns, k: int, usual: Mapping[str, Any]) -> None:
    moving = [key for key, value in seen.values.items() if _moved(value) is not value]
    for key in moving[:PROBES]:
        tried = (seen.run(reruns, k, key, _moved(seen.values[key], far)) for far in FAR)
        for moved in tried:
            if moved is None:
                seen.reach.pop(key, None)
                break
            seen.reach[key] = seen.reach.get(key, frozenset()) | {
                name for name in usual if not np.array_equal(usual[name], moved[name])
            }


def _moved(value: Any, far: float = 1) -> Any:
    """Return the value with noise on it, the same each time; a value that is no float as it is."""
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return ~value
    if not is_float(value):
        return value
    noise = np.cos(1 + 7 * np.arange(np.size(value)).reshape(np.shape(value)))
    return value * (1 + far * noise / 512) + far * noise / 1024


def is_float(value: Any) -> bool:
    """Return whether a value is a float or an array of floats."""
    return isinstance(value, float) or (
        isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f"
    )


def _located(node: ast.expr) -> ast.expr:
    """Return a node that was made here, with a place in the text, which Python wants."""
    parts: Iterable[ast.AST] = [node, *ast.iter_child_nodes(node)]
    for part in parts:
        if isinstance(part, ast.expr) and not hasattr(part, "lineno"):
            part.lineno = part.end_lineno = 1
            part.col_offset = part.end_col_offset = 0
    return node
