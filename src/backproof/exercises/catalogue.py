"""The exercises as they are written down, a file in chapters/ for each chapter of the book."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from backproof.exercises.codes import Code, Slope
from backproof.exercises.exercise import Exercise, Task
from backproof.exercises.formulas import Formula
from backproof.exercises.values import Choice, Example, Value


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the book with its exercises; `page` is the name of its page."""

    number: int
    title: str
    page: str
    exercises: tuple[Exercise, ...]


class Catalogue(tuple[Chapter, ...]):
    """All chapters; prints the numbers and titles of the exercises."""

    __slots__ = ()

    def __repr__(self) -> str:
        lines = []
        for chapter in self:
            lines.append(f"{chapter.number}  {chapter.title}")
            lines += [f"   {each.number}  {each.title}" for each in chapter.exercises]
        return "\n".join([*lines, "", 'exercise("1.1") shows one of them.'])


def exercises() -> Catalogue:
    """Return all exercises by chapter; printed, the list of their titles.

    >>> from backproof.exercises import exercises
    >>> print(exercises()[0].title)
    Notation
    """
    return _catalogue()


def exercise(number: str) -> Exercise:
    """Return the exercise with a number such as "3.2"; printed, its question.

    Raises ValueError if there is none, and TypeError for a number that is no string: 3.1 and 3.10
    would be the same.

    >>> from backproof.exercises import exercise
    >>> print(exercise("1.1").title)
    Two shapes
    """
    if not isinstance(number, str):
        raise TypeError(f'number must be a string, such as "3.2", but is {number!r}.')
    known = {each.number: each for chapter in _catalogue() for each in chapter.exercises}
    if number.strip() not in known:
        raise ValueError(f"there is no exercise {number!r}. {_near(number, known)}")
    return known[number.strip()]


def _near(number: str, known: Mapping[str, Exercise]) -> str:
    chapter = number.strip().partition(".")[0]
    same = [each for each in known if each.partition(".")[0] == chapter]
    if same:
        return f"Chapter {chapter} has {same[0]} to {same[-1]}."
    near = get_close_matches(number, known, n=3, cutoff=0)
    return f"Near it are {', '.join(near)}; exercises() lists all."


@cache
def _catalogue() -> Catalogue:
    folder = files("backproof.exercises") / "chapters"
    paths = sorted(folder.iterdir(), key=lambda path: path.name)
    texts = [path.read_text(encoding="utf-8") for path in paths if path.name.endswith(".toml")]
    return Catalogue(_chapter(k, tomllib.loads(text)) for k, text in enumerate(texts, start=1))


def _chapter(number: int, data: dict[str, Any]) -> Chapter:
    entries = enumerate(data["exercise"], start=1)
    page = data["page"]
    found = tuple(_exercise(f"{number}.{k}", page, dict(entry)) for k, entry in entries)
    return Chapter(number, data["title"], page, found)


def _exercise(number: str, page: str, entry: dict[str, Any]) -> Exercise:
    title, question = entry.pop("title"), entry.pop("question")
    hints, kind = tuple(entry.pop("hints")), entry.pop("kind")
    return Exercise(number, title, page, question, hints, _task(kind, entry))


KINDS: dict[str, Callable[..., Task]] = {
    "formula": Formula,
    "code": Code,
    "slope": Slope,
    "value": Value,
    "example": Example,
    "choice": Choice,
}
FUNCTIONS = ("forward", "model", "true", "judges")
"""What is named as module:function, of backproof.exercises.tasks."""


def _task(kind: str, entry: dict[str, Any]) -> Task:
    return KINDS[kind](**{key: _entry(key, value) for key, value in entry.items()})


def _entry(key: str, value: Any) -> Any:
    if key in FUNCTIONS:
        module, _, name = value.partition(":")
        return getattr(import_module(f"backproof.exercises.tasks.{module}"), name)
    return _tuples(value) if key in ("options", "given", "by") else _listed(key, value)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


def _listed(key: str, value: Any) -> Any:
    return tuple(value) if key in ("answers", "wrong") else value
