"""What an equation comes to speak of through the definitions of its letters."""

from collections.abc import Hashable, Iterable, Iterator

from backproof.equations import terms as t
from backproof.equations.terms import Term
from backproof.equations.vocabulary import Definition, Vocabulary


def reached(
    sides: Iterable[Term], vocabulary: Vocabulary, loss: Definition | None, *, batch: bool
) -> Iterator[Term]:
    """Yield the terms in sides, and in all that their letters are defined by."""
    waiting = list(sides)
    seen: set[Hashable] = set()
    while waiting:
        for term in waiting.pop().walk():
            yield term
            known: Definition | None = None
            key: Hashable = None
            if isinstance(term, t.Variable):
                known, key = vocabulary.definition(term.quantity, batch=batch), term.quantity
            elif isinstance(term, t.Call):
                known, key = vocabulary.functions.get(term.function), term.function
            elif isinstance(term, t.Loss):
                known, key = loss, "the loss"
            if known is not None and key not in seen:
                seen.add(key)
                waiting.append(known.body)
