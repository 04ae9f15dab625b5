"""Exercises that ask for a formula: the answer is proved equal to the derivative, or refused.

An answer is not compared with a model answer.  It is read as the right side of an equation whose
left side is what was asked, and that equation is judged like any other of the book.  What was asked
may not stand on the right as well, so only the derivatives that an exercise allows may be used.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from backproof.checking.documents import check_equation, declared, parsed
from backproof.checking.report import CHECKED, Result
from backproof.checking.stated import _formula
from backproof.equations import tree
from backproof.equations.documents import Equation
from backproof.equations.refusal import Refusal, caret
from backproof.equations.vocabulary import Vocabulary
from backproof.exercises.answers import Answer, right, wrong
from backproof.exercises.readable import readable

EXPECTED = r'a formula: LaTeX in a raw string, such as .answer(r"W_k^T x_k")'

MISTAKES = (
    (r"\\frac\{1\}\{N\}.*left out", "a mean for a sum"),
    (r"mathbb\{I\}.*left out", "a mask too many"),
    (r"transposed|^True if it is `.*\^\{\\mathsf T\} ", "a transpose"),
    (r"order is|matrix product `", "the order of a product"),
    (r"product is", "a pointwise product for a matrix product, or the reverse"),
    (r"left out", "a factor too many"),
    (r"sign|subtracted|added|it is `.*-", "a sign"),
    (r"condition", "the condition of the indicator"),
    (r"(by|of) N\.", "a mean for a sum, or the reverse"),
    (r"multiplied by", "a constant factor"),
    (r"summed over", "the sum over the batch"),
    (r"masked|pointwise by", "the derivative of the activation is missing"),
    (r"'\[", "a function for its derivative, or the reverse"),
    (r"` is `", "an index"),
)
"""What the mend of a false equation says about the slip, in words that do not give the mend."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula for `left`, in the letters that `given` declares, by the derivatives in `by`."""

    left: str
    answers: tuple[str, ...]
    given: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    wrong: tuple[str, ...] = field(default=(), repr=False)
    expected = EXPECTED

    def holds(self) -> Answer:
        """Judge the model answer itself, without a search for what would make it true."""
        return _answer(_checked(self._model, _vocabulary(self.given), mends=False))

    def accepts(self, answer: Any) -> bool:
        """Return whether an answer is of the kind that can be judged."""
        return isinstance(answer, str)

    def judge(self, answer: str) -> Answer:
        """Judge a right side, or a whole equation, in LaTeX."""
        vocabulary = _vocabulary(self.given)
        try:
            source = self._equation(_formula(answer), vocabulary)
        except _Unfit as unfit:
            return wrong(str(unfit))
        except Refusal as refusal:
            return _refused(refusal, answer)
        result = _checked(source, vocabulary)
        missing = self._held_for() - _reach(result)
        if result.passed and missing:
            return wrong(f"true, but asked is {' and '.join(sorted(missing))}: {result.scope}.")
        return _answer(result)

    def details(self) -> list[str]:
        """Return what an answer begins with and may be made of, below the question."""
        return [rf"Answer with the right side of  ${self.left} = \dots$"]

    def solution(self) -> str:
        """Return the model answer in plain text."""
        return self._model

    def _equation(self, answer: str, vocabulary: Vocabulary) -> str:
        """Return the equation that the answer claims."""
        display = parsed(answer, vocabulary, {})
        if len(display.chains) != 1:
            raise _Unfit("one equation is asked for, or its right side alone.")
        if display.ranges:
            raise _Unfit("leave the range of the index away: every value is asked for.")
        (chain,) = display.chains
        sides = [step.side for step in chain.steps] or [chain.first]
        if chain.steps:
            _check_left(chain, self.left, vocabulary)
        self._check_right(sides[-1], vocabulary)
        return answer if chain.steps else f"{self.left} = {answer}"

    def _held_for(self) -> set[str]:
        """Return what the model answer holds for, such as every batch size."""
        return _reach(_checked(self._model, _vocabulary(self.given), mends=False))

    @property
    def _model(self) -> str:
        return f"{self.left} = {self.answers[0]}"

    def _check_right(self, side: tree.Node, vocabulary: Vocabulary) -> None:
        asked = _expression(self.left, vocabulary)
        allowed = [_expression(each, vocabulary) for each in self.by]
        known = {_whole(node) for each in allowed for node in _derivatives(each)}
        for node in side.walk():
            unknown = isinstance(node, tree.Derivative | tree.Prime) and _whole(node) not in known
            if node == asked or unknown:
                raise _Unfit(_instead(self.by))


