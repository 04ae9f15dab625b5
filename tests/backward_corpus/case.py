"""One backward pass with its forward pass, and what is known about it."""

from dataclasses import dataclass, field
from typing import Any

CAUSES = frozenset(
    {
        "sign", "factor", "1/N", "transpose", "missing mask", "wrong mask", "missing chain factor",
        "extra factor", "missing term", "extra term", "wrong operand", "axis", "shape",
        "linearity", "aliasing", "state", "order", "accumulation", "wrong derivative", "epsilon",
        "ties", "kink", "specification", "singular", "count",
    }
)  # fmt: skip
"""What can be wrong with a backward pass, in the words that `check` uses too."""


@dataclass(frozen=True)
class Case:
    """A forward and a backward pass, the declaration of their inputs, and whether they fit.

    `backward` is None where `forward` is a class with both methods, or returns the gradient too.
    `options` are keywords of `check`.  `cause` says what is wrong, `also` what it may as well be
    called; `corpus` is the number of a reported bug.  `convention` marks a case that is wrong on a
    kink or tie only, where it takes another derivative than others do, but one that is allowed.
    """

    name: str
    forward: Any
    backward: Any
    inputs: str
    options: dict[str, Any] = field(default_factory=dict)
    wrong: bool = False
    cause: str = ""
    also: tuple[str, ...] = ()
    corpus: str = ""
    convention: bool = False
    why: str = ""

    def __post_init__(self) -> None:
        if self.wrong and not {self.cause, *self.also} <= CAUSES:
            raise ValueError(f"{self.name}: {self.cause!r} is no cause")

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What `check` is called with, besides the options."""
        functions = (self.forward,) if self.backward is None else (self.forward, self.backward)
        return (*functions, self.inputs)

    def __str__(self) -> str:
        return self.name


def right(name: str, forward: Any, backward: Any, inputs: str, **more: Any) -> Case:
    """Return a case that has to be accepted."""
    return Case(name, forward, backward, inputs, **more)


def wrong(name: str, cause: str, forward: Any, backward: Any, inputs: str, **more: Any) -> Case:
    """Return a case that has to be refused, for this cause."""
    return Case(name, forward, backward, inputs, wrong=True, cause=cause, **more)
