"""The subject of a check, out of whatever the user passes: functions, a layer, letters, arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.inputs import Inputs, declared, from_arrays, wanted
from backproof.checking.functions.objects import is_layer, layer_subject
from backproof.checking.functions.plans import described
from backproof.checking.functions.roles import bound, parameters


def subject_of(forward: Any, *rest: Any, wrt: Any = None, **given: Any) -> Subject:
    """Return the subject of `check(forward, backward, inputs)` in any of its forms.

    Raises TypeError or ValueError for arguments that do not say what is to be checked.
    """
    if is_layer(forward):
        return layer_subject(forward, _inputs(rest, given, forward), wrt)
    if not callable(forward):
        raise TypeError(
            "forward must be a function, or an object with forward and backward, but is "
            f"{_kind(forward)}. Pass the function itself: check(forward, backward, …), with no "
            "parentheses and no quotation marks"
        )
    backward = rest[0] if rest and callable(rest[0]) else None
    inputs = _inputs(rest[1:] if backward else rest, given, forward)
    return _of_functions(forward, backward, inputs, wrt)


def _of_functions(forward: Any, backward: Any, inputs: Inputs, wrt: Any) -> Subject:
    names, by_position = bound(forward, tuple(inputs.declared))
    return Subject(forward, backward, inputs, names, wanted(inputs, wrt), by_position=by_position)


def _inputs(rest: Sequence[Any], given: Mapping[str, Any], forward: Any) -> Inputs:
    if len(rest) > 1:
        raise TypeError(
            "check takes forward, backward and one declaration of the inputs, but got "
            f"{' and '.join(map(_kind, rest[1:]))} as well. Examples go into one tuple or dict, "
            "declarations into one text"
        )
    if rest and isinstance(rest[0], str):
        both = from_arrays(given)
        return Inputs({**declared(rest[0]), **both.declared}, both.given)
    if rest and isinstance(rest[0], Mapping):
        return from_arrays({**rest[0], **given})
    if rest and isinstance(rest[0], tuple | list):
        return from_arrays({**_by_position(forward, rest[0]), **given})
    if rest:
        raise TypeError(
            'the inputs must be a text such as "x: N D, W: D M", a dict or a tuple of examples, '
            f"or arrays by name as in x=array, but are {rest[0]!r}"
        )
    if not given:
        raise TypeError('the inputs are missing; declare them as in "x: N D, W: D M, b: M"')
    return from_arrays(given)


def _kind(value: Any) -> str:
    """Return what was passed, short enough for a message."""
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else described(value)


def _by_position(forward: Any, examples: Sequence[Any]) -> dict[str, Any]:
    taken = [
        p for p in parameters(forward) if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(examples) > len(taken):
        raise ValueError(
            f"{len(examples)} examples are given, but forward takes "
            f"{', '.join(parameter.name for parameter in taken)}; a list that is one array goes by "
            "name, as in x=[…]"
        )
    return {parameter.name: value for parameter, value in zip(taken, examples, strict=False)}
