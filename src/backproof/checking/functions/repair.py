"""A search for the smallest change of the source that makes a wrong backward pass right.

Every expression is changed in every way that `changes` knows, the function is compiled and run on
the samples, and what gives the true gradient at all of them is a repair.  Where several gradients
are wrong for reasons of their own, changes that mend some of them are put together.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.changes import additions_to, small_changes
from backproof.checking.functions.edits import Names
from backproof.checking.functions.holes import Holes
from backproof.checking.functions.places import places
from backproof.checking.functions.probe import probe
from backproof.checking.functions.reruns import Reruns
from backproof.checking.functions.scope import locals_of, names_in_scope
from backproof.checking.functions.sites import Change
from backproof.checking.functions.source import Source, source_of
from backproof.checking.functions.vocabulary import Word, vocabulary

TRIES = 5000
"""How many changed functions are run at most."""

SECONDS = 3.0
"""And how long the search may last: an explanation is not worth more."""

CHEAP = 1.5
"""Changes that cost no more are tried before anything is added, and two of them together."""

PAIRS = 1500
"""So many pairs are tried at most."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change that mends the backward pass: the cause, the line, as it is and as it should be.

    `mends` are the gradients that it makes right; others may stay wrong.
    """

    cause: str
    cost: float
    does: str
    line: int
    written: str
    mended: str
    mends: frozenset[str]


def repairs(subject: Subject, samples: Sequence[Any]) -> list[Repair]:
    """Return the changes that give the true gradient at all samples, cheapest first."""
    source = source_of(subject.backward_function or subject.forward_function)
    if source is None or not samples:
        return []
    search = Search(subject, source, samples)
    return search.found() if search.wrong else []


class Search:
    """The changes of one function, tried in turn."""

    def __init__(self, subject: Subject, source: Source, samples: Sequence[Any]) -> None:
        self.source, self.subject = source, subject
        self.known = source.namespace()
        self.reruns = Reruns(subject, samples)
        self.hidden = [self._of_forward(sample) for sample in samples]
        own = source.compiled(self.known)
        every = range(len(samples))
        self.right = [self._right(own, k) if own else frozenset() for k in every]
        self.order = sorted(every, key=lambda k: len(self.right[k]))
        self.wrong = frozenset(samples[0].true) - frozenset.intersection(*self.right)
        self.end = perf_counter() + SECONDS

    def found(self) -> list[Repair]:
        """Return the repairs, or what mends a part of the gradients."""
        first = self.order[0]
        found = list(places(self.source.node))
        seen = probe(self.source, found, self.reruns, first, self.known | self.hidden[first])
        found = [place for place in found if self._may(seen.reached(place.node))]
        names = names_in_scope(self.subject, self.source, self.reruns.samples[first])
        small = small_changes(found, self.source.node, names, seen)
        small = [c for c in small if any(self._may(seen.reached(s.old)) for s in c.sites)]
        cheap = [change for change in small if change.cost <= CHEAP]
        tried = self._tried(cheap)
        if not _whole(tried, self.wrong):
            holes = Holes(seen, self.reruns, first, self._words(names, first))
            rest = [*small[len(cheap) :], *additions_to(found, names, seen, holes)]
            tried += self._tried(sorted(rest, key=lambda change: change.cost))
        whole = _whole(tried, self.wrong)
        return whole or self._together(tried) or self._pairs(cheap) or [r for r, _ in tried]

    def _words(self, names: Names, k: int) -> list[Word]:
        inside, _ = locals_of(self.subject, self.source, self.reruns.samples[k])
        known = self.known | self.hidden[k] | inside
        return vocabulary(names, [source_of(self.subject.forward_function), self.source], known)

    def _may(self, reached: frozenset[str] | None) -> bool:
        """Return whether what is changed has to do with a wrong gradient at all."""
        return reached is None or bool(reached & self.wrong)

    def _of_forward(self, sample: Any) -> dict[str, Any]:
        """Return what only forward knows: a repair may use it, if it is saved for backward."""
        _, before = locals_of(self.subject, self.source, sample)
        return {name: value for name, value in before.items() if name not in self.known}

    def _right(self, function: Callable[..., Any], k: int) -> frozenset[str]:
        self.known.update(self.hidden[k])
        return self.reruns.right(function, k)

    def _tried(self, every: Sequence[Change]) -> list[tuple[Repair, Change]]:
        """Return what mends at least one gradient and spoils none, cheapest first."""
        found: list[tuple[Repair, Change]] = []
        enough = float("inf")
        for change in every[:TRIES]:
            if change.cost > enough or perf_counter() > self.end:
                break
            mends = self._mended_by(change)
            if mends:
                found.append((self._repair(change, mends), change))
                if mends == self.wrong:
                    enough = min(enough, change.cost + 0.5)
        return found

    def _mended_by(self, *every: Change) -> frozenset[str]:
        """Return the wrong gradients that are right at all samples after the changes."""
        with ExitStack() as stack:
            for change in every:
                try:
                    stack.enter_context(change.made())
                except SyntaxError:
                    return frozenset()
            function = self.source.compiled(self.known)
        if function is None:
            return frozenset()
        mends = self.wrong
        for k in self.order:
            if not mends:
                break
            right = self._right(function, k)
            mends = mends & right if self.right[k] <= right else frozenset()
        return mends

    def _repair(self, change: Change, mends: frozenset[str]) -> Repair:
        line, written, mended = change.told(self.source)
        return Repair(change.cause, change.cost, change.does, line, written, mended, mends)

    def _together(self, parts: Sequence[tuple[Repair, Change]]) -> list[Repair]:
        """Return the changes that mend all gradients together, each for its own part."""
        chosen: list[tuple[Repair, Change]] = []
        for repair, change in parts:
            if not any(repair.mends & other.mends for other, _ in chosen):
                chosen.append((repair, change))
        whole = frozenset().union(*(repair.mends for repair, _ in chosen)) == self.wrong
        both = [change for _, change in chosen]
        if not (whole and chosen and self._mended_by(*both) == self.wrong):
            return []
        return [repair for repair, _ in chosen]

    def _pairs(self, cheap: Sequence[Change]) -> list[Repair]:
        """Return two cheap changes that mend all gradients only together."""
        for first, second in islice(_by_cost(cheap), PAIRS):
            if perf_counter() > self.end:
                break
            if first.apart(second) and self._mended_by(first, second) == self.wrong:
                return [self._repair(first, self.wrong), self._repair(second, self.wrong)]
        return []


def _whole(tried: Sequence[tuple[Repair, Change]], wrong: frozenset[str]) -> list[Repair]:
    return [repair for repair, _ in tried if repair.mends == wrong]


def _by_cost(cheap: Sequence[Change]) -> Iterator[tuple[Change, Change]]:
    """Yield the pairs of changes, those of the cheapest first."""
    for last in range(1, len(cheap)):
        for first in range(last):
            yield cheap[first], cheap[last]
