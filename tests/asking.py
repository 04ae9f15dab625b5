"""Ask the checker about one equation, as if it stood in a document after others."""

from backproof.checking.documents import check_equation, declared
from backproof.checking.report import Result
from backproof.equations.documents import Equation
from backproof.equations.vocabulary import Vocabulary


def vocabulary_of(*declarations: str) -> Vocabulary:
    """Return the standard letters, and those declared."""
    vocabulary = Vocabulary()
    for line in declarations:
        declared(line, vocabulary, {})
    return vocabulary


def ask(
    source: str,
    *declarations: str,
    after: tuple[str, ...] = (),
    label: str = "",
    code: str = "",
    wrong: bool = False,
    outside: str = "",
) -> Result:
    """Return the result of one equation, after declarations and the equations `after`."""
    vocabulary = vocabulary_of(*declarations)
    for each in after:
        check_equation(Equation(each, "notes.md", 1, 1), vocabulary, mends=False)
    equation = Equation(
        source, "notes.md", 1, 1, label=label, expected_wrong=wrong, outside=outside
    )
    return check_equation(equation, vocabulary, code=code)


def code_of(result: Result) -> str:
    """Return the code of what is wrong with an equation; nothing if it passed."""
    return "" if result.problem is None else result.problem.code


def marked(result: Result) -> str:
    """Return the part of an equation that its refusal points at."""
    assert result.problem is not None
    span = result.problem.span
    return result.equation.source[span.start : span.end]
