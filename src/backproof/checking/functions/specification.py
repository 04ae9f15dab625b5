"""Is the forward pass the layer or loss that it is meant to be?

No check of a gradient can see that: the derivative of a wrong function may be right.  So where the
name of a layer or loss is given, the outputs are compared with its definition, at every point that
was tried.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backproof.checking.functions import definitions, matching, wording
from backproof.checking.functions.exact_run import (
    TOLERANCE,
    ExactRun,
    Point,
    distance,
    shaped,
    values,
)
from backproof.checking.functions.known_names import known
from backproof.checking.functions.matching import Unmatched
from backproof.checking.functions.roles import parameters
from backproof.numbers.exact_real import is_finite
from backproof.numbers.traced import Graph, value_of
from backproof.numbers.traced_array import traced_array
from backproof.numbers.traced_numpy import calling_line, patched

Outputs = tuple[Any, ...]

FAR = 1000
"""Beyond this an input is far out, where code may cut off, as a score of -1e9 for a hidden key."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where an output is not what it has to be, or nothing; and what was compared."""

    problem: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Specification:
    """What a forward pass has to compute: `function` of the inputs that `inputs` declares.

    `inputs` is empty for a function of the user's own; then its parameters are the inputs.
    `settings` are numbers that forward fixes itself, by name, such as eps.
    """

    name: str
    function: Callable[..., Any]
    inputs: str
    sentence: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def of(self, forward: Callable[..., Any]) -> "Specification":
        """Return the specification with the options that `forward` fixes itself."""
        return replace(self, settings=matching.settings(forward))

    def compared(self, runs: Sequence[ExactRun]) -> Comparison:
        """Compare the outputs of every run with the definition, where that is finite."""
        near = [run for run in runs if not _is_far(run.point)] or list(runs)
        problem, defined = self._first_difference(near)
        if not problem and not defined:
            problem = f"{self.name} is not finite at any point that was tried"
        if problem:
            return Comparison("\n".join([problem, *self._remarks(near)]))
        taken = f" with {text}" if (text := self._options(runs[0].point, declared=True)) else ""
        left_out = "" if defined == len(near) else ", wherever that is finite"
        told = f"forward was compared with the specification of {self.name}{taken}{left_out}"
        beyond, _ = self._first_difference([run for run in runs if _is_far(run.point)])
        return Comparison("", told + (f"; far out it is not: {beyond}" if beyond else ""))

    def fits(self, point: Point) -> str | None:
        """Return why the inputs at `point` cannot be those of the definition, or None."""
        try:
            self._matched(point)
        except Unmatched as reason:
            return str(reason)
        return None

    def _first_difference(self, runs: Sequence[ExactRun]) -> tuple[str, int]:
        """Return the first difference, and at how many points the definition is finite."""
        defined = 0
        for run in runs:
            if reason := self.fits(run.point):
                return reason, defined
            try:
                wanted = self._outputs(self._matched(run.point), run.point)
            except ArithmeticError:
                continue
            except Exception as error:  # noqa: BLE001  sizes that cannot be, or the user's function
                sizes = wording.shapes(run.point)
                return f"{self.name} is not defined for these inputs, {sizes}: {error}", defined
            found = self._difference_at(run, wanted)
            if found:
                return found, defined
            defined += all(is_finite(entry) for out in wanted for entry in out.flat)
        return "", defined

    def _difference_at(self, run: ExactRun, wanted: Outputs) -> str:
        if len(wanted) != len(run.outputs):
            return f"{self.name} gives {len(wanted)} outputs, forward {len(run.outputs)}"
        for index, (right, given) in enumerate(zip(wanted, run.outputs, strict=True)):
            name = "out" if len(wanted) == 1 else f"out[{index}]"
            if np.shape(right) != np.shape(given):
                return (
                    f"{name} of {self.name} has shape {np.shape(right)}, "
                    f"forward gives {np.shape(given)}, for {wording.shapes(run.point)}"
                )
            known = _where_finite(right, given)
            far, _, place = distance({name: known}, {name: given})
            if far > TOLERANCE:
                return self._entry(name, place, known, given, run)
        return ""

    def _entry(
        self, name: str, place: tuple[int, ...], right: Any, given: Any, run: ExactRun
    ) -> str:
        should, gives = (value_of(np.asarray(array)[place]) for array in (right, given))
        return (
            f"{name}{list(place) or ''} of {self.name} is {wording.number(should)}, "
            f"forward gives {wording.number(gives)}, at {wording.point(run.point)}"
        )

    def _remarks(self, runs: Sequence[ExactRun]) -> Iterator[str]:
        """Yield what the definition says, and which of its relatives the forward pass is."""
        if self.sentence:
            yield f"{self.name}: {self.sentence}"
        taken = self._options(runs[0].point, declared=False)
        if taken:
            yield f"taken: {taken}; if yours are others, let them be arguments of forward"
        for other in self._relatives():
            problem, defined = other._first_difference(runs)  # noqa: SLF001  of this class
            if defined and not problem:
                yield f"forward agrees with {other.name!r} at these points"

    def _relatives(self) -> Iterator["Specification"]:
        """Yield the definitions with the same first word."""
        base = self.name.partition(",")[0]
        for name, definition in definitions.DEFINITIONS.items():
            related = name.partition(",")[0] == base and definition.function is not self.function
            if related and self.inputs:
                yield replace(_named(name), settings=self.settings)

    def _options(self, point: Point, *, declared: bool) -> str:
        """Return the options of a definition as text, with or without those that are inputs."""
        given = {**point.varying, **(point.fixed if not declared else {})}
        known = definitions.options(self.function) if self.inputs else {}
        found = known | matching.options(self.function, point, self.settings)
        shown = {
            name: found[name]
            for name in known
            if found[name] and not set(matching.names_of(name)) & set(given)
        }
        return ", ".join(f"{name} = {value!r}" for name, value in shown.items())

    def _outputs(self, inputs: Sequence[Any], point: Point) -> Outputs:
        """Return what the definition gives at `inputs`, as arrays of exact numbers."""
        graph = Graph(where=calling_line)
        held = self.settings if self.inputs else {}  # a function of the user's own says its options
        options = matching.options(self.function, point, held)
        exactly = {name: _traced(graph, value) for name, value in options.items()}
        arguments = [_traced(graph, array) for array in inputs]
        with patched((self.function,)):
            returned = self.function(*arguments, **exactly)
        several = tuple(returned) if isinstance(returned, tuple | list) else (returned,)
        return tuple(shaped(values(out), np.shape(out)) for out in several)

    def _matched(self, point: Point) -> list[Any]:
        whole = matching.whole_inputs(self.inputs)
        return matching.matched(self.function, whole, point, self.settings, name=self.name)


