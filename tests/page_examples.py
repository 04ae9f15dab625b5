"""Run every example on a page: one item a page, one namespace a page, in file order.

An example is a ```pycon fence. Every other line is blanked and the rest is given to doctest, so
file and line numbers are true by construction. What looks like an example and would never run is
an error, and the closing line says how many examples ran.
"""

import doctest
import re
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

PAGES = ("docs", "README.md")
FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
# Markdown lets quotes, bullets, numbers, definitions and comments stand before the text of a line.
PROMPT = re.compile(r"(?:\s|[->*+:%]\s|\d+[.)]\s)*>>>(?:\s|$)")
RAN = "examples that ran"


class PageError(Exception):
    """A page holds an example that would never run."""

    def __init__(self, path, number, what):
        super().__init__(f"{path}:{number}: {what}")


class ExampleError(Exception):
    """An example did not print what its page says."""


class Fence(NamedTuple):
    """An open fence. What a directive holds is Markdown again; anything else is literal."""

    mark: str
    info: str
    number: int

    @property
    def is_example(self):
        return self.info == "pycon"

    @property
    def is_literal(self):
        return not self.info.startswith("{")

    def closed_by(self, match):
        return match["mark"].startswith(self.mark) and not match["info"].strip()


def examples_only(path, text):
    """Blank every line of a page that stands outside its pycon fences."""
    kept, fences = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        match = FENCE.match(line)
        if match:
            step(fences, match, path, number)
        example = bool(fences) and fences[-1].is_example and not match
        if PROMPT.match(line) and not example:
            raise PageError(path, number, "this >>> stands outside a pycon fence: it never runs")
        kept.append(line if example else "")
    if fences:
        raise PageError(path, fences[-1].number, "this fence is never closed")
    return "\n".join(kept)


def step(fences, match, path, number):
    """Open or close a fence, as this line says."""
    if fences and fences[-1].closed_by(match):
        fences.pop()
    elif fences and fences[-1].is_example:
        raise PageError(path, number, f"the fence of line {fences[-1].number} is still open")
    elif not (fences and fences[-1].is_literal):
        fences.append(Fence(match["mark"], match["info"].strip(), number))


def refuse_skips(path, test):
    for example in test.examples:
        if example.options.get(doctest.SKIP):
            number = (test.lineno or 0) + example.lineno + 1
            raise PageError(path, number, "+SKIP: an example that does not run is not shown")


class LocatedRunner(doctest.DocTestRunner):
    """Start each report with path:line, which editors and terminals turn into a link."""

    def report_failure(self, out, test, example, got):
        out(f"{test.filename}:{example.lineno + 1}: the output differs\n")
        super().report_failure(out, test, example, got)

    def report_unexpected_exception(self, out, test, example, exc_info):
        out(f"{test.filename}:{example.lineno + 1}: {exc_info[0].__name__}\n")
        super().report_unexpected_exception(out, test, example, exc_info)


class Page(pytest.File):
    def collect(self):
        path = self.path.relative_to(self.config.rootpath).as_posix()
        text = examples_only(path, self.path.read_text(encoding="utf-8"))
        names = {"__name__": "__main__"}
        test = doctest.DocTestParser().get_doctest(text, names, path, path, 0)
        refuse_skips(path, test)
        if test.examples:
            yield PageItem.from_parent(self, name=self.path.stem, test=test)

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, PageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class PageItem(pytest.Item):
    def __init__(self, *, test, **kwargs):
        super().__init__(**kwargs)
        self.dtest = test

    def runtest(self):
        flags = doctest.REPORT_UDIFF
        for name in self.config.getini("doctest_optionflags"):
            flags |= doctest.OPTIONFLAGS_BY_NAME[name]
        report = []
        LocatedRunner(verbose=False, optionflags=flags).run(self.dtest, out=report.append)
        if report:
            raise ExampleError("".join(report))

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, ExampleError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, self.dtest.examples[0].lineno, self.dtest.filename


def pytest_collect_file(file_path, parent):
    pages = [parent.config.rootpath / name for name in PAGES]
    if file_path.suffix == ".md" and any(file_path.is_relative_to(page) for page in pages):
        return Page.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(tryfirst=True)  # pytest itself skips a docstring whose examples are all skipped
def pytest_runtest_setup(item):
    if isinstance(item, pytest.DoctestItem):
        try:
            refuse_skips(item.dtest.filename, item.dtest)
        except PageError as error:
            pytest.fail(str(error), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    finally:
        if isinstance(item, PageItem | pytest.DoctestItem):
            where = "pages" if isinstance(item, PageItem) else "docstrings"
            item.user_properties.append((RAN, (where, len(item.dtest.examples))))


def pytest_terminal_summary(terminalreporter, config):
    ran = counted(terminalreporter)
    if ran or expects_examples(config):
        terminalreporter.write_line(
            f"examples: {ran['examples']} on {ran['pages']} pages "
            f"and in {ran['docstrings']} docstrings, all run"
        )


def pytest_sessionfinish(session):
    # A run that was to show the examples and showed none is no success.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and expects_examples(session.config) and not counted(reporter)["pages"]:
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def counted(reporter):
    """Count what ran from the reports, which reach the terminal from every process."""
    ran = Counter()
    for report in chain.from_iterable(reporter.stats.values()):
        if getattr(report, "when", None) == "call":
            for name, value in report.user_properties:
                if name == RAN:
                    where, examples = value
                    ran.update({"examples": examples, where: 1})
    return ran


def expects_examples(config):
    """Whether the pages were asked for, whole."""
    narrowed = config.option.keyword or config.option.markexpr or config.option.collectonly
    asked = [config.rootpath / arg.partition("::")[0] for arg in config.args]
    pages = [config.rootpath / name for name in PAGES]
    return not narrowed and any(
        page.is_relative_to(path) or path.is_relative_to(page)
        for path in (Path(arg).resolve() for arg in asked)
        for page in pages
    )
