"""The arrays of a layer: where they lie in it, and where the gradient of each is put."""

import re
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from backproof.checking.functions.gradients import keys
from backproof.numbers.traced_numpy import exact_array

Step = tuple[str, Any]
"""An attribute, ("attribute", "W"), or an entry of a list or dict, ("entry", 0)."""

Path = tuple[Step, ...]
"""The way from a layer to something in it."""

GRADIENTS = ("grads", "gradients", "grad", "gradient", "dparams", "d_params", "param_grads",
             "_grads", "_gradients", "_grad", "_gradient", "derivatives")  # fmt: skip
"""What holds the gradients of all parameters, or of the one it stands beside."""

VALUES = ("value", "data", "val", "array", "tensor", "param", "weight")
"""What the array is called in an object that is one parameter."""

_NO_PARTS = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    np.ndarray,
    np.generic,
    np.random.Generator,
    np.random.RandomState,
    str,
    bytes,
)

_PARAMETER = re.compile(
    r"_*([wbuv]|w_?[a-z]{1,2}|b_?[a-z]{1,2})\d*|.*(weight|bias|gamma|beta|kernel).*"
)


def members(holder: Any) -> Iterator[tuple[Step, Any]]:
    """Yield what a dict, a list, or an object of somebody's class is made of."""
    if isinstance(holder, dict):
        yield from ((("entry", key), value) for key, value in holder.items())
    elif isinstance(holder, list | tuple):
        yield from ((("entry", key), value) for key, value in enumerate(holder))
    elif not isinstance(holder, _NO_PARTS):
        for name in _attribute_names(holder):
            value = getattr(holder, name, None)
            yield ("attribute", name), value


def _attribute_names(holder: Any) -> list[str]:
    slots = [
        name
        for kind in type(holder).__mro__
        for name in np.atleast_1d(vars(kind).get("__slots__", ())).tolist()
    ]
    of_classes = [
        name
        for kind in type(holder).__mro__
        for name, value in vars(kind).items()
        if isinstance(value, np.ndarray)
    ]
    return list(dict.fromkeys([*getattr(holder, "__dict__", {}), *slots, *of_classes]))


def leaves(holder: Any, path: Path = (), seen: frozenset[int] = frozenset()) -> Iterator[Path]:
    """Yield the way to every array and every float in `holder`."""
    if id(holder) in seen:
        return
    for step, value in members(holder):
        if isinstance(value, np.ndarray | float):
            yield (*path, step)
        else:
            yield from leaves(value, (*path, step), seen | {id(holder)})


def at(holder: Any, path: Path) -> Any:
    """Return what lies at `path`, or None if nothing does."""
    for kind, key in path:
        try:
            holder = getattr(holder, key) if kind == "attribute" else holder[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return holder


def put(holder: Any, path: Path, value: Any) -> None:
    """Let `value` lie at `path`."""
    kind, key = path[-1]
    inner = at(holder, path[:-1])
    if kind == "attribute":
        setattr(inner, key, value)
    elif not isinstance(inner, tuple):
        inner[key] = value


def text(path: Path) -> str:
    """Return `W`, `params[0]` or `layers[1].W`; a dict of parameters gives only the key."""
    if len(path) > 1 and path[-1] in [("attribute", name) for name in VALUES]:
        path = path[:-1]
    if len(path) == 2 and isinstance(path[1][1], str) and path[1][0] == "entry":
        path = path[1:]
    parts = [
        f".{key}" if kind == "attribute" or len(path) == 1 else f"[{key!r}]" for kind, key in path
    ]
    return "".join(parts).lstrip(".")


def aliases(layer: Any) -> list[list[Path]]:
    """Return the ways to each array, of which there may be several, and to each float."""
    groups: dict[Any, list[Path]] = {}
    for path in leaves(layer):
        value = at(layer, path)
        shared = isinstance(value, np.ndarray)
        groups.setdefault(id(value) if shared else path, []).append(path)
    return list(groups.values())


def gradient_of(layer: Any, paths: list[Path]) -> Path | None:
    """Return where the gradient of an array lies, by its name, if it is anywhere."""
    for path in paths:
        for place in _places(path):
            if is_number(at(layer, place)):
                return place
    return None


def place_of_none(layer: Any, paths: list[Path]) -> Path | None:
    """Return where the gradient of an array was meant to lie, if None was left there."""
    for path in paths:
        for place in _places(path):
            if any(step == place[-1] for step, _ in members(at(layer, place[:-1]))):
                return place if at(layer, place) is None else None
    return None


def _places(path: Path) -> Iterator[Path]:
    for index in reversed(range(len(path))):
        kind, name = path[index]
        if isinstance(name, str):
            for key in _names(name):
                yield (*path[:index], (kind, key), *path[index + 1 :])
    kind, name = path[-1]
    if kind == "attribute" and name in VALUES:
        yield from ((*path[:-1], (kind, key)) for key in GRADIENTS)
    for index in reversed(range(len(path))):
        for holder in GRADIENTS:
            for key in (*_names(name), name) if isinstance(name, str) else (name,):
                yield (*path[:index], ("attribute", holder), ("entry", key))


def _names(name: str) -> tuple[str, ...]:
    bare = name.strip("_")
    return keys(name)[:-1] if bare in (name, "") else (*keys(name)[:-1], *keys(bare)[:-1])


def is_number(value: Any) -> bool:
    """Return whether `value` is an array or a number, as a gradient is."""
    return isinstance(value, np.ndarray | float | np.number)


def is_gradient(path: Path, others: list[Path]) -> bool:
    """Return whether what lies at `path` is a gradient, by its name and those of the others."""
    named = [key for kind, key in path if isinstance(key, str)]
    if any(name in GRADIENTS or name.startswith(("grad_", "d_")) for name in named):
        return True
    return any(path in set(_places(other)) for other in others if other != path)


def is_parameter_name(path: Path) -> bool:
    """Return whether an array is called as parameters are."""
    return isinstance(path[-1][1], str) and _PARAMETER.fullmatch(path[-1][1].lower()) is not None


def make_exact(layer: Any) -> None:
    """Turn every array of floats that the layer keeps into one that holds exact numbers."""
    for paths in aliases(layer):
        value = at(layer, paths[0])
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            exact = exact_array(value)
            for path in paths:
                put(layer, path, exact)
