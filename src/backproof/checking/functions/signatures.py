"""What a wrong gradient has to do with the true one, without a look at the code.

A constant ratio, a transpose, entries that should be 0: each has a usual cause.  The sizes differ
from sample to sample, so a factor of 2 and a batch of two are told apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Signature:
    """A relation that holds in all samples, its cause, and whether that leaves no other cause."""

    cause: str
    sentence: str
    certain: bool = True


def wrong_names(samples: Sequence[Any]) -> list[str]:
    """Return the inputs whose gradients are wrong in some sample."""
    names = samples[0].true
    return [
        name
        for name in names
        if any(name not in s.claimed or not same(s.claimed[name], s.true[name]) for s in samples)
    ]


def same(a: Any, b: Any) -> bool:
    """Return whether two arrays are equal up to rounding."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    size = max(np.abs(b).max(initial=0), np.abs(a).max(initial=0))
    return a.shape == b.shape and bool((np.abs(a - b) <= 1e-9 * size).all())


def signatures(samples: Sequence[Any]) -> Iterator[Signature]:
    """Yield what the wrong gradients have to do with the true ones."""
    wrong = [name for name in wrong_names(samples) if all(name in s.claimed for s in samples)]
    if not wrong:
        return
    pairs = [[(s.claimed[name], s.true[name], s.sizes) for s in samples] for name in wrong]
    names = ", ".join(f"d{name}" for name in wrong)
    yield from _transposes(names, pairs)
    yield from _ratios(names, pairs)
    yield from _patterns(names, pairs)
    yield from _factors(wrong, samples)


Pairs = Sequence[Sequence[tuple[Any, Any, Mapping[str, int]]]]


def _transposes(names: str, pairs: Pairs) -> Iterator[Signature]:
    if all(np.ndim(c) > 1 and same(np.transpose(c), t) for each in pairs for c, t, _ in each):
        yield Signature("transpose", f"{names}: the transpose of the derivative")


def _ratios(names: str, pairs: Pairs) -> Iterator[Signature]:
    found = [[(_ratio(c, t), sizes) for c, t, sizes in each] for each in pairs]
    if any(ratio is None for each in found for ratio, _ in each):
        return
    each_one = [{round(ratio, 9) for ratio, _ in each if ratio is not None} for each in found]
    ratios = set().union(*each_one)
    if ratios == {-1.0}:
        yield Signature("sign", f"{names}: the derivative with the other sign")
        return
    if len(ratios) == 1:
        ratio = ratios.pop()
        cause = "sign" if ratio < 0 else "factor"
        yield Signature(cause, f"{names}: {_number(ratio)} times the derivative, everywhere")
        return
    if all(len(own) == 1 for own in each_one):
        numbers = ", ".join(f"{own.pop():g}" for own in each_one)
        yield Signature("factor", f"{names}: {numbers} times the derivative, each everywhere")
        return
    for text in _sizes_that_fit(found):
        says = f"{names}: the derivative {text}, a mean where a sum belongs or the reverse"
        yield Signature("1/N", says)
        return
    if all(_whole(ratio) for each in found for ratio, _ in each):
        says = f"{names}: the derivative times or divided by a number of entries, by the size"
        yield Signature("1/N", says)


def _number(ratio: float) -> str:
    """Return a ratio with as many digits as tell it from 1."""
    texts = (f"{ratio:.{digits}g}" for digits in (6, 9, 12))
    return next((text for text in texts if float(text) != 1), repr(ratio))


def _whole(ratio: Any) -> bool:
    larger = max(abs(ratio), 1 / abs(ratio))
    return bool(abs(larger - round(larger)) < 1e-9)


def _ratio(claimed: Any, true: Any) -> float | None:
    """Return the number that the claim is times the truth, if it is one number."""
    if np.shape(claimed) != np.shape(true):
        return None
    c, t = np.asarray(claimed, dtype=float), np.asarray(true, dtype=float)
    square = float((t * t).sum())
    if square == 0 or not np.isfinite(c).all():
        return None
    ratio = float((c * t).sum()) / square
    fits = np.abs(c - ratio * t).max() <= 1e-9 * np.abs(c).max(initial=0)
    return ratio if ratio and fits else None


def _sizes_that_fit(found: Sequence[Sequence[tuple[Any, Mapping[str, int]]]]) -> Iterator[str]:
    letters = list(found[0][0][1])
    products = [(a,) for a in letters] + [
        (a, b) for i, a in enumerate(letters) for b in letters[i:]
    ]
    for product in products:
        for text, power in (("divided by", -1), ("times", 1)):
            if all(
                _close(abs(ratio), float(np.prod([sizes[k] for k in product])) ** power)
                for each in found
                for ratio, sizes in each
            ):
                yield f"{text} {' '.join(product)}"
    for letter in letters:
        less = [(ratio, sizes[letter]) for each in found for ratio, sizes in each]
        if all(n > 1 and (_close(r, n / (n - 1)) or _close(r, (n - 1) / n)) for r, n in less):
            yield f"with {letter} - 1 for {letter}"


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * abs(b)


