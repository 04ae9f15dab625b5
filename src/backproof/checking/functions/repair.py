"""A search for the smallest change of the source that makes a wrong backward pass right.

Every expression is changed in every way that `changes` knows, the function is compiled and run on
the samples, and what gives the true gradient at all of them is a repair.  Where several gradients
are wrong for reasons of their own, changes that mend some of them are put together.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from time import process_time
from typing import Any

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.changes import additions_to, small_changes
from backproof.checking.functions.edits import Names
from backproof.checking.functions.holes import Holes
from backproof.checking.functions.mending import with_part
from backproof.checking.functions.patches import Line, changed_lines
from backproof.checking.functions.places import places
from backproof.checking.functions.probe import probe
from backproof.checking.functions.reruns import Reruns
from backproof.checking.functions.scope import code_of, locals_of, names_in_scope
from backproof.checking.functions.sites import Change
from backproof.checking.functions.source import Source, helpers_of, source_of
from backproof.checking.functions.vocabulary import Word, vocabulary

TRIES = 5000
"""How many changed functions are run at most."""

SECONDS = 3.0
"""And how long the search may last: an explanation is not worth more."""

CHEAP = 1.5
"""Changes that cost no more are tried before anything is added, and two of them together."""

PAIRS = 3000
"""So many pairs are tried at most."""

BEYOND = 0.5
"""So much costlier than the first repair others may be that are still looked for."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change that mends the backward pass: the cause, and the lines as they should be.

    `mends` are the gradients that it makes right; if that is not the `whole`, others stay wrong.
    `needs` are names in it that only forward has, and would have to save.
    """

    cause: str
    cost: float
    does: str
    lines: tuple[Line, ...]
    mends: frozenset[str]
    whole: bool
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A change with the gradients that it mends, and the names in it that only forward has."""

    change: Change
    mends: frozenset[str]
    needs: tuple[str, ...]


def repairs(subject: Subject, samples: Sequence[Any]) -> list[Repair]:
    """Return the changes that give the true gradient at all samples, cheapest first.

    If none in the function itself does, those that it calls and forward does not are searched.
    """
    function = subject.backward_function or subject.forward_function
    shared = [] if function is subject.forward_function else helpers_of(subject.forward_function)
    own = [helper for helper in helpers_of(function) if helper not in [*shared, function]]
    end, parts = process_time() + SECONDS, list[Repair]()
    for part in [function, *own] if samples else ():
        source = source_of(part)
        search = Search(subject, source, samples, end) if source is not None else None
        found = search.found() if search is not None and search.wrong else []
        if search is not None and any(repair.whole for repair in found):
            return found
        parts += found
    return parts


