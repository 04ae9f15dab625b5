"""What the oracles say of each claim of an equation, and for what a proof stands."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from backproof.checking.claims import Claim, free_indices
from backproof.checking.layers import check_layers, layer_scope
from backproof.checking.report import Outcome, StepResult
from backproof.checking.sameness import Opinion
from backproof.checking.setting import Setting, setting
from backproof.checking.worlds import entrywise_opinion, index_opinion
from backproof.equations import terms as t
from backproof.equations.reaching import reached
from backproof.equations.refusal import Refusal
from backproof.equations.terms import Size, Term

HALF_DEFINED = {"log", "sqrt"}
"""Functions that are not defined for every real number."""


def proved_in_index_form(claim: Claim) -> bool:
    """Return whether the index form alone proves a claim."""
    check_layers(claim)
    return index_opinion(claim.left, claim.right, setting_of(claim)).holds is True


def setting_of(claim: Claim, *others: Term) -> Setting:
    """Return the setting in which a claim is judged, and `others` beside it."""
    reading = claim.reading
    return setting(
        (claim.left, claim.right, *others),
        reading.vocabulary,
        batch=reading.batch,
        numbers=reading.sizes.numbers,
        span=claim.span,
    )


def judge(claim: Claim) -> tuple[StepResult, Opinion | None]:
    """Return the result of one claim, and what speaks against it, if anything does."""
    check_layers(claim)
    check_sizes(claim)
    if claim.definition:
        return StepResult(claim.span, Outcome.TAKEN, "a definition, taken as given", ""), None
    if claim.update:
        return _update(claim), None
    where = setting_of(claim)
    by_index = index_opinion(claim.left, claim.right, where)
    by_entry = entrywise_opinion(claim.left, claim.right, where, free_indices(claim))
    if by_index.holds and by_entry.holds is False:
        raise Refusal(
            "BP901",
            f"the index form proves it, the entries refute it: {by_entry.witness}.",
            claim.span,
            "Please report this equation.",
        )
    return _combined(claim, where, by_index, by_entry)


def _update(claim: Claim) -> StepResult:
    """Judge W ← …: known is the step against the gradient, W - c ∂L/∂W with a number c."""
    for rate in _rates(claim):
        for sign, outcome, what in STEPS:
            expected = _step(claim, t.Times(t.SCALAR, t.Constant(t.SCALAR, Fraction(sign)), rate))
            if proved_in_index_form(expected):
                return StepResult(
                    claim.span, outcome, what, scope_of(expected, setting_of(expected))
                )
    reason = "an update, but not shown to be a step against the gradient"
    return StepResult(claim.span, Outcome.CANNOT_TELL, reason, "")


STEPS = (
    (-1, Outcome.PROVED, "a step against the gradient"),
    (1, Outcome.DIFFERS, "the step goes along the gradient, uphill"),
)


def _step(claim: Claim, factor: Term) -> Claim:
    """Return the claim that an update adds so many times the gradient."""
    left = claim.left
    gradient = t.Derived(left.shape, t.Loss(t.SCALAR, None), left, denominator=True)
    step = t.Times(left.shape, factor, gradient)
    return replace(claim, left=t.Plus(left.shape, left, step))


def _rates(claim: Claim) -> Iterator[Term]:
    """Yield what may be the rate of a step: the author's letter or number, and over N."""
    if not isinstance(claim.left, t.Variable):
        return
    over = t.Power(t.SCALAR, t.Constant(t.SCALAR, t.BATCH), -1)
    for term in (*claim.right.walk(), t.Constant(t.SCALAR, Fraction(1))):
        number = (
            isinstance(term, t.Constant) and isinstance(term.value, Fraction) and term.value > 0
        )
        letter = isinstance(term, t.Variable) and term != claim.left and _is_open(term, claim)
        if term.shape == t.SCALAR and (number or letter):
            yield from (term, t.Times(t.SCALAR, over, term))


def _is_open(variable: t.Variable, claim: Claim) -> bool:
    """Return whether nothing says what a letter is; one that is defined may be negative."""
    return claim.reading.vocabulary.definition(variable.quantity, batch=True) is None


def check_sizes(claim: Claim) -> None:
    """Refuse an equation in which nothing says how large something is."""
    for side in (claim.left, claim.right):
        for term in side.walk():
            alone = isinstance(term, t.Identity) and term.shape == t.SCALAR
            if alone or any(size.letter.startswith("?") for size in term.shape):
                raise Refusal(
                    "BP203",
                    "nothing says how large the column 1, or the matrix I, is here.",
                    claim.span,
                )


def _combined(
    claim: Claim, where: Setting, by_index: Opinion, by_entry: Opinion
) -> tuple[StepResult, Opinion | None]:
    if by_entry.holds is False:
        return StepResult(claim.span, Outcome.DIFFERS, "it is false", by_entry.scope), by_entry
    if by_index.holds and by_entry.holds:
        scope = f"{scope_of(claim, where)}; entry by entry for {by_entry.scope}"
        return StepResult(claim.span, Outcome.PROVED, "in index form", scope), None
    if by_entry.holds and not _counts_sizes(claim, where, by_entry):
        scope = "; ".join(
            filter(None, (by_entry.scope, layer_scope(claim), _condition(claim, where)))
        )
        outcome = Outcome.AGREES if by_entry.sized else Outcome.PROVED
        return StepResult(claim.span, outcome, "entry by entry", scope), None
    reason = by_entry.witness or by_index.witness or "it holds for the sizes that were tried"
    return StepResult(claim.span, Outcome.CANNOT_TELL, reason, ""), by_entry


def _counts_sizes(claim: Claim, where: Setting, by_entry: Opinion) -> bool:
    """Return whether a size is used as a number: then a few sizes may agree by accident."""
    sides = (claim.left, claim.right)
    return by_entry.sized and any(
        isinstance(term, t.Constant) and isinstance(term.value, Size)
        for term in reached(sides, where.vocabulary, where.loss, batch=where.batch)
    )


def scope_of(claim: Claim, where: Setting) -> str:
    """Return in words for what a proof in index form holds."""
    terms = [term for side in (claim.left, claim.right) for term in side.walk()]
    sized = any(size != t.ONE for term in terms for size in term.shape)
    parts = ["every width"] if where.lowest is not None or sized else []
    if claim.reading.batch and any(_is_of_batch(term) for term in terms):
        parts.append("every batch size")
    elif where.lowest is not None:
        parts.append("each example")
    parts += filter(None, (layer_scope(claim), _condition(claim, where)))
    return ", ".join(parts) or "every value"


def _is_of_batch(term: Term) -> bool:
    return t.BATCH in term.shape or isinstance(term, t.Loss)


def _condition(claim: Claim, where: Setting) -> str:
    """Return the words for quotients, logarithms and roots, which are not always defined."""
    sides = (claim.left, claim.right)
    for term in reached(sides, where.vocabulary, where.loss, batch=where.batch):
        divides = isinstance(term, t.Power) and term.exponent < 0
        if divides or (isinstance(term, t.Call) and term.function in HALF_DEFINED):
            return "wherever both sides are defined"
    return ""