class _Unfit(Exception):  # noqa: N818  it ends the reading of an answer
    """An answer to another question; the message says what was asked."""


def _instead(by: Iterable[str]) -> str:
    shown = ", ".join(readable(f"${each}$") for each in by)
    return (
        f"write it with no other derivative than {shown}."
        if shown
        else "write it without derivatives."
    )


def _checked(source: str, vocabulary: Vocabulary, *, mends: bool = True) -> Result:
    return check_equation(Equation(source, "answer", 1, 1), vocabulary.copy(), mends=mends)


def _reach(result: Result) -> set[str]:
    """Return the parts of a scope that say for what an equation was proved."""
    parts = re.split(r"[,;] ", result.scope)
    return {part for part in parts if part.startswith(("every", "each"))}


def _vocabulary(given: Iterable[str]) -> Vocabulary:
    vocabulary = Vocabulary()
    for line in ("layout: denominator", *given):
        declared(line, vocabulary, {})
    return vocabulary


def _expression(source: str, vocabulary: Vocabulary) -> tree.Node:
    return parsed(source, vocabulary, {}).chains[0].first


def _check_left(chain: tree.Chain, left: str, vocabulary: Vocabulary) -> None:
    """Refuse an equation about something else; an entry at free indices stands for the whole."""
    if any(step.relation != "=" for step in chain.steps):
        raise _Unfit("an equation is asked for, with =.")
    if not _same(chain.first, _expression(left, vocabulary), vocabulary):
        raise _Unfit(readable(f"the left side is to be ${left}$, or one entry of it."))


def _same(said: tree.Node, asked: tree.Node, vocabulary: Vocabulary) -> bool:
    if said == asked:
        return True
    if isinstance(said, tree.Derivative) and isinstance(asked, tree.Derivative):
        pairs = [(said.of, asked.of), (said.by, asked.by)]
    else:
        pairs = [(said, asked)]
    indices = [index for one, whole in pairs if one != whole for index in _entry(one, whole)]
    names = [index.name for index in indices if isinstance(index, tree.Name)]
    free = len(set(names)) == len(indices) and not set(names) & set(vocabulary.symbols)
    return bool(indices) and free


def _entry(said: tree.Node, whole: tree.Node) -> tuple[tree.Node | None, ...]:
    """Return the indices of an entry of `whole`; what is none has an index that is no letter."""
    is_entry = isinstance(said, tree.Script) and said.base == whole and said.sup is None
    return said.sub if isinstance(said, tree.Script) and is_entry else (None,)


def _derivatives(node: tree.Node) -> Iterator[tree.Node]:
    return (each for each in node.walk() if isinstance(each, tree.Derivative | tree.Prime))


def _whole(node: tree.Node) -> tree.Node:
    """Return a derivative of the whole loss by a whole array, for that of any part of them."""
    if not isinstance(node, tree.Derivative):
        return node
    return tree.Derivative(_example(node.of), _array(node.by), span=node.span)


def _example(of: tree.Node) -> tree.Node:
    return of.base if isinstance(of, tree.Script) and _is_loss(of.base) else _array(of)


def _is_loss(node: tree.Node) -> bool:
    return isinstance(node, tree.Name) and node.name == "L"


def _array(node: tree.Node) -> tree.Node:
    while isinstance(node, tree.Script) and isinstance(node.base, tree.Script):
        node = node.base
    return node


def _answer(result: Result) -> Answer:
    if result.outcome in CHECKED:
        scope = f"\nscope: {result.scope}" if result.scope else ""
        return right(f"{result.outcome}, {result.claim}{scope}")
    problem = result.problem
    if problem is None:
        return wrong(f"{result.outcome}: {result.claim}")
    return _refused(problem, result.equation.source)


def _refused(problem: Refusal, source: str) -> Answer:
    """Return what is wrong and where; how to write it, but not how to mend it."""
    lines = [problem.message, caret(source, problem.span)]
    if problem.mend and not problem.mend.startswith("True if"):
        lines.append(problem.mend)
    return wrong("\n".join(lines), _mistake(problem.mend))


def _mistake(mend: str) -> str:
    """Return the slip that a mend is for, or nothing."""
    found = (words for pattern, words in MISTAKES if re.search(pattern, mend))
    return next(found, "") if mend.startswith("True if") else ""
