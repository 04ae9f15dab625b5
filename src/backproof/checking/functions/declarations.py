"""The language in which inputs are declared: `x: N D, y: N in C, v: D > 0, eps = 1e-5`.

`x: N D` is a real array, `y: N in C` whole numbers below C, `mask: N D in {0, 1}` numbers out of a
list, `v: D > 0` positive, `p: N in (0, 1)` between two numbers, and `eps = 1e-5` is what it is.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

SIZE = re.compile(r"(?:(\d+)\*?)?([A-Za-z_]\w*)([+-]\d+)?|(\d+)")
"""A size: `N`, `4*H`, `2H`, `T-1` or `3`."""

NUMBERS = ("scalar", "number", "real", "float")
"""What is written in the place of sizes for one number."""


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

    @property
    def all_sizes(self) -> tuple[str, ...]:
        """The sizes, and that below which whole numbers stay."""
        return (*self.sizes, self.bound) if self.kind == "whole" else self.sizes

    def letters(self) -> list[str]:
        """Return every letter that is a size."""
        found = [letter_of(size) for size in self.all_sizes]
        return [letter for letter in found if letter is not None]

    def with_numbers(self, sizes: Mapping[str, int]) -> "Input":
        """Return the input with numbers for some of the letters."""
        numbers = tuple(_filled(size, sizes) for size in self.sizes)
        bound = _filled(self.bound, sizes) if self.kind == "whole" else self.bound
        return replace(self, sizes=numbers, bound=bound)


class _Unread(Exception):  # noqa: N818  a finding on the way to an error
    """Part of a declaration that has no meaning: what is wrong with it, and where it stands."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.where = where


def declared(text: str) -> dict[str, Input]:
    """Return the inputs that a text such as `x: N D, W: D M, b: M` declares.

    Raises ValueError, with a mark under what cannot be read.
    """
    found: dict[str, Input] = {}
    for start, part in _parts(text):
        try:
            each = _declaration(part)
        except _Unread as unread:
            raise ValueError(f"{unread}\n{_marked(text, start, unread.where)}") from None
        if each.name in found:
            raise ValueError(f"{each.name} is declared twice in {text!r}")
        found[each.name] = each
    if not found:
        raise ValueError('no input is declared; declare one as in "x: N D, W: D M, b: M"')
    _no_input_is_a_size(found)
    return found


def _marked(text: str, start: int, where: str) -> str:
    """Return the line of `text` that `where` stands in, with a mark under it."""
    place = max(text.find(where, start), start)
    begin = text.rfind("\n", 0, place) + 1
    line = text[begin:].partition("\n")[0]
    return f"    {line}\n    {' ' * (place - begin)}^"


def _no_input_is_a_size(found: Mapping[str, Input]) -> None:
    for each in found.values():
        for letter in each.letters():
            if letter in found:
                raise ValueError(
                    f"{letter} is an input, and cannot be a size of {each.name} as well; sizes are "
                    'set apart by blanks, as in "x: N D"'
                )


def _parts(text: str) -> list[tuple[int, str]]:
    """Split at commas and line ends that stand in no bracket; each part with where it begins."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(f"{text}\n"):
        depth += (letter in "([{") - (letter in ")]}")
        if letter in ",\n;" and (depth == 0 or index == len(text)):
            parts.append((start, text[start:index]))
            start = index + 1
    return [(start, part.strip()) for start, part in parts if part.strip()]


def _declaration(part: str) -> Input:
    match = re.fullmatch(r"([A-Za-z_][\w.]*)\s*([:=])\s*(.*)", part, re.DOTALL)
    if match is None:
        raise _Unread(
            f'the declaration {part!r} cannot be read; write "name: sizes", with blanks between '
            'the sizes, as in "x: N D", or "name = value", as in "eps = 1e-5"',
            part,
        )
    name, sign, rest = match.groups()
    return Input(name, (), "fixed", _value(name, rest)) if sign == "=" else _of_sizes(name, rest)


def _value(name: str, text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise _Unread(
            f"{name} = {text}: {text!r} is no number, string, tuple or list", text
        ) from None


def of_sizes(name: str, text: str) -> Input:
    """Return the input `name` with sizes such as `N D`, `N in C`, `D > 0` or `N in (0, 1)`."""
    try:
        return _of_sizes(name, text)
    except _Unread as unread:
        raise ValueError(str(unread)) from None


def _of_sizes(name: str, text: str) -> Input:
    sizes, positive, rest = text.partition(">")
    if positive:
        if rest.strip() != "0":
            raise _Unread(f"{name}: {text}: only > 0 can be asked for; or `in (a, b)`", ">")
        return Input(name, _sizes(name, sizes), "positive")
    sizes, _, among = re.sub(r"(^|\s)in(?=[\s({\[]|$)", "\0", text, count=1).partition("\0")
    among = among.strip()
    if not among:
        return Input(name, _sizes(name, sizes))
    if among[0] in "{[":
        return Input(name, _sizes(name, sizes), "choice", _choice(name, among))
    if among[0] == "(":
        return Input(name, _sizes(name, sizes), "interval", _interval(name, among))
    if SIZE.fullmatch(among) is None:
        raise _Unread(f'{name}: {text}: after "in" a size, {{…}} or (a, b) is expected', among)
    return Input(name, _sizes(name, sizes), "whole", among)


def _choice(name: str, text: str) -> tuple[Any, ...]:
    chosen = _value(name, text)
    if not chosen or not all(isinstance(number, int | float) for number in chosen):
        raise _Unread(f"{name} in {text}: numbers are expected, as in {{0, 1}}", text)
    return tuple(sorted(chosen))


def _interval(name: str, text: str) -> tuple[Fraction, Fraction]:
    ends = _value(name, text)
    numbers = isinstance(ends, tuple) and all(isinstance(end, int | float) for end in ends)
    if not numbers or len(ends) != 2 or not ends[0] < ends[1]:
        raise _Unread(f"{name} in {text}: two numbers are expected, as in (0, 1)", text)
    return Fraction(str(ends[0])), Fraction(str(ends[1]))


def _sizes(name: str, text: str) -> tuple[str, ...]:
    bare = text.strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1].replace(",", " ")
    sizes = tuple(re.sub(r"\s*([*+])\s*", r"\1", bare.replace("×", " ")).split())
    if not sizes or (len(sizes) == 1 and sizes[0] in NUMBERS):
        return ()
    for size in sizes:
        if SIZE.fullmatch(size) is None:
            raise _Unread(
                f"{name}: {text.strip()}: {size!r} is no size; a size is a letter, a number, or "
                "such as 4*H, H+1",
                size,
            )
        if size.isdigit() and int(size) == 0:
            raise _Unread(f"{name}: {text.strip()}: a size of 0 leaves nothing in {name}", size)
    return sizes


def size_of(size: str, sizes: Mapping[str, int]) -> int:
    """Return the number that `N`, `4*H`, `T-1` or `3` stands for."""
    match = SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"{size!r} is no size")
    factor, letter, more, number = match.groups()
    if number:
        return int(number)
    return int(factor or 1) * sizes[letter] + int(more or 0)


def letter_of(size: str) -> str | None:
    """Return the letter in a size, or None if it is a number."""
    match = SIZE.fullmatch(size)
    return match[2] if match else None


def _filled(size: str, sizes: Mapping[str, int]) -> str:
    return str(size_of(size, sizes)) if letter_of(size) in sizes else size
