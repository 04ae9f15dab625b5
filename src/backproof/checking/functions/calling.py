"""How someone's forward and backward are called, found out from their names and what they return.

    forward(x, W) -> out, (out, cache), (out, saved, saved), (h, c, cache) or ((h, c), cache)
    backward(dout, cache), backward(cache, dout), backward(dout, x, W), backward(dout, out), …
    gradient(z, y) of a scalar loss; loss_and_gradient(z, y) -> (loss, gradient)

Where that leaves a choice, nothing is guessed: the message says what was understood.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproof.checking.functions.gradients import Misfit, named
from backproof.checking.functions.inputs import Inputs
from backproof.numbers.traced import Traced

__all__ = ["Misfit", "Run", "Subject"]

COTANGENTS = {
    "cotangent", "ct", "d", "delta", "g", "go", "gout", "out_grad", "output_grad", "top_diff",
    "upstream", "v",
}  # fmt: skip
"""Names of the derivative by the output, besides those that begin with d or grad."""

TOGETHER = {"d_outputs", "douts", "doutputs", "dys", "grad_outputs", "grads"}
"""Names of the derivatives by all outputs, in one tuple."""

NAMED = {
    **dict.fromkeys(["aux", "cache", "caches", "context", "ctx", "intermediates", "memo"], "saved"),
    **dict.fromkeys(["memory", "residuals", "saved", "state", "stash", "store", "tape"], "saved"),
    **dict.fromkeys(["out", "output", "outputs", "result", "y_hat", "yhat"], "output"),
}
"""Names of what forward saved, and of what it returned."""

NO_COTANGENTS = {"data", "depth", "dim", "dropout", "dtype"}


@dataclass(frozen=True, slots=True)
class Run:
    """What forward returned, and the backward pass that belongs to it."""

    outputs: tuple[Any, ...]
    backward: Callable[[tuple[Any, ...]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """The pass under test: `names` are forward's inputs, `wrt` those whose gradients are wanted.

    `backward_function` is None where forward returns a loss together with its gradient.
    """

    forward_function: Callable[..., Any]
    backward_function: Callable[..., Any] | None
    inputs: Inputs
    names: tuple[str, ...]
    wrt: tuple[str, ...]
    unchecked: tuple[str, ...] = ()
    by_position: bool = False

    @property
    def returned(self) -> tuple[str, ...]:
        """The inputs whose gradients backward returns, so that they are the caller's."""
        return self.wrt

    @property
    def saves(self) -> bool:
        """Whether forward hands something to backward, so that several runs can live at once."""
        if self.backward_function is None:
            return False
        return any(
            role in ("saved", "spread") for _, role in _roles(self.backward_function, self.names)
        )

    def persistent(self) -> "Subject":
        """Return the subject as it is called again and again; functions are their own."""
        return self

    def with_backward(self, function: Callable[..., Any]) -> "Subject":
        """Return the same subject with another backward pass."""
        return replace(self, backward_function=function)

    def run(self, arrays: Mapping[str, Any]) -> Run:
        """Call forward, and keep what its backward pass needs."""
        forward = self.forward_function
        returned = forward(*arrays.values()) if self.by_position else forward(**arrays)
        if self.backward_function is None:
            return self._run_of_loss(returned)
        plan = plan_of(self.backward_function, self.names, returned)

        def backward(douts: tuple[Any, ...]) -> dict[str, Any]:
            gradients = named(plan.call(arrays, douts), self.wrt, self.names)
            return plan.scaled(gradients, douts)

        return Run(plan.outputs, backward)

    def _run_of_loss(self, returned: Any) -> Run:
        if not isinstance(returned, tuple) or len(returned) < 2:
            raise Misfit(
                "there is no backward function, so forward must return (loss, gradient), but it "
                f"returned {_described(returned)}"
            )
        loss, *gradients = returned
        found = named(
            gradients[0] if len(gradients) == 1 else tuple(gradients), self.wrt, self.names
        )
        return Run(
            (loss,), lambda douts: {name: gradient * douts[0] for name, gradient in found.items()}
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """How backward is called: a role for each parameter, and the parts of what forward returned."""

    function: Callable[..., Any]
    roles: tuple[tuple[inspect.Parameter, str], ...]
    outputs: tuple[Any, ...]
    together: bool
    saved: tuple[Any, ...]

    @property
    def scales(self) -> bool:
        """Whether backward takes no cotangent: it gives the gradient of the loss itself."""
        return all(role != "cotangent" for _, role in self.roles)

    def scaled(self, gradients: dict[str, Any], douts: tuple[Any, ...]) -> dict[str, Any]:
        """Return the gradients times the cotangent, if backward did not get it."""
        if not self.scales:
            return gradients
        return {name: gradient * douts[0] for name, gradient in gradients.items()}

    def call(self, arrays: Mapping[str, Any], douts: tuple[Any, ...]) -> Any:
        """Call backward."""
        one = sum(role == "cotangent" for _, role in self.roles) == 1
        cotangents = iter([douts] if one and self.together else douts)
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


def plan_of(function: Callable[..., Any], names: Sequence[str], returned: Any) -> Plan:
    """Return how to call a backward pass after its forward pass returned this; raises Misfit."""
    roles = _roles(function, names)
    wanted = sum(role == "saved" for _, role in roles)
    cotangents = sum(role == "cotangent" for _, role in roles)
    spread = any(role == "spread" for _, role in roles)
    if cotangents == 1 and any(r == "cotangent" and p.name in TOGETHER for p, r in roles):
        cotangents = 2
    outputs, saved = _parts(returned, wanted, cotangents, spread)
    if wanted == 1 and not saved:  # nothing was saved: what else could be meant is the output
        roles = [(p, "output" if role == "saved" else role) for p, role in roles]
    elif wanted > len(saved):
        raise Misfit(_not_understood(function, roles, returned))
    flat, together = _flat(outputs)
    plan = Plan(function, tuple(roles), flat, together, tuple(saved))
    if plan.scales and not _is_loss(flat):
        raise Misfit(
            f"{_name(function)} takes no cotangent, but forward returns {_described(returned)}, "
            "no single number; its first parameter should be dout"
        )
    given = sum(role == "cotangent" for _, role in roles)
    if given > 1 and given != len(flat):
        raise Misfit(_not_understood(function, roles, returned))
    return plan


def _is_loss(outputs: tuple[Any, ...]) -> bool:
    return len(outputs) == 1 and np.ndim(outputs[0]) == 0


def _roles(
    function: Callable[..., Any], names: Sequence[str]
) -> list[tuple[inspect.Parameter, str]]:
    found = [(p, _role(p, names)) for p in parameters(function)]
    found = [(p, role) for p, role in found if role != "default"]
    if all(role != "cotangent" for _, role in found):
        for index, (parameter, role) in enumerate(found):
            if role == "unknown":  # by custom the first one is the cotangent
                found[index] = (parameter, "cotangent")
                break
    return [(p, "saved" if role == "unknown" else role) for p, role in found]


def _role(parameter: inspect.Parameter, names: Sequence[str]) -> str:
    name = parameter.name
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return "spread" if parameter.kind is parameter.VAR_POSITIONAL else "default"
    if name in names:
        return "input"
    if parameter.default is not parameter.empty:
        return "default"
    if _is_cotangent(name):
        return "cotangent"
    return NAMED.get(name.lower(), "unknown")


def _is_cotangent(name: str) -> bool:
    lower = name.lower()
    if lower in NO_COTANGENTS:
        return False
    return (
        lower in COTANGENTS
        or lower.endswith("_grad")
        or (lower.startswith("grad") or (name.startswith("d") and len(name) > 1))
    )


def _parts(returned: Any, wanted: int, cotangents: int, spread: bool) -> tuple[Any, list[Any]]:  # noqa: FBT001
    """Return the outputs and what was saved for backward."""
    if not isinstance(returned, tuple) or len(returned) < 2 or hasattr(returned, "_fields"):
        return returned, []
    if spread:
        head, rest = returned[0], returned[1:]
        one = len(rest) == 1 and isinstance(rest[0], tuple | list)
        return head, list(rest[0]) if one else list(rest)
    if wanted == 0:
        if cotangents < len(returned) and not is_array(returned[-1]):
            return _several(returned[:-1]), []
        return (returned if cotangents > 1 else returned[0]), []
    if wanted == 1 and len(returned) > 2 and cotangents <= 1 and is_array(returned[-1]):
        return returned[0], [returned[1:]]
    return _several(returned[: len(returned) - wanted]), list(returned[len(returned) - wanted :])


def _several(outputs: tuple[Any, ...]) -> Any:
    return outputs[0] if len(outputs) == 1 else outputs


def _flat(outputs: Any) -> tuple[tuple[Any, ...], bool]:
    """Return the outputs in a row, and whether they came in a tuple of their own."""
    if isinstance(outputs, tuple | list):
        return tuple(outputs), True
    return (outputs,), False


def is_array(value: Any) -> bool:
    """Return whether `value` may be an output: an array or a number."""
    return isinstance(value, np.ndarray | Traced | int | float | np.number)


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a function, or raise TypeError if Python does not know them."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise TypeError(
            f"Python does not know the parameters of {function!r}; wrap it: lambda x: f(x)"
        ) from None


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "")
    return "backward" if name in ("", "<lambda>") else name


def _described(returned: Any) -> str:
    if isinstance(returned, tuple | list):
        return f"a {type(returned).__name__} of {len(returned)}"
    if isinstance(returned, np.ndarray):
        return f"an array of shape {returned.shape}"
    return "None" if returned is None else f"a {type(returned).__name__}"


def _not_understood(function: Callable[..., Any], roles: Sequence[Any], returned: Any) -> str:
    understood = ", ".join(f"{parameter.name} as {_ROLE_NAMES[role]}" for parameter, role in roles)
    return (
        f"how to call {_name(function)} is not clear: it takes {understood}, and forward returned "
        f"{_described(returned)}. Say it with a lambda: "
        f"check(forward, lambda dout, cache: {_name(function)}(…), …)"
    )


_ROLE_NAMES = {
    "input": "the input of that name",
    "cotangent": "the derivative by the output",
    "output": "the output",
    "saved": "something forward returned besides",
    "spread": "all that forward returned besides",
}
