"""Exercises that ask for code: a backward pass, or the derivative of an activation.

The forward pass is given.  The answer is judged by `backproof.check`, on exact numbers and in every
region, and by nothing else: there is no list of accepted answers.
"""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backproof.exercises.answers import Answer, right, wrong

Function = Callable[..., Any]

MENDED = " Its transpose fits"
"""Where a witness goes on to say how to mend what it shows, which the reader is to find."""


@dataclass(frozen=True, slots=True)
class Code:
    """A backward pass for `forward`, whose inputs are declared as for `check`."""

    forward: Function
    model: Function
    inputs: str
    wrong: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    expected = "a Python function, such as .answer(backward)"

    @property
    def answers(self) -> tuple[Function, ...]:
        """The model answer."""
        return (self.model,)

    def accepts(self, answer: Any) -> bool:
        """Return whether an answer is of the kind that can be judged."""
        return callable(answer)

    def judge(self, answer: Function) -> Answer:
        """Judge a backward pass."""
        from backproof import check

        return _answer(check(self.forward, answer, self.inputs))

    def details(self) -> list[str]:
        """Return the forward pass, below the question."""
        return [_block(source(self.forward))]

    def solution(self) -> str:
        """Return the source of the model answer."""
        return source(self.model)


@dataclass(frozen=True, slots=True)
class Slope(Code):
    """The derivative of an activation: a function of z that acts on each entry by itself."""

    expected = "a Python function of z, such as .answer(lambda z: 2 * z)"

    def judge(self, answer: Function) -> Answer:
        """Judge a derivative, as the backward pass that multiplies by it."""

        def backward(dout: Any, z: Any) -> Any:
            return dout * answer(z)

        return Code.judge(self, backward)


def source(function: Function) -> str:
    """Return the source of a function."""
    return textwrap.dedent(inspect.getsource(function)).rstrip()


def _block(code: str) -> str:
    return f"```python\n{code}\n```"


def _answer(judgement: Any) -> Answer:
    """Return what was established; of a mistake its name and its witness, but not its mend."""
    said = f"{judgement.status}, {judgement.claim}\nscope: {judgement.scope}"
    if judgement:
        return right("\n".join([said, *judgement.conventions]))
    witness = judgement.witness.partition(MENDED)[0]
    return wrong(said + (f"\nwitness: {witness}" if witness else ""), judgement.cause)
