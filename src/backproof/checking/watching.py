"""Watch the running code: what each labelled line computed, and from what.

A line of code that ends in the label of an equation is watched while it runs.  What it is about
to use is taken down before it runs, what it has computed after; nothing is transcribed.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

TAG = re.compile(r"\S  # ([a-z]+(?:-[a-z]+)*)$")


@dataclass(frozen=True, slots=True)
class Observed:
    """What one labelled line computed: its value, and the names it could use."""

    label: str
    place: str
    value: Any
    names: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line of code; `target` is what it assigns to, or None where it returns."""

    label: str
    place: str
    target: ast.expr | None


@cache
def labelled_lines(package: str) -> dict[tuple[str, int], Line]:
    """Return the labelled lines of a package, by file and line number."""
    found: dict[tuple[str, int], Line] = {}
    root = Path(str(import_module(package).__file__)).parent
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        labels = {
            number: match[1]
            for number, line in enumerate(text.splitlines(), start=1)
            if (match := TAG.search(line))
        }
        targets = _targets(text) if labels else {}
        for number, label in labels.items():
            place = f"{path.relative_to(root.parent).as_posix()}:{number}"
            found[str(path), number] = Line(label, place, targets.get(number))
    return found


def _targets(text: str) -> dict[int, ast.expr]:
    targets: dict[int, ast.expr] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign):
            targets[node.lineno] = node.targets[0]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets[node.lineno] = node.target
        elif isinstance(node, ast.Expr):
            targets[node.lineno] = node.value
    return targets


@contextmanager
def watched(package: str) -> Iterator[list[Observed]]:
    """Collect what the labelled lines of `package` compute while the block runs."""
    lines = labelled_lines(package)
    files = {file for file, _ in lines}
    seen: list[Observed] = []

    def enter(frame: FrameType, _event: str, _arg: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        is_own = code.co_filename in files and not code.co_name.startswith("<")  # no <genexpr>
        return _watcher(lines, seen) if is_own else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield seen
    finally:
        sys.settrace(before)


def _watcher(lines: dict[tuple[str, int], Line], seen: list[Observed]) -> Callable[..., Any]:
    waiting: list[tuple[Line, dict[str, Any]]] = []

    def watch(frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        if waiting and event in ("line", "return"):
            line, names = waiting.pop()
            value = arg if line.target is None else _value(line.target, frame.f_locals)
            seen.append(Observed(line.label, line.place, value, names))
        line_here = lines.get((frame.f_code.co_filename, frame.f_lineno))
        if event == "line" and line_here is not None:
            waiting.append((line_here, _copied(frame.f_locals)))
        return watch

    return watch


def _copied(names: dict[str, Any]) -> dict[str, Any]:
    """Return the names as they are now; lists and arrays are filled while the code runs on."""
    return {
        name: value.copy() if isinstance(value, list | np.ndarray) else value
        for name, value in names.items()
    }


def _value(target: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(target, ast.Name):
        return names[target.id]
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        index = target.slice
        key = index.value if isinstance(index, ast.Constant) else names[ast.unparse(index)]
        return names[target.value.id][key]
    raise TypeError(f"a labelled line: {ast.unparse(target)} is not watched")
