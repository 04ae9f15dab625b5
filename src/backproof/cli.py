"""The command line: `backproof check FILE…`, `backproof explain CODE`, and `backproof` alone.

Alone, in a terminal, it opens a session.  The exit status is 0 if every equation passed and at
least one was checked, 1 if not, and 2 if the command itself cannot be understood.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from backproof.equations.documents import SUFFIXES, Document, DocumentRefusal, read

if TYPE_CHECKING:
    from backproof.checking.report import Report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    if arguments is None and not sys.argv[1:] and sys.stdin.isatty():
        from backproof.repl import main as session

        session()
        return 0
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="backproof",
        description="Check the displayed equations of documents.",
        epilog="Without a command, in a terminal, it opens a session.",
    )
    parser.add_argument("--version", action="version", version=f"backproof {version('backproof')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="check the equations of documents")
    check.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="FILE",
        help=f"{', '.join(SUFFIXES)}, or a directory that is searched for them",
    )
    check.add_argument("--format", choices=("human", "json", "github"), default="human")
    check.add_argument("--verbose", action="store_true", help="also print what passed")
    check.set_defaults(run=_check, refuse=check.error)
    explain = commands.add_parser("explain", help="say what a code means")
    explain.add_argument("code", metavar="CODE", help="for example BP203")
    explain.set_defaults(run=_explain, refuse=explain.error)
    return parser


def _check(options: Namespace) -> int:
    for path in options.paths:
        if not path.exists():
            options.refuse(f"{path}: no such file or directory")
    report = checked([file for path in options.paths for file in files(path)])
    print(_printed(options, report))
    return 0 if report.passed else 1


def _printed(options: Namespace, report: "Report") -> str:
    from backproof import printing

    if options.format == "json":
        return printing.as_json(report)
    if options.format == "github":
        return printing.github(report)
    return printing.human(report, verbose=options.verbose)


def checked(paths: Sequence[Path]) -> "Report":
    """Read and check `paths`; what cannot be read is a problem of the report, not an end to it."""
    from backproof.checking.documents import check_documents

    documents: list[Document] = []
    unread: list[tuple[str, int, int, DocumentRefusal]] = []
    for path in paths:
        try:
            documents.append(read(path))
        except DocumentRefusal as refusal:
            unread.append((refusal.path, refusal.line, refusal.column, refusal))
    report = check_documents(documents)
    report.problems.extend(unread)
    return report


def files(path: Path) -> list[Path]:
    """Return `path`, or all documents below it if it is a directory, hidden ones excepted."""
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    return sorted(file for file in found if not _hidden(file.relative_to(path)))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _explain(options: Namespace) -> int:
    from backproof.equations.refusal import CODES
    from backproof.explanations import EXPLANATIONS

    code = options.code.upper()
    if code not in CODES:
        options.refuse(f"{options.code} is not a code; the codes are {', '.join(CODES)}")
    print(f"{code}: {CODES[code]}\n\n{EXPLANATIONS[code]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
