"""Code under test may do what it likes to its own process, and only to that."""

import multiprocessing
import os
import signal
import sys
import time

import numpy as np
import pytest

from backproof import check
from backproof.checking.functions.isolation import Stopped, isolated
from backproof.checking.verdict import Status

GIBIBYTE = 2**30


def forever():
    while True:
        pass


def in_compiled_code():
    return sum(range(10**15))


def allocate():
    return len([bytearray(2**28) for _ in range(64)])


def recurse():
    return recurse()


STOPPED = {
    "a loop without end": (forever, "ran longer than 0.5 s"),
    "a loop in compiled code": (in_compiled_code, "ran longer than 0.5 s"),
    "too much memory": (allocate, "needed more than 1 GiB of memory"),
    "a call without end": (recurse, "calls itself without end"),
    "the end of the process": (lambda: os._exit(3), "ended its process (exit status 3)"),
    "sys.exit": (lambda: sys.exit(4), "ended its process (exit status 4)"),
    "a signal": (lambda: os.kill(os.getpid(), 9), "ended its process by the signal SIGKILL"),
    "a result that cannot be sent": (lambda: (x for x in ()), "gave something that cannot be sent"),
}


@pytest.mark.parametrize("what", STOPPED)
def test_what_goes_wrong_is_told(what):
    function, reason = STOPPED[what]
    result = isolated(function, seconds=0.5 if "loop" in what else 20, memory=GIBIBYTE)
    assert isinstance(result, Stopped)
    assert result.reason.startswith(reason)


def test_a_result_comes_back_and_nothing_else():
    seen = []
    assert (
        isolated(lambda: seen.append(1) or "x" * 10**7, seconds=20, memory=GIBIBYTE) == "x" * 10**7
    )
    assert seen == []


def test_an_error_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        isolated(lambda: 1 / 0, seconds=20, memory=GIBIBYTE)


def test_children_of_the_process_end_with_it():
    """A child that lives on writes to a pipe; that of a dead one is at its end."""
    out, into = os.pipe()

    def parent():
        if os.fork() == 0:
            time.sleep(5)
            os.write(into, b"alive")
        forever()

    assert isinstance(isolated(parent, seconds=0.5, memory=GIBIBYTE), Stopped)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        assert pipe.read() == b""


def test_a_check_of_code_that_hangs_ends():
    verdict = check(lambda x: forever(), lambda dout, x: dout, "x: N", seconds=0.5)
    assert verdict.status is Status.CANNOT_TELL
    assert verdict.witness == "the code ran longer than 0.5 s"


def test_a_check_leaves_numpy_and_the_code_as_they_were():
    calls = []

    def forward(x):
        calls.append(x)
        return np.zeros(x.shape) + x

    before = np.zeros
    assert check(forward, lambda dout, x: dout, "x: N")
    assert calls == []
    assert np.zeros is before


class TwoArguments(Exception):  # noqa: N818  as people name them
    """Cannot be read again after it was written, as it wants two arguments."""

    def __init__(self, first, second):
        super().__init__(first)
        self.second = second


def test_an_error_of_any_class_is_told():
    def fails():
        raise TwoArguments("why", 2)

    result = isolated(fails, seconds=20, memory=GIBIBYTE)
    assert result == Stopped("raised TwoArguments: why")


def test_an_interrupt_inside_the_code_does_not_end_this_process():
    def interrupts():
        raise KeyboardInterrupt

    assert isolated(interrupts, seconds=20, memory=GIBIBYTE) == Stopped("raised KeyboardInterrupt")


def test_code_that_closes_every_file_and_hangs_is_stopped():
    def closes():
        os.closerange(3, 256)
        forever()

    assert isinstance(isolated(closes, seconds=0.5, memory=GIBIBYTE), Stopped)


def test_where_processes_cannot_be_copied_the_function_runs_here(monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    seen = []
    isolated(lambda: seen.append(1), seconds=1, memory=GIBIBYTE)
    assert seen == [1]


def test_an_interrupt_of_this_process_ends_the_other(tmp_path):
    mark = tmp_path / "alive"

    def lasts():
        time.sleep(1)
        mark.touch()

    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    with pytest.raises(KeyboardInterrupt):
        isolated(lasts, seconds=20, memory=GIBIBYTE)
    time.sleep(1)
    assert not mark.exists()


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_a_check_of_code_that_needs_too_much_memory_cannot_tell(where):
    def large(x):
        return np.ones(10**11)[: len(x)] * x

    pair = (large, lambda dout, x: dout)
    if where == "backward":
        pair = (np.negative, lambda dout, x: large(dout))
    verdict = check(*pair, "x: N")
    assert verdict.status is Status.CANNOT_TELL
    assert verdict.witness == "the code needed more than 2 GiB of memory"


def test_random_numbers_with_a_seed_are_drawn_while_exact_numbers_run():
    def forward(x):
        np.random.seed(0)  # noqa: NPY002  as people write it
        mask = np.random.rand(*x.shape) > 0.5  # noqa: NPY002
        noise = np.random.default_rng(0).normal(size=x.shape)
        return x * mask * noise, mask * noise

    assert check(forward, lambda dout, kept: dout * kept, "x: N D").status is Status.PROVED
