"""Is the forward pass the layer or loss that it is meant to be?

No check of a gradient can see that: the derivative of a wrong function may be right.  So where the
name of a layer or loss is given, the outputs are compared with its definition, at every point that
was tried.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.checking.functions import defined_layers, defined_losses, definitions, wording
from backproof.checking.functions.exact_run import (
    TOLERANCE,
    ExactRun,
    Point,
    distance,
    shaped,
    values,
)
from backproof.checking.functions.inputs import declared
from backproof.checking.functions.roles import parameters
from backproof.numbers.traced import Graph, value_of
from backproof.numbers.traced_array import traced_array
from backproof.numbers.traced_numpy import calling_line, patched

__all__ = ["Specification", "defined_layers", "defined_losses", "specification"]

OTHER_NAMES = {
    "affine": "linear",
    "binary cross-entropy": "binary cross-entropy with logits, mean",
    "conv1d": "convolution",
    "conv2d": "convolution",
    "convolution 1d": "convolution",
    "convolution 2d": "convolution",
    "cross-entropy": "softmax cross-entropy",
    "dense": "linear",
    "l2": "l2 penalty",
    "lstm": "lstm cell",
    "max pool": "max pooling",
    "mean squared error": "squared error, mean",
    "mse": "squared error, mean",
    "swish": "silu",
}
"""What people call a layer too, and its name here."""


class Unmatched(Exception):  # noqa: N818  an answer: the forward pass takes something else
    """The inputs of the forward pass are not those of the definition; the message says why."""


@dataclass(frozen=True, slots=True)
class Specification:
    """What a forward pass has to compute: `function` of the inputs that `inputs` declares.

    `inputs` is empty for a function of the user's own; then its parameters are the inputs.
    """

    name: str
    function: Callable[..., Any]
    inputs: str
    sentence: str

    def difference(self, runs: Sequence[ExactRun]) -> str:
        """Return where an output is not what it has to be, or nothing if there is no such place."""
        for run in runs:
            reason = self.fits(run.point)
            if reason is not None:
                return reason
            found = self._difference_at(run)
            if found:
                return "\n".join([found, *self._remarks(runs)])
        return ""

    def fits(self, point: Point) -> str | None:
        """Return why the inputs at `point` cannot be those of the definition, or None."""
        try:
            self._matched(point)
        except Unmatched as reason:
            return str(reason)
        return None

    def _difference_at(self, run: ExactRun) -> str:
        try:
            wanted = self._outputs(run.point)
        except Unmatched as reason:
            return str(reason)
        except Exception as error:  # noqa: BLE001  sizes that cannot be, or a function of the user's
            sizes = wording.shapes(run.point)
            return f"{self.name} is not defined for these inputs, {sizes}: {error}"
        return self._compared(wanted, run)

    def _compared(self, wanted: tuple[Any, ...], run: ExactRun) -> str:
        if len(wanted) != len(run.outputs):
            return f"{self.name} gives {len(wanted)} outputs, forward {len(run.outputs)}"
        for index, (right, given) in enumerate(zip(wanted, run.outputs, strict=True)):
            name = "out" if len(wanted) == 1 else f"out[{index}]"
            if np.shape(right) != np.shape(given):
                return (
                    f"{name} of {self.name} has shape {np.shape(right)}, "
                    f"forward gives {np.shape(given)}, for {wording.shapes(run.point)}"
                )
            far, _, place = distance({name: right}, {name: given})
            if far > TOLERANCE:
                return self._entry(name, place, right, given, run)
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
        defaults = {
            name: value
            for name, value in definitions.options(self.function).items()
            if name not in runs[0].point.fixed and value is not None
        }
        if defaults and self.inputs:
            taken = ", ".join(f"{name} = {value!r}" for name, value in defaults.items())
            yield f"taken: {taken}; declare them among the inputs if yours are others"
        for other in self._relatives():
            if not any(other._difference_at(run) for run in runs):  # noqa: SLF001  of this class
                yield f"forward is {other.name!r}"

    def _relatives(self) -> Iterator["Specification"]:
        """Yield the definitions with the same first word."""
        base = self.name.partition(",")[0]
        for name, definition in definitions.DEFINITIONS.items():
            related = name.partition(",")[0] == base and definition.function is not self.function
            if related and self.inputs:
                yield _named(name)

    def _outputs(self, point: Point) -> tuple[Any, ...]:
        """Return what the definition gives at `point`, as arrays of exact numbers."""
        arrays, options = self._matched(point)
        graph = Graph(where=calling_line)
        exactly = [_traced(graph, array) for array in arrays]
        with patched((self.function,)):
            returned = self.function(*exactly, **options)
        several = returned if isinstance(returned, tuple) else (returned,)
        return tuple(shaped(values(out), np.shape(out)) for out in several)

    def _matched(self, point: Point) -> tuple[list[Any], dict[str, Any]]:
        """Return the inputs of the definition in its order, and its options."""
        known = definitions.options(self.function)
        options = {name: value for name, value in point.fixed.items() if name in known}
        given = {
            name.rpartition(".")[2]: value
            for name, value in {**point.varying, **point.fixed}.items()
            if name not in known and _is_number(value)
        }
        wanted = definitions.inputs(self.function)
        required = sum(default is inspect.Parameter.empty for default in wanted.values())
        if not required <= len(given) <= len(wanted):
            raise Unmatched(self._miscounted(wanted, known, given))
        found = _paired(list(wanted), self._whole(), given)
        last = max(list(wanted).index(name) for name in found) + 1
        return [found.get(name, wanted[name]) for name in list(wanted)[:last]], options

    def _whole(self) -> set[str]:
        """Return the inputs that are whole numbers, if they are labels, indices or a mask."""
        if not self.inputs:
            return set()
        return {name for name, each in declared(self.inputs).items() if not each.varies}

    def _miscounted(self, wanted: Iterable[str], known: Iterable[str], given: Iterable[str]) -> str:
        options = f", and the options {', '.join(known)}" if known else ""
        return (
            f"{self.name} takes the inputs {', '.join(wanted)}{options}; "
            f"forward takes {', '.join(given)}"
        )


def _paired(names: Sequence[str], whole: set[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs by the names of the definition.

    Those that have its names keep them; the others follow in their order, whole numbers where
    whole numbers are taken.
    """
    left = dict(given)
    found = {name: left.pop(name) for name in names if name in left}
    for name in names:
        if name not in found and left:
            alike = [each for each, value in left.items() if _is_whole(value) == (name in whole)]
            found[name] = left.pop((alike or list(left))[0])
    return found


