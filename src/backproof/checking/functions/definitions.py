"""What a forward pass can be compared with: layers and losses that have a name.

A definition says each entry of the output by a sum over indices.  It shares no code with the zoo
and takes no short cut: no matrix product, no broadcasting, no shift that keeps an exponential
small.  Its parameters are the inputs; those after `*` are options.  Its docstring is the sentence
that a reader is shown.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import numpy as np

from backproof.numbers.exact_real import is_finite
from backproof.numbers.traced import function, value_of

Array = Any
Entry = Any
Made = Callable[..., Any]


def finite(name: str, x: Entry) -> Entry:
    """Return exp, log, … of x; raises ArithmeticError where that is not finite."""
    found = function(name, x)
    if not is_finite(value_of(found)):
        raise ArithmeticError(f"{name} is not finite")
    return found


exp, log, sqrt, tanh, erf = (
    partial(finite, name) for name in ("exp", "log", "sqrt", "tanh", "erf")
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A function of arrays with a name, and the declaration of its inputs."""

    name: str
    function: Made
    inputs: str

    @property
    def sentence(self) -> str:
        """What the function is, in words and indices."""
        return " ".join((self.function.__doc__ or "").split())


DEFINITIONS: dict[str, Definition] = {}
"""All definitions, by name."""


def define(name: str, inputs: str) -> Callable[[Made], Made]:
    """Define the decorated function of arrays."""

    def decorate(made: Made) -> Made:
        DEFINITIONS[name] = Definition(name, made, inputs)
        return made

    return decorate


def define_entrywise(name: str) -> Callable[[Made], Made]:
    """Define the decorated function of a number, entry by entry of an array."""

    def decorate(entry: Made) -> Made:
        @wraps(entry)
        def activation(x: Array, **options: Any) -> Array:
            return table(x.shape, lambda *at: entry(x[at] if at else x, **options))

        define(name, "x: N D")(activation)
        return entry

    return decorate


def define_columns(name: str, inputs: str) -> None:
    """Define the same with examples as columns: the last axis of each array comes first.

    An input declared with a last size of 1 is a column of parameters, and a vector to `name`.
    """
    rows = DEFINITIONS[name].function
    vectors = [part.endswith(" 1") for part in inputs.split(",")]

    @wraps(rows)
    def columns(*arrays: Array, **options: Any) -> Any:
        turned = [_turned(*pair) for pair in zip(arrays, vectors, strict=False)]
        out = rows(*turned, **options)
        return tuple(map(_back, out)) if isinstance(out, tuple) else _back(out)

    columns.__doc__ = f"{rows.__doc__} Here examples are columns, and all arrays are transposed."
    define(f"{name}, columns", inputs)(columns)


def _turned(array: Array, vector: bool) -> Array:  # noqa: FBT001
    return array.reshape(-1) if vector else np.moveaxis(array, -1, 0)


def _back(array: Array) -> Array:
    return np.moveaxis(array, 0, -1)


def inputs(made: Made) -> dict[str, Any]:
    """Return the inputs of a function, with what they are if left out."""
    parameters = inspect.signature(made).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return {p.name: p.default for p in parameters if p.kind in kinds}


def takes_any(made: Made) -> bool:
    """Return whether a function takes any number of inputs."""
    parameters = inspect.signature(made).parameters.values()
    return any(p.kind is p.VAR_POSITIONAL for p in parameters)


def options(made: Made) -> dict[str, Any]:
    """Return the options of a function, with what they are unless declared."""
    parameters = inspect.signature(made).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def table(shape: tuple[int, ...], entry: Callable[..., Entry]) -> Array:
    """Return the array whose entry at i, j, … is entry(i, j, …)."""
    made = np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        made[place] = entry(*place)
    return made


def total(array: Array) -> Entry:
    """Return the sum of all entries."""
    return sum(array[place] for place in np.ndindex(*array.shape))
