"""The gradients that a backward pass returns, by the names of the inputs they belong to."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.numbers.exact_real import mp
from backproof.numbers.traced import Traced


class Misfit(Exception):  # noqa: N818  a finding about the code under test
    """The code cannot be called as a backward pass, or returns other gradients than asked for."""


class Unclear(Misfit):
    """How the code is to be called cannot be told, so nothing is known about it."""


def is_array(value: Any) -> bool:
    """Return whether `value` may be an output or a gradient: an array or a number."""
    return isinstance(value, np.ndarray | Traced | int | float | np.number | Fraction | mp.mpf)


def named(returned: Any, wrt: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """Return the gradient of each input in `wrt`, out of an array, a tuple, a dict or an object.

    Raises Misfit if one is missing, is None, or belongs to nothing.
    """
    found = _by_name(returned, wrt, names)
    for name, gradient in found.items():
        if gradient is None:
            raise Misfit(f"backward returned None for {name}; every input in wrt needs a gradient")
    return found


def _by_name(returned: Any, wrt: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    if isinstance(returned, Mapping):
        return _out_of(returned, wrt, names)
    if hasattr(returned, "_asdict"):
        fields = returned._asdict()
        if any(_key(fields, name) for name in wrt):
            return _out_of(fields, wrt, names)
    if isinstance(returned, tuple | list):
        return _mixed(list(in_row(returned)), wrt, names)
    if returned is None and len(wrt) > 1:
        raise Misfit(f"backward returned None; expected the gradients of {', '.join(wrt)}")
    if returned is None or is_array(returned):
        return _in_order([returned], wrt, names)
    fields = getattr(returned, "__dict__", {})
    if not any(_key(fields, name) for name in wrt):
        raise Misfit(
            f"backward returned a {type(returned).__name__}; expected arrays: one, a tuple, or a "
            "dict by name"
        )
    return {name: fields[_found(fields, name)] for name in wrt}


def in_row(returned: Any) -> Iterator[Any]:
    """Yield the gradients of nested tuples, as in `return dx, (dW, db)`, one after the other."""
    for part in returned if isinstance(returned, tuple | list) else [returned]:
        nested = isinstance(part, tuple) or (
            isinstance(part, list) and all(isinstance(each, np.ndarray) for each in part)
        )
        if nested:
            yield from in_row(part)
        else:
            yield part


def _mixed(gradients: list[Any], wrt: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """Return gradients of which some are by name, as in `return dx, {"W": dW}`."""
    by_name = [part for part in gradients if isinstance(part, Mapping)]
    fields = {key: value for part in by_name for key, value in part.items()}
    rest = [part for part in gradients if not isinstance(part, Mapping)]
    named_here = [name for name in names if _key(fields, name)]
    found = _out_of(fields, [name for name in wrt if name in named_here], names)
    return found | _in_order(
        rest,
        [name for name in wrt if name not in named_here],
        [name for name in names if name not in named_here],
    )


def _in_order(gradients: list[Any], wrt: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    if len(gradients) == len(wrt):
        return dict(zip(wrt, gradients, strict=True))
    if len(gradients) == len(names):
        by_name = dict(zip(names, gradients, strict=True))
        return {name: by_name[name] for name in wrt}
    count = f"{len(gradients)} gradient{'' if len(gradients) == 1 else 's'}"
    only = f' If it is meant to give only some, name them: wrt=("{wrt[0]}",)' if wrt else ""
    raise Misfit(
        f"backward returned {count}, but {len(wrt)} {'is' if len(wrt) == 1 else 'are'} wanted, of "
        f"{', '.join(wrt)}.{only}"
    )


def _out_of(fields: Mapping[str, Any], wrt: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    found = {name: fields[_found(fields, name)] for name in wrt}
    belongs = {_key(fields, name) for name in names} | {k for name in names for k in keys(name)}
    for key in fields:
        if key not in belongs:
            raise Misfit(
                f"backward returned {key!r}, which names the gradient of none of {', '.join(names)}"
            )
    return found


def _found(fields: Mapping[str, Any], name: str) -> str:
    key = _key(fields, name)
    if key is None:
        raise Misfit(
            f"backward gives no gradient of {name}: it returned {', '.join(map(str, fields))}; "
            f"expected {name!r} or {'d' + name!r}"
        )
    return key


def _key(fields: Mapping[str, Any], name: str) -> str | None:
    exact = next((key for key in keys(name) if key in fields), None)
    if exact is not None:
        return exact
    likely = {key.lower() for key in keys(name)}  # dX for x, but not where there are two of them
    alike = [key for key in fields if isinstance(key, str) and key.lower() in likely]
    return alike[0] if len(alike) == 1 else None


def named_in(fields: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    """Return the inputs whose gradients are among `fields`."""
    return tuple(name for name in names if _key(fields, name) is not None)


def keys(name: str) -> tuple[str, ...]:
    """Return what the gradient of `name` may be called; the name itself comes last."""
    return (f"d{name}", f"grad_{name}", f"d_{name}", f"{name}_grad", f"g{name}", f"g_{name}",
            f"grad{name}", f"D{name}", f"delta_{name}", name)  # fmt: skip
