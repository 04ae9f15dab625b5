"""Code under test runs in a process of its own: it may hang, explode or end, and is stopped."""

import gc
import math
import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stopped:
    """The function gave no result: it ran too long, needed too much, or ended the process."""

    reason: str


PATIENCE = 4


def isolated(function: Callable[[], Any], *, seconds: float, memory: int) -> Any:
    """Return what `function` returns, from a process of its own, or Stopped with the reason.

    The process is a copy of this one, so functions typed into a REPL are there as well.  It is
    killed with all its children after `seconds` of processor time, and after `PATIENCE` times as
    many by the clock, when it sleeps or the machine is busy with other things.  It may take
    `memory` bytes more than it has.
    What the function raises is raised here.  Where processes cannot be copied, as on Windows, the
    function runs in this one, and nothing stops it.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        return function()
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(function, sender, seconds, memory), daemon=True)
    process.start()
    sender.close()
    try:
        return _result(process, receiver, seconds)
    finally:
        _kill(process)
        receiver.close()


def _result(process: Any, receiver: Any, seconds: float) -> Any:
    too_long = Stopped(f"ran longer than {seconds:g} s")
    end = time.monotonic() + PATIENCE * seconds
    if not receiver.poll(PATIENCE * seconds):
        return too_long
    try:
        kind, value = pickle.loads(receiver.recv_bytes())  # noqa: S301  our own process sent it
    except (EOFError, OSError):
        while process.exitcode is None and time.monotonic() < end:
            time.sleep(0.005)  # join would wait for ever for a process that closed its files
        if process.exitcode == -signal.SIGXCPU:
            return too_long
        return Stopped(_ended(process.exitcode))
    if kind == "raised":
        raise value
    return Stopped(value) if kind == "stopped" else value


def _ended(code: int | None) -> str:
    if code is None:
        return "gave no answer"
    if code < 0:
        return f"ended its process by the signal {signal.Signals(-code).name}"
    return f"ended its process (exit status {code})"


def _kill(process: Any) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


OBJECTS = 50_000
"""After so many new objects garbage is looked for: Python's 700 would cost a third of the time."""


def _work(function: Callable[[], Any], sender: Any, seconds: float, memory: int) -> None:
    gc.freeze()  # what was there before the fork is not looked at again
    gc.set_threshold(OBJECTS, 20, 20)
    with suppress(OSError):
        os.setpgid(0, 0)
    with suppress(OSError, ValueError):  # not every system can limit both
        _limit(seconds, memory)
    message = _message(function, memory)
    try:
        sender.send_bytes(message)
    except OSError:  # the code closed what it did not open; the other end sees that nothing comes
        return


def _message(function: Callable[[], Any], memory: int) -> bytes:
    """Return what became of the function, as bytes that the other process can read."""
    try:
        value = function()
    except MemoryError:
        reason = f"needed more than {memory / 2**30:g} GiB of memory"
    except RecursionError:
        reason = "calls itself without end"
    except SystemExit as end:
        reason = f"ended its process (exit status {end.code})"
    except Exception as error:  # noqa: BLE001  it is raised again in the process that asked
        return _readable("raised", error, f"raised {type(error).__name__}: {error}")
    except BaseException as error:  # noqa: BLE001  raised again, it would end the other process
        reason = f"raised {type(error).__name__}"
    else:
        return _readable("returned", value, "gave something that cannot be sent")
    return pickle.dumps(("stopped", reason))


def _readable(kind: str, value: Any, otherwise: str) -> bytes:
    """Return a message, or one that tells it in words if it cannot be written, or read again."""
    try:
        message = pickle.dumps((kind, value))
        if kind == "raised":
            pickle.loads(message)  # noqa: S301  it was written just now
    except Exception:  # noqa: BLE001  whatever a class of somebody raises
        return pickle.dumps(("stopped", otherwise))
    return message


def _limit(seconds: float, memory: int) -> None:
    import resource

    whole = math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
    with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123  a file of the kernel
        used = int(pages.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))


def spent() -> float:
    """Return the processor time of this process and of those that have ended in it, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
