"""What goes into a forward pass: declared in letters, or taken from examples.

`x: N D` is a real array, `y: N in C` whole numbers below C, `mask: N D in {0, 1}` numbers out of a
list, `v: D > 0` positive, `p: N in (0, 1)` between two numbers, and `eps = 1e-5` is what it is.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.checking.functions.examples import example, is_real

_SIZE = re.compile(r"(?:(\d+)\*?)?([A-Za-z_]\w*)([+-]\d+)?|(\d+)")


@dataclass(frozen=True, slots=True)
class Input:
    """One declared input: its sizes, and which numbers may stand in it.

    `kind` is real, positive, interval, whole, choice or fixed; `bound` are the ends of the
    interval, the size below which whole numbers stay, the numbers to choose from, or the value.
    """

    name: str
    sizes: tuple[str, ...] = ()
    kind: str = "real"
    bound: Any = None

    @property
    def varies(self) -> bool:
        """Whether there is a derivative by this input."""
        return self.kind in ("real", "positive", "interval")

    def with_numbers(self, sizes: Mapping[str, int]) -> "Input":
        """Return the input with numbers for some of the letters."""
        numbers = tuple(_number(size, sizes) for size in self.sizes)
        bound = _number(self.bound, sizes) if self.kind == "whole" else self.bound
        return replace(self, sizes=numbers, bound=bound)


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
            for size in (*each.sizes, *([each.bound] if each.kind == "whole" else [])):
                match = _SIZE.fullmatch(str(size))
                if match and match[2]:
                    yield match[2]

    def _numbers(self) -> set[int]:
        """The sizes that are given as numbers; no letter has one of them."""
        sizes = [size for each in self.declared.values() for size in each.sizes]
        return {*self.taken, *(int(size) for size in sizes if size.isdigit())}

    def sizes(self, family: int) -> dict[str, int]:
        """Return a size for every letter; no two letters have the same."""
        numbers = [n for n in range(2, 99) if n not in self._numbers()]
        letters = list(dict.fromkeys(self.letters()))
        first = dict(zip(letters, numbers, strict=False))
        return _others(first, numbers) if family else first

    def points(self, family: int, seed: int, style: str) -> dict[str, Any] | None:
        """Return inputs: arrays of fractions where there is a derivative, whole or fixed otherwise.

        None if there is nothing in `style` that these inputs do not have anyway.
        """
        if "repeat" in style and all(each.kind != "whole" for each in self.declared.values()):
            return None
        sizes = self.sizes(family)
        generator = np.random.default_rng([seed, 11])
        made = {name: _made(each, sizes, generator, style) for name, each in self.declared.items()}
        return made if style == "equal" else _apart(made)

    def examples(self) -> dict[str, Any] | None:
        """Return the inputs that were given, exactly, or None."""
        if not self.given:
            return None
        made = self.points(0, 0, "generic")
        return {**(made or {}), **self.given}

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


def _others(sizes: dict[str, int], numbers: list[int]) -> dict[str, int]:
    """Return sizes that differ from one another and, letter by letter, from these."""
    others: dict[str, int] = {}
    for letter, size in sizes.items():
        free = (n for n in numbers if n > 2 or size > 3)
        others[letter] = next(n for n in free if n != size and n not in others.values())
    return others


def declared(text: str) -> dict[str, Input]:
    """Return the inputs that a text such as `x: N D, W: D M, b: M` declares."""
    found: dict[str, Input] = {}
    for part in _parts(text):
        each = _declaration(part)
        if each.name in found:
            raise ValueError(f"{each.name} is declared twice in {text!r}")
        found[each.name] = each
    if not found:
        raise ValueError('no input is declared; declare one as in "x: N D, W: D M, b: M"')
    return found


def _parts(text: str) -> list[str]:
    """Split at commas and line ends that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter in ",\n;" and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def _declaration(part: str) -> Input:
    match = re.fullmatch(r"([A-Za-z_][\w.]*)\s*([:=])\s*(.*)", part, re.DOTALL)
    if match is None:
        raise ValueError(
            f'the declaration {part!r} cannot be read; write "name: sizes", as in "x: N D", or '
            '"name = value", as in "eps = 1e-5"'
        )
    name, sign, rest = match.groups()
    return Input(name, (), "fixed", _value(name, rest)) if sign == "=" else of_sizes(name, rest)


