"""One claim, as one states it in a session: an equation in LaTeX, or a formula in Python."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from backproof.checking.documents import check_document
from backproof.checking.report import Outcome, Result
from backproof.equations.documents import Declaration, Equation, assemble
from backproof.printing import failure

_DELIMITED = re.compile(
    r"\s*(?P<open>\$\$?|\\\[|\\\()(?P<formula>.*?)(?:\$\$?|\\\]|\\\))\s*", re.DOTALL
)

_LOST = re.compile(r"[\a\b\v\f\r]|\t(?=heta|au|imes|ext|anh|op\b|ilde)|\n(?=abla|u\b|eq?\b)")
"""What is left of \\alpha, \\beta, \\frac, \\rho, \\theta, \\nabla in a string that is not raw."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of an equation; it prints the verdict, with a witness where it is false.

    `bool(judged)` is true if the equation is proved or agrees.
    """

    result: Result

    def __bool__(self) -> bool:
        return self.result.passed and self.result.checked

    def __str__(self) -> str:
        wrong = failure(self.result)
        if wrong:
            return f"{self.result.outcome}: {wrong.text}"
        lines = [f"{self.result.outcome}: {self.result.claim}"]
        if self.result.scope:
            lines.append(f"  scope: {self.result.scope}")
        if self.result.outcome is Outcome.TAKEN:
            lines.append("  Nothing was checked: it says what a letter means.")
        return "\n".join(lines)

    __repr__ = __str__


def claim(stated: str | Callable[..., Any], *given: Any, wrt: str | Sequence[str] = ()) -> Any:
    r"""Judge one claim: an equation in LaTeX, or a backward pass in Python.

    An equation may be followed by declarations, one a string, as in `backproof check`.  A function
    is followed by the forward function and the declaration of its inputs, as in `check`; `wrt` says
    which gradients it gives.  The result prints itself, and is true if the claim holds.

    Raises ValueError for a declaration that cannot be read, and for a string that is not raw, in
    which \frac has lost its f.

    >>> from backproof.checking.stated import claim
    >>> claim(r"\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k")
    refused: BP203 shapes that do not fit: a product of D_{k+1} × N and D_k × N.
        \frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k
                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      True if `x_{k}` is transposed.
    """
    if callable(stated):
        return _of_code(stated, given, wrt)
    if not isinstance(stated, str):
        raise TypeError(
            f"a claim is LaTeX in a string, or a function, but this is a {type(stated).__name__}."
        )
    if wrt:
        raise TypeError("wrt is for a claim in Python; an equation says itself what it is about.")
    return _of_equation(stated, given)


def _of_equation(stated: str, given: Sequence[Any]) -> Judged:
    for text in given:
        if not isinstance(text, str):
            raise TypeError(
                f"a declaration is a string such as 'layout: denominator', not {text!r}."
            )
    declarations = [Declaration(text, "claim", 1, 1) for text in given]
    equation = Equation(_formula(stated), "claim", 1, 1)
    report = check_document(assemble("claim", [*declarations, equation]))
    for *_, refusal in report.problems:
        raise ValueError(f"a declaration is not understood: {refusal.message} {refusal.mend}")
    return Judged(report.results[0])


def _formula(stated: str) -> str:
    """Return the formula without its dollars, or refuse one whose backslashes are lost."""
    if _LOST.search(stated):
        raise ValueError(
            f"Python has read a backslash of {stated!r} as an escape. "
            r'Write a raw string, r"\frac…", with an r before the quote.'
        )
    match = _DELIMITED.fullmatch(stated)
    return match["formula"] if match else stated


def _of_code(backward: Callable[..., Any], given: Sequence[Any], wrt: str | Sequence[str]) -> Any:
    if len(given) != 2 or not callable(given[0]):
        raise TypeError(
            "a claim in Python is claim(backward, forward, inputs), such as "
            'claim(lambda dz, x: dz @ x.T, lambda W, x: W @ x, "W: D K, x: K N", wrt="W").'
        )
    from backproof import check

    forward, inputs = given
    return check(forward, backward, inputs, wrt=wrt or None)
