"""One run of a layer, to see which of its arrays get a gradient, and where."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np

from backproof.checking.functions.attributes import (
    Path,
    aliases,
    at,
    gradient_of,
    is_gradient,
    is_number,
    is_parameter_name,
    leaves,
    place_of_none,
)
from backproof.checking.functions.gradients import Misfit
from backproof.checking.functions.returned import Candidates, returned_parameters
from backproof.checking.functions.roles import is_required, parameters

if TYPE_CHECKING:
    from backproof.checking.functions.objects import LayerSubject

CHOICES = 500
"""How many sizes of the letters are tried until forward runs."""

_GRADIENT = re.compile(r"_*(d|g|grad|delta|nabla)_?[A-Z]\w*|_*(d|grad|delta|nabla)_?[wb]\w*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """An array of a layer, the ways to it, and its gradient: None if backward returns that."""

    paths: list[Path]
    gradient: Path | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What one run shows: the parameters, arrays without a gradient, and letters with a size.

    `data` are the inputs whose gradients backward returns, `returned` the parameters after them.
    """

    parameters: list[Parameter] = field(default_factory=list)
    unchecked: list[Path] = field(default_factory=list)
    sizes: Mapping[str, int] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    returned: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A layer after one run, what backward returned, and the sizes that it took."""

    layer: Any
    returned: Any
    sizes: Mapping[str, int]


def survey_of(bare: "LayerSubject") -> Survey:
    """Return what a run of the layer shows; nothing if it fails, which the check will tell."""
    with np.errstate(all="ignore"):
        trial = next(_trials(bare), None)
    if trial is None:
        return Survey(unchecked=_arrays_without(bare.layer, []))
    groups = aliases(bare.layer)
    first = [paths[0] for paths in groups]
    groups = [paths for paths in groups if not is_gradient(paths[0], first)]
    found = [Parameter(paths, gradient_of(trial.layer, paths)) for paths in groups]
    stored = [each for each in found if each.gradient is not None]
    stored += _by_shape(trial.layer, groups, stored)
    places = [(each.paths, each.gradient) for each in stored if each.gradient is not None]
    data, returned = returned_parameters(
        trial.returned,
        (tuple(n for n in bare.names if bare.inputs.declared[n].varies), bare.names),
        Candidates(bare.layer, trial.layer, groups, places),
        bare.backward_function,
    )
    parameters = [each for each in stored if each.paths not in returned]
    parameters += [Parameter(paths, None) for paths in returned]
    parameters += _forgotten(trial.layer, groups, [each.paths for each in parameters])
    parameters.sort(key=lambda each: groups.index(each.paths))
    known = [path for each in parameters for path in each.paths]
    late = [
        path
        for path in _arrays_without(trial.layer, known)
        if at(bare.layer, path) is None and is_parameter_name(path)
    ]
    unchecked = [*_arrays_without(bare.layer, [*known]), *late]
    return Survey(parameters, unchecked, trial.sizes, data, [paths[0] for paths in returned])


def _forgotten(
    layer: Any, groups: Sequence[list[Path]], known: Sequence[list[Path]]
) -> Iterator[Parameter]:
    """Yield parameters for whose gradient there is a place, with None in it after backward."""
    for paths in groups:
        if paths not in known and is_parameter_name(paths[0]):
            place = place_of_none(layer, paths)
            if place is not None:
                yield Parameter(paths, place)


def _arrays_without(layer: Any, known: Sequence[Path]) -> list[Path]:
    groups = aliases(layer)
    first = [paths[0] for paths in groups]
    return [
        paths[0]
        for paths in groups
        if not set(paths) & set(known)
        and not is_gradient(paths[0], [*first, *known])
        and isinstance(at(layer, paths[0]), np.ndarray)
        and at(layer, paths[0]).dtype.kind in "fc"
        and at(layer, paths[0]).size
    ]


def _trials(bare: "LayerSubject") -> Iterator[_Trial]:
    """Yield runs that work, with the sizes that the letters have, or with those of the arrays."""
    for sizes in _sizes(bare):
        try:
            yield _tried(bare, sizes)
        except Misfit:  # forward ran, so the sizes are right; the check will tell the rest
            yield _Trial(bare.layer, None, sizes)
        except Exception:  # noqa: BLE001, S112  other sizes may do; if none, the check tells it
            continue


def _tried(bare: "LayerSubject", sizes: Mapping[str, int]) -> _Trial:
    """Return a layer after one run; raises what its forward pass raises."""
    inputs = bare.inputs.with_numbers(sizes)
    points = inputs.points(0, 0, "generic") or {}
    layer, plan, given = replace(bare, inputs=inputs).called(
        {name: _floats(points[name]) for name in bare.names}
    )
    try:
        if adds_up(layer):
            layer.zero_grad()
        returned = plan.call(given, tuple(np.ones(np.shape(out)) for out in plan.outputs))
    except Exception:  # noqa: BLE001  the check will tell it
        returned = None
    return _Trial(layer, returned, sizes)


def adds_up(layer: Any) -> bool:
    """Return whether a layer says that its gradients add up, by a way to set them to zero."""
    reset = getattr(layer, "zero_grad", None)
    return callable(reset) and not any(map(is_required, parameters(reset)))


def _floats(value: Any) -> Any:
    exact = isinstance(value, np.ndarray) and value.dtype == object
    return value.astype(float) if exact else value


def _sizes(bare: "LayerSubject") -> Iterator[dict[str, int]]:
    """Yield sizes for letters: none, then those of the layer's arrays for more and more letters."""
    numbers = sorted(numbers_of(bare.layer))
    letters = list(dict.fromkeys(bare.inputs.letters()))
    choices = product([None, *numbers], repeat=len(letters))
    some = [dict(zip(letters, choice, strict=True)) for choice in islice(choices, CHOICES)]
    fixed = [{k: size for k, size in choice.items() if size is not None} for choice in some]
    yield from sorted(fixed, key=len)


def numbers_of(layer: Any) -> frozenset[int]:
    """Return the sizes of the layer's arrays, but for 1."""
    shapes = [np.shape(at(layer, paths[0])) for paths in aliases(layer)]
    return frozenset(size for shape in shapes for size in shape if size > 1)


def _by_shape(
    layer: Any, groups: Sequence[list[Path]], stored: Sequence[Parameter]
) -> Iterator[Parameter]:
    """Yield arrays whose gradient has another name, if only one of the shape is left."""
    known = {path for each in stored for path in each.paths}
    places = {each.gradient for each in stored}
    open_groups = [
        paths for paths in groups if paths[0] not in known and _is_array(layer, paths[0])
    ]
    spare = [
        path
        for path in leaves(layer)
        if path not in places and _looks_like_gradient(path) and is_number(at(layer, path))
    ]
    for paths in open_groups:
        shape = np.shape(at(layer, paths[0]))
        same = [other for other in open_groups if np.shape(at(layer, other[0])) == shape]
        fits = [
            path
            for path in spare
            if path[:-1] == paths[0][:-1] and np.shape(at(layer, path)) == shape
        ]
        if len(same) == len(fits) == 1:
            yield Parameter(paths, fits[0])


def _is_array(layer: Any, path: Path) -> bool:
    return isinstance(at(layer, path), np.ndarray)


def _looks_like_gradient(path: Path) -> bool:
    """Return whether a name is that of a gradient by something else than the input: dW, grad_w."""
    name = path[-1][1]
    return isinstance(name, str) and bool(_GRADIENT.fullmatch(name))