def _is_far(point: Point) -> bool:
    return any(abs(value) > FAR for array in point.varying.values() for value in values(array))


def _where_finite(right: Any, given: Any) -> Any:
    """Return what is right, and what is given where nothing finite is right."""
    pairs = zip(values(right), values(given), strict=True)
    return shaped([r if is_finite(r) else g for r, g in pairs], np.shape(right))


def _traced(graph: Graph, array: Any) -> Any:
    """Return the numbers of an array of fractions so that functions take them."""
    if not (isinstance(array, np.ndarray) and array.dtype == object):
        return array
    made = shaped([graph.entry(value, "input") for value in array.flat], array.shape)
    return traced_array(made) if made.ndim else made[()]


def specification(asked: Any) -> Specification:
    """Return the specification of a name, such as "layer norm", or of a function.

    Raises ValueError for a name that is not known, with those that are near.

    >>> from backproof.checking.functions.specification import specification
    >>> specification("softmax").sentence
    'out[n, c] = exp(x[n, c]) / the sum over k of exp(x[n, k]).'
    """
    if isinstance(asked, str):
        return _named(known(asked))
    if not callable(asked):
        raise TypeError(f"spec must be the name of a layer or loss, or a function, not {asked!r}")
    parameters(asked)  # raises TypeError where Python does not know them
    name = getattr(asked, "__name__", "<lambda>")
    return Specification("the function of spec" if name == "<lambda>" else name, asked, "", "")


def _named(name: str) -> Specification:
    found = definitions.DEFINITIONS[name]
    return Specification(name, found.function, found.inputs, found.sentence)
