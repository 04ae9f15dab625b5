"""Plant one mistake after another in the code that is proved: the book's examples must notice.

Each mutant of recursion.py, activations.py, losses.py, per_example.py and of the plan is held to
the examples on the pages alone; what they let through is held to the tests.  The plan stands on no
page, so for it the tests are enough.  A mutant that nothing can notice, because it computes the
same, is listed with its proof in equivalent_mutants.toml.
Exits 1 if another one survives the book, or if a listed one does not.

    python tests/mutants.py                       every mutant
    python tests/mutants.py recursion.backward    those of one function
"""

# ruff: noqa: T201  this script prints its report

import argparse
import ast
import contextlib
import doctest
import importlib
import os
import sys
import time
import tomllib
import warnings
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import page_examples
import planting
import pytest
import sympy
from mutations import Mutant, mutants

ROOT = Path(__file__).parent.parent
MODULES = (
    "recursion",
    "activations",
    "losses",
    "per_example",
    "planned.order",
    "planned.slots",
    "planned.activations",
    "planned.losses",
    "planned.sweep",
    "planned.signs",
)
# No line of it is shown, so that the tests may notice what the examples do not.
OFF_PAGE = "backproof.planned."
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
# They read files or start other processes, where nothing is planted.
NO_JUDGES = {"test_book.py", "test_mutants.py", "test_site.py", "test_verify.py"}
# What is slow to import is imported once, before the processes part.
PRELOADED = ("sklearn.datasets", "matplotlib.pyplot", "tqdm", "hypothesis")
# A mutant is killed that takes this many times longer than the right code, and this many seconds.
SLOWER, PATIENCE = 10, 20.0
LONGEST = 300.0


class GateError(Exception):
    """Nothing can be said about the mutants."""


class Judge(NamedTuple):
    """A page or a file of tests: `run` returns what went wrong, or nothing."""

    name: str
    run: Callable[[], str]
    seconds: float = 0.0
    lines: frozenset = frozenset()  # (module, line) of each statement that it runs

    def can_notice(self, mutant):
        return not mutant.line or (mutant.module, mutant.line) in self.lines


class Verdict(NamedTuple):
    """Which judge has killed a mutant, and with what report; none if it is alive."""

    mutant: Mutant
    killer: str = ""
    report: str = ""


def parsed():
    """Return the syntax of the modules that are proved, by their names."""
    sources = {name: ROOT / "src/backproof" / f"{name.replace('.', '/')}.py" for name in MODULES}
    return {f"backproof.{n}": ast.parse(path.read_text("utf-8")) for n, path in sources.items()}


def all_mutants(trees):
    """Return every mutant of these modules."""
    return [mutant for module, tree in trees.items() for mutant in mutants(module, tree)]


def book(paths):
    """Return a judge for each page that has examples."""
    judges = []
    for path in paths:
        text = page_examples.examples_only(path.name, path.read_text(encoding="utf-8"))
        names = {"__name__": "__main__"}
        test = doctest.DocTestParser().get_doctest(text, names, path.name, str(path), 0)
        if test.examples:
            judges.append(Judge(path.name, partial(run_examples, test)))
    return judges


def run_examples(test):
    """Run the examples up to the first that fails, with the settings that pytest has."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
    flags = doctest.FAIL_FAST
    for name in settings["doctest_optionflags"]:
        flags |= doctest.OPTIONFLAGS_BY_NAME[name]
    report = []
    with warnings.catch_warnings():
        warnings.simplefilter(*settings["filterwarnings"])
        doctest.DocTestRunner(verbose=False, optionflags=flags).run(test, out=report.append)
    return "".join(report)


def suite(paths):
    """Return a judge for each file of tests."""
    paths = [path for path in paths if path.name not in NO_JUDGES]
    return [Judge(path.name, partial(run_tests, path)) for path in paths]


class Failures(list):
    """A plugin that keeps what pytest says of each test that fails."""

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.append(f"{report.nodeid}\n{report.longreprtext}")


def run_tests(path):
    """Run the tests of one file up to the first that fails."""
    # Plain, because pytest cannot rewrite the assertions of what is imported already.
    options = ["--exitfirst", "--assert=plain", "-p", "no:cacheprovider"]
    failures = Failures()
    code = pytest.main([str(path), *options], plugins=[failures])
    return "" if code == pytest.ExitCode.OK else "\n".join([*failures, f"exit code {int(code)}"])


def measured(judges, trees):
    """Return the judges, quickest first, with their times and lines; all must be content."""
    marks = {module: planting.marked(module, tree) for module, tree in trees.items()}
    content = []
    jobs = deque(planting.Job(judge.run, marks, LONGEST, judge) for judge in judges)
    for job, outcome in planting.outcomes(jobs):
        if outcome.report:
            raise GateError(f"{job.about.name} fails without any mutant:\n{outcome.report}")
        content.append(job.about._replace(seconds=outcome.seconds, lines=outcome.lines))
    return sorted(content, key=lambda judge: judge.seconds)


def verdicts(planted, judges):
    """Yield the verdict on each mutant: the judges that run its line see it, quickest first."""
    jobs = deque()
    for mutant in planted:
        able = [judge for judge in judges if judge.can_notice(mutant)]
        if able:
            jobs.append(job(mutant, able))
        else:
            yield Verdict(mutant)
    for done, outcome in planting.outcomes(jobs):
        mutant, (judge, *others) = done.about
        if outcome.report:
            yield Verdict(mutant, judge.name, outcome.report)
        elif others:
            jobs.appendleft(job(mutant, others))
        else:
            yield Verdict(mutant)


def job(mutant, judges):
    """Return the job of showing a mutant to the first of these judges."""
    limit = max(PATIENCE, SLOWER * judges[0].seconds)
    return planting.Job(judges[0].run, {mutant.module: mutant.tree}, limit, (mutant, judges))


def fates(planted, trees, pages, tests):
    """Yield each mutant's fate, "book", "tests" or "alive", with the verdict behind it."""
    alive = []
    for verdict in with_progress(verdicts(planted, measured(pages, trees)), len(planted)):
        if verdict.killer:
            yield "book", verdict
        else:
            alive.append(verdict.mutant)
    tests = measured(tests, trees) if alive else []
    for verdict in with_progress(verdicts(alive, tests), len(alive)):
        yield "tests" if verdict.killer else "alive", verdict


