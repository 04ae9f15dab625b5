"""Exercises that ask for numbers, for an example that shows something, or for a choice.

A number is held to one that the package computes while the answer is judged, by the passes
themselves or by a run on numbers that count; none is written down here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np

from backproof.exercises.answers import Answer, right, wrong
from backproof.exercises.formulas import Formula

TRUE, FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Value:
    """A number, or nested lists of numbers for an array, that `true` computes."""

    true: Callable[[], Any]
    answers: tuple[Any, ...]
    wrong: tuple[Any, ...] = field(default=(), repr=False)
    expected = "a number, or an array as nested lists, such as .answer([[1, 2], [3, 4]])"

    def accepts(self, answer: Any) -> bool:
        """Return whether an answer is of the kind that can be judged."""
        return _is_numeric(answer)

    def judge(self, answer: Any) -> Answer:
        """Compare every entry exactly, and the shape."""
        true, said = exact(self.true()), exact(answer)
        if true.shape != said.shape:
            return wrong(f"its shape is {_size(said)}.", _slip(true, said))
        if (true == said).all():
            return right(f"equal to what the code computes, {_count(true)}")
        place = tuple(int(index) for index in np.argwhere(true != said)[0])
        where = f"entry {list(place)}" if place else "the number"
        typed = np.array(answer, dtype=object)[place]  # 3.5, which is the fraction 7/2
        return wrong(f"{where} is not {typed}.", _slip(true, said))

    def details(self) -> list[str]:
        """Return nothing: the question says it all."""
        return []

    def solution(self) -> str:
        """Return the model answer."""
        return str(self.answers[0])


@dataclass(frozen=True, slots=True)
class Example:
    """Numbers that show something; `judges` says whether they do, and what was seen."""

    judges: Callable[[Any], Answer]
    answers: tuple[Any, ...]
    wrong: tuple[Any, ...] = field(default=(), repr=False)
    expected = Value.expected

    def accepts(self, answer: Any) -> bool:
        """Return whether an answer is of the kind that can be judged."""
        return _is_numeric(answer)

    def judge(self, answer: Any) -> Answer:
        """Try the example."""
        return self.judges(exact(answer))

    def details(self) -> list[str]:
        """Return nothing: the question says it all."""
        return []

    def solution(self) -> str:
        """Return the model answer."""
        return str(self.answers[0])


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of some equations are true; each is proved or refuted when an answer is judged."""

    options: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]
    given: tuple[str, ...] = ()
    wrong: tuple[str, ...] = field(default=(), repr=False)
    expected = 'the letters of those that are true, such as .answer("a, c")'

    def accepts(self, answer: Any) -> bool:
        """Return whether an answer is of the kind that can be judged."""
        return isinstance(answer, str) and re.fullmatch(r"[a-z]?([ ,]*[a-z])*", answer) is not None

    def judge(self, answer: str) -> Answer:
        """Compare the letters with what the checker says of each equation."""
        chosen = set(re.findall(r"[a-z]", answer))
        verdicts = {letter: self._judged(letter) for letter in self.letters}
        false = [letter for letter in chosen if not verdicts.get(letter)]
        if false:
            return wrong(f"({min(false)}) is not true: {_why(verdicts.get(min(false)))}")
        if any(verdict and letter not in chosen for letter, verdict in verdicts.items()):
            return wrong("what you chose is true, but it is not all that is.")
        return right(f"proved: {', '.join(sorted(chosen))}; the others are refuted")

    @property
    def letters(self) -> str:
        """The letters of the options, in order."""
        return "abcdefgh"[: len(self.options)]

    def details(self) -> list[str]:
        """Return the options, below the question."""
        pairs = zip(self.letters, self.options, strict=True)
        return ["\n".join(f"- ({letter}) ${left} = {side}$" for letter, (left, side) in pairs)]

    def solution(self) -> str:
        """Return the model answer."""
        return self.answers[0]

    def _judged(self, letter: str) -> Answer:
        left, side = self.options[self.letters.index(letter)]
        return Formula(left, (side,), self.given).holds()


def _why(judged: Answer | None) -> str:
    return judged.established.partition("\n")[0] if judged is not None else "it is no choice."


def exact(numbers: Any) -> np.ndarray[Any, Any]:
    """Return numbers as an array of fractions; a float is the decimal that Python prints for it."""
    array = np.array(numbers, dtype=object)
    return np.array(np.frompyfunc(_fraction, 1, 1)(array), dtype=object)


def _fraction(number: Any) -> Fraction:
    return Fraction(repr(float(number))) if isinstance(number, float) else Fraction(number)


def _is_numeric(answer: Any) -> bool:
    try:
        array = np.array(answer, dtype=object)
    except ValueError:  # lists of unequal lengths
        return False
    return all(isinstance(number, Real) and number == number for number in array.flat)  # noqa: PLR0124


def _slip(true: Any, said: Any) -> str:
    """Return a slip that explains the difference, or nothing."""
    if true.shape != said.shape:
        flipped = true.ndim == 2 and true.T.shape == said.shape and (said == true.T).all()
        return "a transpose" if flipped else ""
    if true.ndim == 2 and true.shape == true.T.shape and (said == true.T).all():
        return "a transpose"
    if (said == -true).all():
        return "a sign"
    if (said == 2 * true).all() or (2 * said == true).all():
        return "a factor 2"
    on = true != 0
    return "a mask" if true.ndim == 2 and on.any() and (said == true)[on].all() else ""


def _size(array: Any) -> str:
    return " × ".join(map(str, array.shape)) or "that of a number"


def _count(array: Any) -> str:
    return f"in all {array.size} entries" if array.size > 1 else "exactly"
