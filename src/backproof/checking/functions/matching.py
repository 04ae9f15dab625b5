"""Which input of a forward pass is which of a definition, and what its options are."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

from backproof.checking.functions import definitions
from backproof.checking.functions.exact_run import Point
from backproof.checking.functions.inputs import declared

OPTION_NAMES = {
    "eps": ("epsilon",),
    "alpha": ("slope", "negative_slope"),
    "padding": ("pad",),
    "size": ("pool_size", "kernel_size", "pool"),
    "p": ("drop_prob", "dropout_rate"),
}
"""What people call the options of definitions too."""

_ABSENT = inspect.Parameter.empty


class Unmatched(Exception):  # noqa: N818  an answer: the forward pass takes something else
    """The inputs of the forward pass are not those of the definition; the message says why."""


def settings(forward: Callable[..., Any]) -> dict[str, Any]:
    """Return what forward fixes itself: attributes of its object, defaults of its parameters."""
    owner = getattr(forward, "__self__", None)
    held = {} if isinstance(owner, ModuleType) else dict(getattr(owner, "__dict__", {}))
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        return held
    return held | {p.name: p.default for p in parameters if p.default is not _ABSENT}


def options(function: Callable[..., Any], point: Point, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a definition that are declared, or else that are in `fixed`."""
    known = {**fixed, **point.fixed, **point.varying}
    found = {}
    for name, default in definitions.options(function).items():
        given = [known[each] for each in names_of(name) if each in known]
        if given and given[0] is not default:
            found[name] = given[0]
    return found


def names_of(option: str) -> tuple[str, ...]:
    """Return all names of an option."""
    return (option, *OPTION_NAMES.get(option, ()))


def matched(
    function: Callable[..., Any],
    whole: set[str],
    point: Point,
    fixed: Mapping[str, Any],
    *,
    name: str,
) -> list[Any]:
    """Return the arguments of a definition, in its order, out of the inputs at `point`.

    Those that have its names keep them, and the others follow in their order; whole numbers go
    where `whole` says that whole numbers are taken.  Single numbers that are fixed are only
    settings of the code, unless an argument is missing; so are those of `fixed`, which forward
    holds.  Raises Unmatched.
    """
    given = _given(function, point)
    if definitions.takes_any(function):
        return list(given.values())
    wanted = definitions.inputs(function)
    found = _by_name(wanted, given)
    left = {each: value for each, value in given.items() if each not in found.values()}
    needed = [each for each in wanted if wanted[each] is _ABSENT]
    held = {each: fixed[each] for each in needed if _is_single(fixed.get(each))}
    arguments = held | {each: given[found[each]] for each in found}
    arrays = {each: value for each, value in left.items() if not _is_setting(each, point)}
    missing = [each for each in wanted if each not in arguments]
    required = [each for each in missing if each in needed]
    if len(arrays) < len(required):
        arrays = left
    if not len(required) <= len(arrays) <= len(missing):
        raise Unmatched(_miscounted(name, function, given))
    arguments |= _in_order(missing, arrays, whole)
    return [arguments.get(each, wanted[each]) for each in _up_to_last(list(wanted), arguments)]


def _given(function: Callable[..., Any], point: Point) -> dict[str, Any]:
    """Return the inputs that are no options, by names without the path in an object."""
    known = {each for option in definitions.options(function) for each in names_of(option)}
    given = {**point.varying, **point.fixed}
    short = [each.rpartition(".")[2] for each in given]
    names = short if len(set(short)) == len(short) else list(given)
    return {each: v for each, v in zip(names, given.values(), strict=True) if each not in known}


def _by_name(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, str]:
    """Return the inputs that have the names of arguments, capital letters or not."""
    found = {each: each for each in wanted if each in given}
    small = {each.lower(): each for each in given if each not in found}
    alike = {each: small[each.lower()] for each in wanted if each.lower() in small}
    return alike | found


def _is_setting(name: str, point: Point) -> bool:
    return name in point.fixed and not isinstance(point.fixed[name], np.ndarray)


def _is_single(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_order(missing: list[str], left: Mapping[str, Any], whole: set[str]) -> dict[str, Any]:
    rest, found = dict(left), {}
    for each in missing:
        if rest:
            alike = [n for n, value in rest.items() if _is_whole(value) == (each in whole)]
            found[each] = rest.pop((alike or list(rest))[0])
    return found


def _is_whole(value: Any) -> bool:
    return not isinstance(value, Fraction) and np.asarray(value).dtype.kind in "iub"


def _up_to_last(names: list[str], arguments: Mapping[str, Any]) -> Iterator[str]:
    last = max((names.index(each) for each in arguments), default=-1)
    yield from names[: last + 1]


def _miscounted(name: str, function: Callable[..., Any], given: Mapping[str, Any]) -> str:
    known = definitions.options(function)
    options = f", and the options {', '.join(known)}" if known else ""
    wanted = ", ".join(definitions.inputs(function))
    return f"{name} takes the inputs {wanted}{options}; forward takes {', '.join(given)}"


def whole_inputs(text: str) -> set[str]:
    """Return the inputs of a declaration that are labels, indices or a mask."""
    return {name for name, each in declared(text).items() if not each.varies} if text else set()
