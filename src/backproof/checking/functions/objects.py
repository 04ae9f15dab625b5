"""A layer that is an object: its arrays are inputs too, and its gradients lie in its attributes."""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MethodType
from typing import Any

import numpy as np

from backproof.checking.functions.attributes import Path, at, make_exact, put, text
from backproof.checking.functions.calling import Run, Subject, own
from backproof.checking.functions.examples import example, is_real
from backproof.checking.functions.gradients import Misfit, named
from backproof.checking.functions.inputs import Input, Inputs, wanted
from backproof.checking.functions.isolation import Stopped, isolated
from backproof.checking.functions.plans import Plan, plan_of
from backproof.checking.functions.returned import Ambiguous
from backproof.checking.functions.roles import bound
from backproof.checking.functions.surveys import Survey, adds_up, numbers_of, survey_of
from backproof.numbers.traced_array import TracedArray

SECONDS, MEMORY = 5, 2 * 1024**3
"""What a layer may take for the run in which its gradients are found."""

ZEROED = "the layer has zero_grad(), which was called before each backward"


def is_layer(value: Any) -> bool:
    """Return whether `value` is a class or an object with forward, or a call, and backward."""
    if not callable(getattr(value, "backward", None)):
        return False
    called = any("__call__" in vars(kind) for kind in _kind(value).__mro__)
    return callable(getattr(value, "forward", None)) or called


def _kind(value: Any) -> type:
    return value if isinstance(value, type) else type(value)


def layer_subject(layer: Any, inputs: Inputs, wrt: Any) -> Subject:
    """Return the subject of a layer: its inputs, and every array of it that gets a gradient."""
    layer = copied(_made(layer) if isinstance(layer, type) else layer)
    forward, inputs = _forward(layer), replace(inputs, taken=numbers_of(layer))
    names, by_position = bound(forward, tuple(inputs.declared))
    bare = LayerSubject(
        forward, layer.backward, inputs, names, (), by_position=by_position, layer=layer
    )
    try:
        survey = isolated(lambda: survey_of(bare), seconds=SECONDS, memory=MEMORY)
    except Ambiguous:
        raise ValueError(
            "backward returns more gradients than those of the inputs, and which belongs to which "
            "of the layer's arrays is not clear; return them in a dict, by name"
        ) from None
    if isinstance(survey, Stopped):  # the check itself will meet it, and tell it
        return replace(bare, wrt=wanted(inputs, None))
    return _with_parameters(bare, survey, wrt)


def _with_parameters(bare: "LayerSubject", survey: Survey, wrt: Any) -> "LayerSubject":
    inputs = bare.inputs.with_numbers(survey.sizes)
    places = {_free(found.paths[0], inputs): found for found in survey.parameters}
    given = {}
    for name, found in places.items():
        value = np.asarray(at(bare.layer, found.paths[0]))
        if not is_real(name, value):
            raise TypeError(f"{name} of the layer has dtype {value.dtype}; expected float64")
        given[name] = example(name, value)
    sizes = {name: Input(name, tuple(map(str, array.shape))) for name, array in given.items()}
    both = Inputs({**inputs.declared, **sizes}, {**inputs.given, **given}, inputs.taken)
    order = tuple(_free(path, inputs) for path in survey.returned)
    silent = tuple(name for name in inputs.declared if order and name not in survey.data)
    silent = tuple(name for name in silent if wrt is None and inputs.declared[name].varies)
    return replace(
        bare,
        inputs=both,
        names=(*bare.names, *places),
        wrt=tuple(name for name in wanted(both, wrt) if name not in silent),
        unchecked=(*silent, *(text(path) for path in survey.unchecked)),
        places={name: (found.paths, found.gradient) for name, found in places.items()},
        order=(*survey.data, *order) if order else bare.names,
    )


def _forward(layer: Any) -> Callable[..., Any]:
    forward = getattr(layer, "forward", None)
    return forward if callable(forward) else layer.__call__  # type: ignore[no-any-return]


