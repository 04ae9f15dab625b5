"""What each parameter of a backward pass is for, read off its name.

An input of forward has its own name; `dout`, `grad_output`, `upstream` and their like are the
derivative by the output; `cache`, `saved` what forward saved; `out`, `y_hat` what it returned.  A
name that forward uses for something of its own is what forward computed, whatever it looks like.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

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
    **dict.fromkeys(["eta", "learning_rate", "lr", "lrate", "rate", "step_size"], "rate"),
    **dict.fromkeys(["out", "output", "outputs", "result", "y_hat", "yhat"], "output"),
}
"""Names of what forward saved, of how far an update goes, and of what forward returned."""

WORDS = {
    "damping", "data", "dataset", "day", "decay", "deg", "degree", "den", "denom", "denominator",
    "depth", "det", "dev", "deviation", "device", "diag", "diagonal", "dict", "diff", "difference",
    "differences", "diffs", "digits", "dilation", "dim", "dimension", "dims", "direction",
    "disc", "discount", "dist", "distance", "distances", "distribution", "dists", "div", "divisor",
    "domain", "done", "dot", "dots", "double", "draw", "drop", "dropmask", "dropout", "dropped",
    "dtype", "dummy", "duration",
}  # fmt: skip
"""Words that begin with d and are no derivative."""

Roles = list[tuple[inspect.Parameter, str]]
"""Each parameter with input, cotangent, optional, output, rate, saved, spread or unknown."""


def roles_of(function: Callable[..., Any], names: Sequence[str], forward: Any) -> Roles:
    """Return what the parameters of a backward pass are for; those with a default are left out."""
    own = _locals(forward) - set(names)
    found = [(parameter, _role(parameter, names, own)) for parameter in parameters(function)]
    return [(parameter, role) for parameter, role in found if role != "default"]


def _role(parameter: inspect.Parameter, names: Sequence[str], own: set[str]) -> str:
    name = parameter.name
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return "spread" if parameter.kind is parameter.VAR_POSITIONAL else "default"
    if name in names:
        return "input"
    cotangent = name not in own and is_cotangent(name)
    if parameter.default is not parameter.empty:
        return "optional" if cotangent else "default"
    return "cotangent" if cotangent else NAMED.get(name.lower(), "unknown")


def is_cotangent(name: str) -> bool:
    """Return whether this is what people call the derivative by an output."""
    lower = name.lower()
    if lower in WORDS or lower.partition("_")[0] in WORDS:
        return False
    begins = lower.startswith("grad") or (name.startswith("d") and len(name) > 1)
    return lower in COTANGENTS or begins or lower.endswith("_grad")


def _locals(function: Any) -> set[str]:
    """Return the names that a function written in Python gives to what it computes."""
    while hasattr(function, "__wrapped__") or hasattr(function, "func"):
        function = getattr(function, "__wrapped__", None) or function.func
    code = getattr(function, "__code__", None)
    return set(code.co_varnames + code.co_cellvars) if code is not None else set()


def resolved(roles: Roles, saved: int, *, loss: bool) -> Roles:
    """Decide on the parameters whose names say nothing, after forward has saved so many things.

    By custom the first one is the derivative by the output, if none is called so; but the gradient
    of a loss may go without, and then they are what was saved.
    """
    unknown = [index for index, (_, role) in enumerate(roles) if role == "unknown"]
    taken = sum(role == "saved" for _, role in roles)
    found = [(p, "saved" if role == "unknown" else role) for p, role in roles]
    if any(role == "cotangent" for _, role in roles):
        return _without_optional(found)
    if not loss and any(role == "optional" for _, role in roles):
        return [(p, "cotangent" if role == "optional" else role) for p, role in found]
    all_saved = loss and saved > taken and (len(unknown) == 1 or len(unknown) <= saved - taken)
    if unknown and not all_saved:
        found[unknown[0]] = (found[unknown[0]][0], "cotangent")
    return _without_optional(found)


def _without_optional(roles: Roles) -> Roles:
    return [(parameter, role) for parameter, role in roles if role != "optional"]


def bound(forward: Callable[..., Any], names: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the inputs in forward's order, and whether they are passed by position.

    Raises ValueError for a name that forward does not take, or an input that is missing.
    """
    taken = parameters(forward)
    known = {parameter.name for parameter in taken}
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in taken):
        return names, True
    required = [parameter for parameter in taken if is_required(parameter)]
    if not known & set(names) and len(required) <= len(names) <= len(taken):
        return names, True
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken):
        for name in names:
            if name not in known:
                raise ValueError(
                    f"{name} is declared, but forward takes {_listed(taken)}; declare the inputs "
                    "under the names that forward gives them"
                )
    for parameter in required:
        if parameter.name not in names:
            raise ValueError(
                f'forward needs {parameter.name}, which is not declared; add "{parameter.name}: …" '
                f"with its sizes"
            )
    by_position = any(p.kind is p.POSITIONAL_ONLY and p.name in names for p in taken)
    order = [parameter.name for parameter in taken if parameter.name in names]
    return (*order, *(name for name in names if name not in order)), by_position


def _listed(taken: list[inspect.Parameter]) -> str:
    return ", ".join(parameter.name for parameter in taken) or "no arguments"


def is_required(parameter: inspect.Parameter) -> bool:
    """Return whether a call has to give this parameter."""
    several = parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    return parameter.default is parameter.empty and not several


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a function, or raise TypeError if Python does not know them."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise TypeError(
            f"Python does not know the parameters of {function!r}; wrap it: lambda x: f(x)"
        ) from None
