"""Our checker and others on the same backward passes: `make comparison`, or

    pip install -e '.[comparison]' && python benchmarks/comparison.py

The corpus is that of tests/backward_corpus.  Others are given ordinary random float64 inputs, with
three seeds.  Writes docs/comparison.json, from which docs/comparison.md is made.  Takes a quarter
of an hour; with the names of checkers, such as "backproof check", it runs these alone.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from backward_corpus import Case, right_cases, wrong_cases  # noqa: E402  found on the path above
from backward_corpus.mutants import sample  # noqa: E402
from backward_corpus.numerics import error, quiet  # noqa: E402
from comparison_checkers import CHECKERS, Checker, Refused  # noqa: E402
from comparison_passes import FAMILY, Differentiable  # noqa: E402

from backproof import check  # noqa: E402

RECORD = ROOT / "docs" / "comparison.json"
SEEDS = (1, 2, 3)
MUTANTS = 160
SEEN = 1e-6
OURS = "backproof check"
SHOWN = {
    "softmax: diagonal only": "Of the Jacobian of a softmax, only the diagonal is used.",
    "cross-entropy: mean not divided": "The loss is a mean, and its gradient that of the sum.",
    "mlp: no mask": "The ReLU between two layers has no mask on the way back.",
    "linear: db keeps the axis": "The gradient of a bias (M,) has shape (1, M).",
    "dout multiplied in place": "The numbers are right, but dout is changed by the call.",
}
"""The mistakes for which the messages are shown, with what they are."""


@dataclass
class Tally:
    """What one checker did: names of cases, and seconds for each call."""

    how: str
    package: str
    accepted: dict[str, list[str]]
    alarms: list[str] = field(default_factory=list)
    unable: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """Return it as the record has it."""
        return {
            "how": self.how,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "python": platform.python_version(),
            "version": f"{self.package} {version(self.package)}",
            "accepted": self.accepted,
            "alarms": self.alarms,
            "unable": self.unable,
            "milliseconds": round(1000 * statistics.median(self.seconds), 1),
            "messages": self.messages,
        }


def groups() -> dict[str, list[Case]]:
    """Return the cases: right, and wrong by what shows that they are.

    A wrong one is visible if at every seed its gradient is not that of central differences.
    Cases that are wrong by a convention only, which is allowed at a kink, are in no group.
    """
    found: dict[str, list[Case]] = {"right": list(right_cases())}
    found |= {"visible": [], "elsewhere": [], "side effects": []}
    wrong = [case for case in wrong_cases() if not case.convention]
    for case in (*wrong, *(mutant.case for mutant in sample(MUTANTS))):
        if case.cause in ("aliasing", "state"):
            found["side effects"].append(case)
        else:
            far = min(error(case, FAMILY, seed) for seed in SEEDS)
            found["visible" if far > SEEN else "elsewhere"].append(case)
    return found


def timed(tally: Tally, call: Callable[[], Any]) -> Any:
    """Call, and note how long it took."""
    began = time.perf_counter()
    try:
        with quiet():
            return call()
    finally:
        tally.seconds.append(time.perf_counter() - began)


def ours(cases: dict[str, list[Case]]) -> Tally:
    """Judge all cases with `check`, which makes the inputs itself."""
    tally = Tally(
        "`check(forward, backward, inputs)` makes the inputs itself, so that it is run once.",
        "backproof",
        {group: [] for group in cases if group != "right"},
    )
    for group, members in cases.items():
        for case in members:
            verdict = timed(tally, partial(check, *case.arguments, **case.options))
            if group != "right":
                tally.accepted[group] += [case.name] if verdict else []
            elif not verdict:
                (tally.unable if verdict.status == "cannot tell" else tally.alarms).append(
                    case.name
                )
            if case.name in SHOWN:
                tally.messages[case.name] = str(verdict)
    return tally


def theirs(package: str, checker: Checker, cases: dict[str, list[Case]]) -> Tally:
    """Judge all cases with another checker, three times each."""
    how = " ".join((checker.__doc__ or "").split())
    tally = Tally(how, package, {group: [] for group in cases if group != "right"})
    for group, members in cases.items():
        for case in members:
            if group == "right":
                judge_right(tally, checker, case)
            elif judge_wrong(tally, checker, case):
                tally.accepted[group].append(case.name)
    return tally


def judge_right(tally: Tally, checker: Checker, case: Case) -> None:
    """Note a false alarm if one seed gives one."""
    for seed in SEEDS:
        try:
            timed(tally, lambda seed=seed: checker(Differentiable(case, seed)))
        except Refused:
            tally.alarms.append(case.name)
            return
        except Exception:  # noqa: BLE001  what cannot be run may fail in any way
            tally.unable.append(case.name)
            return


def judge_wrong(tally: Tally, checker: Checker, case: Case) -> bool:
    """Return whether a wrong case is accepted with one seed or more; note the first message."""
    messages = [message_of(tally, checker, case, seed) for seed in SEEDS]
    if case.name in SHOWN:
        tally.messages[case.name] = messages[0]
    return not all(messages)


def message_of(tally: Tally, checker: Checker, case: Case, seed: int) -> str:
    """Return what is said against a case, on fresh objects or on one that is kept, or nothing."""
    kept = (False, True) if case.backward is None else (False,)
    for persistent in kept:
        try:
            timed(tally, lambda p=persistent: checker(Differentiable(case, seed, persistent=p)))
        except Refused as refusal:
            return str(refusal)
        except Exception as failure:  # noqa: BLE001  to stop with an error is to refuse
            return f"{type(failure).__name__}: {failure}"
    return ""


def machine() -> str:
    """Return the processor's name and the number of cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores"


def tally_of(name: str, cases: dict[str, list[Case]]) -> Tally:
    """Judge all cases with the checker of this name."""
    return ours(cases) if name == OURS else theirs(*CHECKERS[name], cases)


def begun(cases: dict[str, list[Case]], *, again: bool) -> dict[str, Any]:
    """Return the record without any checker, or with those that have judged these cases before."""
    record: dict[str, Any] = {
        "seeds": len(SEEDS),
        "mutants": MUTANTS,
        "shown": SHOWN,
        "cases": {group: [case.name for case in members] for group, members in cases.items()},
        "checkers": {},
    }
    if again:
        before = json.loads(RECORD.read_text(encoding="utf-8"))
        if before["cases"] != record["cases"]:
            sys.exit("the corpus was changed since the others judged it: run all of them")
        record["checkers"] = before["checkers"]
    return record


def main(asked: list[str]) -> None:
    """Run the checkers that are asked for, or all, and write the record."""
    missing = sorted({package for package, _ in CHECKERS.values() if find_spec(package) is None})
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; pip install -e '.[comparison]'")
    with quiet():
        cases = groups()
    record = begun(cases, again=bool(asked))
    for name in (OURS, *CHECKERS):  # ours first: it forks, and later there are threads
        if name in asked or not asked:
            made = tally_of(name, cases).as_record()
            record["checkers"][name] = made
            counts = {group: len(names) for group, names in made["accepted"].items()}
            alarms, unable = len(made["alarms"]), len(made["unable"])
            print(f"{name}: accepted {counts}, false alarms {alarms}, not run {unable}", flush=True)
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
