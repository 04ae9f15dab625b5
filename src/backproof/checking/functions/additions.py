"""What a formula may lack: a factor, a mask, a size, a term, a sum over an axis."""

import ast
from collections.abc import Iterator

from backproof.checking.functions.edits import (
    Edit,
    Names,
    Shape,
    Spot,
    broadcasts,
    cause_of_factor,
    is_product,
    is_size,
)
from backproof.checking.functions.places import parsed

_SLOPES = (
    "{0} * (1 - {0})", "(1 - {0} ** 2)", "(1 - {0})", "np.exp({0})", "np.sign({0})", "1 / {0}",
    "(1 - np.tanh({0}) ** 2)", "{0} ** 2",
)  # fmt: skip
_SUMS = ("axis=0", "axis=0, keepdims=True", "axis=1", "axis=1, keepdims=True",
         "axis=-1, keepdims=True", "axis=(0, 1)")  # fmt: skip


def additions(spot: Spot, names: Names, *, small: bool) -> Iterator[Edit]:
    """Yield an expression with what it may lack; `small` ones leave out what holes tell."""
    if not spot.place.whole:
        yield from _enlarged(spot, names)
    if spot.place.whole:
        yield from _sums(spot)
        yield from _clipped(spot, names)
    if small:
        return
    if not spot.place.factor:
        yield from _factors(spot, names)
        if spot.place.whole or isinstance(spot.node, ast.Name):
            yield from _projections(spot, names)
    if spot.place.whole:
        yield from _terms(spot, names)
    if not (isinstance(spot.node, ast.Constant) or is_product(spot.node)) and not is_size(
        spot.node, names
    ):
        text = spot.bracketed
        yield Edit(f"({text} + 1)", "missing term", 1.7, "plus 1")
        yield Edit(f"(1 - {text})", "missing term", 1.6, f"1 - {text}")
        yield Edit(f"({text} - 1)", "missing term", 1.7, "minus 1")


def _enlarged(spot: Spot, names: Names) -> Iterator[Edit]:
    """Yield a part of a formula in the shape that others have: times a larger array, or summed."""
    shape = spot.shape or ()
    if isinstance(spot.node, ast.Name) and len(shape) > 1:
        for axis in ("0", "-1"):
            new = f"{spot.text}.sum(axis={axis}, keepdims=True)"
            yield Edit(new, "axis", 1.7, f"the sum of {spot.text} over axis {axis}")
    for name, other in names.shapes.items():
        if shape and other != shape and broadcasts(shape, other):
            text, cause = spot.bracketed, "missing chain factor"
            yield Edit(f"{text} * {name}", cause, 1.7, f"times {name}")
            yield Edit(f"{text} * np.exp({name})", cause, 2.2, f"times np.exp({name})")
            yield Edit(f"{name} + {text}", "missing term", 1.9, f"plus {name}")


def _factors(spot: Spot, names: Names) -> Iterator[Edit]:
    extra = 0.0 if spot.place.whole else 0.4
    text = (
        f"({spot.text})"
        if isinstance(spot.node, ast.BinOp) and not is_product(spot.node)
        else spot.text
    )
    yield Edit(f"-{spot.bracketed}", "sign", 1.2 + extra, "the other sign")
    for factor, cause, cost in _candidates(spot.shape, names):
        yield Edit(f"{text} * {factor}", cause, cost + extra, f"times {factor}")
    for divisor, cause, cost in _divisors(spot.shape, names):
        yield Edit(f"{text} / {divisor}", cause, cost + extra, f"divided by {divisor}")


def _divisors(shape: Shape | None, names: Names) -> Iterator[tuple[str, str, float]]:
    for size in names.sizes:
        yield size, "1/N", 1.5
    for name, own in list(names.shapes.items())[:2]:
        for text in (f"{name}.shape[{axis}]" for axis in range(min(2, len(own)))):
            yield text, "1/N", 1.8
        yield f"{name}.size", "1/N", 1.8
    for name in list(names.shapes)[:3]:
        yield f"np.sqrt({name}.shape[-1])", "factor", 2.2
    for name, cost in (*names.fitting(shape), *((n, 0.0) for n in names.numbers)):
        if name not in names.sizes:
            yield name, cause_of_factor(parsed(name), names, "missing chain factor"), 2.0 + cost
            yield f"np.sqrt({name})", "missing chain factor", 2.4 + cost