SLOPES: dict[str, Callable[[Any], Any]] = {
    "{}": lambda v: v,
    "({} > 0)": lambda v: v > 0,
    "(1 - {})": lambda v: 1 - v,
    "(1 - {} ** 2)": lambda v: 1 - v**2,
    "{0} * (1 - {0})": lambda v: v * (1 - v),
    "np.exp({})": np.exp,
    "np.sign({})": np.sign,
}


def _factors(wrong: Sequence[str], samples: Sequence[Any]) -> Iterator[Signature]:
    """Look for an input or output, or a slope of one, that the claim lacks or has too much."""
    names = ", ".join(f"d{name}" for name in wrong)
    for word in samples[0].words():
        for text, slope in SLOPES.items():
            for cause, says in (
                ("missing chain factor", "lacks"),
                ("extra factor", "has too much"),
            ):
                with np.errstate(all="ignore"):
                    fits = all(_lacks(s, n, word, slope, cause) for s in samples for n in wrong)
                if fits:
                    factor = text.format(word)
                    yield Signature(cause, f"{names}: {says} the factor {factor}")
                    return


def _lacks(sample: Any, name: str, word: str, slope: Callable[[Any], Any], cause: str) -> bool:
    factor = slope(np.asarray(sample.words()[word], dtype=float))
    small, large = sample.claimed[name], sample.true[name]
    if cause == "extra factor":
        small, large = large, small
    try:
        made = small * factor
    except ValueError:
        return False
    return np.shape(made) == np.shape(large) and same(made, large)


def slopes(samples: Sequence[Any]) -> Iterator[Signature]:
    """Yield where a function of each entry has another slope than the claim says."""
    wrong = wrong_names(samples)
    quotients = [pair for sample in samples if (pair := _quotients(sample, wrong)) is not None]
    if len(quotients) < len(samples):
        return
    for sample, (claimed, true) in zip(samples, quotients, strict=True):
        apart = ~np.isclose(claimed, true, rtol=1e-9, atol=0)
        if apart.any():
            where = np.unravel_index(int(np.argmax(apart)), apart.shape)
            x = np.asarray(sample.inputs[wrong[0]])[where]
            says = (
                f"d{wrong[0]}: dout times a number for each entry, as it should be, but at "
                f"{wrong[0]} = {x:.6g} that is {claimed[where]:.6g}, and the slope is "
                f"{true[where]:.6g}"
            )
            yield Signature("wrong derivative", says, certain=False)
            return


def _quotients(sample: Any, wrong: Sequence[str]) -> tuple[Any, Any] | None:
    """Return claim and truth divided by dout, if that makes sense: all have one shape."""
    if len(wrong) != 1 or len(sample.true) != 1 or len(sample.douts) != 1:
        return None
    if wrong[0] not in sample.claimed:
        return None
    dout, true, claimed = sample.douts[0], sample.true[wrong[0]], sample.claimed[wrong[0]]
    if not (np.shape(dout) == np.shape(true) == np.shape(claimed)) or np.ndim(dout) == 0:
        return None
    if not (dout != 0).all():
        return None
    return np.asarray(claimed, dtype=float) / dout, true / dout


def _patterns(names: str, pairs: Pairs) -> Iterator[Signature]:
    """Look at entries that are right, and at what is wrong with the others."""
    every = [(c, t) for each in pairs for c, t, _ in each]
    if any(np.shape(c) != np.shape(t) for c, t in every):
        return
    off = [~(np.abs(c - t) <= 1e-9 * np.abs(t).max(initial=1e-300)) for c, t in every]
    if all((np.asarray(t)[wrong] == 0).all() for (_, t), wrong in zip(every, off, strict=True)):
        yield Signature("missing mask", f"{names}: not 0 where the derivative is, right elsewhere")
    elif all((np.asarray(c)[wrong] == 0).all() for (c, _), wrong in zip(every, off, strict=True)):
        if all(_whole_rows(wrong) for wrong in off):
            yield Signature("missing term", f"{names}: 0 for some examples, right for the others")
        else:
            says = f"{names}: 0 at entries where the derivative is not, right elsewhere"
            yield Signature("wrong mask", says, certain=False)
    elif all(same(np.abs(c), np.abs(t)) for c, t in every):
        yield Signature("sign", f"{names}: the derivative without its sign", certain=False)


def _whole_rows(wrong: Any) -> bool:
    if wrong.ndim < 2:
        return False
    rows = wrong.reshape(len(wrong), -1)
    return bool((rows.any(axis=1) == rows.all(axis=1)).all()) and not rows.all()