def with_progress(found, total):
    """Yield what is found and say from time to time how far it is."""
    step = 1 if sys.stderr.isatty() else 100
    for number, item in enumerate(found, start=1):
        if number % step == 0 or number == total:
            end = "\r" if step == 1 and number < total else "\n"
            print(f"{number} of {total}", end=end, file=sys.stderr, flush=True)
        yield item


def proofs(path=EQUIVALENT):
    """Return, for each mutant that is said to compute the same, why it does."""
    entries = tomllib.loads(path.read_text("utf-8")).get("equivalent", [])
    listed = {(entry["in"], entry["old"], entry["new"]): entry["why"] for entry in entries}
    if len(listed) < len(entries) or not all(listed.values()):
        raise GateError(f"{path.name} lists a mutant twice, or without a reason.")
    return listed


def fault(fate, verdict, listed):
    """Return what is wrong with the fate of a mutant, or nothing."""
    if verdict.mutant.id in listed:
        told = f"listed as equivalent, but {verdict.killer} notices\n{verdict.report}"
        return "" if fate == "alive" else told
    if fate == "book" or (fate == "tests" and verdict.mutant.module.startswith(OFF_PAGE)):
        return ""
    return f"no example notices, {verdict.killer or 'and no test'} does"


def table(rows):
    """Return the counts of fates under each name, and their sum."""
    heads = {"book": "by the book", "tests": "by tests only", "alive": "alive"}
    lines = [" ".join(["killed".ljust(32), *(head.rjust(13) for head in heads.values())])]
    for name, counts in [*rows.items(), ("in all", sum(rows.values(), Counter()))]:
        lines.append(" ".join([name.ljust(32), *(f"{counts[fate]:13}" for fate in heads)]))
    return "\n".join(lines)


def report(found, listed, gone):
    """Print every fault and all counts; return how many faults there are."""
    faults = [f"listed as equivalent, but no mutant: {old}  ->  {new}" for _, old, new in gone]
    for fate, verdict in found:
        wrong = fault(fate, verdict, listed)
        if wrong:
            faults.append(f"{wrong}\n{verdict.mutant}")
    counts = {"module": {}, "slip": {}}
    for fate, verdict in found:
        for attribute, rows in counts.items():
            rows.setdefault(getattr(verdict.mutant, attribute), Counter())[fate] += 1
    for rows in counts.values():
        print(table(rows), end="\n\n")
    for text in faults:
        print(text, end="\n\n")
    slow = sum(verdict.report == planting.LATE for _, verdict in found)
    equivalent = sum(verdict.mutant.id in listed for _, verdict in found)
    print(
        f"{len(found)} mutants, {equivalent} of them equivalent, {slow} killed for their time: ",
        end="",
    )
    print(f"{len(faults)} faults" if faults else "the examples notice every other one.")
    return len(faults)


def prepare():
    """Import what is slow to import, once for all processes, none of which is to use threads."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "src"))
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    z = sympy.Symbol("z")
    sympy.simplify(sympy.log(1 + sympy.exp(z)).diff(z))  # of which half the time is for imports


def main(arguments):
    """Run the gate on the mutants that hold each of the arguments; return the exit status."""
    started = time.perf_counter()
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("only", nargs="*", help="only the mutants whose description holds this")
    only = options.parse_args(arguments).only
    prepare()
    trees = parsed()
    every = all_mutants(trees)
    chosen = [mutant for mutant in every if all(text in str(mutant) for text in only)]
    pages = book([ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))])
    if not pages or not chosen:
        raise GateError(f"{len(pages)} pages with examples, {len(chosen)} mutants: nothing to do")
    listed = proofs()
    gone = sorted(listed.keys() - {mutant.id for mutant in every})
    found = list(fates(chosen, trees, pages, suite(sorted(ROOT.glob("tests/test_*.py")))))
    faults = report(found, listed, gone)
    print(f"{time.perf_counter() - started:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except GateError as error:
        sys.exit(str(error))
