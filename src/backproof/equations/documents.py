"""Documents: which displayed equations they hold, where each stands, what is declared about them.

A reader for each format (markdown, restructuredtext, tex, notebook) finds passages; here they
become a document in reading order.  Code is never read, and a file that is included by another
(`\\input`, `{include}`, `.. include::`) is a document of its own: name it too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from backproof.equations.refusal import Refusal
from backproof.equations.tree import Span

SUFFIXES = (".md", ".rst", ".tex", ".ipynb")
"""What can be read: Markdown, reStructuredText, LaTeX and notebooks."""

ABOUT_NEXT = re.compile(r"(expect|outside)\s*:\s*(.*)", re.DOTALL)


class DocumentRefusal(Refusal):
    """A document that is not accepted: `path`, `line` and `column` say where."""

    def __init__(
        self, code: str, message: str, place: tuple[str, int, int], mend: str = ""
    ) -> None:
        """Refuse what stands at `place`: path, line, column."""
        super().__init__(code, message, Span(0, 0), mend)
        self.path, self.line, self.column = place

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.code, self.message, (self.path, self.line, self.column), self.mend)


@dataclass(frozen=True, slots=True)
class Equation:
    r"""A displayed equation and its place.

    `source` is the LaTeX between the delimiters, letter for letter; blanks stand where TeX sees
    nothing (`\label{…}`, `\nonumber`, comments, definitions of macros).  `line` and `column`
    count from 1 and say where source[0] stands, `starts` the same for each line of it.
    `outside` is the author's reason why the equation is not checked.
    """

    source: str
    path: str
    line: int
    column: int
    label: str = ""
    expected_wrong: bool = False
    outside: str = ""
    starts: tuple[tuple[int, int], ...] = ()

    def locate(self, offset: int) -> tuple[int, int]:
        """Return the line and the column, in the file, of source[offset]."""
        row = self.source.count("\n", 0, offset)
        within = offset - (self.source.rfind("\n", 0, offset) + 1)
        line, column = self._start(row)
        return line, column + within

    def _start(self, row: int) -> tuple[int, int]:
        if row < len(self.starts):
            return self.starts[row]
        return self.line + row, self.column if row == 0 else 1


@dataclass(frozen=True, slots=True)
class Declaration:
    """One line that says how to read the equations after it, and its place."""

    text: str
    path: str
    line: int
    column: int


Item = Equation | Declaration


@dataclass(frozen=True, slots=True)
class Document:
    """Equations and declarations in reading order, and the author's macros as they are written."""

    path: str
    items: tuple[Item, ...]
    macros: str = ""

    @property
    def declarations(self) -> list[Declaration]:
        """The declarations alone, in reading order."""
        return [item for item in self.items if isinstance(item, Declaration)]

    @property
    def equations(self) -> list[Equation]:
        """The equations alone, in reading order."""
        return [item for item in self.items if isinstance(item, Equation)]


def read(path: Path, shown: str = "") -> Document:
    """Read the document at `path`, by its suffix; results call it `shown`, or else `path`.

    Raises DocumentRefusal if it cannot be read, or if a line about the next equation has none.
    """
    shown = shown or str(path)
    text = _text(path, shown)
    if path.suffix == ".md":
        from backproof.equations.markdown import passages
    elif path.suffix == ".rst":
        from backproof.equations.restructuredtext import passages
    elif path.suffix == ".tex":
        from backproof.equations.tex import passages
    else:
        from backproof.equations.notebook import passages
    items, macros = passages(text, shown)
    return assemble(shown, items, macros)


def _text(path: Path, shown: str) -> str:
    place = (shown, 1, 1)
    if path.suffix not in SUFFIXES:
        raise DocumentRefusal(
            "BP402",
            f"{path.suffix or 'a file without a suffix'} is not a format that is read.",
            place,
            f"Give one of {', '.join(SUFFIXES)}.",
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8."
        raise DocumentRefusal("BP402", message, place, "Save the file as UTF-8.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentRefusal("BP402", f"cannot be opened: {reason}.", place) from None


def assemble(path: str, items: Iterable[Item], macros: str = "") -> Document:
    """Return the document, with what is said of the next equation said of that equation.

    Raises DocumentRefusal if a reason is missing, or no equation follows.
    """
    kept: list[Item] = []
    waiting: list[Declaration] = []
    for item in items:
        if isinstance(item, Equation):
            kept.append(_told(item, waiting))
            waiting = []
        elif ABOUT_NEXT.fullmatch(item.text):
            waiting.append(item)
        else:
            kept.append(item)
    if waiting:
        _refuse(waiting[0], "BP206", "no equation follows.", "Put it before the one it is about.")
    return Document(path, tuple(kept), macros)


def _told(equation: Equation, lines: list[Declaration]) -> Equation:
    for line in lines:
        equation = _about(equation, line)
        if equation.expected_wrong and equation.outside:
            message = "an equation that is not checked cannot be shown to be wrong."
            _refuse(line, "BP206", message, "Keep one of `expect:` and `outside:`.")
    return equation


def _about(equation: Equation, line: Declaration) -> Equation:
    match = ABOUT_NEXT.fullmatch(line.text)
    key, value = match.groups() if match else ("", "")
    if key == "expect":
        if value.strip() != "wrong":
            _refuse(line, "BP206", f"`expect: {value}` says nothing.", "Write `expect: wrong`.")
        return replace(equation, expected_wrong=True)
    if not value.strip():
        message = "`outside:` leaves an equation unchecked without a reason."
        _refuse(line, "BP403", message, "Say why: `outside: a definition of the data`.")
    return replace(equation, outside=value.strip())


def _refuse(line: Declaration, code: str, message: str, mend: str) -> None:
    raise DocumentRefusal(code, message, (line.path, line.line, line.column), mend)