def _is_number(value: Any) -> bool:
    if isinstance(value, bool | str) or value is None:
        return False
    return isinstance(value, np.ndarray | int | float | Fraction | np.number)


def _is_whole(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "iub"


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
        return _named(_known(asked))
    if not callable(asked):
        raise TypeError(f"spec must be the name of a layer or loss, or a function, not {asked!r}")
    parameters(asked)  # raises TypeError where Python does not know them
    name = getattr(asked, "__name__", "<lambda>")
    return Specification("the function of spec" if name == "<lambda>" else name, asked, "", "")


def _named(name: str) -> Specification:
    found = definitions.DEFINITIONS[name]
    return Specification(name, found.function, found.inputs, found.sentence)


def _known(asked: str) -> str:
    """Return the name that is asked for, whatever its case, spaces and hyphens."""
    by_letters = {_letters(name): name for name in definitions.DEFINITIONS}
    by_letters |= {_letters(other): name for other, name in OTHER_NAMES.items()}
    if _letters(asked) in by_letters:
        return by_letters[_letters(asked)]
    near = get_close_matches(_letters(asked), by_letters, n=3, cutoff=0.5)
    names = ", ".join(repr(name) for name in dict.fromkeys(by_letters[each] for each in near))
    known = f"near it are {names}" if near else f"known are {', '.join(definitions.DEFINITIONS)}"
    raise ValueError(f"spec: no layer or loss is called {asked!r}; {known}; or give a function")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
