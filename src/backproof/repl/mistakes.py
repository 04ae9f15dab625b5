"""Mistakes in plain words: one line where a traceback would show Backproof's own insides.

A traceback helps who has to find an error in their own code.  Who passes a wrong argument is helped
by the message alone, and who swaps two of them by being told so.
"""

import builtins
import dis
import re
import traceback
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import FrameType, ModuleType, TracebackType
from typing import Any

_CALLED = re.compile(r"(?P<name>[\w.]+)\(\) (?:missing|takes|got|argument)")
_RAISES = dis.opmap["RAISE_VARARGS"]

_KINDS = {
    "network": ("backproof.network", "Network", "a Network, such as Network.he([2, 3], seed=0)"),
    "tape": ("backproof.recursion", "Tape", "what forward(network, x) returns"),
    "gradient": ("backproof.recursion", "Gradient", "what backward(network, tape, dz) returns"),
}
"""What the parameters of the recursion are, by name: its twenty lines do not check them."""


def plainly(error: BaseException, names: Mapping[str, Any]) -> str:
    """Return a mistake of the user in a line or two, or "" if it takes a traceback to see it.

    `names` are those of the session.
    """
    places = _places(error.__traceback__)
    if not places:
        return ""
    last = places[-1].tb_frame
    if isinstance(error, KeyboardInterrupt):
        return "KeyboardInterrupt" if any(_is_ours(each.tb_frame) for each in places) else ""
    if _is_ours(last):
        message = _said(error) if _is_raised(places[-1]) else _wrong_argument(last)
        return _with_place(message, places) if message else ""
    return _misused(error, last, names)


def _places(trace: TracebackType | None) -> list[TracebackType]:
    found = []
    while trace is not None:
        found.append(trace)
        trace = trace.tb_next
    return found


def _is_ours(frame: FrameType) -> bool:
    return _of_backproof(frame.f_globals.get("__name__", ""))


def _of_backproof(module: Any) -> bool:
    return isinstance(module, str) and module.partition(".")[0] == "backproof"


def _is_raised(place: TracebackType) -> bool:
    """Return whether a `raise` statement is what ended there: a refusal, and no accident."""
    return place.tb_frame.f_code.co_code[place.tb_lasti] == _RAISES


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _with_place(message: str, places: list[TracebackType]) -> str:
    """Return the message, and the user's own line if it is not the only one that was typed."""
    mine = [each for each in places if not _is_ours(each.tb_frame)]
    if not mine or mine[-1].tb_frame.f_code.co_name == "<module>":
        return message
    line = traceback.extract_tb(mine[-1], limit=1)[0]
    return f"{message}\n  in {line.name}, line {line.lineno}: {line.line}"


def _wrong_argument(frame: FrameType) -> str:
    """Return which argument of this frame's function is of a wrong kind, or nothing."""
    code = frame.f_code
    parameters = code.co_varnames[: code.co_argcount]
    for name in (each for each in parameters if each in _KINDS):
        module, kind, example = _KINDS[name]
        value = frame.f_locals.get(name)
        if not _is_a(value, module, kind):
            call = f"{code.co_name}({', '.join(parameters)})"
            others = (each for each in parameters if _is_a(frame.f_locals.get(each), module, kind))
            swapped = next(others, "")
            mend = f"Swap it with {swapped}." if swapped else f"Pass {example}."
            return f"TypeError: {call}: {name} is a {type(value).__name__}. {mend}"
    return ""


def _is_a(value: Any, module: str, kind: str) -> bool:
    return (type(value).__module__, type(value).__name__) == (module, kind)


def _misused(error: BaseException, frame: FrameType, names: Mapping[str, Any]) -> str:
    """Return in plain words what went wrong in the user's own line, if Backproof is meant by it."""
    if isinstance(error, AttributeError) and _is_part(error.obj):
        return _said(error) + _meaning(error.name, dir(error.obj))
    if isinstance(error, NameError) and frame.f_code.co_name == "<module>":
        return _said(error) + _meaning(error.name, [*names, *dir(builtins)])
    match = _CALLED.match(str(error)) if isinstance(error, TypeError) else None
    if match is None:
        return ""
    function = _meant(match["name"], names)
    return f"{_said(error)}\n  help({function}) shows how to call it." if function else ""


def _meaning(written: str | None, known: Iterable[str]) -> str:
    # Python says so from 3.12 on, and only in a traceback.
    near = get_close_matches(written or "", known, n=1)
    return f". Did you mean {near[0]!r}?" if near else ""


def _is_part(value: Any) -> bool:
    """Return whether a value is Backproof's: a module or a class of it, or made from one."""
    if isinstance(value, ModuleType):
        return _of_backproof(value.__name__)
    return _of_backproof((value if isinstance(value, type) else type(value)).__module__)


def _meant(called: str, names: Mapping[str, Any]) -> str:
    """Return by what name of the session a function of Backproof was called, or nothing."""
    *owner, function = called.split(".")
    if not owner and _of_backproof(getattr(names.get(function), "__module__", "")):
        return function
    for name, value in names.items():
        kind = value if isinstance(value, type) else type(value)
        if owner == [kind.__name__] and _of_backproof(kind.__module__):
            return name if function == "__init__" else f"{name}.{function}"
    return ""