def _value(name: str, text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise ValueError(f"{name} = {text}: {text!r} is no number, string, tuple or list") from None


def of_sizes(name: str, text: str) -> Input:
    """Return the input `name` with sizes such as `N D`, `N in C`, `D > 0` or `N in (0, 1)`."""
    sizes, positive, rest = text.partition(">")
    if positive:
        if rest.strip() != "0":
            raise ValueError(f"{name}: {text}: only > 0 can be asked for; or `in (a, b)`")
        return Input(name, _sizes(name, sizes), "positive")
    sizes, _, among = re.sub(r"(^|\s)in(\s|$)", "\0", text, count=1).partition("\0")
    among = among.strip()
    if not among:
        return Input(name, _sizes(name, sizes))
    if among[0] in "{[":
        return Input(name, _sizes(name, sizes), "choice", tuple(sorted(_value(name, among))))
    if among[0] == "(":
        low, high = _value(name, among)
        return Input(
            name, _sizes(name, sizes), "interval", (Fraction(str(low)), Fraction(str(high)))
        )
    if _SIZE.fullmatch(among) is None:
        raise ValueError(f'{name}: {text}: after "in" a size, {{…}} or (a, b) is expected')
    return Input(name, _sizes(name, sizes), "whole", among)


def _sizes(name: str, text: str) -> tuple[str, ...]:
    sizes = tuple(text.replace("×", " ").split())
    if sizes in (("scalar",), ()):
        return ()
    for size in sizes:
        if _SIZE.fullmatch(size) is None:
            raise ValueError(
                f"{name}: {text.strip()}: {size!r} is no size; a size is a letter, a number, or "
                "such as 4*H, H+1"
            )
    return sizes


def size_of(size: str, sizes: Mapping[str, int]) -> int:
    """Return the number that `N`, `4*H`, `T-1` or `3` stands for."""
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"{size!r} is no size")
    factor, letter, more, number = match.groups()
    if number:
        return int(number)
    return int(factor or 1) * sizes[letter] + int(more or 0)


def _number(size: str, sizes: Mapping[str, int]) -> str:
    match = _SIZE.fullmatch(size)
    return str(size_of(size, sizes)) if match and match[2] in sizes else size


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


def _made(each: Input, sizes: Mapping[str, int], generator: Any, style: str) -> Any:
    if each.kind == "fixed":
        return each.bound.copy() if isinstance(each.bound, np.ndarray) else each.bound
    shape = tuple(size_of(size, sizes) for size in each.sizes)
    if each.kind == "whole":
        return _whole(shape, size_of(each.bound, sizes), generator, style)
    if each.kind == "choice":
        return generator.permuted(np.resize(np.array(each.bound), shape))
    return _real(each, shape, generator, style)


def _whole(shape: tuple[int, ...], below: int, generator: Any, style: str) -> Any:
    if style == "all repeated":
        return np.full(shape, below - 1)
    drawn = generator.integers(0, below, size=shape)
    if style == "repeats" and drawn.size > 1:
        drawn.flat[1] = drawn.flat[0]
    return drawn if shape else int(drawn)


def _real(each: Input, shape: tuple[int, ...], generator: Any, style: str) -> Any:
    """Return fractions, no two of them equal, half of them negative where that is allowed."""
    count = int(np.prod(shape, dtype=int))
    unit = max(8, 1 << int(count // 2).bit_length())
    whole = generator.permutation(np.arange(2, count + 2))
    signs = generator.permutation(np.resize([1, -1], count))
    drawn = [Fraction(16 * int(k) + 5, 16 * unit) for k in whole]  # no threshold is such a number
    if each.kind == "interval" or style == "unit":
        low, high = each.bound if each.kind == "interval" else (Fraction(0), Fraction(1))
        span = 1 << int(count + 3).bit_length()
        drawn = [low + (high - low) * Fraction(int(k), span) for k in whole]
    elif each.kind == "real" and style != "positive":
        drawn = [value * int(sign) for value, sign in zip(drawn, signs, strict=True)]
    return _styled(each, np.array([*drawn, None], dtype=object)[:-1].reshape(shape), style)


def _styled(each: Input, drawn: Any, style: str) -> Any:
    if each.kind == "interval":
        return drawn
    if style == "tiny":
        return np.asarray(drawn / 2**20, dtype=object)
    if style == "large":
        return np.asarray(drawn * 8, dtype=object)
    if style == "equal":
        drawn[...] = Fraction(5, 8)
    if each.kind == "real" and style == "zeros":
        drawn[...] = Fraction(0)
    if each.kind == "real" and style == "zero row" and drawn.ndim:
        drawn[0] = Fraction(0)
    return drawn


def wanted(inputs: Inputs, wrt: Any) -> tuple[str, ...]:
    """Return the inputs whose gradients are wanted: those named, or all that are real."""
    real = tuple(name for name, each in inputs.declared.items() if each.varies)
    if wrt is None:
        if not real:
            raise ValueError("no input is real, so there is no derivative to check")
        return real
    asked = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    for name in asked:
        if name not in inputs.declared:
            raise ValueError(f"wrt names {name!r}, but the inputs are {', '.join(inputs.declared)}")
        if name not in real:
            raise TypeError(
                f"wrt names {name}, which is not real: a derivative by whole numbers or truth "
                f"values has no meaning. Pass {name}.astype(float), or leave it out of wrt"
            )
    return asked


def _apart(made: dict[str, Any]) -> dict[str, Any]:
    """Move each array by a little of its own, so that no entry equals one of another array."""
    for index, (name, value) in enumerate(made.items()):
        if isinstance(value, np.ndarray) and value.dtype == object:
            factor = 1 + Fraction(index, 256)
            made[name] = np.asarray(value * factor, dtype=object)
    return made
