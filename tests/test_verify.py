"""`python -m backproof.verify` says how many checks hold, and fails unless all do."""

import subprocess
import sys

import pytest

from backproof import verify
from backproof.checking.verdict import Status, Verdict

HOLDS = [Verdict(Status.PROVED, "a", "all"), Verdict(Status.AGREES, "b", "here")]
FAILS = [Verdict(Status.DIFFERS, "c", "all", "at 0"), Verdict(Status.CANNOT_TELL, "d", "all")]


def test_every_check_holds():
    """The command exits 0, and its last line counts as many checks as it printed."""
    run = subprocess.run(
        [sys.executable, "-m", "backproof.verify"], capture_output=True, text=True, check=False
    )
    lines = run.stdout.splitlines()
    held = sum(line.startswith(("proved:", "agrees:")) for line in lines)

    assert (run.returncode, run.stderr) == (0, "")
    assert lines[-1] == f"{held} of {held} checks hold."
    assert held >= 20


@pytest.mark.parametrize("failing", FAILS, ids=lambda verdict: str(verdict.status))
def test_one_check_that_fails_is_a_failure(failing, monkeypatch, capsys):
    """The exit code is 1 if a single verdict is neither proved nor agrees; the others still run."""
    monkeypatch.setattr(verify, "verdicts", lambda: iter([HOLDS[0], failing, HOLDS[1]]))

    assert verify.main() == 1
    assert capsys.readouterr().out.endswith("\n2 of 3 checks hold.\n")


def test_nothing_checked_is_a_failure(monkeypatch, capsys):
    """An empty run exits 1: no verdict is no success."""
    monkeypatch.setattr(verify, "verdicts", lambda: iter([]))

    assert verify.main() == 1
    assert capsys.readouterr().out == "\n0 of 0 checks hold.\n"


def test_what_holds_is_printed_and_is_a_success(monkeypatch, capsys):
    """The exit code is 0 where all hold, and every verdict is printed with its scope."""
    monkeypatch.setattr(verify, "verdicts", lambda: iter(HOLDS))

    assert verify.main() == 0
    assert capsys.readouterr().out == (
        "proved: a\n  scope: all\nagrees: b\n  scope: here\n\n2 of 2 checks hold.\n"
    )


@pytest.mark.parametrize(
    ("verdict", "holds"),
    [*((v, True) for v in HOLDS), *((v, False) for v in FAILS)],
    ids=lambda v: str(getattr(v, "status", v)),
)
def test_a_verdict_is_true_where_its_claim_holds(verdict, holds):
    """Proved and agrees are true, differs and cannot tell are not."""
    assert bool(verdict) is holds


def test_a_verdict_prints_its_witness():
    """Status, claim, scope, and the witness if there is one."""
    assert str(FAILS[0]) == repr(FAILS[0]) == "differs: c\n  scope: all\n  witness: at 0"
    assert str(FAILS[1]) == "cannot tell: d\n  scope: all"
