"""Code under test runs in a process of its own: it may hang, explode or end, and is stopped."""

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stopped:
    """The function gave no result: it ran too long, needed too much, or ended the process."""

    reason: str


def isolated(function: Callable[[], Any], *, seconds: float, memory: int) -> Any:
    """Return what `function` returns, from a process of its own, or Stopped with the reason.

    The process is a copy of this one, so functions typed into a REPL are there as well.  It is
    killed with all its children after `seconds`, and may take `memory` bytes more than it has.
    What the function raises is raised here.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(function, sender, memory), daemon=True)
    process.start()
    sender.close()
    try:
        return _result(process, receiver, seconds)
    finally:
        _kill(process)
        receiver.close()


def _result(process: Any, receiver: Any, seconds: float) -> Any:
    if not receiver.poll(seconds):
        return Stopped(f"ran longer than {seconds:g} s")
    try:
        kind, value = receiver.recv()
    except (EOFError, OSError):
        process.join()
        return Stopped(_ended(process.exitcode))
    if kind == "raised":
        raise value
    return Stopped(value) if kind == "stopped" else value


def _ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"ended its process by the signal {signal.Signals(-code).name}"
    return f"ended its process (exit status {code})"


def _kill(process: Any) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


def _work(function: Callable[[], Any], sender: Any, memory: int) -> None:
    with suppress(OSError):
        os.setpgid(0, 0)
    _limit(memory)
    try:
        message = ("returned", function())
    except MemoryError:
        message = ("stopped", f"needed more than {memory / 2**30:g} GiB of memory")
    except RecursionError:
        message = ("stopped", "calls itself without end")
    except SystemExit as end:
        message = ("stopped", f"ended its process (exit status {end.code})")
    except Exception as error:  # noqa: BLE001  it is raised again in the process that asked
        message = ("raised", error)
    try:
        sender.send(message)
    except Exception as error:  # noqa: BLE001  what cannot be pickled is told in words
        sender.send(("stopped", f"gave something that cannot be sent: {error}"))


def _limit(memory: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123  a file of the kernel
        used = int(pages.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
