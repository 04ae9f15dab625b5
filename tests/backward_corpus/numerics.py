"""Central differences of a case's own forward pass: the judge of the corpus, and of nothing else.

Inputs come from the declarations, read here a second time so that no code is shared with `check`.
"""

import contextlib
import inspect
import io
import re
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np

from backward_corpus.case import Case

FAMILIES = ((2, 3, 4, 5, 6, 7, 8, 9), (4, 3, 5, 2, 7, 6, 9, 8))
STYLES = (
    "generic",
    "zeros",
    "nothing",
    "ties",
    "large",
    "vast",
    "tiny",
    "repeats",
    "positive",
    "whole",
)
SCALES = {"large": 8, "vast": 1e6, "tiny": 1e-3}
SAVED = {"cache", "ctx", "saved", "mask", "memory", "tape"}


def declared(text: str) -> dict[str, str]:
    """Return what stands behind each name of a declaration, `=` included for fixed values."""
    parts = re.split(r",(?![^({\[]*[)}\]])", text)
    matches = (re.fullmatch(r"\s*(\w+)\s*(?::|(?==))\s*(.*?)\s*", part) for part in parts)
    return {match[1]: match[2] for match in matches if match}


def is_real(text: str) -> bool:
    """Return whether there is a derivative by an input declared so."""
    return not text.startswith("=") and not re.search(r"\bin\s+(\w|\{)", text)


def wanted(case: Case) -> tuple[str, ...]:
    """Return the inputs whose gradients the backward pass gives."""
    real = (name for name, text in declared(case.inputs).items() if is_real(text))
    return tuple(case.options.get("wrt") or real)


def inputs_of(case: Case, family: int, seed: int, style: str = "generic") -> dict[str, Any]:
    """Return inputs for a case: floats and whole numbers."""
    letters = dict.fromkeys(re.findall(r"\b[A-Z]\w*", re.sub(r"\w+\s*(:|=)", "", case.inputs)))
    sizes = dict(zip(letters, FAMILIES[family], strict=False))
    generator = np.random.default_rng([seed, family])
    return {
        name: _made(text, sizes, generator, style) for name, text in declared(case.inputs).items()
    }


def _made(text: str, sizes: dict[str, int], generator: Any, style: str) -> Any:
    if text.startswith("="):
        value = text[1:].strip()
        return eval(value, {"__builtins__": {}}, {"True": True, "False": False})  # noqa: S307
    dimensions, _, among = text.partition(" in ") if " in " in f" {text}" else (text, "", "")
    if text.startswith("in "):
        dimensions, among = "", text[3:]
    positive = ">" in dimensions
    words = dimensions.split(">")[0].replace("scalar", "").split()
    shape = tuple(_size(word, sizes) for word in words)
    if among.startswith("{"):
        return generator.choice([float(n) for n in among.strip("{}").split(",")], size=shape)
    if among.startswith("("):
        low, high = (float(n) for n in among.strip("()").split(","))
        return low + (high - low) * generator.uniform(0.1, 0.9, shape)
    if among:
        drawn = generator.integers(0, _size(among, sizes), size=shape)
        return np.zeros_like(drawn) if style == "repeats" else drawn
    return _real(generator, shape, style, positive=positive)


def _size(word: str, sizes: dict[str, int]) -> int:
    factor, letter, more = re.fullmatch(r"(?:(\d+)\*?)?([A-Z]\w*)?([+-]\d+)?", word).groups()
    return int(factor or 1) * (sizes[letter] if letter else 1) + int(more or 0)


def _real(generator: Any, shape: tuple[int, ...], style: str, *, positive: bool) -> Any:
    drawn = generator.normal(size=shape)
    drawn = np.asarray(drawn + 0.1 * np.sign(drawn))  # central differences straddle no kink at 0
    if style == "zeros":
        drawn = drawn * (generator.uniform(size=shape) < 0.5)
    if style == "nothing":
        drawn = 0 * drawn
    if style == "ties":
        drawn = np.full(shape, 0.625)
    if style == "whole":
        drawn = np.round(2 * drawn)
    drawn = drawn * SCALES.get(style, 1)
    if positive or style == "positive":
        drawn = np.abs(drawn) + (0.01 if positive else 0)
    return drawn


