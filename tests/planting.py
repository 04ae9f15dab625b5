"""Run something many times over, each time with other modules in place of those on disk.

Each run is a fork of this process, so what is imported here need not be imported there, and
nothing that a run leaves behind reaches another.
"""

import ast
import copy
import gc
import importlib.machinery
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any, NamedTuple

PROCESSES = os.cpu_count() or 1
MARK = "_mark"
LATE = "out of time"


class Job(NamedTuple):
    """What to run with which modules, for how many seconds at most, and what it is about."""

    run: Callable[[], str]
    trees: dict[str, ast.Module]
    limit: float
    about: Any = None


class Outcome(NamedTuple):
    """What a run reports (nothing if all went well), its time, and the (module, line)s it ran."""

    report: str
    seconds: float = 0.0
    lines: frozenset = frozenset()


class Planted:
    """Imports syntax trees in place of the modules on disk, and collects the lines they mark."""

    def __init__(self, trees):
        self.trees, self.lines = trees, set()

    def install(self):
        packages = {name.partition(".")[0] for name in self.trees}
        for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
            del sys.modules[name]
        sys.meta_path.insert(0, self)

    def find_spec(self, name, path=None, _target=None):
        if name not in self.trees:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        spec.loader = self
        return spec

    def create_module(self, _spec):
        return None

    def exec_module(self, module):
        code = compile(self.trees[module.__name__], module.__spec__.origin, "exec")
        vars(module)[MARK] = self.lines.add
        exec(code, vars(module))  # noqa: S102  to import a module is to execute it


def marked(module, tree):
    """Return `tree` with every statement in a function saying that it runs."""
    tree = copy.deepcopy(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for block in {block: None for function in functions for block in ast.walk(function)}:
        for field in ("body", "orelse"):
            if isinstance(getattr(block, field, None), list):
                setattr(block, field, list(with_marks(module, getattr(block, field))))
    return ast.fix_missing_locations(tree)


def with_marks(module, statements):
    for node in statements:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_docstring:  # which has to stay the first statement
            mark = ast.parse(f"{MARK}(({module!r}, {node.lineno}))").body[0]
            yield ast.copy_location(mark, node)
        yield node


def outcomes(jobs):
    """Run each job of a deque in a process of its own and yield it with its outcome.

    Jobs that are added in the meantime are run too.
    """
    running = {}
    gc.freeze()  # or each process looks for garbage among all that it shares with this one
    try:
        while jobs or running:
            while jobs and len(running) < PROCESSES:
                start(jobs.popleft(), running)
            next_deadline = min(deadline for _, _, deadline in running.values())
            ready = wait(running, timeout=max(0.0, next_deadline - time.monotonic()))
            late = [end for end in running if running[end][2] <= time.monotonic()]
            for end in dict.fromkeys([*ready, *late]):
                job, process, _ = running.pop(end)
                yield job, finish(end, process)
    finally:
        for _, process, _ in running.values():
            process.kill()
        gc.unfreeze()


def start(job, running):
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=child, args=(job, sender))
    process.start()
    sender.close()
    running[receiver] = job, process, time.monotonic() + job.limit


def finish(receiver, process):
    try:
        outcome = receiver.recv() if receiver.poll() else Outcome(LATE)
    except EOFError:
        outcome = Outcome("died")
    receiver.close()
    process.kill()
    process.join()
    return outcome


def child(job, sender):
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    planted = Planted(job.trees)
    planted.install()
    started = time.perf_counter()
    try:
        report = job.run()
    except BaseException:  # noqa: BLE001  whatever it is, the parent prints it
        report = traceback.format_exc()
    sender.send(Outcome(report, time.perf_counter() - started, frozenset(planted.lines)))