class Search:
    """The changes of one function, which is the backward pass or a part of it, tried in turn."""

    def __init__(
        self, subject: Subject, source: Source, samples: Sequence[Any], end: float
    ) -> None:
        self.source, self.subject, self.end = source, subject, end
        self.known = source.namespace()
        self.reruns = Reruns(subject, samples)
        self.hidden = [self._of_forward(sample) for sample in samples]
        own = self._made()
        every = range(len(samples))
        self.right = [self._right(own, k) if own else frozenset() for k in every]
        self.order = sorted(every, key=lambda k: len(self.right[k]))
        self.wrong = frozenset(samples[0].true) - frozenset.intersection(*self.right)

    def found(self) -> list[Repair]:
        """Return the repairs, or what mends a part of the gradients."""
        first = self.order[0]
        found = list(places(self.source.node))
        self.known.update(self.hidden[first])
        seen = probe(found, self.reruns, first, self._made)
        found = [place for place in found if self._may(seen.reached(place.node))]
        names = names_in_scope(self.subject, self.source, self.reruns.samples[first])
        small = small_changes(found, self.source.node, names, seen)
        small = [c for c in small if any(self._may(seen.reached(s.old)) for s in c.sites)]
        cheap = [change for change in small if change.cost <= CHEAP]
        tried = self._tried(cheap)
        if all(one.needs for one in self._whole(tried)):
            holes = Holes(seen, self.reruns, first, self._words(names, first))
            rest = [*small[len(cheap) :], *additions_to(found, names, seen, holes)]
            tried += self._tried(sorted(rest, key=lambda change: change.cost))
        if whole := self._whole(tried):
            return [self._repair([one]) for one in whole]
        joint = self._together(tried) or self._pair(cheap)
        return [self._repair(joint)] if joint else [self._repair([one]) for one in tried]

    def _whole(self, tried: Sequence[Found]) -> list[Found]:
        return [one for one in tried if one.mends == self.wrong]

    def _words(self, names: Names, k: int) -> list[Word]:
        inside, _ = locals_of(self.subject, self.source, self.reruns.samples[k])
        known = self.known | self.hidden[k] | inside
        return vocabulary(names, [source_of(self.subject.forward_function), self.source], known)

    def _may(self, reached: frozenset[str] | None) -> bool:
        """Return whether what is changed has to do with a wrong gradient at all."""
        return reached is None or bool(reached & self.wrong)

    def _made(self, **more: Any) -> Callable[..., Any] | None:
        """Return the backward pass as it is now, with a function that is changed in its place."""
        self.known.update(more)
        changed = self.source.compiled(self.known)
        backward: Any = self.subject.backward_function or self.subject.forward_function
        return with_part(backward, self.source.function, changed) if changed is not None else None

    def _of_forward(self, sample: Any) -> dict[str, Any]:
        """Return what only forward knows: a repair may use it, if it is saved for backward."""
        _, before = locals_of(self.subject, self.source, sample)
        code = code_of(self.source.function)
        own = {*self.known, *(code.co_varnames if code is not None else ())}
        return {name: value for name, value in before.items() if name not in own}

    def _right(self, function: Callable[..., Any], k: int) -> frozenset[str]:
        self.known.update(self.hidden[k])
        return self.reruns.right(function, k)

    def _tried(self, every: Sequence[Change]) -> list[Found]:
        """Return what mends at least one gradient and spoils none, cheapest first."""
        found: list[Found] = []
        enough = float("inf")
        for change in every[:TRIES]:
            if change.cost > enough or process_time() > self.end:
                break
            mends = self._mended_by(change)
            if mends:
                found.append(Found(change, mends, self._needs(change)))
                if mends == self.wrong:
                    enough = min(enough, change.cost + BEYOND)
        return found

    def _needs(self, change: Change) -> tuple[str, ...]:
        return tuple(sorted(change.names() & set(self.hidden[self.order[0]])))

    def _mended_by(self, *every: Change) -> frozenset[str]:
        """Return the wrong gradients that are right at all samples after the changes."""
        with ExitStack() as stack:
            for change in every:
                try:
                    stack.enter_context(change.made())
                except SyntaxError:
                    return frozenset()
            function = self._made()
        if function is None:
            return frozenset()
        mends = self.wrong
        for k in self.order:
            if not mends:
                break
            right = self._right(function, k)
            mends = mends & right if self.right[k] <= right else frozenset()
        return mends

    def _repair(self, parts: Sequence[Found]) -> Repair:
        """Return what several changes do together, with the lines that they change."""
        first, lines = parts[0], self.source.lines
        patches = [site.written(lines) for one in parts for site in one.change.sites]
        mends = frozenset[str]().union(*(one.mends for one in parts))
        does = " and ".join(dict.fromkeys(one.change.does for one in parts))
        return Repair(
            first.change.cause, max(one.change.cost for one in parts), does,
            changed_lines(lines, self.source.first, patches), mends, mends == self.wrong,
            tuple(sorted({name for one in parts for name in one.needs})),
        )  # fmt: skip

    def _together(self, parts: Sequence[Found]) -> list[Found]:
        """Return the changes that mend all gradients together, each for its own part."""
        chosen: list[Found] = []
        for part in parts:
            clash = (
                part.mends & other.mends or not part.change.apart(other.change) for other in chosen
            )
            if not any(clash):
                chosen.append(part)
        mended = self._mended_by(*(one.change for one in chosen)) if len(chosen) > 1 else ()
        return chosen if mended == self.wrong else []

    def _pair(self, cheap: Sequence[Change]) -> list[Found]:
        """Return two cheap changes that mend all gradients only together."""
        for pair in islice(_by_cost(cheap), PAIRS):
            if process_time() > self.end:
                break
            if pair[0].apart(pair[1]) and self._mended_by(*pair) == self.wrong:
                return [Found(change, self.wrong, self._needs(change)) for change in pair]
        return []


def _by_cost(cheap: Sequence[Change]) -> Iterator[tuple[Change, Change]]:
    """Yield the pairs of changes, those of the cheapest first."""
    for last in range(1, len(cheap)):
        for first in range(last):
            yield cheap[first], cheap[last]