def _candidates(shape: Shape | None, names: Names) -> Iterator[tuple[str, str, float]]:
    for number in ("2", "0.5", "3"):
        yield number, "factor", 1.2
    for name in names.numbers:
        yield name, cause_of_factor(parsed(name), names, "missing chain factor"), 1.6
        yield f"(1 - {name})", "missing chain factor", 2.2
    for name in names.masks:
        yield name, "missing mask", 1.3
    for index, (name, cost) in enumerate(names.fitting(shape)):
        yield f"({name} > 0)", "missing mask", 1.5 + cost
        yield name, cause_of_factor(parsed(name), names, "missing chain factor"), 1.6 + cost
        for slope in _SLOPES:
            yield slope.format(name), "missing chain factor", 2.0 + cost
        if index < 2:
            yield f"{name}.shape[0]", "1/N", 1.9
            yield f"{name}.size", "1/N", 1.9


def _sums(spot: Spot) -> Iterator[Edit]:
    text, shape = spot.bracketed, spot.shape
    if shape is None or len(shape) > 1:
        yield Edit(f"{text}.T", "transpose", 1.3, "the transpose")
    if shape == ():
        return
    for axis in _SUMS:
        yield Edit(f"{text}.sum({axis})", "axis", 1.4, f"summed over {axis}")
        yield Edit(f"{text}.mean({axis})", "axis", 1.8, f"the mean over {axis}")
        if "keepdims" in axis or "axis=0" in axis:
            centred = f"{text} - {text}.mean({axis})"
            yield Edit(centred, "missing term", 2.2, f"minus its mean over {axis}")


def _clipped(spot: Spot, names: Names) -> Iterator[Edit]:
    for bound in (*names.numbers, "1"):
        new = f"np.clip({spot.text}, -{bound}, {bound})"
        yield Edit(new, "missing mask", 1.9, f"clipped at {bound}")


def _terms(spot: Spot, names: Names) -> Iterator[Edit]:
    text = spot.text
    for name, cost in names.fitting(spot.shape):
        yield Edit(f"{text} + {name}", "missing term", 2.1 + cost, f"plus {name}")
        yield Edit(f"{text} - {name}", "missing term", 2.1 + cost, f"minus {name}")
        for number in names.numbers:
            for factor in ("", "2 * "):
                term = f"{factor}{number} * {name}"
                yield Edit(f"{text} + {term}", "missing term", 2.5 + cost, f"plus {term}")
        for dout in names.douts:
            for slope in ("{0}", "{0} * (1 - {0})", "(1 - {0} ** 2)", "({0} > 0)", "np.tanh({0})"):
                term = f"{dout} * {slope.format(name)}"
                yield Edit(f"{text} + {term}", "missing term", 2.4 + cost, f"plus {term}")


def _projections(spot: Spot, names: Names) -> Iterator[Edit]:
    """Yield the expression less its part along another array: the term that normalising adds."""
    text, own = spot.bracketed, spot.shape
    if own == () or not (own is None or spot.place.whole or len(own) > 1):
        return
    for name, cost in names.fitting(own):
        if own is not None and len(names.shapes.get(name, own)) < len(own):
            continue
        for axis in ("0", "-1") if own is None or len(own) > 1 else ("0",):
            for fold in ("sum", "mean"):
                kept = f"{fold}(axis={axis}, keepdims=True)"
                along = f"({text} * {name}).{kept}"
                yield from (
                    Edit(f"{text} - {term}", "missing term", 2.4 + cost, f"minus {term}")
                    for term in (along, f"{name} * {along}", f"{name} * {text}.{kept}")
                )
                if fold == "mean":
                    both = f"{text}.{kept} - {name} * {along}"
                    yield Edit(f"{text} - {both}", "missing term", 2.3 + cost, f"minus {both}")
                centred = f"{name} * ({text} - {along})"
                yield Edit(centred, "missing chain factor", 2.6 + cost, f"all of {centred}")
