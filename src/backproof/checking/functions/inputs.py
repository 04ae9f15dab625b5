"""All inputs of a forward pass: their sizes, and the points at which the pass is tried."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np

from backproof.checking.functions.declarations import (
    Input,
    declared,
    letter_of,
    of_sizes,
    size_of,
)
from backproof.checking.functions.entries import apart, made
from backproof.checking.functions.examples import example, is_real

__all__ = ["Input", "Inputs", "declared", "from_arrays", "of_sizes", "size_of", "wanted"]

LARGEST = 10_000
"""An input with more entries than this is refused: exact numbers are slow, and sizes matter not."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs of a forward pass, and the points at which it is tried."""

    declared: Mapping[str, Input]
    given: Mapping[str, Any] = field(default_factory=dict)
    taken: frozenset[int] = frozenset()

    @property
    def from_examples(self) -> bool:
        """Whether the sizes are those of arrays that were given."""
        return bool(self.given)

    def letters(self) -> Iterator[str]:
        """Yield every letter that is a size, in the order of the declarations."""
        for each in self.declared.values():
            yield from each.letters()

    def sizes(self, family: int) -> dict[str, int]:
        """Return a size for every letter, 2 or more; no two letters have the same.

        In the second family every letter has another size than in the first.
        """
        first = self.sizes(0) if family else {}
        found: dict[str, int] = {}
        for letter in dict.fromkeys(self.letters()):
            least = 3 if first.get(letter, 9) <= 3 else 2
            free = (n for n in range(least, 999) if n != first.get(letter))
            found[letter] = next(n for n in free if self._is_free(letter, n, found))
        return found

    def _is_free(self, letter: str, number: int, others: Mapping[str, int]) -> bool:
        """Return whether `letter` may be `number`: no size is 1, or that of something else."""
        fixed = {int(size) for each in self.declared.values() for size in each.sizes
                 if size.isdigit()} | self.taken  # fmt: skip
        used = fixed | {size for other, n in others.items() for size in self._made_of(other, n)}
        here = self._made_of(letter, number)
        return min(here) > 1 and not here & used

    def _made_of(self, letter: str, number: int) -> set[int]:
        """Return the number and every size that is made of it, such as 4*H and H+1."""
        sizes = {size for each in self.declared.values() for size in each.all_sizes}
        of_letter = [size for size in sizes if letter_of(size) == letter]
        return {number, *(size_of(size, {letter: number}) for size in of_letter)}

    def points(self, family: int, seed: int, style: str) -> dict[str, Any] | None:
        """Return inputs: arrays of fractions where there is a derivative, whole or fixed otherwise.

        None if there is nothing in `style` that these inputs do not have anyway.
        """
        if "repeat" in style and all(each.kind != "whole" for each in self.declared.values()):
            return None
        sizes = self.sizes(family)
        generator = np.random.default_rng([seed, 11])
        self._refuse_large(sizes)
        all_made = {
            name: made(each, sizes, generator, style) for name, each in self.declared.items()
        }
        return all_made if style == "equal" else apart(all_made)

    def _refuse_large(self, sizes: Mapping[str, int]) -> None:
        for name, each in self.declared.items():
            count = prod(size_of(size, sizes) for size in each.sizes)
            if count > LARGEST:
                raise ValueError(
                    f"{name} has {count} entries; a formula is checked at small sizes as well as "
                    f"at large ones, and much faster: expected at most {LARGEST}"
                )

    def examples(self) -> dict[str, Any] | None:
        """Return the inputs that were given, exactly, or None."""
        if not self.given:
            return None
        return {**(self.points(0, 0, "generic") or {}), **self.given}

    def with_numbers(self, sizes: Mapping[str, int]) -> "Inputs":
        """Return the inputs with numbers for some of the letters."""
        if not sizes:
            return self
        declared = {name: each.with_numbers(sizes) for name, each in self.declared.items()}
        return replace(self, declared=declared)

    def allows(self, name: str, array: Any) -> bool:
        """Return whether all entries are numbers that may stand in this input."""
        each = self.declared[name]
        if each.kind == "positive":
            return all(entry > 0 for entry in np.ravel(array))
        if each.kind == "interval":
            return all(each.bound[0] < entry < each.bound[1] for entry in np.ravel(array))
        return True


def from_arrays(arrays: Mapping[str, Any]) -> Inputs:
    """Return the inputs that have the sizes of these examples, or the declared ones for a text."""
    found: dict[str, Input] = {}
    given: dict[str, Any] = {}
    for name, value in arrays.items():
        if isinstance(value, str):
            found[name] = of_sizes(name, value)
        elif is_real(name, value):
            given[name] = example(name, value)
            found[name] = Input(name, tuple(map(str, np.shape(value))))
        else:
            found[name] = Input(name, (), "fixed", value)
    return Inputs(found, given)


def wanted(inputs: Inputs, wrt: Any) -> tuple[str, ...]:
    """Return the inputs whose gradients are wanted: those named, or all that are real."""
    real = tuple(name for name, each in inputs.declared.items() if each.varies)
    if not real:
        raise ValueError(f"no input is real, so there is no derivative to check{_whole(inputs)}")
    asked = real if wrt is None else _names(wrt)
    if not asked:
        raise ValueError("wrt names no input, so there is nothing to check")
    for name in asked:
        if name not in inputs.declared:
            raise ValueError(f"wrt names {name!r}, but the inputs are {', '.join(inputs.declared)}")
        if name not in real:
            raise TypeError(
                f"wrt names {name}, which is not real: a derivative by whole numbers or truth "
                f"values has no meaning. Pass {name}.astype(float), or leave it out of wrt"
            )
    return asked


def _names(wrt: Any) -> tuple[str, ...]:
    names = wrt.replace(",", " ").split() if isinstance(wrt, str) else wrt
    return tuple(dict.fromkeys(names))


def _whole(inputs: Inputs) -> str:
    for name, each in inputs.declared.items():
        if np.asarray(each.bound).dtype.kind not in "iu" or each.kind != "fixed":
            continue
        if isinstance(each.bound, tuple):
            sizes = " ".join(map(str, each.bound))
            return f'; {name} is the tuple {each.bound}: to give its sizes, pass {name}="{sizes}"'
        return f"; {name} holds whole numbers: pass {name}.astype(float)"
    return ""