class Pass:
    """A forward pass that was run, and the backward pass that belongs to it."""

    def __init__(self, case: Case, inputs: dict[str, Any], layer: Any = None) -> None:
        self.case, self.inputs, self.layer = case, inputs, layer
        self.returned = self._forward(**inputs)
        self.outputs, self.saved = self._parts()

    def _forward(self, **inputs: Any) -> Any:
        if self.layer is not None:
            return self.layer.forward(*inputs.values())
        if isinstance(self.case.forward, np.ufunc):  # which has no names for its arguments
            return self.case.forward(*inputs.values())
        return self.case.forward(**inputs)

    @property
    def function(self) -> Callable[..., Any] | None:
        """The backward pass."""
        return self.case.backward if self.layer is None else self.layer.backward

    def _parts(self) -> tuple[list[Any], list[Any]]:
        if not isinstance(self.returned, tuple):
            return [self.returned], []
        count = max(1, len(self._cotangents()))
        return list(self.returned[:count]), list(self.returned[count:])

    def _cotangents(self) -> list[str]:
        if self.function is None:
            return []
        return [
            p.name for p in inspect.signature(self.function).parameters.values() if self._is_dout(p)
        ]

    def _is_dout(self, parameter: inspect.Parameter) -> bool:
        name = parameter.name
        if name in self.inputs or name in SAVED or parameter.default is not parameter.empty:
            return False
        return name.startswith(("d", "g", "top", "upstream"))

    def gradients(self, douts: list[Any]) -> dict[str, Any]:
        """Call backward; return its gradients by name."""
        if self.function is None:
            return self._named(self.saved[0] if len(self.saved) == 1 else tuple(self.saved), douts)
        rest, cotangents, values, named = list(self.saved), list(douts), [], {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                one = len(rest) == 1 and isinstance(rest[0], tuple)
                values, named = [*named.values(), *(rest[0] if one else rest)], {}
            elif name in self.inputs:
                named[name] = self.inputs[name]
            elif self._is_dout(parameter):
                named[name] = cotangents.pop(0)
            elif parameter.default is parameter.empty:
                named[name] = self._saved(name, rest)
        found = self.function(*values, **named)
        return self._named(found, douts if len(cotangents) == len(douts) else None)

    def _saved(self, name: str, rest: list[Any]) -> Any:
        if name == "cache" and len(rest) > 1:
            return tuple(rest)
        return rest.pop(0) if rest else self.outputs[0]

    def _named(self, found: Any, scale: Any) -> dict[str, Any]:
        names = [name for name in wanted(self.case) if "." not in name]
        if (
            isinstance(found, tuple)
            and len(found) == len(self.inputs)
            and any(g is None for g in found)
        ):
            found = dict(zip(self.inputs, found, strict=True))
        if isinstance(found, dict):
            found = [next(g for key, g in found.items() if key in _keys(n)) for n in names]
        elif not isinstance(found, tuple | list):
            found = [found]
        named = dict(zip(names, found, strict=True))
        if scale is None:
            return named
        return {name: scale[0] * value for name, value in named.items()}


def _keys(name: str) -> tuple[str, ...]:
    return name, f"d{name}", f"grad_{name}"


def parameters(layer: Any) -> list[str]:
    """Return the attributes of a layer that have a gradient attribute beside them."""
    return [name for name in vars(layer) if hasattr(layer, f"d{name}")]


def layer_of(case: Case) -> Any:
    """Return a fresh object of a case that is a class, or None."""
    return case.forward() if inspect.isclass(case.forward) else None


def claim(case: Case, inputs: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the gradients that the backward pass claims, for a cotangent made from `seed`."""
    layer = layer_of(case)
    run = Pass(case, deepcopy(inputs), layer)
    found = run.gradients(douts_of(run.outputs, seed))
    if layer is not None:
        found |= {f"self.{name}": getattr(layer, f"d{name}") for name in parameters(layer)}
    return found


def douts_of(outputs: list[Any], seed: int) -> list[Any]:
    """Return signed random cotangents."""
    generator = np.random.default_rng([seed, 77])
    return [generator.normal(size=np.shape(out)) for out in outputs]


def differences(case: Case, inputs: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the gradients by central differences with two steps, extrapolated."""
    douts = douts_of(Pass(case, deepcopy(inputs), layer_of(case)).outputs, seed)
    found = {}
    for name in wanted(case):
        found[name] = _difference(lambda moved: _projected(case, moved, douts), inputs, name)
    for name in [key.removeprefix("self.") for key in claim(case, inputs, seed) if "." in key]:
        values = {name: getattr(layer_of(case), name)}
        found[f"self.{name}"] = _difference(
            lambda moved: _projected(case, inputs, douts, moved), values, name
        )
    return found


def _difference(function: Callable[..., float], values: dict[str, Any], name: str) -> Any:
    array = np.array(values[name], dtype=float)
    result = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        steps = []
        for step in (1e-4, 2e-4):
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved[index] += sign * step
                ends.append(function({**values, name: moved}))
            steps.append((ends[0] - ends[1]) / (2 * step))
        result[index] = (4 * steps[0] - steps[1]) / 3
    return result


def _projected(case: Case, inputs: Any, douts: list[Any], state: Any = None) -> float:
    layer = layer_of(case)
    for name, value in (state or {}).items():
        setattr(layer, name, value.copy())
    outputs = Pass(case, deepcopy(inputs), layer).outputs
    return sum(float(np.sum(d * out)) for d, out in zip(douts, outputs, strict=True))


def distance(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Return the largest difference of gradients relative to their size; inf if shapes differ."""
    far = 0.0
    for name, array in a.items():
        if np.shape(array) != np.shape(b[name]):
            return np.inf
        size = max(
            1e-3, *(np.max(np.abs(g), initial=0, where=np.isfinite(g)) for g in (array, b[name]))
        )
        both_nan = np.isnan(array) & np.isnan(b[name])
        apart = np.where(both_nan, 0, np.abs(np.subtract(array, b[name])))
        part = float(np.max(apart, initial=0)) / size
        far = max(far, part if np.isfinite(part) else np.inf)
    return far


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let wrong code print and warn unheard."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"):
            yield


def error(case: Case, family: int = 0, seed: int = 1, style: str = "generic") -> float:
    """Return how far the backward pass of a case is from central differences at one point."""
    inputs = inputs_of(case, family, seed, style)
    with quiet():
        try:
            return distance(differences(case, inputs, seed), claim(case, inputs, seed))
        except (ValueError, TypeError, IndexError, KeyError, AttributeError):
            return np.inf
