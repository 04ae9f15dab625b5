"""Check every displayed equation of a document, in reading order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from backproof.checking.claims import Claim, claims, take
from backproof.checking.equation import judge
from backproof.checking.given import refuse_contradiction
from backproof.checking.indexed import index_text
from backproof.checking.links import defined_by, linked, mentioned_by
from backproof.checking.report import FAILURES, Outcome, Report, Result, StepResult
from backproof.checking.sameness import Opinion
from backproof.equations import tree
from backproof.equations.declarations import declare
from backproof.equations.documents import Declaration, Document, Equation
from backproof.equations.macros import Macro, read_macros
from backproof.equations.parse import parse
from backproof.equations.refusal import Misfit, Refusal
from backproof.equations.tree import Span
from backproof.equations.typeset import typeset
from backproof.equations.vocabulary import NOTATIONS, Notation, Vocabulary

WORST = [
    Outcome.REFUSED,
    Outcome.DIFFERS,
    Outcome.CANNOT_TELL,
    Outcome.PROVED,
    Outcome.AGREES,
    Outcome.TAKEN,
]
"""What the steps of a chain make of the whole: the first of these that occurs."""


def check_documents(
    documents: Sequence[Document],
    *,
    declarations: Iterable[str] = (),
    macros: Mapping[str, Macro] | None = None,
    code: str = "",
) -> Report:
    """Check documents one by one; each begins with the standard letters and `declarations`."""
    report = Report()
    for document in documents:
        one = check_document(document, declarations=declarations, macros=macros, code=code)
        report.results.extend(one.results)
        report.problems.extend(one.problems)
    report.results[:] = linked(report.results)
    return report


def check_document(
    document: Document,
    *,
    declarations: Iterable[str] = (),
    macros: Mapping[str, Macro] | None = None,
    code: str = "",
) -> Report:
    """Check one document."""
    report = Report()
    vocabulary = Vocabulary()
    known = {**(macros or {}), **read_macros(document.macros)}
    for line in declarations:
        declared(line, vocabulary, known)
    if not any(item.text.startswith("notation:") for item in document.declarations):
        vocabulary.notation = found_notation(document, vocabulary, known)
    for item in document.items:
        if isinstance(item, Declaration):
            try:
                declared(item.text, vocabulary, known)
            except Refusal as refusal:
                report.problems.append((item.path, item.line, item.column, refusal))
        else:
            report.results.append(check_equation(item, vocabulary, macros=known, code=code))
    return report


def found_notation(
    document: Document, vocabulary: Vocabulary, macros: Mapping[str, Macro]
) -> Notation:
    """Return the notation in which the author's own affine maps are true, if there is one.

    Whether W^{[l]} leads into layer l or out of it, and whether an example is a row, can be seen
    from an equation such as Z = X W + 1 bᵀ: in every other notation its shapes do not fit.
    """
    maps = [
        equation for equation in document.equations if _is_affine_map(equation, vocabulary, macros)
    ]
    for notation in NOTATIONS.values():
        trial = vocabulary.copy()
        trial.notation = notation
        results = [check_equation(each, trial.copy(), macros=macros, mends=False) for each in maps]
        if maps and all(result.outcome is Outcome.PROVED for result in results):
            return notation
    return vocabulary.notation


def _is_affine_map(equation: Equation, vocabulary: Vocabulary, macros: Mapping[str, Macro]) -> bool:
    """Return whether an equation says what z is, by W."""
    if equation.outside or equation.expected_wrong:
        return False
    try:
        chain = parsed(equation.source, vocabulary, macros).chains[0]
    except Refusal:
        return False
    kinds = [_kinds(node, vocabulary) for node in (chain.first, *(s.side for s in chain.steps))]
    is_letter = isinstance(chain.first, tree.Name | tree.Script)
    return is_letter and "z" in kinds[0] and any("W" in kind for kind in kinds[1:])


def _kinds(node: tree.Node, vocabulary: Vocabulary) -> set[str]:
    """Return what kinds of letters stand in a formula."""
    names = (name.name for name in node.walk() if isinstance(name, tree.Name))
    return {vocabulary.symbols[name].kind for name in names if name in vocabulary.symbols}


def declared(text: str, vocabulary: Vocabulary, macros: Mapping[str, Macro]) -> None:
    """Take one declaration into `vocabulary`, or raise Refusal."""
    word, _, source = text.partition(":")
    if word.strip() != "given":
        declare(vocabulary, text, macros)
        return
    display, trial = parsed(source, vocabulary, macros), vocabulary.copy()
    take(display, trial)
    refuse_contradiction(trial, display.span)
    vocabulary.take_over(trial)


def parsed(source: str, vocabulary: Vocabulary, macros: Mapping[str, Macro]) -> tree.Display:
    """Return the tree of a formula, with the letters of `vocabulary`."""
    return parse(
        source,
        functions=vocabulary.function_names,
        macros=macros,
        declared=vocabulary.symbols,
    )


def check_equation(
    equation: Equation,
    vocabulary: Vocabulary,
    *,
    macros: Mapping[str, Macro] | None = None,
    code: str = "",
    mends: bool = True,
) -> Result:
    """Check one equation; its definitions are taken into `vocabulary`.

    Without `mends` nothing is searched that would make a false equation true, which takes longer
    than anything else.
    """
    if equation.outside:
        return _outside(equation, vocabulary, macros or {})
    mends = mends and not equation.expected_wrong
    result = _checked(equation, vocabulary, macros or {}, code, mends=mends)
    return _expected(result) if equation.expected_wrong else result


def _checked(
    equation: Equation,
    vocabulary: Vocabulary,
    macros: Mapping[str, Macro],
    code: str,
    *,
    mends: bool,
) -> Result:
    before = vocabulary.copy()
    try:
        display = parsed(equation.source, vocabulary, macros)
    except Refusal as refusal:
        return Result(equation, Outcome.REFUSED, refusal.message, problem=refusal)
    try:
        return _judged(equation, display, vocabulary, code, mends=mends)
    except Refusal as refusal:
        problem = _mended(refusal, display, before) if mends else refusal
        return Result(equation, Outcome.REFUSED, refusal.message, problem=problem)


def _mended(refusal: Refusal, display: tree.Display, before: Vocabulary) -> Refusal:
    """Return the refusal with the edit that makes the shapes fit and the equation true."""
    if refusal.code != "BP203":
        return refusal
    from backproof.checking.mend import mend

    edit = mend(display, before) or refusal.mend
    return type(refusal)(refusal.code, refusal.message, refusal.span, edit)


def _judged(
    equation: Equation, display: tree.Display, vocabulary: Vocabulary, code: str, *, mends: bool
) -> Result:
    before = vocabulary.copy()
    trial = vocabulary.copy() if equation.expected_wrong else vocabulary
    found = list(claims(display, trial))
    verdicts = [judge(claim) for claim in found]
    steps = tuple(step for step, _ in verdicts)
    worst = min(steps, key=lambda step: WORST.index(step.outcome))
    against = next((opinion for step, opinion in verdicts if step is worst), None)
    result = Result(
        equation,
        worst.outcome,
        worst.claim,
        worst.scope,
        problem=_problem(worst, against, display, before if mends else None),
        steps=steps,
        shapes=_shapes(found),
        index_form=index_text(found[-1]),
        typeset=typeset(display),
        defines=defined_by(found),
        mentions=mentioned_by(found),
    )
    if not code or not equation.label or not result.passed:
        return result  # what is false has its witness and its mend already
    return _held(result, found, code)


def _problem(
    step: StepResult, against: Opinion | None, display: tree.Display, before: Vocabulary | None
) -> Refusal | None:
    if step.outcome not in FAILURES:
        return None
    from backproof.checking.mend import mend

    witness = against.witness if against is not None else ""
    if step.outcome is Outcome.DIFFERS:
        size = f" with {against.scope}" if against is not None and against.scope else ""
        edit = "" if before is None else mend(display, before)
        return Refusal("BP301", f"{witness or step.claim}{size}.", step.span, edit)
    return Refusal("BP302", f"{step.claim}.", step.span)


def _shapes(found: list[Claim]) -> str:
    return "; ".join(dict.fromkeys(claim.reading.shape_text(claim.left) for claim in found))


def _held(result: Result, found: list[Claim], code: str) -> Result:
    from backproof.checking.held import held

    return held(result, found, code)


def _expected(result: Result) -> Result:
    """Turn a refuted equation into one that is wrong as expected, and a true one into a failure.

    One that could not be read fails as it is: nobody has said that it is wrong.
    """
    problem = result.problem
    if problem is not None and (problem.code == "BP301" or isinstance(problem, Misfit)):
        return replace(result, outcome=Outcome.WRONG, claim=problem.message, problem=None)
    if result.passed:
        refusal = Refusal(
            "BP303",
            f"expected to be wrong, but {result.outcome}: {result.claim}.",
            Span(0, len(result.equation.source)),
        )
        return replace(result, outcome=Outcome.DIFFERS, problem=refusal)
    return result


def _outside(equation: Equation, vocabulary: Vocabulary, macros: Mapping[str, Macro]) -> Result:
    """Accept the exception unless the equation can be proved without it."""
    trial = _checked(equation, vocabulary.copy(), macros, "", mends=False)
    if trial.checked:
        refusal = Refusal(
            "BP403",
            f"`outside:` says it is not checked, but it is {trial.outcome}.",
            Span(0, len(equation.source)),
            "Take the exception away.",
        )
        return replace(trial, outcome=Outcome.REFUSED, problem=refusal)
    return Result(equation, Outcome.OUTSIDE, equation.outside)
