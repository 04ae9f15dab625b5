"""How one backward pass is called, after its forward pass has returned: a plan."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.checking.functions.gradients import Misfit, Unclear, is_array
from backproof.checking.functions.roles import TOGETHER, Roles, resolved, roles_of


@dataclass(frozen=True, slots=True)
class Plan:
    """How backward is called: a role for each parameter, and the parts of what forward returned."""

    function: Callable[..., Any]
    roles: tuple[tuple[inspect.Parameter, str], ...]
    outputs: tuple[Any, ...]
    together: bool
    saved: tuple[Any, ...]
    notes: tuple[str, ...] = ()

    @property
    def scales(self) -> bool:
        """Whether backward takes no cotangent: it gives the gradient of the loss itself."""
        return all(role != "cotangent" for _, role in self.roles)

    @property
    def saves(self) -> bool:
        """Whether forward hands something to backward."""
        return any(role in ("saved", "spread") for _, role in self.roles)

    def scaled(self, gradients: dict[str, Any], douts: tuple[Any, ...]) -> dict[str, Any]:
        """Return the gradients times the cotangent, if backward did not get it."""
        if not self.scales:
            return gradients
        return {name: gradient * douts[0] for name, gradient in gradients.items()}

    def call(self, arrays: Mapping[str, Any], douts: tuple[Any, ...]) -> Any:
        """Call backward."""
        cotangents = iter([douts] if self.together else douts)
        saved = iter(self.saved)
        by_name = all(role != "spread" for _, role in self.roles)
        positional: list[Any] = []
        keyword: dict[str, Any] = {}
        for parameter, role in self.roles:
            if role == "spread":
                positional += saved
            elif by_name and parameter.kind is not parameter.POSITIONAL_ONLY:
                keyword[parameter.name] = self._value(parameter, role, arrays, cotangents, saved)
            else:
                positional.append(self._value(parameter, role, arrays, cotangents, saved))
        return self.function(*positional, **keyword)

    def _value(
        self,
        parameter: inspect.Parameter,
        role: str,
        arrays: Mapping[str, Any],
        cotangents: Iterator[Any],
        saved: Iterator[Any],
    ) -> Any:
        if role == "input":
            return arrays[parameter.name]
        if role == "output":
            return self.outputs[0] if len(self.outputs) == 1 else self.outputs
        return next(cotangents if role == "cotangent" else saved)


def plan_of(
    function: Callable[..., Any], names: Sequence[str], returned: Any, forward: Any = None
) -> Plan:
    """Return how to call a backward pass after its forward pass returned this; raises Misfit."""
    parts = _in_parts(returned)
    first = roles_of(function, names, forward)
    roles = resolved(first, len(parts) - 1, loss=_is_number(parts[0]))
    roles = _with_as_many_outputs(roles, _leading_arrays(parts), len(parts))
    cotangents, saved = _counted(roles, "cotangent"), _counted(roles, "saved")
    if saved and len(parts) == 1:  # nothing was saved: what else could be meant is the output
        roles = [(p, "output" if role == "saved" and saved == 1 else role) for p, role in roles]
        saved = _counted(roles, "saved")
    heads, rest = _split(parts, saved, cotangents, spread=_counted(roles, "spread") > 0)
    if len(rest) < saved or _counted(roles, "rate"):
        raise Unclear(_not_understood(function, roles, returned))
    outputs, own_tuple = _outputs(heads)
    if cotangents > 1 and cotangents != len(outputs):
        raise Unclear(_not_understood(function, roles, returned))
    together = cotangents == 1 and (own_tuple or _are_together(roles)) and len(outputs) > 1
    ignored = 0 if together else len(outputs) - max(1, cotangents)
    plan = Plan(
        function, tuple(roles), outputs[: len(outputs) - ignored], together, tuple(rest),
        (*_ignored(outputs, ignored), *_by_default(first, roles)),
    )  # fmt: skip
    _refuse(plan, returned)
    return plan


def _with_as_many_outputs(roles: Roles, arrays: int, parts: int) -> Roles:
    """Take the last of what looks like a cotangent for saved, where there are too few outputs."""
    looks = [index for index, (_, role) in enumerate(roles) if role == "cotangent"]
    surplus = looks[arrays:] if 0 < arrays < parts else []
    return [(p, "saved" if index in surplus else role) for index, (p, role) in enumerate(roles)]


def _refuse(plan: Plan, returned: Any) -> None:
    """Raise Misfit if forward returned no arrays, or no loss where backward takes no cotangent."""
    for out in plan.outputs:
        if not is_array(out):
            raise Unclear(
                f"forward returned {described(returned)}, in which {described(out)} stands where "
                f"an array or a number is expected{_of_lists(out)}"
                if out is not returned
                else f"forward returned {described(out)}; expected an array, a number, or a tuple "
                f"(out, cache){_of_lists(out)}"
            )
    if plan.scales and not (len(plan.outputs) == 1 and _is_number(plan.outputs[0])):
        raise Misfit(
            f"{_name(plan.function)} takes no cotangent, but forward returns "
            f"{described(returned)}, no single number; its first parameter should be dout"
        )


def _counted(roles: Roles, wanted: str) -> int:
    return sum(role == wanted for _, role in roles)


def _are_together(roles: Roles) -> bool:
    return any(role == "cotangent" and p.name.lower() in TOGETHER for p, role in roles)


def _in_parts(returned: Any) -> tuple[Any, ...]:
    plain = isinstance(returned, tuple) and returned and not hasattr(returned, "_fields")
    return tuple(returned) if plain else (returned,)


def _split(
    parts: tuple[Any, ...], saved: int, cotangents: int, *, spread: bool
) -> tuple[tuple[Any, ...], list[Any]]:
    """Return the outputs and what was saved for backward."""
    if len(parts) == 1:
        return parts, []
    if spread:
        one = len(parts) == 2 and isinstance(parts[1], tuple | list)
        return parts[:1], list(parts[1]) if one else list(parts[1:])
    if saved == 0:
        return parts[: max(cotangents, _leading_arrays(parts))], []
    if saved == 1 and cotangents <= 1 and is_array(parts[-1]):
        return parts[:1], [parts[1] if len(parts) == 2 else parts[1:]]
    if saved > 1 and len(parts) == 2 and isinstance(parts[1], tuple | list):
        return parts[:1], list(parts[1]) if len(parts[1]) == saved else []
    return parts[: max(1, len(parts) - saved)], list(parts[max(1, len(parts) - saved) :])


def _leading_arrays(parts: tuple[Any, ...]) -> int:
    return next((k for k, part in enumerate(parts) if not is_array(part)), len(parts))


def _outputs(heads: tuple[Any, ...]) -> tuple[tuple[Any, ...], bool]:
    """Return the outputs in a row, and whether they came in a tuple of their own."""
    if len(heads) == 1 and isinstance(heads[0], tuple | list):
        return tuple(heads[0]), True
    return heads, False


def _ignored(outputs: tuple[Any, ...], count: int) -> Iterator[str]:
    if count > 0:
        yield (
            f"of the {len(outputs)} arrays that forward returns only the first "
            f"{'was' if len(outputs) - count == 1 else f'{len(outputs) - count} were'} "
            "differentiated: backward takes no derivative by the others"
        )


def _by_default(first: Roles, roles: Roles) -> Iterator[str]:
    kept = {parameter.name for parameter, _ in roles}
    for parameter, role in first:
        if role == "optional" and parameter.name not in kept:
            yield (
                f"backward was called without {parameter.name}, which is {parameter.default!r} by "
                "default"
            )


def _is_number(value: Any) -> bool:
    return is_array(value) and np.ndim(value) == 0


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "")
    return "backward" if name in ("", "<lambda>") else name


def _of_lists(out: Any) -> str:
    return ". Return np.array(…) of it" if isinstance(out, list) else ""


def described(returned: Any) -> str:
    """Return what a thing is, in a few words."""
    if isinstance(returned, tuple | list):
        return f"a {type(returned).__name__} of {len(returned)}"
    if isinstance(returned, np.ndarray):
        return f"an array of shape {returned.shape}"
    return "None" if returned is None else f"a {type(returned).__name__}"


def _not_understood(function: Callable[..., Any], roles: Roles, returned: Any) -> str:
    understood = ", ".join(f"{parameter.name} as {_ROLE_NAMES[role]}" for parameter, role in roles)
    return (
        f"how to call {_name(function)} is not clear: it takes {understood}, and forward returned "
        f"{described(returned)}. Say it with a lambda: "
        f"check(forward, lambda dout, cache: {_name(function)}(…), …)"
    )


_ROLE_NAMES = {
    "input": "the input of that name",
    "cotangent": "the derivative by the output",
    "output": "the output",
    "rate": "how far to move the parameters, which is no business of a gradient",
    "saved": "something forward returned besides",
    "spread": "all that forward returned besides",
}