def _made(layer: type) -> Any:
    try:
        return layer()
    except TypeError as error:
        raise TypeError(
            f"{layer.__name__} cannot be made without arguments ({error}); pass an object, as in "
            f"check({layer.__name__}(…), …)"
        ) from None


def copied(layer: Any) -> Any:
    """Return a copy of a layer, of which nobody else's arrays are a part."""
    try:
        return copy.deepcopy(layer)
    except Exception as error:  # noqa: BLE001  whatever a class of somebody raises
        raise TypeError(
            f"the layer cannot be copied ({error}), and every run needs a layer as it was at the "
            "start; keep what cannot be copied out of it"
        ) from None


def _free(path: Path, inputs: Inputs) -> str:
    name = text(path)
    return f"self.{name}" if name in inputs.declared else name


@dataclass(frozen=True, slots=True)
class LayerSubject(Subject):
    """A layer under test; every run is on a deep copy of the layer as it was given.

    `places` says where each parameter lies, and its gradient, or None where backward returns it;
    `order` are the inputs whose gradients it returns, in their order.
    """

    layer: Any = None
    places: Mapping[str, tuple[list[Path], Path | None]] | None = None
    order: tuple[str, ...] = ()
    kept: bool = False

    @property
    def returned(self) -> tuple[str, ...]:
        """The inputs whose gradients backward returns; the others stay the layer's own."""
        return tuple(name for name in self.order if name in self.wrt)

    def persistent(self) -> "LayerSubject":
        """Return the same subject on one object that lives through all runs."""
        return replace(self, layer=copy.deepcopy(self.layer), kept=True)

    def called(self, arrays: Mapping[str, Any]) -> tuple[Any, Plan, dict[str, Any]]:
        """Return a copy of the layer after forward, how to call backward, and the inputs."""
        layer = self.layer if self.kept else copy.deepcopy(self.layer)
        if any(isinstance(value, TracedArray) for value in arrays.values()):
            make_exact(layer)
        places = self.places or {}
        for name, (paths, _) in places.items():
            for path in paths:
                put(layer, path, arrays[name])
        given = {name: own(value) for name, value in arrays.items() if name not in places}
        forward = _forward(layer)
        returned = forward(*given.values()) if self.by_position else forward(**given)
        return layer, plan_of(self._backward_of(layer), tuple(given), returned, forward), given

    def run(self, arrays: Mapping[str, Any]) -> Run:
        """Call forward of a copy that has these arrays, and keep the copy for backward."""
        layer, plan, given = self.called(arrays)
        notes = (*plan.notes, ZEROED) if adds_up(layer) else plan.notes

        def stored() -> dict[str, Any]:
            rest = [name for name in self.wrt if name not in self.returned]
            return {name: self._gradient(layer, name) for name in rest}

        def back(douts: tuple[Any, ...]) -> dict[str, Any]:
            if adds_up(layer):
                layer.zero_grad()
            answer = plan.call(given, douts)
            found = named(answer, self.returned, self.order) if self.returned else {}
            return plan.scaled(found | stored(), douts)

        def now() -> dict[str, Any]:
            places = self.places or {}
            return {name: at(layer, paths[0]) for name, (paths, _) in places.items()}

        return Run(plan.outputs, back, now=now, stored=stored, notes=notes)

    def _backward_of(self, layer: Any) -> Callable[..., Any]:
        """Return the method of `layer`, or the function that replaces it as one of its methods."""
        given: Any = self.backward_function
        if given == self.layer.backward or getattr(given, "__self__", None) is not None:
            return layer.backward  # type: ignore[no-any-return]
        static = isinstance(inspect.getattr_static(layer, "backward", None), staticmethod)
        return given if static else MethodType(given, layer)

    def _gradient(self, layer: Any, name: str) -> Any:
        place = (self.places or {})[name][1]
        gradient = at(layer, place) if place is not None else None
        if gradient is None:
            raise Misfit(f"after backward, the layer has no gradient of {name}")
        return gradient
