"""Each displayed equation is a test: `pytest --backproof 'notes/*.md'`.

Asked for by the ini option `backproof_documents`, patterns relative to the root, or by the command
line, patterns relative to where it is typed.  Without either nothing is collected or imported.
A document is read when it is collected and checked when the first of its equations runs.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from backproof.checking.report import Report
    from backproof.equations.documents import Document

DOCUMENTS = pytest.StashKey[frozenset[Path]]()


class FailedCheckError(Exception):
    """What is wrong, in the words of the report."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--backproof` and `backproof_documents`."""
    text = "documents whose equations are checked, as patterns"
    parser.addini("backproof_documents", text, type="args", default=[])
    group = parser.getgroup("backproof", "equations of documents")
    group.addoption("--backproof", action="append", default=[], metavar="GLOB", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Find the documents that are asked for, and have them collected."""
    named = _found(config.getini("backproof_documents"), config.rootpath)
    typed = _found(config.getoption("--backproof"), config.invocation_params.dir)
    config.stash[DOCUMENTS] = frozenset(named | typed)
    narrowed = config.args_source is pytest.Config.ArgsSource.ARGS
    wanted = typed if narrowed else named | typed
    given = [(config.invocation_params.dir / each.partition("::")[0]) for each in config.args]
    new = (path for path in wanted if not any(path.is_relative_to(each) for each in given))
    config.args.extend(map(str, sorted(new)))


def _found(patterns: Iterable[str], root: Path) -> set[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        files = {path for path in root.glob(pattern) if path.is_file()}
        if not files:
            raise pytest.UsageError(f"backproof: {pattern} matches no file below {root}")
        found |= files
    return found


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "DocumentFile | None":
    """Collect a document that was asked for."""
    if file_path in parent.config.stash[DOCUMENTS]:
        return DocumentFile.from_parent(parent, path=file_path)
    return None


class DocumentFile(pytest.File):
    """A document: an item for each equation, and one for what concerns them all."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the items; an equation is named by its label or its line."""
        names = Counter[str]()
        for number, equation in enumerate(self.document.equations):
            name = f"eq {equation.label or f'line {equation.line}'}"
            names[name] += 1
            name += f" ({names[name]})" if names[name] > 1 else ""
            yield EquationItem.from_parent(self, name=name, number=number)
        yield WholeItem.from_parent(self, name="document")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], _style: Any = None) -> Any:
        """Say where a document that cannot be read stops."""
        from backproof.equations.documents import DocumentRefusal
        from backproof.printing import Failure

        error = excinfo.value
        if isinstance(error, DocumentRefusal):
            return str(Failure(error.path, error.line, error.column, error))
        return super().repr_failure(excinfo)

    @cached_property
    def document(self) -> "Document":
        """The document; its path is shown as the path of a test is."""
        from backproof.equations.documents import read

        root = self.config.rootpath
        shown = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        return read(self.path, shown=shown.as_posix())

    @cached_property
    def report(self) -> "Report":
        """What became of the equations, checked once."""
        from backproof.checking.documents import check_document

        return check_document(self.document)


class BackproofItem(pytest.Item):
    """An item that fails with the words of the report, without a traceback."""

    parent: DocumentFile

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the words of the report."""
        if isinstance(excinfo.value, FailedCheckError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class EquationItem(BackproofItem):
    """One equation."""

    def __init__(self, *, number: int, **kwargs: Any) -> None:
        """Remember which equation of the document this is."""
        super().__init__(**kwargs)
        self.number = number

    def runtest(self) -> None:
        """Fail if the equation does."""
        from backproof.printing import failure

        wrong = failure(self.parent.report.results[self.number])
        if wrong:
            raise FailedCheckError(str(wrong))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the equation stands."""
        line = self.parent.document.equations[self.number].line
        return self.path, line - 1, self.name


class WholeItem(BackproofItem):
    """What is wrong outside the equations, and that something was checked."""

    def runtest(self) -> None:
        """Fail if a declaration cannot be read, or nothing was checked."""
        from backproof.printing import Failure, advice, nothing_checked

        report = self.parent.report
        wrong = [str(Failure(*problem)) for problem in report.problems]
        if nothing_checked(report):
            wrong.append(f"{self.nodeid}: BP401 nothing was checked: {advice(report)}")
        if wrong:
            raise FailedCheckError("\n".join(wrong))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the document."""
        return self.path, 0, self.name
