"""Right cases with one mistake made in them by rule, and what numbers say about each.

`sample(count)` takes a fixed selection over all rules and all cases, and judges only that.
"""

import ast
import inspect
import linecache
import textwrap
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from typing import Any

import numpy as np

from backward_corpus.case import Case
from backward_corpus.cases import right_cases
from backward_corpus.edits import Mutated, mutated
from backward_corpus.numerics import (
    STYLES,
    Pass,
    claim,
    differences,
    distance,
    douts_of,
    inputs_of,
    layer_of,
    quiet,
)

SAME = 1e-10
"""Two gradients that are no farther apart are the same but for the order of additions."""


class Kind(StrEnum):
    """What numbers say about a mutant."""

    WRONG = "wrong"
    EQUIVALENT = "equivalent"
    CONVENTION = "convention"
    BROKEN = "broken"


@dataclass(frozen=True, eq=False)
class Mutant:
    """A case, and the source of its backward pass with one mistake in it."""

    original: Case
    mistake: Mutated
    number: int

    def __str__(self) -> str:
        return f"{self.original.name}, mutant {self.number}: {self.mistake.change}"

    @cached_property
    def case(self) -> Case:
        """The case with the mistake in it."""
        subject, source = _subject(self.original), self.mistake.source
        file = f"<{self}>"
        # Whoever explains a mistake reads the source where tracebacks find it.
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        names = dict(inspect.getmodule(subject).__dict__)
        exec(compile(source, file, "exec"), names)  # noqa: S102  made from our own source
        place = "forward" if inspect.isclass(subject) else "backward"
        made = {place: names[subject.__name__], "name": str(self)}
        known = {"wrong": True, "cause": self.mistake.cause, "also": self.mistake.also}
        return replace(self.original, **made, **known, corpus="")

    @property
    def as_right(self) -> Case:
        """The case with the change in it, if that is no mistake after all."""
        return replace(self.case, wrong=False, cause="", also=())


@cache
def mutants() -> tuple[Mutant, ...]:
    """Return every mutant of every right case whose backward pass is a function or a class."""
    return tuple(mutant for case in right_cases() for mutant in _mutants(case))


def _subject(case: Case) -> Any:
    return case.forward if inspect.isclass(case.forward) else case.backward


def _mutants(case: Case) -> Iterator[Mutant]:
    subject = _subject(case)
    if subject is not None and subject.__name__ != "<lambda>":
        source = textwrap.dedent(inspect.getsource(subject))
        if "self.grads" in source:  # numbers see what is returned, and would miss these
            return
        tree = ast.parse(source)
        for number, each in enumerate(mutated(tree, _backward_of(tree))):
            yield Mutant(case, each, number)


def _backward_of(tree: ast.Module) -> ast.FunctionDef:
    unit = tree.body[0]
    methods = unit.body if isinstance(unit, ast.ClassDef) else [unit]
    functions = [node for node in methods if isinstance(node, ast.FunctionDef)]
    return next((node for node in functions if node.name == "backward"), functions[0])


@cache
def kind(mutant: Mutant) -> Kind:
    """Return what numbers say about a mutant, at points of many kinds."""
    with quiet():
        generic = [_difference(mutant, f, s, "generic") for f in (0, 1) for s in (1, 2)]
        if any(far is None for far in generic):
            return Kind.BROKEN
        if max(generic) > SAME:
            return Kind.WRONG
        return _kind_at_special_points(mutant)


def _kind_at_special_points(mutant: Mutant) -> Kind:
    found = Kind.EQUIVALENT
    for style in STYLES:
        for family, seed in ((0, 3), (0, 4), (1, 5)):
            far = _difference(mutant, family, seed, style)
            if far is None or far > SAME:
                if _is_smooth(mutant.original, family, seed, style):
                    return Kind.WRONG
                found = Kind.CONVENTION
    return found


def _difference(mutant: Mutant, family: int, seed: int, style: str) -> float | None:
    """Return how far a mutant's gradient is from the right one, None if it fails to run."""
    inputs = inputs_of(mutant.case, family, seed, style)
    try:
        wrong = claim(mutant.case, inputs, seed)
        if _has_side_effects(mutant.case, inputs, seed):
            return np.inf
    except Exception:  # noqa: BLE001  a mutant may fail in any way
        return None
    return distance(claim(mutant.original, inputs, seed), wrong)


def _has_side_effects(case: Case, inputs: dict[str, Any], seed: int) -> bool:
    kept = deepcopy(inputs)
    run = Pass(case, kept, layer_of(case))
    douts = douts_of(run.outputs, seed)
    given = deepcopy(douts)
    first = deepcopy(run.gradients(douts))
    same = all(map(np.array_equal, douts, given))
    same = same and all(np.array_equal(kept[n], inputs[n], equal_nan=True) for n in first)
    return not same or distance(first, run.gradients(given)) > 0


def _is_smooth(case: Case, family: int, seed: int, style: str) -> bool:
    """Return whether central differences find the right gradient there."""
    inputs = inputs_of(case, family, seed, style)
    far = distance(differences(case, inputs, seed), claim(case, inputs, seed))
    return far < 1e-6


@cache
def sample(count: int, wanted: Kind = Kind.WRONG) -> tuple[Mutant, ...]:
    """Return a fixed selection of `count` mutants of a kind, of all causes in turn."""
    order = np.random.default_rng(0).permutation(len(mutants()))
    piles: dict[str, list[Mutant]] = {}
    for index in order:
        mutant = mutants()[index]
        piles.setdefault(mutant.mistake.cause, []).append(mutant)
    chosen: list[Mutant] = []
    while piles and len(chosen) < count:
        for cause in list(piles):
            mutant = _next(piles[cause], wanted)
            if mutant is None:
                del piles[cause]
            elif len(chosen) < count:
                chosen.append(mutant)
    return tuple(chosen)


def _next(pile: list[Mutant], wanted: Kind) -> Mutant | None:
    while pile:
        mutant = pile.pop()
        if kind(mutant) is wanted:
            return mutant
    return None
