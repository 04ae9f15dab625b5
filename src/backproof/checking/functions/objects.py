"""A layer that is an object: its arrays are inputs too, and its gradients lie in its attributes."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MethodType
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Run, Subject, plan_of
from backproof.checking.functions.examples import example
from backproof.checking.functions.gradients import Misfit, keys, named
from backproof.checking.functions.inputs import Input, Inputs, wanted
from backproof.numbers.traced_array import TracedArray
from backproof.numbers.traced_numpy import exact_array

Path = tuple[Any, ...]
"""The way from a layer to one of its arrays: an attribute, and a key if that holds several."""

GRADIENTS = ("grads", "gradients", "grad", "dparams", "d_params", "param_grads")


def is_layer(value: Any) -> bool:
    """Return whether `value` is a class or an object with forward and backward."""
    return callable(getattr(value, "forward", None)) and callable(getattr(value, "backward", None))


def layer_subject(layer: Any, inputs: Inputs, wrt: Any) -> Subject:
    """Return the subject of a layer: its inputs, and every array of it that gets a gradient."""
    if isinstance(layer, type):
        layer = _made(layer)
    data = wanted(inputs, wrt if wrt is None else _only(wrt, inputs))
    bare = LayerSubject(
        layer.forward, layer.backward, inputs, tuple(inputs.declared), data, layer=layer
    )
    parameters = dict(bare.found_parameters())
    named_parameters = {_free(path, inputs): path for path in parameters}
    given = {name: example(name, _at(layer, path)) for name, path in named_parameters.items()}
    sizes = {name: Input(name, tuple(map(str, array.shape))) for name, array in given.items()}
    both = Inputs({**inputs.declared, **sizes}, {**inputs.given, **given})
    every = (*data, *named_parameters)
    return replace(
        bare,
        inputs=both,
        names=tuple(both.declared),
        wrt=every
        if wrt is None
        else tuple(n for n in every if n in ((wrt,) if isinstance(wrt, str) else wrt)),
        unchecked=tuple(_text(path) for path in _arrays(layer) if path not in parameters),
        paths={name: (path, parameters[path]) for name, path in named_parameters.items()},
        data=data,
    )


def _made(layer: type) -> Any:
    try:
        return layer()
    except TypeError as error:
        raise TypeError(
            f"{layer.__name__} cannot be made without arguments ({error}); pass an object, as in "
            f"check({layer.__name__}(…), …)"
        ) from None


def _only(wrt: Any, inputs: Inputs) -> tuple[str, ...] | None:
    asked = tuple(
        name for name in ((wrt,) if isinstance(wrt, str) else wrt) if name in inputs.declared
    )
    return asked or None


def _free(path: Path, inputs: Inputs) -> str:
    name = str(path[-1]) if isinstance(path[-1], str) else f"{path[0]}{path[-1]}"
    return f"self.{name}" if name in inputs.declared else name


@dataclass(frozen=True, slots=True)
class LayerSubject(Subject):
    """A layer under test; every run is on a deep copy of the layer as it was given."""

    layer: Any = None
    paths: Mapping[str, tuple[Path, Path]] | None = None
    data: tuple[str, ...] = ()
    kept: bool = False

    @property
    def returned(self) -> tuple[str, ...]:
        """The inputs whose gradients backward returns; the others stay the layer's own."""
        return tuple(name for name in self.wrt if name not in (self.paths or {}))

    @property
    def saves(self) -> bool:
        """A layer has room for one forward pass only, so an earlier one is gone by right."""
        return False

    def persistent(self) -> "LayerSubject":
        """Return the same subject on one object that lives through all runs."""
        return replace(self, layer=copy.deepcopy(self.layer), kept=True)

    def run(self, arrays: Mapping[str, Any]) -> Run:
        """Call forward of a copy that has these arrays, and keep the copy for backward."""
        layer = self.layer if self.kept else copy.deepcopy(self.layer)
        if any(isinstance(value, TracedArray) for value in arrays.values()):
            _make_exact(layer)
        for name, (path, _) in (self.paths or {}).items():
            _put(layer, path, arrays[name])
        given = {name: value for name, value in arrays.items() if name not in (self.paths or {})}
        plan = plan_of(self._backward_of(layer), tuple(given), layer.forward(**given))

        def back(douts: tuple[Any, ...]) -> dict[str, Any]:
            returned = plan.call(given, douts)
            wanted_data = [name for name in self.wrt if name in given]
            found = named(returned, wanted_data, tuple(given)) if wanted_data else {}
            found |= {name: self._gradient(layer, name) for name in self.wrt if name not in given}
            return plan.scaled(found, douts)

        return Run(plan.outputs, back)

    def _backward_of(self, layer: Any) -> Callable[..., Any]:
        """Return the method of `layer`, or the function that replaces it as one of its methods."""
        given: Any = self.backward_function
        replaced = getattr(given, "__self__", None) is None
        return MethodType(given, layer) if replaced else layer.backward

    def _gradient(self, layer: Any, name: str) -> Any:
        try:
            gradient = _at(layer, (self.paths or {})[name][1])
        except (AttributeError, KeyError, IndexError):
            gradient = None
        if gradient is None:
            raise Misfit(f"after backward, the layer has no gradient of {name}")
        return gradient

    def found_parameters(self) -> Iterator[tuple[Path, Path]]:
        """Yield every array of the layer that has a gradient after one run, and where that is."""
        arrays = {
            name: _floats(value)
            for name, value in (self.inputs.points(0, 0, "generic") or {}).items()
        }
        tried = replace(self, layer=copy.deepcopy(self.layer), kept=True)
        try:
            with np.errstate(all="ignore"):
                run = tried.run(arrays)
                run.backward(tuple(np.ones(np.shape(out)) for out in run.outputs))
        except Misfit:
            pass
        for path in _arrays(self.layer):
            place = _gradient_of(tried.layer, path)
            if place is not None:
                yield path, place


