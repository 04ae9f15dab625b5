"""One exercise: its question, its hints, and the judge of its answers."""

import re
import textwrap
from dataclasses import dataclass
from typing import Any, Protocol

from backproof.exercises.answers import Answer
from backproof.exercises.readable import formula, readable


class Task(Protocol):
    """What is asked, and how an answer is judged."""

    @property
    def expected(self) -> str:
        """What kind of answer is judged, with an example."""

    def accepts(self, answer: Any) -> bool:
        """Return whether an answer is of the kind that can be judged."""

    def judge(self, answer: Any) -> Answer:
        """Judge an answer of that kind."""

    def details(self) -> list[str]:
        """Return what belongs to the question, in Markdown, and is made from what is given."""

    def solution(self) -> str:
        """Return the model answer: LaTeX, code, or numbers."""


class Shown(str):
    """Text that a session shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True, repr=False)
class Exercise:
    r"""An exercise, which prints its question; from `backproof.exercises.exercise`.

    `question` and `hints` are Markdown with formulas between dollars.

    >>> from backproof.exercises import exercise
    >>> exercise("1.1").answer([3, 5])
    right: equal to what the code computes, in all 2 entries
    """

    number: str
    title: str
    page: str
    question: str
    hints: tuple[str, ...]
    task: Task

    def answer(self, answer: Any) -> Answer:
        """Judge an answer; the result prints itself, and is true if the answer is right.

        Raises TypeError for an answer of another kind, such as code where a formula is asked.
        """
        if not self.task.accepts(answer):
            kind = type(answer).__name__
            raise TypeError(f"exercise {self.number} expects {self.task.expected}, not a {kind}.")
        return self.task.judge(answer)

    def hint(self, number: int = 1) -> Shown:
        """Return a hint, the first of which says least; none of them is the answer.

        Raises ValueError if there is no hint of this number.
        """
        if number not in range(1, len(self.hints) + 1):
            has = f"exercise {self.number} has hints 1 to {len(self.hints)}"
            raise ValueError(f"{has}, but number is {number!r}.")
        more = f"  ({number} of {len(self.hints)}: hint({number + 1}) says more)"
        return Shown(readable(self.hints[number - 1]) + (more if number < len(self.hints) else ""))

    def solution(self) -> Shown:
        """Return the model answer."""
        text = self.task.solution()
        return Shown(formula(text) if "\\" in text else text)

    @property
    def text(self) -> str:
        """The whole question in Markdown: what is given, and what is asked."""
        return "\n\n".join([self.question.strip(), *self.task.details()])

    def __str__(self) -> str:
        text = re.sub(r"```python\n(.*?)\n```", _indented, readable(self.text), flags=re.DOTALL)
        ways = "Answer with .answer(...); .hint() helps, .solution() shows a model answer."
        return f"{self.number}  {self.title}\n\n{text}\n\n{ways}"

    __repr__ = __str__


def _indented(block: re.Match[str]) -> str:
    return textwrap.indent(block[1], "    ")