def _floats(value: Any) -> Any:
    whole = isinstance(value, np.ndarray) and value.dtype == object
    return value.astype(float) if whole else value


def _arrays(layer: Any) -> Iterator[Path]:
    """Yield the way to every array of floats that the layer has before it runs."""
    for name, value in vars(layer).items():
        if _is_gradient(name):
            continue
        if _is_floats(value):
            yield (name,)
        elif isinstance(value, dict | list):
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            yield from ((name, key) for key, entry in entries if _is_floats(entry))


def _is_floats(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64 and value.size > 0


def _is_gradient(name: str) -> bool:
    lower = name.lower()
    return lower in GRADIENTS or lower.startswith(("d_", "grad")) or lower.endswith("_grad") or (
        name[0] == "d" and len(name) > 1 and (name[1].isupper() or len(name) <= 3)
    )  # fmt: skip


def _gradient_of(layer: Any, path: Path) -> Path | None:
    """Return where the gradient of an array lies, if it is anywhere."""
    name = path[-1]
    for holder in GRADIENTS:
        value = getattr(layer, holder, None)
        if isinstance(value, dict):
            for key in keys(name) if isinstance(name, str) else (name,):
                if value.get(key) is not None:
                    return holder, key
        if isinstance(value, list | tuple) and isinstance(name, int) and name < len(value):
            return holder, name
    if isinstance(name, str):
        for key in keys(name)[:-1]:
            if isinstance(getattr(layer, key, None), np.ndarray | float | np.number):
                return (key,)
    return None


def _at(layer: Any, path: Path) -> Any:
    value = getattr(layer, path[0])
    return value[path[1]] if len(path) == 2 else value


def _put(layer: Any, path: Path, value: Any) -> None:
    if len(path) == 2:
        getattr(layer, path[0])[path[1]] = value
    else:
        setattr(layer, path[0], value)


def _text(path: Path) -> str:
    return path[0] if len(path) == 1 else f"{path[0]}[{path[1]!r}]"


def _make_exact(layer: Any) -> None:
    """Turn every array of floats that the layer keeps into one that holds exact numbers."""
    for name, value in vars(layer).items():
        setattr(layer, name, _exactly(value))


def _exactly(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return exact_array(value)
    if isinstance(value, dict):
        return {key: _exactly(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_exactly(entry) for entry in value]
    if hasattr(value, "__dict__") and not callable(value):
        _make_exact(value)
    return value
